"""The benchmark of Eventlet's own tests, on a small checkout of something like it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "eventlet_tests.py"
TESTS = """\
import eventlet
import tests


class TestQueue(tests.LimitedTestCase):
    def test_first(self):
        self._put(eventlet.Queue())

    def _put(self, q):
        q.put("hi")
        self.assertEqual(q.get(), "hi")

    def test_channel(self):
        q = eventlet.Queue(0)
        assert q.full()


class TestAgain(TestQueue):
    pass


def test_unused():
    assert not eventlet.Queue(1).full()
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with one file of tests."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "queue_test.py").write_text(TESTS)
    return tmp_path


def run(checkout: Path, passes: list[str], least: int) -> tuple[int, dict[str, Any]]:
    """The exit status, and what became of each test."""
    listed, results = checkout / "list.json", checkout / "results.json"
    listed.write_text(json.dumps({"queue_test.py": {"passes": passes}}))
    options = ["--list", listed, "--json", results, "--least", str(least)]
    command = [sys.executable, str(BENCHMARK), str(checkout), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert results.exists(), done.stderr
    found = json.loads(results.read_text())
    return done.returncode, {each["test"]: each for each in found}


WHOLE = ["TestQueue.test_first", "TestAgain.test_first", "test_unused"]


def test_each_test_is_judged_by_what_it_reaches(checkout: Path) -> None:
    status, found = run(checkout, WHOLE, 3)
    assert status == 0
    assert {test: each["native"] for test, each in found.items()} == {
        **dict.fromkeys(WHOLE, "passed"),
        "TestQueue.test_channel": "",
        "TestAgain.test_channel": "",
    }
    assert found["TestAgain.test_channel"]["left"] == ["queue.rendezvous"]
    assert {each["after"] for each in found.values()} == {"passed"}


def test_what_is_on_no_list_must_keep_something_of_eventlet(checkout: Path) -> None:
    status, found = run(checkout, ["TestQueue.test_first"], 1)
    assert status == 1
    assert found["test_unused"]["list"] == "no"
