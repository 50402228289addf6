"""What a use of a module takes of it: an attribute, and what becomes of that.

Reads one use and the nodes around it; follows no name and decides nothing.
"""

from __future__ import annotations

import ast
from typing import Literal, TypeGuard

from deventlet.resolve.api import canonical
from deventlet.resolve.facts import Taken
from deventlet.resolve.mock_targets import Target, is_patching
from deventlet.resolve.roles import Roles
from deventlet.resolve.uses import Use

_READERS = frozenset({"getattr", "hasattr"})
_WRITERS = frozenset({"setattr", "delattr"})


def taken(use: Use, roles: Roles) -> Taken:
    """What the use of a module, or of a name imported from it, takes of it."""
    below = canonical(use.dotted).removeprefix(use.api).lstrip(".")
    attributes, top, parents = _chain(use)
    names = [*filter(None, below.split(".")), *(a.attr for a in attributes)]
    if not names:
        return _whole(use, roles)
    how = _how(top, parents[-1], attributes)
    called = parents[-1] if how == "called" and len(names) == 1 else None
    if not _is_call(called):
        return Taken(names[0], how, by_name=bool(below))
    keywords = frozenset(each.arg or "**" for each in called.keywords)
    given = tuple(map(ast.unparse, called.args))
    return Taken(names[0], how, keywords, given, bool(below))


def _chain(use: Use) -> tuple[list[ast.Attribute], ast.expr, list[ast.AST]]:
    """The attributes that follow a use, the last expression, and what is above it."""
    attributes: list[ast.Attribute] = []
    top, parents = use.node, use.parents
    while isinstance(parents[-1], ast.Attribute):
        top = parents[-1]
        attributes.append(top)
        parents = parents[:-1]
    return attributes, top, parents


def _how(
    top: ast.expr, above: ast.AST, attributes: list[ast.Attribute]
) -> Literal["read", "called", "assigned"]:
    if any(not isinstance(each.ctx, ast.Load) for each in attributes):
        return "assigned"
    return "called" if _is_call(above) and above.func is top else "read"


def _is_call(node: ast.AST | None) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def _whole(use: Use, roles: Roles) -> Taken:
    """The module itself: asked for a literal name, mocked, renamed, or passed on."""
    call = use.parents[-1]
    if _is_call(call) and call.func is use.node:
        return Taken("", "passed", why="it is called")
    role = roles.of(use)
    if role.called and not role.shapes and not role.asked:
        return Taken("", "bound")
    if _is_call(call) and use.node in call.args:
        name, called = _next_literal(call, use.node), ast.unparse(call.func)
        if name and called in _READERS:
            return Taken(name, "read")
        if name and called in _WRITERS:
            return Taken(name, "assigned")
        if is_handed_to_mock(use):
            return Taken(name, "mocked")
    return Taken("", "passed", why=role.why)


def is_handed_to_mock(use: Use) -> bool:
    """``patch.object(socket, 'x')``: a helper of tests gets a module and a name."""
    call = use.parents[-1]
    if not _is_call(call) or use.node not in call.args:
        return False
    called = ast.unparse(call.func)
    literal = bool(_next_literal(call, use.node))
    return literal and called not in _WRITERS and is_patching(call)


def handed_target(use: Use) -> Target | None:
    """What such a helper replaces; None for any other use."""
    call = use.parents[-1]
    if not (is_handed_to_mock(use) and _is_call(call)):
        return None
    name = _next_literal(call, use.node)
    owner = use.dotted
    return Target(
        use.module, use.node, use.parents, call, "object", use.api, owner, name
    )


def _next_literal(call: ast.Call, node: ast.expr) -> str:
    """The literal string that follows an argument, if one does."""
    following = call.args[call.args.index(node) + 1 :][:1]
    for each in following:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            return each.value
    return ""
