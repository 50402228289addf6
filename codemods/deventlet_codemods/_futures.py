"""How calls of an executor and uses of futures look. No codemod itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import Statement
from deventlet_codemods._arguments import hanging

_CLASHING = frozenset({"fn", "self", "future"})
"""Names of futurist's own parameters between ``submit`` and the task."""
TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


@dataclass(frozen=True, slots=True)
class Held:
    """``pool.spawn(f)`` or ``name = pool.spawn(f)`` as a statement of its own.

    :param name: what it is assigned to; None if it is discarded.
    """

    line: cst.SimpleStatementLine
    call: cst.Call
    name: cst.Name | cst.Attribute | None

    @classmethod
    def of(cls, held: Statement | None, call: cst.Call) -> Held | None:
        """The parts of a statement that does nothing but a call; None for others.

        :param call: as it stands outside of the statement.
        """
        if not isinstance(held, cst.SimpleStatementLine) or len(held.body) > 1:
            return None
        small = held.body[0]
        name: cst.BaseExpression | None = None
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            name = small.targets[0].target
        elif not isinstance(small, cst.Expr):
            return None
        value = small.value
        if not isinstance(value, cst.Call) or not value.func.deep_equals(call.func):
            return None
        if name is None or isinstance(name, (cst.Name, cst.Attribute)):
            return cls(held, value, name)
        return None

    def given(
        self, name: cst.Name | cst.Attribute, value: cst.BaseExpression
    ) -> cst.SimpleStatementLine:
        """The statement, with its comments, that gives a name a value."""
        assign = cst.Assign([cst.AssignTarget(name)], value)
        return self.line.with_changes(body=[assign])

    @property
    def placed(self) -> cst.Call:
        """The call as it looks behind a name; one over several lines begins below."""
        return self.call if self.name is not None else hanging(self.call)


def line(expression: cst.BaseExpression) -> cst.SimpleStatementLine:
    """A statement that is an expression."""
    return cst.SimpleStatementLine([cst.Expr(expression)])


def assigned(name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    """``name = value``"""
    target = cst.AssignTarget(cst.Name(name))
    return cst.SimpleStatementLine([cst.Assign([target], value)])


def called(
    owner: cst.BaseExpression, method: str, *arguments: cst.BaseExpression
) -> cst.Call:
    """``owner.method(argument, …)``"""
    attribute = cst.Attribute(owner, cst.Name(method))
    return cst.Call(attribute, [cst.Arg(each) for each in arguments])


def renamed(call: cst.Call, name: str) -> cst.Call:
    """The call of another method of the same object."""
    assert isinstance(call.func, cst.Attribute)
    return call.with_changes(func=call.func.with_changes(attr=cst.Name(name)))


def submitted(call: cst.Call, owner: cst.BaseExpression | None = None) -> cst.Call:
    """``pool.submit(f, …)`` for ``pool.spawn(f, …)``, or ``owner.submit(f, …)``."""
    arguments = task_first(call.args)
    assert arguments is not None
    made = renamed(call, "submit").with_changes(args=arguments)
    if owner is not None:
        made = made.with_changes(func=cst.Attribute(owner, cst.Name("submit")))
    return made


def task_first(arguments: Sequence[cst.Arg]) -> list[cst.Arg] | None:
    """The arguments with the task by position, as an executor wants it.

    None if the first is not the task for certain, or if one of its keywords is a
    parameter of futurist's own.
    """
    first = arguments[0] if arguments else None
    if first is None or first.star:
        return None
    if any(a.keyword and a.keyword.value in _CLASHING for a in arguments):
        return None
    if first.keyword is None:
        return list(arguments)
    if first.keyword.value not in ("function", "func"):
        return None
    plain = first.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return [plain, *arguments[1:]]


def spread(call: cst.Call, name: str) -> list[cst.Arg]:
    """The arguments of ``starmap(f, inputs)`` for ``map``, on lines of their own.

    :param name: of the parameter that holds one of the inputs.
    """
    function, inputs = call.args
    over = cst.Call(function.value, [cst.Arg(cst.Name(name), star="*")])
    each = cst.Lambda(cst.Parameters([cst.Param(cst.Name(name))]), over)
    before = call.whitespace_before_args
    comma = function.comma
    if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(comma, cst.Comma):
        comma = comma.with_changes(whitespace_after=before)
    return [function.with_changes(value=each, comma=comma), inputs]


def results_of(name: cst.BaseExpression) -> cst.GeneratorExp:
    """``(future.result() for future in name)``"""
    future = cst.Name("future")
    return cst.GeneratorExp(called(future, "result"), cst.CompFor(future, name))


def listed(name: cst.BaseExpression) -> cst.ListComp:
    """``[future.result() for future in name]``"""
    future = cst.Name("future")
    return cst.ListComp(called(future, "result"), cst.CompFor(future, name))


def at_least_one(value: cst.BaseExpression) -> cst.Call:
    """``max(1, value)``"""
    return cst.Call(cst.Name("max"), [cst.Arg(cst.Integer("1")), cst.Arg(value)])
