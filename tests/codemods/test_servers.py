"""What the page of ``servers`` cannot show: caveats, and what a proposal says."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path

import pytest
from typer.testing import CliRunner

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eventlet
    import eventlet.wsgi

from deventlet_codemods import _proposals

from deventlet.cli.app import app
from deventlet.codemod import Proposal
from deventlet.registry import pages
from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite


def rewritten(text: str) -> Rewritten:
    return rewrite(Case("servers", "a text", 1, (File("example.py", text, text),)))


# -- caveats -------------------------------------------------------------------------

CALL = """
import eventlet


def connect(host):
    return eventlet.connect({0})
"""


@pytest.mark.parametrize(
    ("address", "caveats"),
    [
        ("('192.0.2.1', 80)", ()),
        ("('localhost', 80)", ("servers.ipv6",)),
        ("(host, 80)", ("servers.ipv6",)),
        ("host", ("servers.ipv6",)),
    ],
)
def test_caveat_is_given_for_a_name(address: str, caveats: tuple[str, ...]) -> None:
    found = rewritten(CALL.format(address))
    (verdict,) = found.outcome.verdicts
    assert verdict.rewrite is not None
    assert verdict.rewrite.caveats == caveats
    assert b"socket.create_connection(" in found.after["example.py"]


SERVER = """
import eventlet


class Server:
    def __init__(self):
        self.sock = eventlet.listen(("127.0.0.1", 0))

    def run(self, handle):
        while True:
            handle(*self.sock.accept())

    def stop(self):
        {0}
"""
LOCAL = """
import eventlet


def once(handle):
    sock = eventlet.listen(("127.0.0.1", 0))
    handle(*sock.accept())
    sock.close()
