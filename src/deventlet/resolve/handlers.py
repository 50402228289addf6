"""Which functions run as handlers of signals, and what they call.

A handler runs in whatever green thread is current, as a rule in the hub itself, which
cannot switch to another: what waits there raises. Says where, and judges nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deventlet.resolve.functions import Functions, where_is
from deventlet.resolve.project import Module
from deventlet.resolve.tree import path_to
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.model import Place

_WORD = b"signal"
_SETS = re.compile(rb"\bsignal[ \t]*\(|\bsignal[ \t]+as[ \t]")


def handler_at(place: Place, functions: Functions) -> str:
    """Where the code at a place is made a handler of a signal, or called by one.

    By its parameters as well, a signal's number and a frame: what is stored before it
    is made a handler is not followed. Empty if nothing says so.
    """
    around = [node for node in place.parents if isinstance(node, FUNCTIONS)]
    for node in reversed(around):
        if _takes_a_frame(node):
            return where_is(place.module, node)
    here = {id(node) for node in around}
    for made, definitions in functions.once(_handlers).items():
        if any(id(each.node) in here for each in definitions):
            return made
    return ""


def _takes_a_frame(node: ast.AST) -> bool:
    """``def stop(self, signum, frame)``, as the interpreter calls it."""
    assert isinstance(node, FUNCTIONS)
    names = [each.arg.strip("_") for each in node.args.args]
    return any(name.startswith("sig") for name in names) and "frame" in names


def _handlers(functions: Functions) -> dict[str, list[Definition]]:
    """For each place that sets a handler, what runs then."""
    found: dict[str, list[Definition]] = {}
    project = functions.program.project
    paths = project.containing([_WORD])
    setting = (path for path in paths if _SETS.search(project.read_or_empty(path)))
    for module in filter(None, map(project.module, setting)):
        for call in _setting(module):
            ran = list(_run_by(call.args[1], module, functions))
            found[where_is(module, call)] = ran
    return found


def _setting(module: Module) -> Iterator[ast.Call]:
    """The calls of a file that may set a handler, whatever the module is called."""
    scopes = module.scopes
    names = {"signal", *(binding.name for _, binding in scopes.taken("signal"))}
    named = [use.node for name in sorted(names) for use in scopes.uses.get(name, ())]
    for node in (*named, *scopes.attributes.get("signal", ())):
        line, column = node.end_lineno, node.end_col_offset
        assert line is not None
        assert column is not None
        match path_to(module.tree, line, column - 1):
            case [*_, ast.Call(func=func, args=[_, _, *_]) as call, last] if (
                func is last is node
            ):
                yield call


def _run_by(
    handler: ast.expr, module: Module, functions: Functions
) -> Iterator[Definition]:
    """The functions that a handler is, or calls; those inside a lambda as well."""
    known = [each for each in functions.definitions(handler, module) if each]
    if isinstance(handler, ast.Lambda):
        known.append(Definition(module, handler))
    for each in known:
        yield from functions.reached(each)
