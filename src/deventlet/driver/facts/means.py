"""What a name or a chain of attributes stands for, as far as imports and classes say.

A class is what a ``class`` statement binds, here or in the file of the repository that
an import leads to; of a name from elsewhere its spelling says so. Whatever is assigned
or given, such as a parameter, may be anything, and has no answer.
"""

from __future__ import annotations

import ast
import builtins

from deventlet.driver.facts.made import dotted
from deventlet.driver.text.printing import syntax_of
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import BindingKind, Scope
from deventlet.resolve.uses import Use

_DEPTH = 8
"""How many files an import is followed through."""


def meaning(use: Use, expression: str) -> str:
    """The dotted path that imports give a name or a chain of attributes at a use.

    ``time.sleep`` for ``sleep`` behind ``from time import sleep``; empty if its name is
    bound in any other way, or in several.
    """
    node = syntax_of(expression)
    return dotted(use.module, node, use.scope)


def is_error_class(project: Project, use: Use, expression: str) -> bool:
    """Whether what is named at a use is certainly a class of exceptions."""
    node = syntax_of(expression)
    if isinstance(node, ast.Name):
        return _is_class(project, use.module, node.id, use.scope)
    path = dotted(use.module, node, use.scope)
    return bool(path) and _is_class_at(project, path)


def _is_class(
    project: Project, module: Module, name: str, scope: Scope, depth: int = _DEPTH
) -> bool:
    """Whether every binding of a name is a class, or an import of one."""
    found = module.scopes.bindings(name, scope)
    if not found:
        known = getattr(builtins, name, None)
        is_builtin = isinstance(known, type) and issubclass(known, BaseException)
        return is_builtin and not module.scopes.module.star_imports
    if all(binding.kind is BindingKind.CLASS for binding in found):
        return True
    path = dotted(module, ast.Name(name), scope)
    return bool(path) and _is_class_at(project, path, depth - 1)


def _is_class_at(project: Project, path: str, depth: int = _DEPTH) -> bool:
    """Whether a dotted path leads to a class, through the files of the repository.

    What is not the repository's is believed to be what it is spelled like.
    """
    home, _, name = path.rpartition(".")
    file = project.by_name.get(home)
    module = project.module(file) if file is not None else None
    if module is None or not depth:
        return bool(depth) and file is None and _is_spelled_so(name)
    if name not in module.scopes.module.bindings:
        return False
    return _is_class(project, module, name, module.scopes.module, depth)


def _is_spelled_so(name: str) -> bool:
    """``CellTimeout`` is, ``CELL_TIMEOUT`` and ``timeout`` are not."""
    return name[:1].isupper() and not name.isupper()