"""


@pytest.mark.parametrize(
    ("text", "caveats"),
    [
        (SERVER.format("self.sock.close()"), ("servers.close",)),
        (SERVER.format("self.sock.shutdown(2); self.sock.close()"), ()),
        (SERVER.format("print(self.sock.fileno())"), ()),
        (LOCAL, ()),
    ],
)
def test_caveat_is_given_where_a_socket_is_closed(
    text: str, caveats: tuple[str, ...]
) -> None:
    found = rewritten(text)
    (rewrite,) = [v.rewrite for v in found.outcome.verdicts if len(v.subject.sites) > 1]
    assert rewrite is not None
    assert rewrite.caveats == caveats
    assert b"socket.create_server(" in found.after["example.py"]


def test_the_name_of_a_logger_is_no_mock() -> None:
    text = "import logging\n\nLOG = logging.getLogger('eventlet.wsgi.server')\n"
    assert not rewritten(text).outcome.verdicts


# -- proposals -----------------------------------------------------------------------


def proposals_of(text: str) -> list[Proposal]:
    found = rewritten(text)
    by_site = {
        site: each
        for verdict in found.outcome.verdicts
        for site, each in verdict.proposals.items()
    }
    return [each for _, each in sorted(by_site.items())]


def given(proposal: Proposal) -> dict[str, str]:
    return {term.name: term.value for term in proposal.arguments}


def parameters(function: object) -> tuple[str, ...]:
    assert callable(function)
    found = inspect.signature(function).parameters
    return tuple(name for name in found if name != "self")


@pytest.mark.parametrize(
    ("function", "api"),
    [
        (eventlet.wsgi.server, "eventlet.wsgi.server"),
        (eventlet.wsgi.Server.__init__, "eventlet.wsgi.Server"),
        (eventlet.serve, "eventlet.serve"),
    ],
)
def test_every_parameter_of_eventlets_has_a_row(function: object, api: str) -> None:
    kind = _proposals._KINDS[api]
    same = _proposals._SAME_NAMES
    names = tuple(same.get(name, name) for name in parameters(function))
    assert tuple(kind.names) == names
    assert set(names) <= set(kind.rows)


CALLS = [
    (
        "wsgi.server(sock, app, log, keepalive=False, url_length_limit=limit)",
        {
            "sock": "sock", "site": "app", "log": "log", "keepalive": "False",
            "url_length_limit": "limit",
        },
    ),
    (
        "eventlet.spawn(wsgi.server, sock, app, max_size=5)",
        {"sock": "sock", "site": "app", "max_size": "5"},
    ),
    (
        "run(**{'func': wsgi.server, 'sock': sock, 'site': app, 'debug': False})",
        {"sock": "sock", "site": "app", "debug": "False"},
    ),
    (
        "wsgi.Server(sock, address, app, socket_timeout=7)",
        {"sock": "sock", "address": "address", "site": "app", "socket_timeout": "7"},
    ),
    (
        "eventlet.wrap_ssl(sock, certfile=cert, cert_reqs=2)",
        {"sock": "sock", "certfile": "cert", "cert_reqs": "2"},
    ),
    ("eventlet.serve(sock, app)", {"sock": "sock", "handle": "app"}),
    (
        "oslo.Server(log, 'proj', app, port=5, use_ssl=True)",
        {"conf": "log", "name": "'proj'", "app": "app", "port": "5", "use_ssl": "True"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "arguments"), CALLS, ids=[c for c, _ in CALLS])
def test_proposal_maps_each_argument(call: str, arguments: dict[str, str]) -> None:
    (found,) = proposals_of(
        "import eventlet\nfrom eventlet import wsgi\n"
        "from oslo_service import wsgi as oslo\n\n\n"
        f"def main(run, sock, app, log, limit, address, cert):\n    {call}\n"
    )
    assert given(found) == arguments
    assert all(term.note or term.counterpart for term in found.arguments)
    assert found.changes
    assert found.code
    compile("\n".join(found.code), "a proposal", "exec")


def test_proposal_looks_into_a_dict_that_is_spread() -> None:
    (found,) = proposals_of(
        "from eventlet import wsgi\n\n\n"
        "def main(sock, app, pool):\n"
        "    options = {'custom_pool': pool, 'debug': False, 'other': 1}\n"
        "    wsgi.server(sock, app, **options)\n"
    )
    assert given(found) == {
        "sock": "sock", "site": "app", "custom_pool": "pool", "debug": "False",
        "**options": "",
    }  # fmt: skip


def test_proposal_begins_with_the_address_that_the_code_says() -> None:
    (found,) = proposals_of(
        "import socket\nfrom eventlet import wsgi\n\n\n"
        "def main(app, port, log):\n"
        "    sock = socket.create_server(('192.0.2.1', port))\n"
        "    wsgi.server(sock, app, log, max_size=7)\n"
    )
    assert found.code[0] == (
        "server = cheroot.wsgi.Server(('192.0.2.1', port), app, numthreads=7, "
        "request_queue_size=50)"
    )


def test_proposal_takes_the_size_of_the_pool() -> None:
    (found,) = proposals_of(
        "import eventlet\nfrom eventlet import wsgi\n\n\n"
        "def main(sock, app, conf):\n"
        "    pool = eventlet.GreenPool(size=conf.pool_size)\n"
        "    wsgi.server(sock, app, custom_pool=pool, max_size=5)\n"
    )
    assert "numthreads=conf.pool_size," in found.code[0]


def test_a_server_that_is_started_in_a_thread_is_so_in_the_proposal() -> None:
    (found,) = proposals_of(
        "import eventlet\nfrom eventlet import wsgi\n\n\n"
        "def main(sock, app):\n    return eventlet.spawn(wsgi.server, sock, app)\n"
    )
    assert "threading.Thread(target=server.serve, daemon=True).start()" in found.code
    assert "server.safe_start()" not in found.code


def test_each_call_of_a_name_has_a_proposal_of_its_own() -> None:
    first, second = proposals_of(
        "from eventlet.wsgi import server\n\n\n"
        "def main(one, two, app, log):\n"
        "    server(one, app, log)\n"
        "    server(two, app, log_output=False)\n"
    )
    assert given(first) == {"sock": "one", "site": "app", "log": "log"}
    assert given(second) == {"sock": "two", "site": "app", "log_output": "False"}


@pytest.mark.parametrize(
    ("member", "known"),
    [
        ("wsgi.HttpProtocol.get_environ", ("get_environ",)),
        ("wsgi.HttpProtocol", ()),
    ],
)
def test_proposal_for_the_inside_of_the_server(
    member: str, known: tuple[str, ...]
) -> None:
    (found,) = proposals_of(f"from eventlet import wsgi\n\nused = {member}\n")
    assert tuple(term.name for term in found.arguments) == known
    assert bool(found.changes) != bool(known)


def test_the_page_says_of_each_argument_what_the_proposal_does() -> None:
    body = pages()["servers"].body
    table = [line for line in body.splitlines() if line.startswith("| `")]
    text = "\n".join(table)
    assert [n for n in _proposals.SERVER if f"`{n}`" not in text] == []
    for name, (counterpart, _) in _proposals._CHEROOT.items():
        if counterpart.startswith("server.") and name != "keepalive":
            assert f"`{counterpart}`" in text


def test_the_command_shows_the_proposal_and_what_changes_once(tmp_path: Path) -> None:
    text = "from eventlet import wsgi\n\n\ndef main(one, two, app, pool):\n"
    text += "    wsgi.server(one, app, custom_pool=pool)\n    wsgi.server(two, app)\n"
    (tmp_path / "main.py").write_text(text)
    words = ["apply", "--codemod", "servers", "--dry-run", str(tmp_path)]
    said = CliRunner().invoke(app, words).stdout
    assert "Proposal for main.py:5, with cheroot.wsgi.Server:" in said
    assert "custom_pool=pool -> numthreads: " in said
    assert said.count("server.safe_start()\n") == 2
    assert said.count("What changes with cheroot.wsgi.Server in any case:") == 1
    assert said.count("access log -> a WSGI middleware: ") == 1
