"""An object that would be of a class that it is asked for, and is not now, stays."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

KINDS = """from concurrent import futures
from queue import Queue
import threading

QUEUES = (list, Queue)


def is_native(thing):
    return {}
"""
USE = """import eventlet
import futurist

import kinds

eventlet.monkey_patch()
thing = {}
print(kinds.is_native(thing))
"""

POOL = "eventlet.GreenPool(2)\nthing.waitall()"


@pytest.mark.parametrize(
    ("codemod", "made", "asked", "stays"),
    [
        ("queue", "eventlet.queue.LightQueue(2)", "isinstance(thing, Queue)", True),
        ("queue", "eventlet.Queue(2)", "isinstance(thing, (list, Queue))", True),
        ("queue", "eventlet.Queue(2)", "type(thing) is Queue", True),
        ("queue", "eventlet.Queue(2)", "isinstance(thing, QUEUES)", True),
        ("queue", "eventlet.Queue(2)", "isinstance(thing, threading.Event)", False),
        (
            "semaphore",
            "eventlet.BoundedSemaphore(2)",
            "isinstance(thing, threading.Semaphore)",
            True,
        ),
        ("semaphore", "eventlet.Semaphore(2)", "isinstance(thing, int)", False),
        ("event", "eventlet.Event()", "isinstance(thing, threading.Event)", True),
        ("event", "eventlet.Event()", "isinstance(thing, futures.Future)", True),
        ("event", "eventlet.Event()", "isinstance(thing, Queue)", False),
        ("greenpool", POOL, "isinstance(thing, str)", False),
        ("greenpool", POOL, "isinstance(thing, futures.Executor)", True),
        (
            "executor-native",
            "futurist.GreenThreadPoolExecutor(2)",
            "isinstance(thing, futures.ThreadPoolExecutor)",
            True,
        ),
        (
            "executor-native",
            "futurist.GreenThreadPoolExecutor(2)",
            "isinstance(thing, futures.Executor)",
            False,
        ),
    ],
)
def test_object_that_would_pass_a_test_stays(
    codemod: str, made: str, asked: str, stays: bool
) -> None:
    assert stays is is_kept(codemod, KINDS.format(asked), USE.format(made))


def test_match_statement_asks_as_well() -> None:
    made = USE.format("eventlet.Queue(2)")
    matching = KINDS.format("found")[: -len("    return found\n")] + "{}"
    one = "    match thing:\n        case {}:\n            return 1\n"
    assert is_kept("queue", matching.format(one.format("Queue()")), made)
    assert is_kept("queue", matching.format(one.format("list() | Queue()")), made)
    assert not is_kept("queue", matching.format(one.format("list()")), made)


MORE = """import eventlet
import functools
import queue
import threading

import natives

eventlet.monkey_patch()
KINDS = {{queue.Queue: "native", int: "number"}}
NATIVE = (queue.Queue,)


class Told:
    KINDS = {{"jobs": NATIVE}}

    def is_native(self, thing):
        return isinstance(thing, self.KINDS["jobs"])


@functools.singledispatch
def told(thing):
    return "green"


{registered}


def is_one(thing, kinds):
    return isinstance(thing, kinds)


def shown(kind):
    return kind is queue.Queue


jobs = eventlet.Queue(2)
print({asked})
"""
NATIVES = "from queue import Queue, LifoQueue as Lifo\n\nmade = Queue()\n"


@pytest.mark.parametrize(
    "asked",
    [
        "KINDS.get(type(jobs))",
        "KINDS[type(jobs)]",
        "type(jobs) in KINDS",
        "queue.Queue in type(jobs).__mro__",
        "shown(type(jobs))",
        "issubclass(type(jobs), queue.Queue)",
        "isinstance(jobs, int | queue.Queue)",
        "isinstance(jobs, NATIVE + (int,))",
        "isinstance(jobs, natives.Queue)",
        "isinstance(jobs, natives.Lifo)",
        "is_one(jobs, queue.Queue)",
        "Told().is_native(jobs)",
        "any(isinstance(jobs, each) for each in NATIVE)",
        "jobs.__class__ is queue.Queue",
    ],
)
def test_class_that_is_not_written_beside_the_question(asked: str) -> None:
    text = MORE.format(asked=asked, registered="")
    assert not changes({"use.py": text, "natives.py": NATIVES})


@pytest.mark.parametrize(
    "registered",
    [
        "@told.register(queue.Queue)\ndef _(thing):\n    return 'native'",
        "@told.register\ndef _(thing: queue.Queue):\n    return 'native'",
        "told.register(queue.Queue, lambda thing: 'native')",
    ],
)
def test_function_that_is_chosen_by_the_class(registered: str) -> None:
    text = without_classes(MORE.format(asked="told(jobs)", registered="{}"))
    text = text.replace("{}", registered)
    assert not changes({"use.py": text, "natives.py": NATIVES})
    assert changes({"use.py": text.replace(registered, ""), "natives.py": NATIVES})


@pytest.mark.parametrize(
    "asked",
    [
        "KINDS[type(jobs)]",
        "type(jobs) in KINDS",
        "is_one(jobs, threading.Event)",
        "Told().is_native(jobs)",
        "told(jobs)",
        "type(jobs).__name__",
        "'%s' % type(jobs)",
        "jobs, made",
    ],
)
def test_no_native_class_is_named_as_a_value(asked: str) -> None:
    made = "made = queue.Queue(3)"
    text = without_classes(MORE.format(asked=asked, registered=made))
    assert changes({"use.py": text, "natives.py": NATIVES})


@pytest.mark.parametrize(("asked", "stays"), [("Queue", True), ("list", False)])
def test_object_that_is_lost_may_come_to_a_test(asked: str, stays: bool) -> None:
    told = f"from queue import Queue\n\n\ndef tell(x):\n    isinstance(x, {asked})\n"
    use = "import eventlet\nimport reporting\n\neventlet.monkey_patch()\n"
    use += "reporting.follow(eventlet.Queue(2))\n"
    assert changes({"use.py": use, "told.py": told}) is not stays


def without_classes(text: str) -> str:
    """The program with nothing in it that names a native class as a value."""
    for each in ("{queue.Queue:", "(queue.Queue,)", "is queue.Queue"):
        text = text.replace(each, each.replace("queue.Queue", "str"))
    return text


def changes(texts: dict[str, str]) -> bool:
    """Whether the queues of some files become native ones."""
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("queue", "asked", 1, files))
    return result.after != result.before


def is_kept(codemod: str, kinds: str, use: str) -> bool:
    """Whether the object stays because of the classes that it is asked for."""
    texts = {"kinds.py": kinds, "use.py": use}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case(codemod, "asked", 1, files))
    objects = [v for v in result.outcome.verdicts if v.subject.kind == "object"]
    stays = "value.type-tested" in {each.reason for each in objects}
    assert (result.after == result.before) is stays
    return stays
