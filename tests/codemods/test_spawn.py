"""What the page of ``spawn`` cannot show in a block."""

from __future__ import annotations

import pytest

from deventlet.codemod import Verdict
from tests.pages import Case, File
from tests.support.tool import rewrite

KILLED = """import time

import eventlet


class Poller:
    def start(self):
        self._thread = eventlet.spawn(self._run)

    def _run(self):
        {}

    def stop(self):
        self._thread.kill()
"""
MANAGED = """import {name}

FUNCTIONS = {{'exit': {name}.leave}}


def start(name):
    function = FUNCTIONS[name]
    eventlet.spawn_n(function)
"""


WATCHED = """import eventlet

eventlet.monkey_patch()


class Watch:
    def start(self):
        eventlet.spawn_n(self._check)

    def _check(self):
        {}


class Strict(Watch):
    def _exit_action(self):
        raise SystemExit(1)
"""


def verdicts(*files: tuple[str, str]) -> list[Verdict]:
    """What is decided about some files."""
    given = tuple(File(path, text, text) for path, text in files)
    return list(rewrite(Case("spawn", "spawn", 1, given)).outcome.verdicts)


@pytest.mark.parametrize(
    ("statement", "caveats"),
    [
        ("eventlet.spawn_n(work)", ["spawn.preemptive"]),
        ("eventlet.spawn_n(print)", ["spawn.preemptive", "spawn.unknown"]),
        (
            "for each in (1, 2):\n    eventlet.spawn_n(work)",
            ["spawn.preemptive", "spawn.many"],
        ),
        ("print(eventlet.spawn(work).wait())", ["spawn.future"]),
        ("eventlet.spawn_after(5, work)", ["spawn.timer"]),
    ],
)
def test_caveat_is_given(statement: str, caveats: list[str]) -> None:
    head = "import eventlet\n\neventlet.monkey_patch()\n"
    text = f"{head}\n\ndef work():\n    pass\n\n\n{statement}\n"
    (verdict,) = verdicts(("example.py", text))
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (
            "while True:\n            time.sleep(1)",
            "the loop of _run() at example.py:11 can ask a threading.Event",
        ),
        ("time.sleep(9)", "_run() at example.py:10 has to end by itself"),
    ],
)
def test_refusal_speaks_of_the_code(body: str, advice: str) -> None:
    (verdict,) = verdicts(("example.py", KILLED.format(body)))
    assert verdict.reason == "spawn.killed"
    assert verdict.detail.startswith("kill at example.py:")
    assert advice in verdict.detail


def test_function_is_found_in_a_table_of_another_file() -> None:
    text = "import eventlet\n" + MANAGED.format(name="ways")
    ways = "import sys\n\n\ndef leave():\n    sys.exit(1)\n"
    (verdict,) = verdicts(("example.py", text), ("ways.py", ways))
    assert (verdict.reason, verdict.detail) == ("spawn.exits", "leave() at ways.py:5")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("getattr(self, '_%s_action' % self.action)()", "spawn.exits"),
        ("getattr(self, f'_{self.action}_action')()", "spawn.exits"),
        ("call = getattr(self, '_' + self.action)\n        call()", "spawn.exits"),
        ("getattr(self, '_%s_check' % self.action)()", "spawn.preemptive"),
        ("getattr(self, self.action)()", "spawn.preemptive"),
        ("getattr(self.other, '_%s_action' % self.action)()", "spawn.preemptive"),
    ],
)
def test_methods_are_found_by_what_is_told_of_their_names(
    body: str, reason: str
) -> None:
    (verdict,) = verdicts(("example.py", WATCHED.format(body)))
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        ("self.ready = True", "spawn.order"),
        ("self.ready[0] = True", "spawn.order"),
        ("time.sleep(1)\n        self.ready = True", "spawn.preemptive"),
        ("self.other = True", "spawn.preemptive"),
        ("self.ready()", "spawn.preemptive"),
        ("self.ready.append(1)", "spawn.order"),
        ("self.other.get('name')\n        self.ready = True", "spawn.order"),
        ("self.jobs.get()\n        self.ready = True", "spawn.preemptive"),
        ("def inner():\n            self.ready = True", "spawn.preemptive"),
    ],
)
def test_what_is_stored_behind_the_start_is_looked_at(behind: str, reason: str) -> None:
    text = f"""import time

import eventlet
eventlet.monkey_patch()

class Poller:
    def start(self):
        eventlet.spawn_n(self._run)
        {behind}

    def _run(self):
        print(self.ready)
"""
    (verdict,) = verdicts(("example.py", text))
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("eventlet.spawn_n(listen, c)", "spawn.order"),
        ("eventlet.spawn_n(listen, source=c)", "spawn.order"),
        ("eventlet.spawn_n(c.listen)", "spawn.order"),
        (
            "self.x = made(c)\n        eventlet.spawn_n(listen, self.x)",
            "spawn.order",
        ),
        ("if c:\n            eventlet.spawn_n(listen, c)", "spawn.order"),
        ("eventlet.spawn(listen, c).wait()", "spawn.future"),
        ("eventlet.spawn_after(5, listen, c)", "spawn.timer"),
        ("eventlet.spawn_n(listen, 1)", "spawn.preemptive"),
        ("c.send()\n        eventlet.spawn_n(listen, 1)", "spawn.preemptive"),
        ("eventlet.spawn_n(listen, c)\n        c.join()", "spawn.preemptive"),
        (
            "eventlet.spawn_n(listen, c)\n        for _ in c:\n            c.join()",
            "spawn.preemptive",
        ),
        (
            "t = eventlet.spawn(listen, c)\n        print(c)\n        t.wait()",
            "spawn.future",
        ),
    ],
)
def test_what_a_with_around_the_start_ends_is_looked_at(body: str, reason: str) -> None:
    text = f"""import eventlet
eventlet.monkey_patch()

def start(self, connect, made):
    with connect() as c:
        {body}

def listen(source):
    print(source)
"""
    (verdict,) = verdicts(("example.py", text))
    assert verdict.reason == reason


