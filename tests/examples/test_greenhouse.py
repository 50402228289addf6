"""The example service works as it is, which is what a migration is compared with."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deventlet import registry
from deventlet.driver import run as driver
from deventlet.driver.run import Outcome, Request
from deventlet.source.discover import discover

EXAMPLE = Path(__file__).parents[2] / "examples" / "greenhouse"
TESTS = "greenhouse/tests"
SCENARIO = """\
readings: 12
alarms: {'result': ['light: 33.0', 'temperature: 31.0']}
snapshot: {'result': [['humidity', 26.0], ['light', 12.0], ['soil', 17.5], \
['temperature', 21.0]]}
summary: {'result': [['humidity', 27.5], ['light', 21.0], ['soil', 17.5], \
['temperature', 25.5]]}
nonsense: {'error': 'KeyError'}
water: {'result': [['basil', 2], ['chard', 5], ['dill', 1], ['leek', 3], ['sage', 4]]}
most valves open: 2
page: 200 {"readings": 12, "sensors": ["humidity", "light", "soil", "temperature"]}
page: 404 see /status
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the example, so that no byte code lands in the repository."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "greenhouse", ignore=ignored))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, which must be what it imports."""
    outside = ("PYTHONPATH", "PYTEST_ADDOPTS")
    environment = {k: v for k, v in os.environ.items() if k not in outside}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("runner", "passed"),
    [
        (("unittest", "discover", "-t", ".", "-s", "greenhouse/tests"), "\nOK\n"),
        (("pytest", "-q", "-p", "no:cacheprovider", "greenhouse"), "22 passed"),
    ],
)
def test_unit_tests_pass(copy: Path, runner: tuple[str, ...], passed: str) -> None:
    result = run(copy, "-m", *runner)
    assert passed in result.stdout + result.stderr
    assert result.returncode == 0


def test_scenario_prints_the_same_lines_each_time(copy: Path) -> None:
    first, second = (run(copy, "-m", "greenhouse.cmd.serve", "--once") for _ in "ab")
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout == SCENARIO


# -- after each patch ----------------------------------------------------------------

STRICT = """\
import time

_sleep = time.sleep


def sleep(*args, **kwargs):
    (seconds,) = args
    if kwargs or seconds < 0:
        raise ValueError(f'time.sleep takes no {kwargs or seconds}')
    _sleep(seconds)


time.sleep = sleep
"""
"""``time.sleep`` as strict as the native one, while it is still Eventlet's own."""


WHOLE = frozenset({"sleep", "semaphore"})
"""The codemods that rewrite every site of the example."""


def patched(copy: Path) -> Iterator[tuple[str, Outcome]]:
    """Apply one codemod after the other; the name of each, and what it did."""
    for page in registry.pages().values():
        tree = discover([copy])
        request = Request(tree.root, tree.files, frozenset(tree.selected))
        outcome = driver.run(page, request, {})
        for path, (_, after) in outcome.changes.items():
            (copy / path).write_bytes(after)
        yield page.name, outcome


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def migrated(copy: Path) -> Path:
    """The copy after the codemods that there are."""
    refused = {
        name: [v.reason for v in outcome.verdicts if not v.applies]
        for name, outcome in patched(copy)
    }
    assert {name: refused[name] for name in WHOLE} == dict.fromkeys(WHOLE, [])
    assert refused["servers"] == ["servers.wsgi"]
    return copy


def test_unit_tests_pass_after_each_patch(copy: Path) -> None:
    """A patch that broke them would be the one to bisect."""
    ran = 0
    for name, outcome in patched(copy):
        if not outcome.changes:
            continue
        ran += 1
        result = run(copy, "-m", "unittest", "discover", "-t", ".", "-s", TESTS)
        assert "Ran 22 tests" in result.stderr, name
        assert result.returncode == 0, f"{name}: {result.stderr}"
    assert ran >= 10


def test_migrated_example_names_no_sleep_of_eventlets(migrated: Path) -> None:
    text = "".join(path.read_text() for path in sorted(migrated.rglob("*.py")))
    assert not re.search(r"(?:eventlet|greenthread)\.sleep|eventlet import sleep", text)


def test_migrated_example_opens_sockets_by_socket(migrated: Path) -> None:
    text = "".join(path.read_text() for path in sorted(migrated.rglob("*.py")))
    assert "eventlet.listen" not in text
    assert text.count("socket.create_server(") == 3


SERVED = """\
import os, socket, sys, threading, urllib.request

sys.modules['eventlet'] = None
from greenhouse import status

address = ('127.0.0.1', {port})
opened = socket.create_server(address)
describe = lambda: {{'readings': 12}}
threading.Thread(target=status.serve, args=(opened, describe), daemon=True).start()
while opened.fileno() != -1:
    pass
for tries in range(600):
    try:
        page = urllib.request.urlopen('http://%s:%d/status' % address, timeout=60)
        break
    except OSError:
        threading.Event().wait(0.1)
print(page.status, page.read().decode().strip(), flush=True)
os._exit(0)
"""


def test_status_page_is_served_by_the_lines_of_the_proposal(migrated: Path) -> None:
    tree = discover([migrated])
    request = Request(tree.root, tree.files, frozenset(tree.selected))
    outcome = driver.run(registry.pages()["servers"], request, {})
    (site, proposal), = [i for v in outcome.verdicts for i in v.proposals.items()]
    page = migrated / site.path
    _, old, rest = page.read_text().partition("    wsgi.server(")
    written = "".join(
        f"    {line}\n"
        for line in ("host, port = sock.getsockname()", "sock.close()", *proposal.code)
    )
    text = page.read_text().replace(old + rest, written)
    page.write_text(text.replace("from eventlet import wsgi", "import cheroot.wsgi"))
    result = run(migrated, "-c", SERVED.format(port=free_port()))
    assert (result.stdout, result.stderr) == ("200 {\"readings\": 12}\n", "")


def test_migrated_unit_tests_pass(migrated: Path) -> None:
    tests = migrated / "greenhouse" / "tests" / "__init__.py"
    tests.write_text(f"{tests.read_text()}\n{STRICT}")
    result = run(migrated, "-m", "unittest", "discover", "-t", ".", "-s", TESTS)
    assert "Ran 22 tests" in result.stderr
    assert result.returncode == 0, result.stderr


def test_migrated_scenario_prints_the_same_lines(migrated: Path) -> None:
    result = run(migrated, "-m", "greenhouse.cmd.serve", "--once")
    assert (result.stdout, result.returncode) == (SCENARIO, 0)


def test_migrated_style_is_openstack_style(migrated: Path) -> None:
    result = run(migrated, "-m", "flake8")
    assert (result.stdout, result.returncode) == ("", 0)


def test_style_is_openstack_style(copy: Path) -> None:
    result = run(copy, "-m", "flake8")
    assert (result.stdout, result.returncode) == ("", 0)
