"""The smallest part of a change that still fails, in few runs; knows no tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Fails = Callable[[Sequence[T]], bool]


def smallest_failing(items: Sequence[T], fails: Fails[T]) -> list[T]:
    """Items that fail together, of which none can be left out.

    One culprit, the usual case, is found by halving: of 40 items in 6 runs, and one
    more that confirms it. Only if that does not hold, because it takes several to
    fail, the rest is narrowed down by delta debugging (Zeller, 1999).

    :param items: fail as a whole.
    :param fails: whether some of the items, in their order, fail without the others.
    """
    found = _halved(items, fails)
    if len(items) == 1 or fails(found):
        return found
    return _reduced(list(items), fails)


def _halved(items: Sequence[T], fails: Fails[T]) -> list[T]:
    """The one item that fails, if there is one."""
    rest = list(items)
    while len(rest) > 1:
        middle = len(rest) // 2
        rest = rest[:middle] if fails(rest[:middle]) else rest[middle:]
    return rest


def _reduced(items: list[T], fails: Fails[T]) -> list[T]:
    """Leave out parts, then smaller ones, as long as what remains still fails."""
    parts = 2
    while len(items) > 1:
        size = -(-len(items) // parts)
        chunks = [items[at : at + size] for at in range(0, len(items), size)]
        smaller = next((each for each in chunks if fails(each)), None)
        if smaller is not None:
            items, parts = smaller, 2
            continue
        without = [[e for e in items if e not in chunk] for chunk in chunks]
        smaller = next((rest for rest in without if rest and fails(rest)), None)
        if smaller is not None:
            items, parts = smaller, max(parts - 1, 2)
        elif parts >= len(items):
            break
        else:
            parts = min(parts * 2, len(items))
    return items
