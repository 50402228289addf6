"""The smallest failing set: what is found, and in how many runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deventlet.verify.search import smallest_failing


class Asked:
    """A change that fails if it has all items of one of the sets."""

    def __init__(self, *culprits: frozenset[int]) -> None:
        self.culprits = culprits
        self.runs = 0

    def fails(self, parts: Sequence[list[int]]) -> bool:
        """Of the first; the others are what may be asked next."""
        self.runs += 1
        self.likely = parts[1:]
        return self.some_fail(parts[0])

    def some_fail(self, some: Sequence[int]) -> bool:
        assert list(some) == sorted(some)
        return any(each <= frozenset(some) for each in self.culprits)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40, 100])
def test_one_culprit_is_found_by_halving(count: int) -> None:
    for culprit in range(count):
        asked = Asked(frozenset({culprit}))
        assert smallest_failing(range(count), asked.fails) == [culprit]
        assert asked.runs <= math.ceil(math.log2(count)) + 1


@settings(deadline=None)
@given(st.integers(1, 30), st.data())
def test_what_is_found_fails_and_nothing_of_it_can_be_left_out(
    count: int, data: st.DataObject
) -> None:
    numbers = st.frozensets(st.integers(0, count - 1), min_size=1, max_size=4)
    asked = Asked(*data.draw(st.lists(numbers, min_size=1, max_size=3)))
    found = smallest_failing(range(count), asked.fails)
    assert asked.some_fail(found)
    for each in found if len(found) > 1 else ():
        assert not asked.some_fail([other for other in found if other != each])


def test_two_that_fail_only_together_are_both_named() -> None:
    asked = Asked(frozenset({3, 31}))
    assert smallest_failing(range(40), asked.fails) == [3, 31]


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(2, 5), st.data())
def test_looking_ahead_finds_the_same(
    count: int, ahead: int, data: st.DataObject
) -> None:
    numbers = st.frozensets(st.integers(0, count - 1), min_size=1, max_size=4)
    asked = Asked(*data.draw(st.lists(numbers, min_size=1, max_size=3)))
    alone = smallest_failing(range(count), asked.fails)
    assert smallest_failing(range(count), asked.fails, ahead) == alone


def test_with_three_at_once_every_second_answer_is_there_already() -> None:
    known: list[list[int]] = []
    batches = 0

    def fails(parts: Sequence[list[int]]) -> bool:
        nonlocal batches
        if parts[0] not in known:
            batches += 1
            known.extend(parts)
        return 37 in parts[0]

    assert smallest_failing(range(64), fails, 3) == [37]
    assert batches == 4  # of seven answers, in pairs
