"""What Eventlet's public names are: data about Eventlet, not about any codemod.

Read off eventlet 0.41 (``eventlet/__init__.py`` and the modules it imports from).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Protocol

ROOTS = frozenset({"eventlet", "greenlet"})
"""Top-level packages whose names are Eventlet's."""

TRIGGERS = (b"eventlet", b"greenlet")
PARTS = (b"ventlet", b"reen", b"oslo_service")
"""What many of the words have in them that are looked for, and few files have."""
"""A file without one of these words can only reach Eventlet through another file."""

WORK_AROUND = "__original_module_threading"
"""What ``monkey_patch`` calls the native module that it puts aside."""

RELATED = (
    WORK_AROUND,
    "futurist.GreenThreadPoolExecutor",
    "futurist.GreenFuture",
    "futurist.SynchronousExecutor",
    "oslo_messaging.get_rpc_server",
    "oslo_messaging.get_notification_listener",
    "oslo_messaging.get_batch_notification_listener",
    "oslo_messaging.rpc.server.RPCServer",
    "oslo_messaging.notify.listener.NotificationServer",
    "oslo_messaging.notify.listener.BatchNotificationServer",
    "oslo_service.eventlet_backdoor",
    "oslo_service.wsgi.Server",
    "oslo_utils.eventletutils",
)
"""Names of other libraries that stand for Eventlet's."""


_IMPORTS: Mapping[str, tuple[bytes, ...]] = {
    "oslo_service.wsgi.Server": (b"oslo_service import wsgi", b"oslo_service.wsgi"),
}
"""How a name of such a library is reached whose own word stands in too many files.

A line that imports several modules is not: no project of the census has one.
"""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call, by keyword or by position.

    :param value: the string that it must be; None for any value.
    """

    name: str
    position: int
    value: str | None = None

    def of(self, call: ast.Call) -> ast.expr | None:
        """What a call gives for it, unless it is known to be another value."""
        given = [k.value for k in call.keywords if k.arg == self.name]
        plain = call.args[: self.position + 1]
        if len(plain) > self.position and not any(
            isinstance(each, ast.Starred) for each in plain
        ):
            given.append(plain[-1])
        found = given[0] if given else None
        if self.value is None or not isinstance(found, ast.Constant):
            return found
        return found if found.value == self.value else None


_EXECUTOR = Argument("executor", 3, "eventlet")
CALLED_WITH: Mapping[str, Argument] = {
    "futurist.SynchronousExecutor": Argument("green", 0),
    "oslo_messaging.get_rpc_server": _EXECUTOR,
    "oslo_messaging.get_notification_listener": _EXECUTOR,
    "oslo_messaging.get_batch_notification_listener": _EXECUTOR,
    "oslo_messaging.rpc.server.RPCServer": _EXECUTOR,
    "oslo_messaging.notify.listener.NotificationServer": _EXECUTOR,
    "oslo_messaging.notify.listener.BatchNotificationServer": _EXECUTOR,
}
"""Names that have to do with Eventlet only where they are called with an argument."""


def is_meant(api: str, call: ast.Call | None) -> bool:
    """Whether a use of a name has to do with Eventlet, as far as the call decides."""
    argument = CALLED_WITH.get(api)
    return argument is None or (call is not None and argument.of(call) is not None)


_MODULES = (
    frozenset({"eventlet", "greenlet"})
    | {"oslo_service.eventlet_backdoor", "oslo_utils.eventletutils"}
    | {
        f"eventlet.{name}"
        for name in """
        asyncio backdoor convenience corolocal coros dagpool db_pool debug event green
        greenio greenio.base greenio.py3 greenlet greenpool greenthread
        greenthread.greenlet hubs hubs.asyncio hubs.epolls hubs.hub hubs.kqueue
        hubs.poll hubs.pyevent hubs.selects hubs.timer lock patcher pools processes
        queue saranwrap semaphore support support.greendns support.greenlets
        support.psycopg2_patcher support.pylib support.stacklesspypys
        support.stacklesss timeout timeout.eventlet tpool util websocket wsgi zipkin
        zipkin.api zipkin.client zipkin.greenthread zipkin.http zipkin.log
        zipkin.patcher zipkin.wsgi
    """.split()
    }
    | {
        f"eventlet.green.{name}"
        for name in """
        BaseHTTPServer CGIHTTPServer MySQLdb OpenSSL OpenSSL.SSL OpenSSL.crypto
        OpenSSL.tsafe OpenSSL.version Queue SimpleHTTPServer SocketServer
        _socket_nodns asynchat asyncore builtin ftplib http http.client
        http.cookiejar http.cookies http.server httplib os profile select selectors
        socket ssl subprocess thread threading time urllib urllib.error urllib.parse
        urllib.request urllib.response urllib2 zmq
    """.split()
    }
)
"""Modules of eventlet 0.41 and of the older ones that projects still name."""

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

_TAKEN = {
    "asyncio": "event.Event greenlet.GreenletExit hubs.get_hub greenthread.spawn",
    "backdoor": "support.get_errno",
    "dagpool": "event.Event",
    "db_pool": "greenthread.GreenThread pools.Pool hubs.timer.Timer",
    "green.time": "greenthread.sleep",
    "greenio.base": "greenio.GreenSocket greenio.SSL greenio.set_nonblocking "
    "hubs.IOClosed hubs.notify_opened hubs.trampoline support.get_errno",
    "greenio.py3": "greenio.GreenPipe greenio.set_nonblocking hubs.IOClosed "
    "hubs.notify_close hubs.notify_opened hubs.trampoline support.get_errno",
    "greenthread": "greenlet.GreenletExit",
    "lock": "semaphore.Semaphore",
    "queue": "event.Event timeout.Timeout hubs.get_hub",
    "timeout": "hubs.get_hub",
    "websocket": "support.get_errno",
    "wsgi": "corolocal.local",
}
"""What a module has only because it uses it itself; it works all the same.

