"""A work tree of our own, in which the tests run; the user's is never touched.

It lies in the folder for temporary files, under a name that follows from the path of
the repository: what a killed run left is found and removed by the next.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from deventlet.source.git import Git, GitProblem

_STEP = 2
"""Seconds between two contents of a file: bytecode is told apart by whole seconds."""
_TRIES, _PAUSE = 100, 0.02
"""How often, and after how many seconds, it is tried again to remove what is left."""


@dataclass(eq=False)
class Worktree:
    """The files of a commit, with the contents that were put in some of them."""

    root: Path
    _before: dict[str, bytes] = field(default_factory=dict)
    _time: float = 0

    def put(self, texts: Mapping[str, bytes]) -> None:
        """Give files these contents, and all others those of the commit."""
        wanted = {**self._before, **texts}
        for path, content in wanted.items():
            file = self.root / path
            there = file.read_bytes()
            self._before.setdefault(path, there)
            if there != content:
                self._write(file, content)

    def _write(self, file: Path, content: bytes) -> None:
        """Write a file with a time that none of its contents has had."""
        file.write_bytes(content)
        self._time = max(self._time, file.stat().st_mtime) + _STEP
        os.utime(file, (self._time, self._time))


@contextmanager
def worktree(repository: Path, commit: str) -> Iterator[Worktree]:
    """A work tree of a commit, removed at the end.

    :raises GitProblem: if git cannot make it.
    """
    folder = _folder(repository)
    git = Git(repository)
    remove_leftovers(repository)
    folder.mkdir(parents=True)
    root = folder / repository.name
    try:
        git.run("worktree", "add", "--quiet", "--detach", "--force", str(root), commit)
        yield Worktree(root)
    finally:
        remove_leftovers(repository)


def remove_leftovers(repository: Path) -> None:
    """Remove the work tree of an earlier run, if there is one.

    A git that the earlier run had started may outlive it for a moment, and still
    make what is removed here: it is tried again until nothing is left.

    :raises GitProblem: if something stays.
    """
    folder, git = _folder(repository), Git(repository)
    for _ in range(_TRIES):
        if not folder.exists() and not _is_listed(git, folder):
            return
        with suppress(GitProblem):  # killed while git was making or removing it
            tree = str(folder / repository.name)
            git.run("worktree", "remove", "--force", "--force", tree)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(GitProblem):
            git.run("worktree", "prune")
        time.sleep(_PAUSE)
    raise GitProblem(f"{folder} is left from an earlier run and cannot be removed")


def _is_listed(git: Git, folder: Path) -> bool:
    """Whether git knows of a work tree in a folder."""
    listed = os.fsdecode(git.run("worktree", "list", "--porcelain")).splitlines()
    return any(line.startswith(f"worktree {folder}/") for line in listed)


def _folder(repository: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(repository.resolve())).hexdigest()
    place = Path(tempfile.gettempdir()).resolve()
    return place / f"deventlet-{os.getuid()}-{digest[:16]}"
