"""Decide ``executor='eventlet'`` of oslo.messaging: the argument goes, or its value.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._arguments import without

_POSITION = 3
_BY_ITSELF = (12,)
"""The version from which the library takes threads when no executor is named."""
_LISTENING = ("allow_requeue", "pool", "batch_size", "batch_timeout")
_FOLLOWING = {
    "get_rpc_server": ("serializer", "access_policy"),
    "get_notification_listener": ("serializer", *_LISTENING),
    "get_batch_notification_listener": ("serializer", *_LISTENING),
    "RPCServer": (),
    "NotificationServer": _LISTENING,
    "BatchNotificationServer": _LISTENING,
}
"""The parameters behind the executor."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one call, an alias with its calls, or a mock with what it expects."""
    actions: dict[Site, Action] = {}
    options: list[str] = []
    for site in subject.sites:
        found = _site(site, subject, context) if site.form == "call" else _Found()
        if isinstance(found, Refuse):
            return found
        actions |= {site: Keep(), **found.actions}
        options += found.options
    is_old = context.project.allows_before("oslo.messaging", _BY_ITSELF)
    if is_old and any(site.form == "string" for site in actions):
        return Refuse(
            "rpc-executor.computed", "oslo.messaging before 12.0 needs a name"
        )
    takes = any(isinstance(action, Replace) for action in actions.values())
    caveats = ["rpc-executor.old-library"] if takes and is_old else []
    caveats += ["rpc-executor.option"] if options else []
    return Rewrite(actions, tuple(caveats), tuple(map(_proof, options)))


@dataclass(frozen=True, slots=True)
class _Found:
    """What becomes of one site, and the options whose defaults change for it."""

    actions: Mapping[Site, Action] = field(default_factory=dict)
    options: tuple[str, ...] = ()


def _site(site: Site, subject: Subject, context: Context) -> _Found | Refuse:
    """A call without its executor, or with None where it was ``'eventlet'``."""
    call = context.code.call(site)
    if any(argument.star for argument in call.args[:_POSITION]):
        return Refuse("rpc-executor.star-args")
    index = _executor(call)
    if index is None:
        return Refuse("rpc-executor.star-args")
    if not isinstance(call.args[index].value, cst.SimpleString):
        return _elsewhere(site, subject, context)
    following = _FOLLOWING[subject.api.rpartition(".")[2]]
    return _Found({site: Replace(without(call, index, following))})


def _elsewhere(site: Site, subject: Subject, context: Context) -> _Found | Refuse:
    """None in each place that says ``'eventlet'`` for nothing but the executor.

    Not the argument goes, but what it is: it may be ``'threading'`` as well.
    """
    if subject.kind == "mock":
        return Refuse("rpc-executor.computed", "a test expects what it computes")
    found = context.mocks.strings(site)
    if found.lost:
        return Refuse("rpc-executor.computed", found.lost)
    none = Replace(cst.Name("None"))
    ours = (each for each in found.sites if _is_eventlet(each, context))
    return _Found(dict.fromkeys(ours, none), found.options)


def _is_eventlet(site: Site, context: Context) -> bool:
    literal = context.code.expression(site)
    assert isinstance(literal, (cst.SimpleString, cst.ConcatenatedString))
    return literal.evaluated_value == "eventlet"


def _proof(option: str) -> str:
    return f"nothing else reads the option that is declared at {option}"


def _executor(call: cst.Call) -> int | None:
    """Where the argument stands: by keyword, or as the fourth by position."""
    for index, argument in enumerate(call.args):
        if argument.keyword is None:
            if index == _POSITION and not argument.star:
                return index
        elif argument.keyword.value == "executor":
            return index
    return None
