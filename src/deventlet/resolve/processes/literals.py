"""The value of an expression where the text alone decides it.

A small, safe part of Python: literals, names bound to them once, ``not``, ``and``,
``or``, comparisons and a few string methods. The environment counts as empty, so
that a guard gives what happens when nobody opts in or out. Nothing is run; what is
not decided is :data:`UNKNOWN`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deventlet.resolve.names import Names
from deventlet.resolve.processes.flags import first_found, given_back
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind, Scope


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_METHODS = frozenset({"startswith", "endswith", "lower", "upper", "strip"})
_READS = frozenset({"os.environ.get", "os.getenv"})
_TRUE_WORDS = ("1", "t", "true", "on", "y", "yes")
"""What ``oslo_utils.strutils.bool_from_string`` takes for true."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where expressions are evaluated.

    :param known: values of names that the caller decides (parameters).
    :param ignored: what mentions one of these words is taken for false.
    :param told: the attributes of ``sys`` that are known to be set to True.
    """

    names: Names
    module: Module
    scope: Scope
    known: Mapping[str, object]
    ignored: Sequence[str] = ()
    told: frozenset[str] = frozenset()

    def denotes(self, expr: ast.expr) -> frozenset[str]:
        """The dotted paths that an expression may be."""
        return self.names.denote(expr, self.scope, self.module)

    def assigned(self, name: str) -> ast.expr | None:
        """The one value that a name is ever given, if it has only one."""
        found = self.module.scopes.bindings(name, self.scope)
        if len(found) == 1 and found[0].kind is BindingKind.ASSIGN:
            return found[0].value
        return None

    def is_local(self, name: str) -> bool:
        """Whether only plain assignments of this function bind a name."""
        found = self.scope.bindings.get(name, ())
        plain = all(
            each.scope is self.scope and each.kind is BindingKind.ASSIGN
            for each in found
        )
        return self.scope.parent is not None and bool(found) and plain

    def flagged(self, name: str, line: int) -> ast.expr | None:
        """What this function finds at a line in a flag when it is called first."""
        return first_found(name, line, self.module, self.scope)


def evaluate(expr: ast.expr, frame: Frame) -> object:
    """The value of ``expr``, or :data:`UNKNOWN`."""
    if not isinstance(expr, _TRANSPARENT) and _mentions(expr, frame.ignored):
        return False
    handler = _HANDLERS.get(type(expr))
    try:
        return handler(expr, frame) if handler is not None else UNKNOWN
    except (TypeError, RecursionError):
        return UNKNOWN


def from_environment(expr: ast.expr, frame: Frame) -> bool:
    """Whether an expression reads the environment, itself or through a name."""
    names = (node.id for node in ast.walk(expr) if isinstance(node, ast.Name))
    values = (frame.assigned(name) for name in names)
    read = (value for value in values if value is not None)
    return any(_reads_directly(each, frame) for each in (expr, *read))


def options(expr: ast.expr, frame: Frame) -> list[ast.keyword] | None:
    """The keywords that ``**expr`` passes: of a dict that is bound and changed once.

    None where they are not known, or not only read.
    """
    if isinstance(expr, ast.Name):
        value = frame.assigned(expr.id)
        changed = (
            node
            for node in ast.walk(frame.module.tree)
            if isinstance(node, ast.Attribute | ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id == expr.id
        )
        return None if value is None or any(changed) else options(value, frame)
    match expr:
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=given):
            return given if all(each.arg for each in given) else None
        case ast.Dict(keys=keys, values=values):
            names = [k.value if isinstance(k, ast.Constant) else None for k in keys]
            return (
                [
                    ast.keyword(str(name), value)
                    for name, value in zip(names, values, strict=True)
                ]
                if all(names)
                else None
            )
    return None


def _reads_directly(expr: ast.expr, frame: Frame) -> bool:
    return any(
        _is_environment(each)
        for node in ast.walk(expr)
        if isinstance(node, ast.Attribute | ast.Name)
        for each in frame.denotes(node)
    )


def _is_environment(dotted: str) -> bool:
    return dotted in ("os.environ", "os.getenv")


def _mentions(expr: ast.expr, words: Sequence[str]) -> bool:
    return any(word in text for text in _identifiers(expr) for word in words)


def _identifiers(expr: ast.expr) -> Iterator[str]:
    for node in ast.walk(expr):
        match node:
            case ast.Name(id=text) | ast.Attribute(attr=text):
                yield text
            case ast.Constant(value=str(text)):
                yield text


def _constant(expr: ast.Constant, frame: Frame) -> object:
    return expr.value


def _sequence(expr: ast.Tuple | ast.List | ast.Set, frame: Frame) -> object:
    values = tuple(evaluate(item, frame) for item in expr.elts)
    return UNKNOWN if UNKNOWN in values else values


def _name(expr: ast.Name, frame: Frame) -> object:
    if expr.id in frame.known:
        return frame.known[expr.id]
    value = frame.assigned(expr.id) or frame.flagged(expr.id, expr.lineno)
    return UNKNOWN if value is None else evaluate(value, frame)


def _unary(expr: ast.UnaryOp, frame: Frame) -> object:
    value = evaluate(expr.operand, frame)
    if value is UNKNOWN or not isinstance(expr.op, ast.Not):
        return UNKNOWN
    return not value


def _bool(expr: ast.BoolOp, frame: Frame) -> object:
    """The operand that decides; a later one decides as well, if it is known.

    What is false decides an ``and``, and True itself an ``or``.
    """
    values = [evaluate(part, frame) for part in expr.values]
    deciding = isinstance(expr.op, ast.Or)
    for value in values:
        if value is UNKNOWN:
            false = any(v is not UNKNOWN and not v for v in values)
            known = any(v is True for v in values) if deciding else false
            return deciding if known else UNKNOWN
        if bool(value) is deciding:
            return value
    return values[-1]


def _conditional(expr: ast.IfExp, frame: Frame) -> object:
    test = evaluate(expr.test, frame)
    if test is UNKNOWN:
        return UNKNOWN
    return evaluate(expr.body if test else expr.orelse, frame)


def _compare(expr: ast.Compare, frame: Frame) -> object:
    compare = _COMPARE.get(type(expr.ops[0]))
    if len(expr.ops) != 1 or compare is None:
        return UNKNOWN
    right = expr.comparators[0]
    if "os.environ" in frame.denotes(right):
        return (
            compare("", ()) if isinstance(expr.ops[0], ast.In | ast.NotIn) else UNKNOWN
        )
    values = evaluate(expr.left, frame), evaluate(right, frame)
    return UNKNOWN if UNKNOWN in values else compare(*values)


def _call(expr: ast.Call, frame: Frame) -> object:
    if not _READS.isdisjoint(frame.denotes(expr.func)):
        default = [*expr.args[1:], *(k.value for k in expr.keywords)]
        return evaluate(default[0], frame) if default else None
    if _asks_for_told(expr, frame):
        return True
    flag = given_back(expr, frame.module, frame.scope)
    found = frame.flagged(flag, expr.lineno) if flag else None
    if found is not None:
        return evaluate(found, frame)
    arguments = [evaluate(arg, frame) for arg in expr.args]
    if expr.keywords or UNKNOWN in arguments:
        return UNKNOWN
    if isinstance(expr.func, ast.Attribute) and expr.func.attr == "bool_from_string":
        return (
            str(arguments[0]).strip().lower() in _TRUE_WORDS if arguments else UNKNOWN
        )
    if isinstance(expr.func, ast.Attribute) and expr.func.attr in _METHODS:
        owner = evaluate(expr.func.value, frame)
        if isinstance(owner, str):
            method: Callable[..., object] = getattr(owner, expr.func.attr)
            return method(*arguments)
    return UNKNOWN


def _asks_for_told(expr: ast.Call, frame: Frame) -> bool:
    """``hasattr(sys, "_called_from_test")``, or ``getattr`` of it."""
    match expr:
        case ast.Call(
            func=ast.Name(id="hasattr" | "getattr"),
            args=[ast.Name() as owner, ast.Constant(value=str(name)), *_],
        ):
            return name in frame.told and frame.denotes(owner) == {"sys"}
    return False


_TRANSPARENT = (ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.Constant)
_HANDLERS: dict[type, Callable[[Any, Frame], object]] = {
    ast.Constant: _constant,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Name: _name,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.IfExp: _conditional,
    ast.Compare: _compare,
    ast.Call: _call,
}
