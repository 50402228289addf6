"""Decide ``oslo_utils.eventletutils``: its events now, the rest when Eventlet has gone.

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
    Rewrite,
    Site,
    Subject,
    Swap,
)
from deventlet_codemods._mocks import class_mock
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import running

_MODULE = "oslo_utils.eventletutils."
_LATER = {
    "fetch_current_thread_functor": "eventletutils.current-thread",
    "EVENTLET_AVAILABLE": "eventletutils.question",
}
_MEMBERS = frozenset({"is_set", "isSet", "set", "clear", "wait"})


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one use, alias or mock of a name of the module."""
    name = subject.api.removeprefix(_MODULE)
    if name in _LATER:
        return Refuse(_LATER[name])
    if subject.kind == "mock":
        return _mock(subject, context)
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        found = _site(site, subject, context)
        if isinstance(found, Refuse):
            return found
        actions[site] = found
    if name == "Event":  # gives threading's own wherever thread is not patched
        return Rewrite(actions)
    return where_patched("threading", running(subject), context, actions)


def _site(site: Site, subject: Subject, context: Context) -> Action | Refuse:
    """What one site becomes: the same call of threading's class."""
    event = context.names.name_of("threading", "Event")
    if site.form == "import":
        return Keep() if _is_renamed(subject) else Swap("threading", "Event")
    if site.form == "call":
        call = context.code.call(site)
        if call.args:
            return Refuse("eventletutils.arguments")
        stays = subject.kind == "alias" and not _is_renamed(subject)
        return Keep() if stays else Replace(call.with_changes(func=event))
    if site in subject.bindings:
        return Replace(event)
    if site.api.endswith(".EventletEvent"):
        return Refuse("eventletutils.class-used", f"{site.path}:{site.line}")
    return Keep() if subject.kind == "alias" else Replace(event)


def _is_renamed(subject: Subject) -> bool:
    """``from oslo_utils.eventletutils import EventletEvent``: a name that must go."""
    return any(site.spelling == "EventletEvent" for site in subject.bindings)


def _mock(subject: Subject, context: Context) -> Decision:
    """A mock of the class, or of a method of all its objects."""
    return class_mock(subject, context, "threading", "Event", _MEMBERS)
