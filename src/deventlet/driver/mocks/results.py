"""What a file asks of the results of some functions, and of nothing else.

Where the functions are mocked, that is asked of mocks. Reads one file, and its tree
only where its text calls one of them; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping

from deventlet.resolve.chains import called_name
from deventlet.resolve.project import Module


def asked_of_results(module: Module, functions: Collection[str]) -> frozenset[str]:
    """The attributes that are only read of what functions of some names give.

    ``x.start`` where ``x = get_client()`` is all that is bound to ``x``.
    """
    if not _may_call(module.source.utf8, functions):
        return frozenset()
    attributes = module.scopes.attributes
    return frozenset(
        name
        for name, first in module.of_tree(_first_made).items()
        if first in functions
        and all(_made(module, each.value) in functions for each in attributes[name])
    )


def _may_call(text: bytes, functions: Collection[str]) -> bool:
    """Whether one of the names stands where it may be called, as ``(f)()`` is."""
    names = b"|".join(re.escape(name.encode()) for name in functions)
    called = rb"\b(?:%s)(?:[\s\\)]|#[^\n]*\n)*\(" % names
    return bool(names) and re.search(called, text) is not None


def _first_made(module: Module) -> Mapping[str, str]:
    """For each attribute what was called for the first that it is read of."""
    attributes = module.scopes.attributes
    return {name: _made(module, each[0].value) for name, each in attributes.items()}


def _made(module: Module, expr: ast.expr) -> str:
    """The last name of what was called for an expression; empty if it is not known."""
    if isinstance(expr, ast.Name):
        found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
        value = found[0].value if len(found) == 1 else None
        is_plain = found and isinstance(found[0].node, ast.Assign)
        return called_name(value) if is_plain and value is not None else ""
    return called_name(expr)
