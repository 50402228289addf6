"""The repository as its last commit has it, whatever is in the work tree.

A series of commits starts from HEAD, so that is what it is computed on; the user's
uncommitted work is neither read nor touched. Only reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from deventlet.source.discover import Tree
from deventlet.source.git import Git

_FILES = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Base:
    """The files of a commit.

    :param tree: as it was discovered, with the files that the commit has.
    :param overlay: the committed contents that differ from those on the disk; none for
        a file that is not committed, unless it is Python.
    :param aside: the files whose uncommitted changes are left out, in order.
    """

    tree: Tree
    overlay: Mapping[str, bytes]
    aside: tuple[str, ...]


def at_head(tree: Tree) -> Base:
    """The files of HEAD that a run on the work tree would have looked at.

    :param tree: of a repository that has a commit.
    :raises GitProblem: if git cannot tell.
    """
    git = Git(tree.root)
    modes = _listed(git)
    differing = git.differing_paths()
    known = frozenset(tree.files)
    python = {p for p in differing if p in known or PurePosixPath(p).suffix == ".py"}
    committed = sorted(path for path in differing if modes.get(path) in _FILES)
    overlay = dict(zip(committed, _contents(git, committed), strict=True))
    overlay |= {p: b"" for p in differing - python if p not in modes}
    added = python.intersection(committed)
    return Base(_with_files(tree, modes, added), overlay, tuple(sorted(python)))


def _with_files(tree: Tree, modes: Mapping[str, str], added: Iterable[str]) -> Tree:
    """The tree with what the commit has, and without what only the disk has.

    A file that is gone from the disk may change if all the others may.
    """
    files = {path for path in (*tree.files, *added) if path in modes}
    chosen = files if tree.selected == tree.files else files & {*tree.selected}
    return replace(tree, files=tuple(sorted(files)), selected=tuple(sorted(chosen)))


def _listed(git: Git) -> dict[str, str]:
    """The mode of every file of HEAD."""
    listed = os.fsdecode(git.run("ls-tree", "-r", "-z", "HEAD")).split("\0")[:-1]
    records = (record.partition("\t") for record in listed)
    return {path: head.split(" ")[0] for head, _, path in records}


def _contents(git: Git, paths: Sequence[str]) -> list[bytes]:
    """The bytes of files as HEAD has them."""
    return [git.run("cat-file", "blob", f"HEAD:{path}") for path in paths]
