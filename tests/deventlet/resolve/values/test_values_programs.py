"""The value analysis against the programs: as their readers say, and as they run.

*As read*: each line's members and escapes are those that its comment expects. *As
run*: of each object that a run made and used, every use is known, or the object is
said to escape; and what the analysis says of a line that ran is what happened there.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.deventlet.resolve.values.expected import (
    Expected,
    every_program,
    runnable,
)
from tests.deventlet.resolve.values.found import (
    Found,
    analyse,
    fits,
    objects_not_found,
    objects_not_made,
    unknown_uses,
    uses_that_never_happened,
)
from tests.support.tracing import Trace, trace_programs

EVERY = {program.name: program for program in every_program()}
RUN = {program.name: program for program in runnable()}

each_program = pytest.mark.parametrize("name", list(EVERY))
each_run = pytest.mark.parametrize("name", list(RUN))


@cache
def found(name: str) -> Found:
    """What the analysis says of a program."""
    return analyse(EVERY[name].contents)


@pytest.fixture(scope="module")
def traces() -> dict[str, Trace]:
    """What happened in each program."""
    return trace_programs({name: program.contents for name, program in RUN.items()})


@each_program
def test_a_program_is_read_as_its_comments_say(name: str) -> None:
    differences = list(_differences(EVERY[name], found(name)))
    assert not differences, "\n".join(differences)


def _differences(program: Expected, said: Found) -> list[str]:
    differences = []
    for path, text in program.program.files:
        for number, source in enumerate(text.splitlines(), start=1):
            line = said.line(path, number)
            if not any(fits(line, each) for each in program.readings(path, number)):
                what = [*sorted(line.members), *sorted(line.escapes)]
                made = [f"makes {' '.join(one)}" for one in sorted(line.made)]
                differences.append(f"{path}:{number}: {source}\n  not {what + made}")
    return differences


@pytest.mark.parametrize("name", [name for name in EVERY if "-Mixed_" in name])
def test_what_may_be_something_else_is_said_to_be_mixed(name: str) -> None:
    """Where that is said, at the use or where they meet, is left open."""
    reasons = {reason for each in found(name).things for *_, reason in each.escapes}
    assert "value.mixed" in reasons


@each_run
def test_each_object_that_is_made_is_found(name: str, traces: dict[str, Trace]) -> None:
    assert not list(objects_not_found(traces[name], found(name)))


@each_run
def test_each_object_that_is_found_is_made(name: str, traces: dict[str, Trace]) -> None:
    assert not list(objects_not_made(traces[name], found(name)))


@each_run
def test_each_use_is_known_or_its_object_escapes(
    name: str, traces: dict[str, Trace]
) -> None:
    assert not list(unknown_uses(traces[name], found(name)))


@each_run
def test_each_use_that_is_said_happens(name: str, traces: dict[str, Trace]) -> None:
    assert not list(uses_that_never_happened(traces[name], found(name)))


@each_run
def test_the_order_of_files_changes_nothing(name: str) -> None:
    contents = EVERY[name].contents
    again = analyse(dict(reversed(list(contents.items()))))
    assert again == found(name)
