"""Which Python files a run looks at, and which of them it may change.

Reading only: folders are listed, and the first bytes of scripts without suffix are
read. Git says what belongs to a project; without a repository, ``.gitignore`` files
and the names of well-known tool folders do. Paths are POSIX, relative to the root
of the run, with bytes that are not UTF-8 kept as surrogate escapes.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from deventlet.source.git import Git, find_root

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_TOOL_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules"),
        *("__pycache__", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
        *(".hypothesis", ".stestr", ".testrepository", ".deventlet-journal"),
    }
)
_SHEBANG_BYTES = 64
_PYTHON = re.compile(rb"(?:.*/)?(?:python|pypy)[0-9.]*[wt]?")
_OF_EVENTLET = "eventlet/hubs/hub.py"
_SUBMODULE, _LINK = "160000", "120000"


class PathProblem(Exception):
    """A path given by the user that a run cannot work on.

    :param path: the path as it was given.
    :param message: one plain sentence for a person; names the path.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Tree:
    """The Python files of one project.

    :param root: absolute; the top of the repository, or without one the folder
        that holds all paths given.
    :param repository: whether ``root`` is the top of a git work tree.
    :param files: every Python file, sorted, each once; what is analysed.
    :param selected: those of ``files`` that the paths given name; what may change.
    """

    root: Path
    repository: bool
    files: tuple[str, ...]
    selected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the project: what git or the walk says without reading it."""

    path: str
    link: bool
    executable: bool


def discover(paths: Sequence[Path], exclude: Sequence[str] = ()) -> Tree:
    """The Python files of the project that holds the paths.

    A Python file is called ``*.py``, or has no suffix, is executable and starts
    with the shebang of a Python. A link counts as the file that it leads to.

    :param paths: files and folders; none means the current folder. A file is taken
        whatever its name, ignored or excluded.
    :param exclude: patterns as in a ``.gitignore`` at the root.
    :raises PathProblem: for a path that is missing or outside the project, and for
        a pattern that is none.
    :raises GitProblem: if git cannot read the repository.
    """
    given = {path: _real(path) for path in paths or (Path(),)}
    root, repository = _project(given)
    named, folders = _split(given, root)
    found = _python_files(root, list(listed(root, repository)))
    files = sorted((found - matching(found, exclude)) | named)
    return Tree(
        root, repository, tuple(files), tuple(_select(files, named, tuple(folders)))
    )


def copies(files: Iterable[str]) -> tuple[str, ...]:
    """The folders that hold a copy of Eventlet itself, sorted, each with a last ``/``.

    The package, or all of what was unpacked with it; told by a file that only Eventlet
    has. Nothing where the whole project is Eventlet.
    """
    known = {*files}
    above = {path.removesuffix(_OF_EVENTLET) for path in known if _is_copy(path)}
    return tuple(
        sorted(
            folder if _is_unpacked(folder, known) else f"{folder}eventlet/"
            for folder in above
        )
    )


def _is_copy(path: str) -> bool:
    return path.endswith(f"/{_OF_EVENTLET}")


def _is_unpacked(folder: str, known: set[str]) -> bool:
    """Whether a folder is called ``eventlet-0.30.2``, and can be installed."""
    name = PurePosixPath(folder).name
    return name.startswith("eventlet") and f"{folder}setup.py" in known


def only(paths: Sequence[Path]) -> Tree:
    """The tree of some files, without a look at what else there is.

    :param paths: files, at least one, and no folder.
    :raises PathProblem: for a path that is missing or outside the project.
    :raises GitProblem: if git cannot read the repository.
    """
    given = {path: _real(path) for path in paths}
    root, repository = _project(given)
    named, _ = _split(given, root)
    files = tuple(sorted(named))
    return Tree(root, repository, files, files)


# The paths given -----------------------------------------------------------------


def _real(path: Path) -> Path:
    """Where a path leads, links followed."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, 3.11/12
        reason = getattr(error, "strerror", None) or "a loop of links"
        raise PathProblem(path, f"{path}: {reason}") from error


