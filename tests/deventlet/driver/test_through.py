"""Mocks of Eventlet's functions that its own pools meet, and no executor would."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PATCH = "import eventlet\n\neventlet.monkey_patch()\n"
POOL = "import eventlet\n\nPOOL = eventlet.GreenPool(4)\n\n\ndef work():\n"
SPAWN_N = POOL + "    POOL.spawn_n(print, 1)\n"
SPAWN = POOL + "    POOL.spawn(print, 1)\n"
METHOD = "import eventlet\n\n\nclass Worker:\n    def __init__(self):\n"
METHOD += "        self.pool = eventlet.GreenPool(4)\n\n    def run(self):\n"
METHOD += "        self.pool.spawn_n(print, 1)\n"
TOGETHER = SPAWN_N + "    eventlet.spawn_n(print, 2)\n"
ASIDE = SPAWN_N + "\n\ndef other():\n    eventlet.spawn_n(print, 2)\n"
GIVEN = ASIDE.replace("(print, 2)", "(work)")
HELPER = "from proj import worker\n\n\ndef make():\n    return worker.Worker()\n"
HEAD = "import eventlet\nfrom unittest import mock\n\n"
HEAD += "from proj import helper, worker\n\n\n"
MOCKED = "@mock.patch('eventlet.spawn_n')\ndef test(m):\n    worker.{}()\n"
OBJECT = "@mock.patch.object(eventlet, 'spawn_n')\ndef test(m):\n    worker.work()\n"
FAKED = "def test():\n    with mock.patch('proj.worker.eventlet.spawn_n', print):\n"
FAKED += "        worker.work()\n"
SETUP = (
    "class T:\n    def setUp(self):\n        mock.patch('eventlet.spawn_n').start()\n"
)
SETUP += "\n    def test(self):\n        worker.work()\n"
MADE = "@mock.patch('eventlet.spawn_n')\ndef test(m):\n    helper.make().run()\n"


def converted(codemod: str, worker: str, test: str) -> tuple[str, str]:
    """What becomes of the file with the pool, and of the test."""
    texts = {
        "proj/__init__.py": PATCH,
        "proj/worker.py": worker,
        "proj/helper.py": HELPER,
        "proj/tests/__init__.py": "",
        "proj/tests/test_a.py": HEAD + test,
    }
    found = tuple(File(path, text, text) for path, text in texts.items())
    after = rewrite(Case(codemod, "a case", 1, found)).after
    return after["proj/worker.py"].decode(), after["proj/tests/test_a.py"].decode()


@pytest.mark.parametrize(
    ("worker", "test", "stays"),
    [
        (SPAWN_N, MOCKED.format("work"), True),
        (SPAWN_N, OBJECT, True),
        (SPAWN_N, FAKED, True),
        (SPAWN_N, SETUP, True),
        (METHOD, MADE, True),
        (SPAWN, MOCKED.format("work"), False),
        (SPAWN, MOCKED.format("work").replace("spawn_n", "spawn"), True),
        (SPAWN_N + "\n\ndef other():\n    pass\n", MOCKED.format("other"), False),
        (SPAWN_N, MOCKED.format("work").replace("spawn_n", "spawn_after"), False),
    ],
)
def test_a_pool_stays_whose_tasks_a_mock_takes(
    worker: str, test: str, stays: bool
) -> None:
    assert (converted("greenpool", worker, test)[0] == worker) is stays


@pytest.mark.parametrize(
    ("worker", "test", "stays"),
    [
        (TOGETHER, MOCKED.format("work"), True),
        (ASIDE, MOCKED.format("work"), True),
        (ASIDE, MOCKED.format("other"), False),
        (GIVEN, MOCKED.format("other"), False),
        (GIVEN, MOCKED.format("other").replace("')", "', lambda f: f())"), True),
    ],
)
def test_a_mock_stays_that_a_pool_meets(worker: str, test: str, stays: bool) -> None:
    after = converted("spawn", worker, test)
    assert (after == (worker, HEAD + test)) is stays
