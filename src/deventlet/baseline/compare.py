"""Compares what there is with what is accepted; pure but for the files it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deventlet.baseline.file import Baseline
from deventlet.baseline.measure import IMPORT, Marked, Measured
from deventlet.growth import Checked, Growth, Spot
from deventlet.report.text import encodable

_Looks = tuple[str, str]
"""Pattern and fingerprint."""


@dataclass(frozen=True)
class Asked:
    """What to hold files against.

    :param banned: patterns, or Eventlet's names, that are to have no use.
    :param look: measures one more file of the baseline; None if it is not there.
    """

    baseline: Baseline
    banned: frozenset[str] = frozenset()
    look: Callable[[str], Measured | None] = lambda path: None


def check(measured: Sequence[Measured], asked: Asked) -> Checked:
    """Whether there is more than is accepted, and where.

    :param measured: the files that are asked about.
    """
    grown = [growth for each in measured for growth in _grown(each, asked.baseline)]
    if grown:
        grown = list(_without_moves(grown, measured, asked))
    return Checked(
        tuple(_told(grown, asked.banned)),
        tuple(_banned(measured, asked.banned)),
        tuple(sorted(comment for each in measured for comment in each.comments)),
        sum(use.spot.pattern != IMPORT for each in measured for use in each.uses),
        sum(_accepted(asked.baseline, each.path) for each in measured),
        {each.path: each.problem for each in measured if each.problem is not None},
    )


def _accepted(baseline: Baseline, path: str) -> int:
    prints = baseline.prints(path)
    return sum(looks.total() for name, looks in prints.items() if name != IMPORT)


@dataclass(slots=True)
class _Candidate:
    """A file with more of a pattern than it may have."""

    path: str
    pattern: str
    was: int
    now: int
    new: list[Marked]
    moved: int = 0

    @property
    def more(self) -> int:
        return self.now - self.was - self.moved


def _grown(measured: Measured, baseline: Baseline) -> Iterator[_Candidate]:
    """The patterns of a file that are more."""
    accepted = baseline.prints(measured.path)
    for pattern, looks in sorted(measured.prints().items()):
        known = accepted.get(pattern, Counter())
        if looks.total() > known.total():
            own = [use for use in measured.uses if use.spot.pattern == pattern]
            new = list(_beyond(own, known))
            yield _Candidate(measured.path, pattern, known.total(), looks.total(), new)


def _beyond(uses: Iterable[Marked], known: Counter[str]) -> Iterator[Marked]:
    """The uses whose look is not known, or known fewer times."""
    left = Counter(known)
    for use in uses:
        if left[use.fingerprint] > 0:
            left[use.fingerprint] -= 1
        else:
            yield use


@dataclass
class _Gone:
    """The uses that left their files: as many of each look as may come back."""

    looks: Counter[_Looks] = field(default_factory=Counter)

    def add(self, accepted: Mapping[str, Counter[str]], now: Measured | None) -> None:
        """Note what one file had and has no more, if it has fewer."""
        there = now.prints() if now is not None else {}
        for pattern, looks in accepted.items():
            left = there.get(pattern, Counter())
            fewer = looks.total() - left.total()
            for look in sorted((looks - left).elements())[: max(fewer, 0)]:
                self.looks[pattern, look] += 1

    def take(self, use: Marked) -> bool:
        """Whether a use came from somewhere; it can only come once."""
        key = use.spot.pattern, use.fingerprint
        self.looks[key] -= 1
        return self.looks[key] >= 0


def _without_moves(
    grown: Sequence[_Candidate], measured: Sequence[Measured], asked: Asked
) -> Iterator[_Candidate]:
    """What is left once uses that came from another file are taken out."""
    gone = _Gone()
    here = {encodable(each.path): each for each in measured}
    for path in sorted(asked.baseline.files):
        now = here[path] if path in here else asked.look(path)
        if now is None or now.problem is None:
            gone.add(asked.baseline.prints(path), now)
    for each in grown:
        stayed = []
        for use in each.new:
            if each.more > 0 and gone.take(use):
                each.moved += 1
            else:
                stayed.append(use)
        each.new = stayed
        if each.more > 0:
            yield each


def _told(grown: Iterable[_Candidate], banned: frozenset[str]) -> Iterator[Growth]:
    """What nothing else says: no import that came with a use, and nothing banned."""
    every = list(grown)
    with_uses = {each.path for each in every if each.pattern != IMPORT}
    for each in every:
        beside = each.pattern == IMPORT and each.path in with_uses
        if not beside and each.pattern not in banned:
            spots = tuple(use.spot for use in each.new)
            yield Growth(each.path, each.pattern, each.was, each.now, each.moved, spots)


def _banned(measured: Iterable[Measured], banned: frozenset[str]) -> Iterator[Spot]:
    for each in measured:
        for use in each.uses:
            if use.spot.pattern in banned or _is_named(use.spot.api, banned):
                yield use.spot


def _is_named(api: str, banned: frozenset[str]) -> bool:
    return any(api == name or api.startswith(f"{name}.") for name in banned)
