"""Which functions of a repository lead to one, by the names in their texts alone.

A function that has another's name leads to it: one that nothing else has, or that of
a function whose file is imported there. Parses nothing, goes a bounded number of steps,
and decides nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from deventlet.resolve.project import Project, as_bytes

_STEPS = 3
"""How many calls there may be between a test and the function."""
_MOST = 30
"""How many functions are gone through."""
_COMMON = frozenset({
    "acquire", "add", "append", "call", "cancel", "clear", "close", "copy", "done",
    "execute", "get", "info", "items", "join", "keys", "kill", "link", "listen", "open",
    "pop", "put", "read", "release", "remove", "result", "run", "send", "set", "sleep",
    "spawn", "spawn_after", "spawn_n", "start", "stop", "submit", "switch", "time",
    "update", "values", "wait", "write",
})  # fmt: skip
"""Names that Eventlet or the standard library has, too."""
_BY_ITSELF = frozenset({"setup", "setupclass", "setup_method"})
"""Methods of a base class that run without being named."""
_DEFINED = re.compile(rb"\n([ \t]*)((?:async[ \t]+)?def|class)[ \t]+(\w+)")
_BEFORE = re.compile(rb"[^\w'\"]|\Z")
_USED = re.compile(rb"\((?=\S|\n)|\.(?=\w)|[),\]\r\n]")
_GIVEN = re.compile(rb"(?:\.|[(\[,=:][ \t\n]*)\Z")
_DEFINING = re.compile(rb"\b(?:def|class)[ \t]+\Z")
_AS = re.compile(rb"[ \t]+as[ \t]+(\w+)")
_ASSIGNED = re.compile(rb"(\w+)[ \t]*=(?!=)")
_NEAR = 99
_TEST = re.compile(r"(?:\A|/)(?:test_[^/]*|[^/]*_test)\.py\Z")


class Place(NamedTuple):
    """A function or class of a file, by the name under which others reach it."""

    path: str
    name: str


class _Part(NamedTuple):
    """Where a function, a method or what is left of a class begins in a text.

    :param owner: the class of a method.
    """

    start: int
    name: str
    owner: str = ""


@dataclass(eq=False)
class Leading:
    """Answers about one state of a repository."""

    project: Project
    _known: dict[Place, frozenset[Place]] = field(default_factory=dict)
    _next: dict[Place, frozenset[Place]] = field(default_factory=dict)
    _only: dict[str, bool] = field(default_factory=dict)
    _held: dict[bytes, list[str]] = field(default_factory=dict)

    def to(self, place: Place) -> frozenset[Place]:
        """A function, and those that lead to it; no tests among them."""
        if place not in self._known:
            self._known[place] = self._to(place)
        return self._known[place]

    def run(self, place: Place, path: str, text: bytes) -> frozenset[Place]:
        """Those that lead to a function from what a text names; empty for none.

        :param path: the file that the text is from.
        """
        every = self.to(place)
        said = self.said(every, text)
        found = {each for each in said if self.is_meant(each, path)}
        fresh = found
        while fresh:
            fresh = {each for each in every - found if found & self._users(each)}
            found |= fresh
        return frozenset(found)

    def is_made(self, place: Place, path: str) -> bool:
        """Whether a file may have an object on which a method is called.

        It names what makes one, or has a ``setUp`` from elsewhere that does. Of a class
        that very many name, anyone may have one.
        """
        text, owners = self.project.read_or_empty(path), self._owners(place)
        if any(len(self._users(each)) > _MOST for each in owners):
            return True
        makers = {each for owner in owners for each in self.to(owner)}
        return any(
            self._is_seen(each, path)
            for each in makers
            if each.name.lower() in _BY_ITSELF
        ) or any(self.is_meant(each, path) for each in self.said(makers, text))

    def said(self, places: Collection[Place], text: bytes) -> frozenset[Place]:
        """Those of some functions whose names are in a text."""
        names = {each.name for each in places}
        found = {each for each in names if next(uses(text, each), None) is not None}
        return frozenset(each for each in places if each.name in found)

    def is_meant(self, place: Place, path: str) -> bool:
        """Whether the name of a function means it in a file."""
        return (
            path == place.path or self.is_only(place.name) or self._is_seen(place, path)
        )

    def _is_seen(self, place: Place, path: str) -> bool:
        """Whether a file imports that of a function."""
        return self.project.names[place.path] in self.project.imported_modules(path)

    def is_only(self, name: str) -> bool:
        """Whether the repository has but one function or class of a name.

        And no library that comes to mind has any. Private ones are not asked for:
        they are used where their module is, or is imported.
        """
        if name in _COMMON or name.startswith("_"):
            return False
        if name not in self._only:
            word = as_bytes(name)
            starts = [b"def %b(" % word, b"class %b(" % word, b"class %b:" % word]
            texts = map(self.project.read_or_empty, self._holding(word))
            count = sum(text.count(start) for text in texts for start in starts)
            self._only[name] = count < 2
        return self._only[name]

    def texts(self, place: Place) -> Iterator[bytes]:
        """The texts of all that has a name in a file."""
        raw = self.project.read_or_empty(place.path)
        parts = self.project.of_text(place.path, _parts)
        ends = [*(part.start for part in parts[1:]), len(raw)]
        for part, end in zip(parts, ends, strict=True):
            if part.name == place.name:
                yield raw[part.start : end]

    def _owners(self, place: Place) -> list[Place]:
        """The classes that have a method of a name in a file."""
        parts = self.project.of_text(place.path, _parts)
        found = {each.owner for each in parts if each.name == place.name}
        return [Place(place.path, each) for each in sorted(found - {""})]

    def at(self, path: str, offsets: Iterable[int]) -> frozenset[Place]:
        """The functions around some places of a file; without a name for the rest."""
        parts = self.project.of_text(path, _parts)
        starts = [part.start for part in parts]
        found = {parts[bisect_right(starts, each) - 1].name for each in offsets}
        return frozenset(Place(path, name) for name in found)

    def _to(self, place: Place) -> frozenset[Place]:
        seen, edge = {place}, {place}
        for _ in range(_STEPS):
            edge = {each for one in sorted(edge) for each in self._users(one)} - seen
            if len(seen | edge) > _MOST:
                break
            seen |= edge
        return frozenset(seen)

    def _users(self, place: Place) -> frozenset[Place]:
        """The functions that have the name of one, and other names for it."""
        if place not in self._next:
            found = {
                e for path in self._saying(place) for e in self._named(path, place)
            }
            self._next[place] = frozenset(each for each in found if each.name)
        return self._next[place]

    def _saying(self, place: Place) -> Iterator[str]:
        """The files that have a function's name, and mean it; no tests."""
        name = as_bytes(place.name)
        if self.is_only(place.name):
            yield from self._holding(name)
            return
        users = self.project.importers.get(self.project.names[place.path], ())
        for path in {place.path: None, **dict.fromkeys(users)}:
            if _TEST.search(path) is None and name in self.project.read_or_empty(path):
                yield path

    def _holding(self, word: bytes) -> list[str]:
        """The files that have a word, but for tests."""
        if word not in self._held:
            paths = self.project.holding(word)
            self._held[word] = [path for path in paths if _TEST.search(path) is None]
        return self._held[word]

    def _named(self, path: str, place: Place) -> Iterator[Place]:
        """What has a function's name in a file.

        Or gets it: ``from lib import work as run``, ``run = work``.
        """
        raw = self.project.read_or_empty(path)
        yield from self.at(path, uses(raw, place.name))
        for each in _words(raw, place.name):
            renamed = _AS.match(raw, each + len(as_bytes(place.name)))
            line = raw.rfind(b"\n", 0, each) + 1
            renamed = renamed or _ASSIGNED.match(raw, line, each)
            if renamed is not None:
                yield Place(path, renamed[1].decode())


