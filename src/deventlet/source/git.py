"""Questions to the ``git`` binary: what deventlet may know about a repository.

The questions below only read. They take no lock (``git status`` would refresh the
index under the user's hands), run no hook, filter, pager or external diff, and depend
neither on the user's language nor on the ``GIT_DIR`` of a hook that started us.
Paths are POSIX, relative to the top of the repository, with bytes that are not
UTF-8 kept as surrogate escapes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",  # a file may be called ``*.py`` or ``:(top)``
    *("-c", "core.quotepath=off"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "color.ui=false"),
)
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
# Set while a hook runs, when they name the hook's repository and not ours. Not all
# of `git rev-parse --local-env-vars`: settings given with GIT_CONFIG_* (such as
# safe.directory in CI) are the user's.
_FOREIGN = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE"),
    *("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS"),
    *("GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
# `-c diff.external=` is no way out: git then tries to run an empty command.
_WITH_DIFF = frozenset({"diff", "format-patch", "log", "show"})
# Those that look at files of the work tree would run the filters of .gitattributes.
_LOOKING = frozenset({"diff", "status"})
_FILTER = r"^filter\..*\.(clean|smudge|process|required)$"
_PER_CALL = 500  # paths on one command line; far below any system's limit
# In this order: a rebase may have a CHERRY_PICK_HEAD, and `git am` a rebase-apply.
_OPERATIONS = (
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
    ("rebase-merge", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("sequencer", "cherry-pick or revert"),
    ("BISECT_LOG", "bisect"),
)


class GitProblem(Exception):
    """Git could not answer; the message is git's own.

    :param message: what git wrote to its error output, without ``fatal:``.
    :param status: git's exit status; -1 if git could not be started.
    """

    def __init__(self, message: str, status: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NotThere(GitProblem):
    """A file that the clone does not have, as a partial one may not."""


@dataclass(frozen=True)
class Git:
    """The repository whose work tree has its top at ``root``."""

    root: Path

    def run(
        self,
        *args: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """What git writes to its standard output.

        :param args: the command and its arguments; put ``--`` before paths.
        :param input: bytes for git's standard input; none if not given.
        :param env: variables to set for this call, such as ``GIT_INDEX_FILE``.
        :raises GitProblem: if git fails or cannot be started.
        """
        done = _git(self.root, args, input or b"", env or {})
        if done.returncode:
            raise GitProblem(_message(args, done), done.returncode)
        return done.stdout

    @cached_property
    def directory(self) -> Path:
        """The git directory of this work tree (its own, for a linked work tree)."""
        return _path(self.run("rev-parse", "--absolute-git-dir"))

    def head_exists(self) -> bool:
        """Whether there is a commit to compare with."""
        return (
            self._ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}") is not None
        )

    def branch(self) -> str | None:
        """The short name of the current branch; ``None`` when HEAD is detached."""
        return self._ask("symbolic-ref", "--quiet", "--short", "HEAD")

    def config(self, key: str) -> str | None:
        """The value of a setting, the last one if there are several."""
        value = self._ask("config", "--null", "--get", key)
        return value.removesuffix("\0") if value is not None else None

    def identity(self) -> tuple[str, str] | None:
        """The user's own name and e-mail; ``None`` where git would have to guess."""
        try:
            answer = self.run(
                "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"
            )
        except GitProblem:
            return None
        name, _, rest = os.fsdecode(answer).rpartition(" <")
        return name, rest.partition(">")[0]

    def dirty_paths(self, paths: Collection[str]) -> set[str]:
        """Those of the paths that differ from HEAD: staged, not staged or untracked.

        A file that git was told not to look at (``assume-unchanged``,
        ``skip-worktree``) counts, because git cannot say that it is clean.

        :param paths: files, not folders.
        """
        ordered = sorted(paths)
        dirty: set[str] = set()
        for start in range(0, len(ordered), _PER_CALL):
            batch = ordered[start : start + _PER_CALL]
            dirty |= self._changed(batch) | self._unwatched(batch)
        return dirty.intersection(ordered)

    def differing_paths(self) -> set[str]:
        """Every path that differs from HEAD, or of which git was told not to look."""
        changed = self.run(
            *("status", "--porcelain=v1", "-z", "--no-renames"),
            *("--untracked-files=all", "--ignore-submodules=all"),
        )
        unwatched = self._unwatched([])
        return {record[3:] for record in _records(changed)} | unwatched

    def operation_in_progress(self) -> str | None:
        """The name of a merge, rebase, … that the user has not finished."""
        for name, operation in _OPERATIONS:
            if (self.directory / name).exists():
                return operation
        return None

    def _changed(self, paths: list[str]) -> set[str]:
        """The paths that ``git status`` lists, ignored files among them."""
        status = self.run(
            *("status", "--porcelain=v1", "-z", "--no-renames"),
            *("--untracked-files=all", "--ignored", "--ignore-submodules=all"),
            *("--", *paths),
        )
        return {record[3:] for record in _records(status)}

    def _unwatched(self, paths: list[str]) -> set[str]:
        """The paths whose flags hide changes: ``S``, or a tag in lower case."""
        listed = (
            record.split(" ", 1)
            for record in _records(self.run("ls-files", "-z", "-v", "--", *paths))
        )
        return {path for tag, path in listed if tag == "S" or tag.islower()}

    def _ask(self, *args: str) -> str | None:
        """The one line that git answers, ``None`` for its quiet no (status 1)."""
        try:
            return os.fsdecode(self.run(*args)).removesuffix("\n")
        except GitProblem as problem:
            if problem.status == 1:
                return None
            raise


