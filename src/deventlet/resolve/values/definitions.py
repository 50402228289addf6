"""Definitions, what may stand before a dot, and small facts about their nodes.

Looks at one node at a time, and follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Result: TypeAlias = ast.Return | ast.Yield | ast.YieldFrom
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef)
PROPERTIES = frozenset({
    "property", "cached_property", "memoized_property", "getter",
})  # fmt: skip
"""Decorators that make an attribute of a method."""
HOPS = 8
"""How many names are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, lambda or class of the repository, and the file it is in."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

    def __hash__(self) -> int:
        return id(self.node)


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the part before a dot may be.

    :param classes: classes of the repository whose instance, or which itself, it is.
    :param is_self: it is the ``self`` or ``cls`` of a method of the one class.
    :param modules: modules of the repository that it may be.
    :param unknown: it may be something else as well.
    """

    classes: frozenset[Definition] = frozenset()
    is_self: bool = False
    modules: tuple[Module, ...] = ()
    unknown: bool = False


NOT_KNOWN = Receiver(unknown=True)


def first_parameter(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The name of the first positional parameter."""
    positional = [*function.args.posonlyargs, *function.args.args]
    return positional[0].arg if positional else None


def decorator_names(function: ast.AST) -> frozenset[str]:
    """The last parts of the names of a definition's decorators."""
    found = set()
    for each in getattr(function, "decorator_list", ()):
        node = each.func if isinstance(each, ast.Call) else each
        found.add(last_name(node))
    return frozenset(found)


def takes(user: Module, binding: Binding, module: str) -> bool:
    """Whether a binding is ``from module import …``."""
    node = binding.node
    return isinstance(node, ast.ImportFrom) and user.absolute(node) == module


def results_of(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[Result]:
    """The ``return`` statements and ``yield`` expressions of a function's own."""
    waiting: list[ast.AST] = [*function.body[::-1]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def is_self(expr: ast.expr) -> bool:
    """Whether an expression is the first parameter of a method, by its name."""
    return isinstance(expr, ast.Name) and expr.id in ("self", "cls")


def parts(expr: ast.expr) -> list[ast.expr] | None:
    """The expressions of which one is what the expression gives."""
    if isinstance(expr, ast.IfExp):
        return [expr.body, expr.orelse]
    if isinstance(expr, ast.BoolOp):
        return expr.values if isinstance(expr.op, ast.Or) else expr.values[-1:]
    if isinstance(expr, (ast.NamedExpr, ast.Await, ast.Starred)):
        return [expr.value]
    return None


def says_none(expr: ast.expr) -> bool:
    """Whether an expression is a literal None."""
    return isinstance(expr, ast.Constant) and expr.value is None


def is_static(function: ast.AST) -> bool:
    """Whether a function is a static method."""
    return "staticmethod" in decorator_names(function)


def by_place(found: Definition) -> tuple[str, int]:
    """The order of definitions in the repository."""
    return found.module.path, found.node.lineno
