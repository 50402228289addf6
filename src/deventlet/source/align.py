"""Keeps continuation lines aligned when an edit moves the bracket they hang under.

Only leading white space of lines of the edited statement changes, and never inside a
string. Lines that are not continuation lines of an edited line are not looked at.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deventlet.source.text import Edit, SourceFile

_OPEN, _CLOSE = "([{", ")]}"
_F_STEPS = {
    getattr(tokenize, "FSTRING_START", -1): 1,
    getattr(tokenize, "FSTRING_END", -2): -1,
}
_SKIPPED = (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An open bracket; ``visual`` if text follows it on its own line."""

    line: int
    column: int
    visual: bool


def realign(
    source: SourceFile, edits: Sequence[Edit], statements: Iterable[tuple[int, int]]
) -> list[Edit]:
    """Edits of leading white space that go with ``edits``.

    :param statements: first and last line (1-based) of each edited statement.
    """
    found: dict[int, Edit] = {}
    for first, last in statements:
        if last > first:
            for edit in _statement(source, edits, first, last):
                found[edit.start] = edit
    inside = [(e.start, e.end) for e in edits]
    return [
        edit
        for edit in found.values()
        if not any(start < edit.end and edit.start < end for start, end in inside)
    ]


def _statement(
    source: SourceFile, edits: Sequence[Edit], first: int, last: int
) -> list[Edit]:
    hanging = _innermost_brackets(source, first, last)
    shifts = {first: 0}
    result: list[Edit] = []
    for line in range(first + 1, last + 1):
        bracket = hanging.get(line)
        if bracket is None:
            shifts[line] = 0
            continue
        shift = shifts.get(bracket.line, 0)
        if bracket.visual:
            shift += _moved(source, edits, bracket)
        shifts[line] = shift
        edit = _indent(source, line, shift) if shift else None
        if edit is not None:
            result.append(edit)
    return result


def _moved(source: SourceFile, edits: Sequence[Edit], bracket: _Bracket) -> int:
    """By how many columns edits before it on its line move a bracket."""
    start = source.offset(bracket.line, 0)
    at = start + bracket.column
    moved = 0
    for edit in edits:
        if start <= edit.start and edit.end <= at:
            before = source.slice(edit.start, edit.end)
            moved += len(edit.text) - len(before)
    return moved


def _indent(source: SourceFile, line: int, shift: int) -> Edit | None:
    """Shift the leading spaces of a line; None where there are not enough."""
    text = source.line_bytes(line)
    width = len(text) - len(text.lstrip(b" "))
    if not text.strip() or width + shift < 0:
        return None
    start = source.offset(line, 0)
    if shift > 0:
        return Edit(start, start, " " * shift)
    return Edit(start, start - shift, "")


def _innermost_brackets(
    source: SourceFile, first: int, last: int
) -> dict[int, _Bracket]:
    """For each line that starts inside brackets, and not in a string: the innermost."""
    lines = [
        source.line_bytes(n).decode("utf-8") + "\n" for n in range(first, last + 1)
    ]
    found: dict[int, _Bracket] = {}
    stack: list[_Bracket] = []
    previous = 1
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO("".join(lines)).readline))
    except (tokenize.TokenError, SyntaxError):
        return {}
    inside = 0  # f-strings: one token before Python 3.12, and theirs to lay out
    for index, token in enumerate(tokens):
        row = token.start[0]
        was, inside = inside, inside + _F_STEPS.get(token.type, 0)
        if was:
            previous = max(previous, token.end[0])
            continue
        if row > previous and token.type not in (tokenize.NL, tokenize.DEDENT):
            if stack:
                found.setdefault(first + row - 1, stack[-1])
            previous = row
        if token.type == tokenize.OP and token.string in _OPEN:
            follows = tokens[index + 1]
            visual = follows.start[0] == row and follows.type not in _SKIPPED
            column = len(token.line[: token.start[1]].encode("utf-8"))
            stack.append(_Bracket(first + row - 1, column, visual))
        elif token.type == tokenize.OP and token.string in _CLOSE and stack:
            stack.pop()
        previous = max(previous, token.end[0])
    return found
