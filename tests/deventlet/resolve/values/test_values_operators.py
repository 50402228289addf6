"""What stands beside an operator may be given to a method of the repository."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import eventlet

import plugins

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
    loaded = plugins.load(some)
    gone = set()
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
        ("__setattr__(self, name, event)", "box.ended = done"),
        ("remove(self, event)", "some.remove(done)"),
        ("add(self, event)", "loaded.add(done)"),
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
        ("__setattr__(self, name, event)", "kept.ended = done"),
        ("remove(self, event)", "listed.remove(done)"),
        ("append(self, event)", "box.held.append(done)"),
        ("add(self, event)", "gone.add(done)"),
        ("__contains__(self, event)", "print(done in rest)"),
    ],
)
def test_another_operand_gets_it_not(method: str, code: str) -> None:
    assert verdict(method, code) == ""


SETTING = """import eventlet

eventlet.monkey_patch()


class Kept:
    def __set__(self, owner, event):
        event.send()


class Base:
    ended = Kept()

    @property
    def begun(self):
        return None

    @begun.setter
    def begun(self, event):
        event.ready()


class Box(Base):
    pass


def start():
    done = eventlet.Event()
    box = Box()
    box.{name} = done
    done.wait()
"""


def test_an_object_that_sets_an_attribute_gets_the_value() -> None:
    assert set_as("ended") == ("value.stored", "event.ready()")


def test_an_inherited_setter_gets_the_value() -> None:
    assert set_as("begun") == ("", "event.is_set()")


def set_as(name: str) -> tuple[str, str]:
    """The reason against the event, and what a setter asks it."""
    text = SETTING.format(name=name)
    result = rewrite(Case("event", "event", 1, (File("a.py", text, text),)))
    found = result.outcome.verdicts[-1]
    after = result.after["a.py"].decode()
    asked = next(c for c in ("event.ready()", "event.is_set()") if c in after)
    return "" if found.rewrite is not None else found.reason, asked
