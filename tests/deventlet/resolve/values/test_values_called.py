"""Functions of others that call a function with what a container holds."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import itertools
import operator

import eventlet

eventlet.monkey_patch()


def look(event, other=None):
    return {asked}


def start():
    done = eventlet.Event()
    pool = eventlet.GreenPool()
    held = [done]
    named = {{}}
    {code}
    done.send()
    done.wait()
"""


def verdict(code: str, asked: str) -> str:
    """The reason against the event, if it stays."""
    text = PROGRAM.format(code=code, asked=asked)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    found = [
        each
        for each in result.outcome.verdicts
        if each.subject.kind == "object" and each.subject.origin.line == 14
    ]
    assert len(found) == 1
    return "" if found[0].rewrite is not None else found[0].reason


@pytest.mark.parametrize(
    "code",
    [
        "sorted([done], key=look)",
        "min(held, key=look)",
        "max([done], key=lambda event: look(event))",
        "held.sort(key=look)",
        "pool.starmap(look, [(done,)])",
        "pool.starmap(look, [(1, done), (done, 2)])",
        "itertools.starmap(look, [(done,)])",
        "named = {} | {1: done}; look(named[1])",
        "held[:] = [done]; look(held[0])",
        "held[1:] = (done, done); [look(each) for each in held]",
    ],
)
def test_a_function_gets_what_a_container_holds(code: str) -> None:
    assert verdict(code, "event.has_result()") == "event.missing"
    assert verdict(code, "event.ready()") == ""


@pytest.mark.parametrize(
    "code",
    [
        "sorted([done], key=id)",
        "sorted([done], key=None)",
        "sorted([(1, done)], key=operator.itemgetter(0))",
        "pool.starmap(look, [(1, done)])",
    ],
)
def test_what_does_not_get_it_is_nothing_against_it(code: str) -> None:
    assert verdict(code, "event.has_result()") == ""
