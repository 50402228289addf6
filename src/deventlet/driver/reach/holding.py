"""The text of a test in which a mock holds: where to look for what it is asked.

Reads positions only; what the text says is for others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Module

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


def surroundings(module: Module, parents: Iterable[ast.AST]) -> bytes:
    """The text of the top-level definition around a node."""
    top = next((n for n in parents if isinstance(n, ast.stmt)), None)
    if top is None:
        return module.source.utf8
    decorators = getattr(top, "decorator_list", None) or [top]
    start = module.source.offset(decorators[0].lineno, 0)
    return module.source.utf8[start : module.source.span(top)[1]]


def is_class_wide(target: Target) -> bool:
    """Whether a mock holds for every test of its class: set up, or on the class."""
    functions = [node for node in target.parents if isinstance(node, _FUNCTIONS)]
    return not functions or functions[-1].name.lower().startswith("setup")


def held(target: Target) -> ast.stmt | None:
    """The ``with`` in which a mock holds, or the innermost function around it."""
    around = [node for node in target.parents if isinstance(node, ast.stmt)]
    if around and isinstance(around[-1], (ast.With, ast.AsyncWith)):
        return around[-1]
    return next((n for n in reversed(around) if isinstance(n, _FUNCTIONS)), None)


def held_text(target: Target) -> bytes:
    """What runs while a mock holds: the body of its ``with``, or its function."""
    holder = next(
        (n for n in reversed(target.parents) if isinstance(n, ast.stmt)), None
    )
    if isinstance(holder, (ast.With, ast.AsyncWith)):
        start, end = target.module.source.span(holder)
        return target.module.source.utf8[start:end]
    return innermost_function(target)


def innermost_function(target: Target) -> bytes:
    """The text of the function or class that holds a mock, decorators included.

    A mock in a ``setUp`` or on a class is seen by the whole class.
    """
    functions = [node for node in target.parents if isinstance(node, _FUNCTIONS)]
    if not functions or functions[-1].name.lower().startswith("setup"):
        return surroundings(target.module, target.parents)
    start, end = target.module.source.span(functions[-1])
    return target.module.source.utf8[start:end]


def holder(target: Target) -> ast.Module | ast.stmt:
    """The test that a mock is for; where it is made for several, what holds them.

    A ``setUp`` or a fixture makes mocks for its class, or for its file.
    """
    around = [node for node in target.parents if isinstance(node, _DEFINITIONS)]
    while around and isinstance(around[-1], _FUNCTIONS):
        if around[-1].name.startswith("test"):
            break
        around.pop()
    return around[-1] if around else target.module.tree
