"""What changed from tree to tree, as git lists it; reads no file's content."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deventlet.source.git import Git

_FILES = frozenset({"100644", "100755", "100664"})
"""Modes of regular files; links and submodules have no lines of their own."""


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A file in a tree.

    :param path: POSIX, from the top; bytes that are not UTF-8 as surrogate escapes.
    :param blob: the id of its content.
    """

    path: str
    executable: bool
    blob: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The files that are only in the first of two trees, or only in the second."""

    gone: tuple[File, ...]
    come: tuple[File, ...]


def differences(
    git: Git, pairs: Sequence[tuple[str, str]], env: Mapping[str, str] | None = None
) -> list[Difference]:
    """What makes the second tree of each pair out of the first; one call for all.

    A renamed file is gone under one path and comes under another.

    :param pairs: ids of trees.
    :param env: variables for git, such as where else it may find them.
    """
    asked = "".join(f"{old} {new}\n" for old, new in pairs)
    answer = git.run(
        *("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
        input=asked.encode(),
        env=env,
    )
    found: list[tuple[list[File], list[File]]] = []
    records = iter(os.fsdecode(answer).split("\0"))
    for record in records:
        *headers, said = record.split("\n")
        found += [([], []) for _ in headers]
        if said:
            _add(said, next(records), *found[-1])
    return [Difference(tuple(gone), tuple(come)) for gone, come in found]


def empty_tree(git: Git) -> str:
    """The id of the tree without files, which every repository knows."""
    return os.fsdecode(git.run("hash-object", "-t", "tree", "--stdin")).strip()


def _add(said: str, path: str, gone: list[File], come: list[File]) -> None:
    """Note one change: ``:100644 100755 old new M``."""
    old_mode, new_mode, old, new, _ = said.removeprefix(":").split(" ")
    for mode, blob, side in ((old_mode, old, gone), (new_mode, new, come)):
        if mode in _FILES:
            side.append(File(path, mode == "100755", blob))


def walk(git: Git, trees: Sequence[str]) -> Iterator[Difference]:
    """From nothing to the first tree, and from each to the next."""
    yield from differences(
        git, [*zip([empty_tree(git), *trees[:-1]], trees, strict=True)]
    )
