"""What is said of names that are bound before their process patches."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite
from tests.support.worlds import run_programs

HUB = """import eventlet

sleep = eventlet.sleep


def patch():
    eventlet.monkey_patch()
"""
MAIN = """from proj import hub
hub.patch()


def main():
    hub.sleep(1)


if __name__ == "__main__":
    main()
"""


def test_calls_are_told_where_their_name_is_bound_too_early() -> None:
    texts = {"proj/__init__.py": "", "proj/hub.py": HUB, "proj/main.py": MAIN}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("sleep", "early", 1, files))
    sites = [site for each in result.outcome.verdicts for site in each.subject.sites]
    assert {site.path for site in sites} == {"proj/hub.py", "proj/main.py"}
    where = "proj/main.py may run proj/hub.py:3 before time is patched"
    assert {each.detail for each in result.outcome.verdicts} == {where}


WORKER = """from eventlet import sleep
import eventlet

DEFAULT = eventlet.sleep


def run():
    sleep(1)
    DEFAULT(2)
    eventlet.sleep(3)
"""
END = '\n\nif __name__ == "__main__":\n    main()\n'
CALL = "def main():\n    worker.run()\n"


@pytest.mark.parametrize(
    ("main", "early"),
    [
        (
            "import sys\nimport eventlet\nfrom proj import worker\n\n"
            f"if len(sys.argv) > 1:\n    eventlet.monkey_patch()\n\n\n{CALL}",
            True,
        ),
        (
            "import sys\nimport eventlet\nfrom proj import worker\n\n\n"
            "def main():\n    if len(sys.argv) > 1:\n        eventlet.monkey_patch()\n"
            "    worker.run()\n",
            True,
        ),
        (
            "import sys\nimport eventlet\n\n"
            "if len(sys.argv) > 1:\n    eventlet.monkey_patch()\n\n"
            f"from proj import worker\n\n\n{CALL}",
            False,
        ),
        (
            "import sys\nfrom proj import hub\n\n"
            "if len(sys.argv) > 1:\n    hub.patch()\n\n"
            f"from proj import worker\n\n\n{CALL}",
            False,
        ),
        (
            "import sys\nimport eventlet\nfrom proj import worker\n\n\n"
            "def main():\n    if len(sys.argv) > 1:\n"
            "        eventlet.monkey_patch(time=False)\n    worker.run()\n",
            False,
        ),
        (f"from proj import worker\n\n\n{CALL}", False),
    ],
)
def test_name_above_a_condition_that_patches_is_early_whoever_assumes(
    main: str, early: bool
) -> None:
    hub = "import eventlet\n\n\ndef patch():\n    eventlet.monkey_patch()\n"
    texts = {
        "proj/__init__.py": "",
        "proj/hub.py": hub,
        "proj/main.py": main + END,
        "proj/worker.py": WORKER,
    }
    files = tuple(File(path, text, text) for path, text in texts.items())
    config = 'assume = ["process-patched"]\n'
    result = rewrite(Case("sleep", "early", 1, files, config))
    bound = [v for v in result.outcome.verdicts if v.subject.kind == "alias"]
    assert [each.applies for each in bound] == [not early] * 2
    used = [v for v in result.outcome.verdicts if v.subject.kind == "use"]
    assert [each.applies for each in used] == [True]


BLOCK = """import sys

import eventlet

if sys.argv:
    eventlet.monkey_patch()

    class Clock:
        def tick(self):
            for number in range(3):
                print(number, end=" ")
                eventlet.sleep(0.1)

    eventlet.spawn(Clock().tick)
    eventlet.sleep(0.5)
    print("done")
"""


def test_block_that_patches_lets_others_run_as_before() -> None:
    result = rewrite(Case("sleep", "block", 1, (File("main.py", BLOCK, BLOCK),)))
    assert result.after["main.py"].count(b"time.sleep(") == 2
    ran = run_programs("bare", {"before": result.before, "after": result.after})
    assert ran["before"].stdout == "0 1 2 done\n"
    assert ran["after"].behaviour == ran["before"].behaviour, ran["after"].stderr


WORK = """from app import util

def main():
    util.patch()
    util.eventlet.spawn(print)
    util.eventlet.sleep(1)
"""
UTIL = """import eventlet

def patch():
    patch_all()

def patch_all():
    eventlet.monkey_patch()
"""
TEST = """import unittest
from unittest import mock

import eventlet

from app import util, work

class TestMain(unittest.TestCase):
    def test_main(self):
        {mocked}
        done = []
        eventlet.spawn(done.append, 1)
        work.main()
        self.assertEqual([1], done)
"""


@pytest.mark.parametrize(
    ("mocked", "count"),
    [
        ("pass", 1),
        ("mock.patch('main')", 1),
        ("mock.patch('eventlet.monkey_patch').start()", 0),
        ("mock.patch('app.util.patch').start()", 0),
        ("mock.patch.object(util, 'patch_all').start()", 0),
        ("util.patch_all = mock.Mock()", 0),
    ],
)
def test_call_that_a_test_replaces_patches_nothing(mocked: str, count: int) -> None:
    files = {
        "app/__init__.py": "",
        "app/util.py": UTIL,
        "app/work.py": WORK,
        "app/tests/__init__.py": "",
        "app/tests/test_work.py": TEST.format(mocked=mocked),
    }
    given = tuple(File(path, text, text) for path, text in files.items())
    result = rewrite(Case("sleep", "mocked", 1, given))
    assert result.after["app/work.py"].count(b"time.sleep(") == count