Left out are the other modules of ``eventlet.green``: all that one of them has stands
for what the module of the standard library has.
"""

_SPELLINGS |= {
    f"eventlet.{module}.{home.rpartition('.')[2]}": _SPELLINGS.get(
        f"eventlet.{home}", f"eventlet.{home}"
    )
    for module, homes in _TAKEN.items()
    for home in homes.split()
} | {"eventlet.support.greenlets.greenlet": "greenlet.greenlet"}
_SPELLINGS |= {
    f"oslo_messaging.{module}.{name}": f"oslo_messaging.{name}"
    for name, modules in {
        "get_rpc_server": ("rpc", "rpc.server"),
        "get_notification_listener": ("notify", "notify.listener"),
        "get_batch_notification_listener": ("notify", "notify.listener"),
    }.items()
    for module in modules
}

_RELATED_PATHS = (
    *RELATED,
    *(path for path, api in _SPELLINGS.items() if api in RELATED),
)

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


class Interest(Protocol):
    """Which of Eventlet's names an analysis is for."""

    @property
    def triggers(self) -> tuple[bytes, ...]:
        """Words of which a file must have one to name Eventlet itself."""
        ...

    def match(self, dotted: str) -> str | None:
        """The API that a path is, or is an attribute of; None if it is neither."""
        ...

    def leads(self, dotted: str) -> bool:
        """Whether a path is an API or a module on the way to one."""
        ...

    def endings(self, exported: Iterable[str]) -> bytes:
        """A pattern for the end of a string that names an API or an exported name."""
        ...

    def text_test(self, shims: Iterable[str]) -> OneOf | None:
        """What a file's text must have to hold a name; None if every file may."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several patterns, of which each begins with plain text.

    Apart they are found many times as fast as together, as alternatives of one.
    """

    patterns: tuple[re.Pattern[bytes], ...]

    def search(self, text: bytes) -> bool:
        """Whether one of them is in a text."""
        return any(pattern.search(text) for pattern in self.patterns)


@dataclass(frozen=True)
class Named:
    """Interest in some names only, those of one codemod."""

    apis: frozenset[str]

    @cached_property
    def triggers(self) -> tuple[bytes, ...]:
        """Eventlet's words, and the last part of each name of another library."""
        foreign = {api for api in self.apis if api.partition(".")[0] not in ROOTS}
        words = {
            word
            for api in foreign
            for word in _IMPORTS.get(api, (api.rpartition(".")[2].encode(),))
        }
        return (*TRIGGERS, *sorted(words))

    def match(self, dotted: str) -> str | None:
        """The longest of the names that ``dotted`` is, or is an attribute of."""
        best: str | None = None
        name = canonical(dotted)
        for api in self.apis:
            if (name == api or name.startswith(api + ".")) and (
                len(api) > len(best or "")
            ):
                best = api
        return best

    def leads(self, dotted: str) -> bool:
        """Whether a path is one of the names or a module on the way to one."""
        return dotted in self._ways or self.match(dotted) is not None

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(map(spellings, self.apis)))

    @cached_property
    def _ways(self) -> frozenset[str]:
        """The modules above the names."""
        return _above(self._paths)

    def endings(self, exported: Iterable[str]) -> bytes:
        """The names' own words and their modules', and the exported names."""
        words = {part for path in self._paths for part in path.split(".")}
        return _alternatives(words.union(exported)) + rb"(?:\.\w+)*"

    def text_test(self, shims: Iterable[str]) -> OneOf | None:
        """A word of the names' paths, or a way to hide one.

        For a name of a green module the two words of the module have to go together.
        """
        green = {path for path in self._paths if _is_green(path)}
        parts = {
            p for path in self._paths - green for p in path.split(".")[1:] or [path]
        }
        parts |= {path.rpartition(".")[2] for path in green}
        parts |= {shim.rpartition(".")[2] for shim in shims}
        words = [rf"{_begun(re.escape(part))}\b" for part in sorted(parts)]
        ways = [
            r"import[ \t]*\*",
            _begun(r"sys\.modules") + r"\b",
            rf"{_begun('import')}[ \t]+(?:eventlet|greenlet)[ \t]+as\b",
            rf"{_begun('getattr')}\(\s*[\w.]*(?:eventlet|greenlet)\b",
            *(rf"{quote}{root}{quote}" for root in sorted(ROOTS) for quote in "'\""),
            *(rf"\.{root}\b(?!\.)" for root in sorted(ROOTS)),
        ]
        every = (*words, *ways, *_green_text(green))
        return OneOf(tuple(re.compile(each.encode()) for each in every))


