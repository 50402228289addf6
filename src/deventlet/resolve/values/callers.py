"""What the calls of a function give to one of its parameters, where they are plain.

Looks in the file of the function, in those that import it, and for a method in those
of its class and of the classes above; a call that is not found says nothing. Follows
no value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding
from deventlet.resolve.values.definitions import Definition, decorator_names
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program


def given(
    program: Program, function: Definition, binding: Binding
) -> Iterator[tuple[Module, ast.expr]]:
    """The expressions that a parameter is given, its default included."""
    if binding.value is not None:
        yield function.module, binding.value
    position, is_known = _position(program, function, binding.name)
    for place in calls(program, function) if is_known else ():
        value = _argument(place, position, binding.name)
        if value is not None:
            yield place.module, value


def constructed(
    program: Program, function: Definition, binding: Binding
) -> Iterator[tuple[Module, ast.expr]]:
    """The expressions that the calls of a class give to its ``__init__``."""
    assert not isinstance(function.node, (ast.ClassDef))
    owner = program.places.class_of(function.module, function.node)
    position, is_known = _position(program, function, binding.name)
    for place in program.places.mentions(owner) if owner and is_known else ():
        value = _argument(place, position, binding.name)
        if value is not None:
            yield place.module, value


def _position(
    program: Program, function: Definition, name: str
) -> tuple[int | None, bool]:
    """Where a caller gives a parameter; and whether a caller gives it at all."""
    arguments = getattr(function.node, "args", None)
    assert isinstance(arguments, ast.arguments)
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if name not in names:
        return None, name in {each.arg for each in arguments.kwonlyargs}
    position = names.index(name) - (1 if _is_method(program, function) else 0)
    return position, position >= 0


def _argument(place: Place, position: int | None, name: str) -> ast.expr | None:
    call = place.call
    if call is None:
        return None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is None or position >= len(call.args):
        return None
    if any(isinstance(each, ast.Starred) for each in call.args[: position + 1]):
        return None
    return call.args[position]


def _is_method(program: Program, function: Definition) -> bool:
    node = function.node
    return (
        not isinstance(node, (ast.Lambda, ast.ClassDef))
        and "staticmethod" not in decorator_names(node)
        and program.places.class_of(function.module, node) is not None
    )


def calls(program: Program, function: Definition) -> Iterator[Place]:
    """The expressions that name a function where it is called."""
    node = function.node
    if isinstance(node, (ast.Lambda, ast.ClassDef)):
        return
    owner = program.places.class_of(function.module, node)
    if owner is None:
        yield from program.places.mentions(function)
        return
    if node.name == "__init__":
        yield from program.places.mentions(owner)
    family = program.classes.above(owner) | {owner}
    modules = {
        c.module.path: c.module
        for c in family
        if program.words.has(c.module.path, node.name)
    }
    for path in sorted(modules):
        for place in program.places.attributes_in(modules[path], node.name):
            attribute = place.node
            assert isinstance(attribute, ast.Attribute)
            if place.call is None or _is_class(program, attribute.value, place):
                continue
            if (
                program.receivers.receiver(attribute.value, place.module).classes
                & family
            ):
                yield place


def _is_class(program: Program, expr: ast.expr, place: Place) -> bool:
    """``Base.method(self, x)``: here the first parameter is given, too."""
    return isinstance(expr, ast.Name) and any(
        each is not None and isinstance(each.node, ast.ClassDef)
        for each in program.meanings.definitions(expr, place.module)
    )
