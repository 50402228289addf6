"""What the codemod ``sleep`` refuses would have gone wrong, and mocks go on counting.

What it refuses is rewritten naively and run; programs that it rewrites are run by
``test_behaviour``.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from deventlet.codemod import Verdict
from tests.pages import Case, File, Program, read_programs
from tests.support.tool import Rewritten, rewrite
from tests.support.worlds import Ran, World, run_programs

PAGES = Path(__file__).parent / "behaviour"
TRAPS = read_programs("names", (PAGES / "names.md").read_text(encoding="utf-8"))


def case_of(name: str, *files: tuple[str, str]) -> Case:
    """A case for the codemod, whose result nobody wrote down."""
    return Case("sleep", name, 1, tuple(File(p, text, text) for p, text in files))


def rewritten(program: Program) -> Rewritten:
    return rewrite(case_of(program.name, *program.files))


def example(source: str) -> Rewritten:
    """One file, rewritten."""
    return rewrite(case_of("example", ("example.py", source)))


# -- mocks that must not be parted from what they intercept -----------------

WORKER = "import eventlet\n\n\ndef work():\n    eventlet.sleep(0.001)\n"
TESTS = {
    "patch.multiple": (
        "with mock.patch.multiple('eventlet', sleep=mock.DEFAULT) as mocks:\n"
        "    worker.work()\nprint(mocks['sleep'].call_count)\n"
    ),
    "patch.multiple with a dict": (
        "names = {'sleep': mock.DEFAULT}\n"
        "with mock.patch.multiple('worker.eventlet', **names) as mocks:\n"
        "    worker.work()\nprint(mocks['sleep'].call_count)\n"
    ),
    "patch.dict of a module's names": (
        "fake = mock.Mock()\n"
        "with mock.patch.dict('eventlet.__dict__', sleep=fake):\n"
        "    worker.work()\nprint(fake.call_count)\n"
    ),
    "patch.dict of a module's names, with a dict": (
        "fake = mock.Mock()\n"
        "with mock.patch.dict(worker.eventlet.__dict__, {'sleep': fake}):\n"
        "    worker.work()\nprint(fake.call_count)\n"
    ),
    "an assertion through the module": (
        "with mock.patch('worker.eventlet.sleep'):\n    worker.work()\n"
        "    print(worker.eventlet.sleep.call_count)\n"
    ),
    "an assertion by its own import": (
        "import eventlet\n\nwith mock.patch('eventlet.sleep'):\n    worker.work()\n"
        "    print(eventlet.sleep.call_count)\n"
    ),
}


@pytest.mark.parametrize("name", TESTS)
def test_mock_and_call_change_together_or_stay(name: str) -> None:
    test = f"from unittest import mock\n\nimport worker\n\n{TESTS[name]}"
    result = rewrite(case_of(name, ("main.py", test), ("worker.py", WORKER)))
    ran = run_programs("green", {"before": result.before, "after": result.after})
    assert ran["before"].behaviour == ("1\n", 0, False)
    # Patching is still on, where time.sleep is Eventlet's: the call must be counted.
    assert ran["after"].behaviour == ran["before"].behaviour, ran["after"].stderr


# -- programs that are refused ---------------------------------------------


@dataclass(frozen=True, slots=True)
class Thorn:
    """A program that stays, and what comes of rewriting it by search and replace.

    :param world: where it works as it stands.
    :param then: where its naive rewrite is run.
    :param symptom: what the naive rewrite prints or complains of.
    """

    name: str
    reason: str
    source: str
    works: str
    symptom: str
    world: World = "green"
    then: World = "native"

    @property
    def naive(self) -> str:
        text = self.source.replace("eventlet.sleep", "time.sleep")
        kept = "eventlet." in text
        return text.replace(
            "import eventlet\n", "import time\n" + "import eventlet\n" * kept, 1
        )


THORNS = [
    Thorn(
        "star arguments",
        "sleep.star-args",
        "import eventlet\n\nargs = []\nprint(eventlet.sleep(*args))\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "double star arguments",
        "sleep.star-args",
        "import eventlet\n\nprint(eventlet.sleep(**{'seconds': 0}))\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a function that calls it without an argument",
        "sleep.unknown-callee",
        "import eventlet\n\n\ndef turn(step):\n    return step()\n\n\n"
        "print(turn(eventlet.sleep))\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a table of functions",
        "sleep.unknown-callee",
        "import eventlet\n\nsteps = {'rest': eventlet.sleep}\n"
        "print(steps['rest'](seconds=0))\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a class attribute that is bound to its object",
        "name.class-attribute",
        "import eventlet\n\n\nclass Seconds(float):\n    wait = eventlet.sleep\n\n\n"
        "print(Seconds(0).wait())\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a process where time is not patched",
        "process.unpatched",
        "import eventlet\n\neventlet.monkey_patch(all=False, socket=True)\n\n"
        "ticks = []\n\n\ndef tick():\n    while True:\n        ticks.append(1)\n"
        "        eventlet.sleep(0.01)\n\n\ndef main():\n    eventlet.spawn_n(tick)\n"
        "    eventlet.sleep(0.2)\n    print(len(ticks) > 3)\n\n\n"
        "if __name__ == '__main__':\n    main()\n",
        "True\n",
        "False\n",
        "bare",
        "bare",
    ),
]
CORNERS = [
    Thorn(
        "no argument",
        "",
        "import eventlet\n\nprint(eventlet.sleep())\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a keyword",
        "",
        "import eventlet\n\nprint(eventlet.sleep(seconds=0))\n",
        "None\n",
        "TypeError",
    ),
    Thorn(
        "a negative number",
        "",
        "import eventlet\n\nprint(eventlet.sleep(0 - 1))\n",
        "None\n",
        "ValueError",
    ),
]
"""What is rewritten, but not by search and replace."""


def ran_as(kind: str) -> dict[str, Ran]:
    """Every thorn and corner, as it stands or naively rewritten, in its world."""
    result: dict[str, Ran] = {}
    for world in ("green", "bare", "native"):
        sources = {
            thorn.name: thorn.source if kind == "source" else thorn.naive
            for thorn in (*THORNS, *CORNERS)
            if (thorn.world if kind == "source" else thorn.then) == world
        }
        programs = {name: {"main.py": text.encode()} for name, text in sources.items()}
        result |= run_programs(world, programs) if programs else {}
    return result


@pytest.fixture(scope="module")
def as_they_stand() -> dict[str, Ran]:
    return ran_as("source")


@pytest.fixture(scope="module")
def naively_rewritten() -> dict[str, Ran]:
    return ran_as("naive")


each_corner = pytest.mark.parametrize(
    "thorn", CORNERS, ids=lambda thorn: thorn.name.replace(" ", "_")
)


@pytest.mark.parametrize(
    "thorn",
    [pytest.param(thorn, id=thorn.name.replace(" ", "_")) for thorn in THORNS],
)
def test_thorn_is_refused(thorn: Thorn) -> None:
    result = example(thorn.source)
    assert result.after == result.before
    assert {verdict.verdict for verdict in result.outcome.verdicts} == {"refuse"}
    assert {verdict.reason for verdict in result.outcome.verdicts} == {thorn.reason}


@each_corner
def test_corner_is_rewritten(thorn: Thorn) -> None:
    result = example(thorn.source)
    assert result.after["example.py"].decode() not in (thorn.source, thorn.naive)
    assert {verdict.verdict for verdict in result.outcome.verdicts} == {"assume"}


@pytest.mark.parametrize(
    "thorn", [*THORNS, *CORNERS], ids=lambda thorn: thorn.name.replace(" ", "_")
)
def test_search_and_replace_would_break_it(
    thorn: Thorn,
    as_they_stand: Mapping[str, Ran],
    naively_rewritten: Mapping[str, Ran],
) -> None:
    assert as_they_stand[thorn.name].behaviour == (thorn.works, 0, False)
    broken = naively_rewritten[thorn.name]
    assert broken.behaviour != (thorn.works, 0, False)
    assert thorn.symptom in broken.stdout + broken.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("eventlet.sleep(*args)", "sleep.star-args"),
        ("eventlet.sleep(**options)", "sleep.star-args"),
        ("eventlet.sleep(1, *args)", "sleep.star-args"),
        ("eventlet.sleep(None)", "sleep.arguments"),
        ("eventlet.sleep((None))", "sleep.arguments"),
        ("eventlet.sleep(seconds=None)", "sleep.arguments"),
        ("eventlet.sleep(1, 2)", "sleep.arguments"),
        ("eventlet.sleep(second=1)", "sleep.arguments"),
        ("eventlet.sleep(1, seconds=2)", "sleep.arguments"),
        ("args.append(eventlet.sleep)", "sleep.unknown-callee"),
        ("args[0] = eventlet.sleep", "sleep.unknown-callee"),
        ("print(eventlet.sleep)", "sleep.unknown-callee"),
        ("print(eventlet.sleep.__name__)", "sleep.unknown-callee"),
        ("args = [eventlet.sleep]", "sleep.unknown-callee"),
        ("args = 1, eventlet.sleep", "sleep.unknown-callee"),
        ("assert eventlet.sleep is not None", "sleep.unknown-callee"),
        ("list(map(eventlet.sleep, args, args))", "sleep.unknown-callee"),
    ],
)
def test_form_is_refused(source: str, reason: str) -> None:
    result = example(f"import eventlet\n\nargs, options = [], {{}}\n{source}\n")
    assert result.after == result.before
    assert [verdict.reason for verdict in result.outcome.verdicts] == [reason]


@pytest.mark.parametrize(
    "source",
    [
        "from eventlet import sleep\n\n\nclass Seconds(float):\n    wait = sleep\n\n\n"
        "Seconds(0).wait()\n",
        "import eventlet\n\n\nclass Seconds(float):\n    wait = eventlet.sleep\n"
        "    wait(0)\n\n\nSeconds(0).wait()\n",
    ],
)
def test_class_attribute_stays_whole(source: str) -> None:
    result = example(source)
    assert result.after == result.before


@pytest.mark.parametrize("rest", ["", "\n__all__ = ['sleep']\n"])
def test_import_that_nothing_here_uses_gets_a_verdict(rest: str) -> None:
    assert example(f"from eventlet import sleep\n{rest}").outcome.verdicts


def caveats(verdict: Verdict) -> tuple[str, ...]:
    return verdict.rewrite.caveats if verdict.rewrite else ()


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("def f(n):\n    eventlet.sleep(n)\n", ["sleep.negative"]),
        ("def f(n):\n    eventlet.sleep(n * 2)\n", ["sleep.negative"]),
        ("def f(n):\n    eventlet.sleep(max(0, n))\n", []),
        ("def f(n):\n    eventlet.sleep(abs(n))\n", []),
        ("def f(n):\n    eventlet.sleep(1 - n)\n", []),
        ("eventlet.sleep(1.5)\n", []),
        ("DELAY = 2\n\n\ndef f():\n    eventlet.sleep(DELAY)\n", []),
        ("DELAY = -2\n\n\ndef f():\n    eventlet.sleep(DELAY)\n", ["sleep.negative"]),
        ("D = 2\nD = g()\n\n\ndef f():\n    eventlet.sleep(D)\n", ["sleep.negative"]),
        ("D = 2\n\n\ndef f(D=1):\n    eventlet.sleep(D)\n", ["sleep.negative"]),
        ("nap = eventlet.sleep\nnap(1)\n", ["sleep.exported"]),
        ("_nap = eventlet.sleep\n_nap(1)\n", []),
        ("def f():\n    nap = eventlet.sleep\n    nap(1)\n", []),
    ],
)
def test_caveat_is_given(source: str, reasons: list[str]) -> None:
    result = example(f"import eventlet\n\n\n{source}")
    assert b"eventlet" not in result.after["example.py"]
    found = [c for verdict in result.outcome.verdicts for c in caveats(verdict)]
    assert found == reasons


# -- scopes and names ------------------------------------------------------

each_trap = pytest.mark.parametrize(
    "trap", TRAPS, ids=lambda trap: trap.name.replace(" ", "_")
)


@each_trap
def test_other_meaning_of_the_name_is_kept(trap: Program) -> None:
    result = rewritten(trap)
    (before,), (after,) = result.before.values(), result.after.values()
    assert b"eventlet" not in after
    assert watched(after) == watched(before)


@each_trap
def test_program_sleeps_and_speaks_of_time(trap: Program) -> None:
    slept, seen = watched(trap.files[0][1].encode())
    assert slept
    assert seen
    assert re.search(r"\btime\b", trap.files[0][1])


def watched(source: bytes) -> tuple[list[float], list[object]]:
    """Run a program with a sleep that records; how long it slept, what it saw.

    Eventlet is a stub for a program that imports it, and missing for one that does
    not; ``time.sleep`` records for the latter only.
    """
    slept: list[float] = []
    green = types.ModuleType("eventlet")
    native = b"eventlet" not in source
    vars(green)["sleep"] = lambda seconds=0: slept.append(seconds)
    other = types.ModuleType("x")
    vars(other)["time"] = "not the module"
    namespace: dict[str, list[object]] = {}
    with (
        mock.patch.dict(
            sys.modules, {"eventlet": None if native else green, "x": other}
        ),
        mock.patch("time.sleep", slept.append if native else None),
    ):
        exec(compile(source, "example.py", "exec"), namespace)
    return slept, namespace["seen"]
