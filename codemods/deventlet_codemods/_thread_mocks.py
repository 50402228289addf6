"""What a test expects of a mocked start, as it has to expect it of a thread's class.

``spawn.assert_called_once_with(f, 1)`` becomes ``…(target=f, args=(1,), daemon=True)``.
Only what is the same question of both is translated. No codemod itself.
"""

from __future__ import annotations

from collections.abc import Iterable

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


def translated(
    mocked: Mocked, starts: Iterable[_threads.Start], delayed: bool, context: Context
) -> dict[Site, Action] | str:
    """What becomes of all that a test asks, or what it is that has no such form.

    :param starts: the calls that the mock intercepts.
    """
    if mocked.lost:
        return f"the mock is out of sight: {mocked.lost}"
    if mocked.fakes:
        return "the test gives it something of its own to do or to give"
    is_spread = any(each.star for s in starts for each in (*s.positional, *s.named))
    actions: dict[Site, Action] = {}
    for asked in mocked.asked:
        words = ".".join(asked.path) or "a call of it"
        where = f"{words} at line {asked.site.line}"
        if _is_same(asked, delayed):
            continue
        call = context.call(asked.site) if asked.how == "called" else None
        new = _expected(call, asked.path, delayed) if call is not None else None
        if new is None:
            return f"{where} has no such form"
        if is_spread:
            return f"{where} meets arguments that the code has in a star"
        actions[asked.site] = Replace(new)
    return actions


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
