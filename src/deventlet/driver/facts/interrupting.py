"""Whether an object is used by code that may interrupt a use of the same object.

Handlers of signals and finalizers run between any two steps of a thread, also while
that holds the lock inside of a queue, a semaphore or an event. Eventlet's have none.
"""

from __future__ import annotations

import ast

from deventlet.codemod import Context, Site, Subject
from deventlet.resolve.chains import called_name
from deventlet.resolve.uses import Use

_LOCKING = ("Queue", "Semaphore", "Lock", "Event", "Condition")
_REENTRANT = "RLock"
_LOCKLESS = frozenset({
    "ready", "is_set", "isSet", "locked", "maxsize", "queue", "unfinished_tasks",
})  # fmt: skip
"""What takes no lock, or one that the same thread may take again."""
_FINALIZER = "__del__"


def interrupts(subject: Subject, context: Context, used: dict[Site, Use]) -> str:
    """The place of a use that may come while another one holds the object's lock.

    :param used: what is known of each site.
    :returns: ``path:line``, with what runs it; empty if there is none in sight.
    """
    kinds = context.objects.kinds(subject) if subject.kind == "object" else frozenset()
    if not any(each.endswith(_LOCKING) for each in kinds) or _REENTRANT in kinds:
        return ""
    for site in subject.sites:
        member = context.objects.member(site) if site.form == "method" else None
        if member is not None and member.name not in _LOCKLESS:
            by = _run_by(used[site].parents) or context.flow.handler(site)
            if by:
                return f"{member.name} at {site.path}:{site.line}, run by {by}"
    return ""


def _run_by(parents: list[ast.AST]) -> str:
    """A finalizer around a use, or the call that makes a method itself a handler."""
    for node in reversed(parents):
        if isinstance(node, ast.FunctionDef) and node.name == _FINALIZER:
            return _FINALIZER
        if called_name(node) == "signal":
            return "signal()"
    return ""
