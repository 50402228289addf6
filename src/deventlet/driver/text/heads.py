"""Parts of a definition's head: from where to where a decorator, a parameter goes.

Reads positions; edits nothing. None says that something else shares the lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from deventlet.resolve.mock_parts import Parts
from deventlet.source.text import SourceFile

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a head that goes: what its tree says it is, and what is cut out."""

    node: ast.expr | ast.arg
    span: Span
    cut: Span


def head_parts(source: SourceFile, taken: Parts) -> list[Part] | None:
    """The decorator that a mock is, and the parameter that it fills."""
    assert taken.decorator is not None
    found = [_part(source, taken.decorator, _lines(source, taken.decorator))]
    if taken.parameter is not None:
        function = taken.holder
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        cut = _parameter(source, function.args, taken.parameter)
        found.append(_part(source, taken.parameter, cut))
    known = [part for part in found if part is not None]
    return known if len(known) == len(found) else None


def _part(
    source: SourceFile, node: ast.expr | ast.arg, cut: Span | None
) -> Part | None:
    if cut is None or b"#" in source.utf8[slice(*cut)]:
        return None
    return Part(node, source.span(node), cut)


def _lines(source: SourceFile, decorator: ast.expr) -> Span | None:
    """The lines of a decorator."""
    start, end = source.span(decorator)
    first = source.offset(decorator.lineno, 0)
    below = source.offset((decorator.end_lineno or 0) + 1, 0)
    alone = source.utf8[first:start].strip() == b"@"
    return (first, below) if alone and not source.utf8[end:below].strip() else None


def _parameter(
    source: SourceFile, own: ast.arguments, parameter: ast.arg
) -> Span | None:
    """A parameter without a default, with one of the commas beside it."""
    plain = [*own.posonlyargs, *own.args]
    index = plain.index(parameter)
    if own.posonlyargs or index >= len(plain) - len(own.defaults):
        return None
    start, end = source.span(parameter)
    around = list(_commas(source, own))
    before = [each for each in around if each[1] == start]
    after = [each for each in around if each[0] == end]
    breaks = [b"\n" in source.utf8[slice(*each)] for each in (*before, *after)]
    if after and (not before or breaks == [True, False]):
        return start, after[0][1]
    return (before[0][0], end) if before else (start, end)


def _commas(source: SourceFile, own: ast.arguments) -> Iterator[Span]:
    """What stands between parameters that have nothing but a comma between them."""
    for one, two in pairwise([*own.posonlyargs, *own.args]):
        end, start = source.span(one)[1], source.span(two)[0]
        if source.utf8[end:start].strip() == b",":
            yield end, start
