"""Which bindings of a name a place may read, where the order of a block says it.

Reads the tree of one function or module; it follows no value. Where the order says
nothing (a closure, ``global``, a class body), every binding may be read.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from deventlet.resolve.scopes import Binding, Scope, ScopeKind
from deventlet.resolve.values.model import Place

_BLOCKS = ("body", "orelse", "handlers", "finalbody")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_OPEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_EARLIER = (0, 0)


def reaching(place: Place, name: str, owner: Scope) -> Sequence[Binding]:
    """The bindings of ``owner`` that the name at a place may have its value from.

    A binding that surely happens before the place, in its block or around it, hides
    all that stand before; inside of a loop, what stands below may have happened.
    """
    every = _alive(owner.bindings.get(name, ()), place)
    if len(every) < 2 or not _is_ordered(every, owner):
        return every
    inside = _inside(place, owner)
    if inside is None:
        return every
    start, loops = _last(inside, place.node, name)
    again = {id(node) for loop in loops for node in ast.walk(loop)}
    here, path = _position(place.node), [*inside, place.node]
    return [
        each
        for each in every
        if id(each.node) in again
        or (start <= _position(each.node) < here and not _is_later(each.node, path))
    ] or every


def _alive(every: Sequence[Binding], place: Place) -> Sequence[Binding]:
    """Without what a handler caught, outside of it: its end deletes the name."""
    around = {id(node) for node in place.parents}
    return [
        each
        for each in every
        if not isinstance(each.node, ast.ExceptHandler) or id(each.node) in around
    ] or every


def _is_ordered(every: Sequence[Binding], owner: Scope) -> bool:
    return owner.kind in (ScopeKind.FUNCTION, ScopeKind.MODULE) and all(
        each.scope is owner for each in every
    )


def _inside(place: Place, owner: Scope) -> list[ast.AST] | None:
    """The path from the owner's body to the place; None from another function."""
    index = next(
        (i for i, node in enumerate(place.parents) if node is owner.node), None
    )
    if index is None:
        return None
    path = place.parents[index:]
    inner = (*_OPEN, ast.GeneratorExp)
    return None if any(isinstance(node, inner) for node in path[1:]) else path


def _last(
    path: list[ast.AST], node: ast.AST, name: str
) -> tuple[tuple[int, int], list[ast.AST]]:
    """Where the last sure binding before a place starts, and the loops inside it."""
    loops: list[ast.AST] = []
    below = node
    for above in reversed(path):
        sure = [s for s in _before(above, below) if _binds(s, name)]
        if sure:
            return _position(sure[-1]), loops
        if _is_target(above, name) and below in getattr(above, "body", ()):
            return _position(above), loops
        if isinstance(above, _LOOPS) and below is not getattr(above, "iter", None):
            loops.append(above)
        below = above
    return _EARLIER, loops


def _before(above: ast.AST, below: ast.AST) -> list[ast.stmt]:
    """The statements before one in its block."""
    for field in _BLOCKS:
        block = getattr(above, field, None)
        if isinstance(block, list) and below in block:
            return block[: block.index(below)]
    return []


def _is_target(node: ast.AST, name: str) -> bool:
    """Whether a compound statement binds a name before its body runs."""
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return _has(node.target, name)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [item.optional_vars for item in node.items]
        return any(_has(target, name) for target in targets if target)
    return isinstance(node, ast.ExceptHandler) and node.name == name


def _binds(node: ast.AST, name: str) -> bool:
    """Whether a statement surely binds a name."""
    if isinstance(node, ast.Assign):
        return any(_has(target, name) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None and _has(node.target, name)
    if isinstance(node, ast.If):
        return all(any(_binds(s, name) for s in b) for b in (node.body, node.orelse))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == name
    return isinstance(node, (ast.With, ast.AsyncWith)) and _is_target(node, name)


def _has(target: ast.AST, name: str) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(_has(each, name) for each in target.elts)
    if isinstance(target, ast.Starred):
        return _has(target.value, name)
    return isinstance(target, ast.Name) and target.id == name


def _is_later(node: ast.AST, path: list[ast.AST]) -> bool:
    """Whether a place is evaluated before the statement around it binds."""
    for above, below in pairwise(path):
        if above is node:
            return not isinstance(below, (ast.stmt, ast.ExceptHandler))
    return False


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
