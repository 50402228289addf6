"""What gives out what a container holds: to a function, or by a method that is kept."""

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
        "import weakref; weakref.finalize(pool, look, done)",
        """def inner():
        yield 1
        return done
    def outer():
        look((yield from inner()))
    list(outer())""",
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


@pytest.mark.parametrize(
    "code",
    [
        "named[1] = done; get = named.get; look(get(1))",
        "list(map(held.pop, [0]))",
        "take = held.copy; look(take()[0])",
        "named[1] = done; look(*map(next, map(iter, [named.values])))",
    ],
)
def test_a_method_that_gives_and_is_kept_is_not_followed(code: str) -> None:
    assert verdict(code, "event.ready()") == "value.stored"


def test_what_has_a_finalizer_is_passed_on() -> None:
    code = "import weakref; weakref.finalize(done, print)"
    assert verdict(code, "event.ready()") == "value.passed"


def test_a_method_that_gives_nothing_may_be_kept() -> None:
    assert verdict("size = held.__len__; size()", "event.ready()") == ""
