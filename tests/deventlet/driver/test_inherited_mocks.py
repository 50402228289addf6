"""A mock of the native function that a base class in another file has for its tests."""

from __future__ import annotations

import pytest

from deventlet.codemod import Refuse, Rewrite
from tests.pages import Case, File
from tests.support.tool import rewrite

PATH = "proj/tests/test_worker.py"
BASE = """import time
import unittest
from unittest import mock

import fixtures


class Test(unittest.TestCase):
    def setUp(self):
        {}

    def other(self):
        {}


class Helper:
    pass
"""
WORKER = """import eventlet

from proj.tests import base

eventlet.monkey_patch()


class WorkerTest(base.Test):
    def test_work(self):
        eventlet.sleep(3)
"""
MOCKS = [
    "mock.patch('time.sleep').start()",
    "mock.patch.object(time, 'sleep').start()",
    "self.useFixture(fixtures.MockPatchObject(time, 'sleep', autospec=True))",
    "self.useFixture(fixtures.MonkeyPatch('time.sleep', lambda seconds: None))",
    "self.other()\n        mock.patch('time.time').start()",
]


def is_rewritten(base: str, worker: str = WORKER, **more: str) -> bool:
    texts = {"base": base, "test_worker": worker, "__init__": "", **more}
    files = (File(f"proj/tests/{name}.py", it, it) for name, it in texts.items())
    found = rewrite(Case("sleep", "a case", 1, tuple(files)))
    (verdict,) = [
        verdict
        for verdict in found.outcome.verdicts
        if verdict.subject.origin.path == PATH
    ]
    decision = verdict.decision
    assert isinstance(decision, Rewrite) or (
        isinstance(decision, Refuse) and decision.reason == "sleep.mocked"
    )
    return isinstance(decision, Rewrite)


@pytest.mark.parametrize("mocking", MOCKS)
def test_inherited_mock_would_meet_the_call(mocking: str) -> None:
    assert not is_rewritten(BASE.format(mocking, "mock.patch('time.sleep').start()"))


def test_mock_of_another_method_is_not_met() -> None:
    assert is_rewritten(BASE.format("pass", MOCKS[0]))


def test_mock_of_another_class_of_the_file_is_not_met() -> None:
    worker = WORKER.replace("base.Test", "base.Helper")
    assert is_rewritten(BASE.format(MOCKS[0], "pass"), worker)


@pytest.mark.parametrize(
    "derived",
    [
        "from proj.tests.base import Test\n\n\nclass Further(Test):\n    pass\n",
        "from proj.tests import base\n\n\n@base.mark\nclass Further(\n"
        "    base.Helper,\n    base.Test,\n):\n    pass\n",
    ],
)
def test_mock_is_found_through_a_class_between(derived: str) -> None:
    worker = WORKER.replace("import base", "import further")
    worker = worker.replace("base.Test", "further.Further")
    assert not is_rewritten(BASE.format(MOCKS[0], "pass"), worker, further=derived)


def test_mock_is_found_through_a_package_that_has_the_class_too() -> None:
    worker = WORKER.replace("from proj.tests import base", "from proj import tests")
    worker = worker.replace("base.Test", "tests.Test")
    shown = {"__init__": "from proj.tests.base import Test\n"}
    assert not is_rewritten(BASE.format(MOCKS[0], "pass"), worker, **shown)


def test_function_that_such_a_test_calls_is_met() -> None:
    worker = WORKER.replace("eventlet.sleep(3)", "rest()")
    worker += "\n\ndef rest():\n    eventlet.sleep(3)\n"
    assert not is_rewritten(BASE.format(MOCKS[0], "pass"), worker)
    alone = worker.replace("        rest()\n", "        pass\n")
    assert is_rewritten(BASE.format(MOCKS[0], "pass"), alone)


def test_mock_of_eventlet_in_the_base_goes_along() -> None:
    base = BASE.replace("import time\n", "import eventlet\n")
    assert is_rewritten(base.format(_green("eventlet, 'sleep'"), "pass"))


def _green(target: str) -> str:
    return f"mock.patch.object({target}).start()"
