"""What stands beside an operator may be given to a method of the repository."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import eventlet

eventlet.monkey_patch()


class Box:
    def __init__(self, other=None):
        self.held = []
        self.boxes = [Box] or other
        self.other = other

    def {method}:
        event.send()


class Plain:
    pass


def start(some, *rest):
    done = eventlet.Event()
    box = Box()
    kept = Plain()
    named = {{}}
    made = Box() if some else []
    listed = list(some)
    {code}
    done.wait()
"""


def verdict(method: str, code: str) -> str:
    """The reason against the event, if it stays."""
    text = PROGRAM.format(method=method, code=code)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    found = result.outcome.verdicts[-1]
    return "" if found.rewrite is not None else found.reason


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("__add__(self, event)", "some + done"),
        ("__add__(self, event)", "box + done"),
        ("__add__(self, event)", "made + done"),
        ("__add__(self, event)", "some + [done]"),
        ("__radd__(self, event)", "done + some"),
        ("__iadd__(self, event)", "made += done"),
        ("__sub__(self, event)", "box -= done"),
        ("__matmul__(self, event)", "some @ done"),
        ("__contains__(self, event)", "print(done in some)"),
        ("__contains__(self, event)", "print(done not in box)"),
        ("__contains__(self, event)", "print(done in box.boxes)"),
        ("__eq__(self, event)", "print(some == done)"),
        ("__eq__(self, event)", "print(done != some)"),
        ("__gt__(self, event)", "print(done < some < 5)"),
        ("__getitem__(self, event)", "some[done]"),
        ("__getitem__(self, event)", "some[done, 1]"),
        ("__delitem__(self, event)", "del box[done]"),
        ("__setitem__(self, event, value)", "box[done] = 1"),
        ("__setitem__(self, key, event)", "box[1] = done"),
    ],
)
def test_an_operand_of_such_a_class_is_out_of_sight(method: str, code: str) -> None:
    assert verdict(method, code) == "value.passed"


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("__sub__(self, event)", "some + done"),
        ("__add__(self, event)", "kept + done"),
        ("__add__(self, event)", "listed + [done]"),
        ("__add__(self, event)", "listed[1:] + list(some) + [done]"),
        ("__radd__(self, event)", "some + done"),
        ("__mod__(self, event)", "print('%s' % done)"),
        ("__contains__(self, event)", "print(done in listed)"),
        ("__contains__(self, event)", "print(done in box.held)"),
        ("__contains__(self, event)", "print(done in (done, some))"),
        ("__eq__(self, event)", "print(some is done)"),
        ("__eq__(self, event)", "print(kept == done)"),
        ("__getitem__(self, event)", "named[done] = 1"),
        ("__setitem__(self, key, event)", "named[1] = done"),
        ("__contains__(self, event)", "print(done in rest)"),
    ],
)
def test_another_operand_gets_it_not(method: str, code: str) -> None:
    assert verdict(method, code) == ""
