"""What a person answered about single changes, kept for the next call.

A change is known again by the lines that it takes and puts, and by the function that
they are in: the answer counts after a rebase, too. A line is added for each answer; one
that was cut short is passed over.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from deventlet.driver.apart import Change
from deventlet.series.patch import FileChange, unified_diff
from deventlet.source.json_lines import add_line, read_lines

NAME = "answers.jsonl"
_HEADER = re.compile(rb"\s*(?:async\s+def|def|class)\s")


class _Line(msgspec.Struct, frozen=True):
    change: str
    wanted: bool


@dataclass(eq=False)
class Answers:
    """The answers by the names of the changes.

    :param folder: where they are kept; None to forget them at the end.
    """

    folder: Path | None
    known: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what earlier calls have left."""
        if self.folder is not None:
            lines = read_lines(self.folder / NAME, _Line)
            self.known.update((line.change, line.wanted) for line in lines)

    def add(self, name: str, wanted: bool) -> None:
        """Remember an answer, on the disk too."""
        self.known[name] = wanted
        if self.folder is not None:
            add_line(self.folder / NAME, _Line(name, wanted))


def names(codemod: str, changes: Sequence[Change]) -> list[str]:
    """What tells each change; the second of two that look the same has another name."""
    seen: Counter[bytes] = Counter()
    found: list[str] = []
    for change in changes:
        looks = b"\0".join((codemod.encode(), *_looks(change)))
        found.append(hashlib.sha256(b"%d\0%b" % (seen[looks], looks)).hexdigest())
        seen[looks] += 1
    return found


def _looks(change: Change) -> Iterator[bytes]:
    """Where a change is, and the lines that differ."""
    site = change.verdicts[0].subject.origin
    before, _ = change.files.get(site.path, (b"", b""))
    yield from _around(before.split(b"\n")[: site.line])
    for path, texts in sorted(change.files.items()):
        yield os.fsencode(path)
        lines = unified_diff(FileChange(path, *texts)).split(b"\n")
        yield from (line for line in lines if line.startswith((b"+", b"-")))


def _around(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The headers of the functions and classes that the last line is in."""
    indent = _indent(lines[-1])
    for each in reversed(lines[:-1]):
        if _indent(each) < indent and _HEADER.match(each):
            indent = _indent(each)
            yield each


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())
