from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType

import msgspec
import pytest

from deventlet.catalog import CatalogError, UnknownApi, entries, entry, parse, refused
from deventlet.registry import pages
from deventlet.resolve.api import RELATED, ROOTS, STARTERS, canonical
from deventlet.resolve.values.kinds import CONSTRUCTORS
from tests.support.pace import paces, seconds_of

PATTERNS = frozenset(
    """
    sleep green-imports queue semaphore current-thread eventletutils rpc-executor
    executor-native spawn greenpool event timeout tpool patcher hubs-debug servers
    monkey-patch project-files none
""".split()
)
STAGE_B = {
    "tpool", "patcher", "hubs-debug", "servers", "monkey-patch", "project-files",
}  # fmt: skip
IN_BOTH_STAGES = {"eventletutils", "none"}

# Ranked in section 1 of the census of 66 repositories, without names of Python's own
# that hang on them (mock's assert_called, BaseHTTPRequestHandler).
CENSUS = """
    eventlet.sleep eventlet.Timeout eventlet.green.socket.AF_INET eventlet.spawn
    eventlet.monkey_patch eventlet.green.subprocess.PIPE eventlet.Event
    eventlet.GreenPool eventlet.tpool.Proxy eventlet.spawn_n eventlet.spawn_after
    eventlet.wsgi.server eventlet.getcurrent eventlet.listen eventlet.Semaphore
    eventlet.queue.LightQueue eventlet.patcher.original greenlet.GreenletExit
    eventlet.green.ssl.SSLContext eventlet.green.threading.Event
    eventlet.tpool.execute eventlet.import_patched eventlet.green.urllib2.URLError
    eventlet.green.httplib._UNKNOWN eventlet.queue.Empty eventlet.green.select.select
    eventlet.Queue eventlet.greenlet.GreenletExit eventlet.patcher.is_monkey_patched
    eventlet.wsgi.MAX_HEADER_LINE eventlet.support.greendns.getaddrinfo
    eventlet.hubs.use_hub eventlet.debug.hub_exceptions eventlet.BoundedSemaphore
    eventlet.tpool._nthreads eventlet.GreenPile eventlet.green.OpenSSL.SSL
    eventlet.greenio.shutdown_safe greenlet.getcurrent eventlet.tpool._threads
    eventlet.corolocal.get_ident eventlet.wsgi.HttpProtocol eventlet.wrap_ssl
    eventlet.greenio.GreenPipe eventlet.green.http.client eventlet.hubs.get_hub
    eventlet.patcher eventlet.debug.hub_prevent_multiple_readers
    eventlet.websocket.WebSocketWSGI eventlet.greenthread.GreenThread
    eventlet.pools.Pool eventlet.backdoor.backdoor_server greenlet.greenlet
    eventlet.green.time.time eventlet.wsgi.HttpProtocol.__init__
    eventlet.wsgi.is_accepting eventlet.greenpool.DEBUG eventlet.hubs.trampoline
    eventlet.wsgi.STATE_IDLE eventlet.green.profile.Profile eventlet.green.zmq.Context
    eventlet.wsgi.DEFAULT_MAX_SIMULTANEOUS_REQUESTS
    eventlet.wsgi.HttpProtocol.default_request_version eventlet.queue
    eventlet.wsgi.MINIMUM_CHUNK_SIZE eventlet.green.os.read
    eventlet.support.greenlets.GreenletExit eventlet.connect
    eventlet.debug.hub_blocking_detection eventlet.tpool.set_num_threads
    eventlet.tpool.killall eventlet.pools.Pool.__init__
    eventlet.greenio.base.GreenSocket eventlet.kill eventlet.wsgi.Server
    eventlet.support.greendns.resolver.query eventlet.tpool.Proxy.__str__
    eventlet.greenio.GreenSocket eventlet.spawn_after_local
    eventlet.wsgi.HttpProtocol.get_environ eventlet.wsgi.STATE_REQUEST
    eventlet.wsgi.STATE_CLOSE eventlet.Timeout.__init__ eventlet.wsgi.Input
    eventlet.wsgi.ChunkReadError eventlet.hubs.poll.sleep eventlet.with_timeout
    eventlet.patcher.already_patched eventlet.wsgi.BaseHTTPServer
    eventlet.wsgi.BROKEN_SOCK eventlet.support.get_errno
    eventlet.support.greendns.HostsResolver eventlet.wsgi.ALREADY_HANDLED
    eventlet.__version__ eventlet.wsgi eventlet.timeout.Timeout eventlet.event.Event
    eventlet.greenthread.sleep eventlet.greenpool.GreenPool
    eventlet.semaphore.Semaphore eventlet.patcher.monkey_patch
    futurist.GreenThreadPoolExecutor futurist.GreenFuture futurist.SynchronousExecutor
    oslo_utils.eventletutils.Event oslo_utils.eventletutils.EventletEvent.wait
    oslo_utils.eventletutils.is_monkey_patched
    oslo_utils.eventletutils.warn_eventlet_not_patched
    oslo_utils.eventletutils.EVENTLET_AVAILABLE oslo_utils.eventletutils._patcher
    oslo_messaging.get_rpc_server
""".split()


