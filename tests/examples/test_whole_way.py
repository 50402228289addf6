"""The example leaves Eventlet for good, and by the other way runs with it and without.

What deventlet refuses is done by hand here, as whoever maintains the service would.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.examples.test_greenhouse import EXAMPLE, SCENARIO, TESTS
from tests.support.environments import environment, uninstall

SWITCH = "OS_GREENHOUSE_DISABLE_EVENTLET_PATCHING"
FUTURIST = "futurist.DynamicThreadPoolExecutor"
STANDARD = "concurrent.futures.ThreadPoolExecutor"
SECONDS = {FUTURIST: 2.0, STANDARD: 1.0}
"""How long the service may take to stop: a second of its own, and that of the workers of
futurist, which look once a second whether they are to end (``executor-native.exit``)."""

BY_HAND = [
    ("irrigation.py", "import logging\n", "from concurrent import futures\nimport logging\n"),
    ("irrigation.py", "from eventlet import event\n", ""),
    ("irrigation.py", "event.Event()", "futures.Future()"),
    ("irrigation.py", "self._opened.send(litres)", "self._opened.set_result(litres)"),
    ("irrigation.py", "self._opened.wait()", "self._opened.result()"),
    (
        "status.py",
        "import json\n\nfrom eventlet import wsgi\n",
        "import json\nimport socketserver\nfrom wsgiref import simple_server\n",
    ),
    (
        "status.py",
        "def serve(sock, describe):\n"
        "    wsgi.server(sock, StatusPage(describe), log_output=False)\n",
        "class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):\n\n"
        "    daemon_threads = True\n\n\n"
        "class Handler(simple_server.WSGIRequestHandler):\n\n"
        "    def log_message(self, *args):\n"
        '        """Nothing: the page is asked for every second."""\n\n\n'
        "def serve(sock, describe):\n"
        "    server = Server(sock.getsockname(), Handler, bind_and_activate=False)\n"
        "    server.socket.close()\n"
        "    server.socket = sock\n"
        "    server.server_name, server.server_port = sock.getsockname()\n"
        "    server.setup_environ()\n"
        "    server.set_app(StatusPage(describe))\n"
        "    server.serve_forever()\n",
    ),
    ("tests/test_worker.py", "import eventlet\n", "import threading\n"),
    (
        "tests/test_worker.py",
        "        thread = eventlet.spawn(self.collector.run)\n",
        "        thread = threading.Thread(target=self.collector.run, daemon=True)\n"
        "        thread.start()\n",
    ),
    ("tests/test_worker.py", "        thread.wait()\n", "        thread.join()\n"),
]  # fmt: skip
START = "from greenhouse import concurrency\n\nconcurrency.start()\n"
BOTH_WAYS = [
    (
        "cmd/__init__.py",
        "import eventlet\nfrom eventlet import debug\nfrom eventlet import hubs\n\n"
        "hubs.use_hub()\neventlet.monkey_patch()\ndebug.hub_exceptions(True)\n",
        START,
    ),
    ("history.py", "from eventlet import patcher\n", ""),
    (
        "history.py",
        "threading = patcher.original('threading')\n",
        "if concurrency.is_green():\n    from eventlet import patcher\n"
        "    threading = patcher.original('threading')\n"
        "else:\n    import threading\n",
    ),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example in a repository of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    root = Path(shutil.copytree(EXAMPLE, tmp_path / "greenhouse", ignore=ignored))
    (root / ".gitignore").write_text("__pycache__\n")
    git(root, "init", "-q", "-b", "master")
    git(root, "config", "user.name", "A. Person")
    git(root, "config", "user.email", "person@example.org")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "By hand")


def deventlet(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "deventlet", *arguments]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def by_hand(root: Path, edits: Iterable[tuple[str, str, str]]) -> None:
    for path, old, new in edits:
        file = root / "greenhouse" / path
        text = file.read_text()
        assert text.count(old) == 1, (path, old)
        file.write_text(text.replace(old, new))
    commit(root)


def required(root: Path) -> list[str]:
    """What the project says that it needs."""
    settings = configparser.ConfigParser()
    settings.read(root / "setup.cfg")
    return settings.get("options", "install_requires", fallback="").split()


def without_eventlet(folder: Path, needed: Iterable[str]) -> Path:
    """The Python of an environment in which Eventlet was, and is not any more."""
    python = environment(folder, needed)
    asked = [str(python), "-c", "import eventlet"]
    assert subprocess.run(asked, check=False).returncode == 0
    uninstall(python, "eventlet", "greenlet")
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: No module named 'eventlet'" in done.stderr
    return python


def environ(said: Mapping[str, str]) -> dict[str, str]:
    outside = ("PYTHONPATH", "PYTEST_ADDOPTS", SWITCH)
    return {k: v for k, v in os.environ.items() if k not in outside} | dict(said)


def works(root: Path, python: Path, **said: str) -> None:
    """The tests pass, and the scenario over real sockets prints its lines."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), *arguments],
            cwd=root,
            env=environ(said),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    tests = run("-m", "unittest", "discover", "-t", ".", "-s", TESTS)
    assert "Ran 22 tests" in tests.stderr, tests.stderr
    assert tests.returncode == 0, tests.stderr
    scenario = run("-m", "greenhouse.cmd.serve", "--once")
    assert (scenario.stdout, scenario.returncode) == (SCENARIO, 0), scenario.stderr


