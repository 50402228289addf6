"""What is done when a process starts and ends, by the names that the imports give."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.processes.lifecycle import moments
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Project


def found(root: Path, text: str, path: str = "proj/main.py") -> list[tuple[int, str]]:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    texts = Texts(Project(root, [path]))
    return [(line, moment) for line, moment, _ in moments(texts, path)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("from oslo_service import service\nservice.launch(conf, s)\n", "launch"),
        ("from oslo_service import service as s\ns.ProcessLauncher(c)\n", "launch"),
        ("from oslo_service.service import launch\nlaunch(c, s)\n", "launch"),
        ("from eventlet import wsgi\nwsgi.server(s, a)\n", "serve"),
        ("import eventlet.wsgi\neventlet.wsgi.server(s, a)\n", "serve"),
        ("import os\nos.fork()\n", "fork"),
        ("import multiprocessing as mp\nmp.Process(target=f)\n", "fork"),
        ("import signal\nsignal.signal(signal.SIGHUP, f)\n", "signal"),
        ("import atexit\natexit.register(f)\n", "exit"),
        ("import os\nos._exit(1)\n", "exit"),
    ],
)
def test_a_moment_is_a_call_of_a_name(tmp_path: Path, text: str, moment: str) -> None:
    assert found(tmp_path, text) == [(2, moment)]


@pytest.mark.parametrize(
    "text",
    [
        "signal.signal(1, f)\n",
        "from proj import service\nservice.launch(conf, s)\n",
        "import os\nprint('os.fork()')  # os.fork()\n",
        "import signal\nhandler = signal.signal\n",
        "import os\nos.fork(\n",
    ],
)
def test_what_only_looks_like_one_is_none(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_tests_are_left_out(tmp_path: Path) -> None:
    text = "import os\nos.fork()\n"
    assert found(tmp_path, text, "proj/tests/test_main.py") == []


def test_they_come_in_order_of_place(tmp_path: Path) -> None:
    text = (
        "import os, signal\n\n\ndef f():\n    if os.fork():\n        os._exit(0)\n\n\n"
        "signal.signal(1, f)\n"
    )
    assert found(tmp_path, text) == [(5, "fork"), (6, "exit"), (9, "signal")]
