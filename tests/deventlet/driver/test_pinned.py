"""Which calls a mock gets, and what of it a yield of the project's own may miss."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

CONFIG = 'yield-helper = "proj.utils.rest"\nassume = ["process-patched"]\n'
UTILS = "def rest():\n    pass\n"
WORK = """import eventlet


def work(jobs):
    for job in jobs:
        eventlet.sleep(0)
    eventlet.sleep(1)
"""
TEST = """import unittest
from unittest import mock

from proj import work


class Work(unittest.TestCase):
    @mock.patch('eventlet.sleep'{given})
    def test_work(self, sleep):
        {asked}
"""


def rewritten(asked: str, given: str = "") -> Rewritten:
    lines = asked.replace("\n", "\n        ")
    test = TEST.format(asked=lines, given=given)
    files = (
        File("proj/work.py", WORK, WORK),
        File("proj/utils.py", UTILS, UTILS),
        File("proj/tests/test_work.py", test, test),
    )
    return rewrite(Case("sleep", "a case", 1, files, CONFIG))


def is_moved(found: Rewritten) -> bool:
    """Whether the mock moved, and all it meets with it; False for none of them."""
    after = {path: text.decode() for path, text in found.after.items()}
    moved = "'time.sleep'" in after["proj/tests/test_work.py"]
    assert ("utils.rest()" in after["proj/work.py"]) is moved
    assert ("time.sleep(1)" in after["proj/work.py"]) is moved
    return moved


ONES = "sleep.assert_has_calls([mock.call(1)] * 2)"


@pytest.mark.parametrize(
    "asked",
    [
        "work.work(())",
        f"work.work(())\n{ONES}\nself.assertEqual(2, sleep.call_count)",
        f"work.work(())\n{ONES}\nself.assertEqual(sleep.call_count, 2)",
        f"work.work(())\nself.assertEqual(2, sleep.call_count)\n{ONES}",
        f"work.work(())\n{ONES}\nassert sleep.call_count == 2",
        "work.work(())\nself.assertEqual([mock.call(1)], sleep.mock_calls)",
        "work.work(())\nsleep.assert_called_once_with(1)",
        "work.work((1,))\nsleep.assert_called_with(1)\nsleep.assert_any_call(2.5)",
        "work.work((1,))\nsleep.assert_has_calls([mock.call(1)])",
        "sleep.assert_not_called()\nwork.work((1,))",
        "assert sleep.called is False\nwork.work(())\nsleep.assert_called_once_with(1)",
    ],
)
def test_a_mock_moves_that_no_yield_says_anything_to(asked: str) -> None:
    assert is_moved(rewritten(asked))


@pytest.mark.parametrize(
    "asked",
    [
        "work.work((1,))\nself.assertEqual(2, sleep.call_count)",
        "work.work((1,))\nsleep.assert_called()",
        "work.work((1,))\nself.assertTrue(sleep.called)",
        "work.work((1,))\nsleep.assert_any_call(0)",
        "work.work((1,))\nsleep.assert_has_calls([mock.call(0), mock.call(1)])",
        "work.work((1,))\nself.assertEqual([mock.call(0), mock.call(1)],"
        " sleep.mock_calls)",
        "work.work((1,))\nlen(sleep.mock_calls)",
        f"work.work((1,))\n{ONES}\nself.assertEqual(3, sleep.call_count)",
        f"self.assertEqual(2, sleep.call_count)\nwork.work((1,))\n{ONES}",
        f"work.work(())\n{ONES}\nif work:\n    self.assertEqual(2, sleep.call_count)",
        f"{ONES}\nself.assertEqual(2, sleep.call_count)\nwork.work((1,))\n"
        "assert sleep.called",
        f"{ONES}\nself.assertEqual(2, sleep.call_count)\nsleep.reset_mock()\n"
        "work.work((1,))\nself.assertEqual(2, sleep.call_count)",
        "sleep.assert_called_once_with(1)\nwork.work((1,))\nsleep.assert_called()",
        "sleep.side_effect = [None, IOError]\nwork.work((1,))",
        "work.work((1,))\nself.check(sleep)",
    ],
)
def test_a_mock_stays_that_a_yield_may_say_something_to(asked: str) -> None:
    found = rewritten(asked)
    assert not is_moved(found)
    reasons = {verdict.reason for verdict in found.outcome.verdicts}
    assert reasons <= {"mock.asked", "mock.arguments", "mock.stays"}


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (", side_effect=[None, IOError]", False),
        (", side_effect=lambda *seconds: None", True),
        (", side_effect=lambda *seconds: seconds()", False),
    ],
)
def test_what_a_mock_does_when_it_is_called(given: str, moved: bool) -> None:
    assert is_moved(rewritten("work.work((1,))", given)) is moved


def test_what_a_mock_does_says_nothing_where_all_its_calls_are_said() -> None:
    asked = f"work.work(())\n{ONES}\nself.assertEqual(2, sleep.call_count)"
    assert is_moved(rewritten(asked, ", side_effect=[None, None]"))