def serves(root: Path, python: Path, limit: float, **said: str) -> None:
    """The service runs, answers, and stops in time when it is told to.

    A machine that does many things at once is asked again.
    """
    stops = [seconds_to_stop(root, python, said)]
    while stops[-1] >= limit:
        assert len(stops) < 5, stops
        stops.append(seconds_to_stop(root, python, said))


def seconds_to_stop(root: Path, python: Path, said: Mapping[str, str]) -> float:
    server = subprocess.Popen(
        [str(python), "-m", "greenhouse.cmd.serve"],
        cwd=root,
        env=environ(said),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert server.stdout is not None
        host, _, port = server.stdout.readline().split()[-1].decode().partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b'{"method": "snapshot"}\n')
            answer = json.loads(connection.makefile().readline())
        assert len(answer["result"]) == 4
        told = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.communicate(timeout=30)[0] == b""
        assert server.returncode == 0
        return time.monotonic() - told
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("executor", "needs"), [(FUTURIST, ["futurist>=3.2.1"]), (STANDARD, [])]
)
def test_native_it_goes_the_whole_way(
    root: Path, tmp_path: Path, executor: str, needs: list[str]
) -> None:
    (root / "deventlet.toml").write_text(f'executor = "{executor}"\n')
    commit(root)
    before = required(root)
    assert before == ["eventlet>=0.39"]
    deventlet(root, "apply", "--all", "--commit")
    git(root, "checkout", "-q", "eventlet-removal")
    by_hand(root, BY_HAND)
    assumed = ("--assume", "green-free", "--assume", "spawn.join")
    deventlet(root, "apply", "--all", "--commit", "--branch", "last", *assumed)
    git(root, "checkout", "-q", "last")
    assert git(root, "log", "-1", "--format=%s") == "Stop requiring Eventlet\n"
    code = git(root, "grep", "-h", "-i", "eventlet", "--", "*.py").splitlines()
    assert [line for line in code if "import" in line or "eventlet." in line] == []
    settings = (root / "setup.cfg").read_text() + (root / "tox.ini").read_text()
    assert "deps = eventlet" not in settings
    assert required(root) == needs
    assert "enable-extensions = H905\n" in settings
    python = without_eventlet(tmp_path / "venv", [*before, *required(root)])
    works(root, python)
    serves(root, python, SECONDS[executor])


def test_dual_it_runs_in_both_ways(root: Path, tmp_path: Path) -> None:
    deventlet(root, "scaffold")
    by_hand(root, BOTH_WAYS[:1])
    deventlet(root, "apply", "--all", "--commit", "--assume", "spawn.join")
    git(root, "checkout", "-q", "eventlet-removal")
    by_hand(root, [*BY_HAND, *BOTH_WAYS[1:]])
    started = (root / "greenhouse" / "tests" / "__init__.py").read_text()
    assert started.endswith(START)
    changed = (root / "greenhouse" / "history.py").read_text()
    assert "concurrency.tpool_wrap(_mean)(name, list(values))" in changed
    assert "eventlet>=" in (root / "setup.cfg").read_text()
    both = Path(sys.executable)
    native = without_eventlet(tmp_path / "venv", required(root))
    for python, said in ((both, "0"), (both, "1"), (native, "1")):
        works(root, python, **{SWITCH: said})
        serves(root, python, SECONDS[FUTURIST], **{SWITCH: said})
