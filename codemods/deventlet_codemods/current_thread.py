"""Decide what tells green threads apart: identities and what is local to each.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    ReplaceAround,
    Retarget,
    Rewrite,
    Site,
    Subject,
    Swap,
)
from deventlet_codemods._processes import where_patched

_PASSING = frozenset({"text", "dropped"})
"""What is done with a value that nobody has any more then."""
_NAMES = {
    "eventlet.corolocal.get_ident": "get_ident",
    "eventlet.corolocal.local": "local",
}
_CAVEATS = {"local": ("current-thread.pool",), "get_ident": ()}


def decide(subject: Subject, context: Context) -> Decision:
    """Decide a use, an alias or a mock, or an object with all its uses."""
    name = _NAMES.get(subject.api)
    if name is None:
        return _current(subject, context)
    if subject.kind == "mock":
        if context.names.path(subject.origin).startswith("eventlet."):
            return Refuse("current-thread.mocked")
        return Rewrite({subject.origin: Retarget("threading", name)})
    running = [site for site in subject.sites if site not in subject.bindings]
    pooled = context.objects.pooled(subject)
    if pooled:
        return Refuse("current-thread.pooled", pooled)
    actions = {site: _action(site, name, subject, context) for site in subject.sites}
    where = running or subject.sites
    values = [site for site in running if site.form == "reference"]
    known = _CAVEATS[name]
    taken = (*subject.bindings, *values, *_same_class(subject, values, context))
    return where_patched("threading", where, context, actions, known, taken)


def _same_class(
    subject: Subject, values: Iterable[Site], context: Context
) -> Iterator[Site]:
    """Where a file names the class itself, if an attribute of it is taken there.

    A method of another class does not fit the objects: both are changed, or neither.
    """
    paths = {v.path for v in values if context.names.path(v) != subject.api}
    for other, _ in context.project.others({subject.api}) if paths else ():
        for site in other.sites:
            if site.form == "reference" and site.path in paths:
                yield site


def _action(site: Site, name: str, subject: Subject, context: Context) -> Action:
    """What one site becomes; what is done with an object stays as it is."""
    if site.form == "method":
        return Keep()
    if site.form == "import":
        return Swap("threading", name)
    if subject.kind == "alias" and site not in subject.bindings:
        return Keep()
    named = context.names.name_of("threading", name)
    if site.form == "call":
        return Replace(context.code.call(site).with_changes(func=named))
    return Replace(named)


# -- getcurrent() --------------------------------------------------------------


def _current(subject: Subject, context: Context) -> Decision:
    """The greenlet that runs becomes a number where no more than that is needed."""
    if subject.kind == "mock":
        return Refuse("current-thread.mocked")
    if subject.kind != "object":
        return Refuse("current-thread.function", context.flow.role(subject.origin).why)
    asked = [site for site in subject.sites if site.form == "method"]
    if asked:
        place = f"{asked[0].path}:{asked[0].line}"
        return Refuse("current-thread.greenlet", f"{asked[0].spelling} at {place}")
    lost = context.objects.lost(subject)
    if lost:
        return Refuse("current-thread.greenlet", lost)
    fates = context.objects.fates(subject)
    pooled = context.objects.pooled(subject) if fates - _PASSING else ""
    if pooled:
        return Refuse("current-thread.pooled", pooled)
    caveats = [f"current-thread.{each}" for each in _corners(fates)]
    actions = {site: _number(site, context) for site in subject.sites}
    return where_patched("threading", subject.sites, context, actions, caveats)


def _corners(fates: frozenset[str]) -> Iterator[str]:
    """What the reader of the change has to know."""
    if "text" in fates:
        yield "printed"
    if fates - _PASSING:
        yield "reused"


def _number(site: Site, context: Context) -> Action:
    """``getcurrent()``, or ``id(getcurrent())`` as a whole."""
    named = context.names.name_of("threading", "get_ident")
    call = context.code.call(site).with_changes(func=named, args=[])
    if context.flow.is_argument_of("id", site):
        return ReplaceAround(call)
    return Replace(call)
