"""Keeps counts by blob from run to run, in the git folder.

One file, ``deventlet/counts-….json`` in the folder that all work trees of a clone
share; the name tells the settings and the version that the counts are for. It goes
with the clone and is never committed. It may be deleted, cut off or written by two
runs at once: what cannot be read is counted again, and where it cannot be written
nothing is kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from deventlet import __version__
from deventlet.history.counts import NOTHING, Counted
from deventlet.history.trees import File
from deventlet.uses import Meaning

_FORMAT = 1
"""To be raised with every change to this file's form."""
DECIDING = (
    *("uses", "resolve", "source", "history/counts.py"),
    *("driver/subjects/expectations.py", "driver/reach/holding.py"),
)
"""The packages and files that say what counts as a use."""


class _Kept(msgspec.Struct):
    """The file.

    :param nothing: blobs in which there is nothing, whatever they are called.
    :param counts: by path, with a star for an executable, then by blob.
    """

    nothing: set[str] = msgspec.field(default_factory=set)
    counts: dict[str, dict[str, Counted]] = msgspec.field(default_factory=dict)


@dataclass
class Cache:
    """The counts that are known, and those that are made meanwhile."""

    file: Path
    _kept: _Kept = field(default_factory=_Kept)
    _grown: bool = False

    @classmethod
    def load(cls, folder: Path, meaning: Meaning) -> Cache:
        """What earlier runs have kept.

        :param folder: the git folder that all work trees share.
        """
        file = folder / "deventlet" / f"counts-{_key(meaning)}.json"
        cache = cls(file)
        with suppress(OSError, msgspec.DecodeError):
            cache._kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        return cache

    def get(self, file: File, make: Callable[[File], Counted]) -> Counted:
        """The count of a file, made if it is not known."""
        if file.blob in self._kept.nothing:
            return NOTHING
        known = self._kept.counts.get(_name(file), {}).get(file.blob)
        return known if known is not None else self._add(file, make(file))

    def _add(self, file: File, counted: Counted) -> Counted:
        self._grown = True
        if counted is NOTHING:
            self._kept.nothing.add(file.blob)
        else:
            self._kept.counts.setdefault(_name(file), {})[file.blob] = counted
        return counted

    def save(self) -> None:
        """Keep everything for the next run, if that can be done."""
        if not self._grown:
            return
        with suppress(OSError):
            self.file.parent.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.file.parent, prefix="new-")
            try:
                with os.fdopen(handle, "wb") as to:
                    to.write(msgspec.json.encode(self._kept, order="sorted"))
                os.replace(name, self.file)
            except OSError:
                os.unlink(name)


def _name(file: File) -> str:
    # JSON has no lone surrogates, which a path that is not UTF-8 has here.
    path = file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return f"{path}*" if file.executable else path


def _key(meaning: Meaning) -> str:
    """What the counts depend on besides the files: also which Python can parse them."""
    said = (
        _FORMAT, __version__, sys.version_info[:2], _code(),
        sorted(meaning.spellings.items()), sorted(meaning.shims),
    )  # fmt: skip
    return sha256(repr(said).encode()).hexdigest()[:16]


def _code() -> str:
    """The code that counts, which may change without the version, in a checkout."""
    digest = sha256()
    home = Path(__file__).parents[1]
    for part in DECIDING:
        each = home / part
        for file in [each] if each.is_file() else sorted(each.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
