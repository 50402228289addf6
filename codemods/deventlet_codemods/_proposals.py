"""What to write by hand where a server or TLS has to be chosen. No codemod itself.

The tables are those of the page ``servers.md``, tried with eventlet 0.41.3 and cheroot
11.1.2. Everything here is told to a person; nothing of it is ever put into a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import Context, Proposal, Site, Term
from deventlet_codemods._nodes import within

THREADS = "100"
"""How many threads are proposed where the code does not say: as many as oslo.service
has in its pool. Eventlet's 1024 cost little; native threads start all at once."""

SERVER = (
    "sock", "site", "log", "environ", "max_size", "max_http_version", "protocol",
    "server_event", "minimum_chunk_size", "log_x_forwarded_for", "custom_pool",
    "keepalive", "log_output", "log_format", "url_length_limit", "debug",
    "socket_timeout", "capitalize_response_headers",
)  # fmt: skip
"""The parameters of ``wsgi.server``, in order."""

_CLASS = (
    "sock", "address", "site", "log", "environ", "max_http_version", "protocol",
    "minimum_chunk_size", "log_x_forwarded_for", "keepalive", "log_output",
    "log_format", "url_length_limit", "debug", "socket_timeout",
    "capitalize_response_headers",
)  # fmt: skip
_TLS = (
    "sock", "keyfile", "certfile", "server_side", "cert_reqs", "ssl_version",
    "ca_certs", "do_handshake_on_connect", "suppress_ragged_eofs", "ciphers",
)  # fmt: skip
_SERVE = ("sock", "handle", "concurrency")
_OSLO = (
    "conf", "name", "app", "host", "port", "pool_size", "protocol", "backlog",
    "use_ssl", "max_url_len", "logger_name", "socket_family", "socket_file",
    "socket_mode",
)  # fmt: skip

_SAME_NAMES = {"socket": "sock", "app": "site"}
"""How ``wsgi.Server`` calls what ``wsgi.server`` calls otherwise."""

_Rows = Mapping[str, tuple[str, str]]

_CHEROOT: _Rows = {
    "sock": (
        "bind_addr",
        "a pair of host and port, or a path: cheroot opens the socket itself; '' and "
        "None are no hosts there, write '0.0.0.0' or '::'",
    ),
    "address": ("bind_addr", "cheroot opens the socket itself"),
    "site": (
        "wsgi_app",
        "a body of str is an error in the log, and a 200 that breaks off",
    ),
    "log": (
        "server.error_log",
        "a function (msg, level, traceback) for errors only; a line for each request "
        "is for a WSGI middleware to write",
    ),
    "environ": (
        "a wrapper of wsgi_app",
        "lambda environ, start_response: app({**environ, **extra}, start_response)",
    ),
    "max_size": (
        "numthreads",
        "so many native threads start at once, and there are never more: what comes "
        "while all are busy waits",
    ),
    "max_http_version": ("server.protocol", "such as 'HTTP/1.0'"),
    "protocol": (
        "",
        "what the class adds belongs into WSGI middleware, or a subclass of "
        "cheroot.server.HTTPRequest",
    ),
    "server_event": ("", "keep the server where it is made"),
    "minimum_chunk_size": (
        "",
        "each piece that the application yields is a chunk; join small ones there",
    ),
    "log_x_forwarded_for": ("", "for the middleware that writes the access log"),
    "custom_pool": (
        "numthreads",
        "the size of the pool; its resize() and waitall() have no counterpart but "
        "stop(), which waits shutdown_timeout seconds",
    ),
    "keepalive": (
        "timeout",
        "the seconds until an idle connection is closed; "
        "server.keep_alive_conn_limit = 0 switches keep-alive off",
    ),
    "log_output": ("", "there is no access log that could be switched off"),
    "log_format": ("", "for the middleware that writes the access log"),
    "url_length_limit": (
        "server.max_request_header_size",
        "for the whole header with its first line; 0 is no limit; 414 where the "
        "first line alone is too long, else 413",
    ),
    "debug": ("", "no traceback is ever sent to a client, as with False"),
    "socket_timeout": (
        "timeout",
        "10 if it is not given; None fills the error log, write a large number",
    ),
    "capitalize_response_headers": ("", "names of headers go out as they are written"),
}
"""For each argument of Eventlet's server what cheroot has, and what is different."""

