"""Who else uses a name of the standard library that a moved mock would replace.

A mock of ``eventlet.X`` is met by what names Eventlet; one of ``threading.X`` by the
standard library as well, and by every library that uses it. Facts only; the page
``reasons.md`` states the rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_ALWAYS = frozenset({
    "threading.Lock", "threading.RLock", "threading.Condition", "threading.local",
    "threading.get_ident", "threading.current_thread", "threading.main_thread",
    "time.time", "time.monotonic",
})  # fmt: skip
"""Used by logging, by locks and by the start of a thread, and so in every test."""

_THREADS = (
    rb"spawn\w*|\w*Thread\w*|Timer|\w*Executor|\w*Pool|futures|futurist|\w*loopingcall"
    rb"|\w*LoopingCall|\w*Launcher|\w*start_\w*service\w*|periodics|serve"
)
_USERS: Mapping[str, bytes] = {
    "threading.Event": _THREADS,
    "threading.Thread": rb"Timer|\w*Executor|futures|\w*Launcher|start_\w*(?=\()",
    "threading.Semaphore": rb"futures|ThreadPoolExecutor",
    "queue.Queue": rb"\w*ThreadPool\w*|QueueListener|multiprocessing",
    "queue.LifoQueue": rb"requests|urllib3|\w*ConnectionPool",
    "queue.PriorityQueue": rb"",
}
"""Words for what makes objects of a class in the standard library and beside it."""


def user(name: str, known: Collection[str], *texts: bytes) -> str:
    """What else uses a name in some texts; empty if nothing there is known to.

    :param name: dotted; a member of a class counts as the class.
    :param known: functions of the repository whose own text is among these.
    """
    if name in _ALWAYS:
        return "the standard library itself"
    found_in = next(
        (_USERS[n] for n in (name, name.rpartition(".")[0]) if n in _USERS), b""
    )
    pattern = re.compile(rb"\b(?:" + found_in + rb")\b") if found_in else None
    found = (each[0] for t in texts for each in pattern.finditer(t)) if pattern else ()
    words = (word.decode() for word in found)
    return next((word for word in words if word not in known), "")
