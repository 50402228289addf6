"""Puts side by side what a reader decides at once: subjects, reasons, files; pure.

The formats lay these out and add nothing. Whatever is in production code comes
before what is in tests.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from deventlet.codemod import Reason
from deventlet.inventory import Entry, Hazard, Inventory, Mention, Process
from deventlet.report.tally import is_follower, outcome, patterns, subjects
from deventlet.report.text import counted, listed, sentence, without

UNWRITTEN = "codemod.missing"
"""The reason that says nothing of the code, only that there is no codemod yet."""

_KINDS = ("requirements", "packaging", "service", "test-setup", "coverage", "ci")
_LATE = ("docs",)
_HISTORY = ("release-note", "translation")
_SUMMED = re.compile(r" \((\d+) lines\)$")


# Hazards -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Danger:
    """The hazards of one kind, those in production code first.

    :param summary: what the code means.
    :param advice: what to do about it.
    """

    code: str
    summary: str
    advice: str
    hazards: tuple[Hazard, ...]


def dangers(found: Inventory, reasons: Mapping[str, Reason]) -> list[Danger]:
    """The hazards by their kind, in the order of the codes."""
    groups: dict[str, list[Hazard]] = defaultdict(list)
    for each in sorted(found.hazards, key=lambda each: (each.test, each)):
        groups[each.code].append(each)
    made = []
    for code, group in sorted(groups.items()):
        reason = reasons.get(code)
        said = (reason.summary, reason.suggestion) if reason else ("", "")
        made.append(Danger(code, *said, tuple(group)))
    return made


# Sites ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """Sites of one subject that share a reason: one decision, one line.

    :param entries: the site that stands for the subject, then the others in order.
    :param kind: of the object that it makes, such as ``GreenPool``; often empty.
    """

    entries: tuple[Entry, ...]
    kind: str

    @property
    def place(self) -> str:
        """``path:line`` of the site that stands for the subject."""
        return _place(self.entries[0])

    @property
    def spelling(self) -> str:
        """How that site is written."""
        return self.entries[0].site.spelling

    @property
    def facts(self) -> str:
        """Such as ``GreenPool, 23 uses in 3 files``; empty for a plain site."""
        return ", ".join(filter(None, (self.kind, self._uses)))

    @property
    def _uses(self) -> str:
        if len(self.entries) == 1:
            return ""
        files = len({entry.site.path for entry in self.entries})
        uses = counted(len(self.entries), "use")
        return f"{uses} in {files} files" if files > 1 else uses

    @property
    def order(self) -> tuple[bool, int, Entry]:
        """Production first, then what has the most sites."""
        return all(e.test for e in self.entries), -len(self.entries), self.entries[0]


@dataclass(frozen=True, slots=True)
class Part:
    """Cases of which the same is to be said; ``words`` may be empty."""

    words: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A reason, or a pattern without codemod, with all its cases.

    :param name: the reason code or the pattern.
    :param summary: what the reason means; empty for a pattern.
    :param advice: what to do about all of them, or empty.
    :param commands: what to run once the reader has said so.
    """

    name: str
    summary: str
    advice: str
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    commands: tuple[str, ...] = ()

    @property
    def counts(self) -> str:
        """Such as ``161 sites, 30 subjects``."""
        return ", ".join(
            (
                counted(len(self.entries), "site"),
                counted(subjects(self.entries), "subject"),
            )
        )


def waiting(found: Inventory, reasons: Mapping[str, Reason]) -> list[Section]:
    """The assumptions, each with the commands that accept it."""
    return _by_reason(found, reasons, lambda entry: entry.verdict == "assume")


def refused(found: Inventory, reasons: Mapping[str, Reason]) -> list[Section]:
    """What this code itself stands in the way with, by reason."""
    return _by_reason(
        found,
        reasons,
        lambda e: (
            e.verdict == "refuse" and not is_follower(e) and e.reason != UNWRITTEN
        ),
    )


def caveats(found: Inventory, reasons: Mapping[str, Reason]) -> list[Section]:
    """What can go now and has a corner to know, by caveat."""
    return _by_reason(found, reasons, lambda entry: outcome(entry) == "caveat")


def unwritten(found: Inventory) -> list[Section]:
    """The sites that wait for a codemod, by pattern in order of work."""
    entries = [e for e in found.entries if e.reason == UNWRITTEN and not is_follower(e)]
    kinds = _kinds(found)
    sections = []
    for pattern in patterns(entries):
        group = [entry for entry in entries if entry.codemod == pattern.codemod]
        parts = _parts(group, kinds, lambda entry: sentence(entry.suggestion))
        sections.append(Section(pattern.name, "", "", tuple(group), parts))
    return sections


