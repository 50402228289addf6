"""The smallest part of a change that still fails, in few runs; knows no tests.

A search is a generator that asks about one part after the other and is sent whether it
fails. As it follows from the answers alone, what it may ask next can be looked up for
either answer, and found out at the same time; the result is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

T = TypeVar("T")
Search = Generator[list[T], bool, list[T]]
Fails = Callable[[Sequence[list[T]]], bool]


def smallest_failing(items: Sequence[T], fails: Fails[T], ahead: int = 1) -> list[T]:
    """Items that fail together, of which none can be left out.

    :param items: fail as a whole.
    :param fails: whether the first of some parts fails without the other items; the
        rest are those that are likely to be asked about next.
    :param ahead: how many parts it is given at the most.
    """
    answers: list[bool] = []
    while True:
        asked, found = _after(items, answers)
        if asked is None:
            return found
        answers.append(fails(_likely(items, answers, ahead)))


def _likely(items: Sequence[T], answers: Sequence[bool], most: int) -> list[list[T]]:
    """What is asked after some answers, and what may be asked after that."""
    found: list[list[T]] = []
    known = deque([[*answers]])
    while known and len(found) < most:
        first = known.popleft()
        asked, _ = _after(items, first)
        if asked is not None:
            found.append(asked)
            known.extend(([*first, True], [*first, False]))
    return found


def _after(
    items: Sequence[T], answers: Sequence[bool]
) -> tuple[list[T] | None, list[T]]:
    """What is asked after some answers, or None and the result."""
    search = _search(items)
    try:
        asked = next(search)
        for answer in answers:
            asked = search.send(answer)
    except StopIteration as end:
        return None, end.value
    return asked, []


def _search(items: Sequence[T]) -> Search[T]:
    """One culprit, the usual case, is found by halving: of 40 items in 6 runs.

    One more confirms it. Only if that does not hold, because it takes several to fail,
    the rest is narrowed down by delta debugging (Zeller, 1999).
    """
    found = yield from _halved(items)
    if len(items) == 1 or (yield found):
        return found
    return (yield from _reduced(list(items)))


def _halved(items: Sequence[T]) -> Search[T]:
    """The one item that fails, if there is one."""
    rest = list(items)
    while len(rest) > 1:
        middle = len(rest) // 2
        rest = rest[:middle] if (yield rest[:middle]) else rest[middle:]
    return rest


def _reduced(items: list[T]) -> Search[T]:
    """Leave out parts, then smaller ones, as long as what remains still fails."""
    parts = 2
    while len(items) > 1:
        size = -(-len(items) // parts)
        chunks = [items[at : at + size] for at in range(0, len(items), size)]
        smaller = yield from _first(chunks)
        if smaller:
            items, parts = smaller, 2
            continue
        smaller = yield from _first(
            [[e for e in items if e not in chunk] for chunk in chunks]
        )
        if smaller:
            items, parts = smaller, max(parts - 1, 2)
        elif parts >= len(items):
            break
        else:
            parts = min(parts * 2, len(items))
    return items


def _first(candidates: Sequence[list[T]]) -> Search[T]:
    """The first of them that fails; empty if none does."""
    for each in candidates:
        if each and (yield each):
            return each
    return []
