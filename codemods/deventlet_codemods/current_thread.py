"""Decide what tells green threads apart: identities and what is local to each.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

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
    Swap,
)
from deventlet_codemods._processes import where_patched

_NAMES = {
    "eventlet.corolocal.get_ident": "get_ident",
    "eventlet.corolocal.local": "local",
}
_CAVEATS = {"local": ("current-thread.pool",), "get_ident": ()}


def decide(subject: Subject, context: Context) -> Decision:
    """Decide a use, an alias or a mock, or an object with all its uses."""
    name = _NAMES.get(subject.api)
    if name is None:
        return Refuse("current-thread.greenlet")
    if subject.kind == "mock":
        if context.path(subject.origin).startswith("eventlet."):
            return Refuse("current-thread.mocked")
        return Rewrite({subject.origin: Retarget("threading", name)})
    actions = {site: _action(site, name, subject, context) for site in subject.sites}
    running = [site for site in subject.sites if site not in subject.bindings]
    where = running or subject.sites
    return where_patched("threading", where, context, actions, _CAVEATS[name])


def _action(site: Site, name: str, subject: Subject, context: Context) -> Action:
    """What one site becomes; what is done with an object stays as it is."""
    if site.form == "method":
        return Keep()
    if site.form == "import":
        return Swap("threading", name)
    if subject.kind == "alias" and site not in subject.bindings:
        return Keep()
    named = context.name_of("threading", name)
    if site.form == "call":
        return Replace(context.call(site).with_changes(func=named))
    return Replace(named)
