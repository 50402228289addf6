"""Which files beside the Python code a scan reads, and their bytes.

The project decides what belongs to it exactly as for Python files. Nothing is
decoded or judged here, and a file that cannot be read is a named problem.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from deventlet.source.discover import is_python, listed
from deventlet.source.text import SourceProblem

MAX_BYTES = 8 * 1024 * 1024
_FIRST = 8000  # a NUL in the first 8,000 bytes makes a file binary, as git has it
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_files(root: Path, repository: bool) -> list[str]:
    """The files of a project that are not Python by name or first line, sorted.

    A ``setup.py`` is among them: what it requires stands in strings.
    Links are left out: one that stays inside leads to a file which is listed itself.
    Whether a file is text is known when it is read, see :func:`read`.

    :param root: the top of the project.
    :param repository: whether it is that of a git work tree; then git says which
        files there are, else the folders and their ``.gitignore`` files do.
    :raises GitProblem: if git cannot read the repository.
    """
    return sorted(
        entry.path
        for entry in listed(root, repository)
        if not entry.link and (_is_setup(entry.path) or not is_python(root, entry))
    )


def _is_setup(path: str) -> bool:
    return path.rpartition("/")[2] == "setup.py"


def read(path: Path) -> bytes:
    """The bytes of a text file without byte order mark; UTF-16 becomes UTF-8.

    As :func:`read_raw`, which gives them as they are.
    """
    raw = read_raw(path)
    if raw.startswith(_UTF16):
        return raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


def read_raw(path: Path) -> bytes:
    """The bytes of a text file.

    A binary file has none, and what is no regular file (any more) neither.

    :raises SourceProblem: ``file.unreadable`` or, for a text file of more than
        ``MAX_BYTES``, ``file.too-large``.
    """
    try:  # O_NONBLOCK: a pipe put in a file's place must not stop the run
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        raise _unreadable(error) from error
    try:
        raw = _read(file)
    except OSError as error:
        raise _unreadable(error) from error
    finally:
        os.close(file)
    return b"" if _is_binary(raw[:_FIRST]) else raw


def _read(file: int) -> bytes:
    """What an open file holds; only its first bytes if those are binary."""
    state = os.fstat(file)
    if not stat.S_ISREG(state.st_mode):
        return b""
    start = os.read(file, _FIRST)
    if len(start) < _FIRST or _is_binary(start):
        return start
    if state.st_size > MAX_BYTES:
        raise SourceProblem(
            "file.too-large",
            f"the file is larger than {MAX_BYTES // 1024**2} MiB and was not searched",
        )
    return start + os.read(file, state.st_size)


def _is_binary(start: bytes) -> bool:
    return b"\0" in start and not start.startswith(_UTF16)


def _unreadable(error: OSError) -> SourceProblem:
    return SourceProblem("file.unreadable", error.strerror or str(error))
