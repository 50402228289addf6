"""What a test takes back out of a mock that the code gave it to."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

CODE = """import eventlet

eventlet.monkey_patch()


class Worker:
    def work(self, event, size):
        event.wait()


def work(event, size):
    event.wait()


def start(worker=None):
    done = eventlet.Event()
    work(done, size=2)
    Worker().work(done, 2)
    eventlet.spawn(work, done, 2)
    done.send()
"""
TEST = """import unittest
from unittest import mock

import code_of_ours as ours
import other


def first(mocked):
    return mocked.call_args[0][0]


def check(thing, size=None):
    assert not thing.has_result()


class TestStart(unittest.TestCase):
    @mock.patch("code_of_ours.{name}")
    def test_start(self, run):
        ours.start()
        {line}
"""


def stays(line: str, name: str = "work") -> bool:
    """Whether the event stays."""
    return not _is_rewritten(TEST.format(name=name, line=line))


def _is_rewritten(test: str) -> bool:
    files = (File("code_of_ours.py", CODE, CODE), File("test_it.py", test, test))
    result = rewrite(Case("event", "event", 1, files))
    found = [each for each in result.outcome.verdicts if each.subject.kind == "object"]
    assert all(each.rewrite or each.reason == "value.passed" for each in found)
    return all(each.rewrite is not None for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "assert not run.call_args[0][0].has_result()",
        "assert not run.call_args.args[0].has_result()",
        "assert not run.call_args_list[-1][0][0].has_result()",
        "assert not run.call_args_list[1:][0].args[0].has_result()",
        "assert not run.mock_calls[0].args[0].has_result()",
        "assert not other.run.method_calls[0][1][0].has_result()",
        "assert not run.await_args.kwargs['event'].has_result()",
        "assert not run.call_args[1].get('event').has_result()",
        "assert not getattr(run.call_args[0][0], 'has_result')()",
        "assert not first(run).has_result()",
        "assert not next(iter(run.call_args[0])).has_result()",
        "check(run.call_args[0][0])",
        "check(*run.call_args[0])",
        "check(thing=run.call_args[0][0])",
        "args, kwargs = run.call_args; args[0].send()",
        "(event, *rest), kwargs = run.call_args; event.send()",
        "self.args = run.call_args[0]; self.args[0].send()",
        "[each[0][0].send() for each in run.call_args_list]",
        "[each.send() for args, kwargs in run.call_args_list for each in args]",
        "[v.send() for k, v in run.call_args[1].items()]",
        "{'a': run.call_args[0][0]}['a'].send()",
        "(run.call_args or [[None]])[0][0].send()",
    ],
)
def test_what_is_taken_back_may_be_used(line: str) -> None:
    assert stays(line)
    assert stays(line, "Worker.work")


@pytest.mark.parametrize(
    "line",
    [
        "run.assert_called_once_with(mock.ANY, size=2)",
        "run.assert_called_once_with(*run.call_args[0], **run.call_args[1])",
        "assert run.call_count == 1 and run.call_args",
        "assert run.call_args == mock.call(mock.ANY, size=2)",
        "args, kwargs = run.call_args; assert kwargs == {'size': 2}",
        "assert run.call_args[1]['size'].bit_length() == 2",
        "assert run.call_args_list.count(mock.call(1)) == 0",
        "self.assertEqual(2, run.call_args[1].get('size'))",
        "self.assertIsNotNone(run.call_args[0][0])",
        "other.load(run.call_args[0][0])",
    ],
)
def test_what_is_only_compared_is_nothing_against_it(line: str) -> None:
    assert not stays(line)


def test_a_mock_of_another_name_is_nothing_against_it() -> None:
    line = "assert not run.call_args[0][0].has_result()"
    assert not stays(line, "other")


OTHERS = """import unittest
from unittest import mock

import code_of_ours as ours


{decorated}
class TestStart(unittest.TestCase):
    def setUp(self):
        self.run = mock.patch.object(ours, "{name}").start()
        self.other = mock.patch("code_of_ours.{other}").start()

    def test_start(self, *found):
        ours.start()
        {line}
"""


@pytest.mark.parametrize(
    ("line", "name", "other", "is_kept"),
    [
        ("self.run.call_args[0][0].reset()", "work", "none", True),
        ("self.other.call_args[0][0].reset()", "none", "work", True),
        ("found[0].call_args[0][0].reset()", "work", "none", True),
        ("self.run.call_args[0][0].reset()", "none", "other", False),
        ("run = mock.Mock(); run.call_args[0][0].reset()", "work", "none", False),
    ],
)
def test_a_mock_may_be_made_where_the_test_does_not_say(
    line: str, name: str, other: str, is_kept: bool
) -> None:
    decorated = "@mock.patch('code_of_ours.work')" if "found" in line else ""
    test = OTHERS.format(line=line, name=name, other=other, decorated=decorated)
    assert is_kept == (not _is_rewritten(test))
