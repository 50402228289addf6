"""The inventory as a person reads it in a terminal: what can be acted on first.

Lays out, decides nothing. Source text and paths never pass through terminal markup,
and what could steer a terminal is shown, not sent. A place (``path:line``) is never
broken or cut, so that it can be searched for and clicked; nothing else is wider than
the terminal.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from deventlet.codemod import Reason
from deventlet.inventory import Entry, Inventory, Mention, Process, Traced
from deventlet.report.groups import (
    UNWRITTEN,
    Advice,
    Case,
    Danger,
    Part,
    Section,
    Started,
    advised,
    caveats,
    dangers,
    refused,
    rewritten,
    started,
    unwritten,
    waiting,
)
from deventlet.report.tally import (
    OUTCOMES,
    Folder,
    Outcome,
    Pattern,
    collapsed,
    command,
    folders,
    frequent,
    is_follower,
    main_of,
    objects,
    outcomes,
    patterns,
    subjects,
)
from deventlet.report.text import counted, cut, visible, wrapped

PIPE_WIDTH = 100
"""Columns of a table that is not written to a terminal, unless COLUMNS says more."""

_NARROWEST, _TIGHT, _ROOM = 60, 100, 16
_CASES, _PARTS, _FILES, _LEVELS = 5, 10, 20, 2
_STYLES: Mapping[str, str] = {
    "rewrite": "green",
    "caveat": "green",
    "assume": "yellow",
    "refuse": "red",
}
_NUMBERS = frozenset({"sites", "objects", "A", "B", *OUTCOMES})
_LEGEND = "caveat: goes now, with a corner to know. assume: waits for your word."
_STAGES = (
    "A: while the process is still patched. B: once no green thread is left in it."
)


def show(
    to: Console, found: Inventory, reasons: Mapping[str, Reason], verbose: bool = False
) -> None:
    """Print the inventory at the width of the console.

    :param reasons: what the codes mean.
    :param verbose: every site and every folder, not the first of them.
    """
    page = _Page(max(to.width, _NARROWEST), verbose)
    for part in _parts(page, found, reasons):
        # Texts have their line breaks already; a path may be wider than the rest.
        whole = isinstance(part, Text)
        to.print(part, crop=False, soft_wrap=whole, width=None if whole else page.width)


def text(
    found: Inventory,
    reasons: Mapping[str, Reason],
    verbose: bool = False,
    width: int | None = None,
) -> str:
    """What `show` prints, for a pipe or a file: no colours, no space at line ends.

    :param width: in columns; without it what COLUMNS says, else ``PIPE_WIDTH``.
    """
    to = Console(
        file=io.StringIO(),
        width=width or _columns(),
        color_system=None,
        force_terminal=False,
    )
    with to.capture() as captured:
        show(to, found, reasons, verbose)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1])


def _columns() -> int:
    """How wide the reader wants it: the variable that terminals and shells use."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and int(said) else PIPE_WIDTH


@dataclass(frozen=True, slots=True)
class _Page:
    """How much there is room for."""

    width: int
    verbose: bool

    def paragraph(
        self, words: str, indent: int = 0, style: str = "", hang: int = 0
    ) -> Text:
        """Words on as many lines as they need, those after the first by ``hang``."""
        lines = wrapped(words, self.width - indent, hang)
        return Text("\n".join(f"{' ' * indent}{line}" for line in lines), style=style)

    def line(self, place: str, words: str, facts: str = "", indent: int = 4) -> Text:
        """A place, words that are cut to fit, and facts that are not."""
        place = visible(place)
        facts = f"  ({facts})" if facts else ""
        room = self.width - indent - len(place) - 2 - len(facts)
        between = "  "
        if room < min(_ROOM, len(words)):
            between = f"\n{' ' * (indent + 2)}"
            room = self.width - indent - 2 - len(facts)
        said = cut(visible(words), room) + facts
        head = Text(" " * indent) + Text(place, style="cyan")
        return head + Text(between + said) if said else head

    def head(self, name: str, rest: str, indent: int = 0) -> Text:
        """A heading whose first words are its name."""
        found = self.paragraph(f"{name} {rest}", indent, hang=2)
        found.stylize("yellow", indent, indent + len(visible(name)))
        return found

    def command(self, words: str, indent: int = 2) -> Text:
        """What to run, on one line, so that it can be copied."""
        return Text(" " * indent + visible(words))

    def left_out(self, number: int, noun: str, indent: int) -> Iterator[Text]:
        """How much is not shown."""
        if number:
            more = f"\u2026 and {counted(number, f'more {noun}')}; --verbose has all"
            yield self.paragraph(more, indent)


