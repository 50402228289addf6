"""What a function may do, and what it calls, with the constants that the calls give.

``if workers < 1:`` says what happens where every call on the way gives ``workers=0``.
Knows plain tests of parameters that nothing binds again; every other branch is taken.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, decorator_names
from deventlet.resolve.values.program import Program

_Given: TypeAlias = Mapping[str, object]
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_UNKNOWN = object()
_NEW = (*FUNCTIONS, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Branches:
    """Answers about the functions of one program.

    :param called: the definitions that an expression of a file may call.
    :param depth: how many calls are followed.
    :param most: into how many functions, each counted once for what it is given.
    """

    program: Program
    called: Callable[[ast.expr, Module], list[Definition | None]]
    depth: int
    most: int

    def has(self, function: Definition, wanted: Callable[[ast.AST], bool]) -> bool:
        """Whether a function, or what it calls, may come to a node that is wanted.

        :param function: what is known to be called without a constant.
        """
        edge: list[tuple[Definition, _Given]] = [(function, {})]
        seen: set[tuple[Definition, str]] = set()
        for _ in range(self.depth + 1):
            fresh = {(f, repr(sorted(g.items()))): (f, g) for f, g in edge}
            edge = [fresh[key] for key in fresh if key not in seen]
            seen |= fresh.keys()
            if len(seen) > self.most:
                return True
            taken = [(f, g, node) for f, g in edge for node in _taken(f, g)]
            if any(wanted(node) for _, _, node in taken):
                return True
            calls = ((f, g, n) for f, g, n in taken if isinstance(n, ast.Call))
            edge = [each for f, g, call in calls for each in self._into(call, f, g)]
        return False

    def _into(
        self, call: ast.Call, function: Definition, given: _Given
    ) -> Iterator[tuple[Definition, _Given]]:
        """What a call runs, with the constants that it gives."""
        for callee in self.called(call.func, function.module):
            if callee is not None and isinstance(callee.node, FUNCTIONS):
                yield callee, self._given(call, callee, function, given)

    def _given(
        self, call: ast.Call, callee: Definition, function: Definition, given: _Given
    ) -> _Given:
        arguments = callee.node.args  # type: ignore[union-attr]
        if self._is_unclear(call, callee, function):
            return {}
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        values = _defaults(arguments, names)
        bound = names[1:] if self._is_method(callee) else names
        values |= {n: _value(a, given) for n, a in zip(bound, call.args, strict=False)}
        values |= {str(k.arg): _value(k.value, given) for k in call.keywords}
        return {
            name: value
            for name, value in values.items()
            if value is not _UNKNOWN and _is_constant(name, callee)
        }

    def _is_unclear(
        self, call: ast.Call, callee: Definition, function: Definition
    ) -> bool:
        """Whether it is not plain which parameter gets which argument."""
        starred = any(isinstance(each, ast.Starred) for each in call.args)
        if starred or any(each.arg is None for each in call.keywords):
            return True
        if getattr(callee.node, "decorator_list", []):
            return True  # which may give something else
        if not self._is_method(callee):
            return False
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(owner, ast.Call):
            made = getattr(owner.func, "id", "") == "super"
            return not made and not self._is_class(owner.func, function)
        if owner is None or not isinstance(owner, (ast.Name, ast.Attribute)):
            return True
        return self._is_class(owner, function)

    def _is_class(self, expr: ast.expr, function: Definition) -> bool:
        named = self.program.meanings.definitions(expr, function.module)
        return any(each and isinstance(each.node, ast.ClassDef) for each in named)

    def _is_method(self, function: Definition) -> bool:
        node = function.node
        return (
            not isinstance(node, (ast.Lambda, ast.ClassDef))
            and "staticmethod" not in decorator_names(node)
            and self.program.places.class_of(function.module, node) is not None
        )


def _defaults(arguments: ast.arguments, names: list[str]) -> dict[str, object]:
    pairs = [
        *zip(reversed(names), reversed(arguments.defaults), strict=False),
        *zip([a.arg for a in arguments.kwonlyargs], arguments.kw_defaults, strict=True),
    ]
    return {name: _value(default, {}) for name, default in pairs if default}


def _is_constant(name: str, function: Definition) -> bool:
    """Whether nothing but the call binds a parameter."""
    bindings = function.module.scopes.of(function.node).bindings.get(name, ())
    return len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER


def _value(expr: ast.expr, given: _Given) -> object:
    """A number, None or a truth value that an expression is, in a function."""
    if isinstance(expr, ast.Name):
        return given.get(expr.id, _UNKNOWN)
    plain = isinstance(expr, ast.Constant) and isinstance(
        expr.value, (int, float, type(None))
    )
    return expr.value if isinstance(expr, ast.Constant) and plain else _UNKNOWN


def _taken(function: Definition, given: _Given) -> Iterator[ast.AST]:
    """The nodes of a body without those of branches that are not taken.

    What is defined inside has parameters of its own, and may run at any time.
    """
    body = function.node.body
    waiting: list[tuple[ast.AST, _Given]] = [
        (node, given) for node in (body if isinstance(body, list) else [body])
    ]
    while waiting:
        node, known = waiting.pop()
        yield node
        known = {} if isinstance(node, _NEW) else known
        below: list[ast.AST] = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.If):
            truth = _truth(node.test, known)
            if truth is not None:
                below = [node.test, *(node.body if truth else node.orelse)]
        waiting += [(each, known) for each in below]


def _truth(test: ast.expr, given: _Given) -> bool | None:
    """What a test comes to; None if that is not known."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _truth(operand, given)
            return None if inner is None else not inner
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            values, compare = (_value(left, given), _value(right, given)), type(op)
            if _UNKNOWN in values or compare not in _COMPARE:
                return None
            try:
                return bool(_COMPARE[compare](*values))
            except TypeError:
                return None
    value = _value(test, given) if isinstance(test, ast.Name) else _UNKNOWN
    return None if value is _UNKNOWN else bool(value)
