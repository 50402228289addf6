"""Which decorators give what the function gives, whatever else they do.

Those of the standard library are known by their last names, the locks of oslo by their
full ones, also under the name that a project gives to one with a prefix. No verdicts.
"""

from __future__ import annotations

import ast

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module
from deventlet.resolve.values.program import Program

_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "abstractmethod", "wraps", "override",
})  # fmt: skip
_LOCK = "oslo_concurrency.lockutils.synchronized"
_PREFIXED = "oslo_concurrency.lockutils.synchronized_with_prefix"


def changing(program: Program, function: ast.AST, module: Module) -> frozenset[str]:
    """The last names of a function's decorators that may give something else."""
    return frozenset(
        _last_name(each)
        for each in getattr(function, "decorator_list", ())
        if _last_name(each) not in _TRANSPARENT and not _locks(program, each, module)
    )


def _last_name(decorator: ast.expr) -> str:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return last_name(func)


def _locks(program: Program, decorator: ast.expr, module: Module) -> bool:
    """``@lockutils.synchronized("name")``, or a project's own one with a prefix."""
    if not isinstance(decorator, ast.Call):
        return False
    paths = program.names.denoted(decorator.func, module)
    return bool(paths) and all(
        path == _LOCK or _is_prefixed(program, path) for path in paths
    )


def _is_prefixed(program: Program, path: str) -> bool:
    """Whether a name of one of the project's modules is only ever such a lock."""
    owner, _, name = path.rpartition(".")
    home = program.project.named(owner)
    if home is None:
        return False
    bindings = home.scopes.bindings(name, home.scopes.module)
    made = [each.value for each in bindings if isinstance(each.value, ast.Call)]
    return 0 < len(made) == len(bindings) and all(
        program.names.denoted(each.func, home) == {_PREFIXED} for each in made
    )
