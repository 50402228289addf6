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


STARTS = [
    "eventlet.spawn(function, *rest)",
    "eventlet.spawn_n(function, *rest, **{})",
    "eventlet.spawn_after(1, function, *rest)",
    "eventlet.GreenPool().spawn_n(function, *rest)",
    "functools.partial(function, *rest)()",
]


@pytest.mark.parametrize("body", STARTS)
def test_it_is_where_another_function_calls_it(body: str) -> None:
    parts = {"head": KNOWN["head"], "body": body}
    assert verdict(**parts, call="run(work, done)") == ""
    assert verdict(**parts, call="run(lambda n, event: event.send(), 1, done)") == ""
    assert verdict(**parts, call="run(input, done)") == "value.passed"
    assert verdict(**parts, call="run(lambda event, n: input(n), 1, done)")


@pytest.mark.parametrize(
    "body",
    [
        "eventlet.spawn(function, *[], *rest)",
        "eventlet.spawn(function, *reversed(rest))",
        "eventlet.spawn(function, *((1,) + rest))",
        "rest = (1,) + rest\n    function(*rest)",
        "rest = rest[0:]\n    eventlet.spawn(function, *rest)",
        "function(*(rest * 2))",
        "eventlet.spawn(*[function], *rest)",
        "function = input\n    eventlet.spawn(function, *rest)",
        "eventlet.spawn(STORED.pop(), *rest)",
    ],
)
def test_it_is_not_where_its_arguments_are_not_known(body: str) -> None:
    parts = {"head": KNOWN["head"], "body": body}
    assert verdict(**parts, call="run(work, done)").startswith("value.")


METHODS = """import eventlet

eventlet.monkey_patch()


def start(function, *rest):
    {start}


class Worker:
    def run(self, event):
        event.send()

    {decorated}def go({me}):
        done = eventlet.Event()
        {call}
        done.wait()


class Other(Worker):
    def run(self, event):
        {other}


Other().go()
"""
PLAIN = {"start": "function(*rest)", "call": "start(self.run, done)", "decorated": ""}


@pytest.mark.parametrize(
    "start", ["function(*rest)", "eventlet.spawn(function, *rest)"]
)
@pytest.mark.parametrize(
    "call", ["start(self.run, done)", "eventlet.spawn(self.run, done)"]
)
def test_a_method_that_a_class_overrides_is_followed_into_both(
    start: str, call: str
) -> None:
    parts = {**PLAIN, "start": start, "call": call, "me": "self"}
    assert found_in(METHODS.format(**parts, other="event.ready()")) == [""]
    assert found_in(METHODS.format(**parts, other="input(event)")) == ["value.passed"]


def test_a_function_of_a_class_may_lack_its_object() -> None:
    parts = {**PLAIN, "call": "start(cls.run, done, 1)", "me": "cls"}
    text = METHODS.format(**{**parts, "decorated": "@classmethod\n    "}, other="pass")
    assert found_in(text) == ["value.passed"]


def found_in(text: str) -> list[str]:
    """The reasons against the events of a program."""
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    verdicts = result.outcome.verdicts
    return ["" if each.rewrite is not None else each.reason for each in verdicts]


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
