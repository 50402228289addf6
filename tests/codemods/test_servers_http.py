"""A server that was rewritten answers real requests as the one before did.

The program runs as it stands, under Eventlet, and rewritten, with cheroot: without
Eventlet, and while everything is still patched. All are asked the same over sockets,
by ordinary clients. So are the lines of a proposal, put into a program as they are.
"""

from __future__ import annotations

import hashlib
import http.client
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import cheroot.server
import cheroot.wsgi
import pytest

from deventlet.codemod import Proposal
from tests.pages import Case, File
from tests.support.tool import rewrite

PATIENCE = 60.0
"""Seconds until something that never happens is given up; nothing is measured."""

LARGE = b"seed and leaf\n" * 700_000
CLIENTS = 200

APPLICATION = """
import hashlib
import signal
import sys
import time


def app(environ, start_response):
    path, size = environ["PATH_INFO"], int(environ.get("CONTENT_LENGTH") or 0)
    plain = ("Content-Type", "text/plain")
    if path == "/digest":
        body = hashlib.sha256(environ["wsgi.input"].read(size)).hexdigest().encode()
    elif path == "/pieces":
        start_response("200 OK", [plain])
        return (b"%d\\n" % number for number in range(1000))
    elif path == "/slow":
        print("slow", flush=True)
        time.sleep(1)
        body = b"at last"
    elif path == "/hello":
        body = environ["QUERY_STRING"].encode() + environ["HTTP_X_GREEN"].encode()
    else:
        start_response("404 Not Found", [plain, ("Content-Length", "0")])
        return []
    start_response("200 OK", [plain, ("Content-Length", str(len(body)))])
    return [body]


def stop(number, frame):
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
"""

SERVER = f"""
import eventlet
from eventlet import wsgi
{APPLICATION}
PORT = int(sys.argv[1])

if __name__ == "__main__":
    wsgi.server(eventlet.listen(("127.0.0.1", PORT)), app, max_size=50)
"""

RUN = """
import runpy
import sys

if "native" in sys.argv:
    sys.modules["eventlet"] = None
if "patched" in sys.argv:
    import eventlet

    eventlet.monkey_patch()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@cache
def programs() -> Mapping[str, bytes]:
    """The program as it stands, and rewritten."""
    case = Case("servers", "a server", 1, (File("main.py", SERVER, SERVER),))
    found = rewrite(case)
    after = found.after["main.py"]
    return {"green": found.before["main.py"], "native": after, "patched": after}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Running:
    """A server in a process of its own."""

    def __init__(self, folder: Path, text: bytes, world: str) -> None:
        self.port = free_port()
        (folder / "main.py").write_bytes(text)
        command = [sys.executable, "-c", RUN, "main.py", str(self.port), world]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None, self.errors()
                assert time.monotonic() < end
                time.sleep(0.05)

    def client(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def errors(self) -> str:
        return self.process.communicate()[1].decode()


@contextmanager
def running(folder: Path, text: bytes, world: str) -> Iterator[Running]:
    server = Running(folder, text, world)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


@pytest.fixture(params=["green", "native", "patched"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, programs()[request.param], request.param) as found:
        yield found


@pytest.fixture
def native(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, programs()["native"], "native") as found:
        yield found


Answer = tuple[int, bytes]


def ask(
    client: http.client.HTTPConnection, path: str, body: bytes | None = None
) -> Answer:
    client.request("POST" if body else "GET", path, body, {"X-Green": "!"})
    answer = client.getresponse()
    return answer.status, answer.read()


def test_the_program_was_rewritten() -> None:
    before, after, _ = programs().values()
    assert b"cheroot" not in before
    assert b"eventlet" not in after
    assert b"numthreads=50" in after


def test_requests_are_answered(server: Running) -> None:
    client = server.client()
    assert ask(client, "/hello?leaf") == (200, b"leaf!")
    assert ask(client, "/nothing") == (404, b"")
    pieces = b"".join(b"%d\n" % number for number in range(1000))
    assert ask(client, "/pieces") == (200, pieces)
    client.close()


def test_a_connection_is_kept(server: Running) -> None:
    client = server.client()
    names = set()
    for number in range(20):
        assert ask(client, f"/hello?{number}") == (200, b"%d!" % number)
        names.add(client.sock.getsockname())
    assert len(names) == 1
    client.close()


def test_a_large_body_arrives(server: Running) -> None:
    client = server.client()
    digest = hashlib.sha256(LARGE).hexdigest().encode()
    assert ask(client, "/digest", LARGE) == (200, digest)
    client.close()


def test_two_hundred_clients_get_their_own_answers(server: Running) -> None:
    together = threading.Barrier(CLIENTS)

    def one(number: int) -> Answer:
        client = server.client()
        together.wait(PATIENCE)
        try:
            return ask(client, f"/hello?{number}")
        finally:
            client.close()

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(one, range(CLIENTS)))
    assert answers == [(200, b"%d!" % number) for number in range(CLIENTS)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_is_finished_before_the_server_ends(
    native: Running, number: signal.Signals
) -> None:
    """Eventlet raised what a signal handler does inside of a request that ran."""
    server, client = native, native.client()
    client.request("GET", "/slow", headers={"Connection": "close"})
    assert server.process.stdout is not None
    assert server.process.stdout.readline() == b"slow\n"
    server.process.send_signal(number)
    answer = client.getresponse()
    assert (answer.status, answer.read()) == (200, b"at last")
    client.close()
    status = server.process.wait(PATIENCE)
    assert status == 0 or number == signal.SIGINT
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


# -- a proposal ----------------------------------------------------------------------

PROPOSED = f"""
import eventlet
from eventlet import wsgi
{APPLICATION}
PORT = int(sys.argv[1])


