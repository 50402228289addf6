"""Work trees of our own, in which the tests run; the user's is never touched.

They lie in the folder for temporary files, under a name that follows from the path of
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
    """The files of a commit, with the contents that were put in some of them.

    No content stands for a file that the commit does not have.
    """

    root: Path
    _before: dict[str, bytes] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _time: float = 0

    def put(self, texts: Mapping[str, bytes]) -> None:
        """Give files these contents, and all others those of the commit."""
        wanted = {**self._before, **texts}
        for path, content in wanted.items():
            file = self.root / path
            there = file.read_bytes() if file.exists() else b""
            if path not in self._before:
                self._before[path] = there
                self._made |= set() if file.exists() else {path}
            if path in self._made and not content:
                file.unlink(missing_ok=True)
            elif there != content:
                self._write(file, content)

    def _write(self, file: Path, content: bytes) -> None:
        """Write a file with a time that none of its contents has had."""
        file.write_bytes(content)
        self._time = max(self._time, file.stat().st_mtime) + _STEP
        os.utime(file, (self._time, self._time))


@contextmanager
def worktrees(repository: Path, commit: str, count: int) -> Iterator[list[Worktree]]:
    """Work trees of a commit, removed at the end.

    :raises GitProblem: if git cannot make them.
    """
    remove_leftovers(repository)
    try:
        yield [_added(repository, commit, str(n)) for n in range(1, count + 1)]
    finally:
        remove_leftovers(repository)


def _added(repository: Path, commit: str, name: str) -> Worktree:
    root = _folder(repository) / name / repository.name
    root.parent.mkdir(parents=True)
    add = ("worktree", "add", "--quiet", "--detach", "--force")
    Git(repository).run(*add, str(root), commit)
    return Worktree(root)


def remove_leftovers(repository: Path) -> None:
    """Remove the work trees of an earlier run, if there are any.

    What is left after a kill may be the folder without git's record of it, or the
    record without the folder, still locked as git does while it makes one. And a git
    that the earlier run had started may outlive it for a moment, and still make what
    is removed here: it is tried again until nothing is left.

    :raises GitProblem: if something stays.
    """
    folder, git = _folder(repository), Git(repository)
    for _ in range(_TRIES):
        listed = _listed(git, folder)
        if not folder.exists() and not listed:
            return
        shutil.rmtree(folder, ignore_errors=True)
        for tree in listed:
            with suppress(GitProblem):  # such as one that is being made
                git.run("worktree", "remove", "--force", "--force", tree)
        time.sleep(_PAUSE)
    raise GitProblem(f"{folder} is left from an earlier run and cannot be removed")


def _listed(git: Git, folder: Path) -> list[str]:
    """The work trees in a folder that git knows of."""
    lines = os.fsdecode(git.run("worktree", "list", "--porcelain", "-z")).split("\0")
    paths = (line.removeprefix("worktree ") for line in lines)
    return [path for path in paths if path.startswith(f"{folder}/")]


def _folder(repository: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(repository.resolve())).hexdigest()
    place = Path(tempfile.gettempdir()).resolve()
    return place / f"deventlet-{os.getuid()}-{digest[:16]}"