@dataclass(frozen=True)
class Everything:
    """Interest in every name of Eventlet's, known or not, and of what wraps it.

    A module of ``eventlet.green`` is one name with all its attributes, as it stands
    for the module of the standard library.
    """

    triggers: tuple[bytes, ...] = (
        *TRIGGERS, WORK_AROUND.encode(), b"GreenThreadPoolExec", b"GreenFuture",
        b"SynchronousExecutor", *chain.from_iterable(_IMPORTS.values()),
    )  # fmt: skip

    def match(self, dotted: str) -> str | None:
        """The first part of a path after its module; a green module as a whole."""
        name = canonical(dotted)
        for whole in _WHOLE:
            if name == whole or name.startswith(whole + "."):
                return whole
        module = module_of(name)
        if module is None or (name == module and not _is_green(module)):
            return None
        if _is_green(module):
            return module
        return f"{module}.{name[len(module) + 1 :].partition('.')[0]}"

    def leads(self, dotted: str) -> bool:
        """Whether a path is an API, a module of Eventlet's, or on the way to one."""
        return dotted in _MODULES or dotted in _WAYS or self.match(dotted) is not None

    def endings(self, exported: Iterable[str]) -> bytes:
        """What is spelled out, and all that a literal adds to another text."""
        return rb"(?:" + spelled_out(exported) + rb"|" + _ADDED + rb")"

    def text_test(self, shims: Iterable[str]) -> OneOf | None:
        """Every file with one of the words may hold a name."""
        return None


EVERYTHING = Everything()


_ADDED = rb"""(?:(?<![^'"}])|(?<=%s))(?:\.\w+)+"""
"""A path without its start, as in ``PATH + ".sleep"``."""


def spelled_out(exported: Iterable[str]) -> bytes:
    """A pattern for a path of Eventlet's, or an exported name and what is below it."""
    names = "|".join(map(re.escape, ("eventlet", "greenlet", *_RELATED_PATHS)))
    roots = rf"\b(?:{names})".encode()
    return rb"(?:" + roots + rb"|" + _alternatives(exported) + rb")(?:\.\w+)*"


def _above(paths: Iterable[str]) -> frozenset[str]:
    """Every module that one of the paths goes through."""
    found: set[str] = set()
    for path in paths:
        while path := path.rpartition(".")[0]:
            found.add(path)
    return frozenset(found)


_WAYS = _above(_RELATED_PATHS)
_WHOLE = tuple(name for name in RELATED if name not in _MODULES)


def _alternatives(words: Iterable[str]) -> bytes:
    return rf"\.(?:{'|'.join(map(re.escape, sorted(set(words))))})".encode()


def _begun(word: str) -> str:
    r"""``\bword``, found four times as fast: a pattern is, that starts with letters."""
    return rf"{word}(?<=\b{word})"


def _green_text(paths: Iterable[str]) -> list[str]:
    """Patterns for the ways to import the modules of some names."""
    modules = "|".join(sorted({path.split(".")[2] for path in paths}))
    if not modules:
        return []
    line = r"(?:[^\n\\]|\\\r?\n)*?"
    imported = rf"[ \t]+import\b{line}(?:\((?:[^)#]|#[^\n]*)*?)?"
    return [
        rf"{_begun('green')}(?:\s*\.\s*|{imported})\b(?:{modules})\b",
        rf"{_begun('import')}\b{line}\bgreen\b(?!\s*\.)",
    ]


def module_of(name: str) -> str | None:
    """The longest module of Eventlet's that a path is or is in."""
    while name:
        if name in _MODULES:
            return name
        name = name.rpartition(".")[0]
    return None


def _is_green(module: str) -> bool:
    return module.startswith("eventlet.green.")


def is_eventlet(dotted: str) -> bool:
    """Whether a dotted path leads into Eventlet, greenlet or a wrapper of theirs."""
    return dotted.partition(".")[0] in ROOTS or dotted.startswith(_RELATED_PATHS)
