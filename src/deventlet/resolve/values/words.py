"""Where a word stands in the texts of a repository, without parsing any.

A word is looked for with ``bytes.find``, which is many times as fast as a pattern;
what stands around it is looked at only where it is found. It may name a place too
many (in a string, in a comment), never one too few.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.project import Project, as_bytes
from deventlet.resolve.values.bound import Bound, whole

_CLASS = re.compile(
    rb"class(?:[ \t]|\\\r?\n)+\w+(?:\s|\\\r?\n)*(?:\[[^]]*\])?(?:\s|\\\r?\n)*"
    rb"\((.{0,2000}?)\)(?:\s|\\\r?\n)*:",
    re.DOTALL,
)
_COMMENTED_DOT = re.compile(rb"\.(?:\s|\\\r?\n|#[^\n]*\n)*\Z")
_SPACE = b" \t\r\n\f\\"
_NAME = bytes(range(0x80, 0x100)) + b"".join(
    [b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789_."]
)
"""What a dotted name is made of."""
_IN_BRACKETS = re.compile(rb"\(\s*[\w.\x80-\xff]+[\w.\s\x80-\xff]*\)\Z")
_CLOSING = frozenset((b")", b"]", b"}", b"'", b'"'))
_LOOKED_INTO = re.compile(
    rb"\b(?:getattr|vars)\s*\((?:\s|\\\r?\n|#[^\n]*\n)*(['\"]?[\w.\x80-\xff]*)"
)
ANYTHING = b"?"
"""Stands for what the text before a dot does not say."""
_AROUND_DOT = frozenset((b".", b" ", b"\t", b"\n", b"\r", b"\f"))
"""What may stand right before the name of an attribute."""
_IMPORT = re.compile(rb"[ \t]*(?:from[ \t]+[.\w]+[ \t]+import\b|import[ \t]+[.\w]+)")
_STORE = re.compile(rb"[ \t]*(?::[^=\n]*)?=(?!=)")
_BOUND = re.compile(rb"[ \t\f]*(?:[=:,)\]\r\n#;\\]|in\b|\Z)")
"""What may follow a name that is bound other than by ``def`` or ``class``."""
_TARGETS = re.compile(
    rb"(?:^|[;:])[ \t\f]*[(\[*]*(?:[\w.\x80-\xff]+[ \t]*[,=][ \t]*[(\[*]*)*\Z"
)
"""What may stand before it in its line."""
_NAMING = (b"def", b"class", b" as")
_BINDING = (b"from ", b"import ", b"for ", b"with ", b"async ", b"except ", b"case ")
_WALRUS = re.compile(rb"\s*:=")
_OF_SELF = re.compile(rb"\bself\.\Z")
_GIVEN = re.compile(rb"[ \t]*(?::[^=\n]*)?[-+*/|&%]?=(?!=)")
_QUOTES = (b"'", b'"')
_WORD = re.compile(rb"\w+")
_BACK = 120
"""How many bytes before a word are looked at for the dot and its owner."""


@dataclass(eq=False)
class Words:
    """The texts of one state of a repository."""

    project: Project

    @cached_property
    def bound(self) -> Bound:
        """What binds a name in a file."""
        return Bound(self.project)

    def holding(self, word: str) -> tuple[str, ...]:
        """The files whose bytes have a word, maybe as part of another."""
        return self.project.holding(as_bytes(word))

    def has(self, path: str, word: str) -> bool:
        """Whether the bytes of a file have a word, maybe as part of another."""
        return as_bytes(word) in self.project.read_or_empty(path)

    def ends(self, path: str, word: str) -> Iterator[int]:
        """The offsets at which a whole word ends in a file."""
        raw = self.project.read_or_empty(path)
        return (end for _, end in whole(raw, as_bytes(word)))

    def owners(self, path: str, word: str) -> Iterator[bytes]:
        """What stands before the dot of each ``x.word`` of a file but in imports.

        A dotted name; with its quote if it begins a string; after a closing bracket
        for what stands in brackets or is called; ``?`` where the text does not say.
        """
        raw = self.project.read_or_empty(path)
        for start, _ in whole(raw, as_bytes(word)):
            before = before_dot(raw, start)
            line = raw.rfind(b"\n", 0, start) + 1
            if before is not None and not _IMPORT.match(raw, line):
                yield _owner(before)

    def looked_into(self, path: str) -> Iterator[bytes]:
        """What the file looks up names in by strings, as :meth:`owners` says it."""
        yield from self.project.of_text(path, _looked_into)
        yield from self.owners(path, "__dict__")

    def dotted(self, word: str) -> Iterator[str]:
        """The files with an ``x.word`` where x may be an object.

        It is not ``self`` or ``cls`` alone, which the class's own files have, nor
        the begin of a string, nor what another project gives, nor a package.
        """
        for path in self.holding(word):
            owners = dict.fromkeys(self.owners(path, word))
            if any(self._may_be_object(path, owner) for owner in owners):
                yield path

    def _may_be_object(self, path: str, owner: bytes) -> bool:
        if owner in (b"self", b"cls") or _is_text(owner):
            return False
        name = dotted_name(owner)
        if name is None:
            return True
        found = self.bound.only_imports(path, name.partition(".")[0])
        ours = self.project.top_level
        return found is None or any(
            each.module.partition(".")[0] in ours
            and (each.name is not None or each.bound != name)
            for each in found
        )

    def defining(self, name: str) -> Iterator[str]:
        """The files with ``def name``, as everybody writes it."""
        for path in self.holding(name):
            raw, word = self.project.read_or_empty(path), as_bytes(name)
            if any(raw.endswith(b"def ", 0, at) for at, _ in whole(raw, word)):
                yield path

    def binding(self, name: str) -> Iterator[str]:
        """The files that may bind a name, with ``def``, ``=``, an import or the like.

        None of the many that only say ``x.name(…)``.
        """
        for path in self.holding(name):
            raw, word = self.project.read_or_empty(path), as_bytes(name)
            if any(_may_bind(raw, *found) for found in whole(raw, word)):
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

    def is_given(self, name: str) -> bool:
        """Whether any but the ``self`` of a method is given an attribute of a name."""
        if name not in self._given:
            paths = self.holding(name)
            self._given[name] = any(self._gives(path, as_bytes(name)) for path in paths)
        return self._given[name]

    def _gives(self, path: str, name: bytes) -> bool:
        raw = self.project.read_or_empty(path)
        for start, end in whole(raw, name):
            line = raw[raw.rfind(b"\n", 0, start) + 1 : start]
            is_quoted = line[-1:] in _QUOTES and raw[end : end + 1] in _QUOTES
            if is_quoted and b"setattr(" in line:
                return True
            is_other = line.endswith(b".") and not _OF_SELF.search(line)
            if is_other and _GIVEN.match(raw, end):
                return True
        return False

    @cached_property
    def _given(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _deriving(self) -> dict[bytes, dict[str, None]]:
        """The files with a class of which a base has a word, by that word.

        A file that gives something of that name another one counts as well.
        """
        found: defaultdict[bytes, dict[str, None]] = defaultdict(dict)
        for path in self.project.paths:
            for base in self.project.of_text(path, _bases):
                found[base][path] = None
        return found

    def deriving(self, name: str) -> list[str]:
        """The files that may have a class which derives from one of that name."""
        return sorted(self._deriving.get(as_bytes(name), ()))


def _looked_into(raw: bytes) -> tuple[bytes, ...]:
    """What ``getattr()`` and ``vars()`` are given first."""
    if b"getattr" not in raw and b"vars" not in raw:
        return ()
    return tuple(found[1] or ANYTHING for found in _LOOKED_INTO.finditer(raw))


def _bases(raw: bytes) -> frozenset[bytes]:
    """The words of the bases of a text's classes, and what gets another name."""
    found = {word for bases in _CLASS.findall(raw) for word in _WORD.findall(bases)}
    start = raw.find(b" as ")
    while start >= 0:
        found.add(_last_word(raw, start))
        start = raw.find(b" as ", start + 4)
    return frozenset(found)


