"""A function that is called by a parameter gets what comes with it."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import functools

import eventlet

eventlet.monkey_patch()


def work(event):
    event.send()


def other(event):
    event.wait()


def {head}:
    {body}


SHARED = eventlet.Event()


def start():
    done = eventlet.Event()
    {call}
    done.wait()


start()
"""
KNOWN = {"head": "run(function, *rest)", "body": "function(*rest)"}


def verdict(**parts: str) -> str:
    """The reason against the event, if it stays; or what is sent to it."""
    text = PROGRAM.format(**parts)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    found = result.outcome.verdicts[-1]
    after = result.after["a.py"].decode()
    if found.rewrite is not None:
        assert "event.set()" in after
    return "" if found.rewrite is not None else found.reason


@pytest.mark.parametrize(
    "parts",
    [
        {**KNOWN, "call": "run(work, done)"},
        {**KNOWN, "call": "eventlet.spawn(run, work, done)"},
        {**KNOWN, "call": "run(work, done)\n    run(other, done)"},
        {
            "head": "run(event, function)",
            "body": "function(event=event)",
            "call": "run(done, function=work)",
        },
        {
            "head": "run(function, **more)",
            "body": "def inner(**more):\n        function(**more)\n    inner(**more)",
            "call": "run(work, event=done)",
        },
        {
            **KNOWN,
            "call": "run(work, done)\n    run(lambda event: event.ready(), done)",
        },
    ],
)
def test_a_function_that_comes_with_an_event_is_followed(parts: dict[str, str]) -> None:
    assert verdict(**parts) == ""


@pytest.mark.parametrize(
    "parts",
    [
        {**KNOWN, "call": "run(input, done)"},
        {**KNOWN, "call": "run(work, done)\n    run(input(), done)"},
        {**KNOWN, "call": "run(work, done)\n    functools.partial(run, input)(done)"},
        {**KNOWN, "call": "run(*[work, done])"},
        {**KNOWN, "call": "eventlet.spawn(*[run, work, done])"},
        {
            "head": "run(function, event=None)",
            "body": "function = function or input\n    function(event)",
            "call": "run(work, done)",
        },
        {
            "head": "run(function, event=None)",
            "body": "function(event)\n    mine = eventlet.Event()\n    function(mine)",
            "call": "run(work, done)\n    run(input)",
        },
        {
            "head": "run(function, event=None)",
            "body": "function(SHARED)",
            "call": "run(work, SHARED)\n    run(input)",
        },
        {
            "head": "run(function, event=None)",
            "body": "event = SHARED\n    function(event)",
            "call": "run(work, SHARED)\n    run(input)",
        },
        {
            "head": "run(*functions)",
            "body": "functions[0](functions[1])",
            "call": "run(work, done)",
        },
        {
            "head": "run(function, event, last=input)",
            "body": "last(event)",
            "call": "run(work, done)",
        },
    ],
)
def test_a_function_that_may_be_another_is_not(parts: dict[str, str]) -> None:
    text = PROGRAM.format(**parts)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    reasons = {v.reason for v in result.outcome.verdicts if v.rewrite is None}
    assert any(reason.startswith("value.") for reason in reasons)
