"""Decide ``executor='eventlet'`` of oslo.messaging: the argument goes, or nothing.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

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
_SERVER = ("serializer", "access_policy")
_LISTENER = ("serializer", "allow_requeue", "pool", "batch_size", "batch_timeout")


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one call, an alias with its calls, or a mock with what it expects."""
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        found = _site(site, subject, context) if site.form == "call" else Keep()
        if isinstance(found, Refuse):
            return found
        actions[site] = found
    takes = any(isinstance(action, Replace) for action in actions.values())
    is_old = takes and context.allows_before("oslo.messaging", _BY_ITSELF)
    return Rewrite(actions, ("rpc-executor.old-library",) if is_old else ())


def _site(site: Site, subject: Subject, context: Context) -> Action | Refuse:
    """A call without its executor."""
    call = context.call(site)
    if any(argument.star for argument in call.args[:_POSITION]):
        return Refuse("rpc-executor.star-args")
    index = _executor(call)
    if index is None:
        return Refuse("rpc-executor.star-args")
    value = call.args[index].value
    if not isinstance(value, cst.SimpleString):
        text = cst.Module([]).code_for_node(value)
        return Refuse("rpc-executor.computed", " ".join(text.split()))
    following = _SERVER if subject.api.endswith("get_rpc_server") else _LISTENER
    return Replace(without(call, index, following))


def _executor(call: cst.Call) -> int | None:
    """Where the argument stands: by keyword, or as the fourth by position."""
    for index, argument in enumerate(call.args):
        if argument.keyword is None:
            if index == _POSITION and not argument.star:
                return index
        elif argument.keyword.value == "executor":
            return index
    return None
