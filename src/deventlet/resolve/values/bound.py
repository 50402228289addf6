"""What binds a name in a file, by the text of the file alone; nothing is parsed.

It may see a binding too many (in a string, in an argument), never one too few. Asked
before a file is parsed, so that one where a name cannot mean the thing is left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from deventlet.resolve.importing import Imported
from deventlet.resolve.project import Project, as_bytes
from deventlet.resolve.takers import IMPORTERS

_BINDS = re.compile(
    rb"(?:\s|\\\r?\n)*(?:[-+*/%&|^@<>]*=|[,)\]}:#|]|(?:in|as|if)\b)|\s*\\"
)
"""What stands behind a name that may be bound by more than an import."""
_BOUND = re.compile(rb"\b(?:class|def)\s+\Z")
"""What stands before such a name, where nothing behind it says so."""
_ASSIGNED = re.compile(rb"(?:\s|\\\r?\n)*(?::[^=\n]*)?=(?!=)[ \t]*|\s*\\")
_MADE = re.compile(
    rb"""(?![\w.]*(?:%b)\()(?:None|True|False|'[^'\n\\]*'|"[^"\n\\]*\""""
    rb"""|[\w.]+\((?:[^()'"#]|\([^()'"#]*\))*\))[ \t]*(?:[,)#\r\n]|\Z)"""
    % b"|".join(map(as_bytes, sorted(IMPORTERS)))
)
"""A whole value that is no name, and no module: a constant, or what a call gives."""
_COMMENT = re.compile(rb"[^'\"#]*#[^'\"]*\Z")
"""The begin of a line that ends in a comment; what has quotes may be a string."""
_INLINE = re.compile(rb"[;:][ \t]*(?:import|from)[ \t](?:[^\n\\(]|\\\r?\n|\([^)]*\))*")
"""An import that does not begin its line, and is not among those of the project."""
_BACK = 20
"""How many bytes before a name are looked at for the word that binds it."""


@dataclass(eq=False)
class Bound:
    """The names of the files of one state of a repository."""

    project: Project
    _only: dict[tuple[str, str], tuple[Imported, ...] | None] = field(
        default_factory=dict
    )

    def imports(self, path: str, name: str) -> Iterator[Imported]:
        """The imports of a file that bind a name, among other things maybe."""
        return (each for each in self.project.imports(path) if each.bound == name)

    def only_imports(self, path: str, name: str) -> tuple[Imported, ...] | None:
        """The imports that bind a name; None if something else may bind it, too.

        Without any, the name means nothing: it stands in a string or a comment.
        """
        key = path, name
        if key not in self._only:
            found = tuple(self.imports(path, name))
            is_more = self.is_open(path, name) or self._is_bound(
                path, name, bool(found)
            )
            self._only[key] = None if is_more else found
        return self._only[key]

    def is_open(self, path: str, name: str) -> bool:
        """Whether imports that are not among the project's may bind a name."""
        inline = self.project.of_text(path, _inline)
        return as_bytes(name) in inline or any(
            each.name == "*" for each in self.project.imports(path)
        )

    def is_assigned(self, path: str, name: str) -> bool:
        """Whether a file may give a name the value of another name, as ``a = b``."""
        raw = self.project.read_or_empty(path)
        for _, end in self._places(path, name):
            found = _ASSIGNED.match(raw, end)
            if found is not None and (
                b":=" in found[0] or not _MADE.match(raw, found.end())
            ):
                return True
        return False

    def _is_bound(self, path: str, name: str, imported: bool) -> bool:
        """Whether something else than the imports that are known may bind a name.

        :param imported: whether any are: those that lead out of the tree are not.
        """
        raw = self.project.read_or_empty(path)
        spans = self.project.import_spans(path)
        for at, end in self._places(path, name):
            nearest = bisect_right(spans, (at, len(raw))) - 1
            if nearest >= 0 and at < spans[nearest][1]:
                if not (imported or raw.endswith(b"from ", 0, at)):
                    return True
            elif _BINDS.match(raw, end) or _BOUND.search(raw[max(0, at - _BACK) : at]):
                return True
        return False

    def _places(self, path: str, name: str) -> Iterator[tuple[int, int]]:
        """Where a name stands that is not an attribute, nor in a plain comment."""
        raw = self.project.read_or_empty(path)
        for start, end in whole(raw, as_bytes(name)):
            line = raw[raw.rfind(b"\n", 0, start) + 1 : start]
            if not (line.endswith(b".") or _COMMENT.match(line)):
                yield start, end


def _inline(raw: bytes) -> bytes:
    """The imports of a text that do not begin a line."""
    return b"\n".join(_INLINE.findall(raw))


def says(raw: bytes, word: bytes) -> bool:
    """Whether a text has a word that is not part of another; it has the empty one."""
    return not word or next(whole(raw, word), None) is not None


def whole(raw: bytes, word: bytes) -> Iterator[tuple[int, int]]:
    """Where a word starts and ends that is not part of another."""
    length = len(word)
    start = raw.find(word)
    while start >= 0:
        end = start + length
        if not (raw[start - 1 : start] in _LETTERS or raw[end : end + 1] in _LETTERS):
            yield start, end
        start = raw.find(word, end)


_LETTERS = frozenset(
    byte
    for byte in (bytes([each]) for each in range(256))
    if byte.isalnum() or byte == b"_"
)
"""What a word of a text consists of, a byte each."""
