"""Proves that a result parses and differs from the source only where it may.

The last gate before a file is written: it compares syntax trees, so that nothing
upstream has to be trusted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from deventlet.source.text import SourceFile, SourceProblem, decode, parse

_IMPORTS = (ast.Import, ast.ImportFrom)


def outside_equal(
    source: SourceFile, tree: ast.Module, result: bytes, spans: Sequence[tuple[int, int]]
) -> str | None:
    """Compare the result with its source outside of imports and the given spans.

    :param result: the new bytes of the file.
    :param spans: offsets in the source inside which expressions may change.
    :returns: None if all is well, otherwise what is wrong.
    """
    try:
        after = parse(decode(source.path, result))
    except SourceProblem as problem:
        return f"the result does not parse: {problem.message}"
    finder = _Finder(source, spans)
    return finder.compare(tree, after)


class _Finder:
    """Walks two trees side by side without recursion."""

    def __init__(self, source: SourceFile, spans: Sequence[tuple[int, int]]) -> None:
        self.source = source
        self.spans = frozenset(spans)

    def compare(self, before: ast.AST, after: ast.AST) -> str | None:
        waiting: list[tuple[object, object]] = [(before, after)]
        while waiting:
            old, new = waiting.pop()
            if isinstance(old, list) and isinstance(new, list):
                one, two = _without_imports(old), _without_imports(new)
                if len(one) != len(two):
                    return "a statement or argument came or went"
                waiting += zip(one, two, strict=True)
            elif isinstance(old, ast.AST) and isinstance(new, ast.AST):
                if self._may_change(old):
                    continue
                if type(old) is not type(new):
                    return f"line {getattr(old, 'lineno', '?')} changed its meaning"
                waiting += (
                    (getattr(old, name, None), getattr(new, name, None))
                    for name in old._fields
                )
            elif old != new or type(old) is not type(new):
                return "a name or value changed outside the sites"
        return None

    def _may_change(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.expr):
            return False
        return self.source.span(node) in self.spans


def _without_imports(items: Iterable[object]) -> list[object]:
    """A list of nodes without imports, and without blocks that held nothing else."""
    return [item for item in items if not _only_imports(item)]


def _only_imports(item: object) -> bool:
    if isinstance(item, (*_IMPORTS, ast.Pass)):
        return True
    return isinstance(item, ast.Try) and all(
        _only_imports(statement)
        for block in (item.body, item.orelse, item.finalbody, *(h.body for h in item.handlers))
        for statement in block
    )
