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
    return run_programs(world, {n: r.after for n, r in rewritten(executor).items()})


@pytest.mark.parametrize("executor", EXECUTORS)
@each_program
def test_program_is_rewritten_whole(name: str, executor: str) -> None:
    text = b"".join(rewritten(executor)[name].after.values())
    assert b"eventlet" not in text
    assert b"Executor" in text


@pytest.mark.parametrize(("executor", "world"), WORLDS)
@each_program
def test_program_does_the_same(name: str, executor: str, world: World) -> None:
    expected = before("green")[name]
    found = after(executor, world)[name]
    assert expected.stdout
    assert found.behaviour == expected.behaviour, found.stderr


def test_there_are_programs_enough() -> None:
    assert len(PROGRAMS) >= 45


# -- what a page cannot show -----------------------------------------------------------

POOL = "import eventlet\n\n\ndef work(x):\n    return x\n\n\n"


def verdict(source: str, config: str | None = None) -> tuple[str, list[str]]:
    """The first reason of a file's first pool, and its caveats."""
    text = POOL + source
    case = Case("greenpool", "x", 1, (File("example.py", text, text),), config)
    found = next(
        each
        for each in rewrite(case).outcome.verdicts
        if each.subject.api.startswith("eventlet.GreenP")
    )
    return found.reason, list(found.rewrite.caveats if found.rewrite else ())


@pytest.mark.parametrize(
    ("iterable", "caveats"),
    [
        ("[1, 2]", []),
        ("(1, 2)", []),
        ("{1: 2}", []),
        ("range(given)", []),
        ("sorted(given)", []),
        ("given.items()", []),
        ("given[1:]", []),
        ("enumerate([1, 2])", []),
        ("zip(given, [1, 2])", []),
        ("reversed(list(given))", []),
        ("[x for x in given]", []),
        ("given or []", ["greenpool.backlog"]),
        ("given", ["greenpool.backlog"]),
        ("enumerate(given, 1)", ["greenpool.backlog"]),
        ("map(work, given)", ["greenpool.backlog"]),
        ("given.events()", ["greenpool.backlog"]),
        ("(x for x in given)", ["greenpool.backlog"]),
    ],
)
def test_a_loop_is_told_by_what_it_goes_over(iterable: str, caveats: list[str]) -> None:
    source = (
        "def run(given):\n"
        "    pool = eventlet.GreenPool(2)\n"
        f"    for each in {iterable}:\n"
        "        pool.spawn_n(work, each)\n"
        "    pool.waitall()\n"
    )
    assert verdict(source)[1] == caveats


@pytest.mark.parametrize(
    ("loop", "reason"),
    [
        ("while True:", "greenpool.endless"),
        ("while given.running:", "greenpool.endless"),
        ("for _ in iter(given, None):", "greenpool.endless"),
        ("for _ in itertools.cycle(given):", "greenpool.endless"),
        ("for _ in itertools.repeat(1):", "greenpool.endless"),
        ("for _ in endless():", "greenpool.endless"),
        ("for _ in itertools.repeat(1, 5):", "greenpool.backlog"),
        ("if given:", ""),
    ],
)
def test_a_loop_without_end_is_seen(loop: str, reason: str) -> None:
    source = (
        "import itertools\n\n\n"
        "def endless():\n    while True:\n        yield 1\n\n\n"
        "def run(given):\n"
        "    pool = eventlet.GreenPool(2)\n"
        f"    {loop}\n"
        "        pool.spawn_n(work, 1)\n"
    )
    assert verdict(source)[0] == reason


@pytest.mark.parametrize(
    ("again", "reason"),
    [
        ("eventlet.spawn_after(60, self.poll)", "greenpool.endless"),
        ("if self.is_on:\n            eventlet.spawn(self.poll)", "greenpool.backlog"),
        ("threading.Timer(60, function=self.poll).start()", "greenpool.endless"),
        ("eventlet.spawn_after(60, lambda: self.poll())", "greenpool.endless"),
        ("print(self.poll())", ""),
        ("eventlet.spawn_after(60, self.clean)", ""),
        ("self.log.info('polled: %s', self.polled)", ""),
        ("eventlet.spawn_after(60, self.other.poll)", ""),
    ],
)
def test_a_function_that_starts_itself_again_has_no_end(
    again: str, reason: str
) -> None:
    source = (
        "import threading\n\n\n"
        "class Poller:\n"
        "    def __init__(self):\n"
        "        self.pool = eventlet.GreenPool(2)\n\n"
        "    def poll(self):\n"
        "        self.pool.spawn_n(work, 1)\n"
        f"        {again}\n\n"
        "    def clean(self):\n"
        "        print('clean')\n"
    )
    assert verdict(source)[0] == reason


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ("1", ""),
        ("size=7", ""),
        ("N", ""),
        ("size", "greenpool.threads"),
        ("size * 2", "greenpool.threads"),
        ("-1", "greenpool.size"),
        ("2.5", "greenpool.size"),
        ("None", "greenpool.size"),
        ("ZERO", "greenpool.size"),
        ("*size", "greenpool.arguments"),
        ("sizes=3", "greenpool.arguments"),
    ],
)
def test_a_size_is_a_number_of_workers(size: str, reason: str) -> None:
    source = (
        "N = 5\nZERO = 0\n\n\n"
        f"def run(size):\n    pool = eventlet.GreenPool({size})\n    pool.waitall()\n"
    )
    assert verdict(source)[0] == reason


@pytest.mark.parametrize("size", ["100", "5000"])
def test_many_native_threads_are_named(size: str) -> None:
    source = f"def run():\n    pool = eventlet.GreenPool({size})\n    pool.waitall()\n"
    assert verdict(source)[1] == []
    assert verdict(source, EXECUTORS["standard"])[1] == ["greenpool.threads"]


@pytest.mark.parametrize(
    ("task", "caveats"), [("work", []), ("given", ["greenpool.unknown-task"])]
)
def test_a_task_that_nobody_knows_is_named(task: str, caveats: list[str]) -> None:
    source = (
        "def run(given):\n    pool = eventlet.GreenPool(2)\n"
        f"    pool.spawn_n({task}, 1)\n    pool.waitall()\n"
    )
    assert verdict(source)[1] == caveats


@pytest.mark.parametrize(
    ("end", "caveats"), [("pool.waitall()", []), ("pass", ["greenpool.open"])]
)
def test_a_native_executor_that_is_not_shut_down_is_named(
    end: str, caveats: list[str]
) -> None:
    source = (
        "def run():\n    pool = eventlet.GreenPool(2)\n"
        f"    pool.spawn_n(work, 1)\n    {end}\n"
    )
    assert verdict(source, EXECUTORS["standard"])[1] == caveats
