"""What a test expects of a mock's calls, where that argument itself is Eventlet's.

``get_rpc_server.assert_called_once_with(…, executor='eventlet')`` has to change with
the call that it expects. Only names that have to do with Eventlet by an argument are
looked at; nothing is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.driver.reach.holding import holder
from deventlet.resolve.api import CALLED_WITH
from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use

_EXPECTING = frozenset(
    {"assert_called_with", "assert_called_once_with", "assert_any_call", "call"}
)


def is_concerned(target: Target) -> bool:
    """Whether a mock has to do with Eventlet: its test speaks of the argument."""
    argument = CALLED_WITH.get(target.api)
    if argument is None:
        return True
    words = filter(None, (argument.name, argument.value))
    text = _text(target)
    return any(word.encode() in text for word in words)


def expectations(target: Target) -> Iterator[Use]:
    """The calls in a mock's test that expect the argument, as uses of the name."""
    argument = CALLED_WITH.get(target.api)
    if argument is None:
        return
    module = target.module
    for node in ast.walk(holder(target)):
        if isinstance(node, ast.Call) and last_name(node.func) in _EXPECTING:
            value = argument.of(node)
            if isinstance(value, ast.Constant):
                parents = [*ancestors(module.tree, node), node]
                yield Use(
                    module, node.func, parents, target.api, target.api, "", (),
                    frozenset(), module.scopes.module,
                )  # fmt: skip


def _text(target: Target) -> bytes:
    held, source = holder(target), target.module.source
    if isinstance(held, ast.Module):
        return source.utf8
    start, end = source.span(held)
    return source.utf8[start:end]
