"""What the codemods leave behind does what was there before, in both worlds.

Every page under ``behaviour`` that is named like a codemod holds programs. Each is run
under Eventlet as it stands, then rewritten, under Eventlet with everything patched and
without it; output, status and complaints must be the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from deventlet.registry import pages
from tests.pages import Case, File, Program, read_programs
from tests.support.tool import Rewritten, rewrite
from tests.support.worlds import Ran, run_programs

PAGES = Path(__file__).parent / "behaviour"
LEAST = 8
PROGRAMS = {
    f"{name}: {program.name}": (name, program)
    for name in pages()
    if (page := PAGES / f"{name.replace('-', '_')}.md").exists()
    for program in read_programs(name, page.read_text(encoding="utf-8"))
}

each_program = pytest.mark.parametrize(
    "key", PROGRAMS, ids=lambda key: key.replace(" ", "_")
)


def rewritten(codemod: str, program: Program) -> Rewritten:
    """The files of a program before and after one codemod."""
    files = tuple(File(path, text, text) for path, text in program.files)
    return rewrite(Case(codemod, program.name, 1, files))


@cache
def results() -> Mapping[str, Rewritten]:
    """Every program, rewritten."""
    return {key: rewritten(*each) for key, each in PROGRAMS.items()}


@cache
def ran(state: str, world: str) -> Mapping[str, Ran]:
    """Every program in one world, as it stands or rewritten."""
    files = {key: getattr(each, state) for key, each in results().items()}
    return run_programs("green" if world == "green" else "native", files)


@each_program
def test_program_is_rewritten_whole(key: str) -> None:
    each = results()[key]
    assert b"eventlet" in b"".join(each.before.values())
    assert b"eventlet" not in b"".join(each.after.values())


@each_program
def test_program_does_the_same_while_patched(key: str) -> None:
    before, after = ran("before", "green")[key], ran("after", "green")[key]
    assert before.stdout
    assert after.behaviour == before.behaviour, after.stderr


@each_program
def test_program_does_the_same_without_eventlet(key: str) -> None:
    before, after = ran("before", "green")[key], ran("after", "native")[key]
    assert after.behaviour == before.behaviour, after.stderr


@pytest.mark.parametrize("name", sorted({name for name, _ in PROGRAMS.values()}))
def test_there_are_programs_enough(name: str) -> None:
    assert sum(each == name for each, _ in PROGRAMS.values()) >= LEAST


@pytest.mark.parametrize("name", ["sleep", "green-imports"])
def test_there_are_programs_of_every_kind(name: str) -> None:
    """Some end well, some with a status of their own, some with a traceback."""
    ours = [key for key, (each, _) in PROGRAMS.items() if each == name]
    found = [ran("before", "green")[key] for key in ours]
    assert {each.status for each in found} == {0, 1, 3}
    assert {"Traceback" in each.stderr for each in found} == {True, False}
