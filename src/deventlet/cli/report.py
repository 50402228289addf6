"""What a person sees: diffs, the table of verdicts, and what was left alone.

Source text and paths never pass through terminal markup: everything that comes
from a file is a ``Text``, or bytes written as they are.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deventlet.codemod import Verdict
from deventlet.driver.run import Outcome
from deventlet.registry import reasons
from deventlet.series.patch import FileChange, unified_diff

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def notice(message: str) -> None:
    """Say something on standard error."""
    print(f"deventlet: {message}", file=sys.stderr)


def result(line: str) -> None:
    """One line of result on standard output."""
    print(line)


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show on a terminal that something is being done."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield
        return
    with console.status(Text(message)):
        yield


def show_diff(outcome: Outcome) -> None:
    """The diff of an outcome; in a pipe exactly the bytes that ``git apply`` takes."""
    console = Console(highlight=False, soft_wrap=True)
    for path, (before, after) in outcome.changes.items():
        diff = unified_diff(FileChange(path, before, after))
        if console.is_terminal:
            console.print(_coloured(diff.decode("utf-8", "replace")), end="")
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(diff)
            sys.stdout.buffer.flush()


def _coloured(diff: str) -> Text:
    text = Text()
    for line in diff.split("\n"):
        header = line.startswith(("diff ", "index ", "--- ", "+++ "))
        style = "bold" if header else _COLOURS.get(line[:1], "")
        text.append(line + "\n", style=style)
    text.right_crop(1)
    return text


def show_summary(outcome: Outcome) -> None:
    """The verdicts in numbers, then each refusal with its reason and place."""
    console = Console(highlight=False, soft_wrap=True)
    console.print()
    console.print(_totals(outcome))
    for heading, verdicts in (
        ("Only under an assumption", _with(outcome, "assume")),
        ("Left alone", _with(outcome, "refuse")),
    ):
        if verdicts:
            console.print()
            console.print(Text(f"{heading}:", style="bold"))
            _show_reasons(console, outcome, verdicts)
    for path, problem in outcome.problems.items():
        console.print(Text(f"{path}: {problem.message} [{problem.reason}]", "red"))


def _with(outcome: Outcome, verdict: str) -> list[Verdict]:
    return [v for v in outcome.verdicts if v.verdict == verdict and not v.applies]


def _totals(outcome: Outcome) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("codemod", "verdict", "reason"):
        table.add_column(column, no_wrap=True)
    table.add_column("sites", justify="right")
    table.add_column("files", justify="right")
    rows: Counter[tuple[str, str]] = Counter()
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for verdict in outcome.verdicts:
        key = "rewrite" if verdict.applies else verdict.verdict, verdict.reason
        rows[key] += len(verdict.subject.sites)
        files[key].update(site.path for site in verdict.subject.sites)
    for (what, reason), count in sorted(rows.items()):
        name = reason if what != "rewrite" or not reason else f"caveat {reason}"
        places = str(len(files[what, reason]))
        table.add_row(outcome.page.name, what, name, str(count), places)
    if not rows:
        table.add_row(outcome.page.name, "nothing found", "", "0", "0")
    return table


def _show_reasons(console: Console, outcome: Outcome, verdicts: list[Verdict]) -> None:
    """Each reason once, with its explanation, and its places below."""
    by_reason: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_reason[verdict.reason].append(verdict)
    for code, group in sorted(by_reason.items()):
        reason = reasons()[code]
        console.print()
        console.print(Text(f"  {code}: {reason.summary}.", style="yellow"))
        console.print(Text(f"  What to do: {reason.suggestion}"))
        for verdict in group:
            site = verdict.subject.origin
            others = len(verdict.subject.sites) - 1
            more = f" (and {others} more of the same name)" if others else ""
            detail = f" -- {verdict.detail}" if verdict.detail else ""
            line = outcome.lines.get(site, site.spelling)
            console.print(Text(f"    {site.path}:{site.line}: {line}{more}{detail}"))