def _by_reason(
    found: Inventory, reasons: Mapping[str, Reason], wanted: Callable[[Entry], bool]
) -> list[Section]:
    """Sections, those first that have the most sites in production code."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in filter(wanted, found.entries):
        groups[entry.reason].append(entry)
    kinds = _kinds(found)
    sections = [
        _section(code, group, reasons.get(code), kinds)
        for code, group in groups.items()
    ]
    return sorted(sections, key=_importance)


def _importance(section: Section) -> tuple[int, int, str]:
    production = sum(not entry.test for entry in section.entries)
    return -production, -len(section.entries), section.name


def _section(
    code: str, group: Sequence[Entry], reason: Reason | None, kinds: Mapping[str, str]
) -> Section:
    summary = reason.summary if reason else ""
    advice = reason.suggestion if reason else min(group).suggestion
    parts = _parts(group, kinds, lambda entry: without(summary, entry.message))
    return Section(code, summary, advice, tuple(group), parts, _commands(group))


def _commands(group: Iterable[Entry]) -> tuple[str, ...]:
    found = {
        f"deventlet apply --codemod {entry.codemod} --assume {entry.reason}"
        for entry in group
        if entry.verdict == "assume"
    }
    return tuple(sorted(found))


def _parts(
    group: Iterable[Entry], kinds: Mapping[str, str], say: Callable[[Entry], str]
) -> tuple[Part, ...]:
    """The cases, those together of which the same is said."""
    together: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(_cases(group, kinds), key=lambda case: case.order):
        words = say(case.entries[0])
        together["" if words == case.place else words].append(case)
    return tuple(Part(words, tuple(cases)) for words, cases in together.items())


def _cases(group: Iterable[Entry], kinds: Mapping[str, str]) -> list[Case]:
    same: dict[str, list[Entry]] = defaultdict(list)
    for entry in group:
        same[entry.subject].append(entry)
    return [_case(entries, kinds) for entries in same.values()]


def _case(entries: list[Entry], kinds: Mapping[str, str]) -> Case:
    """The site that makes the object is where all of the subject is shown."""
    ordered = sorted(entries, key=lambda entry: (_place(entry) != entry.subject, entry))
    maker = ordered[0]
    made = maker.site.form == "call" and _place(maker) == maker.subject
    return Case(tuple(ordered), kinds.get(maker.subject, "") if made else "")


def _kinds(found: Inventory) -> dict[str, str]:
    """The kinds of the objects that each place makes."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for each in found.objects:
        kinds[f"{each.path}:{each.line}"].add(each.kind)
    return {place: "/".join(sorted(names)) for place, names in kinds.items()}


def _place(entry: Entry) -> str:
    return f"{entry.site.path}:{entry.site.line}"


def rewritten(found: Inventory) -> dict[str, tuple[str, str]]:
    """By file, how many sites of which codemod go now, and how many with a caveat.

    Both are texts, the second empty for none. Imports that follow are not counted.
    """
    files: dict[str, list[Entry]] = defaultdict(list)
    for entry in found.entries:
        if entry.verdict == "rewrite" and not is_follower(entry):
            files[entry.site.path].append(entry)
    return {path: _gone(files[path]) for path in sorted(files)}


def _gone(entries: Sequence[Entry]) -> tuple[str, str]:
    counts = sorted(Counter(entry.codemod for entry in entries).items())
    known = sum(bool(entry.reason) for entry in entries)
    said = ", ".join(f"{name} {number:,}" for name, number in counts)
    return said, f"{known:,} with a caveat" if known else ""


# What else there is --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A file that names Eventlet, of which one thing is to be said.

    :param first: the first mention.
    :param lines: how many lines of the file.
    """

    first: Mention
    lines: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about some files of one kind."""

    kind: str
    words: str
    files: tuple[Named, ...]

    @property
    def is_history(self) -> bool:
        """Whether one line is enough for all of it."""
        return self.kind in _HISTORY

    @property
    def counts(self) -> str:
        """Such as ``11 files, 170 lines``."""
        lines = sum(each.lines for each in self.files)
        return f"{counted(len(self.files), 'file')}, {counted(lines, 'line')}"


def advised(mentions: Iterable[Mention]) -> list[Advice]:
    """What is outside of the code, once for each kind and advice.

    What has to change for the code to run is first, and history is last.
    """
    groups: dict[tuple[str, str], dict[str, list[Mention]]] = defaultdict(dict)
    for each in sorted(mentions):
        files = groups[each.kind, _SUMMED.sub("", each.advice)]
        files.setdefault(each.path, []).append(each)
    found = [
        Advice(
            *key, tuple(Named(same[0], sum(map(_lines, same))) for same in by.values())
        )
        for key, by in groups.items()
    ]
    return sorted(found, key=lambda a: (_rank(a.kind), a.kind, a.files[0].first))


def _lines(mention: Mention) -> int:
    """One mention may stand for all lines of its file, and then says how many."""
    summed = _SUMMED.search(mention.advice)
    return int(summed[1]) if summed else 1


def _rank(kind: str) -> int:
    for rank, kinds in enumerate((*((k,) for k in _KINDS), (), _LATE, _HISTORY)):
        if kind in kinds:
            return rank
    return len(_KINDS)


@dataclass(frozen=True, slots=True)
class Started:
    """Processes that patch and reach the same.

    :param sites: how many of stage A and of stage B each of them reaches.
    """

    labels: tuple[str, ...]
    kind: str
    patches: tuple[str, ...]
    sites: tuple[int, int]

    @property
    def name(self) -> str:
        """Such as ``nova-compute, nova-conductor and 4 more``."""
        return listed(self.labels)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is patched where Eventlet is used: a finding by itself."""
        return not self.patches and self.sites[0] > 0


def started(processes: Iterable[Process]) -> list[Started]:
    """The processes that reach sites, equal ones together; bare ones are first."""
    groups: dict[tuple[str, tuple[str, ...], tuple[int, int]], list[str]]
    groups = defaultdict(list)
    for each in processes:
        if any(each.sites):
            groups[each.kind, each.patches, each.sites].append(each.label)
    found = [Started(tuple(sorted(labels)), *key) for key, labels in groups.items()]
    return sorted(found, key=lambda s: (not s.is_bare, -sum(s.sites), s.labels))