_CHANGES = tuple(
    Term(name, "", counterpart, note)
    for name, counterpart, note in (
        ("access log", "a WSGI middleware", "Eventlet wrote a line for each request"),
        (
            "concurrency",
            "numthreads",
            "Eventlet had 1024 green threads; cheroot has 10 native ones unless told, "
            "and a slow client holds one",
        ),
        (
            "backlog",
            "request_queue_size",
            "5 unless told; eventlet.listen had 50",
        ),
        (
            "several processes on one port",
            "reuse_port=True",
            "eventlet.listen allowed it for any port but 0; cheroot does if told",
        ),
        (
            "idle connections",
            "server.keep_alive_conn_limit",
            "10 are kept, any more are closed after their answer; Eventlet kept all",
        ),
        (
            "idle and slow clients",
            "timeout",
            "are cut off after 10 seconds; Eventlet waited for ever",
        ),
        (
            "long URLs and headers",
            "server.max_request_header_size = 8192",
            "Eventlet answered 414 and 400 above 8192 bytes, or above MAX_HEADER_LINE; "
            "cheroot has no limit unless told",
        ),
        (
            "headers with underscores",
            "HTTPRequest.header_reader = DropUnderscoreHeaderReader()",
            "of cheroot.server; Eventlet drops them, and cheroot passes them through: "
            "X_User counts as X-User",
        ),
        (
            "environ",
            "",
            "without RAW_PATH_INFO, headers_raw, GATEWAY_INTERFACE and eventlet.*; "
            "SERVER_NAME is what the server calls itself, unless server_name is given",
        ),
        (
            "responses",
            "",
            "a Server header is added; a list without Content-Length goes out as "
            "chunks",
        ),
        (
            "stopping",
            "server.stop()",
            "from another thread or a signal handler; the workers are no daemons, and "
            "hold the process until they are stopped",
        ),
        (
            "Ctrl-C",
            "server.safe_start()",
            "stops the server and raises again; Eventlet's server() returned, also "
            "for SystemExit",
        ),
        (
            "TLS",
            "server.ssl_adapter = BuiltinSSLAdapter(certfile, keyfile)",
            "in the place of a wrapped socket; of cheroot.ssl.builtin",
        ),
        (
            "requirements",
            "cheroot>=10",
            "or none: uWSGI and mod_wsgi serve the same application",
        ),
    )
)
"""What changes with cheroot, whatever the arguments are."""

_WRAP: _Rows = {
    "sock": ("context.wrap_socket(sock)", "the context is made once, before"),
    "keyfile": ("context.load_cert_chain(certfile, keyfile)", ""),
    "certfile": ("context.load_cert_chain(certfile, keyfile)", ""),
    "server_side": ("wrap_socket(sock, server_side=True)", ""),
    "cert_reqs": (
        "context.verify_mode",
        "Eventlet took no notice of it: a certificate of anybody was accepted",
    ),
    "ssl_version": (
        "ssl.PROTOCOL_TLS_SERVER or ssl.PROTOCOL_TLS_CLIENT",
        "with context.minimum_version in the place of an old version",
    ),
    "ca_certs": ("context.load_verify_locations(ca_certs)", ""),
    "do_handshake_on_connect": ("wrap_socket(do_handshake_on_connect=…)", ""),
    "suppress_ragged_eofs": (
        "wrap_socket(suppress_ragged_eofs=…)",
        "Eventlet took no notice of it",
    ),
    "ciphers": ("context.set_ciphers(ciphers)", ""),
}
_WRAP_CHANGES = (
    Term(
        "verification", "", "context.verify_mode",
        "a peer without a valid certificate was accepted, and is refused where the "
        "context verifies: rightly",
    ),
    Term(
        "handshake", "", "wrap_socket(do_handshake_on_connect=False)",
        "accept() on the wrapped socket shakes hands before it returns, where Eventlet "
        "did so at the first read: a client that says nothing holds up all others; "
        "wrap each connection in its own thread",
    ),
)  # fmt: skip

