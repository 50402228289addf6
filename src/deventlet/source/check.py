"""Proves that a result parses and differs from the source only where it may.

The last gate before a file is written: it compares syntax trees, so that nothing
upstream has to be trusted. A definition that no edit touches has the same bytes and
stands on its own lines; it is passed over, so that a change in one method of a large
file costs one method in time and memory.
"""

from __future__ import annotations

import ast
import copy
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

from deventlet.source.text import (
    Edit,
    SourceFile,
    SourceProblem,
    parse,
    splice,
)

_IMPORTS = (ast.Import, ast.ImportFrom, ast.Pass)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Block: TypeAlias = list[ast.stmt]
_STAND_IN = b"0\n"


class Difference(ValueError):
    """The result is not what the edits meant; the message says where."""


def check_result(
    source: SourceFile,
    tree: ast.Module,
    edits: Sequence[Edit],
    spans: Sequence[tuple[int, int]],
    put: Mapping[tuple[int, int], Sequence[ast.stmt]] = MappingProxyType({}),
    gone: Collection[tuple[int, int]] = (),
) -> None:
    """Compare what the edits make of a source with it, but for imports and spans.

    :param edits: every edit, as it will be made.
    :param spans: offsets in the source of the expressions that may change.
    :param put: what takes the place of a statement, by its offsets in the source.
    :param gone: offsets of the decorators and parameters that are to be gone.
    :raises Difference: if anything else changes, or the result does not parse.
    """
    result = _Result(source, splice(source, edits), tuple(edits))
    comparison = _Comparison(source, edits, spans, put, gone)
    waiting: list[ast.Module | ast.stmt] = [tree]
    while waiting:
        node = waiting.pop()
        inner = _inner(source, node)
        before = _with_stand_ins(node, inner)
        after = result.parsed(_extent(source, node), inner)
        comparison.blocks(before, after)
        waiting += (each for each in inner if comparison.touched(each))


# -- definitions on lines of their own ----------------------------------------------


def _inner(source: SourceFile, node: ast.Module | ast.stmt) -> _Block:
    """The definitions in a module or class that share no line with anything."""
    if not isinstance(node, (ast.Module, ast.ClassDef)):
        return []
    found = [s for s in node.body if isinstance(s, _DEFINITIONS)]
    shared = {
        id(statement)
        for first, second in pairwise(node.body)
        if (first.end_lineno or 0) >= _first_line(second)
        for statement in (first, second)
    }
    return [s for s in found if id(s) not in shared and _is_alone(source, s)]


def _is_alone(source: SourceFile, statement: ast.stmt) -> bool:
    """Whether only white space comes before it, and a comment after it."""
    start = source.offset(_first_line(statement), 0)
    before = source.utf8[start : start + _indent(source, statement)]
    end = source.span(statement)[1]
    after = source.line_bytes(statement.end_lineno or 0)
    tail = after[end - source.offset(statement.end_lineno or 0, 0) :].strip()
    return not before.strip() and (not tail or tail.startswith(b"#"))


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators[:1])])


def _indent(source: SourceFile, statement: ast.stmt) -> int:
    line = source.line_bytes(_first_line(statement))
    return len(line) - len(line.lstrip(b" \t\f"))


def _extent(source: SourceFile, node: ast.Module | ast.stmt) -> tuple[int, int]:
    """From the start of a node's first line to the start of the line after it."""
    if isinstance(node, ast.Module):
        return 0, len(source.utf8)
    last = node.end_lineno or 0
    starts = source.line_starts
    end = starts[last] if last < len(starts) else len(source.utf8)
    return source.offset(_first_line(node), 0), end


def _with_stand_ins(node: ast.Module | ast.stmt, inner: _Block) -> _Block:
    """A node's code with ``0`` for each of the inner definitions."""
    if not isinstance(node, (ast.Module, ast.ClassDef)):
        return [node]
    gone = {id(statement) for statement in inner}
    body = [_stand_in(s) if id(s) in gone else s for s in node.body]
    if isinstance(node, ast.Module):
        return body
    hollow = copy.copy(node)
    hollow.body = body
    return [hollow]


def _stand_in(statement: ast.stmt) -> ast.stmt:
    """The statement ``0`` at the place of a definition."""
    zero = ast.Expr(ast.Constant(0))
    line = statement.lineno
    for node in (zero, zero.value):
        node.lineno = node.end_lineno = line
        node.col_offset = node.end_col_offset = statement.col_offset
    return zero


