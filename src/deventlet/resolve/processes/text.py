"""The text of one file: its definitions, and which of them mentions which word.

Cheap because nothing is parsed. A definition is what starts with ``def``,
``async def``, ``class`` or a decorator in the first column and lasts until the next
code there; all else is module-level code. Where that guess is wrong (a docstring
with text in the first column), code counts as module-level: as run, not as dead.
"""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from deventlet.resolve.processes.conditions import outside_functions, surely_run

_Span: TypeAlias = tuple[int, int]

MAIN = "__main__"
"""The name under which ``if __name__ == "__main__":`` counts as a definition."""

_COLUMN_0 = re.compile(
    rb"\n(?:@[ \t]*(?P<decorator>[\w.]*)"
    rb"|(?:async[ \t]+def|def|class)[ \t]+(?P<name>\w+)"
    rb"|(?P<main>if[ \t]+__name__[ \t]*==)|[^\s#)\]}])"
)
"""Code in the first column, with the end of the line before, which is fast to find."""
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+[.\w]+[ \t]+import[ \t]*(?:\([^)]*\)|(?:[^\n\\]|\\\r?\n)*)"
    rb"|import[ \t](?:[^\n\\]|\\\r?\n)*)",
    re.MULTILINE,
)

_INDENTED = re.compile(rb"\n[ \t]+(?:from|import)\b")