def _project(given: dict[Path, Path]) -> tuple[Path, bool]:
    """The root of the run, and whether it is a repository."""
    root = find_root(next(iter(given.values())))
    if root is not None:
        return root, True
    folders = [real if real.is_dir() else real.parent for real in given.values()]
    return Path(os.path.commonpath(folders)), False


def _split(given: dict[Path, Path], root: Path) -> tuple[set[str], set[str]]:
    """The files and the folders among the paths, relative to the root."""
    files, folders = set[str](), set[str]()
    own = {root: True}
    for path, real in given.items():
        folder = real if real.is_dir() else real.parent
        if not _belongs(folder, own):
            raise PathProblem(
                path, f"{path} is outside {root}; one run works on one repository"
            )
        (folders if real.is_dir() else files).add(real.relative_to(root).as_posix())
    return files, folders


def _belongs(folder: Path, own: dict[Path, bool]) -> bool:
    """Whether a folder is the root or below it, and not in a repository of its own.

    :param own: what is known about folders, the root among them; added to.
    """
    if folder not in own:
        top = folder.parent == folder or (folder / ".git").exists()
        own[folder] = not top and _belongs(folder.parent, own)
    return own[folder]


def _select(
    files: Iterable[str], named: set[str], folders: tuple[str, ...]
) -> Iterator[str]:
    """The files that are named or in one of the folders."""
    everything = "." in folders
    prefixes = tuple(f"{folder}/" for folder in folders)
    for path in files:
        if everything or path in named or path.startswith(prefixes):
            yield path


# What the project holds ----------------------------------------------------------


def listed(root: Path, repository: bool) -> Iterator[Listed]:
    """The files of the project that exist, in no particular order."""
    return _from_git(root) if repository else _walk(str(root), "", ())


def _python_files(root: Path, listed: list[Listed]) -> set[str]:
    """The Python files among those listed; links replaced by what they lead to."""
    known = {entry.path for entry in listed if not entry.link}
    found: set[str] = set()
    for entry in listed:
        path = _target(root, entry.path) if entry.link else entry.path
        if path in known and is_python(root, entry):
            found.add(path)
    return found


def _target(root: Path, path: str) -> str:
    """Where a link leads, relative to the root; ``""`` if that is nowhere inside."""
    real = os.path.realpath(root / path)
    inside = os.path.join(root, "")
    return real.removeprefix(inside) if real.startswith(inside) else ""


def is_python(root: Path, entry: Listed) -> bool:
    """Whether a listed file is Python by its name or its first line."""
    if entry.path.endswith(".py"):
        return True
    if not entry.executable or "." in entry.path.rpartition("/")[2]:
        return False
    return _has_shebang(root / entry.path)


def _has_shebang(path: Path) -> bool:
    """Whether the first line names a Python; only its first bytes are read."""
    try:  # O_NONBLOCK: a pipe put in a file's place must not stop the run
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        start = os.read(file, _SHEBANG_BYTES)
    except OSError:
        return False
    finally:
        os.close(file)
    return is_script(start)


def is_script(start: bytes) -> bool:
    """Whether a file that begins so is a script for a Python."""
    words = start[:_SHEBANG_BYTES].partition(b"\n")[0].removeprefix(b"#!").split()
    return start.startswith(b"#!") and any(map(_PYTHON.fullmatch, words))


def matching(files: Iterable[str], patterns: Sequence[str]) -> set[str]:
    """The files that one of the patterns matches, as in a ``.gitignore`` at the root.

    :raises PathProblem: for what is no such pattern.
    """
    if not patterns:
        return set()
    for pattern in patterns:
        if not _is_pattern(pattern):
            raise PathProblem(
                Path(pattern), f"{pattern} is not a pattern of .gitignore"
            )
    return set(_spec(patterns).match_files(files))


