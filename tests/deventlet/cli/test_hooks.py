"""The hooks for pre-commit: a manifest that it takes, of commands that work."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFEST = Path(__file__).parents[3] / ".pre-commit-hooks.yaml"
STAGES = {"commit-msg", "manual", "pre-commit", "pre-merge-commit", "pre-push"}

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}


@pytest.mark.parametrize("hook", hooks().values(), ids=hooks())
def test_a_hook_is_as_pre_commit_wants_it(hook: dict[str, Any]) -> None:
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert hook["language"] == "python"
    assert hook["types"] == ["python"]
    assert set(hook.get("stages", ())) <= STAGES
    assert shlex.split(hook["entry"])[0] == "deventlet"


def run_hook(
    run: Run, root: Path, name: str, *args: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a hook as pre-commit does: its entry, its arguments, then the files."""
    entry = shlex.split(hooks()[name]["entry"], comments=True)
    return run(root, *entry[1:], *args)


def test_the_check_fails_for_a_file_that_grew(make: Make, deventlet: Run) -> None:
    root = make()
    assert deventlet(root, "check", "--update").returncode == 0
    worker = root / "proj" / "worker.py"
    name = "deventlet-check"
    assert run_hook(deventlet, root, name, "proj/worker.py").returncode == 0
    worker.write_text(worker.read_text() + "    eventlet.spawn(work)\n")
    assert run_hook(deventlet, root, name, "proj/worker.py").returncode == 1


def test_finished_patterns_are_rewritten_in_what_is_committed(
    make: Make, deventlet: Run
) -> None:
    root = make()
    worker = root / "proj" / "worker.py"
    worker.write_text(worker.read_text() + "    eventlet.sleep(2)\n")
    args = ("--codemod", "sleep", "proj/worker.py")
    assert run_hook(deventlet, root, "deventlet-apply", *args).returncode == 0
    assert "time.sleep(2)" in worker.read_text()
