"""Counts the uses of one file at a time; the counts are kept by blob.

What is counted depends on a file's path, mode and content and on the settings, and on
nothing else, so that a count never has to be made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec

from deventlet.history.trees import File
from deventlet.resolve.processes.testing import is_test_source
from deventlet.source.discover import is_script
from deventlet.uses import Meaning, find

_WORD = b"eventlet"
_NO_LINES = "releasenotes"
"""The folder that projects leave out when they count lines: a note stays for ever."""


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """What one file has.

    :param test: whether it belongs to the tests.
    :param unread: whether it has the word, is Python and cannot be parsed.
    :param lines: lines with the word, in any case; a binary file has at most one, as
        for ``grep``.
    :param uses: how many of each kind and name: ``use eventlet.sleep``.
    """

    test: bool = False
    unread: bool = False
    lines: int = 0
    uses: Mapping[str, int] = {}


NOTHING = Counted()


def count(file: File, raw: bytes, meaning: Meaning) -> Counted:
    """Count a file."""
    lines = _lines(file.path, raw)
    if not is_python(file, raw):
        return Counted(lines=lines) if lines else NOTHING
    found = find(file.path, raw, meaning)
    uses = Counter(f"{use.kind} {use.api}" for use in found.uses)
    if not (lines or uses):
        return NOTHING
    test = bool(uses) and is_test_source(file.path, raw)
    # Only one that may have a use: its text has the word, or a shim's name.
    return Counted(test, found.problem is not None, lines, dict(sorted(uses.items())))


def is_python(file: File, raw: bytes) -> bool:
    """Whether a file is Python, as :func:`deventlet.source.discover.discover` says."""
    if file.path.endswith(".py"):
        return True
    suffix = "." in PurePosixPath(file.path).name
    return file.executable and not suffix and is_script(raw)


def _lines(path: str, raw: bytes) -> int:
    lower = raw.lower()
    if _WORD not in lower or _NO_LINES in PurePosixPath(path).parts[:-1]:
        return 0
    return 1 if b"\0" in raw else sum(_WORD in line for line in lower.split(b"\n"))
