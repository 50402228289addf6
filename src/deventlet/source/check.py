"""Proves that a result parses and differs from the source only where it may.

The last gate before a file is written: it compares syntax trees, so that nothing
upstream has to be trusted. Statements that no edit touches have the same bytes, and
only their kind and extent are compared.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

from deventlet.source.text import Edit, SourceFile, SourceProblem, decode, parse

_IMPORTS = (ast.Import, ast.ImportFrom, ast.Pass)
_Block: TypeAlias = list[ast.stmt]


class Difference(ValueError):
    """The result is not what the edits meant; the message says where."""


def check_result(
    source: SourceFile,
    tree: ast.Module,
    result: bytes,
    edits: Sequence[Edit],
    spans: Sequence[tuple[int, int]],
) -> None:
    """Compare the result with its source outside of imports and the given spans.

    :param result: the new bytes of the file.
    :param edits: every edit that was made.
    :param spans: offsets in the source of the expressions that may change.
    :raises Difference: if anything else changed, or the result does not parse.
    """
    try:
        after = parse(decode(source.path, result))
    except SourceProblem as problem:
        raise Difference(f"the result does not parse: {problem.message}") from problem
    _Comparison(source, edits, spans).blocks(tree.body, after.body)


class _Comparison:
    """Walks two trees side by side, statement by statement, then node by node."""

    def __init__(
        self,
        source: SourceFile,
        edits: Sequence[Edit],
        spans: Sequence[tuple[int, int]],
    ) -> None:
        self.source = source
        self.spans = frozenset(spans)
        self.starts = sorted(edit.start for edit in edits)

    def blocks(self, before: _Block, after: _Block) -> None:
        """Compare two lists of statements."""
        waiting = [(before, after)]
        while waiting:
            old, new = waiting.pop()
            one = [s for s in old if not _only_imports(s)]
            two = [s for s in new if not _only_imports(s)]
            if len(one) != len(two):
                line = old[0].lineno if old else 0
                raise Difference(f"statements came or went in the block at line {line}")
            for pair in zip(one, two, strict=True):
                waiting += self._statement(*pair)

    def _statement(self, old: ast.stmt, new: ast.stmt) -> list[tuple[_Block, _Block]]:
        """Compare two statements but for their blocks, which are given back."""
        if type(old) is not type(new):
            raise Difference(f"line {old.lineno} became another statement")
        if not self._touched(old):
            if _lines(old) != _lines(new):
                raise Difference(f"line {old.lineno} changed without an edit")
            return []
        blocks: list[tuple[_Block, _Block]] = []
        self._nodes(old, new, blocks)
        return blocks

    def _touched(self, node: ast.stmt) -> bool:
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


def _lines(statement: ast.stmt) -> int:
    return (statement.end_lineno or 0) - statement.lineno


def _only_imports(statement: ast.stmt) -> bool:
    """An import, or a fall-back of imports; ``pass`` may stand for one."""
    if isinstance(statement, _IMPORTS):
        return True
    if not isinstance(statement, ast.Try):
        return False
    handlers = [handler.body for handler in statement.handlers]
    blocks = (statement.body, statement.orelse, statement.finalbody, *handlers)
    return all(_only_imports(inner) for block in blocks for inner in block)
