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
        ("greenpool", "eventlet.GreenPool(2)", "isinstance(thing, str)", False),
        (
            "greenpool",
            "eventlet.GreenPool(2)",
            "isinstance(thing, futures.Executor)",
            True,
        ),
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


def is_kept(codemod: str, kinds: str, use: str) -> bool:
    """Whether the object stays because of the classes that it is asked for."""
    texts = {"kinds.py": kinds, "use.py": use}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case(codemod, "asked", 1, files))
    objects = [v for v in result.outcome.verdicts if v.subject.kind == "object"]
    stays = "value.type-tested" in {each.reason for each in objects}
    assert (result.after == result.before) is stays
    return stays