_APPLICATION = re.compile(rb"^application[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_CONSTANT = re.compile(rb"\.[A-Z][A-Z0-9_]*\b(?!\s*[(.\[\w])")
_CALLED = re.compile(rb"\s*\(")
_COMPARED = re.compile(
    rb"(?:[=!]=|\bis|\bis[ \t]+not|\bexcept[ \t]*\(?)[ \t]*[\w.]*\Z"
    rb"|\bis(?:instance|subclass)\([^()]*,[^()]*\(?[^()]*\Z"
    rb"|(?:\b(?:return|if|elif|and|or|assert)|=)[ \t]+[\w.]+[ \t]+(?:not[ \t]+)?"
    rb"in[ \t]*\([^()]*\Z"
)
_COMPARED_WITHIN = 160
"""How many bytes before a name are looked at for what it is compared with."""

_WRAPPERS = frozenset(
    b"METRICS.timer asynccontextmanager cache cached_property contextmanager dataclass"
    b" final has_registry_receivers lru_cache overload retry runtime_checkable"
    b" singledispatch synchronized total_ordering trace_cls wraps".split()
)
"""Decorators that keep nothing: what they decorate runs only if it is mentioned.

Known by name alone: a project's own decorator of one of these names is trusted too.
"""
_NO_WORD = bytes(
    byte if byte >= 0x80 or bytes((byte,)).isalnum() or byte in b"_'\"" else ord(" ")
    for byte in range(256)
)
"""Translates all but words and quotes to spaces: many times as fast as a pattern."""
_QUOTES = (b'"', b"'")
_LOADER = re.compile(
    rb"(?:['\"]root['\"]\s*:|\b(?:root|manager)\s*=|\w*import\w*\s*\("
    rb"|\bimport_(?:opt|group)\s*\(\s*['\"]\w+['\"]\s*,)\s*\Z"
)
"""What stands before a dotted path that is loaded: Pecan's root, the manager of a
service, and what functions such as ``importutils.import_object`` are given.

Other strings may be: a default of an option is, in the process that reads the option.
Which one that is cannot be seen.
"""
_LOADING = (
    re.compile(rb"import\w{0,40}\s{0,40}\("),
    re.compile(rb"root['\"]?\s{0,40}[:=]"),
    re.compile(rb"manager\s{0,40}="),
)
_LOADER_WITHIN = 80
"""How many bytes before a path are looked at."""
_DOTTED = re.compile(rb"\w+(?:\.\w+)+(?::\w+)?")
_DEFINING = ([b"def"], [b"class"], [b"async", b"def"])
_ALIAS = re.compile(rb"[ \t]+as[ \t]+(\w+)")
_RENAME = re.compile(rb"[ \t]*(\w+)[ \t]*=[ \t]*[\w.]+[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_INSIDE = (b" ", b"\t", b"\r", b"\n", b"#", b")", b"]", b"}")
_BUILDERS = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
"""What keeps its arguments without calling them."""

_PASSIVE = re.compile(
    rb"(?P<comment>#[^\n]*)|(?P<all>^__all__[ \t]*\+?=[ \t]*[\[(][^\])]*)"
    rb"|(?P<prefix>[bfruBFRU]{0,2})(?:"
    + b"|".join(rb"%b(?:[^\\]|\\.)*?%b" % (quote, quote) for quote in (b'"""', b"'''"))
    + rb"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""",
    re.MULTILINE | re.DOTALL,
)
_SPACE = re.compile(rb"\s")


@dataclass(frozen=True, slots=True)
class Segment:
    """A top-level definition, or a stretch of module-level code (``name`` is empty).

    ``decorators`` are those that may hand it to somebody else, by their last names.
    """

    name: str
    start: int
    end: int
    decorators: frozenset[str]


@dataclass(frozen=True)
class Text:
    """The bytes of one file in segments."""

    raw: bytes

    @cached_property
    def segments(self) -> list[Segment]:
        """All of the file, in order."""
        heads = [(0, "", frozenset[str]())]
        decorated: int | None = None
        handed = frozenset[str]()
        for line in _COLUMN_0.finditer(b"\n" + self.raw):  # starts at the code
            if line["decorator"] is not None:
                decorated = line.start() if decorated is None else decorated
                by = line["decorator"].rpartition(b".")[2]
                if _WRAPPERS.isdisjoint({by, line["decorator"]}):
                    handed |= {by.decode()}
                continue
            name = MAIN if line["main"] else (line["name"] or b"").decode()
            start = line.start() if decorated is None else decorated
            if name or heads[-1][1] or decorated is not None:
                heads.append((start, name, handed))
            decorated, handed = None, frozenset()
        ends = [*(start for start, _, _ in heads[1:]), len(self.raw)]
        return [Segment(n, s, e, d) for (s, n, d), e in zip(heads, ends, strict=True)]

    @cached_property
    def _starts(self) -> list[int]:
        return [segment.start for segment in self.segments]

    @cached_property
    def definitions(self) -> frozenset[str]:
        """Names of the top-level definitions."""
        return frozenset(s.name for s in self.segments) - {"", MAIN}

    @cached_property
    def decorators(self) -> dict[str, frozenset[str]]:
        """For each definition the decorators that may hand it to somebody else."""
        found: dict[str, frozenset[str]] = {}
        for each in self.segments:
            found[each.name] = found.get(each.name, frozenset()) | each.decorators
        return found

    @property
    def module_level(self) -> bytes:
        """What runs when the file is imported, without the bodies of definitions."""
        parts = (self.raw[s.start : s.end] for s in self.segments if not s.name)
        return b"\n".join(parts)

    @cached_property
    def loading(self) -> bytes:
        """The same with what runs in the bodies of classes, as far as it imports."""
        classes = (
            outside_functions(self.raw[s.start : s.end])
            for s in self.segments
            if s.name not in ("", MAIN)
            and _INDENTED.search(self.raw, s.start, s.end) is not None
        )
        return b"\n".join([self.module_level, *classes])

    @cached_property
    def is_application(self) -> bool:
        """Whether it is what a WSGI server loads and calls."""
        return b"application" in self.raw and bool(
            _APPLICATION.search(self.module_level)
        )

    @cached_property
    def is_run(self) -> bool:
        """Whether it is that, or has lines that only run where it is a script."""
        is_script = b"__main__" in self.raw and any(
            segment.name == MAIN for segment in self.segments
        )
        return is_script or self.is_application

    @cached_property
    def surely_loading(self) -> bytes:
        """What of it runs on no condition."""
        return surely_run(self.loading)

    def of(self, name: str) -> bytes:
        """The text of all definitions of that name; the empty name is module level."""
        found = (s for s in self.segments if s.name == name)
        return b"\n".join(self.raw[s.start : s.end] for s in found)

    @cached_property
    def _passing(self) -> list[tuple[int, int]]:
        """Import statements."""
        return [found.span() for found in _IMPORT.finditer(self.raw)]

    def mentions(self, word: str, bare: bool, owner: str) -> Iterator[str]:
        """Under which names a word is used; some twice.

        A definition that mentions it, the empty name for module-level code that
        uses it, or the name that module-level code only gives it anew, by an import
        or ``Name = module.word``. Comments, prose and ``__all__`` do not count.

        :param bare: whether the word by itself counts, or only as an attribute or
            in a string.
        :param owner: the last part of the module's name that the word is from: a
            string counts if it is the word, or ends like ``owner.word``.
        """
        for start in find_word(self.raw, word.encode()):
            segment = self._segment(start)
            hit = (start, start + len(word.encode()))
            if self._idle(segment, start) or not self._counts(
                segment, hit, bare, owner.encode()
            ):
                continue
            yield segment.name or self._use_at_module_level(word, hit)

    def _counts(self, segment: Segment, hit: _Span, bare: bool, owner: bytes) -> bool:
        """Whether a hit can mean what ``mentions`` asks for."""
        start, end = hit
        before = self.raw[start - 1 : start]
        if not _covers(self._passive[segment][1], start):
            return (bare or before == b".") and not self._only_looks(hit)
        if before in _QUOTES:
            return self.raw[end : end + 1] == before
        return before in (b".", b":") and self.raw[: start - 1].endswith(owner)

    def _only_looks(self, hit: _Span) -> bool:
        """Whether a mention compares the name or reads a constant: neither runs it."""
        start, end = hit
        if _CONSTANT.match(self.raw, end):
            return True
        near = max(0, start - _COMPARED_WITHIN)
        compared = _COMPARED.search(self.raw, near, start) is not None
        return compared and not _CALLED.match(self.raw, end)

    def _use_at_module_level(self, word: str, hit: _Span) -> str:
        if _covers(self._passing, hit[0]):
            alias = _ALIAS.match(self.raw, hit[1])
            return alias[1].decode() if alias else word
        return self._renamed(word, hit[0])

    def names_string(self, string: bytes) -> Iterator[str]:
        """Under which names a string is used: as :meth:`mentions` says it.

        An import that reads like it is none.
        """
        at = self.raw.find(string)
        while at != -1:
            segment = self._segment(at)
            if not (self._idle(segment, at) or _covers(self._passing, at)):
                yield segment.name or self._renamed("", at)
            at = self.raw.find(string, at + 1)

    @property
    def may_load_by_name(self) -> bool:
        """Whether a word of a loader stands there at all, which is found fast."""
        return any(word.search(self.raw) for word in _LOADING)

    def loaded_below(self, package: str) -> Iterator[str]:
        """The dotted paths below a package that stand where a loader takes one."""
        start = f"{package}.".encode()
        for quote in _QUOTES:
            at = self.raw.find(quote + start)
            while at != -1:
                found = _DOTTED.match(self.raw, at + 1)
                near = max(0, at - _LOADER_WITHIN)
                if found is not None and _LOADER.search(self.raw, near, at):
                    yield found[0].decode().replace(":", ".")
                at = self.raw.find(quote + start, at + 1)

    @cached_property
    def words(self) -> frozenset[bytes]:
        """The words of the file that are not a string, or an end of one."""
        return _unquoted(self.raw)

    def run_by(self, users: Iterable[Text]) -> frozenset[str]:
        """The definitions that some other files name, and what those name here.

        Module-level code, the empty name, always runs. A name in quotes is a mock's
        target: what it stands for is replaced.
        """
        known = {name.encode(): name for name in self.definitions}
        found, waiting = set[str](), {""}
        waiting |= {known[w] for user in users for w in known.keys() & user.words}
        while waiting:
            found |= waiting
            named = set[bytes]().union(*(self._words_of[name] for name in waiting))
            waiting = {known[word] for word in known.keys() & named} - found
        return frozenset(found)

    @cached_property
    def _words_of(self) -> dict[str, set[bytes]]:
        """The same words by definition, as far as definitions are named so."""
        known = {name.encode() for name in self.definitions}
        found: defaultdict[str, set[bytes]] = defaultdict(set)
        for segment in self.segments:
            text = self.raw[segment.start : segment.end]
            found[segment.name] |= known & _unquoted(text)
        return found

    def _segment(self, offset: int) -> Segment:
        return self.segments[bisect_right(self._starts, offset) - 1]

    def _renamed(self, word: str, offset: int) -> str:
        """The name that the module-level assignment at an offset stores a word in.

        Empty if the statement does something else, or may run what it mentions.
        """
        line = self.raw.rfind(b"\n", 0, offset) + 1
        short = _RENAME.match(self.raw, line)
        if short:
            return short[1].decode()
        while line and self.raw[line : line + 1] in _INSIDE:
            line = self.raw.rfind(b"\n", 0, line - 1) + 1
        after = _COLUMN_0.search(self.raw, offset)
        end = after.start() + 1 if after else len(self.raw)
        return _stored_in(self.raw[line:end], word)

    def _idle(self, segment: Segment, offset: int) -> bool:
        """Whether a word runs nothing: prose, an export list or a ``def``."""
        line = self.raw.rfind(b"\n", 0, offset) + 1
        if self.raw[line:offset].split() in _DEFINING:
            return True
        if segment not in self._passive:
            self._passive[segment] = _find_passive(self.raw, segment)
        return _covers(self._passive[segment][0], offset)

    @cached_property
    def _passive(self) -> dict[Segment, tuple[list[_Span], list[_Span]]]:
        """Prose and other strings of the segments looked at."""
        return {}


def _unquoted(raw: bytes) -> frozenset[bytes]:
    """The words of a text that no quote is next to."""
    words = set(raw.translate(_NO_WORD).split())
    return frozenset(word for word in words if b"'" not in word and b'"' not in word)


def _find_passive(raw: bytes, segment: Segment) -> tuple[list[_Span], list[_Span]]:
    """Comments, export lists and strings of several words; and other strings.

    f-strings are neither: what stands in them may be code.
    """
    prose: list[_Span] = []
    strings: list[_Span] = []
    for found in _PASSIVE.finditer(raw, segment.start, segment.end):
        prefix = found["prefix"]
        if prefix is None or (b"f" not in prefix.lower() and _SPACE.search(found[0])):
            prose.append(found.span())
        elif b"f" not in prefix.lower():
            strings.append(found.span())
    return prose, strings


def _covers(spans: list[_Span], offset: int) -> bool:
    at = bisect_right(spans, (offset, sys.maxsize)) - 1
    return at >= 0 and offset < spans[at][1]


def find_word(raw: bytes, word: bytes) -> Iterator[int]:
    """Where a word stands; much faster than a pattern that looks behind."""
    at = raw.find(word)
    while at != -1:
        end = at + len(word)
        if not (_is_word(raw[at - 1 : at]) or _is_word(raw[end : end + 1])):
            yield at
        at = raw.find(word, end)


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"


def _stored_in(statement: bytes, word: str) -> str:
    """The plain name that a statement assigns to, if it hands ``word`` to no call."""
    try:
        nodes = ast.parse(statement).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    match nodes:
        case [
            ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ] if not any(_may_call(node, word) for node in ast.walk(value)):
            return name
    return ""


def _may_call(node: ast.AST, word: str) -> bool:
    """Whether a call gets ``word``, or is one of it."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _BUILDERS:
            return False
        case ast.Call():
            parts = list(ast.walk(node))
            names = {p.id for p in parts if isinstance(p, ast.Name)}
            return word in names | {
                p.attr for p in parts if isinstance(p, ast.Attribute)
            }
    return False
