"""Commits of a series on a branch of its own; nothing else of the repository changes.

Objects are written first and the branch is moved last, in one step, and only if it is
still where it was. The user's work tree, index, stash and hooks are not involved: trees
are made with an index of our own, commits with ``git commit-tree``, and their dates are
those of the commit that they start from, so that the same series has the same ids.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deventlet.series.message import MADE_BY
from deventlet.series.patch import FileChange, Patch
from deventlet.source.git import Git, GitProblem

_INDEX = "deventlet-index"
_ENCODING = ("-c", "i18n.commitEncoding=UTF-8")


class BranchProblem(Exception):
    """A branch that cannot take the series; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the commits go.

    :param name: without ``refs/heads/``.
    :param tip: the commit that it is at now; empty if there is no such branch.
    """

    name: str
    tip: str


def branch_for(git: Git, name: str) -> Branch:
    """The branch of that name, if a series may be put there.

    A branch that is there already must hold commits of deventlet's alone, and these
    as it made them.

    :raises BranchProblem: otherwise, and for what cannot be the name of a branch.
    """
    if not _is_name(git, name):
        raise BranchProblem(f"{name!r} cannot be the name of a branch")
    operation = git.operation_in_progress()
    if operation is not None:
        raise BranchProblem(f"finish the {operation} first; a series starts from HEAD")
    where = _checked_out(git, name)
    if where:
        raise BranchProblem(
            f"branch {name} is checked out in {where}; check out the branch that the "
            "series starts from, or give another name with --branch"
        )
    ref = f"refs/heads/{name}"
    tip = git.run("for-each-ref", "--format=%(objectname)", ref).decode().strip()
    if tip:
        _check_own(git, name, tip)
    return Branch(name, tip)


def _is_name(git: Git, name: str) -> bool:
    try:
        git.run("check-ref-format", "--branch", name)
    except GitProblem:
        return False
    return True


def _checked_out(git: Git, name: str) -> str:
    """The work tree that has the branch checked out; empty if there is none."""
    found = os.fsdecode(git.run("worktree", "list", "--porcelain"))
    for tree in found.split("\n\n"):
        lines = tree.splitlines()
        if f"branch refs/heads/{name}" in lines:
            return lines[0].removeprefix("worktree ")
    return ""


def _check_own(git: Git, name: str, tip: str) -> None:
    """Refuse a branch with a commit that is not as deventlet made it.

    Its commits have one date, that of the commit they start from, for author and
    committer; an amended or rebased one has not.
    """
    form = "%H%x00%at%x00%ct%x00%s%x00%b%x00%x00"
    log = git.run(*_ENCODING, "log", f"--format={form}", f"HEAD..{tip}", "--")
    for record in log.decode("utf-8", "replace").split("\0\0\n"):
        if not record.strip():
            continue
        commit, authored, committed, subject, body = record.split("\0")[:5]
        if MADE_BY not in body or authored != committed:
            how = (
                "was changed since" if MADE_BY in body else "was not made by deventlet"
            )
            raise BranchProblem(
                f"branch {name} holds {commit[:10]} ({subject}), which {how}; give "
                "another name with --branch, or remove that one"
            )


def commit_series(git: Git, base: str, patches: Sequence[Patch]) -> list[str]:
    """Make one commit of each patch, each on the one before; no branch is moved.

    :param base: the commit that the first patch applies to.
    :returns: the ids of the commits.
    """
    commits: list[str] = []
    with _own_index(git) as index:
        git.run("read-tree", base, env=index)
        for patch in patches:
            parent = commits[-1] if commits else base
            commits.append(_commit(git, patch, parent, index))
    return commits


@contextmanager
def _own_index(git: Git) -> Iterator[Mapping[str, str]]:
    """An index beside the user's, always of the same name.

    So that what a killed run left is found and removed by the next.
    """
    index = git.directory / _INDEX
    files = (index, index.with_name(f"{_INDEX}.lock"))
    try:
        for file in files:
            file.unlink(missing_ok=True)
        yield {"GIT_INDEX_FILE": str(index.absolute())}
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _commit(git: Git, patch: Patch, parent: str, index: Mapping[str, str]) -> str:
    records = b"".join(_record(git, change) for change in patch.changes)
    git.run("update-index", "-z", "--index-info", input=records, env=index)
    tree = git.run("write-tree", env=index).decode().strip()
    name, email = patch.author
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", name), ("EMAIL", email), ("DATE", patch.date))
    }
    command = (*_ENCODING, "commit-tree", "--no-gpg-sign", tree, "-p", parent)
    return git.run(*command, input=patch.message.encode(), env=who).decode().strip()


def _record(git: Git, change: FileChange) -> bytes:
    """A line for git's index with the new content of a file, which is stored."""
    blob = git.run("hash-object", "-w", "-t", "blob", "--stdin", input=change.after)
    head = f"{change.mode} {blob.decode().strip()}\t".encode()
    return head + os.fsencode(change.path) + b"\0"


def move(git: Git, branch: Branch, tip: str) -> None:
    """Put the branch at a commit, if it is still where it was.

    :raises BranchProblem: if it is not.
    """
    old = branch.tip or "0" * len(tip)
    ref, why = f"refs/heads/{branch.name}", "deventlet apply --commit"
    try:
        git.run("update-ref", "--create-reflog", "-m", why, ref, tip, old)
    except GitProblem as problem:
        message = f"branch {branch.name} cannot be moved: {problem.message}"
        raise BranchProblem(message) from problem
