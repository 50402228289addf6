"""Counts what an inventory holds, for every format that shows numbers; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from deventlet.inventory import Entry, Traced

Outcome: TypeAlias = Literal["rewrite", "caveat", "assume", "refuse"]
OUTCOMES: tuple[Outcome, ...] = ("rewrite", "caveat", "assume", "refuse")
IMPORTS = "(imports)"
NO_CODEMOD = "(no codemod)"

_FOLLOWS = "import.follows"
_FOLLOWING = frozenset(
    {
        *("tpool.Proxy", "GreenSocket", "green.subprocess.Popen"),
        *("original", "import_patched", "eventletutils.Event"),
    }
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, how many of its sites end how, and why not all of them go.

    :param name: the codemod, or ``IMPORTS``, or ``NO_CODEMOD``.
    :param subjects: how many decisions the sites are.
    :param stages: how many sites are of which stage.
    :param reasons: code and count, the most frequent first.
    :param blocked: of stage B: how many sites come first (0 if that is not known)
        and the place of one; None if none does.
    """

    name: str
    outcomes: Counter[Outcome]
    subjects: int
    stages: Counter[str]
    reasons: tuple[tuple[str, int], ...]
    blocked: tuple[int, str] | None

    @property
    def codemod(self) -> str:
        """The name that a command takes; empty if there is none."""
        return "" if self.name in (IMPORTS, NO_CODEMOD) else self.name

    @property
    def order(self) -> tuple[bool, bool, bool, int, int, str]:
        """The order of work: stage A first, then what can go, then the largest."""
        late = self.stages["B"] > self.stages["A"]
        sites = self.outcomes.total()
        last = self.name == IMPORTS, not self.codemod
        return *last, late, -ready(self.outcomes), -sites, self.name


@dataclass(slots=True)
class Folder:
    """A folder and what its files and all below it hold."""

    name: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    folders: dict[str, Folder] = field(default_factory=dict)


def outcome(entry: Entry) -> Outcome:
    """The verdict, with a rewrite that has a caveat told apart."""
    return "caveat" if entry.verdict == "rewrite" and entry.reason else entry.verdict


def outcomes(entries: Iterable[Entry]) -> Counter[Outcome]:
    """How many sites end how."""
    return Counter(map(outcome, entries))


def ready(counts: Counter[Outcome]) -> int:
    """How many sites can go now."""
    return counts["rewrite"] + counts["caveat"]


def subjects(entries: Iterable[Entry]) -> int:
    """How many decisions the sites are: those of one subject change together."""
    return len({entry.subject for entry in entries})


def is_follower(entry: Entry) -> bool:
    """Whether a site is an import that goes with its last use: no decision at all.

    A codemod's own rewrite without caveat has no message.
    """
    if entry.site.form != "import":
        return False
    goes = entry.verdict == "rewrite" and not entry.reason
    return entry.reason == _FOLLOWS or (
        goes and bool(entry.message or not entry.codemod)
    )


def patterns(entries: Iterable[Entry]) -> list[Pattern]:
    """The patterns in the order of work; imports that follow their uses are last."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        name = IMPORTS if is_follower(entry) else entry.codemod or NO_CODEMOD
        groups[name].append(entry)
    found = (_pattern(name, group) for name, group in groups.items())
    return sorted(found, key=lambda pattern: pattern.order)


def _pattern(name: str, group: Sequence[Entry]) -> Pattern:
    return Pattern(
        name,
        outcomes(group),
        subjects(group),
        Counter(entry.stage for entry in group),
        frequent(entry.reason for entry in group if entry.reason),
        _blocked(group),
    )


def _blocked(group: Iterable[Entry]) -> tuple[int, str] | None:
    """What the site says that has the most to wait for."""
    waiting = [(-e.before, e.blocked_by[0]) for e in group if e.blocked_by]
    number, place = min(waiting, default=(0, ""))
    return (-number, place) if place else None


def command(entries: Iterable[Entry]) -> str:
    """What to run next: a codemod that can go, else one that waits for a word.

    Empty if neither is there.
    """
    found = [pattern for pattern in patterns(entries) if pattern.codemod]
    for pattern in found:
        if ready(pattern.outcomes):
            return f"deventlet apply --codemod {pattern.codemod} --dry-run"
    waiting = frequent(
        f"deventlet apply --codemod {e.codemod} --assume {e.reason} --dry-run"
        for e in entries
        if e.verdict == "assume"
    )
    return waiting[0][0] if waiting else ""


def frequent(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each word with its count, the most frequent first."""
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))


def main_of(words: Sequence[tuple[str, int]]) -> str:
    """The most frequent word with its count, and how many others there are."""
    if not words:
        return ""
    more = len(words) - 1
    kinds = f", +{more} more kind{'' if more == 1 else 's'}" if more else ""
    return f"{words[0][0]} {words[0][1]:,}{kinds}"


def objects(
    found: Iterable[Traced],
) -> tuple[list[tuple[str, list[Traced]]], tuple[tuple[str, int], ...]]:
    """Objects by kind, the most frequent first: one for each place that makes them.

    Kinds whose objects stay as they are when the code is migrated (they change with
    an import, or with what wraps them) are only counted, behind the others.
    """
    places = {(each.path, each.line, each.kind): each for each in sorted(found)}
    groups: dict[str, list[Traced]] = defaultdict(list)
    for each in places.values():
        groups[each.kind].append(each)
    order = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    changing = [item for item in order if not _follows(item[0])]
    return changing, tuple((kind, len(g)) for kind, g in order if _follows(kind))


def _follows(kind: str) -> bool:
    return kind in _FOLLOWING or kind.startswith("green.threading.")


def folders(entries: Sequence[Entry]) -> Folder:
    """The tree of folders that hold sites, from the root of the project."""
    root = Folder("")
    for entry in entries:
        here = root
        here.outcomes[outcome(entry)] += 1
        for name in entry.site.path.split("/")[:-1]:
            here = here.folders.setdefault(name, Folder(name))
            here.outcomes[outcome(entry)] += 1
    return root


def collapsed(folder: Folder) -> Folder:
    """The folder, joined with the only one that it holds all its sites in."""
    while len(folder.folders) == 1:
        (child,) = folder.folders.values()
        if child.outcomes != folder.outcomes:
            break
        name = f"{folder.name}/{child.name}" if folder.name else child.name
        folder = Folder(name, child.outcomes, child.folders)
    return folder
