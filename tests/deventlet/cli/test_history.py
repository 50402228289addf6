"""The command ``history``: options, exit codes, and where its output goes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


def test_a_pipe_gets_a_chart_of_plain_text(make: Make, deventlet: Run) -> None:
    done = deventlet(make(), "history")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    assert said.startswith("Uses of Eventlet in repo: 2 on ")
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize(
    ("form", "start"),
    [("mermaid", b"xychart-beta"), ("svg", b"<svg "), ("json", b'{\n  "format": 1')],
)
def test_every_format_goes_to_a_file_as_well(
    make: Make, deventlet: Run, form: str, start: bytes
) -> None:
    root = make()
    piped = deventlet(root, "history", "-f", form)
    assert piped.stdout.startswith(start)
    done = deventlet(root, "history", "-f", form, "-o", "out")
    assert (done.returncode, done.stdout) == (0, b"")
    assert (root / "out").read_bytes() == piped.stdout


def test_the_settings_hold_for_the_whole_history(make: Make, deventlet: Run) -> None:
    root = make({"deventlet.toml": "shims = ['proj.worker']\n"})
    (point,) = json.loads(deventlet(root, "history", "-f", "json").stdout)["points"]
    assert point["shim"] == {"sleep": 1}
    assert point["through"] == 1


def test_a_folder_and_a_bare_repository(
    make: Make, deventlet: Run, git: Git, tmp_path: Path
) -> None:
    root = make({"other/x.py": "import eventlet\neventlet.spawn(f)\n"})
    git(root, "clone", "-q", "--bare", ".", str(tmp_path / "proj.git"))
    for where, uses in ((root, 3), (root / "other", 1), (tmp_path / "proj.git", 3)):
        said = json.loads(deventlet(where, "history", "-f", "json").stdout)
        assert said["points"][-1]["uses"] == uses
    assert said["project"] == "proj"


def test_a_branch_in_flight(make: Make, deventlet: Run, git: Git) -> None:
    root = make()
    git(root, "checkout", "-q", "-b", "side")
    (root / "proj" / "worker.py").write_text("import time\n")
    git(root, "commit", "-qam", "Remove a sleep")
    git(root, "checkout", "-q", "master")
    said = deventlet(root, "history", "--in-flight", "side").stdout.decode()
    assert "in flight: side, 1 patch, 1 use fewer (sleep 1)" in said


def test_a_shallow_clone_is_told(
    make: Make, deventlet: Run, git: Git, tmp_path: Path
) -> None:
    root = make()
    git(root, "commit", "-q", "--allow-empty", "-m", "More")
    git(root, "clone", "-q", "--depth=1", f"file://{root}", str(tmp_path / "shallow"))
    done = deventlet(tmp_path / "shallow", "history")
    assert done.returncode == 0
    assert b"shallow" in done.stderr


def test_what_the_clone_lacks_is_a_problem(
    make: Make, deventlet: Run, git: Git
) -> None:
    root = make()
    blob = git(root, "rev-parse", "HEAD:proj/worker.py").strip()
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    done = deventlet(root, "history")
    assert done.returncode == 3
    assert done.stdout.startswith(b"Uses of Eventlet in repo: 1 on")
    assert b"proj/worker.py: some content is not in this clone" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--per", "fortnight"), "--per fortnight: give week"),
        (("--per", "0"), "--per 0"),
        (("--since", "soon"), "soon is neither a date"),
        (("--revision", "nowhere"), "nowhere"),
        (("--revision=--output=x",), "--output=x"),
        (("--in-flight", "nowhere"), "nowhere is neither a branch"),
        (("--by", "pattern", "-f", "mermaid"), "no stacked bars"),
        (("-o", "no/such/folder"), "there is no folder no/such"),
        (("setup.cfg",), "setup.cfg is not a folder"),
    ],
)
def test_wrong_use_is_told(
    make: Make, deventlet: Run, options: tuple[str, ...], said: str
) -> None:
    root = make()
    done = deventlet(root, "history", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert sorted(p.name for p in root.iterdir()) == [".git", "proj", "setup.cfg"]


def test_outside_of_a_repository_there_is_no_history(
    deventlet: Run, tmp_path: Path
) -> None:
    done = deventlet(tmp_path, "history")
    assert done.returncode == 2
    assert b"not in a git repository" in done.stderr


def test_repository_without_a_commit_is_told(
    git: Git, deventlet: Run, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    done = deventlet(tmp_path, "history")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"deventlet: there is no commit yet, and so no history\n"
