"""What ``greenpool`` leaves behind does what the pools did, with each executor.

The programs of ``behaviour/pools.md`` and what else its page cannot show.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.pages import Case, File, read_programs
from tests.support.tool import Rewritten, rewrite
from tests.support.worlds import Ran, World, run_programs

PAGE = Path(__file__).parent / "behaviour" / "pools.md"
PROGRAMS = {each.name: each for each in read_programs("pools", PAGE.read_text("utf-8"))}
ASSUMED = 'assume = ["process-patched"]\n'
EXECUTORS = {
    "green": "",
    "standard": f'executor = "concurrent.futures.ThreadPoolExecutor"\n{ASSUMED}',
}
WORLDS: list[tuple[str, World]] = [
    ("green", "green"),
    ("standard", "green"),
    ("standard", "native"),
]
WITHOUT_SIZE = frozenset({"An empty pile"})
"""Programs whose default size no native executor gets."""

each_program = pytest.mark.parametrize(
    "name", PROGRAMS, ids=lambda name: name.replace(" ", "_")
)


@cache
def rewritten(executor: str) -> Mapping[str, Rewritten]:
    """Every program, rewritten for one executor."""
    config = EXECUTORS[executor] or None
    return {
        name: rewrite(
            Case(
                "greenpool",
                name,
                1,
                tuple(File(path, text, text) for path, text in program.files),
                config,
            )
        )
        for name, program in PROGRAMS.items()
    }


@cache
def before(world: World) -> Mapping[str, Ran]:
    """Every program as it stands."""
    return run_programs(world, {n: r.before for n, r in rewritten("green").items()})


@cache
def after(executor: str, world: World) -> Mapping[str, Ran]:
    """Every program with one executor."""
    return run_programs(
        world,
        {
            name: each.after
            for name, each in rewritten(executor).items()
            if executor == "green" or name not in WITHOUT_SIZE
        },
    )


@pytest.mark.parametrize("executor", EXECUTORS)
@each_program
def test_program_is_rewritten_whole(name: str, executor: str) -> None:
    text = b"".join(rewritten(executor)[name].after.values())
    stays = executor != "green" and name in WITHOUT_SIZE
    assert (b"eventlet" in text) is stays
    assert (b"Executor" in text) is not stays


@pytest.mark.parametrize(("executor", "world"), WORLDS)
@each_program
def test_program_does_the_same(name: str, executor: str, world: World) -> None:
    if executor != "green" and name in WITHOUT_SIZE:
        assert name not in after(executor, world)
        return
    expected = before("green")[name]
    found = after(executor, world)[name]
    assert expected.stdout
    assert found.behaviour == expected.behaviour, found.stderr


def test_there_are_programs_enough() -> None:
    assert len(PROGRAMS) >= 45
