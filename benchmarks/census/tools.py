"""Runs git and deventlet, in clones of checkouts; nothing else is written."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_WHO = {"NAME": "Census", "EMAIL": "census@example.org"}
_IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in _WHO.items()
}


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with an identity for git, whatever its status."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | _IDENTITY,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def must(command: Sequence[str], folder: Path) -> str:
    """The output of a command that may not fail.

    :raises SystemExit: if it does.
    """
    done = run(command, folder)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} failed in {folder}:\n{done.stderr}")
    return done.stdout


def git(folder: Path, *arguments: str) -> str:
    """The output of git.

    :raises SystemExit: if it fails.
    """
    return must(["git", *arguments], folder)


def blob(folder: Path, name: str) -> bytes:
    """The bytes of a file of a commit, ``HEAD:setup.py``; empty if there is none."""
    done = subprocess.run(
        ["git", "cat-file", "blob", name], cwd=folder, capture_output=True, check=False
    )
    return done.stdout if done.returncode == 0 else b""


def deventlet(
    folder: Path, command: str, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of deventlet.

    :raises SystemExit: if it fails.
    """
    return checked([sys.executable, "-m", "deventlet", command, *options], folder)


def checked(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run deventlet; 3 says that a file cannot be read, which is no failure.

    :raises SystemExit: if it fails in any other way.
    """
    done = run(command, folder)
    if done.returncode not in (0, 3) or "Traceback" in done.stderr:
        said = shlex.join(each for each in command if "\n" not in each)
        sys.exit(f"{said} failed in {folder}:\n{done.stderr}")
    return done


def scan(folder: Path, assume: Sequence[str]) -> Any:
    """The report of ``deventlet scan``."""
    options = [f"--assume={name}" for name in assume]
    return json.loads(deventlet(folder, "scan", "--format=json", *options).stdout)


def repository(tree: Path, work: Path) -> Path:
    """The tree, or a copy in a repository of its own if git cannot check it out."""
    trial = work / "trial"
    done = run(["git", "clone", "-q", "--shared", str(tree), str(trial)], work)
    shutil.rmtree(trial, ignore_errors=True)
    if done.returncode == 0:
        return tree
    copy = work / tree.name
    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "As it is")):
        git(copy, *command)
    return copy


def clone(tree: Path, target: Path) -> Path:
    """A fresh clone of a repository at its HEAD; it borrows the objects.

    The name of its folder is the repository's, by which deventlet may know it.
    """
    folder = target / tree.name
    target.mkdir(parents=True, exist_ok=True)
    git(target, "clone", "-q", "--shared", str(tree), str(folder))
    return folder
