"""Composed programs keep every promise: past failures first, then a few of each kind.

``python -m benchmarks.fuzz --minutes 60`` tries others for as long as one likes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz import holds
from tests.fuzz.programs import CONFIGS, Program, both_ways, programs
from tests.pages import read_programs
from tests.support.tool import VARIANTS

CORPUS = (Path(__file__).parent / "corpus.md").read_text(encoding="utf-8")
PAST = {
    program.name: dict(program.files) for program in read_programs("corpus", CORPUS)
}
few = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.mark.parametrize("name", PAST)
def test_past_failure_stays_away(name: str) -> None:
    other = [*VARIANTS][[*PAST].index(name) % len(VARIANTS)]
    for number, config in enumerate(sorted(set(CONFIGS))):
        holds.check(Program(PAST[name], "plain" if number else other, config, number))


@pytest.mark.parametrize("name", [name for name in PAST if "both ways" in name])
def test_past_failure_of_both_ways_stays_away(name: str) -> None:
    holds.check(both_ways(Program(PAST[name], "plain", "", 0)))


@few
@given(programs())
def test_every_promise_is_kept(program: Program) -> None:
    holds.check(program)


@settings(few, max_examples=10)
@given(programs().map(both_ways))
def test_every_promise_is_kept_where_it_runs_both_ways(program: Program) -> None:
    holds.check(program)
