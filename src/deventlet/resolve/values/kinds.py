"""The kinds of values that Eventlet makes, and what their members give: data.

Read off eventlet 0.41, futurist 3.5 and the shapes of use that CENSUS sections 2 and
3 count. Nothing here reads a program.
"""

from __future__ import annotations

from collections.abc import Mapping

CONSTRUCTORS: Mapping[str, str] = {
    "eventlet.GreenPool": "GreenPool",
    "eventlet.GreenPile": "GreenPile",
    "eventlet.spawn": "GreenThread",
    "eventlet.spawn_after": "GreenThread",
    "eventlet.spawn_after_local": "GreenThread",
    "eventlet.greenthread.GreenThread": "GreenThread",
    "eventlet.spawn_n": "greenlet",
    "eventlet.getcurrent": "greenlet",
    "greenlet.greenlet": "greenlet",
    "eventlet.Event": "Event",
    "eventlet.Queue": "Queue",
    "eventlet.queue.LightQueue": "LightQueue",
    "eventlet.queue.LifoQueue": "LifoQueue",
    "eventlet.queue.PriorityQueue": "PriorityQueue",
    "eventlet.Semaphore": "Semaphore",
    "eventlet.BoundedSemaphore": "BoundedSemaphore",
    "eventlet.CappedSemaphore": "CappedSemaphore",
    "eventlet.lock.Lock": "Lock",
    "eventlet.Timeout": "Timeout",
    "eventlet.tpool.Proxy": "tpool.Proxy",
    "eventlet.corolocal.local": "corolocal.local",
    "eventlet.listen": "GreenSocket",
    "eventlet.connect": "GreenSocket",
    "eventlet.wrap_ssl": "GreenSocket",
    "eventlet.greenio.GreenSocket": "GreenSocket",
    "eventlet.greenio.GreenPipe": "GreenPipe",
    "eventlet.pools.Pool": "pools.Pool",
    "eventlet.pools.TokenPool": "pools.Pool",
    "eventlet.wsgi.Server": "wsgi.Server",
    "eventlet.patcher.original": "original",
    "eventlet.import_patched": "original",
    "futurist.GreenThreadPoolExecutor": "GreenThreadPoolExecutor",
    "futurist.GreenFuture": "GreenFuture",
}
"""The kind that a call of each API gives."""

GREEN_CONSTRUCTORS: Mapping[str, Mapping[str, str]] = {
    "eventlet.green.socket": {
        "socket": "GreenSocket",
        "create_connection": "GreenSocket",
        "fromfd": "GreenSocket",
    },
    "eventlet.green.ssl": {
        "wrap_socket": "GreenSocket",
        "SSLSocket": "GreenSocket",
    },
    "eventlet.green.subprocess": {"Popen": "green.subprocess.Popen"},
    "eventlet.green.threading": {
        name: f"green.threading.{name}"
        for name in (
            "Thread", "Timer", "Event", "Lock", "RLock", "Condition", "Semaphore",
            "BoundedSemaphore", "Barrier",
        )
    },
    "eventlet.green.Queue": {
        name: name for name in ("Queue", "LifoQueue", "PriorityQueue")
    },
    "oslo_utils.eventletutils": {"Event": "eventletutils.Event"},
}  # fmt: skip
"""The same for attributes of a module that is one API as a whole."""

PRODUCTS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("GreenPool", "spawn"): ("GreenThread", ()),
    ("GreenPool", "imap"): ("GreenMap", ()),
    ("GreenPool", "starmap"): ("GreenMap", ()),
    ("GreenSocket", "accept"): ("GreenSocket", ("at:0",)),
    ("GreenSocket", "dup"): ("GreenSocket", ()),
    ("GreenThreadPoolExecutor", "submit"): ("GreenFuture", ()),
}
"""The kind of what a method gives, and how it is wrapped."""

ITSELF_ON_ENTER = frozenset({
    "Timeout", "GreenSocket", "GreenThreadPoolExecutor", "GreenPipe",
    "green.subprocess.Popen",
})  # fmt: skip
"""Kinds whose ``__enter__`` gives the object itself."""

ENDED_BY = {"eventlet.kill": "kill", "eventlet.greenthread.cancel": "cancel"}
"""Functions that do to their first argument what its method does."""

FORWARDERS: Mapping[str, int] = {
    "eventlet.spawn": 0,
    "eventlet.spawn_n": 0,
    "eventlet.spawn_after": 1,
    "eventlet.spawn_after_local": 1,
    "eventlet.call_after_global": 1,
    "eventlet.call_after_local": 1,
    "eventlet.with_timeout": 1,
    "eventlet.tpool.execute": 0,
    "functools.partial": 0,
}
"""Functions that call an argument with those after it; its position."""

FORWARDING_METHODS: Mapping[str, int] = {
    "spawn": 0, "spawn_n": 0, "submit": 0, "spawn_after": 1, "addCleanup": 0,
    "add_thread": 0, "link": 0, "add_timer": 1, "call_soon": 0, "starmap": 0,
    "call_later": 1, "spawn_worker": 0, "defer": 0,
}  # fmt: skip
"""Methods with that contract, on a receiver that is not the repository's."""

THREADS: Mapping[str, str] = {
    "threading.Thread": "target",
    "threading.Timer": "function",
    "multiprocessing.Process": "target",
}
"""Classes that call one keyword with a tuple given as ``args``."""

ADDERS: Mapping[str, int] = {
    "append": 0, "appendleft": 0, "add": 0, "insert": 1, "put": 0, "put_nowait": 0,
    "setdefault": 1, "push": 0,
}  # fmt: skip
"""Methods that put an argument into a container; its position."""

SAME = frozenset({
    "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict",
    "collections.deque", "collections.OrderedDict", "copy.copy", "weakref.ref",
    "weakref.WeakSet", "itertools.chain", "itertools.cycle", "extend", "update",
})  # fmt: skip
"""Functions of a container whose result holds what it holds."""

ONE_OF = frozenset({"next", "min", "max", "random.choice", "heapq.heappop"})
"""Functions of a container that give one of what it holds."""

GIVERS = frozenset({
    "pop", "popleft", "get", "get_nowait", "setdefault", "popitem", "__getitem__",
    "next", "result",
})  # fmt: skip
"""Methods of a container that give one of what it holds."""

SAME_METHODS = frozenset({"values", "copy", "__iter__", "union", "difference", "keys"})
"""Methods of a container whose result holds what it holds."""

NEUTRAL = frozenset({
    "isinstance", "issubclass", "len", "bool", "id", "str", "repr", "print", "hash",
    "type", "callable", "hasattr", "format", "any", "all", "sum", "gc.collect",
    "weakref.finalize", "getattr", "setattr", "delattr", "vars", "dir",
    "greenlet.greenlet.throw", "inspect.isclass", "pprint.pprint",
})  # fmt: skip
"""Functions that keep nothing of their arguments and call no method by choice.

``getattr`` and ``setattr`` are looked at before this list is.
"""

COMMON = frozenset(
    """
    acquire add append args call cancel clear client close code conf connect conn
    connection content context count data delete error event events execute func get
    handler host id index info init is_set items join key keys kill link list lock
    locked manager method mode msg name notify open path pool pools port process put
    queue read ready release request reset response result results run save send
    server service session set size sleep sock socket spawn spawn_n start state status
    stop submit task tasks thread threads timeout timer type update url value values
    wait workers write
""".split()
)
"""Names that so many classes have that having one says nothing about the class."""
