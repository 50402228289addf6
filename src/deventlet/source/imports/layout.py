"""The lines around statements: shared lines, blank lines, comments, blocks.

Only looks; makes no edits. Lines are 1-based, as in ``ast``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deventlet.source.text import SourceFile

_SECTION = re.compile(
    rb"#\W*(?:std|standard|built-?in|system|third|3rd|local|project|first|own)\b"
    rb".{0,20}\b(?:lib|librar\w+|party|imports?|packages?|modules?)\b",
    re.IGNORECASE,
)
_LICENSE = re.compile(rb"\b(?:copyright|licen[cs]ed?|SPDX)\b", re.IGNORECASE)
_COMMENT = re.compile(rb"[ \t\f]*(#[^\r\n]*)")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The statements of one block that share lines (``import a; import b``).

    :param first: line of its first byte, decorators included.
    :param last: line of its last byte.
    """

    statements: tuple[ast.stmt, ...]
    first: int
    last: int


def units(body: Sequence[ast.stmt]) -> list[Unit]:
    """The statements of a block, those on shared lines together."""
    found: list[Unit] = []
    for statement in body:
        decorators = getattr(statement, "decorator_list", None)
        first = decorators[0].lineno if decorators else statement.lineno
        last = statement.end_lineno or first
        if found and found[-1].last == first:
            before = found.pop()
            found.append(Unit((*before.statements, statement), before.first, last))
        else:
            found.append(Unit((statement,), first, last))
    return found


def blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements in the file, the module's own first.

    Expressions are not visited: they hold no statements.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for field in _BLOCKS:
            children = getattr(node, field, ())
            if children and isinstance(children[0], ast.stmt):
                yield children
            waiting.extend(children)


def line_count(source: SourceFile) -> int:
    """How many lines hold at least one byte."""
    starts = source.line_starts
    return len(starts) - (starts[-1] == len(source.utf8))


def line_start(source: SourceFile, line: int) -> int:
    """The offset of a line's first byte; the end of the file after the last line."""
    starts = source.line_starts
    return starts[line - 1] if line <= len(starts) else len(source.utf8)


def content_end(source: SourceFile, line: int) -> int:
    """The offset of a line's end, before its line end."""
    return line_start(source, line) + len(source.line_bytes(line))


def is_blank(source: SourceFile, line: int) -> bool:
    """Whether a line holds nothing; a form feed is something."""
    return not source.line_bytes(line).strip(b" \t")


def blanks_above(source: SourceFile, line: int) -> int:
    """How many blank lines sit directly above a line."""
    above = line - 1
    while above >= 1 and is_blank(source, above):
        above -= 1
    return line - 1 - above


def blanks_below(source: SourceFile, line: int) -> int:
    """How many blank lines sit directly below a line."""
    below, count = line + 1, line_count(source)
    while below <= count and is_blank(source, below):
        below += 1
    return below - 1 - line


def comment_top(source: SourceFile, first: int, floor: int) -> int:
    """The first line of the comments directly above a line; the line if none.

    Comments that start the file, or speak of its license, are its header, not the
    statement's.

    :param floor: last line of the statement before, 0 if there is none.
    """
    top = first
    while top - 1 > floor and source.line_bytes(top - 1).lstrip().startswith(b"#"):
        top -= 1
    lines = (source.line_bytes(line) for line in range(top, first))
    header = top == 1 or any(_LICENSE.search(line) for line in lines)
    return first if header else top


def below_section(source: SourceFile, top: int, first: int) -> int:
    """The first line after a section header (``# Third party``) in some comments."""
    while top < first and _SECTION.match(source.line_bytes(top).lstrip()):
        top += 1
    return top


_PRAGMA = re.compile(
    rb"#\s*(?:noqa|nosec|nopep8|pylint:|type:|isort:|ruff:|flake8:|pragma:|pyright:|mypy:)",
    re.IGNORECASE,
)


_MEANT = re.compile(
    rb"#\s*noqa(?!\s*:)|#\s*noqa\s*:[^#]*\bF(?:4(?:01?)?)?\b"
    rb"|pylint:\s*disable[^#]*\b(?:unused-import|W0611|all)\b"
    rb"|(?:flake8|ruff)\s*:\s*noqa",
    re.IGNORECASE,
)
"""What says that an unused import is no oversight."""


def is_meant_unused(comment: bytes) -> bool:
    """Whether a comment says that the import on its line may go unused."""
    return _MEANT.search(comment) is not None


def trailing_comment(source: SourceFile, end: int) -> tuple[int, bytes]:
    """Where the comment after an offset ends, and its text; empty if none."""
    match = _COMMENT.match(source.utf8, end)
    return (match.end(), match.group(1)) if match else (end, b"")


def kept_comments(source: SourceFile, unit: Unit) -> list[str]:
    """The comments that stay when a whole unit goes: all that speak to people.

    A pragma speaks of its line, and goes with it.
    """
    inside = comment_lines(source, unit)
    _, behind = trailing_comment(source, source.span(unit.statements[-1])[1])
    if behind and not _PRAGMA.match(behind):
        inside.append(behind.decode())
    return inside


def indentation(source: SourceFile, statement: ast.stmt) -> str | None:
    """The white space before a statement; None if code stands before it."""
    lead = source.line_bytes(statement.lineno)[: statement.col_offset]
    return None if lead.strip() else lead.decode().lstrip("\f")


def rest_of_line(source: SourceFile, end: int) -> bytes:
    """What follows an offset on its line, without white space around it."""
    line = source.position(end)[0]
    return source.utf8[end : content_end(source, line)].strip()


def comment_lines(source: SourceFile, unit: Unit) -> list[str]:
    """The comments on lines of their own inside an import or a ``try`` of imports."""
    lines = (source.line_bytes(n).strip() for n in range(unit.first, unit.last + 1))
    return [line.decode() for line in lines if line.startswith(b"#")]
