"""A decorator of the repository may look at what a function is called with."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import functools

import eventlet

eventlet.monkey_patch()


def check(event):
    event.send()


def log(f):
    {body}


def twice(times):
    def decorator(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            for _ in range(times):
                {inner}
        return wrapper
    return decorator


{decorator}
def work(event):
    event.wait()


def start():
    done = eventlet.Event()
    work(done)


start()
"""
WRAPPER = "def wrapper(event, *rest):\n        {}\n    return wrapper"


def verdict(decorator: str, body: str = "return f", inner: str = "pass") -> str:
    """The reason against the event, if it stays."""
    text = PROGRAM.format(decorator=decorator, body=body, inner=inner)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    found = result.outcome.verdicts[-1]
    return "" if found.rewrite is not None else found.reason


@pytest.mark.parametrize(
    "line",
    ["event.send()", "check(event)", "check(*rest)", "kept = event", "return event"],
)
def test_a_wrapper_that_looks_at_it_counts(line: str) -> None:
    assert verdict("@log", WRAPPER.format(line)) == "value.passed"
    inner = line.replace("event", "args[0]").replace("rest", "args")
    assert verdict("@twice(2)", inner=inner) == "value.passed"


@pytest.mark.parametrize(
    "line", ["return f(event, *rest)", "print(event)", "log.debug('%s', event)", "pass"]
)
def test_a_wrapper_that_hands_it_on_does_not(line: str) -> None:
    assert verdict("@log", WRAPPER.format(line)) == ""
    assert verdict("@twice(2)", inner="f(*args, **kwargs)") == ""


def test_a_decorator_that_keeps_the_function_does_not() -> None:
    assert verdict("@log") == ""


def test_a_class_that_stands_for_the_function_counts() -> None:
    text = PROGRAM.replace("def log(f):\n    {body}", "class Log:\n    {body}")
    text = text.format(
        decorator="@Log", body="def __call__(self, event): ...", inner="pass"
    )
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    assert result.outcome.verdicts[-1].reason == "value.passed"
