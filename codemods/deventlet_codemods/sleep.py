"""Decide ``eventlet.sleep``: one positional, non-negative argument, or nothing.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from deventlet.codemod import (
    Asked,
    Context,
    Decision,
    Keep,
    Mocked,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
    Swap,
)
from deventlet_codemods._nodes import is_name, within
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import Found, actions_with_caveats

_YIELD_HELPER = "yield_helper"
_COUNTING = frozenset({
    "assert_called", "assert_called_once", "assert_not_called", "called", "call_count",
    "reset_mock",
})  # fmt: skip
"""What a test asks of a mock, whatever the arguments of the calls."""
_SAYING = frozenset({
    "assert_called_with", "assert_called_once_with", "assert_any_call",
    "assert_has_calls",
})  # fmt: skip
_NOT_COUNTING = frozenset({"assert_not_called", "reset_mock", "return_value"})
"""What a call more or less says nothing to, if the test was right before."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one use, alias or mock of ``eventlet.sleep``."""
    if subject.kind == "mock":
        return _mock(subject, context)
    found = actions_with_caveats(
        subject.sites, lambda site: _site(site, subject, context)
    )
    if isinstance(found, Refuse):
        return found
    actions, caveats = found
    for site in subject.sites:
        always = context.mocks.mocked_for_all("time", "sleep", site)
        if always:
            return Refuse("sleep.mocked", f"{always} mocks it for all of its tests")
    unseen = context.objects.unseen_call(subject)
    if unseen:
        return Refuse("sleep.module-passed", f"such as {unseen}")
    if subject.exported:
        caveats.append("sleep.exported")
    running = [s for s in subject.sites if s not in subject.bindings]
    where = running or subject.sites
    values = (site for site in running if site.form == "reference")
    taken = (*subject.bindings, *values)
    return where_patched("time", where, context, actions, caveats, taken)


def _mock(subject: Subject, context: Context) -> Decision:
    """``time.sleep``, or the project's own yield if every call becomes that.

    On native threads a yield need not sleep, so that a mock of ``time.sleep`` would
    see no call.
    """
    calls = [site for site in subject.intercepts if site.form in ("call", "reference")]
    helpers = {_yield_at(site, context) for site in calls}
    mocked = context.mocks.mocked(subject)
    counted = all(each.path and each.path[0] in _COUNTING for each in mocked.asked)
    own = helpers.pop() if len(helpers) == 1 else None
    if own is not None and counted and not (mocked.lost or mocked.fakes):
        module, _, name = own.rpartition(".")
        return Rewrite({subject.origin: Retarget(module, name)})
    missed = _missed(mocked, context) if own or helpers - {None} else None
    return missed or Rewrite({subject.origin: Retarget("time", "sleep")})


def _missed(mocked: Mocked, context: Context) -> Refuse | None:
    """What a test has of a mock that is not the same if the yields do not meet it.

    None where it says all the calls there are, and none is a yield: it comes to none.
    """
    if mocked.calls is not None and not any(map(_is_yield, mocked.calls)):
        return None
    if mocked.lost or (mocked.fakes and not _does_nothing(mocked.fake, context)):
        return Refuse("mock.asked", mocked.lost or "what it does when it is called")
    for asked in mocked.asked:
        if not asked.path or not _is_deaf(asked, context):
            said, where = ".".join(asked.path) or "a call", f"line {asked.site.line}"
            if asked.path[:1] and asked.path[0] in _SAYING:
                return Refuse("mock.arguments", f"the test expects it at {where}")
            return Refuse("mock.asked", f"{said} at {where}")
    return None


def _does_nothing(fake: Site | None, context: Context) -> bool:
    """Whether a fake is ``lambda seconds: None``."""
    made = context.code.expression(fake) if fake is not None else None
    return isinstance(made, cst.Lambda) and isinstance(made.body, cst.Name)


