"""Compares calls by their arguments: what changes, and what a test expects of it.

A test that says which arguments it expects depends on a rewrite only if it expects a
call of the very shape that changes. Reads nodes only; decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from deventlet.resolve.chains import last_name

Shape: TypeAlias = tuple[int, tuple[str, ...]]
"""How many positional arguments, and which keywords."""

_WITH_ARGUMENTS = frozenset({
    "assert_called_with", "assert_called_once_with", "assert_any_call", "call",
})  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """A call before and after; after is None if it is no such call any more."""

    before: ast.Call
    after: ast.Call | None


def shape(call: ast.Call) -> Shape:
    """The shape of a call's arguments."""
    return len(call.args), tuple(sorted(k.arg or "**" for k in call.keywords))


def is_same(before: ast.Call, after: ast.expr) -> bool:
    """Whether two calls have the same arguments, given the same way."""
    return isinstance(after, ast.Call) and _dump(before) == _dump(after)


def _dump(call: ast.Call) -> str:
    return ast.dump(ast.Tuple([*call.args, *(k.value for k in call.keywords)])) + str(
        [keyword.arg for keyword in call.keywords]
    )


def expecting(
    nodes: Iterable[ast.AST], changes: Iterable[Change]
) -> Iterator[ast.Call]:
    """The calls among the nodes that expect one of the calls that change.

    A value that is only guarded, ``max(0, x)``, is what was expected before.
    """
    changed = [
        change.before
        for change in changes
        if change.after is None or shape(change.after) != shape(change.before)
    ]
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        is_said = last_name(node.func) in _WITH_ARGUMENTS
        if is_said and any(_may_equal(node, before) for before in changed):
            yield node


def _may_equal(one: ast.Call, two: ast.Call) -> bool:
    """Whether two calls may have the same arguments: not if constants differ."""
    if shape(one) != shape(two):
        return False
    pairs = zip(_arguments(one), _arguments(two), strict=True)
    return not any(
        isinstance(a, ast.Constant)
        and isinstance(b, ast.Constant)
        and a.value != b.value
        for a, b in pairs
    )


def _arguments(call: ast.Call) -> list[ast.expr]:
    named = sorted(call.keywords, key=lambda keyword: keyword.arg or "")
    return [*call.args, *(keyword.value for keyword in named)]


def accepts(
    fake: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, call: ast.Call | None
) -> bool:
    """Whether a function can be called with the arguments of a call."""
    if call is None:
        return False
    own = fake.args
    plain = [*own.posonlyargs, *own.args]
    count, keywords = shape(call)
    if "**" in keywords or any(isinstance(a, ast.Starred) for a in call.args):
        return own.vararg is not None and own.kwarg is not None
    if count > len(plain) and own.vararg is None:
        return False
    names = {a.arg for a in (*own.args, *own.kwonlyargs)}
    if not names.issuperset(keywords) and own.kwarg is None:
        return False
    needed = plain[count : len(plain) - len(own.defaults)]
    return all(each.arg in keywords for each in needed)
