"""Decide servers: sockets of ``socket``, and for WSGI what a person has to choose.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sockets import connecting, listening
from deventlet_codemods._stages import where_nothing_is_green

_LISTEN = "eventlet.listen"
_CONNECT = "eventlet.connect"
_NATIVE = {_LISTEN: "create_server", _CONNECT: "create_connection"}
_GREEN = frozenset({
    "_call_trampolining", "_fd", "_read_trampoline", "_recv_loop", "_send_loop",
    "_sock", "_timeout", "_trampoline", "_wrap_socket", "act_non_blocking", "fd",
    "makeGreenFile",
})  # fmt: skip
"""What a green socket has, and a native one has not."""

_Found = tuple[Action, tuple[str, ...]] | Refuse


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one socket with all its uses, or one use, alias or mock of a name."""
    if subject.kind == "mock":
        return _mock(subject)
    actions: dict[Site, Action] = {}
    caveats: list[str] = []
    for site in subject.sites:
        found = _site(site, context)
        if isinstance(found, Refuse):
            return found
        actions[site], notes = found
        caveats += notes
    running = [site for site in subject.sites if site.form != "import"]
    return _where_right(running or subject.sites, context, actions, caveats)


def _mock(subject: Subject) -> Decision:
    name = _NATIVE.get(subject.api)
    if name is None:
        return Refuse("servers.mock")
    return Rewrite({subject.origin: Retarget("socket", name)})


def _site(site: Site, context: Context) -> _Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "import":
        return Keep(), ()  # it goes with the last of its uses
    if site.form == "method":
        return _member(site, context)
    if site.api not in _NATIVE:
        return Refuse("servers.wsgi")
    if site.form != "call":
        return Refuse("servers.value", f"{site.path}:{site.line}")
    return _call(site, context)


def _call(site: Site, context: Context) -> _Found:
    call = context.call(site)
    if site.api == _CONNECT:
        connected = connecting(call, site, context)
        if isinstance(connected, Refuse):
            return connected
        return Replace(connected[0]), connected[1]
    made = listening(call, site, context)
    return made if isinstance(made, Refuse) else (Replace(made), ())


def _member(site: Site, context: Context) -> _Found:
    """What is done with a socket; a native one has all but what is Eventlet's own."""
    member = context.member(site)
    assert member is not None
    where = f"{member.name} at {site.path}:{site.line}"
    if member.name in _GREEN or member.result in ("stored", "mocked"):
        return Refuse("servers.green-socket", where)
    return Keep(), ()


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
    if isinstance(patched, Rewrite) or context.is_dual():
        return patched
    native = where_nothing_is_green(running, context, actions, caveats)
    better = isinstance(native, Rewrite) or isinstance(patched, Refuse)
    return native if better and not isinstance(native, Refuse) else patched
