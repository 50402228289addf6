"""A repository whose commits have dates."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


class Repository:
    """A repository that is made commit by commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "master")

    def git(self, *args: str, day: str = "2025-01-01") -> str:
        """Run git, at noon of a day."""
        date = f"{day}T12:00:00Z"
        who = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in {
                "NAME": "N",
                "EMAIL": "n@example.org",
                "DATE": date,
            }.items()
        }
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            check=True,
            capture_output=True,
            env={**os.environ, **who},
        )
        return done.stdout.decode().strip()

    def commit(self, day: str, files: Mapping[str, str | bytes | None]) -> str:
        """Commit files on a day; None removes one.

        :returns: the id of the commit.
        """
        for path, content in files.items():
            target = self.root / path
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            raw = content.encode() if isinstance(content, str) else content
            target.write_bytes(raw)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"On {day}", day=day)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """One without a commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Repository(tmp_path / "proj")
