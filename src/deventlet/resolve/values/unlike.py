"""Whether what an expression reads cannot be an object of some classes.

Told by what else is read of it: ``store.chunk_size`` and ``store.pool`` of one name are
of no class of the repository that has the second, but could never have the first; nor
are ``stores[0].chunk_size`` and ``stores[0].pool``, where nothing changes the list.
Looks at what surely runs before, or with it, or behind it in a test, which passes only
if it comes to its end. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise, takewhile
from typing import TypeGuard

from deventlet.resolve.project import Module
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)
_MAYBE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
          ast.GeneratorExp)  # fmt: skip
_SKIPS = frozenset({"skip", "skipTest", "SkipTest", "xfail"})
"""What ends a test that does not fail."""
_OPEN = (b"__getattr", b"__dict__", b"setattr")
"""What gives an object attributes that nobody can see."""


def is_unlike(program: Program, place: Place, family: frozenset[Definition]) -> bool:
    """Whether the owner of an attribute has another that the classes cannot have."""
    assert isinstance(place.node, ast.Attribute)
    owner = place.node.value
    root = owner.value if _is_element(owner) else owner
    if not isinstance(root, ast.Name) or not _is_bound_once(root, place.module):
        return False
    if root is not owner and not _stays(program, root, place):
        return False
    names = dict.fromkeys(_read_with(ast.unparse(owner), place))
    return any(_is_impossible(program, name, family) for name in names)


def _is_element(node: ast.expr) -> TypeGuard[ast.Subscript]:
    """``stores[0]``: one element, always the same."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)


def _is_bound_once(name: ast.Name, module: Module) -> bool:
    """Whether a name of a function means one and the same object in it."""
    scope = module.scopes.scope_of(name)
    owner = module.scopes.resolve(name.id, scope)
    return owner is scope and len(scope.bindings.get(name.id, ())) == 1


def _stays(program: Program, name: ast.Name, place: Place) -> bool:
    """Whether what a name of a function holds is only looked at there."""
    scope = place.module.scopes.scope_of(name)
    return all(map(_is_look, program.places.loads(place.module, name.id, scope)))


def _is_look(place: Place) -> bool:
    """``stores[0].name``, ``len(stores)``, ``self.assertEqual(1, len(stores))``."""
    match place.parents[-2:]:
        case [ast.Attribute(ctx=ast.Load()) as above, ast.Subscript() as element]:
            return above.value is element and element.value is place.node
        case [_, ast.Call(func=ast.Name(id="len"))]:
            return True
        case [_, ast.Call(func=ast.Attribute(attr=name)) as call]:
            return name.startswith("assert") and place.node is not call.func
    return False


def _read_with(owner: str, place: Place) -> Iterator[str]:
    """The attributes of an owner that are read for certain where one of them is."""
    around = [*place.parents, place.node]
    for node, holder in pairwise(reversed(around)):
        if isinstance(node, ast.stmt):
            yield from _surely_read(owner, node)
            for each in _beside(holder, node):
                yield from _surely_read(owner, each)
        if isinstance(holder, FUNCTIONS):
            return


def _beside(holder: ast.AST, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements of a block that run for certain where one of them does."""
    for _, block in ast.iter_fields(holder):
        if isinstance(block, list) and statement in block:
            index = block.index(statement)
            yield from block[:index]
            if _is_test(holder):
                yield from takewhile(_goes_on, block[index:])


def _is_test(holder: ast.AST) -> bool:
    return isinstance(holder, ast.FunctionDef) and holder.name.startswith("test")


def _goes_on(statement: ast.stmt) -> bool:
    """Whether a statement cannot end a test that passes, but by skipping it."""
    return isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)) and not any(
        getattr(node, "attr", "") in _SKIPS for node in ast.walk(statement)
    )


def _surely_read(owner: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.stmt) and not isinstance(node, _SIMPLE):
        return
    if isinstance(node, _MAYBE):
        return
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, (ast.Name, ast.Subscript))
        and ast.unparse(node.value) == owner
    ):
        yield node.attr
    for child in ast.iter_child_nodes(node):
        yield from _surely_read(owner, child)


def _is_impossible(program: Program, name: str, family: frozenset[Definition]) -> bool:
    """Whether no object of the classes has an attribute of that name."""
    if any(program.classes.is_external(each) or _is_open(each) for each in family):
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
    scope = program.places.scope(owner.module, owner.node)
    return name in scope.bindings or name in program.classes.stores(owner)
