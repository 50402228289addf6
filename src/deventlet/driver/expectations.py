"""What a test expects of a mock's calls, where that argument itself is Eventlet's.

``get_rpc_server.assert_called_once_with(…, executor='eventlet')`` has to change with
the call that it expects. Only names that have to do with Eventlet by an argument are
looked at; nothing is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.resolve.api import CALLED_WITH
from deventlet.resolve.mocks import Target
from deventlet.resolve.names import Use
from deventlet.resolve.scopes import ancestors

_EXPECTING = frozenset(
    {"assert_called_with", "assert_called_once_with", "assert_any_call", "call"}
)
_HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_concerned(target: Target) -> bool:
    """Whether a mock has to do with Eventlet: its test speaks of the argument."""
    argument = CALLED_WITH.get(target.api)
    if argument is None:
        return True
    start, end = target.module.source.span(_holder(target))
    return argument.name.encode() in target.module.source.utf8[start:end]


def expectations(target: Target) -> Iterator[Use]:
    """The calls in a mock's test that expect the argument, as uses of the name."""
    argument = CALLED_WITH.get(target.api)
    if argument is None:
        return
    module = target.module
    for node in ast.walk(_holder(target)):
        if isinstance(node, ast.Call) and _name(node.func) in _EXPECTING:
            value = argument.of(node)
            if isinstance(value, ast.Constant):
                parents = [*ancestors(module.tree, node), node]
                yield Use(
                    module, node.func, parents, target.api, target.api, "", (),
                    frozenset(), module.scopes.module,
                )  # fmt: skip


def _holder(target: Target) -> ast.stmt:
    """The test that a mock is for; its whole class where it is set up for all."""
    around: list[ast.stmt] = [n for n in target.parents if isinstance(n, _HOLDERS)]
    if not around:
        return next(node for node in target.parents if isinstance(node, ast.stmt))
    name = _name(around[-1])
    if name.lower().startswith("setup") and len(around) > 1:
        return around[-2]
    return around[-1]


def _name(node: ast.AST) -> str:
    """The last part of a name, or the name of a definition."""
    names = (getattr(node, key, "") for key in ("attr", "id", "name"))
    return next(filter(None, names), "")
