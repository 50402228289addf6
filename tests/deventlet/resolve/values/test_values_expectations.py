"""Running the programs shows that what their comments expect is what happens.

This needs no analysis: it keeps the expectations honest.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.deventlet.resolve.values.expected import (
    ExpectationError,
    Expected,
    every_program,
    read,
    runnable,
)
from tests.pages import Program
from tests.support.tracing import Trace, trace_programs

PROGRAMS = runnable()


@cache
def traces() -> dict[str, Trace]:
    """What happened in each program."""
    return trace_programs({program.name: program.contents for program in PROGRAMS})


def each_program() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "program", PROGRAMS, ids=[program.name for program in PROGRAMS]
    )


def test_names_of_programs_are_unique() -> None:
    names = [program.name for program in every_program()]
    assert len(names) == len(set(names)) >= 90


@pytest.mark.parametrize(
    "comment", ["Event", "Event.wait!", "escapes: passed", "value.passed", "soon"]
)
def test_a_comment_that_is_not_understood_is_an_error(comment: str) -> None:
    program = Program("x", (("main.py", f"x = 1  # {comment}\n"),))
    with pytest.raises(ExpectationError):
        read("x", program)


@each_program()
def test_a_program_runs_to_its_end(program: Expected) -> None:
    assert traces()[program.name].error == ""


@each_program()
def test_each_use_that_happens_is_expected(program: Expected) -> None:
    """Once something escapes, a later use of it need not be known."""
    trace = traces()[program.name]
    unexpected = [
        f"{use.path}:{use.line} {member}"
        for use in trace.used
        if use.own and trace.kind(use)
        for member in [f"{trace.kind(use)}.{use.member}"]
        if not any(
            member in line.members for line in program.readings(use.path, use.line)
        )
    ]
    assert not unexpected or program.escaping, unexpected


@each_program()
def test_each_use_that_is_expected_happens(program: Expected) -> None:
    """Lines that never ran, and members that nobody asked for, prove nothing."""
    trace = traces()[program.name]
    seen = {
        (use.path, use.line, f"{trace.kind(use)}.{use.member}") for use in trace.used
    }
    asked = {(use.path, use.line, use.member) for use in trace.used}
    wrong = [
        f"{path}:{number} {member}"
        for (path, number), readings in program.lines.items()
        for member in frozenset.intersection(*(line.members for line in readings))
        if (path, number, member.rpartition(".")[2]) in asked
        and (path, number, member) not in seen
    ]
    assert not wrong


@each_program()
def test_each_object_that_is_expected_is_made(program: Expected) -> None:
    trace = traces()[program.name]
    made = {(made.path, made.line, made.kind) for made in trace.made}
    missing = [
        f"{path}:{number} {kind}"
        for (path, number), readings in program.lines.items()
        for line in readings
        for kind, how in line.made
        if how not in ("caught", "annotated", "subclass")
        if (path, number, kind) not in made
    ]
    assert not missing
