"""What stands at a byte offset of a file, where a search of its text found something.

Reads the tree alone; what a name there means is for others.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from deventlet.resolve.project import Module
from deventlet.resolve.tree import near, path_to, reaches


def path_at(module: Module, offset: int) -> list[ast.AST]:
    """The path down to the innermost node that covers a byte offset."""
    return path_to(module.tree, *module.source.position(offset))


def node_at(module: Module, offset: int) -> list[ast.AST]:
    """The same without the nodes that have no position.

    Those (arguments, comprehension, withitem, match_case) bind no string of a call.
    """
    path = path_at(module, offset)
    return [module.tree, *(node for node in path if hasattr(node, "lineno"))]


def literal_at(module: Module, offset: int) -> list[ast.AST] | None:
    """The path of nodes down to the string (or f-string) at a byte offset."""
    path = node_at(module, offset)
    for end in range(len(path) - 1, 0, -1):
        node = path[end]
        if isinstance(node, ast.JoinedStr):
            return path[: end + 1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            above = path[end - 1]
            return path[:end] if isinstance(above, ast.JoinedStr) else path[: end + 1]
    return None


def attribute_at(module: Module, end: int, name: str) -> list[ast.AST] | None:
    """The path down to the attribute whose name ends at a byte offset."""
    line, column = module.source.position(end)
    path: list[ast.AST] = [module.tree]
    found: list[ast.AST] | None = None
    while True:
        node = path[-1]
        if (
            isinstance(node, ast.Attribute)
            and node.attr == name
            and (node.end_lineno, node.end_col_offset) == (line, column)
        ):
            found = list(path)
        inner = next(
            (c for c in near(node, (line, column)) if reaches(c, line, column)), None
        )
        if inner is None:
            return found
        path.append(inner)


def in_annotation(node: ast.AST, parents: list[ast.AST]) -> bool:
    """Whether a string is a type: it names the function and intercepts nothing."""
    path = [*parents, node]
    return any(
        getattr(above, "annotation", None) is below
        or getattr(above, "returns", None) is below
        for above, below in pairwise(path)
    )