def _parts(
    page: _Page, found: Inventory, reasons: Mapping[str, Reason]
) -> Iterator[RenderableType]:
    yield _headline(page, found)
    if found.entries:
        yield from _totals(page, found.entries)
        yield from _patterns(page, found.entries)
        yield from _folders(page, found.entries)
        yield from _rewrites(page, rewritten(found))
        yield from _sites(page, "Caveats", caveats(found, reasons))
        yield from _waiting(page, waiting(found, reasons))
        yield from _refused(page, found, reasons)
    yield from _dangers(page, dangers(found, reasons))
    yield from _objects(page, found.objects)
    yield from _mentions(page, found.mentions)
    yield from _processes(page, found.processes)
    yield from _problems(page, found.problems)


# Numbers -------------------------------------------------------------------------


def _headline(page: _Page, found: Inventory) -> Text:
    looked = counted(found.files, "Python file")
    if not found.entries:
        said = f"{found.project}: no use of Eventlet in {looked}"
    else:
        files = len({entry.site.path for entry in found.entries})
        sites = counted(len(found.entries), "site")
        decisions = counted(subjects(found.entries), "subject")
        said = f"{found.project}: {sites} ({decisions}) in {files:,} of {looked}"
    return page.paragraph(said, style="bold")


def _totals(page: _Page, entries: Sequence[Entry]) -> Iterator[RenderableType]:
    """Production and tests apart, and what can be done at once."""
    table = _grid(page, "", "sites", *OUTCOMES)
    for name, some in (
        ("production", [e for e in entries if not e.test]),
        ("tests", [e for e in entries if e.test]),
        ("all", entries),
    ):
        counts = outcomes(some)
        table.add_row(name, _number(counts.total()), *_outcome_cells(counts))
    yield Text()
    yield table
    yield page.paragraph(_LEGEND, style="dim")
    if following := command(entries):
        yield Text()
        yield page.command(f"Next: {following}", 0)


def _patterns(page: _Page, entries: Iterable[Entry]) -> Iterator[RenderableType]:
    found = patterns(entries)
    table = _grid(page, "pattern", "sites", "A", "B", *OUTCOMES, "main reason")
    for pattern in found:
        numbers = pattern.outcomes.total(), pattern.stages["A"], pattern.stages["B"]
        table.add_row(
            _text(pattern.name),
            *map(_number, numbers),
            *_outcome_cells(pattern.outcomes),
            _words(main_of(pattern.reasons)),
        )
    yield Text()
    yield table
    yield page.paragraph(_STAGES, style="dim")
    yield from (page.paragraph(said, hang=2) for said in _blocked(found))


def _blocked(found: Iterable[Pattern]) -> Iterator[str]:
    """What comes before the patterns of stage B, said once if it is the same."""
    names: dict[tuple[int, str], list[str]] = {}
    for pattern in found:
        if pattern.blocked:
            names.setdefault(pattern.blocked, []).append(pattern.name)
    for (number, place), same in names.items():
        sites = counted(number, "stage A site") if number else "stage A sites"
        said = f"after {sites} in the same processes, first {place}"
        yield f"{', '.join(same)}: {said}"


def _folders(page: _Page, entries: Sequence[Entry]) -> Iterator[RenderableType]:
    table = _grid(page, "folder", "sites", *OUTCOMES)
    levels = None if page.verbose else _LEVELS
    for name, counts in _levels(collapsed(folders(entries)), 0, levels):
        table.add_row(_text(name), _number(counts.total()), *_outcome_cells(counts))
    yield Text()
    yield table


def _levels(
    folder: Folder, depth: int, levels: int | None
) -> Iterator[tuple[str, Counter[Outcome]]]:
    """Folders as lines, indented; those too deep are counted where they are in."""
    yield f"{'  ' * depth}{folder.name or '.'}/", folder.outcomes
    if levels is not None and depth >= levels:
        return
    for name in sorted(folder.folders):
        yield from _levels(collapsed(folder.folders[name]), depth + 1, levels)


