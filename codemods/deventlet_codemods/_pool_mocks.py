"""A mock of a pool's class, as one of the executor's class. No codemod itself.

It moves if all that the code does with the pool keeps its arguments and only gets
another name: then the test asks for that name, and nothing else is different.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libcst as cst

from deventlet.codemod import Action, Asked, Context, Mocked, Replace, Retarget, Site

RENAMED: Mapping[str, str] = {"imap": "map"}
"""The methods of pools of which an executor's takes the place with the same arguments,
and gives what the same loops go over."""

_COUNTED = frozenset({
    "called", "call_count", "assert_called", "assert_called_once", "assert_not_called",
})  # fmt: skip
_ASKED = _COUNTED | frozenset({
    "assert_called_with", "assert_called_once_with", "assert_any_call",
    "assert_has_calls", "return_value",
})  # fmt: skip
_MADE = "return_value"


def translated(mocked: Mocked, context: Context) -> dict[Site, Action] | str:
    """What becomes of all that a test asks, or what it is that has no such form."""
    if mocked.lost:
        return f"the mock is out of sight: {mocked.lost}"
    if mocked.fakes or mocked.set_up:
        return "the test gives it something of its own to do or to give"
    actions: dict[Site, Action] = {}
    for asked in mocked.asked:
        if _is_same(asked):
            continue
        new = _renamed(asked, context)
        if new is None:
            words = ".".join(asked.path) or "a call of it"
            return f"{words} at line {asked.site.line} has no such form"
        actions[asked.site] = Replace(new)
    return actions


def target(made: Iterable[Action | None], context: Context) -> Retarget | None:
    """The one class that all of some calls of the pool's get; None if it is not one."""
    classes = {
        context.names.dotted(each.node.func)
        if isinstance(each, Replace) and isinstance(each.node, cst.Call)
        else None
        for each in made
    }
    dotted = classes.pop() if len(classes) == 1 else None
    module, _, name = (dotted or "").rpartition(".")
    return Retarget(module, name) if module else None


def _is_same(asked: Asked) -> bool:
    """Whether the class is only counted, or given a mock to give."""
    if asked.path == (_MADE,):
        return asked.how == "stored"
    return len(asked.path) == 1 and asked.path[0] in _COUNTED and asked.how != "stored"


def _renamed(asked: Asked, context: Context) -> cst.BaseExpression | None:
    """A question of a method, asked of the one in its place."""
    made, method, *questions = (*asked.path, "", "")
    known = all(each in _ASKED for each in questions if each)
    if made != _MADE or method not in RENAMED or not known or asked.how == "stored":
        return None
    return _with_name(context.code.expression(asked.site), method)


def _with_name(node: cst.BaseExpression, method: str) -> cst.BaseExpression | None:
    """A chain of attributes and calls with another name in the place of a method's."""
    if isinstance(node, cst.Call):
        inner = _with_name(node.func, method)
        return node.with_changes(func=inner) if inner is not None else None
    if not isinstance(node, cst.Attribute):
        return None
    if node.attr.value == method:
        return node.with_changes(attr=cst.Name(RENAMED[method]))
    inner = _with_name(node.value, method)
    return node.with_changes(value=inner) if inner is not None else None
