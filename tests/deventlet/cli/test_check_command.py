"""The command ``check``: options, exit codes, what it writes and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deventlet.report.test_sarif import validator

NAME = "deventlet-baseline.json"
MORE = (
    "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n    eventlet.sleep(2)\n"
)
LESS = "def work():\n    pass\n"

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


@pytest.fixture
def project(make: Make, deventlet: Run) -> Path:
    """A project with a baseline of two uses."""
    root = make()
    done = deventlet(root, "check", "--update")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"deventlet: deventlet-baseline.json has 2 uses of Eventlet\n"
    return root


def worker(root: Path, text: str) -> Path:
    """Change the file that has a sleep."""
    path = root / "proj" / "worker.py"
    path.write_text(text)
    return path


def test_without_growth_nothing_is_said_of_a_file(
    project: Path, deventlet: Run
) -> None:
    done = deventlet(project, "check", "proj/worker.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    whole = deventlet(project, "check")
    assert (whole.returncode, whole.stdout) == (0, b"")
    assert whole.stderr == b"deventlet: 2 uses, no more than in the baseline\n"


def test_growth_is_told_with_file_and_line(project: Path, deventlet: Run) -> None:
    worker(project, MORE)
    for args in ((), ("proj",), ("proj/worker.py",)):
        done = deventlet(project, "check", *args)
        assert done.returncode == 1
        assert done.stdout == (
            b"proj/worker.py:6:5: eventlet.sleep (sleep), new: 1 before, 2 now\n"
        )
        assert b"1 use more than the baseline allows" in done.stderr


def test_update_shrinks_and_refuses_to_grow(project: Path, deventlet: Run) -> None:
    file, first = project / NAME, (project / NAME).read_bytes()
    worker(project, LESS)
    said = deventlet(project, "check").stderr.decode()
    assert "1 use, 1 fewer than in the baseline; deventlet check --update" in said
    assert deventlet(project, "check", "--update").returncode == 0
    smaller = file.read_bytes()
    assert b"worker.py" in first
    assert b"worker.py" not in smaller
    worker(project, MORE)
    done = deventlet(project, "check", "--update")
    assert (done.returncode, file.read_bytes()) == (1, smaller)
    assert b"worker.py:6" in done.stdout


def test_growth_is_recorded_with_its_reason(project: Path, deventlet: Run) -> None:
    worker(project, MORE)
    done = deventlet(project, "check", "--update", "--allow-growth", "two sleeps")
    assert done.returncode == 0
    kept = json.loads((project / NAME).read_bytes())
    assert kept["growth"] == [{"reason": "two sleeps", "uses": {"sleep": 1}}]
    assert deventlet(project, "check").returncode == 0
    worker(project, LESS)
    deventlet(project, "check", "--update", "--allow-growth", "none, it is less")
    assert json.loads((project / NAME).read_bytes())["growth"] == kept["growth"]


def test_updating_a_file_leaves_the_others(project: Path, deventlet: Run) -> None:
    (project / "proj" / "cmd.py").write_text("")
    worker(project, LESS)
    assert deventlet(project, "check", "--update", "proj/worker.py").returncode == 0
    assert list(json.loads((project / NAME).read_bytes())["files"]) == ["proj/cmd.py"]


def test_updating_again_changes_nothing(project: Path, deventlet: Run) -> None:
    before = (project / NAME).read_bytes()
    assert deventlet(project, "check", "--update").returncode == 0
    assert (project / NAME).read_bytes() == before


def test_a_renamed_file_is_no_growth(project: Path, deventlet: Run, git: Git) -> None:
    git(project, "mv", "proj/worker.py", "proj/labour.py")
    assert deventlet(project, "check", "proj/labour.py").returncode == 0
    assert deventlet(project, "check").returncode == 0


def test_a_banned_pattern_fails(project: Path, deventlet: Run) -> None:
    done = deventlet(project, "check", "--banned", "sleep", "--banned", "spawn")
    assert (done.returncode, done.stdout) == (
        1,
        b"proj/worker.py:5:5: eventlet.sleep (sleep) is banned\n",
    )
    assert deventlet(project, "check", "--banned", "spawn").returncode == 0


def test_comments_that_do_not_suppress_are_told(project: Path, deventlet: Run) -> None:
    worker(project, "x = 1  # deventlet: keep because of nothing\n")
    done = deventlet(project, "check", "proj/worker.py")
    assert done.returncode == 0
    assert b"proj/worker.py:1: # deventlet: keep: there is no use" in done.stderr


def test_sarif_has_what_grew(project: Path, deventlet: Run) -> None:
    worker(project, MORE + "x = 1  # deventlet: keep because of nothing\n")
    done = deventlet(project, "check", "-f", "sarif", "--banned", "monkey-patch")
    validator().validate(json.loads(done.stdout))
    (run,) = json.loads(done.stdout)["runs"]
    found = [
        (
            result["ruleId"],
            result["level"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
    ]
    assert done.returncode == 1
    assert found == [
        ("check.growth", "error", 6),
        ("check.banned", "error", 2),
        ("check.comment", "note", 7),
    ]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(ids[r["ruleIndex"]] == r["ruleId"] for r in run["results"])


def test_a_file_that_cannot_be_parsed_is_named(project: Path, deventlet: Run) -> None:
    worker(project, "import eventlet\nprint 'x'\n")
    done = deventlet(project, "check")
    assert done.returncode == 3
    assert b"proj/worker.py: this is Python 2 code" in done.stderr


def test_excluded_files_are_not_looked_at(project: Path, deventlet: Run) -> None:
    (project / "deventlet.toml").write_text("exclude = ['proj/worker.py']\n")
    worker(project, MORE)
    assert deventlet(project, "check").returncode == 0
    assert deventlet(project, "check", "proj/worker.py").returncode == 0


def test_only_the_file_that_is_named_is_opened(
    project: Path, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    read = Path.read_bytes

    def noted(path: Path) -> bytes:
        opened.append(path.name)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    assert deventlet(project, "check", "proj/worker.py").returncode == 0
    assert set(opened) <= {"worker.py", NAME, "catalog.toml"}


def test_a_hook_does_not_wait_for_libcst(project: Path) -> None:
    program = (
        "import sys; sys.argv = ['deventlet', 'check', 'proj/worker.py']\n"
        "from deventlet.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"
        "    print(*{'libcst', 'deventlet.driver.run'} & {*sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project, check=True, capture_output=True
    )
    assert done.stdout == b"\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--allow-growth", "why"), "is for deventlet check --update"),
        (("--update", "--allow-growth", " "), "give the reason"),
        (("--banned", "slep"), "no such pattern"),
        (("--banned", "eventlet.slep"), "no such pattern"),
        (("--baseline", "other.json"), "there is no other.json"),
        (("nowhere.py",), "nowhere.py"),
        (("-o", "no/such/file"), "there is no folder no/such"),
    ],
)
def test_wrong_use_is_told(
    project: Path, deventlet: Run, options: tuple[str, ...], said: str
) -> None:
    done = deventlet(project, "check", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


def test_a_broken_baseline_is_no_baseline(project: Path, deventlet: Run) -> None:
    (project / NAME).write_text("<<<<<<< HEAD\n")
    for args in ((), ("--update",)):
        done = deventlet(project, "check", *args)
        assert done.returncode == 2
        assert b"is no baseline: it has the marks of a conflict" in done.stderr
    assert (project / NAME).read_text() == "<<<<<<< HEAD\n"


def test_a_broken_file_hides_no_growth(deventlet: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import eventlet\nsleep(\n")
    (tmp_path / "a.py").write_text(MORE)
    assert deventlet(tmp_path, "check", "--update").returncode == 3
    assert deventlet(tmp_path, "check").returncode == 3
    (tmp_path / "a.py").write_text(MORE + "eventlet.sleep(3)\n")
    done = deventlet(tmp_path, "check")
    assert done.returncode == 1
    assert b"broken.py" in done.stderr


def test_a_folder_that_is_no_repository_can_be_checked(
    deventlet: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(MORE)
    assert deventlet(tmp_path, "check", "--update").returncode == 0
    (tmp_path / "a.py").write_text(MORE + "eventlet.sleep(3)\n")
    assert deventlet(tmp_path, "check").returncode == 1
