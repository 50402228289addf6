"""The one form of ``wsgi.server`` that cheroot can take over. No codemod itself.

``wsgi.server(eventlet.listen((host, port)), app)``: the server opens the socket by
itself, on an address that means the same to both. What differs for operators is the
assumption ``server.cheroot``; what any other form needs is a proposal.
"""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Context, Refuse, Site
from deventlet_codemods._nodes import within
from deventlet_codemods._proposals import SERVER, THREADS
from deventlet_codemods._sockets import (
    BACKLOG,
    LISTEN,
    Called,
    arguments,
    is_four,
    is_word,
    reuse_port,
)

_LISTEN = "eventlet.listen"
_WSGI = "eventlet.wsgi.server"
_LITERAL = {"debug": ("True", "False"), "log_output": ("True", "False"),
            "keepalive": ("True",)}  # fmt: skip
"""Arguments that say nothing to cheroot, and what they may be."""

_EVERY = "0.0.0.0"


def serving(site: Site, context: Context) -> cst.Call | None:
    """A call of ``wsgi.server`` as one of cheroot; None if it is another form."""
    call = context.code.call(site)
    called = arguments(call, SERVER)
    if called is None or context.flow.becomes(site) != "discarded":
        return None
    if not {"sock", "site"} <= called.given.keys() or not _is_plain(called):
        return None
    opened = _opened(called.given["sock"], site, context)
    bound = _bound(opened, site, context) if opened is not None else None
    if bound is None or any(within(call, cst.Comment)):
        return None
    address, options = bound
    size = called.given.get("max_size")
    threads = cst.Integer(THREADS) if size is None or is_word(size, "None") else size
    given = {"numthreads": threads, **options}
    server = cst.Call(
        context.names.name_of("cheroot.wsgi", "Server"),
        [cst.Arg(address), cst.Arg(called.given["site"]), *_keywords(given)],
    )
    return cst.Call(cst.Attribute(server, cst.Name("safe_start")))


def server_around(site: Site, context: Context) -> Site | None:
    """The server of such a form that opens its socket at a site."""
    for subject, _ in context.project.others([_WSGI]):
        for other in subject.sites:
            if other.form == "call" and _is_in(site, other):
                return other if serving(other, context) is not None else None
    return None


def _is_in(site: Site, other: Site) -> bool:
    inside = other.start < site.start and site.end < other.end
    return site.path == other.path and inside


def _is_plain(called: Called) -> bool:
    """Whether every argument but the first two says nothing to cheroot, or the size."""
    for name, value in called.given.items():
        if name in _LITERAL:
            if not any(is_word(value, word) for word in _LITERAL[name]):
                return False
        elif name not in ("sock", "site", "max_size"):
            return False
    return True


def _opened(sock: cst.BaseExpression, site: Site, context: Context) -> Called | None:
    """The call of ``eventlet.listen`` that stands for the socket."""
    for subject, reason in context.project.others([_LISTEN]):
        known = not reason or reason.startswith("value.")
        for other in subject.sites if known else ():
            if other.form == "call" and _is_in(other, site):
                call = context.code.call(other)
                return arguments(call, LISTEN) if call.deep_equals(sock) else None
    return None


_Options = dict[str, cst.BaseExpression]


def _bound(
    opened: Called, site: Site, context: Context
) -> tuple[cst.Tuple, _Options] | None:
    """The address for cheroot, with what it needs to open the socket alike."""
    given = opened.given
    if not is_word(given.get("reuse_addr"), "True") or "family" in given:
        return None
    address = _address(given.get("addr"))
    reuse = reuse_port(opened, "AF_INET", site, context) if address else None
    if address is None or isinstance(reuse, Refuse):
        return None
    backlog = given.get("backlog", cst.Integer(BACKLOG))
    options: _Options = {"request_queue_size": backlog}
    return address, options if reuse is None else {**options, "reuse_port": reuse}


def _address(value: cst.BaseExpression | None) -> cst.Tuple | None:
    """A pair whose host is written as IPv4; cheroot has no word for every address."""
    if not isinstance(value, cst.Tuple) or len(value.elements) != 2:
        return None
    host = value.elements[0].value
    if not isinstance(host, cst.SimpleString):
        return None
    if is_four(value):
        return value
    if host.evaluated_value != "":
        return None
    every = host.with_changes(value=f"{host.quote}{_EVERY}{host.quote}")
    first = value.elements[0].with_changes(value=every)
    return value.with_changes(elements=[first, value.elements[1]])


def _keywords(given: _Options) -> list[cst.Arg]:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return [
        cst.Arg(value, keyword=cst.Name(name), equal=tight)
        for name, value in given.items()
    ]