_LOOP: _Rows = {
    "sock": ("sock.accept()", "in a loop of your own"),
    "handle": (
        "threading.Thread(target=…, daemon=True)",
        "one for each connection; it closes the connection and gives its slot back",
    ),
    "concurrency": (
        "threading.BoundedSemaphore(concurrency)",
        "taken before accept(); 1000 if it is not given, which is many for native "
        "threads",
    ),
}
_LOOP_CHANGES = (
    Term(
        "an exception of handle", "", "log it in the thread",
        "it ended the server, and was raised by serve()",
    ),
    Term(
        "StopServe", "", "sock.shutdown(socket.SHUT_RDWR)",
        "wakes the thread that accepts, whose OSError ends the loop",
    ),
)  # fmt: skip

_SERVICE: _Rows = {
    "conf": (
        "",
        "nothing reads wsgi_default_pool_size, client_socket_timeout, wsgi_keep_alive, "
        "max_header_line, tcp_keepidle, wsgi_log_format and [ssl] any more: pass them "
        "on, or deprecate them",
    ),
    "name": ("", "for your own log"),
    "app": _CHEROOT["site"],
    "host": ("bind_addr", "cheroot opens the socket itself"),
    "port": ("bind_addr", "cheroot opens the socket itself"),
    "pool_size": _CHEROOT["max_size"],
    "protocol": _CHEROOT["protocol"],
    "backlog": ("request_queue_size", ""),
    "use_ssl": (
        "server.ssl_adapter = BuiltinSSLAdapter(cert_file, key_file, ca_file)",
        "with the files of [ssl]; of cheroot.ssl.builtin",
    ),
    "max_url_len": _CHEROOT["url_length_limit"],
    "logger_name": _CHEROOT["log"],
    "socket_family": ("bind_addr", "a path is a UNIX socket"),
    "socket_file": ("bind_addr", "a path is a UNIX socket"),
    "socket_mode": ("os.chmod(socket_file, socket_mode)", "after server.prepare()"),
}
"""The same for the server of oslo.service."""

_SERVICE_CHANGES = (
    Term(
        "oslo_service.wsgi", "", "",
        "importing it imports Eventlet, and with the threading backend the class "
        "raises UnsupportedBackendError",
    ),
    Term(
        "start(), stop(), wait()", "", "a ServiceBase of your own",
        "prepare the server and start its thread in start(), stop it in stop(), join "
        "the thread in wait()",
    ),
    Term(
        "ServiceLauncher, ProcessLauncher", "", "those of the threading backend",
        "run each service in child processes: what is opened or started before, in "
        "__init__, stays in the parent; ServiceLauncher has no restart()",
    ),
    Term(
        "workers", "", "reuse_port=True",
        "each opens the socket by itself, where Eventlet's shared one",
    ),
)  # fmt: skip

_PROTOCOL = (
    Term("get_environ", "", "WSGI middleware", "changes what the application gets"),
    Term(
        "log_message, log_request", "", "server.error_log",
        "for errors; a middleware for the access log",
    ),
    Term(
        "default_request_version", "", "",
        "cheroot answers 400 to a request line without a version",
    ),
    Term(
        "MessageClass, headers_raw", "", "cheroot.server.HeaderReader",
        "a subclass, as HTTPRequest.header_reader",
    ),
    Term(
        "__init__, handle_one_request, finish", "", "cheroot.server.HTTPConnection",
        "a subclass, as server.ConnectionClass; for a UNIX socket cheroot needs none, "
        "since bind_addr may be a path",
    ),
)  # fmt: skip


_PROTOCOL_API = "eventlet.wsgi.HttpProtocol"