def _outcome_cells(counts: Counter[Outcome]) -> list[Text]:
    return [_number(counts[word], _STYLES[word]) for word in OUTCOMES]


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style=style) if number else _words("")


def _words(words: str) -> Text:
    return _text(words) if words else Text("-", style="dim")


def _grid(page: _Page, *headings: str) -> Table:
    """A table without lines: a name, numbers, and texts that are wrapped."""
    gap = 1 if page.width < _TIGHT else 2
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for heading in headings:
        if heading in _NUMBERS:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold")
    return table


# Sites ---------------------------------------------------------------------------


def _rewrites(page: _Page, files: Mapping[str, tuple[str, str]]) -> Iterator[Text]:
    if files:
        yield from _heading("Can go now")
    shown = list(files)[: None if page.verbose else _FILES]
    for path in shown:
        yield page.line(path, *files[path])
    yield from page.left_out(len(files) - len(shown), "file", 4)


def _sites(page: _Page, title: str, sections: Sequence[Section]) -> Iterator[Text]:
    """Sections of which every site is to be looked at, not every subject."""
    if sections:
        yield from _heading(title)
    for section in sections:
        yield from _introduced(page, section)
        shown = section.entries[: None if page.verbose else _FILES]
        for entry in shown:
            yield page.line(f"{entry.site.path}:{entry.site.line}", entry.site.spelling)
        yield from page.left_out(len(section.entries) - len(shown), "site", 4)


def _waiting(page: _Page, sections: Sequence[Section]) -> Iterator[Text]:
    if sections:
        yield from _heading("Waiting for your word")
    for section in sections:
        yield from _introduced(page, section)
        for words in section.commands:
            yield page.command(words)
        yield from _cases(page, section.parts, 2)


def _refused(
    page: _Page, found: Inventory, reasons: Mapping[str, Reason]
) -> Iterator[Text]:
    sections = refused(found, reasons)
    missing = unwritten(found)
    follow = [e for e in found.entries if is_follower(e)]
    if sections or missing:
        yield from _heading("Refused")
    for section in sections:
        yield from _introduced(page, section)
        yield from _cases(page, section.parts, 2)
    yield from _unwritten(page, missing, reasons.get(UNWRITTEN))
    if follow:
        yield Text()
        yield page.paragraph(_follow(follow))


def _follow(imports: Sequence[Entry]) -> str:
    """What becomes of imports, which nobody decides about."""
    going = sum(entry.verdict == "rewrite" for entry in imports)
    return (
        f"{counted(len(imports), 'import')} besides, each of which goes with the last "
        f"of its uses: {going:,} now"
    )


def _introduced(page: _Page, section: Section) -> Iterator[Text]:
    """What a reason means and what to do."""
    summary = f": {section.summary}" if section.summary else ""
    yield Text()
    yield page.head(section.name, f"({section.counts}){summary}")
    if section.advice:
        yield page.paragraph(f"What to do: {section.advice}", 2)


def _unwritten(
    page: _Page, sections: Sequence[Section], reason: Reason | None
) -> Iterator[Text]:
    """What no codemod is there for, with the first words on how to do it by hand."""
    if not sections:
        return
    sites = counted(sum(len(section.entries) for section in sections), "site")
    yield Text()
    yield page.head(UNWRITTEN, f"({sites})" + (f": {reason.summary}" if reason else ""))
    for section in sections:
        yield page.head(section.name, f"({section.counts})", 2)
        yield from _cases(page, section.parts, 4)


def _cases(page: _Page, parts: Sequence[Part], indent: int) -> Iterator[Text]:
    """Subjects, below what is said of them."""
    shown = parts[: None if page.verbose else _PARTS]
    for part in shown:
        if part.words:
            yield page.paragraph(f"{part.words.rstrip('.')}:", indent)
        some = part.cases[: None if page.verbose else _CASES]
        for case in some:
            yield from _case(page, case, indent + 2)
        rest = len(part.cases) - len(some)
        yield from page.left_out(rest, "subject", indent + 2)
    rest = sum(len(part.cases) for part in parts[len(shown) :])
    yield from page.left_out(rest, "subject", indent)


