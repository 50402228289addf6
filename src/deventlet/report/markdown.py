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
from deventlet.report import proposals
from deventlet.report.groups import (
    UNWRITTEN,
    Advice,
    Case,
    Danger,
    Part,
    Section,
    advised,
    caveats,
    dangers,
    refused,
    rewritten,
    unwritten,
    waiting,
)
from deventlet.report.tally import (
    OUTCOMES,
    Outcome,
    is_follower,
    main_of,
    outcomes,
    patterns,
    subjects,
)
from deventlet.report.text import counted, visible

# What could mean something inside of a line; no text of a file begins one.
_SPECIAL = re.compile(r"[\\`*_\[\]#|~$@]|:(?=\w+:)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def text(found: Inventory, reasons: Mapping[str, Reason]) -> str:
    """Totals, a table of the patterns, and every subject by its reason.

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
        yield from _rewrites(rewritten(found))
        yield from _sections("Caveats", caveats(found, reasons))
        yield from _sections("Waiting for your word", waiting(found, reasons))
        yield from _sections("Refused", refused(found, reasons))
        yield from _proposals(found.entries)
        yield from _unwritten(unwritten(found), reasons.get(UNWRITTEN))
        yield from _follow([e for e in found.entries if is_follower(e)])
    yield from _dangers(dangers(found, reasons))
    yield from _mentions(advised(found.mentions))
    yield from _problems(found.problems)


# Numbers -------------------------------------------------------------------------


def _summary(found: Inventory) -> str:
    looked = counted(found.files, "Python file")
    if not found.entries:
        return f"No use of Eventlet in {looked}."
    files = len({entry.site.path for entry in found.entries})
    decisions = counted(subjects(found.entries), "subject")
    sites = counted(len(found.entries), "site")
    return f"{sites} ({decisions}) in {files:,} of {looked}."


def _totals(entries: Sequence[Entry]) -> Iterator[str]:
    yield from _table_head("", "sites", *OUTCOMES)
    yield _counts("production", outcomes(e for e in entries if not e.test))
    yield _counts("tests", outcomes(e for e in entries if e.test))
    yield _counts("all", outcomes(entries))


def _patterns(entries: Iterable[Entry]) -> Iterator[str]:
    yield from _heading("Patterns")
    yield from _table_head("pattern", "main reason", "A", "B", "sites", *OUTCOMES)
    for pattern in patterns(entries):
        stages = (_number(pattern.stages[stage]) for stage in "AB")
        reason = escaped(main_of(pattern.reasons)) or "-"
        yield _counts(escaped(pattern.name), pattern.outcomes, reason, *stages)


def _table_head(*names: str) -> Iterator[str]:
    yield ""
    yield _row(names)
    yield _row(
        "---" if name in ("", "pattern", "main reason") else "---:" for name in names
    )


def _counts(name: str, counts: Counter[Outcome], *before: str) -> str:
    numbers = (_number(counts[word]) for word in OUTCOMES)
    return _row((name, *before, _number(counts.total()), *numbers))


def _number(number: int) -> str:
    return str(number) if number else "-"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


# Sites ---------------------------------------------------------------------------


def _rewrites(files: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    if files:
        yield from _heading("Can go now")
        yield ""
    for path, (said, known) in files.items():
        facts = f" ({known})" if known else ""
        yield f"- {code_span(path)}: {escaped(said)}{facts}"


def _sections(title: str, sections: Sequence[Section]) -> Iterator[str]:
    if sections:
        yield from _heading(title)
    for section in sections:
        summary = f": {escaped(section.summary)}" if section.summary else ""
        yield from ("", f"### {escaped(section.name)} ({section.counts}){summary}", "")
        if section.advice:
            yield from (f"What to do: {escaped(section.advice)}", "")
        for words in section.commands:
            yield from (code_span(words), "")
        yield from _cases(section.parts)


def _unwritten(sections: Sequence[Section], reason: Reason | None) -> Iterator[str]:
    """What no codemod is there for, with the first words on how to do it by hand."""
    if sections:
        yield from _heading(
            escaped(UNWRITTEN) + (f": {reason.summary}" if reason else "")
        )
    for section in sections:
        yield from ("", f"### {escaped(section.name)} ({section.counts})")
        yield ""
        yield from _cases(section.parts)


def _proposals(entries: Sequence[Entry]) -> Iterator[str]:
    """What a person may write; what changes in any case is said once."""
    found = [(e.site, e.proposal) for e in entries if e.proposal is not None]
    if found:
        yield from _heading("Proposals")
    for site, each in found:
        if not each.code and not each.arguments:
            continue
        place = code_span(f"{site.path}:{site.line}")
        yield from ("", f"{place}, with {escaped(each.target)}:", "")
        yield from (f"    {visible(line)}".rstrip() for line in each.code)
        yield ""
        yield from (f"- {escaped(line)}" for line in proposals.arguments(each))
    for target, lines in proposals.changes(each for _, each in found).items():
        yield from ("", f"What changes with {escaped(target)} in any case:", "")
        yield from (f"- {escaped(line)}" for line in lines)


def _cases(parts: Sequence[Part]) -> Iterator[str]:
    """Subjects, below what is said of them."""
    for part in parts:
        indent = ""
        if part.words:
            yield f"- {escaped(part.words.rstrip('.'))}:"
            indent = "  "
        yield from (f"{indent}- {_case(case)}" for case in part.cases)


def _case(case: Case) -> str:
    facts = f" ({escaped(case.facts)})" if case.facts else ""
    return f"{code_span(case.place)} {code_span(case.spelling)}{facts}"


def _follow(imports: Sequence[Entry]) -> Iterator[str]:
    if imports:
        going = sum(entry.verdict == "rewrite" for entry in imports)
        sites = counted(len(imports), "import")
        yield from ("", f"{sites} besides, each of which goes with the last of its "
                    f"uses: {going} now.")  # fmt: skip


# What else there is --------------------------------------------------------------


def _dangers(found: Sequence[Danger]) -> Iterator[str]:
    """What works with green threads only, by its kind."""
    if found:
        yield from _heading("Hazards")
    for danger in found:
        places = counted(len(danger.hazards), "place")
        yield ""
        yield f"### {escaped(danger.code)} ({places}): {escaped(danger.summary)}"
        yield ""
        if danger.advice:
            yield from (f"What to do: {escaped(danger.advice)}", "")
        for each in danger.hazards:
            place = code_span(f"{each.path}:{each.line}")
            yield f"- {place} {escaped(each.message)}"


def _mentions(found: Sequence[Advice]) -> Iterator[str]:
    if found:
        yield from _heading("Outside of the code")
        yield ""
    for advice in found:
        first = advice.files[0].first
        place = code_span(f"{first.path}:{first.line}")
        said = f"- {escaped(advice.kind)}: {escaped(advice.words)}"
        if advice.is_history:
            yield f"{said} ({advice.counts}, first {place})"
            continue
        yield said
        for each in advice.files:
            place = code_span(f"{each.first.path}:{each.first.line}")
            lines = f" ({each.lines:,} lines)" if each.lines > 1 else ""
            yield f"  - {place} {code_span(each.first.text)}{lines}"


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
