"""The inventory as Markdown, for an etherpad, a blueprint or a pull request; pure.

Nothing of a file is taken as Markdown or HTML: text is escaped, and code stands in
spans whose fences are longer than any in the code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from deventlet.codemod import Reason
from deventlet.inventory import Entry, Inventory
from deventlet.report.tally import OUTCOMES, Outcome, outcomes, patterns, refused
from deventlet.report.text import counted, visible

# What could mean something inside of a line; no text of a file begins one.
_SPECIAL = re.compile(r"[\\`*_\[\]#|~$@]|:(?=\w+:)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def text(found: Inventory, reasons: Mapping[str, Reason]) -> str:
    """Totals, a table of the patterns, and every refused site by its reason.

    :param reasons: what the codes mean.
    """
    return "".join(f"{line}\n" for line in _lines(found, reasons))


def _lines(found: Inventory, reasons: Mapping[str, Reason]) -> Iterator[str]:
    yield f"# Eventlet in {escaped(found.project)}"
    yield ""
    yield _summary(found)
    if found.entries:
        yield from _totals(found.entries)
        yield from _patterns(found.entries)
        yield from _refusals(found.entries, reasons)
    yield from _mentions(found)
    yield from _problems(found.problems)


def _summary(found: Inventory) -> str:
    looked = counted(found.files, "Python file")
    if not found.entries:
        return f"No use of Eventlet in {looked}."
    files = len({entry.site.path for entry in found.entries})
    return f"{counted(len(found.entries), 'site')} in {files:,} of {looked}."


def _totals(entries: Sequence[Entry]) -> Iterator[str]:
    yield from _table_head("", "sites", *OUTCOMES)
    yield _counts("production", outcomes(e for e in entries if not e.test))
    yield _counts("tests", outcomes(e for e in entries if e.test))
    yield _counts("all", outcomes(entries))


def _patterns(entries: Iterable[Entry]) -> Iterator[str]:
    yield from _heading("Patterns")
    yield from _table_head("pattern", "sites", *OUTCOMES, "reasons")
    for pattern in patterns(entries):
        name = escaped(pattern.name) or "(import only)"
        said = ", ".join(f"{escaped(code)} {count}" for code, count in pattern.reasons)
        yield _counts(name, pattern.outcomes, said)


def _table_head(*names: str) -> Iterator[str]:
    yield ""
    yield _row(names)
    yield _row(
        "---" if name in ("", "pattern", "reasons") else "---:" for name in names
    )


def _counts(name: str, counts: Counter[Outcome], *last: str) -> str:
    numbers = (str(counts[word]) for word in OUTCOMES)
    return _row((name, str(counts.total()), *numbers, *last))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _refusals(entries: Iterable[Entry], reasons: Mapping[str, Reason]) -> Iterator[str]:
    groups = refused(entries)
    if groups:
        yield from _heading("Refused")
    for code, group in groups:
        reason = reasons.get(code)
        summary = f": {escaped(reason.summary)}" if reason else ""
        yield from ("", f"### {escaped(code)} ({len(group):,}){summary}", "")
        suggestion = reason.suggestion if reason else group[0].suggestion
        if suggestion:
            yield from (f"What to do: {escaped(suggestion)}", "")
        for entry in group:
            place = code_span(f"{entry.site.path}:{entry.site.line}")
            words = f": {escaped(entry.message)}" if entry.message else ""
            yield f"- {place} {code_span(entry.site.spelling)}{words}"


def _mentions(found: Inventory) -> Iterator[str]:
    if found.mentions:
        yield from _heading("Outside of the code")
        yield ""
    for each in found.mentions:
        place = code_span(f"{each.path}:{each.line}")
        yield f"- {place} {code_span(each.text)}: {escaped(each.advice)}"


def _problems(problems: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    if problems:
        yield from _heading("Not looked at")
        yield ""
    for path, (reason, message) in sorted(problems.items()):
        yield f"- {code_span(path)}: {escaped(message)} ({escaped(reason)})"


def _heading(words: str) -> tuple[str, str]:
    return "", f"## {words}"


def escaped(words: str) -> str:
    """A text of which nothing is Markdown, HTML or the end of a table's cell."""
    plain = _SPECIAL.sub(r"\\\g<0>", visible(words))
    return re.sub("[&<>]", lambda match: _HTML[match[0]], plain)


def code_span(code: str) -> str:
    """A text as code, outside of tables; the fence is longer than any in it."""
    code = visible(code)
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if code.startswith(("`", " ")) or code.endswith(("`", " ")) else ""
    return f"{fence}{edge}{code}{edge}{fence}" if code else ""
