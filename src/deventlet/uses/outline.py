"""Leaves functions out of a file that cannot matter, so that it parses much faster.

Works on the text, and may be wrong about where a function ends (a continued line at
the margin): what it gives then does not parse, and its caller takes the whole file.
A function that has one of the words is never left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

# Strings and comments are matched to be passed over: what is in them begins no line.
_LEXEME = re.compile(
    rb'''"""(?:[^"\\]|\\.|"(?!""))*+"""|"(?:[^"\\\n]|\\.)*+"'''
    rb"""|'''(?:[^'\\]|\\.|'(?!''))*+'''|'(?:[^'\\\n]|\\.)*+'|\#[^\n]*+"""
    rb"""|^(?P<indent>(?:[ ]{4})?)(?:(?P<head>@)|(?P<def>(?:async[ ]+)?def\b)"""
    rb"""|(?=[^\s\#)\]}]))""",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Outline:
    """A file that may do without most of its functions.

    :param text: Python source in an encoding that has ASCII in it.
    """

    text: bytes

    def keeping(self, parts: Iterable[str], names: Iterable[str]) -> bytes:
        """The text with ``pass`` for each function, or method, that has none of these.

        Every line keeps its number.

        :param parts: words, or parts of words.
        :param names: whole words.
        """
        places = sorted({*self._parts(parts), *self._names(names)})
        pieces: list[bytes] = []
        position = 0
        for indent, start, end in self._functions:
            if bisect_left(places, start) == bisect_left(places, end):
                lines = self.text.count(b"\n", start, end)
                pieces += self.text[position:start], indent, b"pass", b"\n" * lines
                position = end
        pieces.append(self.text[position:])
        return b"".join(pieces)

    def _parts(self, parts: Iterable[str]) -> Iterator[int]:
        for part in parts:  # one by one: much faster than a pattern of alternatives
            for found in re.finditer(re.escape(part.encode()), self.text):
                yield found.start()

    def _names(self, names: Iterable[str]) -> Iterator[int]:
        for name in names:
            word = re.escape(name.encode())
            # Faster than with ``\b`` in front, as then it does not begin with a letter.
            for found in re.finditer(rb"%b(?<=\b%b)\b" % (word, word), self.text):
                yield found.start()

    @cached_property
    def _functions(self) -> list[tuple[bytes, int, int]]:
        return list(_functions(self.text))


def comments(text: bytes) -> Iterator[tuple[int, bytes]]:
    """The line, from 1, and the text of each comment."""
    line, before = 1, 0
    for found in _LEXEME.finditer(text):
        if found[0].startswith(b"#"):
            line += text.count(b"\n", before, found.start())
            before = found.start()
            yield line, found[0]


def _functions(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Indentation, start with its decorators, and end of each function.

    Those at the margin and those one level inside, but not those within a function.
    """
    pending: int | None = None
    function: tuple[bytes, int] | None = None
    for found in _LEXEME.finditer(text):
        indent = found["indent"]
        if indent is None or (function and len(indent) > len(function[0])):
            continue
        if function is not None:
            yield *function, found.start()
            function = None
        if found["head"] is not None:
            pending = found.start() if pending is None else pending
            continue
        if found["def"] is not None:
            function = indent, found.start() if pending is None else pending
        pending = None
    if function is not None:
        yield *function, len(text)
