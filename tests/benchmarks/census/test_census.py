"""The whole census, on a small repository; with a deventlet that does wrong, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.census.tools import git

ROOT = Path(__file__).parents[3]
APP = """\
import eventlet
eventlet.monkey_patch()


def main(event):
    eventlet.sleep(1)
    with eventlet.Timeout(5):
        event.wait()


if __name__ == "__main__":
    main(None)
"""


@pytest.fixture
def proj(tmp_path: Path) -> Path:
    folder = tmp_path / "proj"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "app.py").write_text(APP)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "As it is")
    return folder


def census(
    proj: Path, path: Path | None = None, *options: str
) -> tuple[int, str, dict[str, Any]]:
    """Exit status, output, and what is written about the only checkout.

    :param path: a folder whose modules are found first.
    """
    result = proj.parent / "census.json"
    command = [sys.executable, "-m", "benchmarks.census", str(proj)]
    done = subprocess.run(
        [*command, *options, "--json", str(result)],
        cwd=ROOT,
        env=os.environ | ({"PYTHONPATH": str(path)} if path else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    (only,) = json.loads(result.read_text())
    return done.returncode, done.stdout, only


def test_every_use_has_a_verdict_and_every_check_holds(proj: Path) -> None:
    before = git(proj, "status", "--porcelain")
    status, shown, found = census(proj)
    assert found["failures"] == []
    assert status == 0
    verdicts = {each["use"][4]: each["verdict"] for each in found["judged"]}
    assert verdicts == {
        "eventlet": "refuse",
        "eventlet.Timeout": "refuse",
        "eventlet.monkey_patch": "refuse",
        "eventlet.sleep": "rewrite",
    }
    assert found["patches"] == ["sleep"]
    assert [each[4] for each in found["left"]] == [
        "eventlet",
        "eventlet.monkey_patch",
        "eventlet.Timeout",
    ]
    assert "| proj | 4 | 1 (25 %) | 0 | 3 | 0 | 1 | 1 | 3 | 0 |" in shown
    reasons = "import.follows 1, stage.blocked 1, timeout.itself 1"
    assert f"| 4 other names | 4 | 1 (25 %) | 0 | 3 | 0 | {reasons} |" in shown
    assert git(proj, "status", "--porcelain") == before


def test_results_are_shown_again_with_those_of_other_checkouts(proj: Path) -> None:
    (proj.parent / "commits.txt").write_text(f"{'0' * 40} https://example.org/proj\n")
    before = census(proj, None, "--scan", "--commits", str(proj.parent / "commits.txt"))
    (proj.parent / "census.json").rename(proj.parent / "before.json")
    after = census(proj.parent / "before.json")
    assert after == before
    assert "commits.txt has 0000" in before[1]


def wrong(folder: Path, code: str) -> Path:
    """A folder that makes every run of deventlet's command line do something more.

    :param code: runs at the end of a run, with the arguments in ``args``.
    """
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        "def more():\n"
        "    args = sys.argv[1:]\n"
        f"    {code}\n"
        "if '-m' in sys.orig_argv and 'deventlet' in sys.orig_argv:\n"
        "    atexit.register(more)\n"
    )
    return folder


@pytest.mark.parametrize(
    ("code", "checks"),
    [
        (
            "'--all' in args and len(args) == 2"
            " and open('app.py', 'a').write('main(None)\\n')",
            {"patches"},
        ),
        (
            "'--all' in args and '--dry-run' in args"
            " and print('diff --git a/app.py b/app.py')",
            {"second run"},
        ),
    ],
)
def test_a_run_that_does_more_is_a_failure(
    proj: Path, tmp_path: Path, code: str, checks: set[str]
) -> None:
    status, shown, found = census(proj, wrong(tmp_path / "wrong", code))
    assert {failure["check"] for failure in found["failures"]} == checks
    assert status == 1
    assert "FAILED" in shown
