"""What compares an object, or what holds it, may ask it something unseen."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import unittest

import eventlet

import plugins

eventlet.monkey_patch()


class Box:
    value = None

    def __init__(self):
        self.value = Box()

    def {method}(self, other):
        {body}


class Plain:
    pass


class TestStart(unittest.TestCase):
    def test_start(self):
        done = eventlet.Event()
        second = eventlet.Event()
        box = Box()
        plain = Plain()
        {code}
        second.send()
        done.send()
        done.wait()
"""
ASKS = "return other.ready()"


def verdict(code: str, method: str = "__eq__", body: str = ASKS) -> str:
    """The reason against the first event, if it stays."""
    text = PROGRAM.format(method=method, code=code, body=body)
    result = rewrite(Case("event", "event", 1, (File("test_a.py", text, text),)))
    found = [each for each in result.outcome.verdicts if each.subject.kind == "object"]
    return "" if found[0].rewrite is not None else found[0].reason


COMPARED = [
    "assert box in [done]",
    "assert done not in [None, box]",
    "assert [done] == [box]",
    "assert (1, done) != (1, plugins.load())",
    "[box].index(done)",
    "[done].remove(box)",
    "boxes = [box]; boxes.remove(done)",
    "boxes = [done, box]; boxes.index(done)",
    "boxes = [done]; boxes.append(box); assert done in boxes",
    "self.assertEqual(box, done)",
    "self.assertIn(box, [done])",
    "self.assertListEqual([done], [box])",
    "match done:\n            case box.value:\n                pass",
]
ORDERED = [
    "sorted([done, box])",
    "max([done, box])",
    "boxes = [done, box]; boxes.sort()",
    "self.assertGreater(box, done)",
    "assert [done] < [box]",
]
ELSEWHERE = [
    "assert box is not done",
    "assert done in [second, None]",
    "assert plain in [done]",
    "assert done in [plain, 'text']",
    "events = [done, second]; events.remove(done)",
    "events = []; events.append(done); assert done in events",
    "self.assertEqual(done, second)",
    "self.assertIn(done, [done, second])",
    "self.assertIsNot(box, done)",
    "self.assertIsInstance(done, Plain)",
    "events = {}; events[1] = done; assert box not in events",
    "assert box.value is None and done",
    "match done:\n            case None:\n                pass",
]
HARMLESS = [
    "return self.value == other.value",
    "return isinstance(other, Box) and self.__dict__ == other.__dict__",
    "return type(self) == type(other) and vars(self) == vars(other)",
    "return super().__eq__(other)",
    "return getattr(other, 'value', None) == self.value",
]


@pytest.mark.parametrize("code", COMPARED)
def test_what_is_compared_is_asked_by_eq(code: str) -> None:
    assert verdict(code) == "value.passed"


@pytest.mark.parametrize("code", ORDERED)
def test_what_is_ordered_is_asked_by_lt(code: str) -> None:
    assert verdict(code, "__lt__") == "value.passed"


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_meets_no_such_object_is_nothing_against_it(code: str) -> None:
    assert verdict(code) == ""


@pytest.mark.parametrize("body", HARMLESS)
def test_a_method_that_asks_for_something_else_is_nothing_against_it(body: str) -> None:
    assert verdict("assert box in [done]", body=body) == ""


def test_what_orders_by_a_key_gives_the_object_to_nobody() -> None:
    assert verdict("sorted([done, box], key=id)", "__lt__") == ""
