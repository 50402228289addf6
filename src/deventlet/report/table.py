"""The inventory as a person reads it in a terminal: the most useful first.

Lays out and counts, decides nothing. Source text and paths never pass through
terminal markup, and what could steer a terminal is shown, not sent. A place
(``path:line``) is never broken or cut, so that it can be searched for and clicked.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from deventlet.codemod import Reason
from deventlet.inventory import Entry, Inventory, Mention, Process, Traced
from deventlet.report.tally import (
    OUTCOMES,
    Folder,
    Outcome,
    collapsed,
    folders,
    frequent,
    outcomes,
    patterns,
    refused,
)
from deventlet.report.text import counted, visible

PIPE_WIDTH = 100
"""Columns of a table that is not written to a terminal."""

_PLACES, _LEVELS, _REASONS = 5, 2, 3
_STYLES: Mapping[str, str] = {
    "rewrite": "green",
    "caveat": "green",
    "assume": "yellow",
    "refuse": "red",
}
_IMPORT_ONLY = "(import only)"


def show(
    to: Console, found: Inventory, reasons: Mapping[str, Reason], verbose: bool = False
) -> None:
    """Print the inventory at the width of the console.

    :param reasons: what the codes mean.
    :param verbose: every site and every folder, not the first of them.
    """
    for part in _parts(found, reasons, verbose):
        # Printing a text forgets whether it may be wrapped, unless it is told so.
        whole = isinstance(part, Text) and bool(part.no_wrap)
        to.print(part, crop=False, soft_wrap=whole)


def text(
    found: Inventory,
    reasons: Mapping[str, Reason],
    verbose: bool = False,
    width: int = PIPE_WIDTH,
) -> str:
    """What `show` prints, for a pipe or a file: no colours, no space at line ends."""
    to = Console(
        file=io.StringIO(), width=width, color_system=None, force_terminal=False
    )
    with to.capture() as captured:
        show(to, found, reasons, verbose)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _parts(
    found: Inventory, reasons: Mapping[str, Reason], verbose: bool
) -> Iterator[RenderableType]:
    yield _headline(found)
    if found.entries:
        yield from _totals(found.entries)
        yield from _patterns(found.entries)
        yield from _folders(found.entries, verbose)
        yield from _refusals(found.entries, reasons, verbose)
    yield from _objects(found.objects)
    yield from _mentions(found.mentions, verbose)
    yield from _processes(found.processes)
    yield from _problems(found.problems)


# Numbers -------------------------------------------------------------------------


def _headline(found: Inventory) -> Text:
    project = visible(found.project)
    looked = counted(found.files, "Python file")
    if not found.entries:
        return _text(f"{project}: no use of Eventlet in {looked}", "bold")
    files = len({entry.site.path for entry in found.entries})
    sites = counted(len(found.entries), "site")
    return _text(f"{project}: {sites} in {files:,} of {looked}", "bold")


def _totals(entries: Sequence[Entry]) -> Iterator[RenderableType]:
    """Production and tests apart, and what can be done at once."""
    rows = [
        ("production", outcomes(e for e in entries if not e.test)),
        ("tests", outcomes(e for e in entries if e.test)),
        ("all", outcomes(entries)),
    ]
    yield Text()
    yield _counts("", [(name, counts, "") for name, counts in rows], "")
    first = max(patterns(entries), key=lambda pattern: _ready(pattern.outcomes))
    if _ready(first.outcomes) and first.name:
        yield Text()
        yield _text(f"Next: deventlet apply --codemod {first.name} --dry-run")


def _ready(counts: Counter[Outcome]) -> int:
    """How many sites can go now."""
    return counts["rewrite"] + counts["caveat"]


def _patterns(entries: Iterable[Entry]) -> Iterator[RenderableType]:
    rows = [
        (pattern.name or _IMPORT_ONLY, pattern.outcomes, _main(pattern.reasons))
        for pattern in patterns(entries)
    ]
    yield Text()
    yield _counts("pattern", rows, "main reasons")


def _main(reasons: Sequence[tuple[str, int]]) -> str:
    """The most frequent reasons with their counts, and how many there are besides."""
    said = [f"{code} {count}" for code, count in reasons[:_REASONS]]
    more = len(reasons) - len(said)
    return ", ".join([*said, f"{more} more"] if more else said)


def _folders(entries: Sequence[Entry], verbose: bool) -> Iterator[RenderableType]:
    rows = [
        (name, counts, "")
        for name, counts in _levels(
            collapsed(folders(entries)), 0, None if verbose else _LEVELS
        )
    ]
    yield Text()
    yield _counts("folder", rows, "")


def _levels(
    folder: Folder, depth: int, levels: int | None
) -> Iterator[tuple[str, Counter[Outcome]]]:
    """Folders as lines, indented; those too deep are counted where they are in."""
    yield f"{'  ' * depth}{folder.name or '.'}/", folder.outcomes
    if levels is not None and depth >= levels:
        return
    for name in sorted(folder.folders):
        yield from _levels(collapsed(folder.folders[name]), depth + 1, levels)


def _counts(
    heading: str, rows: Iterable[tuple[str, Counter[Outcome], str]], last: str
) -> Table:
    """A row of numbers for each name, and a text behind it if ``last`` heads it."""
    table = _grid(heading, "sites", *OUTCOMES, *([last] if last else []))
    for name, counts, note in rows:
        cells = [_number(counts.total(), ""), *_outcome_cells(counts)]
        table.add_row(_text(name), *cells, *([_text(note)] if last else []))
    return table


def _outcome_cells(counts: Counter[Outcome]) -> list[Text]:
    return [_number(counts[word], _STYLES[word]) for word in OUTCOMES]


def _number(number: int, style: str) -> Text:
    return _text(f"{number:,}", style) if number else _text("-", "dim")


def _grid(*headings: str) -> Table:
    """A table without lines: a name, numbers, and a text that is wrapped."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        numbers = heading in ("sites", "objects", "lines", "stage A", "stage B")
        if numbers or heading in OUTCOMES:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold", ratio=position and 1)
    return table