def _is_deaf(asked: Asked, context: Context) -> bool:
    """Whether an answer is the same with and without a yield among the calls."""
    if asked.path[0] not in _SAYING or asked.how != "called":
        return asked.path[0] in _NOT_COUNTING
    call = context.code.call(asked.site)
    said = [each for each in within(call, cst.Call) if is_name(each.func, 1)]
    expected = said[1:] if asked.path[0] == "assert_has_calls" else [call]
    return all(map(_is_long, expected))


def _is_long(call: cst.Call) -> bool:
    """Whether a call that is expected is of a number, and no yield."""
    value = call.args[0].value if len(call.args) == 1 else None
    number = isinstance(value, (cst.Integer, cst.Float))
    return value is not None and number and not _is_zero(value)


def _is_yield(arguments: tuple[object, ...]) -> bool:
    return not arguments or arguments[0] == 0


def _yield_at(site: Site, context: Context) -> str | None:
    """The dotted name of the project's own yield, if a site becomes a call of it."""
    if site.form != "call":
        return None
    arguments = context.code.call(site).args
    plain = len(arguments) < 2 and not any(argument.star for argument in arguments)
    if not plain or not (not arguments or _is_zero(arguments[0].value)):
        return None
    helper = context.names.helper(_YIELD_HELPER, site)
    return None if helper is None else context.names.dotted(helper)


def _site(site: Site, subject: Subject, context: Context) -> Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "import":
        return Swap("time", "sleep"), ()
    if site.form == "call":
        return _call(site, subject, context)
    if site not in subject.bindings:
        role = context.flow.role(site)
        if role.asked and subject.kind == "use":
            return Replace(context.names.name_of("time", "sleep")), ()
        if not role.called:
            return Refuse("sleep.unknown-callee", role.why)
        if any(count != 1 for count in role.shapes):
            return Refuse(
                "sleep.unknown-callee", "it is called without exactly one argument"
            )
        if subject.kind == "alias":
            return Keep(), ()
    function = _function(site, context)
    return function if isinstance(function, Refuse) else (Replace(function), ())


def _call(site: Site, subject: Subject, context: Context) -> Found:
    """``sleep()``, ``sleep(n)`` or ``sleep(seconds=n)``."""
    call = context.code.call(site)
    if any(argument.star for argument in call.args):
        return Refuse("sleep.star-args")
    if len(call.args) > 1 or any(_unknown_keyword(a) for a in call.args):
        return Refuse("sleep.arguments")
    value = call.args[0].value if call.args else cst.Integer("0")
    if isinstance(value, cst.Name) and value.value == "None":
        return Refuse("sleep.arguments", "None is not a number of seconds")
    early = context.processes.runs_early("time", site) if _is_zero(value) else ""
    if early:
        return Refuse("sleep.hub", early)
    helper = context.names.helper(_YIELD_HELPER, site) if _is_zero(value) else None
    if helper is not None and not context.mocks.is_mocked("time", "sleep", site):
        return Replace(call.with_changes(func=helper, args=[])), ()
    function = call.func if subject.kind == "alias" else _function(site, context)
    if isinstance(function, Refuse):
        return function
    argument, caveats = _seconds(value, site, context)
    changed = call.with_changes(func=function, args=_arguments(call, argument))
    if subject.kind == "alias" and changed.deep_equals(call):
        return Keep(), caveats
    return Replace(changed), caveats


def _function(site: Site, context: Context) -> cst.BaseExpression | Refuse:
    """``time.sleep``, or what it is before the tests of the file mock it."""
    if not context.mocks.is_mocked("time", "sleep", site):
        return context.names.name_of("time", "sleep")
    early = context.processes.early_import("time", site)
    if not early:
        return context.names.itself("time", "sleep")
    return context.names.kept("time", "sleep", site) or Refuse("sleep.mocked", early)


def _unknown_keyword(argument: cst.Arg) -> bool:
    return argument.keyword is not None and argument.keyword.value != "seconds"


