"""Whether a file may stop importing a module of the project that passed a name on.

An import runs its module, and what that does must not get lost with the last name that
was taken from it. Reads the project's modules; removes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from deventlet.resolve.project import Module, Project

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NAMED = (ast.Name, ast.Tuple, ast.List, ast.Starred)


def may_go(
    project: Project, module: Module, statement: ast.stmt, gone: Collection[ast.alias]
) -> bool:
    """Whether names may leave a ``from`` import of the project's.

    They may where others stay in it, where another import of the file loads the same
    module, and where loading the module does nothing.
    """
    if not isinstance(statement, ast.ImportFrom):
        return True
    if any(alias not in gone for alias in statement.names):
        return True
    name = module.absolute(statement)
    others = (n for n in module.tree.body if n is not statement)
    if any(name in _loaded(module, other) for other in others):
        return True
    return _is_idle(project, name, set())


def _loaded(module: Module, statement: ast.stmt) -> Iterator[str]:
    """The modules that a statement imports by name."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        base = module.absolute(statement)
        yield base
        yield from (f"{base}.{alias.name}" for alias in statement.names)


def _is_idle(project: Project, name: str, seen: set[str]) -> bool:
    """Whether loading a module only defines things, in it and in what it imports."""
    package, _, _ = name.rpartition(".")
    if package and not _is_idle(project, package, seen):
        return False
    if name in seen or name not in project.by_name:
        return True
    seen.add(name)
    module = project.named(name)
    return module is not None and all(
        _defines(project, module, each, seen) for each in module.tree.body
    )


def _defines(
    project: Project, module: Module, statement: ast.stmt, seen: set[str]
) -> bool:
    """Whether a statement binds names, and has no other effect."""
    if isinstance(statement, _IMPORTS):
        loaded = _loaded(module, statement)
        return all(_is_idle(project, each, seen) for each in loaded)
    if isinstance(statement, (ast.If, ast.Try)):
        return all(_defines(project, module, s, seen) for s in _inside(statement))
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, _NAMED) for target in statement.targets)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, (*_DEFINITIONS, ast.Pass, ast.AnnAssign))


def _inside(statement: ast.If | ast.Try) -> Sequence[ast.stmt]:
    """The statements of all branches."""
    found = [*statement.body, *statement.orelse]
    if isinstance(statement, ast.Try):
        found += statement.finalbody
        found += [each for handler in statement.handlers for each in handler.body]
    return found
