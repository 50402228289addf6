"""The table of members against the classes that are installed."""

from __future__ import annotations

import inspect
import subprocess
import threading

import futurist
import greenlet  # type: ignore[import-untyped]
import pytest
from eventlet import (
    event,
    greenio,
    greenpool,
    greenthread,
    lock,
    pools,
    queue,
    semaphore,
    timeout,
    wsgi,
)
from eventlet.green import ssl

from deventlet.resolve.values import kinds

CLASSES: dict[str, type] = {
    "BoundedSemaphore": semaphore.BoundedSemaphore,
    "CappedSemaphore": semaphore.CappedSemaphore,
    "Event": event.Event,
    "GreenFuture": futurist.GreenFuture,
    "GreenMap": greenpool.GreenMap,
    "GreenPile": greenpool.GreenPile,
    "GreenPool": greenpool.GreenPool,
    "GreenSocket": ssl.GreenSSLSocket,
    "GreenThread": greenthread.GreenThread,
    "GreenThreadPoolExecutor": futurist.GreenThreadPoolExecutor,
    "LifoQueue": queue.LifoQueue,
    "LightQueue": queue.LightQueue,
    "Lock": lock.Lock,
    "PriorityQueue": queue.PriorityQueue,
    "Queue": queue.Queue,
    "Semaphore": semaphore.Semaphore,
    "Timeout": timeout.Timeout,
    "green.subprocess.Popen": subprocess.Popen,
    "green.threading.Barrier": threading.Barrier,
    "green.threading.BoundedSemaphore": threading.BoundedSemaphore,
    "green.threading.Condition": threading.Condition,
    "green.threading.Event": threading.Event,
    "green.threading.Semaphore": threading.Semaphore,
    "green.threading.Thread": threading.Thread,
    "green.threading.Timer": threading.Timer,
    "greenlet": greenlet.greenlet,
    "pools.Pool": pools.Pool,
    "wsgi.Server": wsgi.Server,
}
WITHOUT_NAME = {
    "iter": "__iter__", "next": "__next__", "with": "__enter__",
    "getitem": "__getitem__", "call": "__call__",
}  # fmt: skip
STORED = "self."


def _text(of: type) -> str:
    """The sources of a class and its bases: attributes are set in methods."""
    found = []
    for each in of.__mro__:
        try:
            found.append(inspect.getsource(each))
        except (TypeError, OSError):
            continue
    return "\n".join(found)


@pytest.mark.parametrize("kind", list(CLASSES))
def test_no_public_member_of_a_class_is_left_out(kind: str) -> None:
    own = dir(CLASSES[kind])
    public = {name for name in own if not name.startswith("_")}
    unnamed = {name for name, special in WITHOUT_NAME.items() if special in own}
    assert not (public | unnamed) - kinds.MEMBERS[kind]


@pytest.mark.parametrize("kind", sorted(set(CLASSES) - {"GreenSocket"}))
def test_each_member_of_the_table_is_one_of_the_class(kind: str) -> None:
    text = _text(CLASSES[kind])
    invented = {
        name
        for name in kinds.MEMBERS[kind] - {"raise", "pile"}
        if WITHOUT_NAME.get(name, name) not in dir(CLASSES[kind])
        and f"{STORED}{name}" not in text
    }
    assert not invented


def test_the_green_socket_has_what_its_class_has() -> None:
    assert {
        name for name in dir(greenio.GreenSocket) if not name.startswith("_")
    } <= kinds.MEMBERS["GreenSocket"]


def test_each_kind_is_in_the_table_or_open() -> None:
    made = {*kinds.CONSTRUCTORS.values(), *(k for k, _ in kinds.PRODUCTS.values())}
    for inner in kinds.GREEN_CONSTRUCTORS.values():
        made |= set(inner.values())
    bare = {"corolocal.local", "import_patched", "original", "tpool.Proxy"}
    assert made - set(kinds.MEMBERS) == bare
