"""A module that a test imports to replace a name in it: who goes with that import."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

MAIN = (
    "import eventlet\n\nfrom proj import worker\n\neventlet.monkey_patch()\n\n\n"
    "def main():\n    eventlet.spawn(worker.work).wait()\n\n\n"
    "if __name__ == '__main__':\n    main()\n"
)
WORKER = (
    "from eventlet.green import subprocess\n\n\n"
    "def work():\n    return subprocess.run(['true'])\n"
)
STAYS = f"{WORKER}\n\ndef tools():\n    return subprocess\n"
FACADE = "from proj import worker\n\n\ndef go():\n    return worker.work()\n"
BESIDE = (
    "import subprocess\n\nfrom proj import worker\n\n\n"
    "def go():\n    subprocess.run(['false'])\n    return worker.work()\n"
)
GREEN = "import eventlet\n\n\ndef start():\n    return eventlet.spawn(print)\n"
HEAD = (
    "import unittest\nfrom unittest import mock\n\n"
    "from eventlet.green import subprocess\n\nfrom proj import green\n"
    "from proj import {module}\n\n\nclass TestWorker(unittest.TestCase):\n"
)
"""Something that the tests load starts green threads, and nothing patches there."""

SET_UP = (
    "    def setUp(self):\n"
    "        self.run = mock.patch.object(subprocess, 'run').start()\n\n"
    "    def test_work(self):\n        {call}()\n"
    "        self.run.assert_called_once_with(['true'])\n"
)
HELPER = (
    "    def setUp(self):\n        self.mock_run()\n\n"
    "    def mock_run(self):\n"
    "        self.run = mock.patch.object(subprocess, 'run').start()\n\n"
    "    def test_work(self):\n        {call}()\n"
)
DECORATED = (
    "    @mock.patch.object(subprocess, 'run')\n    def test_work(self, run):\n"
    "        {call}()\n        run.assert_called_once_with(['true'])\n"
)
PYTEST = "    def test_work(self, monkeypatch):\n        monkeypatch.setattr("
PYTEST += "subprocess, 'run', print)\n        {call}()\n"
TWO = DECORATED.replace(
    "    @mock", "    @mock.patch('eventlet.green.subprocess.call')\n    @mock", 1
).replace("run)", "run, call)")


def moves(test: str, module: str = "worker", **files: str) -> bool:
    """Whether a test's import becomes the native one; the worker's goes with it."""
    name = "work" if module == "worker" else "go"
    test = HEAD.format(module=module) + test.format(call=f"{module}.{name}")
    texts = {
        "proj/__init__.py": "",
        "proj/green.py": GREEN,
        "proj/main.py": MAIN,
        "proj/worker.py": WORKER,
        "proj/tests/__init__.py": "",
        "proj/tests/test_worker.py": test,
        **{f"proj/{name}.py": text for name, text in files.items()},
    }
    found = tuple(File(path, text, text) for path, text in texts.items())
    after = rewrite(Case("green-imports", "a case", 1, found)).after
    moved = [
        b"eventlet.green" not in after[f"proj/{path}.py"]
        for path in ("tests/test_worker", "worker")
    ]
    assert moved[0] is moved[1] or "import" not in texts["proj/worker.py"]
    return moved[0]


@pytest.mark.parametrize("test", [SET_UP, HELPER, DECORATED, PYTEST, TWO])
def test_an_import_that_only_serves_mocks_needs_no_patching(test: str) -> None:
    assert moves(test)


@pytest.mark.parametrize("test", [SET_UP, HELPER, DECORATED, PYTEST, TWO])
def test_it_goes_with_what_the_test_loads_through_others(test: str) -> None:
    assert moves(test, "facade", facade=FACADE)
    assert not moves(test, "facade", facade=FACADE, worker=STAYS)


@pytest.mark.parametrize(
    "more",
    [
        "    def test_more(self):\n        subprocess.run(['true'])\n",
        "    def test_more(self):\n        self.run = subprocess.run\n",
        "    real = staticmethod(subprocess.Popen)\n",
    ],
)
def test_it_stays_where_the_test_uses_what_waits(more: str) -> None:
    assert not moves(f"{SET_UP}\n{more}")


@pytest.mark.parametrize("test", [SET_UP, DECORATED])
def test_it_stays_where_the_mock_would_count_more(test: str) -> None:
    assert not moves(test, "facade", facade=BESIDE)


def test_it_stays_where_the_native_name_is_mocked_as_well() -> None:
    twice = DECORATED.replace(
        "    @mock", "    @mock.patch('subprocess.run')\n    @mock"
    )
    assert not moves(twice.replace("run)", "run, native)", 1))


def test_it_stays_where_everybody_uses_the_native_name() -> None:
    green = "from eventlet.green import threading\n\n\ndef work():\n"
    green += "    return threading.Lock()\n"
    test = SET_UP.replace("subprocess, 'run'", "threading, 'Lock'")
    assert not moves_threading(test, green)


def moves_threading(test: str, green: str) -> bool:
    """The same for another module."""
    head = HEAD.replace("subprocess", "threading").format(module="worker")
    texts = {
        "proj/__init__.py": "",
        "proj/green.py": GREEN,
        "proj/main.py": MAIN,
        "proj/worker.py": green,
        "proj/tests/__init__.py": "",
        "proj/tests/test_worker.py": head + test.format(call="worker.work"),
    }
    found = tuple(File(path, text, text) for path, text in texts.items())
    after = rewrite(Case("green-imports", "a case", 1, found)).after
    return b"eventlet.green" not in after["proj/tests/test_worker.py"]


def test_it_stays_where_nothing_here_meets_the_mock() -> None:
    assert not moves(SET_UP, worker="def work():\n    return 1\n")