@dataclass(frozen=True, slots=True)
class _Result:
    """The new text, addressed by offsets in the old one."""

    source: SourceFile
    utf8: bytes
    edits: tuple[Edit, ...]

    def parsed(self, extent: tuple[int, int], inner: _Block) -> _Block:
        """The statements of an extent, with ``0`` for each inner definition.

        :raises Difference: if they do not parse.
        """
        start, end = extent
        parts: list[bytes] = []
        for statement in inner:
            first, last = _extent(self.source, statement)
            indent = self.utf8[self._moved(first) :][: _indent(self.source, statement)]
            parts += (self._between(start, first), indent + _STAND_IN)
            start = last
        text = b"".join([*parts, self._between(start, end)])
        indented = text[:1] in (b" ", b"\t")
        body = self._parse(b"if 1:\n" + text if indented else text)
        if indented and len(body) == 1 and isinstance(body[0], ast.If):
            return body[0].body
        return body

    def _parse(self, text: bytes) -> _Block:
        piece = SourceFile(self.source.path, text, "utf-8", False)
        try:
            return parse(piece).body
        except SourceProblem as problem:
            message = f"the result does not parse: {problem.message}"
            raise Difference(message) from problem

    def _between(self, start: int, end: int) -> bytes:
        """New bytes from one old line start to another; what is put at ``end`` too."""
        return self.utf8[self._moved(start) : self._moved(end)]

    def _moved(self, offset: int) -> int:
        """Where the text of an old line start is now, behind what was put there."""
        return offset + sum(
            len(edit.text.encode("utf-8")) - (edit.end - edit.start)
            for edit in self.edits
            if edit.end <= offset
        )


class _Comparison:
    """Walks two trees side by side, statement by statement, then node by node."""

    def __init__(
        self,
        source: SourceFile,
        edits: Sequence[Edit],
        spans: Sequence[tuple[int, int]],
        put: Mapping[tuple[int, int], Sequence[ast.stmt]],
        gone: Collection[tuple[int, int]],
    ) -> None:
        self.source = source
        self.gone = frozenset(gone)
        self.put = put
        self.new = {id(statement) for each in put.values() for statement in each}
        self.spans = frozenset(spans)
        self.starts = sorted(edit.start for edit in edits)

    def blocks(self, before: _Block, after: _Block) -> None:
        """Compare two lists of statements."""
        waiting = [(before, after)]
        while waiting:
            old, new = waiting.pop()
            expected = self._expected(old)
            one = [s for s in expected if not _only_imports(s, self._expected)]
            two = [s for s in new if not _only_imports(s, iter)]
            if len(one) != len(two):
                line = old[0].lineno if old else 0
                raise Difference(f"statements came or went in the block at line {line}")
            for pair in zip(one, two, strict=True):
                waiting += self._statement(*pair)

    def _expected(self, old: _Block) -> Iterator[ast.stmt]:
        """The statements of a block, with what takes the place of some of them."""
        for statement in old:
            span = self.source.span(statement) if self.put else (-1, -1)
            yield from self.put.get(span, [statement])

    def _statement(self, old: ast.stmt, new: ast.stmt) -> list[tuple[_Block, _Block]]:
        """Compare two statements but for their blocks, which are given back."""
        if type(old) is not type(new):
            raise Difference(f"line {old.lineno} became another statement")
        if id(old) in self.new:
            if ast.dump(old) != ast.dump(new):
                raise Difference(f"{ast.unparse(new)!r} is not what was to be put")
            return []
        if not self.touched(old):
            if _lines(old) != _lines(new):
                raise Difference(f"line {old.lineno} changed without an edit")
            return []
        blocks: list[tuple[_Block, _Block]] = []
        self._nodes(old, new, blocks)
        return blocks

    def touched(self, node: ast.stmt) -> bool:
        """Whether an edit begins inside the lines of a statement."""
        first = (getattr(node, "decorator_list", None) or [node])[0]
        start = self.source.offset(first.lineno, 0)
        end = self.source.span(node)[1]
        index = bisect_left(self.starts, start)
        return index < len(self.starts) and self.starts[index] <= end

    def _nodes(
        self, before: ast.AST, after: ast.AST, blocks: list[tuple[_Block, _Block]]
    ) -> None:
        waiting: list[tuple[object, object]] = [(before, after)]
        while waiting:
            old, new = waiting.pop()
            if isinstance(old, ast.expr) and self.source.span(old) in self.spans:
                continue
            if type(old) is not type(new):
                raise Difference(f"line {getattr(old, 'lineno', '?')} changed its kind")
            if isinstance(old, list) and isinstance(new, list):
                if any(isinstance(item, ast.stmt) for item in (*old, *new)):
                    blocks.append((old, new))
                    continue
                old = [each for each in old if not self._is_gone(each)]
                if len(old) != len(new):
                    raise Difference("a part of an expression came or went")
                waiting += zip(old, new, strict=True)
            elif isinstance(old, ast.AST):
                waiting += (
                    (getattr(old, name, None), getattr(new, name, None))
                    for name in old._fields
                )
            elif old != new:
                raise Difference(f"{old!r} became {new!r} outside of the sites")

    def _is_gone(self, node: object) -> bool:
        """Whether a decorator or a parameter is to be gone."""
        if not (self.gone and isinstance(node, (ast.expr, ast.arg))):
            return False
        return self.source.span(node) in self.gone


def _lines(statement: ast.stmt) -> int:
    return (statement.end_lineno or 0) - statement.lineno


def _only_imports(
    statement: ast.stmt, become: Callable[[_Block], Iterator[ast.stmt]]
) -> bool:
    """An import, or a fall-back of imports; ``pass`` may stand for one.

    :param become: what the statements of a block are to be.
    """
    if isinstance(statement, _IMPORTS):
        return True
    if not isinstance(statement, ast.Try):
        return False
    handlers = [handler.body for handler in statement.handlers]
    blocks = (statement.body, statement.orelse, statement.finalbody, *handlers)
    return all(
        _only_imports(inner, become) for block in blocks for inner in become(block)
    )
