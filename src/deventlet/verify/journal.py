"""What runs of the tests have said, kept until the series is finished.

A run is kept with the command and the contents that the work tree had, so that a
second call goes on where the first was killed, and no tree is tested twice. A line is
added for each; one that was cut short is passed over.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from deventlet.source.json_lines import add_line, read_lines
from deventlet.verify.command import Command, Result

_NAME = "verify.jsonl"


class _Line(msgspec.Struct, frozen=True):
    of: str
    tree: str
    failed: list[str]
    seconds: float
    tail: str


@dataclass(eq=False)
class Journal:
    """The results of one command on one base commit.

    :param folder: where the journal is kept.
    """

    folder: Path
    base: str
    command: Command
    _known: dict[str, list[Result]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what an earlier call has left."""
        for line in read_lines(self.folder / _NAME, _Line):
            if line.of == self._head:
                result = Result(frozenset(line.failed), line.seconds, line.tail)
                self._known.setdefault(line.tree, []).append(result)

    def results(self, texts: Mapping[str, bytes]) -> list[Result]:
        """What is known of a tree with these contents."""
        return self._known.get(self.name(texts), [])

    def add(self, texts: Mapping[str, bytes], result: Result) -> None:
        """Remember a result, on the disk too."""
        name = self.name(texts)
        self._known.setdefault(name, []).append(result)
        line = _Line(
            self._head, name, sorted(result.failed), result.seconds, result.tail
        )
        add_line(self.folder / _NAME, line)

    def name(self, texts: Mapping[str, bytes]) -> str:
        """What tells a tree from others of the same base: a digest of what differs."""
        digest = hashlib.sha256()
        for path, content in sorted(texts.items()):
            digest.update(os.fsencode(path) + b"\0")
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()

    @cached_property
    def _head(self) -> str:
        """What tells the runs of this command on this base from others."""
        digest = hashlib.sha256()
        head = (self.base, self.command.line, repr(self.command.report))
        for part in (*head, str(self.command.timeout)):
            digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """How many runs it knows of."""
        return sum(map(len, self._known.values()))

    def remove(self) -> None:
        """Forget it: the series is finished."""
        (self.folder / _NAME).unlink(missing_ok=True)
