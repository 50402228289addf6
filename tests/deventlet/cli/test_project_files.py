"""The last patch of a series: files that are not Python, and one that is new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deventlet.cli.conftest import Make, Run

GitIn = Callable[..., str]
FREE = {
    "proj/cmd.py": "from proj import worker\n\n\ndef main():\n    worker.work()\n",
    "proj/worker.py": "import time\n\n\ndef work():\n    time.sleep(1)\n",
    "requirements.txt": "pbr\neventlet>=0.30.1 # MIT\n",
    "releasenotes/notes/old-0123456789abcdef.yaml": "---\nfixes:\n  - x\n",
}
ALONE = ("apply", "--codemod", "project-files")


def note_of(root: Path) -> str:
    (path,) = root.glob("releasenotes/notes/remove-eventlet-*.yaml")
    return path.relative_to(root).as_posix()


def test_in_place_it_is_done_and_a_second_run_changes_nothing(
    make: Make, deventlet: Run
) -> None:
    root = make(FREE)
    done = deventlet(root, *ALONE)
    assert done.returncode == 0, done.stderr
    assert (root / "requirements.txt").read_text() == "pbr\n"
    assert (root / note_of(root)).read_text().startswith("---\nupgrade:\n")
    again = deventlet(root, *ALONE, "--exit-code")
    assert again.returncode == 0
    assert b"nothing is left to rewrite" in again.stdout


def test_the_branch_and_the_patch_hold_what_in_place_gives(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(FREE)
    folder = tmp_path / "patches"
    assert deventlet(root, *ALONE, "--patch-dir", str(folder)).returncode == 0
    assert deventlet(root, *ALONE, "--commit").returncode == 0
    assert git(root, "status", "--porcelain") == ""
    git(root, "checkout", "-q", "-b", "by-mail")
    git(root, "am", "-q", *map(str, sorted(folder.glob("*.patch"))))
    assert git(root, "diff", "--stat", "eventlet-removal", "by-mail") == ""
    git(root, "checkout", "-q", "master")
    assert deventlet(root, *ALONE).returncode == 0
    git(root, "add", "-A")
    assert git(root, "diff", "--cached", "--stat", "eventlet-removal") == ""


def test_the_dry_run_is_a_diff_that_git_takes(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(FREE)
    shown = deventlet(root, *ALONE, "--dry-run").stdout
    diff = tmp_path / "x.diff"
    diff.write_bytes(shown[: shown.index(b"\ncodemod ")])
    git(root, "apply", str(diff))
    assert (root / "requirements.txt").read_text() == "pbr\n"
    assert note_of(root) in git(root, "status", "--porcelain", "-uall")


def test_a_series_stops_requiring_what_it_has_replaced(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make({
        **FREE,
        "proj/worker.py": "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n",
    })  # fmt: skip
    options = ("apply", "--all", "--commit", "--assume", "process-patched")
    assert deventlet(root, *options).returncode == 0
    subjects = git(root, "log", "--format=%s", "master..eventlet-removal").splitlines()
    assert subjects == [
        "Stop requiring Eventlet",
        "Replace eventlet.sleep with time.sleep",
    ]
    listed = git(root, "show", "eventlet-removal:requirements.txt")
    assert listed == "pbr\n"


def test_what_is_not_committed_is_not_read_for_commits(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make(FREE)
    (root / "requirements.txt").write_text("eventlet\nmine\n")
    (root / "test-requirements.txt").write_text("eventlet\n")
    assert deventlet(root, *ALONE, "--commit").returncode == 0
    shown = git(root, "show", "--format=", "--name-only", "eventlet-removal")
    assert "test-requirements.txt" not in shown
    assert git(root, "show", "eventlet-removal:requirements.txt") == "pbr\n"
    assert (root / "requirements.txt").read_text() == "eventlet\nmine\n"


def test_a_list_with_work_of_the_users_is_left(make: Make, deventlet: Run) -> None:
    root = make(FREE)
    (root / "requirements.txt").write_text("eventlet\nmine\n")
    done = deventlet(root, *ALONE)
    assert done.returncode == 3
    assert b"file.dirty" in done.stdout + done.stderr
    assert (root / "requirements.txt").read_text() == "eventlet\nmine\n"
    assert not list(root.glob("releasenotes/notes/remove-*"))


def test_a_part_of_the_project_is_not_enough(make: Make, deventlet: Run) -> None:
    root = make(FREE)
    done = deventlet(root, *ALONE, "proj/worker.py")
    assert b"path.not-selected" in done.stdout
    assert (root / "requirements.txt").read_text() == FREE["requirements.txt"]


def test_a_list_that_is_kept_stays(make: Make, deventlet: Run) -> None:
    root = make({**FREE, "deventlet.toml": 'keep = ["requirements.txt"]\n'})
    done = deventlet(root, *ALONE)
    assert b"keep.asked" in done.stdout
    assert (root / "requirements.txt").read_text() == FREE["requirements.txt"]


def test_the_patch_is_never_split(make: Make, deventlet: Run, git: GitIn) -> None:
    root = make({**FREE, "api/requirements.txt": "eventlet\n"})
    options = ("--commit", "--split", "directory", "--max-lines", "1")
    assert deventlet(root, *ALONE, *options).returncode == 0
    log = git(root, "log", "--format=%s", "master..eventlet-removal")
    assert log == "Stop requiring Eventlet\n"


def test_the_tests_are_run_with_the_files_in_place(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    """The note is there while this patch is tested, and not before."""
    root = make(FREE)
    command = (
        "if grep -q eventlet requirements.txt; then"
        " test ! -e releasenotes/notes/remove-*; else"
        " test -e releasenotes/notes/remove-*; fi"
    )
    done = deventlet(root, *ALONE, "--commit", "--verify", command)
    assert done.returncode == 0, done.stderr.decode()
    assert "Stop requiring" in git(root, "log", "--format=%s", "eventlet-removal")


@pytest.mark.parametrize("path", ["tools/patch.py.in", "doc/try.py.j2"])
def test_code_that_is_not_read_is_needed_too(
    make: Make, deventlet: Run, path: str
) -> None:
    root = make({**FREE, path: "# eventlet\nimport eventlet\n"})
    shown = deventlet(root, *ALONE).stdout.decode()
    assert f"requirements.txt:2: eventlet>=0.30.1 # MIT -- {path}:2" in shown
    assert (root / "requirements.txt").read_text() == FREE["requirements.txt"]


@pytest.mark.parametrize("path", ["Procfile", "deploy/api.service"])
def test_a_deployment_with_eventlets_workers_is_named(
    make: Make, deventlet: Run, path: str
) -> None:
    root = make({**FREE, path: "web: gunicorn -k eventlet proj.wsgi\n"})
    shown = deventlet(root, *ALONE).stdout.decode()
    assert "project-files.worker" in shown
    assert "-k gthread --threads N" in shown
    assert f"requirements.txt:2: eventlet>=0.30.1 # MIT -- {path}:1" in shown


def test_a_byte_order_mark_and_line_ends_stay(make: Make, deventlet: Run) -> None:
    listed = b"\xef\xbb\xbfpbr\r\neventlet\r\nsix\r\n"
    root = make({**FREE, "requirements.txt": listed})
    assert deventlet(root, *ALONE).returncode == 0
    assert (root / "requirements.txt").read_bytes() == b"\xef\xbb\xbfpbr\r\nsix\r\n"


def test_a_list_that_is_not_utf_8_is_left(make: Make, deventlet: Run) -> None:
    listed = b"# Gew\xe4chshaus\neventlet\n"
    root = make({**FREE, "requirements.txt": listed})
    assert b"edit.unverified" in deventlet(root, *ALONE).stdout
    assert (root / "requirements.txt").read_bytes() == listed


def test_plan_says_which_library_still_runs_on_eventlet(
    make: Make, deventlet: Run
) -> None:
    root = make(
        {
            "proj/work.py": "from nameko.rpc import rpc\n",
            ".coveragerc": "[run]\nconcurrency = eventlet\n",
        }
    )
    planned = deventlet(root, "plan")
    assert planned.returncode == 0, planned.stderr
    waits = b"behind proj/work.py imports nameko.rpc, which runs on Eventlet"
    assert waits in b" ".join(planned.stdout.split())