def _is_pattern(line: str) -> bool:
    """Whether a line of a ``.gitignore`` can mean anything."""
    try:
        _spec([line])
    except (ValueError, re.error):
        return False
    return True


def _spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    """Compiled patterns of a ``.gitignore``."""
    from pathspec import GitIgnoreSpec  # here: measured 45 ms, and seldom needed

    return GitIgnoreSpec.from_lines(patterns)


# With a repository ---------------------------------------------------------------


def _from_git(root: Path) -> Iterator[Listed]:
    """The tracked files that exist, and the untracked ones that are not ignored.

    One call answers all: ``-s`` gives the mode of a tracked file and ``-d`` repeats
    those that are gone, so that only untracked files are asked for their type.
    """
    tools = [f"--exclude={folder}/" for folder in sorted(_TOOL_FOLDERS)]
    answer = Git(root).run(
        *("ls-files", "-z", "-t", "-s", "-c", "-d", "-o", "--exclude-standard"), *tools
    )
    records = os.fsdecode(answer).split("\0")[:-1]
    gone = {record.partition("\t")[2] for record in records if record[0] == "R"}
    for record in records:
        if record[0] == "?":
            yield from _examined(root, record[2:])
        elif record[0] != "R":
            yield from _tracked(root, record, gone)


def _tracked(root: Path, record: str, gone: set[str]) -> Iterator[Listed]:
    """The file of a record ``tag mode object stage<TAB>path``, unless it is gone."""
    head, _, path = record.partition("\t")
    mode = head[2:8]
    if mode == _SUBMODULE or path in gone:
        return
    if head[0] == "S":  # left out of a sparse checkout: git does not look for it
        yield from _examined(root, path)
    else:
        yield Listed(path, link=mode == _LINK, executable=mode == "100755")


def _examined(root: Path, path: str) -> Iterator[Listed]:
    """The file at a path if it is a regular one or a link."""
    if path.endswith("/"):  # the top of another repository
        return
    try:
        mode = os.lstat(root / path).st_mode
    except OSError:
        return
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        yield Listed(path, stat.S_ISLNK(mode), executable=bool(mode & 0o111))


# Without a repository ------------------------------------------------------------

_Ignored = Callable[[str], bool | None]


def _walk(root: str, folder: str, rules: tuple[_Ignored, ...]) -> Iterator[Listed]:
    """The files below a folder that no ``.gitignore`` on the way to them ignores.

    :param folder: ``""`` or ``"a/b/"``.
    :param rules: those of the folders above, the nearest first.
    """
    rules = (*_rules(root, folder), *rules)
    below: list[str] = []
    for entry in _entries(os.path.join(root, folder)):
        path = folder + entry.name
        if entry.is_dir(follow_symlinks=False):
            if not _is_foreign(entry) and not _is_ignored(f"{path}/", rules):
                below.append(f"{path}/")
        elif not _is_ignored(path, rules):
            yield from _examined(Path(root), path)
    for path in below:
        yield from _walk(root, path, rules)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What a folder holds; nothing if it may not be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _is_foreign(folder: os.DirEntry[str]) -> bool:
    """Whether a folder is a tool's, a virtual environment or another repository."""
    return folder.name in _TOOL_FOLDERS or any(
        os.path.lexists(os.path.join(folder.path, mark))
        for mark in (".git", "pyvenv.cfg")
    )


def _rules(root: str, folder: str) -> Iterator[_Ignored]:
    """The rules of a folder's own ``.gitignore``, if it has one."""
    try:
        raw = Path(root, folder, ".gitignore").read_bytes()
    except OSError:
        return
    lines = os.fsdecode(raw).split("\n")
    spec = _spec(filter(_is_pattern, lines))  # git passes over the others, too
    yield lambda path: spec.check_file(path.removeprefix(folder)).include


def _is_ignored(path: str, rules: tuple[_Ignored, ...]) -> bool:
    """What the nearest rule that speaks about a path says."""
    said = (rule(path) for rule in rules)
    return next((ignored for ignored in said if ignored is not None), False)
