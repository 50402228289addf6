"""What a file asks of the results of some functions, and of nothing else.

Where the functions are mocked, that is asked of mocks. Reads one file; decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from deventlet.resolve.project import Module
from deventlet.resolve.values.program import called_name


def asked_of_results(module: Module, functions: Collection[str]) -> frozenset[str]:
    """The attributes that are only read of what functions of some names give.

    ``x.start`` where ``x = get_client()`` is all that is bound to ``x``.
    """
    asked: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(module.tree) if functions else ():
        if isinstance(node, ast.Attribute):
            is_given = _made(module, node.value) in functions
            (asked if is_given else others).add(node.attr)
    return frozenset(asked - others)


def _made(module: Module, expr: ast.expr) -> str:
    """The last name of what was called for an expression; empty if it is not known."""
    if isinstance(expr, ast.Name):
        found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
        value = found[0].value if len(found) == 1 else None
        is_plain = found and isinstance(found[0].node, ast.Assign)
        return called_name(value) if is_plain and value is not None else ""
    return called_name(expr)
