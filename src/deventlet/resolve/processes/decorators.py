"""Whether a function, used as a decorator, only puts another one around a function.

Then what it decorates runs only if somebody calls it by its name; a decorator that
keeps the function somewhere may have it called. Read off one definition, by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from deventlet.resolve.chains import last_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ASKING = frozenset({
    "WRAPPER_ASSIGNMENTS", "getfullargspec", "getcallargs", "iscoroutinefunction",
    "signature", "update_wrapper", "wraps",
})  # fmt: skip
"""What is given a function and does not keep it."""


def only_wraps(text: bytes) -> bool:
    """Whether the text of a definition is that of such a decorator.

    Also of a function that gives one: ``def retry(times): def decorate(f): …``.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(body) and all(map(_wraps, body))


def _wraps(node: ast.stmt) -> bool:
    if not isinstance(node, _FUNCTIONS):
        return False
    return all(_only_called(way, name) for way in _outer(node) for name in _given(way))


def _outer(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that hold another one: one of them gets what is decorated.

    Not one that calls nothing it is given: ``times`` is no function.
    """
    for each in ast.walk(node):
        below = [n for n in ast.walk(each) if isinstance(n, _FUNCTIONS)]
        if not isinstance(each, _FUNCTIONS) or len(below) < 2:
            continue
        called = {last_name(n.func) for n in ast.walk(each) if isinstance(n, ast.Call)}
        if len(below) == 2 or not called.isdisjoint(_given(each)):
            yield each


def _given(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)][:1]


def _only_called(node: ast.AST, name: str, above: Sequence[ast.AST] = ()) -> bool:
    """Whether a name is only called later, asked about, or given back."""
    if isinstance(node, ast.Name) and node.id == name:
        return _is_harmless(node, above)
    way = (*above, node)
    return all(_only_called(each, name, way) for each in ast.iter_child_nodes(node))


def _is_harmless(node: ast.Name, above: Sequence[ast.AST]) -> bool:
    parent = above[-1]
    inside = sum(isinstance(each, _FUNCTIONS) for each in above)
    if isinstance(parent, ast.Call):
        called_later = parent.func is node and inside > 1
        return called_later or last_name(parent.func) in _ASKING
    asked = (ast.Attribute, ast.Return, ast.Compare)
    return isinstance(parent, asked) and isinstance(node.ctx, ast.Load)