def _may_bind(raw: bytes, start: int, end: int) -> bool:
    """Whether the word between two offsets may be bound there, but as a parameter."""
    before = raw[max(0, start - _BACK) : start]
    if before.rstrip(_SPACE).endswith(_NAMING) or _WALRUS.match(raw, end):
        return True
    line = before.rpartition(b"\n")[2]
    target = line.lstrip().startswith(_BINDING) or _TARGETS.search(line) is not None
    return target and _BOUND.match(raw, end) is not None


def before_dot(raw: bytes, start: int) -> bytes | None:
    """What stands before the dot of an attribute; None if there is no dot."""
    if raw[start - 1 : start] not in _AROUND_DOT:
        return None
    before = raw[max(0, start - _BACK) : start]
    closed = before.rstrip(_SPACE)
    if closed.endswith(b"."):
        return closed[:-1].rstrip(_SPACE)
    found = _COMMENTED_DOT.search(before) if b"#" in before else None
    return before[: found.start()].rstrip(_SPACE) if found is not None else None


def _owner(before: bytes) -> bytes:
    """What a text ends with, as :meth:`Words.owners` says it."""
    left = before.rstrip(_NAME)
    name = before[len(left) :]
    if name and not name.startswith(b"."):
        return left[-1:] + name if left[-1:] in (b"'", b'"') else name
    left = left.rstrip(_SPACE)
    if left[-1:] not in _CLOSING or _IN_BRACKETS.search(left):
        return ANYTHING
    return b")" + name


def dotted_name(owner: bytes) -> str | None:
    """What stands before a dot, if it is a dotted name."""
    name = owner.decode("utf-8", "replace")
    return name if all(map(str.isidentifier, name.split("."))) else None


def _is_text(owner: bytes) -> bool:
    """Whether what stands before a dot is in a string or comment, and so no name."""
    return owner[:1] in (b"'", b'"') or owner[:1].isdigit()


def _last_word(raw: bytes, end: int) -> bytes:
    before = raw[max(0, end - _BACK) : end]
    return before[len(before.rstrip(_NAME)) :].rpartition(b".")[2]
