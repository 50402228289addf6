"""Whether code keeps a value to one call of the function that has it.

A value that every place keeps is in variables of calls that wait for each other: what
runs elsewhere, such as a task, can only get at it if it is given it. Follows nothing.
"""

from __future__ import annotations

import ast

from deventlet.resolve.scopes import ScopeKind
from deventlet.resolve.values.definitions import decorator_names
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_PLAIN = frozenset({"staticmethod", "classmethod"})


def is_kept(program: Program, place: Place) -> bool:
    """Whether a value goes no further from a place than to a call that is awaited."""
    if not _is_run_at_once(program, program.places.function_of(place)):
        return False
    if isinstance(place.node, ast.Name) and not _is_own(place.node, place):
        return False
    match place.parents[-2:]:
        case [_, ast.Attribute() | ast.Expr()]:
            return True
        case [_, ast.Assign(targets=targets)]:
            return all(isinstance(t, ast.Name) and _is_own(t, place) for t in targets)
        case [_, ast.For(iter=gone_over)]:
            return gone_over is place.node
        case [_, ast.Call() as call] | [ast.Call() as call, ast.keyword()]:
            return _is_awaited(program, call, place)
    return False


def _is_own(name: ast.Name, place: Place) -> bool:
    """Whether a name is a variable of the function that says it."""
    scopes = place.module.scopes
    scope = scopes.scope_of(name)
    is_local = scopes.resolve(name.id, scope) is scope
    return is_local and scope.kind is ScopeKind.FUNCTION


def _is_awaited(program: Program, call: ast.Call, place: Place) -> bool:
    """Whether a call runs the function that it gets by name, here and now."""
    found = program.meanings.callees(call.func, place.module)
    return bool(found) and all(
        each is not None and _is_plain(program, each.node) for each in found
    )


def _is_plain(program: Program, function: ast.AST) -> bool:
    """Whether a function runs when it is called, and no decorator decides about it."""
    return decorator_names(function) <= _PLAIN and _is_run_at_once(program, function)


def _is_run_at_once(program: Program, function: ast.AST | None) -> bool:
    """Whether the body of a function runs to its end when it is called."""
    return isinstance(function, ast.FunctionDef) and not any(
        isinstance(each, (ast.Yield, ast.YieldFrom))
        for each in program.places.results(function)
    )