def uses(text: bytes, name: str) -> Iterator[int]:
    """Where a text calls a name, or hands it on; no comment and hardly a sentence."""
    end = len(as_bytes(name))
    for each in _words(text, name):
        behind = _USED.match(text, each + end)
        line = text[text.rfind(b"\n", 0, each) + 1 : each]
        if behind is None or b"#" in line or _DEFINING.search(line):
            continue
        if behind[0] in b"(." or _GIVEN.search(text, max(0, each - _NEAR), each):
            yield each


def _words(text: bytes, name: str) -> Iterator[int]:
    """Where a text has a name as a word that no quote precedes; nowhere without one."""
    word = as_bytes(name)
    start = text.find(word) if word else -1
    while start >= 0:
        if _BEFORE.match(text[start - 1 : start]):
            yield start
        start = text.find(word, start + len(word))


def _parts(raw: bytes) -> tuple[_Part, ...]:
    """The parts of a text, in order; the first has no name."""
    found, around = [_Part(0, "")], list[tuple[int, bool, str]]()
    for each in _DEFINED.finditer(b"\n" + raw):
        indent, name = len(each[1].expandtabs()), each[3].decode()
        while around and around[-1][0] >= indent:
            around.pop()
        if around and not around[-1][1]:
            continue  # inside of a function
        special = name.startswith("__") and name.endswith("__")
        owner = around[-1][2] if around else ""
        known = owner if special and owner else name
        around.append((indent, each[2] == b"class", name))
        found.append(_Part(each.start(), known, "" if known == owner else owner))
    return tuple(found)