class Blobs:
    """The contents of files in a repository, from one process of git's.

    To be used in a ``with`` statement, whose end ends the process.
    """

    def __init__(self, root: Path, env: Mapping[str, str] | None = None) -> None:
        """Begin.

        :param root: a folder of the repository.
        :param env: variables to set, such as ``GIT_OBJECT_DIRECTORY``.
        :raises GitProblem: if git cannot be started.
        """
        try:
            self._process = subprocess.Popen(
                ("git", *_OPTIONS, "cat-file", "--batch"),
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_surroundings(env or {}),
            )
        except OSError as error:
            raise GitProblem(f"git cannot be run in {root}: {error.strerror}") from None

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # what it has not read, nobody waits for
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def read(self, name: str) -> bytes:
        """The content of a blob.

        :param name: its whole id.
        :raises NotThere: if the repository does not have it.
        :raises GitProblem: if git has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(name.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:  # it would pass for a reader of ours that has left
            raise GitProblem(f"git has ended: {error.strerror}") from error
        header = self._process.stdout.readline().split()
        if not header:
            raise GitProblem("git has ended")
        if len(header) != 3:
            raise NotThere(f"the file {name} is not in this clone")
        size = int(header[2])
        content = self._process.stdout.read(size + 1)
        if len(content) <= size:
            raise GitProblem("git has ended in the middle of a file")
        return content[:size]


def find_root(path: Path) -> Path | None:
    """The top of the work tree that holds an existing file or folder.

    :returns: ``None`` if there is no repository, or only a bare one.
    :raises GitProblem: if there is one that git will not read (its owner is
        somebody else, say), or one and no git.
    """
    folder = path if path.is_dir() else path.parent
    args = ("rev-parse", "--show-toplevel")
    try:
        done = _git(folder, args, b"", {})
    except GitProblem:
        if any((above / ".git").exists() for above in (folder, *folder.parents)):
            raise
        return None
    if done.returncode == 0:
        return _path(done.stdout)
    message = _message(args, done)
    if "not a git repository" in message or "must be run in a work tree" in message:
        return None
    raise GitProblem(message, done.returncode)


def find_bare(folder: Path) -> Path | None:
    """The bare repository that holds an existing folder, or is it.

    :raises GitProblem: if there is one that git will not read.
    """
    args = ("rev-parse", "--is-bare-repository", "--absolute-git-dir")
    done = _git(folder, args, b"", {})
    if done.returncode and b"not a git repository" not in done.stderr:
        raise GitProblem(_message(args, done), done.returncode)
    bare, _, directory = done.stdout.partition(b"\n")
    return _path(directory) if bare == b"true" else None


def _git(
    folder: Path, args: tuple[str, ...], given: bytes, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, whatever its answer.

    :raises GitProblem: if it cannot be started.
    """
    try:
        return subprocess.run(
            ("git", *_OPTIONS, *_without_programs(args)),
            cwd=folder,
            input=given,
            capture_output=True,
            env=_surroundings({**_without_filters(folder, args), **env}),
            check=False,
        )
    except OSError as error:
        raise GitProblem(f"git cannot be run in {folder}: {error.strerror}") from error


def _without_filters(folder: Path, args: tuple[str, ...]) -> dict[str, str]:
    """Variables with which git runs no filter; a file with one may then be dirty.

    Not on the command line, where a filter's name could not have an equals sign.
    """
    if args[0] not in _LOOKING:
        return {}
    asked = ("config", "--null", "--name-only", "--get-regexp", _FILTER)
    keys = sorted({*_records(_git(folder, asked, b"", {}).stdout)})
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdigit() else 0
    env = {"GIT_CONFIG_COUNT": str(first + len(keys))} if keys else {}
    for number, key in enumerate(keys, first):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = "0" if key.endswith(".required") else ""
    return env


def _surroundings(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process of git's: the user's, but for those of a hook."""
    inherited = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    return {**inherited, **_ENVIRONMENT, **env}


def _without_programs(args: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments with configured diff programs switched off."""
    if args[0] not in _WITH_DIFF:
        return args
    return (args[0], "--no-ext-diff", "--no-textconv", *args[1:])


def _message(args: tuple[str, ...], done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said about its failure, or at least which command failed."""
    said = os.fsdecode(done.stderr).strip().removeprefix("fatal: ")
    return said or f"git {args[0]} failed with status {done.returncode}"


def _path(line: bytes) -> Path:
    """The path that is git's whole answer."""
    return Path(os.fsdecode(line.removesuffix(b"\n")))


def _records(answer: bytes) -> list[str]:
    """The records of an answer given with ``-z``."""
    return os.fsdecode(answer).split("\0")[:-1]
