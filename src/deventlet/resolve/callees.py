"""What a call calls, under the name that it has at home.

A run follows the names that it is about through modules of the project that pass them
on; other names of Eventlet it does not, and this does so for one call. Only looks.
"""

from __future__ import annotations

import ast

from deventlet.resolve.names import NOTHING, UNKNOWN, Names
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope

_HOPS = 5


def called(
    names: Names, function: ast.expr, scope: Scope, module: Module
) -> frozenset[str]:
    """The dotted paths that a function's expression may be where it is called.

    Not the ``None`` of an import that may fail: that cannot be called.
    """
    found = names.denote(function, scope, module) - {NOTHING}
    return frozenset(_home(names, path) for path in found)


def _home(names: Names, path: str) -> str:
    """Where a path leads, through modules of the project."""
    for _ in range(_HOPS):
        owner, _, name = path.rpartition(".")
        module = names.project.named(owner)
        if module is None:
            break
        read = ast.Name(name, ast.Load())
        found = names.denote(read, module.scopes.module, module) - {NOTHING}
        if len(found) != 1 or UNKNOWN in found:
            break
        (path,) = found
    return path
