"""The statement that holds a site: its extent, its LibCST form, what takes its place.

A statement can be replaced if it stands alone on its lines. LibCST gets it under a
header with its own indentation, so that nothing in it has to be shifted, and prints
it the same way. Nothing here decides, and nothing is written.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import TypeAlias

import libcst as cst

from deventlet.resolve.uses import Use
from deventlet.source.imports.layout import rest_of_line, units
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


def attempt(use: Use, held: ast.stmt) -> ast.Try | None:
    """The ``try`` around a statement that holds it only, and passes over what fails.

    None if there is a comment in it.
    """
    index = use.parents.index(held)
    above = use.parents[index - 1] if index else None
    if not isinstance(above, ast.Try) or above.body != [held]:
        return None
    handled = (each.body for each in above.handlers)
    passes = all(len(body) == 1 and isinstance(body[0], ast.Pass) for body in handled)
    source = use.module.source
    said = b"#" in source.utf8[slice(*source.span(above))]
    return above if passes and not (above.orelse or above.finalbody or said) else None


def around(use: Use) -> ast.Try | None:
    """The ``try`` whose body is the ``with`` that a use opens, and nothing else."""
    held = holder(use)
    if not isinstance(held, ast.With):
        return None
    index = use.parents.index(held)
    above = use.parents[index - 1] if index else None
    return above if isinstance(above, ast.Try) and above.body == [held] else None


def branch(use: Use) -> ast.If | None:
    """The ``if`` in whose test a use is; None for an ``elif``, too."""
    found = [node for node in use.parents if isinstance(node, ast.stmt)]
    statement = found[-1] if found else None
    if not isinstance(statement, ast.If):
        return None
    above = found[-2] if len(found) > 1 else None
    if isinstance(above, ast.If) and above.orelse == [statement]:
        return None if above.col_offset == statement.col_offset else statement
    return statement


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


def last_import(source: SourceFile, tree: ast.Module) -> ast.stmt | None:
    """The last import of a file above its definitions, if it is on lines of its own."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    ends = (n for n, each in enumerate(tree.body) if isinstance(each, definitions))
    above = tree.body[: next(ends, len(tree.body))]
    found = [each for each in above if isinstance(each, (ast.Import, ast.ImportFrom))]
    alone = bool(found) and extent(source, found[-1]) is not None
    return found[-1] if alone else None


def neighbours(
    source: SourceFile, statement: ast.stmt, block: Sequence[ast.stmt]
) -> list[ast.stmt]:
    """The statements of a block on the lines of one, it among them: ``a; b``.

    Empty if there is anything else on these lines: a header, or a comment.
    """
    shared = next(each for each in units(block) if statement in each.statements)
    start, end = source.span(shared.statements[0])[0], source.span(statement)[1]
    first, last = source.offset(shared.first, 0), source.span(shared.statements[-1])[1]
    behind = rest_of_line(source, last)
    code = source.utf8[first:start].strip() or b"#" in source.utf8[start:end]
    return [] if code or behind else [*shared.statements]


def part_of_line(
    source: SourceFile,
    statement: ast.stmt,
    line: Sequence[ast.stmt],
    deleted: Collection[int],
) -> _Extent:
    """What goes with one of several statements on a line: a semicolon, if one is left.

    :param line: the statements that share the lines.
    :param deleted: those that are deleted, by their identity.
    """
    start, end = source.span(statement)
    index = line.index(statement)
    before, after = line[:index], line[index + 1 :]
    if after:
        end = source.span(after[0])[0]
    kept = any(id(each) not in deleted for each in after)
    if before and id(before[-1]) not in deleted and not kept:
        start = source.span(before[-1])[1]
    return start, end


def block_of(use: Use, statement: ast.stmt) -> list[ast.stmt]:
    """The statements among which one stands."""
    above = use.parents[use.parents.index(statement) - 1]
    blocks = (value for _, value in ast.iter_fields(above) if isinstance(value, list))
    return next(block for block in blocks if statement in block)


def line_extent(
    source: SourceFile, span: _Extent, *, is_first: bool, is_last: bool
) -> _Extent:
    """The whole lines of an extent, with the blank ones that would be too many.

    What is left around are as many as there were before it or behind it, whichever
    are more; none at the beginning of a block, and none at the end of a file.

    :param is_first: whether it is the first statement of its block.
    :param is_last: whether it is the last one: then only those before it may go, as
        those behind it belong to another block.
    """
    first, last = source.position(span[0])[0], source.position(span[1])[0]
    above, below = _blank(source, first, -1), _blank(source, last, 1)
    if is_last:
        at_end = last + below >= _last(source)
        gone = above if at_end else min(above, below)
        return source.offset(first - gone, 0), _start(source, last + 1)
    opens = not above and is_first
    gone = below if opens else min(above, below)
    return source.offset(first, 0), _start(source, last + 1 + gone)


def part_of_run(
    source: SourceFile,
    statement: ast.stmt,
    block: Sequence[ast.stmt],
    deleted: Collection[int],
) -> _Extent:
    """The lines that go with one of the statements that are deleted in a block.

    Those with only blank lines between them go as one, each with the lines to the next.

    :param deleted: the statements that are deleted, by their identity.
    """
    run = _run(source, statement, block, deleted)
    every = source.span(run[0])[0], source.span(run[-1])[1]
    start, end = line_extent(
        source, every, is_first=run[0] is block[0], is_last=run[-1] is block[-1]
    )
    index = run.index(statement)
    if index:
        start = source.offset(statement.lineno, 0)
    if index + 1 < len(run):
        end = source.offset(run[index + 1].lineno, 0)
    return start, end


def _run(
    source: SourceFile,
    statement: ast.stmt,
    block: Sequence[ast.stmt],
    deleted: Collection[int],
) -> list[ast.stmt]:
    """The deleted statements around one between which nothing stands."""
    runs: list[list[ast.stmt]] = [[]]
    for each in block:
        if id(each) not in deleted:
            runs.append([])
            continue
        last = runs[-1][-1].end_lineno or 0 if runs[-1] else 0
        between = range(last + 1, each.lineno) if last else ()
        if any(source.line_bytes(line).strip() for line in between):
            runs.append([])
        runs[-1].append(each)
    return next(run for run in runs if statement in run)


def _blank(source: SourceFile, line: int, step: int) -> int:
    """How many blank lines there are next to a line, up or down."""
    count = 0
    while 1 <= (next_line := line + step * (count + 1)) <= _last(source):
        if source.line_bytes(next_line).strip():
            break
        count += 1
    return count


def _last(source: SourceFile) -> int:
    """The number of the last line."""
    return len(source.line_starts) - (source.line_starts[-1] == len(source.utf8))


def _start(source: SourceFile, line: int) -> int:
    """Where a line begins; the end of the text behind the last one."""
    there = line <= len(source.line_starts)
    return source.offset(line, 0) if there else len(source.utf8)


def indentation(source: SourceFile, start: int) -> str:
    """The white space before a statement that begins at an offset."""
    line = source.position(start)[0]
    return source.slice(source.offset(line, 0), start)


def node_of(use: Use, held: ast.stmt | None) -> Statement | None:
    """A statement around a use as a LibCST node; None if it shares its lines.

    :raises CannotPrint: if LibCST would not print it as it stands.
    """
    source = use.module.source
    span = extent(source, held) if held is not None else None
    return parsed(source, span) if span is not None else None


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
    if not text:
        return []
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
