"""Which names of Eventlet's other libraries call when they run, by attribute.

A mock of such a name intercepts the library although nothing in the repository says
the name. Data only: it was read off the sources of the releases of 2026 (Eventlet 0.41,
oslo.service 4.6, oslo.messaging 18.1, oslo.utils 10.1, oslo.concurrency 7.4, futurist
3.5, os-ken 4.2, oslo.log 8.2; taskflow, oslo.privsep and oslo.vmware call none of the
names). What a library binds to a name of its own while it is imported
(``futurist._green.spawn``) is no mock's to meet, and not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain

_POOLS = r"Green(?:Pool|Pile|ThreadPoolExecutor)|ThreadGroup"
_LOOPING = r"\w*loopingcall|\w*LoopingCall\w*"
_THREADS = r"\w*[tT]hread\w*|futures|\w*Executor|Timer"
_WSGI = r"wsgi\.Server|WSGIService|wsgi\.server"
_LAUNCH = r"(?:Service|Process)Launcher|service\.launch"
_BACKDOOR = r"eventlet_backdoor|initialize_if_enabled"
_HUB = r"(?:os_ken|ryu)\.lib(?:\.| import )hub|hub\.\w+"

_CALLERS: Mapping[str, Mapping[str, str]] = {
    "eventlet.spawn": {
        "eventlet.greenpool": _POOLS,
        "os_ken.lib.hub": _HUB,
    },
    "eventlet.spawn_n": {"eventlet.greenpool": _POOLS},
    "eventlet.spawn_after": {"os_ken.lib.hub": _HUB},
    "eventlet.greenthread.spawn": {
        "oslo_service.loopingcall": _LOOPING,
        "eventlet.dagpool": r"DAGPool|dagpool",
        "eventlet.green.thread": _THREADS,
    },
    "eventlet.greenthread.spawn_n": {
        "eventlet.green.thread": _THREADS,
        "eventlet.tpool": r"tpool",
    },
    "eventlet.sleep": {
        "oslo_service.threadgroup": r"ThreadGroup|threadgroup",
        "oslo_log.pipe_mutex": r"use_hub|hubs\.asyncio|EVENTLET_HUB",
        "eventlet.green.subprocess": r"subprocess|Popen|processutils",
        "os_ken.lib.hub": _HUB,
    },
    "eventlet.greenthread.sleep": {
        "eventlet.green.os": r"os\.wait(?:pid)?",
    },
    "eventlet.listen": {"os_ken.lib.hub": _HUB},
    "eventlet.tpool.execute": {
        "oslo_messaging": r"kafka",
        "eventlet.db_pool": r"db_pool|MySQLdb",
    },
    "eventlet.tpool.Proxy": {"eventlet.db_pool": r"db_pool|MySQLdb"},
}
"""For each dotted name the libraries, with words for what makes them call it."""

_SERVICES: Mapping[str, Mapping[str, str]] = {
    "eventlet.spawn": {
        "oslo_service.wsgi": _WSGI,
        "oslo_service.service": _LAUNCH,
        "oslo_service.eventlet_backdoor": _BACKDOOR,
    },
    "eventlet.spawn_n": {"oslo_service.service": _LAUNCH},
    "eventlet.greenthread.sleep": {"oslo_service.service": _LAUNCH},
    "eventlet.listen": {
        "oslo_service.wsgi": _WSGI,
        "oslo_service.eventlet_backdoor": _BACKDOOR,
    },
}
"""The same for what starts a whole service, which a test has to do by itself."""

_ALWAYS: Mapping[str, str] = {
    "eventlet.getcurrent": "eventlet.greenpool and eventlet.semaphore",
    "eventlet.greenthread.getcurrent": "eventlet.corolocal and oslo_log",
    "eventlet.debug.hub_prevent_multiple_readers": "oslo_log.pipe_mutex",
    "eventlet.hubs": "all of Eventlet",
    "eventlet.patcher": "oslo.messaging and oslo.privsep",
    "eventlet.support": "all of Eventlet",
    "eventlet.greenio": "all of Eventlet",
    "eventlet.event.Event": "eventlet.greenthread",
    "eventlet.Event": "eventlet.greenpool",
    "eventlet.Semaphore": "eventlet.greenpool",
    "eventlet.semaphore": "eventlet.greenpool",
    "eventlet.queue": "eventlet.greenpool",
    "eventlet.Queue": "eventlet.greenpool",
    "eventlet.Timeout": "eventlet.semaphore",
    "eventlet.timeout": "eventlet.semaphore and oslo.utils",
    "eventlet.green": "all of Eventlet",
    "eventlet.greenthread.kill": "eventlet.convenience",
    "eventlet.greenthread.GreenThread": "eventlet.greenpool",
    "eventlet.GreenPool": "oslo_service.wsgi",
    "eventlet.greenpool": "oslo_service.threadgroup and futurist",
    "eventlet.wsgi": "oslo_service.wsgi",
    "oslo_utils.eventletutils.EventletEvent": "oslo_service.loopingcall",
    "oslo_utils.eventletutils.Event": "oslo_service.loopingcall",
}
"""Names, or what they begin with, that are called whatever the repository says."""


_FORMER: Mapping[str, tuple[str, tuple[int, ...], str]] = {
    "eventlet.greenthread.sleep": ("oslo.service", (1, 32, 1), _LOOPING),
    "eventlet.greenthread.spawn": ("eventlet", (0, 21), _POOLS),
    "eventlet.greenthread.spawn_n": ("eventlet", (0, 21), _POOLS),
}
"""Names that a distribution called before a release, with words as above."""


def former(name: str) -> tuple[str, tuple[int, ...]] | None:
    """A distribution whose releases before a version call a name; None for none."""
    found = _FORMER.get(name)
    return found[:2] if found is not None else None


def leads_to_former(name: str, texts: Iterable[bytes]) -> bool:
    """Whether some texts lead to such a call."""
    return any(map(_pattern(_FORMER[name][2]).search, texts))


def caller(name: str, near: Iterable[bytes], further: Iterable[bytes] = ()) -> str:
    """A library that calls a name, as far as some texts lead there; empty for none.

    :param name: dotted, by the attribute that is taken: ``eventlet.greenthread.sleep``.
    :param near: the test, and the code that it is for.
    :param further: the code that this one uses in turn.
    """
    for known, library in _ALWAYS.items():
        if f"{name}.".startswith(f"{known}."):
            return library
    near = list(near)
    called = _met(_CALLERS.get(name, {}), chain(near, further))
    return called or _met(_SERVICES.get(name, {}), near)


def _met(callers: Mapping[str, str], texts: Iterable[bytes]) -> str:
    """The first of some libraries whose words are in a text."""
    found = {library: _pattern(words) for library, words in callers.items()}
    for text in texts if found else ():
        for library, pattern in found.items():
            if pattern.search(text):
                return library
    return ""


def _pattern(words: str) -> re.Pattern[bytes]:
    return re.compile(rf"(?<!\w)(?:{words})\b".encode())