# Sites ---------------------------------------------------------------------------


def _refusals(
    entries: Iterable[Entry], reasons: Mapping[str, Reason], verbose: bool
) -> Iterator[RenderableType]:
    groups = refused(entries)
    if groups:
        yield from _heading("Refused")
    for code, group in groups:
        yield Text()
        yield from _refusal(code, group, reasons.get(code), verbose)


def _refusal(
    code: str, group: Sequence[Entry], reason: Reason | None, verbose: bool
) -> Iterator[RenderableType]:
    """A reason with what it means, and its places, those of one message together."""
    summary = f": {reason.summary}" if reason else ""
    head = _text(code, "yellow") + _text(f" ({len(group):,}){summary}")
    yield head
    suggestion = reason.suggestion if reason else group[0].suggestion
    if suggestion:
        yield _paragraph(f"What to do: {suggestion}", 2)
    shown = group if verbose else group[:_PLACES]
    known = {"", reason.summary if reason else ""}
    for message, same in groupby(shown, key=lambda entry: entry.message):
        if message.rstrip(".") not in known:
            yield _paragraph(f"{message}:", 2)
        for entry in same:
            yield _line(f"    {entry.site.path}:{entry.site.line}", entry.site.spelling)
    if len(shown) < len(group):
        yield _text(
            f"    \u2026 and {len(group) - len(shown):,} more, --format json has all"
        )


# What else there is --------------------------------------------------------------


def _objects(objects: Sequence[Traced]) -> Iterator[RenderableType]:
    """Per kind of object: how many, what becomes of them, and why some escape."""
    groups: dict[str, list[Traced]] = defaultdict(list)
    for each in objects:
        groups[each.kind].append(each)
    if not groups:
        return
    table = _grid("object", "objects", "what becomes of them", "escapes")
    for kind, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item)):
        fates = frequent(word for each in group for word in each.result)
        ways = frequent(escape.reason for each in group for escape in each.escapes)
        cells = (_text(_main(fates)), _text(_main(ways)))
        table.add_row(_text(kind), _number(len(group), ""), *cells)
    yield Text()
    yield table


def _mentions(mentions: Sequence[Mention], verbose: bool) -> Iterator[RenderableType]:
    groups: dict[str, list[Mention]] = defaultdict(list)
    for each in mentions:
        groups[each.kind].append(each)
    if groups:
        yield from _heading("Outside of the code")
    for kind, group in sorted(groups.items()):
        yield Text()
        yield _text(kind, "yellow") + _text(f" ({len(group):,})")
        shown = group if verbose else group[:_REASONS]
        for advice, same in groupby(shown, key=lambda mention: mention.advice):
            yield _paragraph(advice, 2)
            for mention in same:
                yield _line(f"    {mention.path}:{mention.line}", mention.text)
        if len(shown) < len(group):
            yield _text(f"    \u2026 and {len(group) - len(shown):,} more")


def _processes(processes: Sequence[Process]) -> Iterator[RenderableType]:
    if not processes:
        return
    table = _grid("process", "kind", "stage A", "stage B", "patches")
    for each in processes:
        numbers = (_number(count, "") for count in each.sites)
        patches = _text(", ".join(each.patches) or "nothing")
        table.add_row(_text(each.label), _text(each.kind), *numbers, patches)
    yield Text()
    yield table


def _problems(problems: Mapping[str, tuple[str, str]]) -> Iterator[RenderableType]:
    if problems:
        yield from _heading("Not looked at")
    for path, (reason, message) in sorted(problems.items()):
        yield _line(f"    {path}", f"{message} [{reason}]")


# Words ---------------------------------------------------------------------------


def _text(text: str, style: str = "") -> Text:
    return Text(visible(text), style=style)


def _heading(text: str) -> Iterator[Text]:
    yield Text()
    yield _text(text, "bold")


def _paragraph(text: str, indent: int) -> Padding:
    return Padding(_text(text), (0, 0, 0, indent), expand=False)


def _line(place: str, words: str) -> Text:
    """A place and a text behind it, on one line however long that is."""
    line = _text(place, "cyan") + _text(f"  {words}")
    line.no_wrap = True
    return line
