"""The fuzzer sees what is wrong, and says how to see it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks import fuzz
from deventlet.registry import pages
from tests.fuzz import holds
from tests.fuzz.interpreters import HUNG, SECONDS, Ran, interpreter
from tests.fuzz.programs import Program, edited

PROGRAM = Program({"main.py": "import eventlet\nx = 1\nprint(eventlet.sleep(0))\n"})
CHECKS = {
    "syntax": (holds._is_python, b"import\n"),
    "lost name": (holds._no_name_is_lost, b"x = 1\nprint(time.sleep(0))\n"),
    "lost line": (holds._only_sites_change, b"import time\nprint(time.sleep(0))\n"),
    "other output": (holds._does_the_same, b"print(1)\n"),
    "other status": (holds._does_the_same, b"print(None)\nraise SystemExit(3)\n"),
    "complaint": (
        holds._does_the_same,
        b"import traceback\nprint(None)\ntry:\n    x\nexcept NameError:\n"
        b"    traceback.print_exc()\n",
    ),
    "hang": (holds._does_the_same, b"import threading\nthreading.Lock().acquire(1)\n"
             b"l = threading.Lock()\nl.acquire()\nl.acquire()\n"),
    "second run": (holds._again_changes_nothing, PROGRAM.contents["main.py"]),
    "order": (holds._order_does_not_matter, b"x = 1\n"),
}  # fmt: skip


@dataclass
class Planted:
    """A series that makes something else of the program."""

    bad: bytes
    program: Program = PROGRAM
    order: list[str] = field(default_factory=lambda: [*pages()])

    @property
    def before(self) -> Mapping[str, bytes]:
        return self.program.contents

    @property
    def after(self) -> Mapping[str, bytes]:
        return {"main.py": self.bad}

    @property
    def states(self) -> Iterator[tuple[str, Mapping[str, bytes]]]:
        yield "sleep", self.after

    @property
    def outcomes(self) -> list[Any]:
        changes = {"main.py": (self.before["main.py"], self.bad)}
        page = SimpleNamespace(name="sleep")
        found = SimpleNamespace(changes=changes, verdicts=(), problems={}, page=page)
        return [found]

    @property
    def inventory(self) -> Any:
        return SimpleNamespace(entries=(), problems={})


@pytest.mark.parametrize("what", CHECKS)
def test_what_is_wrong_is_seen(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "PATIENCE", SECONDS)
    check, bad = CHECKS[what]
    with pytest.raises(AssertionError):
        check(cast("holds.Series", Planted(bad)))


@pytest.mark.parametrize(
    ("first", "counted"),
    [(Ran("", "", HUNG), "hung"), (Ran("2\n", "", 0), "uneven")],
)
def test_what_does_right_with_more_time_is_counted(
    first: Ran, counted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Ran("1\n", "", 0)
    runs = iter([first, *[expected] * 20])
    world = SimpleNamespace(run=lambda *_: next(runs))
    monkeypatch.setattr(holds, "interpreter", lambda _: world)
    known = holds.retried[counted]
    before = {"main.py": b""}
    holds._alike("after sleep", before, expected, before, "native")
    assert holds.retried[counted] == known + 1


TWICE = """import eventlet
import lib
from lib import it
print(eventlet.sleep(0))
for _ in range(2):
    lib.spawn(it.send, 1)
    print(it.wait())
"""


def test_a_thread_that_had_no_turn_may_fail_where_it_has_one() -> None:
    lib = "from eventlet import spawn\nimport eventlet.event\n"
    files = {"main.py": TWICE, "lib.py": f"{lib}it = eventlet.event.Event()\n"}
    assert holds.check(Program(files))


def test_a_call_without_a_verdict_is_seen() -> None:
    with pytest.raises(AssertionError, match=r"main\.py', 3"):
        holds._calls_have_a_verdict(cast("holds.Series", Planted(b"")))


def test_a_program_that_does_not_end_is_killed() -> None:
    ran = interpreter("native").run({"main.py": b"import time\ntime.sleep(1000)\n"})
    assert ran.status == HUNG


def test_worlds_are_what_they_are_called() -> None:
    asks = {
        "main.py": b"import time\nimport lib\nprint(time.sleep.__module__, lib.it)\n",
        "lib.py": b"try:\n    import eventlet\n    it = 1\nexcept ImportError:\n"
        b"    it = 2\n",
    }
    said = {world: interpreter(world).run(asks).stdout for world in ("green", "native")}
    assert said == {"green": "eventlet.greenthread 1\n", "native": "time 2\n"}


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        ((1, "comment"), "f(  # why, eventlet?\n   1, g(2))\n"),
        ((0, "backslash"), "f \\\n     (1, g(2))\n"),
        ((2, "break"), "f(1\n       , g(2))\n"),
        ((8, "after"), "f(1, g(2))  # see eventlet\n"),
        ((0, "break"), "f(1, g(2))\n"),
    ],
)
def test_an_edit_changes_the_format_only(edit: tuple[int, str], text: str) -> None:
    assert edited("f(1, g(2))\n", [edit]) == text


def test_a_failure_is_small_and_can_be_seen_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Program] = []

    def planted(program: Program) -> int:
        seen.append(program)
        assert "spawn" not in program.files["main.py"], "planted"
        return 1

    monkeypatch.setattr(holds, "check", planted)
    assert fuzz.fuzz(["programs"], 7, 1, 60) == 1
    first = capsys.readouterr().out
    assert "FAILED: AssertionError: planted" in first
    assert "again: python -m benchmarks.fuzz --kind programs --seed 7" in first
    smallest = seen[-1].files["main.py"]
    assert smallest.count("\n") < 15, smallest
    programs = list(seen)
    seen.clear()
    assert fuzz.fuzz(["programs"], 7, 1, 60) == 1
    assert seen == programs
    assert fuzz.fuzz(["programs"], 7, 0, 60) == 0


def test_what_fails_only_once_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    once = iter([False])

    def planted(program: Program) -> int:
        assert next(once, True), "busy"
        return 1

    monkeypatch.setattr(holds, "check", planted)
    assert fuzz.fuzz(["programs"], 7, 1, 60) == 0
    said = capsys.readouterr().out
    assert "not again: " in said
    assert "1 not again" in said