def _arguments(call: cst.Call, value: cst.BaseExpression) -> list[cst.Arg]:
    """The one positional argument, with the comma and comments that were there."""
    if not call.args:
        return [cst.Arg(value)]
    return [
        call.args[0].with_changes(
            keyword=None, equal=cst.MaybeSentinel.DEFAULT, value=value
        )
    ]


def _seconds(
    value: cst.BaseExpression, site: Site, context: Context
) -> tuple[cst.BaseExpression, tuple[str, ...]]:
    """The argument that cannot be negative, or a caveat that it might."""
    if isinstance(value, (cst.Integer, cst.Float)) or _is_guarded(value, site, context):
        return value, ()
    if isinstance(value, cst.Name) and _is_constant(value.value, site, context):
        return value, ()
    if any(_negations(value)):
        known = context.names.builtin("max", site)
        guard = cst.Name("max") if known else context.names.name_of("builtins", "max")
        bare = value.with_changes(lpar=[], rpar=[]) if _one_line(value) else value
        return cst.Call(guard, [cst.Arg(cst.Integer("0")), cst.Arg(bare)]), ()
    return value, ("sleep.negative",)


def _is_constant(name: str, site: Site, context: Context) -> bool:
    """``DELAY = 2`` and nothing else: a name for a number that is not negative."""
    number = context.names.number(name, site)
    return number is not None and number >= 0


def _is_zero(value: cst.BaseExpression) -> bool:
    return isinstance(value, (cst.Integer, cst.Float)) and value.evaluated_value == 0


def _is_guarded(value: cst.BaseExpression, site: Site, context: Context) -> bool:
    """``max(0, …)``, ``abs(…)``, ``-x if x < 0 else 0``: never negative.

    The functions must be the built-ins.
    """
    if isinstance(value, cst.IfExp):
        return _is_guarded_by_condition(value)
    if not (isinstance(value, cst.Call) and isinstance(value.func, cst.Name)):
        return False
    if not context.names.builtin(value.func.value, site):
        return False
    if value.func.value == "abs":
        return True
    return value.func.value == "max" and any(
        isinstance(argument.value, (cst.Integer, cst.Float)) for argument in value.args
    )


def _is_guarded_by_condition(value: cst.IfExp) -> bool:
    """``-x if x < 0 else 0``, as the looping calls of OpenStack have it."""
    match value:
        case cst.IfExp(
            test=cst.Comparison(
                left=cst.Name(value=tested),
                comparisons=[
                    cst.ComparisonTarget(
                        operator=cst.LessThan(), comparator=cst.Integer(value="0")
                    )
                ],
            ),
            body=cst.UnaryOperation(
                operator=cst.Minus(), expression=cst.Name(value=given)
            ),
            orelse=cst.Integer() | cst.Float(),
        ):
            return tested == given
    return False


def _one_line(value: cst.BaseExpression) -> bool:
    return "\n" not in cst.Module([]).code_for_node(value)


def _negations(value: cst.BaseExpression) -> Iterator[bool]:
    """Where arithmetic can make the value negative: a minus, not one in an exponent.

    Arguments of calls and subscripts are not looked into: their sign says nothing
    about the sign of the result.
    """
    if isinstance(value, cst.UnaryOperation):
        yield isinstance(value.operator, (cst.Minus, cst.BitInvert))
        yield from _negations(value.expression)
    elif isinstance(value, cst.BinaryOperation):
        yield isinstance(value.operator, cst.Subtract)
        yield from _negations(value.left)
        if not isinstance(value.operator, cst.Power):
            yield from _negations(value.right)
    elif isinstance(value, cst.NamedExpr):
        yield from _negations(value.value)
    elif isinstance(value, cst.IfExp):
        yield from _negations(value.body)
        yield from _negations(value.orelse)
    elif isinstance(value, cst.BooleanOperation):
        yield from _negations(value.left)
        yield from _negations(value.right)
