"""Whether what an expression reads cannot be an object of some classes.

Told by what else is read of it: ``store.chunk_size`` and ``store.pool`` of one name are
of no class of the repository that has the second, but could never have the first.
Looks at what surely runs before, or with it. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from deventlet.resolve.project import Module
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import FUNCTIONS, Definition, Program

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)
_MAYBE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
          ast.GeneratorExp)  # fmt: skip
_OPEN = (b"__getattr", b"__dict__", b"setattr")
"""What gives an object attributes that nobody can see."""


def is_unlike(program: Program, place: Place, family: frozenset[Definition]) -> bool:
    """Whether the owner of an attribute has another that the classes cannot have."""
    assert isinstance(place.node, ast.Attribute)
    owner = place.node.value
    if not isinstance(owner, ast.Name) or not _is_bound_once(owner, place.module):
        return False
    names = dict.fromkeys(_read_with(owner.id, place))
    return any(_is_impossible(program, name, family) for name in names)


def _is_bound_once(name: ast.Name, module: Module) -> bool:
    """Whether a name of a function means one and the same object in it."""
    scope = module.scopes.scope_of(name)
    owner = module.scopes.resolve(name.id, scope)
    return owner is scope and len(scope.bindings.get(name.id, ())) == 1


def _read_with(name: str, place: Place) -> Iterator[str]:
    """The attributes of a name that are read for certain where one of them is."""
    around = [*place.parents, place.node]
    for node, holder in pairwise(reversed(around)):
        if isinstance(node, ast.stmt):
            yield from _surely_read(name, node)
            yield from _before(name, holder, node)
        if isinstance(holder, FUNCTIONS):
            return


def _before(name: str, holder: ast.AST, statement: ast.stmt) -> Iterator[str]:
    for _, block in ast.iter_fields(holder):
        if isinstance(block, list) and statement in block:
            for each in block[: block.index(statement)]:
                yield from _surely_read(name, each)


def _surely_read(name: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.stmt) and not isinstance(node, _SIMPLE):
        return
    if isinstance(node, _MAYBE):
        return
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ):
        yield node.attr
    for child in ast.iter_child_nodes(node):
        yield from _surely_read(name, child)


def _is_impossible(program: Program, name: str, family: frozenset[Definition]) -> bool:
    """Whether no object of the classes has an attribute of that name."""
    if any(program.is_external(each) or _is_open(each) for each in family):
        return False
    if any(_has(program, each, name) for each in family):
        return False
    return not program.words.is_given(name)


def _is_open(owner: Definition) -> bool:
    source = owner.module.source
    start, end = source.span(owner.node)
    text = source.utf8[start:end]
    return any(word in text for word in _OPEN)


def _has(program: Program, owner: Definition, name: str) -> bool:
    scope = program.scope(owner.module, owner.node)
    return name in scope.bindings or name in program.stores(owner)
