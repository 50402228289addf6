"""What Eventlet's public names are: data about Eventlet, not about any codemod.

Read off eventlet 0.41 (``eventlet/__init__.py`` and the modules it imports from).
"""

from __future__ import annotations

from collections.abc import Iterable

ROOTS = frozenset({"eventlet", "greenlet"})
"""Top-level packages whose names are Eventlet's."""

TRIGGERS = (b"eventlet", b"greenlet")
"""A file without one of these words can only reach Eventlet through another file."""

_EXPORTS = {
    "convenience": ("connect", "listen", "serve", "wrap_ssl", "StopServe"),
    "event": ("Event",),
    "greenpool": ("GreenPool", "GreenPile"),
    "greenthread": (
        "sleep", "spawn", "spawn_n", "spawn_after", "spawn_after_local", "kill",
        "getcurrent", "exc_after", "call_after_global", "call_after_local",
    ),
    "patcher": ("import_patched", "monkey_patch"),
    "queue": ("Queue",),
    "semaphore": ("Semaphore", "BoundedSemaphore", "CappedSemaphore"),
    "timeout": ("Timeout", "with_timeout", "wrap_is_timeout", "is_timeout"),
}  # fmt: skip

_SPELLINGS = {
    f"eventlet.{module}.{name}": f"eventlet.{name}"
    for module, names in _EXPORTS.items()
    for name in names
} | {
    "eventlet.call_after": "eventlet.spawn_after",
    "eventlet.greenthread.call_after": "eventlet.spawn_after",
    "greenlet.getcurrent": "eventlet.getcurrent",
    "eventlet.corolocal.getcurrent": "eventlet.getcurrent",
    "eventlet.support.greenlets.getcurrent": "eventlet.getcurrent",
    "eventlet.greenlet.getcurrent": "eventlet.getcurrent",
    "eventlet.greenlet.GreenletExit": "greenlet.GreenletExit",
    "eventlet.greenthread.greenlet.GreenletExit": "greenlet.GreenletExit",
    "eventlet.support.greenlets.GreenletExit": "greenlet.GreenletExit",
    "eventlet.TimeoutError": "eventlet.Timeout",
}

STARTERS = frozenset({
    "eventlet.spawn", "eventlet.spawn_n", "eventlet.spawn_after",
    "eventlet.spawn_after_local", "eventlet.call_after_global",
    "eventlet.call_after_local", "eventlet.exc_after", "eventlet.GreenPool",
    "eventlet.GreenPile", "eventlet.Timeout", "eventlet.with_timeout",
    "eventlet.serve", "eventlet.wsgi.server", "eventlet.dagpool.DAGPool",
    "eventlet.backdoor.backdoor_server", "greenlet.greenlet",
})  # fmt: skip
"""What leaves a green thread or a timer behind that needs the hub to run."""


def canonical(dotted: str) -> str:
    """The one spelling under which an Eventlet name is reported.

    >>> canonical("eventlet.greenthread.sleep")
    'eventlet.sleep'
    """
    head = dotted
    tail = ""
    while head:
        if head in _SPELLINGS:
            return _SPELLINGS[head] + tail
        head, dot, last = head.rpartition(".")
        tail = dot + last + tail
    return dotted


def spellings(api: str) -> frozenset[str]:
    """Every dotted path under which Eventlet itself offers ``api``."""
    return frozenset({api, *(key for key, value in _SPELLINGS.items() if value == api)})


def match(dotted: str, apis: Iterable[str]) -> str | None:
    """The longest of ``apis`` that ``dotted`` is, or is an attribute of."""
    best: str | None = None
    name = canonical(dotted)
    for api in apis:
        if (name == api or name.startswith(api + ".")) and len(api) > len(best or ""):
            best = api
    return best


def is_eventlet(dotted: str) -> bool:
    """Whether a dotted path leads into Eventlet or greenlet."""
    return dotted.partition(".")[0] in ROOTS
