"""What a function finds in a flag of its module when it is called for the first time.

``if done: return`` patches nothing the second time, because it did the first. By the
text of one file; it may not guess, and answers None where anything else may be found.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope

_BLOCKS = ("body", "orelse", "finalbody")


def first_found(name: str, line: int, module: Module, scope: Scope) -> ast.expr | None:
    """The value of a flag that nothing changes before a function has run.

    Only the function itself changes it, behind a line, or one that has called it.

    :param scope: that of the function.
    """
    match module.scopes.bindings(name, scope):
        case [Binding(scope=owner, value=value), *later] if (
            owner.parent is None and owner is not scope
        ):
            return value if all(_is_later(b, line, scope) for b in later) else None
    return None


def given_back(call: ast.Call, module: Module, scope: Scope) -> str:
    """The name that a function of the file gives back, if it does nothing else."""
    if not isinstance(call.func, ast.Name) or call.args or call.keywords:
        return ""
    match module.scopes.bindings(call.func.id, scope):
        case [
            Binding(
                kind=BindingKind.FUNCTION,
                scope=Scope(parent=None),
                node=ast.FunctionDef(
                    decorator_list=[],
                    body=[*before, ast.Return(value=ast.Name(id=name))],
                ),
            )
        ] if all(map(_is_text, before)):
            return name
    return ""


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_later(binding: Binding, line: int, scope: Scope) -> bool:
    """Whether a flag is changed behind a line, or once the function was called."""
    if binding.scope is scope:
        return getattr(binding.node, "lineno", 0) > line
    match scope.node, binding.scope.node:
        case ast.FunctionDef(name=own), ast.FunctionDef(body=body):
            return own not in binding.scope.bindings and _calls(own, body, binding.node)
    return False


def _calls(own: str, body: Sequence[ast.stmt], target: ast.AST) -> bool:
    """Whether a function of that name is called on every way to a statement."""
    for statement in body:
        if statement is target:
            return False
        holds = any(node is target for node in ast.walk(statement))
        if any(_is_call(own, each) for each in _evaluated(statement, holds)):
            return True
        if holds:
            blocks = (getattr(statement, block, []) for block in _BLOCKS)
            return any(_calls(own, block, target) for block in blocks if block)
    return False


def _evaluated(statement: ast.stmt, holds: bool) -> Iterator[ast.expr | None]:
    """What a statement evaluates whatever it does, before what it holds."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            yield value
        case ast.If(test=test) if holds:
            yield test


def _is_call(own: str, value: ast.expr | None) -> bool:
    match value:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_call(own, operand)
        case ast.Call(func=ast.Name(id=name)):
            return name == own
    return False
