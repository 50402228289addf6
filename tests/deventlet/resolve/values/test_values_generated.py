"""Objects that are handed around at random are followed, or said to escape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.deventlet.resolve.values.found import (
    Found,
    analyse,
    objects_not_found,
    unknown_uses,
    uses_that_never_happened,
)
from tests.deventlet.resolve.values.generated import (
    HOPS,
    KINDS,
    MAY_ESCAPE,
    Journey,
    journeys,
    write,
)
from tests.support.tracing import Trace, trace_programs

GREEN = [made for made in KINDS if made != "Decoy()"]
TOGETHER = 12
"""Programs that are run in one go: starting an interpreter costs the most."""

# Not made smaller when one fails: each attempt would start an interpreter, and a
# program that fails is shown alone and is short.
several = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


Programs = dict[str, dict[str, bytes]]

ALONE: Programs = {
    f"{hop} {made} {inside}": write(((made, ((hop, 0), (hop, 1))),), inside)
    for hop in HOPS
    for made in GREEN[:2]
    for inside in (False, True)
}


@pytest.fixture(scope="module")
def alone() -> dict[str, Trace]:
    """What happens where each hop is made twice."""
    return trace_programs(ALONE)


@pytest.mark.parametrize("name", list(ALONE))
def test_each_hop_is_followed_or_said_to_escape(
    name: str, alone: dict[str, Trace]
) -> None:
    _check(ALONE[name], alone[name], alone=True)


@pytest.mark.parametrize("hop", sorted(set(HOPS) - MAY_ESCAPE))
def test_a_common_hop_is_followed(hop: str) -> None:
    found = analyse(write((("event.Event()", ((hop, 0), (hop, 1))),), inside=True))
    (thing,) = [thing for thing in found.things if thing.kind == "Event"]
    assert not thing.escapes
    assert {"ready", "has_result"} <= {name for _, _, name, _ in thing.members}


@pytest.mark.parametrize("hop", ["name", "list", "used elsewhere", "base"])
def test_the_comparison_misses_each_use_that_is_left_out(
    hop: str, alone: dict[str, Trace]
) -> None:
    name = f"{hop} event.Event() True"
    found = analyse(ALONE[name])
    (thing,) = [thing for thing in found.things if thing.kind == "Event"]
    assert thing.members
    for member in thing.members:
        rest = tuple(each for each in thing.members if each != member)
        assert list(unknown_uses(alone[name], Found((replace(thing, members=rest),))))
    assert list(objects_not_found(alone[name], Found(())))
    other = replace(thing, kind="Queue")
    invented = list(uses_that_never_happened(alone[name], Found((other,))))
    assert len(invented) == len(thing.members)


def _check_all(programs: Programs, alone: bool) -> None:
    for name, trace in trace_programs(programs).items():
        _check(programs[name], trace, alone)


def _check(contents: dict[str, bytes], trace: Trace, alone: bool) -> None:
    """No use is missing; and none is invented where one object is on its own."""
    text = "\n\n".join(part.decode() for part in contents.values())
    assert not trace.error, f"{text}\n{trace.error}"
    found = analyse(contents)
    wrong = [*objects_not_found(trace, found), *unknown_uses(trace, found)]
    if alone:
        wrong += uses_that_never_happened(trace, found)
    assert not wrong, "\n".join([*wrong, text])


@several
@given(
    st.lists(st.tuples(journeys(GREEN), st.booleans()), min_size=1, max_size=TOGETHER)
)
def test_an_object_on_its_own_is_followed_or_escapes(
    travels: list[tuple[Journey, bool]],
) -> None:
    _check_all(
        {
            str(number): write((journey,), inside)
            for number, (journey, inside) in enumerate(travels)
        },
        alone=True,
    )


@several
@given(
    st.lists(
        st.tuples(
            st.lists(journeys(list(KINDS)), min_size=2, max_size=3).map(tuple),
            st.booleans(),
        ),
        min_size=1,
        max_size=TOGETHER,
    )
)
def test_objects_that_meet_are_followed_or_escape(
    travels: list[tuple[tuple[Journey, ...], bool]],
) -> None:
    _check_all(
        {
            str(number): write(together, inside)
            for number, (together, inside) in enumerate(travels)
        },
        alone=False,
    )
