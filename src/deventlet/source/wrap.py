"""Breaks a line that an edit made too long, at the commas of its brackets.

Knows text only: it is given a line of source that stands by itself or begins a
statement, and gives it back on several lines. Where no break helps, it is left as
it is; a line is never changed otherwise.
"""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = "([{", ")]}"
_BRACKETS = frozenset(_OPEN + _CLOSE)
_F_STEPS = {
    getattr(tokenize, "FSTRING_START", -1): 1,
    getattr(tokenize, "FSTRING_END", -2): -1,
}
_STEP = "    "
_LAST_COMMA = re.compile(r",\s*\n\s*\)\Z")
_BREAK = re.compile(r"\s*\n\s*")
_BREAK_AT_BRACKET = re.compile(r"(?<=[(\[{])\s*\n\s*|\s*\n\s*(?=[)\]}])")


def is_held(before: str, after: str) -> bool:
    """Whether lines below a part of a line hang under a bracket that is before it.

    What goes further left than that bracket would end their alignment.

    :param before: what stands before the part on its line.
    :param after: what stands behind it.
    """
    opened: list[int] = []
    for column, text in _operators(f"{before}_{after}"):
        if text in _OPEN:
            opened.append(column)
        elif text in _CLOSE and opened:
            opened.pop()
    return any(column < len(before) for column in opened)


def hangs_at(line: str) -> int:
    """The column of the bracket that the lines below hang under; 0 if there is none."""
    opened: list[int] = []
    for column, text in _operators(line):
        if text in _OPEN:
            opened.append(column)
        elif text in _CLOSE and opened:
            opened.pop()
    return opened[-1] if opened and line[opened[-1] + 1 :].strip() else 0


def joined(call: str) -> str | None:
    """A call of several lines on one; None if a comment or a string stands in the way.

    The comma behind its last argument goes with the line that it ended.
    """
    if "\\\n" in call or any(
        token.type == tokenize.COMMENT or token.start[0] != token.end[0]
        for token in _tokens(call)
    ):
        return None
    line = _LAST_COMMA.sub(")", call)
    return _BREAK.sub(" ", _BREAK_AT_BRACKET.sub("", line))


def aligned(line: str, limit: int, newline: str, ahead: int) -> str:
    """The line with what is in its last bracket under the begin of that.

    :param line: as for :func:`broken`; unchanged if that does not make it fit.
    """
    lines = _visual(" " * ahead + line, limit)
    return newline.join(lines).lstrip(" ") if lines else line


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A pair of brackets on a line, and the commas right inside of it."""

    start: int
    end: int
    commas: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing between them."""
        return self.end == self.start + 1


def broken(line: str, indent: str, limit: int, newline: str, ahead: int = 0) -> str:
    """The line on several ones, none of them longer than the limit if that can be.

    The last bracket that still fits is opened, what is in it goes to the next lines
    under a hanging indentation, as much on each of them as fits.

    :param line: one line of code; what stands before it on its line is ``ahead``
        columns wide.
    :param indent: the white space at the begin of the statement.
    """
    fitting = [
        each
        for each in _outer_brackets(line)
        if not each.is_empty and ahead + each.start < limit
    ]
    if not fitting:
        return line
    chosen = next((e for e in reversed(fitting) if _fits(line, e, limit, ahead)), None)
    chosen = chosen or fitting[0]
    head, tail = line[: chosen.start + 1], line[chosen.end :]
    items = list(_items(line, chosen))
    inner = indent + _STEP
    return newline.join([head, *_filled(items, tail, inner, limit)])


def _fits(line: str, bracket: _Bracket, limit: int, ahead: int) -> bool:
    """Whether what is before and behind the bracket leaves room on its lines."""
    return ahead + bracket.start + 1 <= limit and len(line) - bracket.end < limit // 2


def _filled(items: list[str], tail: str, indent: str, limit: int) -> Iterator[str]:
    """Lines with as many items each as fit; the tail is behind the last one."""
    current = indent
    for index, item in enumerate(items):
        text = item + (tail if index == len(items) - 1 else ",")
        joined = current + (" " if current != indent else "") + text
        if current != indent and len(joined) > limit:
            yield current
            joined = indent + text
        *done, current = _hung(joined, limit)
        yield from done
    yield current


def _hung(line: str, limit: int) -> list[str]:
    """A line whose last bracket is continued under what it begins with.

    Where that is not enough, the line is broken like the one that it is a part of.
    """
    if len(line) <= limit:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return _visual(line, limit) or broken(line, indent, limit, "\n").split("\n")


def _visual(line: str, limit: int) -> list[str]:
    """A line with one bracket's content aligned; empty if no bracket is for that."""
    for bracket in reversed(list(_outer_brackets(line))):
        indent = " " * (bracket.start + 1)
        items = list(_items(line, bracket))
        if len(items) > 1 and len(indent) + max(map(len, items)) < limit:
            lines = list(_filled(items, line[bracket.end :], indent, limit))
            return [line[: bracket.start + 1] + lines[0].lstrip(), *lines[1:]]
    return []


def _items(line: str, bracket: _Bracket) -> Iterator[str]:
    """What is between the commas of a bracket; a comma behind the last stays there."""
    ends = [each for each in bracket.commas if line[each + 1 : bracket.end].strip()]
    start = bracket.start + 1
    for end in ends:
        yield line[start:end].strip()
        start = end + 1
    yield line[start : bracket.end].strip()


def _outer_brackets(line: str) -> Iterator[_Bracket]:
    """The brackets of a line that are in no other one, in order."""
    start, depth = 0, 0
    commas: list[int] = []
    for column, text in _operators(line):
        if text in _OPEN:
            start, commas = (column, []) if not depth else (start, commas)
            depth += 1
        elif text in _CLOSE:
            depth -= 1
            if not depth:
                yield _Bracket(start, column, tuple(commas))
        elif depth == 1 and text == ",":
            commas.append(column)


def _operators(line: str) -> Iterator[tuple[int, str]]:
    """Its brackets and commas, but for those in strings and in heads of lambdas."""
    shift = len(line) - len(line.lstrip())
    inside, in_head = 0, False
    for token in _tokens(line.strip()):
        inside += _F_STEPS.get(token.type, 0)
        in_head = (in_head or token.string == "lambda") and token.string != ":"
        is_break = token.string in _BRACKETS or (token.string == "," and not in_head)
        if token.type == tokenize.OP and not inside and is_break:
            yield shift + token.start[1], token.string


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a text, up to a bracket that is opened or closed outside of it."""
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
