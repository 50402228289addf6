"""What a test expects of a mocked start, as it has to expect it of a thread's class.

``spawn.assert_called_once_with(f, 1)`` becomes ``…(target=f, args=(1,), daemon=True)``.
Only what is the same question of both is translated. No codemod itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from deventlet.codemod import Action, Asked, Context, Mocked, Replace, Site
from deventlet_codemods import _threads

_COUNTED = frozenset({
    "called", "call_count", "assert_called", "assert_called_once", "assert_not_called",
    "reset_mock",
})  # fmt: skip
_EXPECTED = frozenset({
    "assert_called_with", "assert_called_once_with", "assert_any_call",
})  # fmt: skip
_SEVERAL = "assert_has_calls"
_NOTHING = cst.SimpleWhitespace("")
_TIGHT = cst.AssignEqual(_NOTHING, _NOTHING)


def translated(
    mocked: Mocked, starts: Sequence[_threads.Start], delayed: bool, context: Context
) -> dict[Site, Action] | str:
    """What becomes of all that a test asks, or what it is that has no such form.

    :param starts: the calls that the mock intercepts.
    """
    if mocked.lost:
        return f"the mock is out of sight: {mocked.lost}"
    own = _own(mocked, starts, delayed, context)
    if isinstance(own, str):
        return own
    is_spread = any(each.star for s in starts for each in (*s.positional, *s.named))
    actions: dict[Site, Action] = dict(own)
    for asked in mocked.asked:
        words = ".".join(asked.path) or "a call of it"
        where = f"{words} at line {asked.site.line}"
        if _is_same(asked, delayed):
            continue
        call = context.code.call(asked.site) if asked.how == "called" else None
        new = _expected(call, asked.path, delayed) if call is not None else None
        if new is None:
            return f"{where} has no such form"
        if is_spread:
            return f"{where} meets arguments that the code has in a star"
        actions[asked.site] = Replace(new)
    return actions


def _own(
    mocked: Mocked, starts: Sequence[_threads.Start], delayed: bool, context: Context
) -> dict[Site, Action] | str:
    """What becomes of what the test itself puts in the name's place, if it does."""
    if not mocked.fakes:
        return {}
    fake = context.code.expression(mocked.fake) if mocked.fake is not None else None
    if mocked.fake is None or delayed or not isinstance(fake, cst.Lambda):
        return "the test gives it something of its own to do or to give"
    new = _at_once(fake, starts, context)
    if new is None:
        return "the test gives it a lambda that does more than to call what it gets"
    return {mocked.fake: Replace(new)}


def _at_once(
    fake: cst.Lambda, starts: Sequence[_threads.Start], context: Context
) -> cst.Lambda | None:
    """``lambda f, *a: f(*a)`` for a class: its object runs the function when started.

    ``lambda target, args, daemon: mock.Mock(start=lambda: target(*args))``.
    """
    if not _calls_first(fake) or not starts:
        return None
    positional = [bool(start.positional) for start in starts]
    named = [bool(start.named) for start in starts]
    own = fake.params
    if (any(positional) and own.star_arg is cst.MaybeSentinel.DEFAULT) or (
        any(named) and own.star_kwarg is None
    ):
        return None
    uses = [("args", "()", positional), ("kwargs", "{}", named)]
    given = [cst.Arg(cst.Name("args"), star="*")] if any(positional) else []
    given += [cst.Arg(cst.Name("kwargs"), star="**")] if any(named) else []
    run = cst.Lambda(cst.Parameters(), cst.Call(cst.Name("target"), given))
    always = ["target", *(name for name, _, n in uses if all(n)), "daemon"]
    parameters = [cst.Param(cst.Name(name)) for name in always] + [
        cst.Param(cst.Name(name), default=cst.parse_expression(empty), equal=_TIGHT)
        for name, empty, n in uses
        if any(n) and not all(n)
    ]
    start = cst.Arg(run, cst.Name("start"), equal=_TIGHT)
    made = cst.Call(context.names.name_of("unittest.mock", "Mock"), [start])
    return cst.Lambda(cst.Parameters(parameters), made)


def _calls_first(fake: cst.Lambda) -> bool:
    """Whether a lambda calls its first parameter with all the others."""
    own, call = fake.params, fake.body
    plain = [*own.posonly_params, *own.params]
    if len(plain) != 1 or own.kwonly_params or plain[0].default is not None:
        return False
    if not isinstance(call, cst.Call) or not call.func.deep_equals(plain[0].name):
        return False
    stars = [
        (star, each.name.value)
        for star, each in (("*", own.star_arg), ("**", own.star_kwarg))
        if isinstance(each, cst.Param)
    ]
    return stars == [
        (each.star, each.value.value) if isinstance(each.value, cst.Name) else None
        for each in call.args
    ]


def _is_same(asked: Asked, delayed: bool) -> bool:
    """Whether the class of a thread answers a question as the function did."""
    path = asked.path
    if delayed and path[:2] == ("return_value", "cancel"):
        path = path[2:]
    return len(path) == 1 and path[0] in _COUNTED and asked.how != "stored"


def _expected(
    call: cst.Call, path: tuple[str, ...], delayed: bool
) -> cst.BaseExpression | None:
    """An assertion of arguments, with those that the thread gets."""
    if len(path) != 1:
        return None
    if path[0] in _EXPECTED:
        return _as_thread(call, delayed)
    return _of_several(call, delayed) if path[0] == _SEVERAL else None


def _of_several(call: cst.Call, delayed: bool) -> cst.Call | None:
    """``assert_has_calls([call(f)])``; two in a row are not, as each is started."""
    given = call.args[0].value if call.args else None
    if not isinstance(given, cst.List) or any(each.star for each in call.args):
        return None
    any_order = [each for each in call.args[1:] if _is_any_order(each)]
    if len(call.args) - 1 != len(any_order) or (
        len(given.elements) > 1 and not any_order
    ):
        return None
    elements: list[cst.BaseElement] = []
    for each in given.elements:
        named = each.value.func if isinstance(each.value, cst.Call) else None
        name = getattr(named, "attr", named)
        if not isinstance(name, cst.Name) or name.value != "call":
            return None
        assert isinstance(each.value, cst.Call)
        new = _as_thread(each.value, delayed)
        if new is None:
            return None
        elements.append(each.with_changes(value=new))
    first = call.args[0].with_changes(value=given.with_changes(elements=elements))
    return call.with_changes(args=[first, *call.args[1:]])


def _is_any_order(argument: cst.Arg) -> bool:
    is_true = isinstance(argument.value, cst.Name) and argument.value.value == "True"
    is_it = argument.keyword is None or argument.keyword.value == "any_order"
    return is_true and is_it


def _as_thread(call: cst.Call, delayed: bool) -> cst.Call | None:
    """The call with the arguments that the class gets."""
    start = _threads.read(call, delayed)
    if start is None or any(each.star for each in (*start.positional, *start.named)):
        return None
    made = _threads.timer if delayed else _threads.thread
    return made(call.func, start, lambda name: "")
