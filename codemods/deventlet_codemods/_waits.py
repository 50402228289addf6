"""Blocking calls that can limit themselves: which argument, and how they tell.

Knows the classes of the standard library and Eventlet's of these kinds, by what made
the object; a method of anything else has no answer. No codemod itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from deventlet.codemod import Context, Site

_EVENTLET_QUEUES = frozenset({
    "eventlet.Queue", "eventlet.queue.LightQueue", "eventlet.queue.LifoQueue",
    "eventlet.queue.PriorityQueue",
})  # fmt: skip
_EVENTLET_LOCKS = frozenset({"eventlet.Semaphore", "eventlet.BoundedSemaphore"})
_EVENTLET = _EVENTLET_QUEUES | _EVENTLET_LOCKS | {"eventlet.Event"}
_QUEUES = _EVENTLET_QUEUES | {
    "queue.Queue", "queue.LifoQueue", "queue.PriorityQueue",
}  # fmt: skip
_SEMAPHORES = frozenset({"threading.Semaphore", "threading.BoundedSemaphore"})
_LOCKS = _EVENTLET_LOCKS | _SEMAPHORES | {"threading.Lock", "threading.RLock"}
_EVENTS = frozenset({"threading.Event", "eventlet.Event"})
_PROCESSES = frozenset({"subprocess.Popen"})
_TIMED_EVENTS = 0, 22, 1
"""The version of Eventlet in which ``Event.wait`` got its timeout."""

_PLAIN = (cst.Name, cst.Attribute, cst.SimpleString, cst.Integer, cst.Float)


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that can limit itself.

    :param module: what has to be patched for it to block its own green thread only;
        empty if it is Eventlet's.
    :param arguments: how many it may have: what is put, or sent to a process.
    :param raises: what it raises once the time is over, as module and name; empty if
        it returns something false.
    :param exact: whether what it returns then is returned in no other case.
    :param takes: what it takes for a time: ``any`` with the meaning that Timeout gives
        it, as None is for ever; ``positive``, where a negative one raises; ``known``,
        where a negative one or None means something else.
    """

    module: str
    arguments: int = 0
    raises: tuple[str, str] | None = None
    exact: bool = True
    takes: Literal["any", "positive", "known"] = "any"


def wait(call: cst.Call, site: Site, context: Context) -> Wait | None:
    """How a call can be limited that waits for ever; None if that is not known.

    Nothing in its arguments may wait either. ``get(False)`` does not wait, and what it
    raises is not the end of the time.
    """
    if not isinstance(call.func, cst.Attribute):
        return None
    made = _made(call.func.value, site, context)
    if "eventlet.Event" in made and context.project.allows_before(
        "eventlet", _TIMED_EVENTS
    ):
        return None
    found = _known(call.func.attr.value, made)
    return found if found is not None and _is_unlimited(call, found) else None


def limited(call: cst.Call, seconds: cst.BaseExpression) -> cst.Call:
    """The call with ``timeout=seconds``."""
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    timeout = cst.Arg(seconds, keyword=cst.Name("timeout"), equal=equal)
    return call.with_changes(args=[*call.args, timeout])


def _made(value: cst.BaseExpression, site: Site, context: Context) -> frozenset[str]:
    """What made the object whose method is called."""
    root = value.value if isinstance(value, cst.Attribute) else value
    if not isinstance(root, cst.Name):
        return frozenset()
    return context.names.made_by(cst.Module([]).code_for_node(value), site)


def _known(method: str, made: frozenset[str]) -> Wait | None:
    """The wait that a method of objects made that way is."""
    if not made:
        return None
    own = made <= _EVENTLET
    if made <= _QUEUES and method in ("get", "put"):
        error = "queue", "Empty" if method == "get" else "Full"
        put = int(method == "put")
        return Wait("" if own else "queue", put, error, takes="positive")
    if made <= _LOCKS and method == "acquire":
        takes: Literal["any", "known"] = "any" if made <= _SEMAPHORES else "known"
        return Wait("" if own else "threading", takes=takes)
    if made <= _EVENTS and method == "wait":
        exact = made <= {"threading.Event"}
        return Wait("" if own else "threading", exact=exact)
    if made <= _PROCESSES and method in ("wait", "communicate"):
        error = "subprocess", "TimeoutExpired"
        return Wait("threading", int(method == "communicate"), error)
    return None


def _is_unlimited(call: cst.Call, found: Wait) -> bool:
    return len(call.args) <= found.arguments and all(
        not argument.star
        and (argument.keyword is None or argument.keyword.value in ("item", "input"))
        and isinstance(argument.value, _PLAIN)
        for argument in call.args
    )
