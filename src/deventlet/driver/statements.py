"""The statement that holds a site: its extent, its LibCST form, what takes its place.

A statement can be replaced if it stands alone on its lines. LibCST gets it under a
header with its own indentation, so that nothing in it has to be shifted, and prints
it the same way. Nothing here decides, and nothing is written.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

import libcst as cst

from deventlet.resolve.names import Use
from deventlet.source.text import SourceFile


class CannotPrint(Exception):
    """A site whose source LibCST cannot give back byte for byte."""


_HEADER = "if 1:\n"
_Extent = tuple[int, int]
_KINDS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


def holder(use: Use) -> ast.stmt | None:
    """The simple statement that a use is part of, or the ``with`` that it opens.

    None for a use in the head of any other compound statement.
    """
    found = [node for node in use.parents if isinstance(node, ast.stmt)]
    if not found:
        return None
    statement = found[-1]
    is_with = isinstance(statement, (ast.With, ast.AsyncWith))
    return statement if is_with or not hasattr(statement, "body") else None


def extent(source: SourceFile, statement: ast.stmt) -> _Extent | None:
    """From its first byte to the end of its last line, without the line's end.

    A comment behind the statement is part of it. None if another statement shares
    its lines.
    """
    start, end = source.span(statement)
    first = source.line_bytes(statement.lineno)
    last = source.line_bytes(statement.end_lineno or 0)
    opens = source.offset(statement.lineno, 0)
    closes = source.offset(statement.end_lineno or 0, 0)
    behind = last[end - closes :].strip()
    if first[: start - opens].strip() or (behind and not behind.startswith(b"#")):
        return None
    return start, closes + len(last.rstrip(b"\r\n"))


def indentation(source: SourceFile, start: int) -> str:
    """The white space before a statement that begins at an offset."""
    line = source.position(start)[0]
    return source.slice(source.offset(line, 0), start)


def parsed(source: SourceFile, span: _Extent) -> Statement:
    """The statement in an extent as a LibCST node, with its comments.

    :raises CannotPrint: if printing it does not give the source back.
    """
    indent = indentation(source, span[0])
    text = source.slice(*span).replace("\r\n", "\n")
    try:
        statements = _statements(indent, text)
        printed = printed_in(indent, statements)
    except cst.ParserSyntaxError as error:
        raise CannotPrint(str(error)) from error
    except RecursionError as error:
        raise CannotPrint("it is nested more deeply than LibCST can print") from error
    if len(statements) != 1 or printed != text:
        raise CannotPrint("the statement does not print as it stands")
    return statements[0]


def _statements(indent: str, text: str) -> list[Statement]:
    if not indent:
        return list(cst.parse_module(f"{text}\n").body)
    header = cst.parse_module(f"{_HEADER}{indent}{text}\n").body[0]
    assert isinstance(header, cst.If)
    return [each for each in header.body.body if isinstance(each, _KINDS)]


def tree_of(text: str, indent: str) -> list[ast.stmt]:
    """The syntax trees of statements that were printed with that indentation."""
    if not indent:
        return ast.parse(text).body
    header = ast.parse(f"{_HEADER}{indent}{text}\n").body[0]
    assert isinstance(header, ast.If)
    return header.body


def printed_in(indent: str, statements: Sequence[Statement]) -> str:
    """The source of statements in a block of that indentation, with LF line ends.

    The first line comes without its indentation, the last without its end.
    """
    step = "\t" if "\t" in indent else "    "
    if not indent:
        return cst.Module(statements, default_indent=step).code.removesuffix("\n")
    header = cst.If(cst.Integer("1"), cst.IndentedBlock(statements, indent=indent))
    text = cst.Module([header], default_indent=step).code
    return text.removeprefix(f"{_HEADER}{indent}").removesuffix("\n")
