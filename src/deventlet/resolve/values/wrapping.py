"""Whether a decorator of the repository looks at what a function is called with.

``@log`` gives another function in place of one, which gets the arguments first. Most of
them hand all on, and do not look. Reads the decorator; follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, Function
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_SHOWING = kinds.NEUTRAL.union(
    "critical debug error exception fatal info log trace warn warning".split()
)
"""Functions that show a value, or look at it as they look at any."""


def looking(program: Program, callee: Definition) -> str:
    """A decorator of a function that does more with an argument than hand it on."""
    for decorator in getattr(callee.node, "decorator_list", ()):
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        for each in program.meanings.definitions(func, callee.module):
            if each is not None and _looks(program, each):
                return ast.unparse(func)
    return ""


def _looks(program: Program, decorator: Definition) -> bool:
    if isinstance(decorator.node, ast.ClassDef):
        return True
    return any(
        not _is_handed_on(place)
        for wrapper in _wrappers(decorator.node)
        for place in _arguments(program, decorator.module, wrapper)
    )


def _wrappers(decorator: Function) -> Iterator[Function]:
    """The functions in a decorator that have none inside: what stands for another."""
    inner = [n for n in ast.walk(decorator) if isinstance(n, FUNCTIONS)]
    for each in inner:
        if each is not decorator and not any(
            isinstance(n, FUNCTIONS) for n in ast.walk(each) if n is not each
        ):
            yield each


def _arguments(program: Program, module: Module, wrapper: Function) -> Iterator[Place]:
    """Where a function reads what it is called with, but for its own object."""
    scope = program.places.scope(module, wrapper)
    for name, bindings in scope.bindings.items():
        if name not in ("self", "cls") and any(
            each.kind is BindingKind.PARAMETER for each in bindings
        ):
            yield from program.places.loads(module, name, scope)


def shows(program: Program, function: Definition, name: str) -> bool:
    """Whether a function does no more with a parameter than hand it on, or show it."""
    scope = program.places.scope(function.module, function.node)
    loads = program.places.loads(function.module, name, scope)
    return all(map(_is_handed_on, loads))


def _is_handed_on(place: Place) -> bool:
    """Whether an argument is given to a function whose name says no more, or shown."""
    call = next((n for n in reversed(place.parents) if isinstance(n, ast.Call)), None)
    match place.parents[-1]:
        case ast.Call() | ast.Starred() | ast.keyword() if call is not None:
            return last_name(call.func) in _SHOWING or _is_parameter(call.func, place)
    return False


def _is_parameter(func: ast.expr, place: Place) -> bool:
    """Whether what is called was given to a function around: the one decorated."""
    scopes = place.module.scopes
    return isinstance(func, ast.Name) and any(
        each.kind is BindingKind.PARAMETER
        for each in scopes.bindings(func.id, scopes.scope_of(func))
    )