def public_names() -> Iterator[str]:
    """Eventlet's modules, and what each of them itself makes public."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = importlib.import_module("eventlet")
        yield from _own("eventlet", package)
        found = pkgutil.walk_packages(package.__path__, "eventlet.", lambda name: None)
        for info in found:
            yield info.name
            # A green module holds the names of another one; some cannot be imported.
            if not info.name.startswith("eventlet.green."):
                try:
                    module = importlib.import_module(info.name)
                except ImportError:
                    continue
                yield from _own(info.name, module)


def _own(path: str, module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        home = value.__name__ if isinstance(value, ModuleType) else None
        home = home or getattr(value, "__module__", None) or path
        if not name.startswith("_") and str(home).startswith("eventlet"):
            yield f"{path}.{name}"


PUBLIC = sorted(set(public_names()))


def test_eventlets_public_names_were_found() -> None:
    assert {
        "eventlet.sleep", "eventlet.tpool.execute", "eventlet.green.socket",
        "eventlet.greenpool.GreenMap", "eventlet.hubs.IOClosed", "eventlet.wsgi.server",
    } <= set(PUBLIC)  # fmt: skip
    assert len(PUBLIC) > 250


def test_every_public_name_of_the_installed_eventlet_has_an_entry() -> None:
    caught_by_the_package = [
        name for name in PUBLIC if name not in ROOTS and entry(name).name in ROOTS
    ]
    assert caught_by_the_package == []


@pytest.mark.parametrize("name", CENSUS)
def test_every_name_of_the_census_has_an_entry(name: str) -> None:
    assert entry(name).name not in ROOTS


@pytest.mark.parametrize("name", sorted({*STARTERS, *RELATED}))
def test_every_name_that_the_analysis_knows_has_an_entry(name: str) -> None:
    assert entry(name).name not in ROOTS


NOT_EVENTLETS = {"original", "GreenThreadPoolExecutor", "GreenFuture"}


@pytest.mark.parametrize("kind", sorted({*CONSTRUCTORS.values()} - NOT_EVENTLETS))
def test_every_kind_of_object_has_an_entry(kind: str) -> None:
    assert entry(f"eventlet.{kind}.member").name not in ROOTS


@pytest.mark.parametrize(
    ("name", "found", "pattern"),
    [
        ("eventlet", "eventlet", "none"),
        ("eventlet.no_such_name", "eventlet", "none"),
        ("greenlet.no_such_name", "greenlet", "none"),
        ("eventlet.green.ssl.wrap_socket", "eventlet.green.ssl.wrap_socket", None),
        ("eventlet.green.ssl.wrap_sockets", "eventlet.green.ssl", "green-imports"),
        ("eventlet.green.sslx", "eventlet.green", "green-imports"),
        ("eventlet.event.Event.send_exception", "eventlet.Event.send_exception", None),
        ("eventlet.queue.Queue.resize", "eventlet.Queue.resize", "queue"),
        ("eventlet.queue.Queue.put", "eventlet.Queue", "queue"),
        ("eventlet.semaphore.Semaphore.locked", "eventlet.Semaphore.locked", None),
        ("eventlet.GreenPool.waitall", "eventlet.GreenPool.waitall", "greenpool"),
        ("eventlet.GreenThread.kill", "eventlet.GreenThread.kill", "spawn"),
        ("eventlet.tpool._nthreads", "eventlet.tpool._nthreads", "none"),
        ("eventlet.tpool._other", "eventlet.tpool", "tpool"),
        ("eventlet.TimeoutError", "eventlet.Timeout", "timeout"),
        ("greenlet.getcurrent", "eventlet.getcurrent", "current-thread"),
        ("eventlet.hubs.get_hub.clock", "eventlet.hubs.get_hub", "none"),
    ],
)
def test_longest_part_of_a_name_wins(
    name: str, found: str, pattern: str | None
) -> None:
    assert entry(name).name == found
    assert pattern is None or entry(name).pattern == pattern


@pytest.mark.parametrize("name", ["", "os.path", "futurist", "eventletx.sleep", "."])
def test_a_name_of_others_is_an_error(name: str) -> None:
    with pytest.raises(UnknownApi):
        entry(name)


@pytest.mark.parametrize("name", entries())
def test_entry_is_complete(name: str) -> None:
    found = entries()[name]
    assert found.name == name == canonical(name)
    assert found.pattern in PATTERNS
    if found.pattern not in IN_BOTH_STAGES:
        assert (found.stage == "B") == (found.pattern in STAGE_B)
    assert re.fullmatch(r"\S.*[\w)'*]", found.why)
    assert len(found.why) <= 160
    assert re.fullmatch(r"\S.*\.", found.recipe)
    assert "  " not in found.why + found.recipe


def test_each_row_that_is_only_refused_has_a_reason_of_its_own() -> None:
    for code, names in refused().items():
        assert re.fullmatch(r"by-hand(?:\.[a-z]+(?:-[a-z]+)*)", code)
        assert len({(each.why, each.recipe) for each in names}) == 1
    assert len(refused()) > 30


def test_every_pattern_of_the_plan_has_names() -> None:
    assert {found.pattern for found in entries().values()} == PATTERNS


def test_codemods_and_catalogue_agree() -> None:
    for page in pages().values():
        for api in page.apis:
            assert entry(api).pattern == page.name
            later = page.name in IN_BOTH_STAGES and not page.replaces[api]
            assert entry(api).stage == ("B" if later else page.stage)


ROW = b"""
[[entry]]
names = ['eventlet.sleep']
pattern = 'sleep'
stage = 'A'
why = 'x'
recipe = '''
One line,
and another.
'''
"""


def test_names_of_a_row_share_what_is_said() -> None:
    row = ROW.replace(b"['eventlet.sleep']", b"['eventlet.sleep', 'eventlet.spawn']")
    first, second = parse(row).values()
    assert (first.name, second.name) == ("eventlet.sleep", "eventlet.spawn")
    assert first.recipe == second.recipe == "One line, and another."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW + b"note = 1\n", "note"),
        (ROW + b"[other]\n", "other"),
        (ROW + ROW, "eventlet.sleep"),
        (ROW.replace(b"'A'", b"'C'"), "stage"),
        (ROW.replace(b"'sleep'\n", b"'none'\n"), "a reason goes with"),
        (ROW + b"reason = 'by-hand.sleep'\n", "a reason goes with"),
        (ROW.replace(b"why =", b"who ="), "who"),
        (ROW.replace(b"why = 'x'", b""), "why"),
        (ROW.replace(b"eventlet.sleep", b"eventlet.greenthread.sleep"), "canonical"),
        (b"[[entry]", "line 1"),
        (b"", "entry"),
    ],
)
def test_what_is_no_catalogue_is_an_error(text: bytes, said: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(said)):
        parse(text)


def test_entry_cannot_be_changed() -> None:
    known = entry("eventlet.sleep")
    with pytest.raises(AttributeError):
        known.why = "other"  # type: ignore[misc]
    assert msgspec.structs.asdict(known)["pattern"] == "sleep"


def test_catalogue_is_read_in_a_moment_and_only_when_asked() -> None:
    program = (
        "import sys, deventlet.catalog as c\n"
        "assert not c.entries.cache_info().currsize\n"
        "c.entry('eventlet.sleep')\n"
        "assert 'libcst' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert paces(min(_seconds_to_read() for _ in range(10))) < 1


def _seconds_to_read() -> float:
    entries.cache_clear()
    return seconds_of(entries)
