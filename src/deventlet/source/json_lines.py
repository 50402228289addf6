"""Lines of JSON, added to a file one at a time, that outlive a run which is killed.

What a line says is for others. One that was cut short is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

_Line = TypeVar("_Line", bound=msgspec.Struct)


def read_lines(file: Path, kind: type[_Line]) -> Iterator[_Line]:
    """The whole lines of a file in order; none if it cannot be read.

    :param kind: what a line holds; any other line is passed over.
    """
    try:
        raw = file.read_bytes()
    except OSError:
        return
    for line in raw.split(b"\n"):
        try:
            yield msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue


def add_line(file: Path, line: msgspec.Struct) -> None:
    """Add a line, and its file and folder if need be; it is on the disk afterwards.

    :raises OSError: if it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab+") as out:
        out.seek(max(0, out.tell() - 1))
        is_cut = out.read(1) not in (b"", b"\n")
        out.write(b"\n" * is_cut + msgspec.json.encode(line) + b"\n")
        out.flush()
        os.fsync(out.fileno())
