"""Decide servers: sockets of ``socket``, and for WSGI what a person has to choose.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from deventlet.codemod import (
    Action,
    Assume,
    Context,
    Decision,
    Keep,
    Proposal,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._cheroot import server_around, serving
from deventlet_codemods._processes import where_patched
from deventlet_codemods._proposals import proposal
from deventlet_codemods._sites import Found, actions_with_caveats, running
from deventlet_codemods._sockets import connecting, listening
from deventlet_codemods._stages import where_nothing_is_green

_LISTEN = "eventlet.listen"
_CONNECT = "eventlet.connect"
_WSGI = "eventlet.wsgi.server"
_NATIVE = {_LISTEN: "create_server", _CONNECT: "create_connection"}
_REFUSED = {
    "eventlet.wsgi.server": "servers.wsgi",
    "eventlet.wsgi.Server": "servers.wsgi",
    "oslo_service.wsgi.Server": "servers.oslo",
    "eventlet.wrap_ssl": "servers.tls",
    "eventlet.convenience.wrap_ssl_impl": "servers.tls",
    "eventlet.serve": "servers.serve",
    "eventlet.StopServe": "servers.serve",
    "eventlet.wsgi.HttpProtocol": "servers.protocol",
    "eventlet.wsgi.Input": "servers.protocol",
    "eventlet.wsgi.FileObjectForHeaders": "servers.protocol",
    "eventlet.wsgi.ChunkReadError": "servers.protocol",
    "eventlet.wsgi.ALREADY_HANDLED": "servers.protocol",
    "eventlet.wsgi.WSGI_LOCAL": "servers.protocol",
}
"""Why each name stays; of all others of ``eventlet.wsgi`` because it is a state."""

_GREEN = frozenset({
    "_call_trampolining", "_fd", "_read_trampoline", "_recv_loop", "_send_loop",
    "_sock", "_timeout", "_trampoline", "_wrap_socket", "act_non_blocking", "fd",
    "makeGreenFile",
})  # fmt: skip
"""What a green socket has, and a native one has not."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one socket with all its uses, or one use, alias or mock of a name."""
    if subject.kind == "mock":
        return _mock(subject)
    before = _with_source(subject, context) or _with_server(subject, context)
    if before is not None:
        return before
    found = actions_with_caveats(
        subject.sites, lambda site: _placed(_site(site, context), site, subject)
    )
    if isinstance(found, Refuse):
        return replace(found, proposals=_proposals(subject, context))
    actions, caveats = found
    if _ends_by_closing(subject, context):
        caveats.append("servers.close")
    return _where_right(running(subject) or subject.sites, context, actions, caveats)


def _placed(found: Found, site: Site, subject: Subject) -> Found:
    """A refusal that says where it is, unless that is said or stands there anyhow."""
    if not isinstance(found, Refuse) or found.detail or site == subject.origin:
        return found
    return replace(found, detail=f"{site.path}:{site.line}")


def _mock(subject: Subject) -> Decision:
    name = _NATIVE.get(subject.api)
    if name is None:
        return Refuse("servers.mock")
    return Rewrite({subject.origin: Retarget("socket", name)})


def _site(site: Site, context: Context) -> Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "import":
        return Keep(), ()  # it goes with the last of its uses
    if site.form == "method":
        return _member(site, context)
    if site.api not in _NATIVE:
        return Refuse(_REFUSED.get(site.api, "servers.state"))
    if site.form != "call":
        return Refuse("servers.value")
    return _call(site, context)


def _call(site: Site, context: Context) -> Found:
    call = context.code.call(site)
    if site.api == _CONNECT:
        connected = connecting(call, site, context)
        if isinstance(connected, Refuse):
            return connected
        return Replace(connected[0]), connected[1]
    made = listening(call, site, context)
    return made if isinstance(made, Refuse) else (Replace(made), ())


def _member(site: Site, context: Context) -> Found:
    """What is done with a socket; a native one has all but what is Eventlet's own."""
    member = context.objects.member(site)
    assert member is not None
    where = f"{member.name} at {site.path}:{site.line}"
    if member.name in _GREEN or member.result in ("stored", "mocked"):
        return Refuse("servers.green-socket", where)
    return Keep(), ()


def _with_source(subject: Subject, context: Context) -> Decision | None:
    """A connection that stays with the socket which accepted it; else None."""
    made = any(site.form != "method" for site in subject.sites)
    source = (
        context.objects.source(subject)
        if subject.kind == "object" and not made
        else None
    )
    if source is None or source.api not in _NATIVE:
        return None
    decision = decide(source, context)
    if isinstance(decision, Refuse):
        return Refuse(decision.reason, decision.detail)
    return None


def _ends_by_closing(subject: Subject, context: Context) -> bool:
    """Whether a socket may be closed in the middle of a native accept()."""
    members = (context.objects.member(site) for site in subject.sites)
    names = {member.name for member in members if member is not None}
    ends = {"accept", "close"} <= names and "shutdown" not in names
    return ends and not context.objects.local(subject)


def _where_right(
    running: Iterable[Site],
    context: Context,
    actions: Mapping[Site, Action],
    caveats: Iterable[str],
) -> Decision:
    """Where ``socket`` is patched the result is the same object; else nothing is green.

    ``socket.create_server()`` gives a green socket in a process that patches.
    """
    running = list(running)
    patched = where_patched("socket", running, context, actions, caveats)
    if isinstance(patched, Rewrite) or context.project.is_dual():
        return patched
    native = where_nothing_is_green(running, context, actions, caveats)
    better = isinstance(native, Rewrite) or isinstance(patched, Refuse)
    return native if better and not isinstance(native, Refuse) else patched


# -- WSGI --------------------------------------------------------------------


def _with_server(subject: Subject, context: Context) -> Decision | None:
    """A server that cheroot can take over, or the socket that one opens; else None.

    Both stand in one statement, and change together.
    """
    calls = [site for site in subject.sites if site.form == "call"]
    if len(calls) != 1 or any(site.form == "method" for site in subject.sites):
        return None
    site = calls[0]
    keep: dict[Site, Action] = dict.fromkeys(subject.sites, Keep())
    if site.api == _LISTEN:
        server = server_around(site, context)
        decision = _cheroot(server, keep, context) if server is not None else None
        together = isinstance(decision, Assume) or _waits(decision)
        return decision if together else None
    made = serving(site, context) if site.api == _WSGI else None
    if made is None:
        return None
    return _cheroot(site, {**keep, site: Replace(made)}, context)


def _waits(decision: Decision | None) -> bool:
    """Whether a server goes once something else has gone, and its socket with it."""
    return isinstance(decision, Refuse) and decision.reason == "stage.blocked"


def _cheroot(site: Site, actions: Mapping[Site, Action], context: Context) -> Decision:
    """The server's own thread is the last that may be green, and goes with it."""
    own = f"{site.path}:{site.line}"
    native = where_nothing_is_green([site], context, actions, besides=[own])
    told = proposal(site, context)
    proposals = {site: told} if told is not None and site in actions else {}
    if isinstance(native, Refuse):
        return replace(native, proposals=proposals)
    doubt = native.detail if isinstance(native, Assume) else ""
    rewrite = native.rewrite if isinstance(native, Assume) else native
    return Assume("server.cheroot", doubt, rewrite, proposals)


def _proposals(subject: Subject, context: Context) -> dict[Site, Proposal]:
    """What a person may write at each site of a subject that is refused."""
    found = ((site, proposal(site, context)) for site in subject.sites)
    return {site: told for site, told in found if told is not None}
