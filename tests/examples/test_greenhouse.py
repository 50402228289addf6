"""The example service works as it is, which is what a migration is compared with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "greenhouse"
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


def test_style_is_openstack_style(copy: Path) -> None:
    result = run(copy, "-m", "flake8")
    assert (result.stdout, result.returncode) == ("", 0)
