"""Where code asks an object which class it is: noted on the object, and not judged.

``isinstance(event, Event)`` and ``type(event) is Event`` say for which class; a table
by ``type(event)`` and a function that dispatches on its argument do not.
"""

from __future__ import annotations

import ast

from deventlet.resolve.chains import called_name, last_name
from deventlet.resolve.project import Module
from deventlet.resolve.values.definitions import Definition, decorator_names
from deventlet.resolve.values.model import Origin, Place, Token

_CLASS_TESTS = frozenset({"isinstance", "assertIsInstance", "assertNotIsInstance"})
_DISPATCHING = frozenset({"singledispatch", "singledispatchmethod"})
_SHOWN = frozenset({"__name__", "__qualname__", "__module__", "__doc__"})
_SHOWING = frozenset({"str", "repr", "print", "format", "id", "hash", "len"})


def note_test(place: Place, call: ast.Call, token: Token) -> None:
    """``isinstance(event, Event)``, ``type(event)``, and what tests say for them."""
    last, origin = last_name(call.func), token[0]
    if token[1] or call.args[:1] != [place.node]:
        return
    if last in _CLASS_TESTS:
        origin.tests.update(dict.fromkeys(call.args[1:2], place.module))
    elif last == "type" and len(call.args) == 1:
        _note_type(origin, place.module, call, place.parents[:-1])


def note_dispatch(
    place: Place, call: ast.Call, callee: Definition, token: Token
) -> None:
    """A function that is chosen by the class of its first argument is given it."""
    first = not token[1] and call.args[:1] == [place.node]
    if first and decorator_names(callee.node) & _DISPATCHING:
        token[0].sorted_by[call] = place.module


def _note_type(
    origin: Origin, module: Module, call: ast.Call, parents: list[ast.AST]
) -> None:
    """``type(event)``: compared, shown, or asked in a way that says no class."""
    above = parents[-1]
    if isinstance(above, ast.Compare):
        sides = (above.left, *above.comparators)
        others = (side for side in sides if side is not call)
        origin.tests.update(dict.fromkeys(others, module))
    elif isinstance(above, ast.Call) and above.args[:1] == [call]:
        if called_name(above) == "issubclass":
            origin.tests.update(dict.fromkeys(above.args[1:2], module))
        elif called_name(above) not in _SHOWING:
            origin.sorted_by[call] = module
    elif not _is_shown(parents):
        origin.sorted_by[call] = module


def _is_shown(parents: list[ast.AST]) -> bool:
    """``type(event).__name__``, and what stands in a text."""
    above = parents[-1]
    if isinstance(above, ast.Tuple):
        above = parents[-2]
    if isinstance(above, ast.Attribute):
        return above.attr in _SHOWN
    is_text = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Mod)
    return is_text or isinstance(above, (ast.FormattedValue, ast.Expr))
