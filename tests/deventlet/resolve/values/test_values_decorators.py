"""Locks of oslo around a function give what the function gives; others may not."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

LOCKS = """from oslo_concurrency import lockutils
import foreign

synchronized = lockutils.synchronized_with_prefix("app-")
either = lockutils.synchronized_with_prefix("app-")
if foreign.flag:
    either = foreign.either
"""
MAIN = """import eventlet
from oslo_concurrency import lockutils
from eventlet import event

import foreign
import locks
from locks import synchronized as named

eventlet.monkey_patch()


{decorator}
def make():
    return event.Event()


ready = make()
eventlet.spawn_n(ready.send)
ready.wait()
"""


def reason(decorator: str) -> str:
    """Why the event of the program stays, if it does."""
    texts = {"locks.py": LOCKS, "main.py": MAIN.format(decorator=decorator)}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("event", "event", 1, files))
    found = [v for v in result.outcome.verdicts if v.subject.kind == "object"]
    return found[0].reason if found[0].rewrite is None else ""


@pytest.mark.parametrize(
    "decorator",
    [
        '@lockutils.synchronized("make")',
        '@lockutils.synchronized("make", external=True)',
        '@locks.synchronized("make")',
        '@named("make")',
        '@named("make")\n@lockutils.synchronized("make")',
    ],
)
def test_a_lock_gives_what_the_function_gives(decorator: str) -> None:
    assert reason(decorator) == ""


@pytest.mark.parametrize(
    "decorator",
    [
        '@locks.either("make")',
        '@foreign.synchronized("make")',
        "@lockutils.synchronized",
        '@lockutils.synchronized("make")\n@foreign.synchronized("make")',
        '@foreign.synchronized("make")\n@lockutils.synchronized("make")',
        '@locks.unknown("make")',
    ],
)
def test_what_is_no_such_lock_may_give_anything(decorator: str) -> None:
    assert reason(decorator) == "value.returned"
