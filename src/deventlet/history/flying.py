"""Changes that are proposed and not merged: branches, and files of patches.

Patches are applied in the order of their names to the end of the history, in an
index and a store of objects that are gone afterwards; the repository gets nothing.
A commit that is in several branches counts with the first.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deventlet.history.trees import Difference, differences
from deventlet.source.git import Git, GitProblem


class FlightProblem(Exception):
    """A series that cannot be read or applied; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series and what it changes, patch by patch."""

    name: str
    patches: int
    changes: tuple[Difference, ...]


@contextmanager
def scratch(git: Git) -> Iterator[dict[str, str]]:
    """Variables for git under which what is written is gone at the end."""
    objects = os.fsdecode(git.run("rev-parse", "--git-path", "objects")).rstrip("\n")
    with tempfile.TemporaryDirectory(prefix="deventlet-") as folder:
        yield {
            "GIT_INDEX_FILE": str(Path(folder, "index")),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str((git.root / objects).resolve()),
        }


def series(
    git: Git,
    revision: str,
    tree: str,
    names: Sequence[str],
    env: Mapping[str, str],
) -> list[Series]:
    """The series of these names.

    :param tree: of the revision; what patches apply to.
    :param names: files or folders of patches, or else branches.
    :param env: of :func:`scratch`.
    :raises FlightProblem: for a name that is neither, or what does not apply.
    """
    seen = [revision]
    found = []
    for name in names:
        files = _files(Path(name))
        if files:
            found.append(_patches(git, name, files, tree, env))
        else:
            found.append(_branch(git, name, seen))
            seen.append(name)
    return found


def _files(path: Path) -> list[Path]:
    """The patches of a folder, or a file of them; none if it is neither."""
    return [path] if path.is_file() else sorted(path.glob("*.patch"))


def _branch(git: Git, name: str, seen: Sequence[str]) -> Series:
    """The commits of a branch that are in none of those seen before."""
    try:
        answer = git.run(
            *("rev-list", "--reverse", "--no-merges", "--parents"),
            *("--end-of-options", name, *(f"^{each}" for each in seen), "--"),
        )
    except GitProblem as problem:
        raise FlightProblem(
            f"{name} is neither a branch nor a file or folder of patches (*.patch)"
        ) from problem
    rows = [line.split()[:2] for line in os.fsdecode(answer).splitlines()]
    trees = [
        os.fsdecode(git.run("rev-parse", f"{commit}^{{tree}}")).strip()
        for row in rows
        for commit in reversed(row)
    ]
    pairs = list(zip(trees[::2], trees[1::2], strict=True))
    return Series(name, len(pairs), tuple(differences(git, pairs) if pairs else ()))


def _patches(
    git: Git, name: str, files: Sequence[Path], tree: str, env: Mapping[str, str]
) -> Series:
    """The patches, one on top of the other."""
    git.run("read-tree", tree, env=env)
    for file in files:
        try:
            git.run("apply", "--cached", "-", input=file.read_bytes(), env=env)
        except (GitProblem, OSError) as problem:
            raise FlightProblem(f"{file} does not apply: {problem}") from problem
    after = os.fsdecode(git.run("write-tree", env=env)).strip()
    return Series(name, len(files), tuple(differences(git, [(tree, after)], env)))
