"""Whether something happens at most once for each object that a place makes.

Reads the tree of one file, and says yes only where the order of its statements and
the one name of the object prove it: for anything else the answer is no. It runs no
code and knows nothing of Eventlet but the functions that start another once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import TypeAlias

from deventlet.resolve.api import canonical
from deventlet.resolve.callees import called
from deventlet.resolve.names import Names
from deventlet.resolve.scopes import ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use

_Path: TypeAlias = Sequence[ast.AST]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_REPEATED = (
    ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_STARTERS = {
    "eventlet.spawn": 0,
    "eventlet.spawn_n": 0,
    "eventlet.spawn_after": 1,
    "eventlet.spawn_after_local": 1,
    "threading.Thread": "target",
    "threading.Timer": 1,
    "concurrent.futures.Executor.submit": 0,
}
"""What runs a function that it is given, and only once: at which place or keyword."""

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Pass)

_BLOCKS = ("body", "orelse", "finalbody")


def at_most_once(names: Names, makers: Iterable[Use], happening: Sequence[Use]) -> bool:
    """Whether at most one of the uses runs for each object, and that once only.

    :param makers: the names whose calls make the objects.
    :param happening: attributes of the objects, called or passed on: ``done.send``.
    """
    left = list(happening)
    for maker in makers:
        found = _held(maker)
        if found is None:
            return False
        name, statement = found
        own = [use for use in left if _is_of(use, name, maker)]
        left = [use for use in left if use not in own]
        places = [(*use.parents, use.node) for use in own]
        if not (
            all(_is_run(names, use, maker) for use in own)
            and all(_runs_once(names, path, statement, maker) for path in places)
            and all(_exclude(a, b) for a, b in combinations(places, 2))
        ):
            return False
    return not left


def _held(maker: Use) -> tuple[str, ast.Assign] | None:
    """The local name that holds the object and never anything else."""
    statement = maker.parents[-2] if len(maker.parents) > 1 else None
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or statement.value is not maker.parents[-1]:
        return None
    owner = maker.module.scopes.resolve(target.id, maker.scope)
    bindings = owner.bindings.get(target.id, ()) if owner is maker.scope else ()
    return (target.id, statement) if len(bindings) == 1 else None


def _is_of(use: Use, name: str, maker: Use) -> bool:
    """Whether what a use is taken of is the name, read in its scope or inside it."""
    node = use.node
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    scopes = maker.module.scopes
    return (
        use.module is maker.module
        and node.value.id == name
        and scopes.resolve(name, scopes.scope_of(node.value)) is maker.scope
    )


def _is_run(names: Names, use: Use, maker: Use) -> bool:
    """Whether a place that runs calls the attribute once, then or later."""
    return use.call is not None or _is_started(names, use.node, use.parents, maker)


# -- how often a place runs -----------------------------------------------------------


def _runs_once(names: Names, path: _Path, made: ast.Assign, maker: Use) -> bool:
    """Whether a place runs at most once after each run of the statement."""
    inner, scope = _innermost_function(path), maker.scope
    if scope.kind is ScopeKind.MODULE:
        return inner is None and _follows(path, made)
    if scope.kind is not ScopeKind.FUNCTION:
        return False
    if inner is scope.node:
        return _follows(path, made)
    inside = _inside(path, scope.node)
    functions = [node for node in inside if isinstance(node, _FUNCTIONS)]
    return (
        not _repeats(_inside(maker.parents, scope.node))
        and not _repeats(inside)
        and all(_starts_once(names, node, path, maker) for node in functions)
    )


def _follows(path: _Path, made: ast.Assign) -> bool:
    """Whether a place is behind a statement in its block, in no loop of its own."""
    for above, below in pairwise(path):
        for block in _blocks(above):
            if made in block and below in block:
                behind = block.index(below) > block.index(made)
                return behind and not _repeats(_inside(path, above))
    return False


def _starts_once(names: Names, node: ast.AST, path: _Path, maker: Use) -> bool:
    """Whether one place alone calls or starts a function, and that once.

    The function is a lambda, or defined right in the function of the object.
    """
    scope, scopes = maker.scope, maker.module.scopes
    if isinstance(node, ast.Lambda):
        return _is_started(names, node, path[: path.index(node)], maker)
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if (
        node.decorator_list
        or _innermost_function((*path[: path.index(node)], node)) is not scope.node
        or len(scope.bindings.get(node.name, ())) != 1
    ):
        return False
    loads = [
        load
        for load, where in scopes.loads(node.name)
        if scopes.resolve(node.name, where) is scope
    ]
    if len(loads) != 1:
        return False
    way = ancestors(maker.module.tree, loads[0])
    below = _inside(way, scope.node)
    return (
        _is_started(names, loads[0], way, maker)
        and not _repeats(below)
        and not any(isinstance(each, (*_FUNCTIONS, ast.ClassDef)) for each in below)
    )


def _is_started(names: Names, node: ast.expr, way: _Path, maker: Use) -> bool:
    """``node()``, ``spawn(node)``, ``Thread(target=node)``."""
    above = way[-1]
    call = way[-2] if isinstance(above, ast.keyword) else above
    if not isinstance(call, ast.Call):
        return False
    if call.func is node:
        return True
    denoted = called(names, call.func, maker.scope, maker.module)
    api = canonical(min(denoted)) if len(denoted) == 1 else ""
    place = _STARTERS.get(api, -1)
    if isinstance(above, ast.keyword):
        return above.arg == place
    return call.args.index(node) == place


def _innermost_function(path: _Path) -> ast.AST | None:
    return next((n for n in reversed(path[:-1]) if isinstance(n, _FUNCTIONS)), None)


def _inside(path: _Path, outer: ast.AST) -> _Path:
    """The part of a path below a node."""
    return path[path.index(outer) + 1 :] if outer in path else path


def _repeats(path: _Path) -> bool:
    return any(isinstance(node, _REPEATED) for node in path)


def _root(path: _Path) -> ast.Module:
    assert isinstance(path[0], ast.Module)
    return path[0]


# -- places of which only one runs ----------------------------------------------------


def _exclude(one: _Path, other: _Path) -> bool:
    """Whether of two places in one function at most one runs."""
    if _innermost_function(one) is not _innermost_function(other):
        return False
    depth = next(i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    above = one[depth - 1]
    places = {_field(above, one[depth]), _field(above, other[depth])}
    if places == {"body", "handlers"}:
        body = one if _field(above, one[depth]) == "body" else other
        return _is_last(body[depth - 1 :])
    if len(places) == 2:
        return _are_branches(above, places)
    if places <= {"handlers", "cases"}:
        return True
    if not places <= set(_BLOCKS):
        return False
    block = getattr(above, min(places))
    first = min(one, other, key=lambda path: block.index(path[depth]))
    return _leaves(first[depth:])


def _are_branches(above: ast.AST, places: set[str]) -> bool:
    """Whether of two parts of a node at most one runs."""
    if isinstance(above, (ast.If, ast.IfExp)):
        return places == {"body", "orelse"}
    return isinstance(above, ast.Try) and places == {"handlers", "orelse"}


def _is_last(path: _Path) -> bool:
    """Whether nothing that may fail runs between a place and the end of a ``try``.

    :param path: from the ``try`` down to the place in its body.
    """
    inner = path[1:]
    return (
        all(_is_quiet(s) for pair in pairwise(path) for s in _behind(*pair))
        and not any(isinstance(node, (ast.With, ast.AsyncWith)) for node in inner)
        and not any(isinstance(n, ast.Try) and (n.orelse or n.finalbody) for n in inner)
    )


def _is_quiet(statement: ast.AST) -> bool:
    """A statement that cannot fail."""
    if isinstance(statement, ast.Pass):
        return True
    return isinstance(statement, ast.Return) and isinstance(
        statement.value, (ast.Constant, ast.Name, type(None))
    )


def _leaves(path: _Path) -> bool:
    """Whether the function is left before what follows the first node of a path."""
    for above, below in pairwise(path):
        if isinstance(above, (ast.With, ast.AsyncWith)) or (
            isinstance(above, ast.Try) and above.handlers and below in above.body
        ):
            return False  # an exception might lead on to what follows
    for above, below in pairwise(path):
        for statement in _behind(above, below):
            if isinstance(statement, (ast.Return, ast.Raise)):
                return True
            if not isinstance(statement, _SIMPLE):
                return False
    return False


def _behind(above: ast.AST, below: ast.AST) -> Iterator[ast.AST]:
    """The statements of a node that follow one of them in its block."""
    for block in _blocks(above):
        if below in block:
            yield from block[block.index(below) + 1 :]


def _field(above: ast.AST, below: ast.AST) -> str:
    """The part of a node that another is in."""
    for name, value in ast.iter_fields(above):
        if value is below or (isinstance(value, list) and below in value):
            return name
    return ""


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    """The lists of statements of a node."""
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