_Code = Callable[[Mapping[str, str], Site, Context], Iterator[str]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is proposed for a name of Eventlet's."""

    target: str
    names: Sequence[str]
    rows: _Rows
    changes: tuple[Term, ...]
    code: _Code


def proposal(site: Site, context: Context) -> Proposal | None:
    """What a person may write where a site is; None where that is nothing like it."""
    if site.form in ("import", "method"):
        return None
    if site.api == _PROTOCOL_API:
        return _of_protocol(context.names.path(site).removeprefix(f"{site.api}."))
    kind = _KINDS.get(site.api)
    if kind is None:
        return None
    given = _given(site, kind.names, context)
    terms = tuple(_term(name, value, kind.rows) for name, value in given.items())
    code = kind.code(given, site, context)
    return Proposal(kind.target, tuple(code), terms, kind.changes)


def _of_protocol(member: str) -> Proposal:
    """What to do about a member of the class, or about whatever is derived from it."""
    known = tuple(term for term in _PROTOCOL if member in term.name.split(", "))
    target = "cheroot.server.HTTPRequest"
    return Proposal(target, (), known, () if known else _PROTOCOL)


def _term(name: str, value: str, rows: _Rows) -> Term:
    if name.startswith("*"):
        note = "more may be in it than is said here; the page has every name"
        return Term(name, value, "", note)
    return Term(name, value, *rows[name])


# -- what is given -----------------------------------------------------------


def _given(site: Site, names: Sequence[str], context: Context) -> dict[str, str]:
    """The source of each argument by the name of its parameter."""
    found = _arguments(site, context)
    by_name: dict[str, str] = {}
    positions = iter(names)
    for keyword, star, value in found:
        if star:
            by_name.update(_spread(star, value, site, names, context))
            continue
        name = _SAME_NAMES.get(keyword, keyword) or next(positions, "")
        if name in names:
            by_name[name] = one_line(value)
    return by_name


_Argument = tuple[str, str, cst.BaseExpression]
"""The keyword, the stars, the value."""


def _arguments(site: Site, context: Context) -> list[_Argument]:
    """The arguments of a call, or of what calls a function that is passed to it."""
    if site.form == "call":
        return [_argument(each) for each in context.code.call(site).args]
    held = context.code.statement(site)
    if held is None:
        return []
    name = context.code.expression(site)
    for call in within(held, cst.Call):
        values = [each.value for each in call.args]
        where = next((i for i, v in enumerate(values) if v.deep_equals(name)), None)
        if where is not None:
            return [_argument(each) for each in call.args[where + 1 :]]
    for each in within(held, cst.Dict):
        pairs = list(_pairs(each))
        if any(value.deep_equals(name) for _, value in pairs):
            return [(key, "", value) for key, value in pairs]
    return []


def _argument(argument: cst.Arg) -> _Argument:
    keyword = argument.keyword.value if argument.keyword else ""
    return keyword, argument.star, argument.value


def _spread(
    star: str,
    value: cst.BaseExpression,
    site: Site,
    names: Sequence[str],
    context: Context,
) -> dict[str, str]:
    """What a dict is known to give, and the dict, to which more may be added."""
    bound = (
        context.names.value(value.value, site) if isinstance(value, cst.Name) else None
    )
    pairs = _pairs(bound) if isinstance(bound, cst.Dict) and star == "**" else ()
    known = {_SAME_NAMES.get(key, key): one_line(each) for key, each in pairs}
    known = {name: text for name, text in known.items() if name in names}
    return {**known, f"{star}{one_line(value)}": ""}


def _pairs(node: cst.Dict) -> Iterator[tuple[str, cst.BaseExpression]]:
    """The pairs of a dict display whose keys are strings."""
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = element.key
            said = key.evaluated_value if isinstance(key, cst.SimpleString) else None
            if isinstance(said, str):
                yield said, element.value


def one_line(value: cst.BaseExpression) -> str:
    """The source of an expression, on one line."""
    return " ".join(cst.Module([]).code_for_node(value).split())


# -- the lines to begin with -------------------------------------------------


_IN_A_THREAD = (
    "server.prepare()",
    "threading.Thread(target=server.serve, daemon=True).start()",
    "server.stop()  # where its green thread was killed",
)


def _cheroot(given: Mapping[str, str], site: Site, context: Context) -> Iterator[str]:
    address = given.get("address") or _address(given.get("sock", ""), site, context)
    size = _pool(given.get("custom_pool", ""), site, context)
    size = size or given.get("max_size", "None")
    arguments = [
        address,
        given.get("site", "app"),
        f"numthreads={THREADS if size == 'None' else size}",
        "request_queue_size=50",
        *_timeout(given),
    ]
    yield f"server = cheroot.wsgi.Server({', '.join(arguments)})"
    if given.get("keepalive") in ("False", "0"):
        yield "server.keep_alive_conn_limit = 0"
    if "max_http_version" in given:
        yield f"server.protocol = {given['max_http_version']}"
    limit = given.get("url_length_limit", "8192")
    yield f"server.max_request_header_size = {limit}"
    yield from ("server.safe_start()",) if site.form == "call" else _IN_A_THREAD


def _service(given: Mapping[str, str], site: Site, context: Context) -> Iterator[str]:
    address = f"({given.get('host', 'host')}, {given.get('port', 'port')})"
    size = given.get("pool_size", "None")
    arguments = [
        given.get("socket_file", address),
        given.get("app", "app"),
        f"numthreads={THREADS if size == 'None' else size}",
        f"request_queue_size={given.get('backlog', '128')}",
    ]
    yield f"server = cheroot.wsgi.Server({', '.join(arguments)})"
    yield "server.prepare()  # in start()"
    yield "threading.Thread(target=server.serve, daemon=True).start()"
    yield "server.stop()  # in stop()"


def _timeout(given: Mapping[str, str]) -> Iterator[str]:
    """The one time that cheroot has, of the two that Eventlet has."""
    value = given.get("socket_timeout", "None")
    if value != "None":
        yield f"timeout={value}"


def _pool(pool: str, site: Site, context: Context) -> str:
    """The size of the pool that a name is bound to, where the code says it."""
    named = cst.parse_expression(pool) if pool else None
    made = (
        context.names.value(named.value, site) if isinstance(named, cst.Name) else named
    )
    if not isinstance(made, cst.Call) or len(made.args) != 1 or made.args[0].star:
        return ""
    is_pool = one_line(made.func).rpartition(".")[2] == "GreenPool"
    return one_line(made.args[0].value) if is_pool else ""


def _address(sock: str, site: Site, context: Context) -> str:
    """The address that a socket listens on, where the code says it."""
    opened = cst.parse_expression(sock) if sock else None
    if isinstance(opened, cst.Name):
        opened = context.names.value(opened.value, site)
    if isinstance(opened, cst.Call) and opened.args:
        name = one_line(opened.func).rpartition(".")[2]
        if name in ("listen", "create_server") and not opened.args[0].star:
            return one_line(opened.args[0].value)
    return "(host, port)"


def _tls(given: Mapping[str, str], site: Site, context: Context) -> Iterator[str]:
    sock, key = given.get("sock", "sock"), given.get("keyfile", "None")
    if given.get("server_side") == "True" or any(each[0] == "*" for each in given):
        yield "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)"
        yield f"context.load_cert_chain({given.get('certfile', 'certfile')}, {key})"
        yield f"sock = context.wrap_socket({sock}, server_side=True)"
        return
    ca = f"cafile={given['ca_certs']}" if "ca_certs" in given else ""
    yield f"context = ssl.create_default_context({ca})"
    if "certfile" in given:
        yield f"context.load_cert_chain({given['certfile']}, {key})"
    yield f"sock = context.wrap_socket({sock}, server_hostname=host)"


def _loop(given: Mapping[str, str], site: Site, context: Context) -> Iterator[str]:
    sock = given.get("sock", "sock")
    yield f"slots = threading.BoundedSemaphore({given.get('concurrency', '1000')})"
    yield ""
    yield "def run(conn, address):"
    yield "    try:"
    yield f"        {_called(given.get('handle', 'handle'))}(conn, address)"
    yield "    except Exception:"
    yield '        LOG.exception("connection of %s", address)'
    yield "    finally:"
    yield "        conn.close()"
    yield "        slots.release()"
    yield ""
    yield "while True:"
    yield "    slots.acquire()"
    yield f"    conn, address = {sock}.accept()"
    yield "    threading.Thread(target=run, args=(conn, address), daemon=True).start()"


def _called(function: str) -> str:
    return f"({function})" if function.startswith("lambda") else function


_KINDS = {
    "eventlet.wsgi.server": _Kind(
        "cheroot.wsgi.Server", SERVER, _CHEROOT, _CHANGES, _cheroot
    ),
    "eventlet.wsgi.Server": _Kind(
        "cheroot.wsgi.Server", _CLASS, _CHEROOT, _CHANGES, _cheroot
    ),
    "eventlet.wrap_ssl": _Kind("ssl.SSLContext", _TLS, _WRAP, _WRAP_CHANGES, _tls),
    "eventlet.serve": _Kind("threading.Thread", _SERVE, _LOOP, _LOOP_CHANGES, _loop),
    "oslo_service.wsgi.Server": _Kind(
        "a service of cheroot's",
        _OSLO,
        _SERVICE,
        (*_SERVICE_CHANGES, *_CHANGES),
        _service,
    ),
}
