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
    texts = {"kinds.py": KINDS.format(asked), "use.py": USE.format(made)}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case(codemod, "asked", 1, files))
    assert (result.after == result.before) is stays
    reasons = {v.reason for v in result.outcome.verdicts if v.subject.kind == "object"}
    assert ("value.type-tested" in reasons) is stays
