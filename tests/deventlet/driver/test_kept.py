"""A function that is kept below the imports of a test, before it is mocked."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite

BASE = """import unittest

import eventlet

eventlet.monkey_patch()


class Test(unittest.TestCase):
    pass
"""
BODY = """

class WorkerTest(base.Test):
    @mock.patch("time.sleep", side_effect=lambda seconds: eventlet.sleep(0))
    def test_others_run(self, mocked):
        pass

    @mock.patch("time.sleep", side_effect=lambda seconds: eventlet.sleep(1))
    def test_others_wait(self, mocked):
        pass
"""
HEAD = """import time
from unittest import mock

import eventlet

from proj.tests import base
"""


def rewritten(head: str, body: str = BODY) -> Rewritten:
    files = (
        File("proj/tests/base.py", BASE, BASE),
        File("proj/tests/test_worker.py", head + body, head + body),
    )
    return rewrite(Case("sleep", "a case", 1, files))


def after(head: str, body: str = BODY) -> str:
    return rewritten(head, body).after["proj/tests/test_worker.py"].decode()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            HEAD,
            "import time\nfrom unittest import mock\n\nfrom proj.tests import base\n\n"
            "real_sleep = time.sleep\n",
        ),
        (
            HEAD.replace("import time\n", "") + "\nreal_sleep = 1\n",
            "import time\nfrom unittest import mock\n\nfrom proj.tests import base\n\n"
            "real_sleep_2 = time.sleep\n\nreal_sleep = 1\n",
        ),
        (
            f"{HEAD}from proj.tests import (  # ours\n    worker,\n)  # and more\n"
            "TIME = 1\n",
            "import time\nfrom unittest import mock\n\nfrom proj.tests import base\n"
            "from proj.tests import (  # ours\n    worker,\n)  # and more\n\n"
            "real_sleep = time.sleep\nTIME = 1\n",
        ),
        (
            "import time as clock\nfrom unittest import mock\n\nimport eventlet\n\n"
            "from proj.tests import base\n",
            "import time as clock\nfrom unittest import mock\n\n"
            "from proj.tests import base\n\nreal_sleep = clock.sleep\n",
        ),
    ],
)
def test_function_is_kept_once_below_the_imports(head: str, expected: str) -> None:
    name = "real_sleep_2" if "real_sleep_2" in expected else "real_sleep"
    body = BODY.replace("eventlet.sleep", name)
    assert after(head) == expected + body
    again = rewritten(expected, body)
    assert not again.outcome.changes


@pytest.mark.parametrize(
    "head",
    [
        HEAD + "from proj.tests.worker import *\n",
        HEAD.replace("import eventlet\n\n", "") + "import eventlet\n",
        HEAD + "import mock; TIME = 1\n",
    ],
)
def test_function_is_not_kept_where_it_may_be_another_one(head: str) -> None:
    found = rewritten(head)
    assert found.after["proj/tests/test_worker.py"].decode() == head + BODY
    reasons = {
        verdict.reason
        for verdict in found.outcome.verdicts
        if verdict.subject.origin.path == "proj/tests/test_worker.py"
    }
    assert reasons == {"sleep.mocked"}