def main(log):
    sock = eventlet.listen(("127.0.0.1", PORT))
    sock = eventlet.wrap_ssl(
        sock, certfile="cert.pem", keyfile="key.pem", server_side=True)
    wsgi.server(
        sock, app, log, max_size=20, keepalive=False, socket_timeout=30,
        url_length_limit=2000, max_http_version="HTTP/1.1")
"""


def proposal_of(text: str) -> Proposal:
    found = rewrite(Case("servers", "a proposal", 1, (File("main.py", text, text),)))
    proposals = {
        each.target: each
        for verdict in found.outcome.verdicts
        for each in verdict.proposals.values()
    }
    return proposals["cheroot.wsgi.Server"]


def written(proposal: Proposal) -> bytes:
    """A program of the lines of a proposal, with TLS as it says."""
    (tls,) = [t.counterpart for t in proposal.changes if t.name == "TLS"]
    first, *rest = proposal.code
    lines = [
        "import cheroot.wsgi",
        "from cheroot.ssl.builtin import BuiltinSSLAdapter",
        APPLICATION,
        "certfile, keyfile, (host, port) = "
        "'cert.pem', 'key.pem', ('127.0.0.1', int(sys.argv[1]))",
        first,
        tls,
        *rest,
    ]
    return "\n".join(lines).encode()


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A folder with a certificate of its own for 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=greenhouse",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    return tmp_path


def test_the_lines_of_a_proposal_serve_tls(certified: Path) -> None:
    context = ssl.create_default_context(cafile=str(certified / "cert.pem"))
    with running(certified, written(proposal_of(PROPOSED)), "native") as server:
        client = http.client.HTTPSConnection(
            "127.0.0.1", server.port, timeout=PATIENCE, context=context
        )
        digest = hashlib.sha256(LARGE).hexdigest().encode()
        assert ask(client, "/digest", LARGE) == (200, digest)
        assert client.sock is None  # keepalive=False
        assert ask(client, "/hello?leaf") == (200, b"leaf!")
        with suppress(ssl.SSLError, ConnectionError):
            assert ask(client, "/hello?" + "x" * 3000)[0] == 414
        client.close()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0


# -- what the tables say of cheroot --------------------------------------------------


def told(
    environ: Mapping[str, object], start_response: Callable[..., object]
) -> list[bytes | str]:
    """Answers with the names and texts of what it is given."""
    path = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/str":
        return ["a str"]
    names = sorted(name for name in environ if name != "wsgi.input")
    return ["\n".join(f"{name}={environ[name]}" for name in names).encode()]


@pytest.fixture
def cheroots() -> Iterator[cheroot.wsgi.Server]:
    server = cheroot.wsgi.Server(("127.0.0.1", 0), told, numthreads=2)
    server.prepare()
    serving = threading.Thread(target=server.serve, daemon=True)
    serving.start()
    yield server
    server.stop()
    serving.join(PATIENCE)
    assert not serving.is_alive()


def get(
    server: cheroot.wsgi.Server, path: str, **headers: str
) -> tuple[int, Mapping[str, str], str]:
    host, port = server.bind_addr
    client = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read().decode()
    client.close()
    return found


def test_headers_with_underscores_come_through_unless_dropped(
    cheroots: cheroot.wsgi.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "HTTP_X_GREEN=leaf" in get(cheroots, "/", X_Green="leaf")[2]
    reader = cheroot.server.DropUnderscoreHeaderReader()
    monkeypatch.setattr(cheroot.server.HTTPRequest, "header_reader", reader)
    assert "HTTP_X_GREEN" not in get(cheroots, "/", X_Green="leaf")[2]


def test_long_lines_are_refused_if_told(cheroots: cheroot.wsgi.Server) -> None:
    path = "/" + "x" * 9000
    assert get(cheroots, path)[0] == 200
    cheroots.max_request_header_size = 8192
    assert get(cheroots, path)[0] == 414


def test_what_is_different_on_the_wire(
    cheroots: cheroot.wsgi.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, headers, body = get(cheroots, "/")
    assert status == 200
    assert {"Server", "Transfer-Encoding"} <= headers.keys()
    assert not [k for k in ("RAW_PATH_INFO", "headers_raw", "eventlet.") if k in body]
    logged = threading.Event()
    monkeypatch.setattr(cheroots, "error_log", lambda *_, **__: logged.set())
    with pytest.raises(http.client.IncompleteRead):
        get(cheroots, "/str")
    assert logged.wait(PATIENCE)


def test_a_line_without_a_version_is_a_bad_request(
    cheroots: cheroot.wsgi.Server,
) -> None:
    with socket.create_connection(cheroots.bind_addr) as client:
        client.sendall(b"GET /\r\n\r\n")
        assert b" 400 " in client.recv(100)


def test_an_empty_host_is_none() -> None:
    with pytest.raises(ValueError, match="not allowed"):
        cheroot.wsgi.Server(("", 8080), told)
