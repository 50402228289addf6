"""The example service goes the whole way: in the end nothing of Eventlet is there.

Four places are left to a person, who follows what their refusals suggest; what is
written here for them is all that is not deventlet's.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deventlet import registry
from deventlet.driver import run as driver
from deventlet.driver.run import Request
from deventlet.source.discover import discover
from tests.examples.test_greenhouse import EXAMPLE, SCENARIO, TESTS

ASSUMED = frozenset({"green-free", "spawn.join"})

BY_HAND = {
    "irrigation.py": [
        ("import logging\n", "from concurrent import futures\nimport logging\n"),
        ("from eventlet import event\n", ""),
        ("event.Event()\n        self._closed", "futures.Future()\n        self._closed"),
        ("self._opened.send(litres)", "self._opened.set_result(litres)"),
        ("self._opened.wait()", "self._opened.result()"),
    ],
    "status.py": [
        ("import json\n\nfrom eventlet import wsgi\n", "import json\n"
         "import socketserver\nfrom wsgiref import simple_server\n"),
        (
            "    wsgi.server(sock, StatusPage(describe), log_output=False)\n",
            """\
    server = Server(sock.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = sock
    server.server_name, server.server_port = sock.getsockname()
    server.setup_environ()
    server.set_app(StatusPage(describe))
    server.serve_forever()
""",
        ),
        (
            "def serve(",
            """\
class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True


class Handler(simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass


def serve(""",
        ),
    ],
    "tests/test_worker.py": [
        ("import eventlet\n\n", ""),
        ("import time\n", "import threading\nimport time\n"),
        (
            "thread = eventlet.spawn(self.collector.run)",
            "thread = threading.Thread(target=self.collector.run)\n"
            "        thread.start()",
        ),
        ("thread.wait()", "thread.join()"),
    ],
}  # fmt: skip
"""What takes the place of what stays in stage A, by file of the package."""

WITHOUT = "import sys\n\nsys.modules.update(eventlet=None, greenlet=None)\n"
"""Python's start, as if neither were installed."""


def apply(folder: Path, stage: str) -> dict[str, list[str]]:
    """Apply the codemods of a stage; what each of them left, by its reason."""
    left: dict[str, list[str]] = {}
    for page in registry.pages().values():
        if page.stage == stage:
            tree = discover([folder])
            selected = frozenset(tree.selected)
            request = Request(tree.root, tree.files, selected, assume=ASSUMED)
            outcome = driver.run(page, request, {})
            for path, (_, after) in outcome.changes.items():
                (folder / path).write_bytes(after)
            left[page.name] = [v.reason for v in outcome.verdicts if not v.applies]
    return left


def edit_by_hand(package: Path) -> None:
    """Make every change exactly once."""
    for name, changes in BY_HAND.items():
        text = (package / name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (package / name).write_text(text)


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after both stages, where Eventlet cannot be imported."""
    folder = tmp_path_factory.mktemp("native")
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    copy = Path(shutil.copytree(EXAMPLE, folder / "greenhouse", ignore=ignored))
    before = apply(copy, "A")
    left = sorted(reason for found in before.values() for reason in found)
    assert left == ["event.sends", "spawn.order"]
    edit_by_hand(copy / "greenhouse")
    after = apply(copy, "B")
    assert [reason for found in after.values() for reason in found] == []
    (folder / "without").mkdir()
    (folder / "without" / "sitecustomize.py").write_text(WITHOUT)
    return copy


def environment(native: Path) -> dict[str, str]:
    """The environment of a process that has no Eventlet."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"}
    return kept | {"PYTHONPATH": str(native.parent / "without")}


def run(native: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=native,
        env=environment(native),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_eventlet_cannot_be_imported(native: Path) -> None:
    assert "ModuleNotFoundError" in run(native, "-c", "import eventlet").stderr


def test_nothing_names_eventlet(native: Path) -> None:
    files = [path for path in native.rglob("*") if path.is_file()]
    naming = [p.name for p in files if b"eventlet" in p.read_bytes()]
    assert naming == []


def test_unit_tests_pass(native: Path) -> None:
    result = run(native, "-m", "unittest", "discover", "-t", ".", "-s", TESTS)
    assert "Ran 22 tests" in result.stderr
    assert result.returncode == 0, result.stderr


def test_scenario_prints_the_same_lines(native: Path) -> None:
    result = run(native, "-m", "greenhouse.cmd.serve", "--once")
    assert (result.stdout, result.returncode) == (SCENARIO, 0), result.stderr


def test_style_is_openstack_style(native: Path) -> None:
    result = run(native, "-m", "flake8")
    assert (result.stdout, result.returncode) == ("", 0), result.stderr


@pytest.fixture
def service(native: Path) -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    """The service as it is started for good, with the address that it says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "greenhouse.cmd.serve"],
        cwd=native,
        env=environment(native),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    host, _, port = process.stdout.readline().split()[-1].rpartition(":")
    yield process, (host, int(port))
    process.kill()
    process.communicate()


def test_service_answers_and_stops(
    service: tuple[subprocess.Popen[str], tuple[str, int]],
) -> None:
    process, address = service
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b'{"method": "summary"}\n')
        assert connection.makefile().readline().startswith('{"result":')
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
