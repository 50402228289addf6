"""Which class ``module.Agent`` is, and which method ``agent.run`` of what it makes.

Only where it is certain: names that are bound once, to one of the repository's classes
or functions, or to an object that a call of a class makes. Decides nothing.
"""

from __future__ import annotations

import ast

from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind


def method_of(
    project: Project, module: Module, node: ast.Attribute
) -> tuple[str, ast.FunctionDef] | None:
    """The path of a file and the method in it that an attribute of a name is."""
    binding = _only(module, node.value)
    made = binding.value if binding and binding.kind is BindingKind.ASSIGN else None
    found = class_of(project, module, made.func) if isinstance(made, ast.Call) else None
    if found is None:
        return None
    home, owner = found
    every = [each for each in owner.body if _names(each, node.attr)]
    method = every[0] if len(every) == 1 else None
    if not isinstance(method, ast.FunctionDef) or method.decorator_list:
        return None
    return home.path, method


def class_of(
    project: Project, module: Module, expr: ast.expr
) -> tuple[Module, ast.ClassDef] | None:
    """The class that ``Agent``, or ``module.Agent``, is."""
    home, node = _definition(project, module, expr)
    if not isinstance(node, ast.ClassDef) or not is_plain(node):
        return None
    return home, node


def function_of(
    project: Project, module: Module, expr: ast.expr
) -> tuple[str, ast.FunctionDef] | None:
    """The path of a file and the function in it that ``run``, ``module.run``, is."""
    home, node = _definition(project, module, expr)
    return (home.path, node) if isinstance(node, ast.FunctionDef) else None


def _definition(
    project: Project, module: Module, expr: ast.expr
) -> tuple[Module, ast.AST | None]:
    """The one thing that a name of a file is at its top level, and which file's."""
    name = expr.attr if isinstance(expr, ast.Attribute) else ""
    binding = _only(module, expr.value if isinstance(expr, ast.Attribute) else expr)
    if binding is None:
        return module, None
    home, dotted = module, binding.name
    if binding.alias is not None:
        dotted = ".".join(filter(None, (imported_path(module, binding), name)))
        found = project.named(dotted.rpartition(".")[0])
        if found is None:
            return module, None
        home = found
    elif name:
        return module, None
    bound = home.scopes.bindings(dotted.rpartition(".")[2], home.scopes.module)
    return home, bound[0].node if len(bound) == 1 else None


def is_plain(node: ast.ClassDef) -> bool:
    """Whether a class is what its body says: no decorator, no metaclass but ABCMeta."""
    metaclasses = [ast.unparse(keyword.value) for keyword in node.keywords]
    return not node.decorator_list and all(
        each in ("abc.ABCMeta", "ABCMeta") for each in metaclasses
    )


def _only(module: Module, expr: ast.expr) -> Binding | None:
    if not isinstance(expr, ast.Name):
        return None
    found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
    return found[0] if len(found) == 1 else None


def imported_path(module: Module, binding: Binding) -> str:
    """The dotted path of what an import binds; ``import a.b`` binds ``a``."""
    assert binding.alias is not None
    if isinstance(binding.node, ast.ImportFrom):
        return f"{module.absolute(binding.node)}.{binding.alias.name}"
    full = binding.alias.name
    return full if binding.alias.asname else full.partition(".")[0]


def _names(statement: ast.stmt, name: str) -> bool:
    """Whether a statement of a class body may bind a name."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name == name
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(statement)
    )