def _case(page: _Page, case: Case, indent: int) -> Iterator[Text]:
    yield page.line(case.place, case.spelling, case.facts, indent)
    for entry in case.entries[1:] if page.verbose else ():
        place = f"{entry.site.path}:{entry.site.line}"
        yield page.line(place, entry.site.spelling, indent=indent + 2)


# What else there is --------------------------------------------------------------


def _dangers(page: _Page, found: Sequence[Danger]) -> Iterator[Text]:
    """What works with green threads only, by its kind."""
    if found:
        yield from _heading("Hazards")
    for danger in found:
        places = counted(len(danger.hazards), "place")
        yield Text()
        yield page.head(danger.code, f"({places}): {danger.summary}")
        if danger.advice:
            yield page.paragraph(f"What to do: {danger.advice}", 2)
        shown = danger.hazards[: None if page.verbose else _CASES]
        for each in shown:
            said = f"{each.path}:{each.line}: {each.message}"
            yield page.paragraph(visible(said), 4, hang=2)
        yield from page.left_out(len(danger.hazards) - len(shown), "place", 4)


def _objects(page: _Page, found: Sequence[Traced]) -> Iterator[RenderableType]:
    """Per kind of object: how many, what becomes of them, and why some escape."""
    changing, following = objects(found)
    table = _grid(page, "object", "objects", "what becomes of them", "escapes")
    for kind, group in changing:
        fates = frequent(word for each in group for word in each.result)
        ways = frequent(escape.reason for each in group for escape in each.escapes)
        cells = _words(main_of(fates)), _words(main_of(ways))
        table.add_row(_text(kind), _number(len(group)), *cells)
    if found:
        yield Text()
    if changing:
        yield table
    if following:
        kinds = ", ".join(f"{kind} {number:,}" for kind, number in following)
        words = f"Objects that follow their import or wrapper: {kinds}"
        yield page.paragraph(words, hang=2)


def _mentions(page: _Page, mentions: Sequence[Mention]) -> Iterator[Text]:
    found = advised(mentions)
    if found:
        yield from _heading("Outside of the code")
    kind = ""
    for advice in found:
        if advice.is_history:
            yield from _history(page, advice)
            continue
        if advice.kind != kind:
            kind = advice.kind
            yield Text()
            yield Text(visible(kind), style="yellow")
        yield from _advice(page, advice)


def _advice(page: _Page, advice: Advice) -> Iterator[Text]:
    yield page.paragraph(advice.words, 2)
    shown = advice.files[: None if page.verbose else _CASES]
    for each in shown:
        lines = f"{each.lines:,} lines" if each.lines > 1 else ""
        place = f"{each.first.path}:{each.first.line}"
        yield page.line(place, each.first.text, lines)
    yield from page.left_out(len(advice.files) - len(shown), "file", 4)


def _history(page: _Page, advice: Advice) -> Iterator[Text]:
    first = advice.files[0].first
    words = f"({advice.counts}, first {first.path}:{first.line}): {advice.words}"
    yield Text()
    yield page.head(advice.kind, words)


def _processes(page: _Page, processes: Sequence[Process]) -> Iterator[Text]:
    found = started(processes)
    bare = [each for each in found if each.is_bare]
    if found:
        yield from _heading("Processes")
    if bare:
        words = "patch nothing, and reach sites of stage A:"
        yield page.paragraph(words, 2, "yellow")
        yield from (_started(page, each) for each in bare)
    if bare and len(bare) < len(found):
        yield page.paragraph("others:", 2)
    yield from (_started(page, each) for each in found if not each.is_bare)


def _started(page: _Page, each: Started) -> Text:
    stage_a, stage_b = (f"{number:,}" if number else "-" for number in each.sites)
    patches = f"; patches {', '.join(each.patches)}" if each.patches else ""
    words = f"{each.name} ({each.kind}): A {stage_a}, B {stage_b}{patches}"
    return page.paragraph(words, 4, hang=2)


def _problems(page: _Page, problems: Mapping[str, tuple[str, str]]) -> Iterator[Text]:
    if problems:
        yield from _heading("Not looked at")
    for path, (reason, message) in sorted(problems.items()):
        yield page.line(path, message, reason)


# Words ---------------------------------------------------------------------------


def _text(text: str) -> Text:
    return Text(visible(text))


def _heading(text: str) -> Iterator[Text]:
    yield Text()
    yield Text(text, style="bold")
