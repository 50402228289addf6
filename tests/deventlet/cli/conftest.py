"""A small patched project in git, and the command line run inside this process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deventlet.cli import main

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]

PROJECT = {
    "setup.cfg": "[metadata]\nname = proj\n"
    "[options.entry_points]\nconsole_scripts =\n    proj = proj.cmd:main\n",
    "proj/__init__.py": "",
    "proj/cmd.py": "import eventlet\neventlet.monkey_patch()\n\n"
    "from proj import worker\n\n\ndef main():\n    worker.work()\n",
    "proj/worker.py": "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n",
}
_AMBIENT = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "GIT_DIR")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the person who runs the tests has a say."""
    for name in _AMBIENT:
        monkeypatch.delenv(name, raising=False)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{role}_EMAIL", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EMAIL", raising=False)


@pytest.fixture
def git() -> Callable[..., str]:
    """Run git in a folder, by default with somebody's identity."""

    def run(folder: Path, *args: str) -> str:
        named = ("-c", "user.name=A. Person", "-c", "user.email=person@example.org")
        return subprocess.run(
            ["git", *named, *args], cwd=folder, check=True, capture_output=True
        ).stdout.decode()

    return run


@pytest.fixture
def make(tmp_path: Path, git: Callable[..., str]) -> Make:
    """Make a repository of the project and more files, all of it committed."""

    def build(
        files: Mapping[str, str | bytes] = {}, name: str = "repo", **settings: str
    ) -> Path:
        root = tmp_path / name
        for path, content in {**PROJECT, **files}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            raw = content.encode() if isinstance(content, str) else content
            target.write_bytes(raw)
        git(root, "init", "-q", "-b", "master")
        git(root, "config", "user.name", "A. Person")
        git(root, "config", "user.email", "person@example.org")
        for key, value in settings.items():
            git(root, "config", key.replace("__", "."), value)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "Begin")
        return root

    return build


@pytest.fixture
def deventlet(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in a folder, with pipes for its output."""

    def run(folder: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(sys, "argv", ["deventlet", *args])
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8"))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8"))
            with pytest.raises(SystemExit) as left:
                main()
            sys.stdout.flush()
            sys.stderr.flush()
            said = out.getvalue(), err.getvalue()
        code = left.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(args, code, *said)

    return run
