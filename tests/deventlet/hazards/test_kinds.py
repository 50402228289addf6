"""Forks, shutdown, tests that rely on order, unbounded threads; each has its limits."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from deventlet.cli.pages import example_of
from deventlet.codemod import Site
from deventlet.hazards import matter
from deventlet.inventory import Hazard
from deventlet.registry import driver_page, reasons
from tests.deventlet.hazards.found import told

KINDS = sorted(code for code in reasons() if code.startswith("hazard."))


@pytest.mark.parametrize("code", KINDS)
def test_the_example_of_a_kind_is_one(tmp_path: Path, code: str) -> None:
    text = example_of(driver_page(), code)
    lines = [line for line in text.splitlines() if line.startswith("    ") or not line]
    program = textwrap.dedent("\n".join(lines))
    path = "test_service.py" if code == "hazard.order" else "service.py"
    program += "\n\ndef heartbeat(): ...\n\n\ndef handle(connection): ...\n"
    program += "\n\nclass Probe:\n    def report(self): ...\n"
    program = program.replace("agent.report)", "Probe().report)")
    assert {found for found, _ in told(tmp_path, program, path)} == {code}


FORK = """
    import multiprocessing
    import os

    import eventlet
    from oslo_service import service

    def beat():
        pass

    def begin(late=False):
        {inner}

    class Server:
        def __init__(self):
            eventlet.spawn(beat)

    def children():
        os.fork()

    def main(conf, late):
        {outer}
    """


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("eventlet.spawn(beat); os.fork()", "pass"),
        ("begin(); os.fork()", "eventlet.spawn_n(beat)"),
        ("Server(); os.fork()", "pass"),
        ("eventlet.spawn(beat); children()", "pass"),
        ("eventlet.spawn(beat); multiprocessing.Process(target=beat).start()", "pass"),
        ("service.launch(conf, Server(), workers=4)", "pass"),
        ("service.launch(conf, Server(), workers=conf.workers)", "pass"),
        (
            "s = Server(); l = service.ProcessLauncher(); l.launch_service(s)",
            "pass",
        ),
        ("if late:\n            eventlet.spawn(beat)\n        os.fork()", "pass"),
    ],
)
def test_a_thread_before_a_fork(tmp_path: Path, outer: str, inner: str) -> None:
    found = told(tmp_path, FORK.format(outer=outer, inner=inner))
    assert [code for code, _ in found] == ["hazard.fork"]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("os.fork(); eventlet.spawn(beat)", "pass"),
        ("os.fork(); begin()", "eventlet.spawn_n(beat)"),
        ("eventlet.spawn(beat)", "pass"),
        ("service.launch(conf, Server())", "pass"),
        ("service.launch(conf, Server(), workers=1)", "pass"),
        (
            "s = Server(); l = service.ServiceLauncher(); l.launch_service(s)",
            "pass",
        ),
        ("begin(); os.fork()", "if late: eventlet.spawn(beat)"),
        ("eventlet.tpool.execute(beat); os.fork()", "pass"),
        ("eventlet.spawn(beat) if late else os.fork()", "pass"),
        (
            "if late:\n            eventlet.spawn(beat)\n"
            "        else:\n            os.fork()",
            "pass",
        ),
        (
            "if late:\n            eventlet.spawn(beat)\n            return\n"
            "        os.fork()",
            "pass",
        ),
    ],
)
def test_no_thread_before_a_fork(tmp_path: Path, outer: str, inner: str) -> None:
    assert told(tmp_path, FORK.format(outer=outer, inner=inner)) == []


SLEEPER = """
    import eventlet
    from time import sleep as rest

    LONG = 60

    class Agent:
        def start(self, tg):
            self.tg = tg
            {start}

        def loop(self):
            {loop}

        def {stop}
    """
FOREVER = "while True:\n                eventlet.sleep(1)"
KEPT = "self.thread = eventlet.spawn(self.loop)"


@pytest.mark.parametrize(
    ("start", "loop", "stop"),
    [
        (KEPT, FOREVER, "stop(self): self.thread.kill()"),
        (KEPT, FOREVER, "reload(self): self.thread.kill()"),
        (KEPT, FOREVER, "stop(self): self.thread.wait()"),
        (KEPT, "eventlet.sleep(1800)", "stop(self): self.thread.kill()"),
        (KEPT, "rest(LONG)", "close(self): self.thread.wait()"),
        ("tg.add_thread(self.loop)", FOREVER, "stop(self): self.tg.stop()"),
    ],
)
def test_the_end_of_a_long_sleeper(
    tmp_path: Path, start: str, loop: str, stop: str
) -> None:
    start = start.replace("tg.add", "self.tg.add")
    found = told(tmp_path, SLEEPER.format(start=start, loop=loop, stop=stop))
    assert [code for code, _ in found] == ["hazard.shutdown"]


@pytest.mark.parametrize(
    ("start", "loop", "stop"),
    [
        (KEPT, "eventlet.sleep(1)", "stop(self): self.thread.kill()"),
        (KEPT, "self.event.wait(1800)", "stop(self): self.thread.kill()"),
        (KEPT, FOREVER, "stop(self): self.other.kill()"),
        (KEPT, FOREVER, "report(self): self.thread.wait()"),
        (KEPT, FOREVER, "stop(self): pass"),
        ("eventlet.spawn(self.loop)", FOREVER, "stop(self): self.thread.kill()"),
    ],
)
def test_no_end_of_a_long_sleeper(
    tmp_path: Path, start: str, loop: str, stop: str
) -> None:
    assert told(tmp_path, SLEEPER.format(start=start, loop=loop, stop=stop)) == []


ORDER = """
    import time

    import eventlet

    def helper(): ...

    def test_it(self):
        {body}
    """


@pytest.mark.parametrize(
    "body",
    [
        "eventlet.spawn(helper); eventlet.sleep(0); assert 1",
        "eventlet.spawn_n(helper); eventlet.sleep(); self.assertEqual(1, 1)",
        "eventlet.spawn(helper); time.sleep(0); self.mock.assert_called_with(1)",
        "t = eventlet.spawn(helper); eventlet.sleep(0); assert 1; t.wait()",
    ],
)
def test_a_test_that_relies_on_order(tmp_path: Path, body: str) -> None:
    found = told(tmp_path, ORDER.format(body=body), "test_it.py")
    assert [code for code, _ in found] == ["hazard.order"]


@pytest.mark.parametrize(
    "body",
    [
        "t = eventlet.spawn(helper); eventlet.sleep(0); t.wait(); assert 1",
        "t = eventlet.spawn(helper); t.wait(); eventlet.sleep(0); assert 1",
        "eventlet.spawn(helper); eventlet.sleep(0.5); assert 1",
        "eventlet.sleep(0); assert 1; eventlet.spawn(helper)",
        "eventlet.spawn(helper); eventlet.sleep(0)",
        "eventlet.spawn(helper); assert 1",
    ],
)
def test_a_test_that_waits_or_expects_nothing(tmp_path: Path, body: str) -> None:
    assert told(tmp_path, ORDER.format(body=body), "test_it.py") == []


def test_the_service_itself_may_yield(tmp_path: Path) -> None:
    body = "eventlet.spawn(helper); eventlet.sleep(0); assert 1"
    assert told(tmp_path, ORDER.format(body=body), "service.py") == []


LOOP = """
    import eventlet

    def handle(*args): ...

    def serve(sock, pool, running):
        {body}
    """


@pytest.mark.parametrize(
    "body",
    [
        "while True: eventlet.spawn(handle)",
        "while 1: eventlet.spawn_n(handle)",
        "while running(): eventlet.spawn_n(handle, sock.accept())",
        "while True:\n            try:\n                c = sock.accept()\n"
        "            except OSError:\n                break\n"
        "            eventlet.spawn(handle, c)",
    ],
)
def test_threads_without_bound(tmp_path: Path, body: str) -> None:
    found = told(tmp_path, LOOP.format(body=body))
    assert [code for code, _ in found] == ["hazard.unbounded"]


@pytest.mark.parametrize(
    "body",
    [
        "while True: eventlet.GreenPool(10).spawn(handle)",
        "while True: pool.spawn(handle, sock.accept())",
        "while True: eventlet.spawn(handle).wait()",
        "while True: t = eventlet.spawn(handle); t.wait()",
        "while True: eventlet.spawn(handle); break",
        "while True: return eventlet.spawn(handle)",
        "while True:\n            eventlet.spawn(handle)\n            if running:\n"
        "                break",
        "for each in sock: eventlet.spawn(handle)",
        "while running: eventlet.spawn(handle)",
        "eventlet.spawn(handle)",
    ],
)
def test_threads_with_an_end(tmp_path: Path, body: str) -> None:
    assert told(tmp_path, LOOP.format(body=body)) == []


def site(path: str, line: int, end_line: int) -> Site:
    return Site(path, 0, 9, line, 0, end_line, 9, "eventlet.spawn", "call", "spawn()")


def test_a_hazard_matters_with_what_causes_it() -> None:
    one = Hazard("b.py", 1, "hazard.order", "", ("a.py:5",), False)
    two = Hazard("a.py", 2, "hazard.unbounded", "", ("a.py:5", "a.py:9"), False)
    assert matter([two, one], [site("a.py", 4, 6)]) == (one, two)
    assert matter([two, one], [site("a.py", 9, 9)]) == (two,)
    assert matter([two, one], [site("b.py", 5, 5)]) == ()
    assert matter([two, one], []) == ()
