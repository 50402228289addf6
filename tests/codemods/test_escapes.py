"""All uses of an object change together: with any way out of sight, none does.

Each kind of object is let go in every way that the analysis has a reason for. Only a
queue may go: both classes have the same members, but for a few that are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

CONFIG = (
    'executor = "concurrent.futures.ThreadPoolExecutor"\nassume = ["process-patched"]\n'
)


@dataclass(frozen=True, slots=True)
class Made:
    """How an object is made, what is done with it, and its class."""

    make: str
    use: str
    kind: str


OBJECTS = {
    "event": Made("eventlet.Event()", "send()", "eventlet.Event"),
    "greenpool": Made("eventlet.GreenPool(4)", "spawn_n(print)", "eventlet.GreenPool"),
    "queue": Made("eventlet.Queue()", "put(1)", "eventlet.Queue"),
    "semaphore": Made("eventlet.Semaphore()", "acquire()", "eventlet.Semaphore"),
    "spawn": Made(
        "eventlet.spawn(print)", "wait()", "eventlet.greenthread.GreenThread"
    ),
}
TOLD = frozenset({"event", "queue", "semaphore"})
"""Codemods that change the class in ``isinstance`` together with the object."""

PLAIN = """\
import eventlet
import other


def run(name):
    made = {make}
    made.{use}
"""
TYPE_TESTED = f"{PLAIN}    return isinstance(made, {{kind}})\n"
ESCAPES = {
    "value.passed": f"{PLAIN}    other.take(made)\n",
    "value.returned": PLAIN.replace("def", "@other.route\ndef") + "    return made\n",
    "value.stored": f"{PLAIN}    other.made = made\n",
    "value.computed": f"{PLAIN}    getattr(made, name)()\n",
    "value.mixed": PLAIN.replace("= {make}", "= {make} if name else other.Made()"),
    "value.elsewhere": """\
import eventlet
import other


class Worker:
    def __init__(self):
        self.made = {make}
        self.made.{use}


class Other:
    def __init__(self):
        self.made = other.Made()


def run(worker):
    worker.made.{use}
""",
    "value.by-name": """\
import eventlet


class Worker:
    def __init__(self):
        self.made_here = {make}


def run(worker):
    worker.made_here.{use}
""",
    "value.public": """\
import eventlet

__all__ = ["made"]

made = {make}
made.{use}
""",
    "value.deep": """\
import eventlet


def run(host, port):
    made = {{host: {{port: [{{"made": ({make},)}}]}}}}
    made[host][port][0]["made"][0].{use}
""",
}
MISSING = "\n\ndef look(thing):\n    return thing.getting()\n"
"""What asks something for a member that only Eventlet's queues have."""

MIXED = "value.mixed"
KEPT = ("queue", "semaphore")
"""Codemods that leave the uses as they are, so that it does not matter what else a name
may hold."""

each_object = pytest.mark.parametrize("codemod", OBJECTS)


def changed(codemod: str, template: str, more: str = "") -> Rewritten:
    """What becomes of a program with one object."""
    made = OBJECTS[codemod]
    text = template.format(make=made.make, use=made.use, kind=made.kind) + more
    files = (File("example.py", text, text),)
    return rewrite(Case(codemod, template, 1, files, CONFIG))


def reasons(result: Rewritten) -> set[str]:
    """Why something stays."""
    return {each.reason for each in result.outcome.verdicts if not each.applies}


@each_object
def test_an_object_that_is_all_in_sight_changes(codemod: str) -> None:
    result = changed(codemod, PLAIN)
    assert b"eventlet" not in result.after["example.py"]


@pytest.mark.parametrize(
    ("codemod", "reason"),
    [
        (name, reason)
        for name in OBJECTS
        for reason in ESCAPES
        if name != "queue" and (name not in KEPT or reason != MIXED)
    ],
)
def test_an_object_that_escapes_stays_as_a_whole(codemod: str, reason: str) -> None:
    result = changed(codemod, ESCAPES[reason])
    assert reasons(result) == {reason}
    assert result.after == result.before


@pytest.mark.parametrize("codemod", KEPT)
def test_an_object_beside_another_changes_where_its_uses_stay(codemod: str) -> None:
    result = changed(codemod, ESCAPES[MIXED])
    assert b"eventlet" not in result.after["example.py"]
    assert b"other.Made()" in result.after["example.py"]


@pytest.mark.parametrize("reason", sorted(ESCAPES.keys() - {MIXED}))
def test_a_queue_that_escapes_stays_where_more_may_be_asked_of_it(reason: str) -> None:
    result = changed("queue", ESCAPES[reason], MISSING)
    assert reasons(result) == {"queue.lost"}
    assert result.after == result.before


@pytest.mark.parametrize("codemod", sorted(OBJECTS.keys() - TOLD))
def test_an_object_whose_class_is_asked_for_stays(codemod: str) -> None:
    result = changed(codemod, TYPE_TESTED)
    assert reasons(result) == {f"{codemod}.class-used"}
    assert result.after == result.before


@pytest.mark.parametrize("codemod", sorted(TOLD))
def test_a_class_that_is_asked_for_changes_with_the_object(codemod: str) -> None:
    result = changed(codemod, TYPE_TESTED)
    assert b"eventlet" not in result.after["example.py"]
