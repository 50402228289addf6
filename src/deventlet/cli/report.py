"""What a person sees of a run: diffs, the table of verdicts, what was left alone.

Reads outcomes and decides nothing. A diff in a pipe is written as the bytes it is;
on a terminal, and in the summary, text of a file goes out without control characters.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from deventlet.cli.terminal import aligned, console, notice, show_text, visible
from deventlet.codemod import Verdict
from deventlet.driver.run import Outcome
from deventlet.registry import reasons
from deventlet.report import proposals
from deventlet.report.text import counted
from deventlet.series.patch import FileChange, unified_diff

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_diff(outcome: Outcome) -> None:
    """The diff of an outcome; in a pipe exactly the bytes that ``git apply`` takes."""
    to = console()
    for path, (before, after) in outcome.changes.items():
        diff = unified_diff(
            FileChange(path, before, after, new=path in outcome.created)
        )
        if to.is_terminal:
            to.print(coloured(diff.decode("utf-8", "backslashreplace")), end="")
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(diff)
            sys.stdout.buffer.flush()


def coloured(diff: str) -> Text:
    """A diff as it is seen on a terminal."""
    text = Text()
    for line in diff.removesuffix("\n").split("\n"):
        header = line.startswith(("diff ", "index ", "--- ", "+++ "))
        style = "bold" if header else _COLOURS.get(line[:1], "")
        text.append(visible(line) + "\n", style=style)
    return text


def show_summaries(outcomes: Sequence[Outcome]) -> None:
    """What each codemod found; those of several that found nothing in one line."""
    idle = [o for o in outcomes if not (o.verdicts or o.changes or o.problems)]
    for outcome in outcomes:
        if len(outcomes) == 1 or outcome not in idle:
            _show_summary(outcome)
    if idle and len(outcomes) > 1:
        names = ", ".join(outcome.page.name for outcome in idle)
        to = console()
        to.print()
        show_text(to, Text(f"Nothing is left to rewrite: {names}."), 0)


def _show_summary(outcome: Outcome) -> None:
    """The verdicts in numbers, then each refusal with its reason and place."""
    to = console()
    to.print()
    for line in aligned(_totals(outcome)):
        to.print(Text(line))
    if not outcome.changes:
        to.print(Text(f"{outcome.page.name}: {_nothing(outcome)}"))
    _show_caveats(to, outcome)
    for note in outcome.notes:
        to.print()
        to.print(Text(visible(note)))
    _show_hazards(to, outcome)
    for heading, verdicts in (
        ("Only under an assumption", _with(outcome, "assume")),
        ("Left alone", _with(outcome, "refuse")),
    ):
        if verdicts:
            to.print()
            to.print(Text(f"{heading}:", style="bold"))
            _show_reasons(to, outcome, verdicts)


def show_problems(problems: Mapping[str, tuple[str, str]]) -> None:
    """The files that could not be processed, on standard error.

    :param problems: reason code and message by path.
    """
    for path, (reason, message) in sorted(problems.items()):
        notice(f"{path}: {message} [{reason}]")


def _with(outcome: Outcome, verdict: str) -> list[Verdict]:
    return [v for v in outcome.verdicts if v.verdict == verdict and not v.applies]


def _totals(outcome: Outcome) -> list[tuple[str, ...]]:
    """A heading, and a row for each verdict and reason."""
    rows: Counter[tuple[str, str]] = Counter()
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for verdict in outcome.verdicts:
        key = "rewrite" if verdict.applies else verdict.verdict, _said(verdict)
        rows[key] += len(verdict.subject.sites)
        files[key].update(site.path for site in verdict.subject.sites)
    heading: tuple[str, ...] = ("codemod", "verdict", "sites", "files", "reason")
    table = [
        (outcome.page.name, word, f"{count:5}", f"{len(files[word, reason]):5}", reason)
        for (word, reason), count in sorted(rows.items(), key=_row_order)
    ]
    return [heading, *table] if rows else []


def _row_order(row: tuple[tuple[str, str], int]) -> tuple[int, str]:
    """What is done first, then what waits, then what stays."""
    (word, reason), _ = row
    return ("rewrite", "assume", "refuse").index(word), reason


def _nothing(outcome: Outcome) -> str:
    """What to say where nothing changes: done, or waiting for somebody."""
    waiting = sum(len(v.subject.sites) for v in outcome.verdicts if not v.applies)
    if waiting:
        wait = "wait" if waiting > 1 else "waits"
        return (
            f"nothing can be rewritten as it is; {counted(waiting, 'place')} {wait} "
            "for you"
        )
    where = " in the files that could be read" if outcome.problems else ""
    return f"nothing is left to rewrite{where}"


def _show_caveats(to: Console, outcome: Outcome) -> None:
    """Each caveat of what is rewritten, and the places to look at."""
    places: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in outcome.verdicts:
        rewrite = verdict.rewrite if verdict.applies else None
        for code in rewrite.caveats if rewrite else ():
            places[code].append(verdict)
    for code, group in sorted(places.items()):
        to.print()
        show_text(to, Text(f"Caveat {code}: {reasons()[code].summary}.", "yellow"), 0)
        for place in _places(outcome, group):
            to.print(Text(f"    {visible(place)}"))


def _show_hazards(to: Console, outcome: Outcome) -> None:
    """What works with green threads only, and begins to matter with the changes."""
    for code, group in groupby(outcome.hazards, key=lambda each: each.code):
        to.print()
        show_text(to, Text(f"Hazard {code}: {reasons()[code].summary}.", "yellow"), 0)
        for each in group:
            said = visible(f"{each.path}:{each.line}: {each.message}")
            show_text(to, Text(said), 4)


def _said(verdict: Verdict) -> str:
    """The reason of a verdict, with what it is in a rewrite."""
    if not verdict.applies or not verdict.reason:
        return verdict.reason
    kind = "caveat" if verdict.verdict == "rewrite" else "assumed"
    return f"{kind} {verdict.reason}"


def _show_reasons(to: Console, outcome: Outcome, verdicts: list[Verdict]) -> None:
    """Each reason once, with its explanation, and its places below."""
    by_reason: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_reason[verdict.reason].append(verdict)
    for code, group in sorted(by_reason.items()):
        reason = reasons()[code]
        to.print()
        show_text(to, Text(f"{code}: {reason.summary}.", style="yellow"), 2)
        show_text(to, Text(f"What to do: {reason.suggestion}"), 2)
        _show_places(to, outcome, group)
        _show_proposals(to, group)


def _show_proposals(to: Console, group: list[Verdict]) -> None:
    """What a person may write at each place; what changes in any case is said once."""
    found = dict(sorted(item for v in group for item in v.proposals.items()))
    for site, each in found.items():
        if not each.code and not each.arguments:
            continue
        to.print()
        place = visible(f"{site.path}:{site.line}")
        to.print(Text(f"  Proposal for {place}, with {each.target}:"))
        for line in each.code:
            to.print(Text(f"      {visible(line)}".rstrip()))
        for line in proposals.arguments(each):
            show_text(to, Text(visible(line)), 4)
    for target, lines in proposals.changes(found.values()).items():
        to.print()
        to.print(Text(f"  What changes with {target} in any case:"))
        for line in lines:
            show_text(to, Text(visible(line)), 4)


def _show_places(to: Console, outcome: Outcome, group: list[Verdict]) -> None:
    """The places of one reason; a detail that several share is said once."""
    by_detail: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in group:
        by_detail[verdict.detail].append(verdict)
    for detail, verdicts in by_detail.items():
        shared = detail if len(verdicts) > 1 else ""
        if shared:
            show_text(to, Text(visible(f"{shared}:")), 2)
        for place in _places(outcome, verdicts):
            own = f" -- {detail}" if detail and not shared else ""
            to.print(Text(f"    {visible(place + own)}"))


def _places(outcome: Outcome, verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Where some subjects are; those that would be shown alike are shown once."""
    for place, count in Counter(_place(outcome, each) for each in verdicts).items():
        yield f"{place} ({count} times)" if count > 1 else place


def _place(outcome: Outcome, verdict: Verdict) -> str:
    """Where a subject is, and its line."""
    site = verdict.subject.origin
    others = len(verdict.subject.sites) - 1
    more = f" (and {others} more of the same name)" if others else ""
    line = outcome.lines.get(site, site.spelling)
    return f"{site.path}:{site.line}: {line}{more}"
