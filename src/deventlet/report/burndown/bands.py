"""What the bars of a burn-down are made of, whatever draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from deventlet.burndown import PLACES, Burndown, Point

By: TypeAlias = Literal["place", "pattern"]

MOST_PATTERNS = 6
"""Patterns that have a band of their own; the others are one together."""


@dataclass(frozen=True, slots=True)
class Band:
    """One part of every bar, the lowest first.

    :param values: one for each point.
    """

    name: str
    values: tuple[int, ...]


def bands(found: Burndown, by: By) -> tuple[Band, ...]:
    """The parts, without those that are always empty."""
    if by == "place":
        every = [Band(p, tuple(x.by_place()[p] for x in found.points)) for p in PLACES]
        return tuple(band for band in every if any(band.values))
    shown, rest = found.patterns[:MOST_PATTERNS], found.patterns[MOST_PATTERNS:]
    own = [Band(pattern_name(n), _values(found.points, [n])) for n in shown]
    if rest:
        own.append(Band(f"{len(rest)} others", _values(found.points, rest)))
    return tuple(own)


def pattern_name(pattern: str) -> str:
    """A pattern as people read it, as in the table of ``scan``."""
    return "(no codemod)" if pattern == "none" else pattern


def _values(points: Sequence[Point], names: Sequence[str]) -> tuple[int, ...]:
    """How many uses of some patterns there are at each point."""
    every = (point.by_pattern() for point in points)
    return tuple(sum(found.get(name, 0) for name in names) for found in every)


def thinned(number: int, most: int) -> list[int]:
    """At most so many of the positions from 0 on, evenly, the first and the last in it.

    >>> thinned(9, 3)
    [0, 4, 8]
    """
    if number <= most:
        return list(range(number))
    return [round(step * (number - 1) / (most - 1)) for step in range(most)]


def stepped(number: int, most: int) -> list[int]:
    """At most so many of the positions from 0 on, equally far apart, up to the last.

    >>> stepped(10, 4)
    [0, 3, 6, 9]
    """
    step = max(-(-number // most), 1)
    return list(range((number - 1) % step, number, step)) if number else []


def only(found: Burndown, shown: Sequence[int]) -> Burndown:
    """The same with some of its points."""
    return replace(found, points=tuple(found.points[each] for each in shown))


def ceiling(highest: int) -> tuple[int, int]:
    """The top of an axis and the step of its ticks, round numbers both.

    >>> ceiling(163)
    (200, 50)
    """
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * 5 >= highest:
                ticks = -(-highest // (step * factor))
                return max(ticks, 1) * step * factor, step * factor
        step *= 10
