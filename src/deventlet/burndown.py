"""How much Eventlet a repository had, and when: plain data for charts and reports.

What a *use* is says :mod:`deventlet.uses`. It holds data only, and imports nothing
that reads files or decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

Place: TypeAlias = Literal["production", "tests", "shim"]
Step: TypeAlias = Literal["week", "month", "tag", "commit"]

PLACES: tuple[Place, ...] = ("production", "tests", "shim")
_Key = TypeVar("_Key", bound=str)


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """Uses of one name in one part of the code.

    :param place: ``shim`` for the files of the project's own wrapper.
    :param pattern: the codemod that the name belongs to, ``none`` if to none.
    :param kind: ``use`` of a name in code, or target of a ``mock``.
    :param api: the canonical name.
    """

    place: Place
    pattern: str
    kind: Literal["use", "mock"]
    api: str
    uses: int


@dataclass(frozen=True)
class Point:
    """The repository at one commit.

    :param label: the ISO week, the month, the tag, or the start of the commit's id.
    :param date: ISO date of the step, in UTC; of a week its last day, or the day of
        the last commit if that comes first.
    :param commit: the whole id.
    :param counts: in order; nothing is there for what is not used.
    :param through: uses of the project's own wrappers, outside of their files.
    :param imports: imports of Eventlet's names and packages, which are no uses.
    :param files: Python files with a use.
    :param grep: lines with the word, in any case, of all files but release notes.
    :param unread: Python files that have the word and cannot be parsed; what they
        use is not counted.
    """

    label: str
    date: str
    commit: str
    counts: tuple[Count, ...]
    through: int
    imports: int
    files: int
    grep: int
    unread: int

    @cached_property
    def uses(self) -> int:
        """All uses together."""
        return sum(count.uses for count in self.counts)

    @property
    def mocks(self) -> int:
        """Those that are targets of mocks."""
        return sum(count.uses for count in self.counts if count.kind == "mock")

    def by_place(self) -> dict[Place, int]:
        """Uses in each part of the code, none left out."""
        found = _sums((count.place, count.uses) for count in self.counts)
        return {place: found.get(place, 0) for place in PLACES}

    def by_pattern(self, place: Place | None = None) -> dict[str, int]:
        """Uses of each pattern there is, sorted; in one part of the code or in all."""
        wanted = (c for c in self.counts if place is None or c.place == place)
        return _sums((count.pattern, count.uses) for count in wanted)

    def by_name(self) -> dict[str, int]:
        """Uses of each of Eventlet's names, sorted."""
        return _sums((count.api, count.uses) for count in self.counts)


@dataclass(frozen=True)
class InFlight:
    """A change that is proposed and not merged.

    :param name: the branch, or the file of patches.
    :param patches: how many commits or files of patches it is.
    :param removes: uses that go with it, by pattern; negative if there will be more.
    """

    name: str
    patches: int
    removes: Mapping[str, int]

    @property
    def uses(self) -> int:
        """How many uses go with it."""
        return sum(self.removes.values())


@dataclass(frozen=True)
class Burndown:
    """The way of a repository, oldest point first.

    :param begins_late: whether the clone has no history before its first point.
    :param missing: files of which the clone lacks some content; nothing in that is
        counted.
    :param copies: folders that hold Eventlet itself at some point; not counted either.
    """

    project: str
    step: Step
    points: tuple[Point, ...]
    in_flight: tuple[InFlight, ...] = ()
    begins_late: bool = False
    missing: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """Every pattern that there is at some point: the commonest first."""
        every: Counter[str] = Counter()
        for point in self.points:
            every.update(point.by_pattern())
        return tuple(sorted(every, key=lambda name: (-every[name], name)))

    @property
    def flying(self) -> int:
        """Uses that go with all that is in flight."""
        return sum(each.uses for each in self.in_flight)


def _sums(pairs: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    found: Counter[_Key] = Counter()
    for key, number in pairs:
        found[key] += number
    return dict(sorted(found.items()))