LOOP = """import eventlet
eventlet.monkey_patch()


def start(hosts):
    for host in hosts:
        {}
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("eventlet.spawn_n(lambda: print(host))", "spawn.order"),
        (
            "name = str(host)\n        eventlet.spawn_n(lambda: print(name))",
            "spawn.order",
        ),
        ("eventlet.spawn_n(print, host)", "spawn.preemptive"),
        ("eventlet.spawn_n(lambda: print(len(hosts)))", "spawn.preemptive"),
        (
            "eventlet.spawn_n(lambda: print(host))\n        eventlet.sleep(1)",
            "spawn.preemptive",
        ),
    ],
)
def test_what_a_loop_binds_again_is_looked_at(body: str, reason: str) -> None:
    verdict = verdicts(("example.py", LOOP.format(body)))[0]
    assert verdict.reason == reason


CALLED = """import eventlet
eventlet.monkey_patch()


class Poller:
    def start(self):
        eventlet.spawn_n(self._run)

    def _run(self):
        print(self.ready)


class Other:
    def use(self, poller: Poller):
        poller.start()
        {}


def call(other: Other, poller: Poller):
    other.use(poller)
    {}
"""


@pytest.mark.parametrize(
    ("behind", "above", "reason"),
    [
        ("poller.ready = True", "pass", "spawn.order"),
        ("self.ready = True", "pass", "spawn.preemptive"),
        ("eventlet.sleep(1)\n        poller.ready = True", "pass", "spawn.preemptive"),
        ("pass", "poller.ready = True", "spawn.order"),
        ("pass", "other.ready = True", "spawn.preemptive"),
        ("eventlet.sleep(1)", "poller.ready = True", "spawn.preemptive"),
    ],
)
def test_what_callers_store_is_looked_at(behind: str, above: str, reason: str) -> None:
    (verdict,) = verdicts(("example.py", CALLED.format(behind, above)))
    assert verdict.reason == reason


MADE = """import eventlet
eventlet.monkey_patch()


class Base:
    def __init__(self):
        self.name = ''


class Other(Base):
    def __init__(self):
        super().__init__()
        {other}


class Poller(Base):
    def __init__(self):
        super().__init__()
        self.ready = False
        eventlet.spawn_n(self._run)

    def _run(self):
        print(self.ready)


def work(poller: Poller):
    print(poller.late)


def start(poller: Poller):
    eventlet.spawn_n(work, poller)


def start_again(poller: Poller):
    eventlet.spawn_n(poller._run)


class Fast(Poller):
    def __init__(self):
        super().__init__()
        {fast}


class Service:
    def __init__(self):
        self.poller = Poller()
        {made}


def main():
    service = Service()
    {main}
"""


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({"other": "self.ready = True"}, "spawn.preemptive"),
        ({"fast": "self.ready = True"}, "spawn.order"),
        ({"made": "self.poller.ready = True"}, "spawn.order"),
        ({"made": "self.ready = True"}, "spawn.preemptive"),
        ({"main": "service.poller.ready = True"}, "spawn.order"),
        ({"main": "service.ready = True"}, "spawn.preemptive"),
    ],
)
def test_an_object_is_known_by_what_its_makers_call_it(
    stored: dict[str, str], reason: str
) -> None:
    plain = dict.fromkeys(("other", "fast", "made", "main"), "pass")
    found = verdicts(("example.py", MADE.format(**plain | stored)))
    assert found[0].reason == reason


@pytest.mark.parametrize(
    ("main", "late", "again"),
    [
        ("start(poller)\n    poller.late = True", "spawn.order", "spawn.preemptive"),
        (
            "start_again(poller=poller)\n    poller.ready = True",
            "spawn.preemptive",
            "spawn.order",
        ),
        (
            "start(poller)\n    start_again(poller)\n    service.late = True",
            "spawn.preemptive",
            "spawn.preemptive",
        ),
    ],
)
def test_an_argument_is_known_by_what_its_giver_calls_it(
    main: str, late: str, again: str
) -> None:
    plain = dict.fromkeys(("other", "fast", "made"), "pass")
    main = f"poller = service.poller\n    {main}"
    found = verdicts(("example.py", MADE.format(**plain, main=main)))
    assert [each.reason for each in found[1:]] == [late, again]


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [("0", "spawn.order"), ("delay", "spawn.order"), ("0.5", "spawn.timer")],
)
def test_a_delay_that_may_be_none_is_no_delay(seconds: str, reason: str) -> None:
    text = f"""import eventlet
eventlet.monkey_patch()

class Poller:
    def start(self, delay):
        eventlet.spawn_after({seconds}, self._run)
        self.ready = True

    def _run(self):
        print(self.ready)
"""
    (verdict,) = verdicts(("example.py", text))
    assert verdict.reason == reason
