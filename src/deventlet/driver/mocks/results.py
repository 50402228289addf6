"""What a file asks of the results of some functions, and of nothing else.

Where the functions are mocked, that is asked of mocks. Reads one file, and its tree
only where its text calls one of them; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from deventlet.resolve.chains import called_name
from deventlet.resolve.project import Module


def asked_of_results(module: Module, functions: Collection[str]) -> frozenset[str]:
    """The attributes that are only read of what functions of some names give.

    ``x.start`` where ``x = get_client()`` is all that is bound to ``x``.
    """
    if not _may_call(module.source.utf8, functions):
        return frozenset()
    asked = module.of_tree(_read_of)
    return frozenset(name for name, makers in asked.items() if makers <= {*functions})


def _may_call(text: bytes, functions: Collection[str]) -> bool:
    """Whether one of the names stands where it may be called, as ``(f)()`` is."""
    names = b"|".join(re.escape(name.encode()) for name in functions)
    called = rb"\b(?:%s)(?:[\s\\)]|#[^\n]*\n)*\(" % names
    return bool(names) and re.search(called, text) is not None


def _read_of(module: Module) -> Mapping[str, set[str]]:
    """For each attribute what was called for all that it is read of; maybe empty."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            found[node.attr].add(_made(module, node.value))
    return found


def _made(module: Module, expr: ast.expr) -> str:
    """The last name of what was called for an expression; empty if it is not known."""
    if isinstance(expr, ast.Name):
        found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
        value = found[0].value if len(found) == 1 else None
        is_plain = found and isinstance(found[0].node, ast.Assign)
        return called_name(value) if is_plain and value is not None else ""
    return called_name(expr)
