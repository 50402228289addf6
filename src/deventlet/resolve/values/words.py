"""Where a word stands in the texts of a repository, without parsing any.

A word is looked for with ``bytes.find``, which is many times as fast as a pattern;
what stands around it is looked at only where it is found. It may name a place too
many (in a string, in a comment), never one too few.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.resolve.project import Project, as_bytes

_CLASS = re.compile(rb"class[ \t]+(\w+)\s*(?:\[[^]]*\])?\s*\(([^)]*)\)")
_BEFORE_DOT = re.compile(
    rb"((?:\.\s*)?[\w\])}'\"]+)(?:\s|\\\r?\n)*\.(?:\s|\\\r?\n|#[^\n]*\n)*\Z"
)
_AROUND_DOT = frozenset((b".", b" ", b"\t", b"\n", b"\r", b"\f"))
"""What may stand right before the name of an attribute."""
_IMPORT = re.compile(rb"[ \t]*(?:from[ \t]+[.\w]+[ \t]+import\b|import[ \t]+[.\w]+)")
_BINDS = re.compile(rb"\s*(?:[,)=:\\]|in\b|as\b)")
_BOUND = re.compile(rb"\b(?:for|as|class|def|del|global|nonlocal)\s+\Z")
"""What stands behind and before a name that may be bound by more than an import."""
_STORE = re.compile(rb"[ \t]*(?::[^=\n]*)?=(?!=)")
_WORD = re.compile(rb"\w+")
_LAST = re.compile(rb"\w*\Z")
_BACK = 120
"""How many bytes before a word are looked at for the dot and its owner."""


@dataclass(eq=False)
class Words:
    """The texts of one state of a repository."""

    project: Project
    _holding: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _package: dict[tuple[str, bytes], bool] = field(default_factory=dict)

    def holding(self, word: str) -> tuple[str, ...]:
        """The files whose bytes have a word, maybe as part of another."""
        key = as_bytes(word)
        if key not in self._holding:
            self._holding[key] = tuple(self.project.containing([key]))
        return self._holding[key]

    def ends(self, path: str, word: str) -> Iterator[int]:
        """The offsets at which a whole word ends in a file."""
        raw, key = self.project.read_or_empty(path), as_bytes(word)
        start = raw.find(key)
        while start >= 0:
            end = start + len(key)
            if not (_is_word(raw[start - 1 : start]) or _is_word(raw[end : end + 1])):
                yield end
            start = raw.find(key, end)

    def owners(self, path: str, word: str) -> Iterator[bytes]:
        """What stands before the dot of each ``x.word`` of a file but in imports."""
        raw, length = self.project.read_or_empty(path), len(as_bytes(word))
        for end in self.ends(path, word):
            if raw[end - length - 1 : end - length] not in _AROUND_DOT:
                continue
            if _IMPORT.match(raw, raw.rfind(b"\n", 0, end) + 1):
                continue
            found = _BEFORE_DOT.search(raw[max(0, end - length - _BACK) : end - length])
            if found is not None:
                yield found[1]

    def dotted(self, word: str) -> Iterator[str]:
        """The files with an ``x.word`` where x may be an object.

        It is not ``self`` or ``cls`` alone, which the class's own files have, nor
        the first word of a string, nor a package that the file imports.
        """
        for path in self.holding(word):
            owners = dict.fromkeys(self.owners(path, word))
            if any(self._may_be_object(path, owner) for owner in owners):
                yield path

    def _may_be_object(self, path: str, owner: bytes) -> bool:
        if owner in (b"self", b"cls") or _begins_string(owner):
            return False
        return not self._is_package(path, owner)

    def _is_package(self, path: str, name: bytes) -> bool:
        """Whether a plain import of a file binds a name, and nothing else in it."""
        key = path, name
        if key not in self._package:
            found = self.project.imports(path)
            taken = {as_bytes(i.name) for i in found if i.name is not None}
            plain = [i.module.partition(".")[0] for i in found if i.name is None]
            roots = {as_bytes(each) for each in plain} - taken
            self._package[key] = name in roots and not self._is_bound(path, name)
        return self._package[key]

    def _is_bound(self, path: str, name: bytes) -> bool:
        raw, text = self.project.read_or_empty(path), name.decode("utf-8", "replace")
        return any(
            (
                _BINDS.match(raw, end)
                and raw[end - len(name) - 1 : end - len(name)] != b"."
            )
            or _BOUND.search(raw[max(0, end - len(name) - _BACK) : end - len(name)])
            for end in self.ends(path, text)
        )

    def naming(self, word: str) -> Iterator[str]:
        """The files with a word as a whole."""
        for path in self.holding(word):
            if any(True for _ in self.ends(path, word)):
                yield path

    def defining(self, name: str) -> Iterator[str]:
        """The files with ``def name``, as everybody writes it."""
        key = b"def " + as_bytes(name)
        for path in self.project.containing([key]):
            raw = self.project.read_or_empty(path)
            start = raw.find(key)
            while start >= 0 and _is_word(raw[start + len(key) : start + len(key) + 1]):
                start = raw.find(key, start + 1)
            if start >= 0:
                yield path

    def storing(self, name: str) -> Iterator[str]:
        """The files with ``self.name =``, or with ``name =`` on a line of its own."""
        for path in self.holding(name):
            raw, length = self.project.read_or_empty(path), len(as_bytes(name))
            for end in self.ends(path, name):
                if not _STORE.match(raw, end):
                    continue
                before = raw[max(0, end - length - _BACK) : end - length]
                line = before.rpartition(b"\n")[2]
                if line.isspace() or line.strip() in (b"self.", b"cls."):
                    yield path
                    break

    @cached_property
    def _deriving(self) -> dict[bytes, dict[str, None]]:
        """The files with a class of which a base has a word, by that word.

        A file that gives something of that name another one counts as well.
        """
        found: defaultdict[bytes, dict[str, None]] = defaultdict(dict)
        for path in self.project.paths:
            raw = self.project.read_or_empty(path)
            start = raw.find(b"class ")
            while start >= 0:
                header = _CLASS.match(raw, start)
                for base in _WORD.findall(header[2]) if header else ():
                    found[base][path] = None
                start = raw.find(b"class ", start + 6)
            start = raw.find(b" as ")
            while start >= 0:
                found[_last_word(raw, start)][path] = None
                start = raw.find(b" as ", start + 4)
        return found

    def deriving(self, name: str) -> list[str]:
        """The files that may have a class which derives from one of that name."""
        return sorted(self._deriving.get(as_bytes(name), ()))


def _begins_string(owner: bytes) -> bool:
    """Whether what stands before a dot is the begin of a string, and so no name."""
    return owner[:1] in (b"'", b'"') and owner.count(owner[:1]) == 1


def _last_word(raw: bytes, end: int) -> bytes:
    found = _LAST.search(raw[max(0, end - _BACK) : end])
    return found[0] if found else b""


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"
