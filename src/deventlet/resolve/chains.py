"""Names with attributes as they are spelled: ``a.b.c``, what it begins and ends with.

What such a chain stands for is for :mod:`deventlet.resolve.names`. Reads nodes only.
"""

from __future__ import annotations

import ast


def root(expr: ast.expr) -> ast.expr:
    """What a chain of attributes begins with: ``a`` of ``a.b.c``, ``f()`` of ``f().b``.

    An expression that is no such chain is its own root.
    """
    while isinstance(expr, ast.Attribute):
        expr = expr.value
    return expr


def root_name(expr: ast.expr) -> str | None:
    """The name that a chain of attributes begins with; None if with no name."""
    first = root(expr)
    return first.id if isinstance(first, ast.Name) else None


def last_name(node: ast.AST | None) -> str:
    """``sleep`` of ``time.sleep`` and of ``sleep``; empty for other expressions."""
    found: str = getattr(node, "attr", getattr(node, "id", ""))
    return found


def called_name(node: ast.AST | None) -> str:
    """The last name of what an expression calls; empty if it is no call."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def dotted(node: ast.AST) -> str:
    """``os.path.join`` of a name with attributes; empty for other expressions."""
    return spelled(node) if isinstance(node, ast.expr) and root_name(node) else ""


def spelled(node: ast.AST) -> str:
    """The same, and ``b.c`` of ``f().b.c``: the names behind what it begins with."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return ".".join(reversed(names))
