"""Decide ``eventlet.green.X``: the standard module under the name that stands there.

So it is for the functions of Eventlet's resolver, which stand for those of ``socket``.

The rules are those of the page beside this file, the facts those of the table of
modules. Nothing here knows a file, a position or an import statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deventlet.codemod import (
    Action,
    Assume,
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
from deventlet.resolve.facts import Taken
from deventlet_codemods._green_modules import MODULES, RESOLVER, Green, family
from deventlet_codemods._processes import where_patched

_SAME = "the names used are the same objects in both modules"
_UNUSED = "import.unused"
_SIGNS = frozenset("-~*")
"""What may make a number negative, or stands before several."""
_NUMBER = re.compile(r"[\d.]+")


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one use, alias or mock of a green module."""
    if subject.api.startswith(RESOLVER):
        return _resolver(subject, context)
    if subject.api not in MODULES:  # a test replaces Eventlet itself
        return Refuse("mock.whole-module")
    green = MODULES[subject.api]
    if not green.native:
        return Refuse("green-imports.no-counterpart", green.why)
    if subject.kind == "mock":
        return _mock(subject, green, context)
    decision = _alone(subject, green, context)
    if isinstance(decision, Refuse):
        return decision
    return _together(subject, decision, context)


def _mock(subject: Subject, green: Green, context: Context) -> Decision:
    """What names Eventlet's module moves; what goes by the project's name stays."""
    name = context.names.path(subject.origin).removeprefix(subject.api).lstrip(".")
    refusal = _unlike(green, name.partition(".")[0])
    if refusal is not None:
        return refusal
    if "eventlet." not in subject.origin.spelling:
        return Rewrite({subject.origin: Keep()})
    owner, _, last = f"{green.native}.{name}".rpartition(".")
    return Rewrite({subject.origin: Retarget(owner, last)})


def _alone(subject: Subject, green: Green, context: Context) -> Decision:
    """The decision for one subject, whatever becomes of others."""
    actions: dict[Site, Action] = {}
    waiting: list[Site] = []
    caveats: list[str] = []
    for site in subject.sites:
        taken = context.flow.taken(site)
        refusal = _refusal(site, taken, green, context)
        if refusal is not None:
            return refusal
        actions[site] = _action(site, taken, subject, green, context)
        caveats += _caveats(subject.api, taken)
        if taken.name and taken.how != "mocked" and green.may_wait(taken.name):
            waiting.append(site)
    decision = _where(green, waiting, context, actions, tuple(dict.fromkeys(caveats)))
    if isinstance(decision, Assume) and _has_both(subject, green, context):
        return Refuse("green-imports.both", green.native)
    return decision


def _has_both(subject: Subject, green: Green, context: Context) -> bool:
    """Whether a file has the native module, too, under another name.

    Then it tells the two apart, as if they were not the same.
    """
    given = (site for site in subject.bindings if site.form == "import")
    return any(
        not context.flow.taken(site).by_name
        and context.names.imports(green.native, site)
        for site in given
    )


def _refusal(site: Site, taken: Taken, green: Green, context: Context) -> Refuse | None:
    """Why one site cannot name the native module."""
    if taken.how == "passed":
        return Refuse("green-imports.passed", taken.why)
    if taken.how == "assigned":
        return Refuse("green-imports.assigned", f"{taken.name} is assigned to")
    unlike = _unlike(green, taken.name)
    if unlike is not None:
        return unlike
    if _may_not_sleep(green, taken):
        return Refuse("green-imports.sleep", ", ".join(taken.given))
    shadow = context.names.shadow(green.native, site)
    return Refuse("green-imports.shadowed", shadow) if shadow else None


def _may_not_sleep(green: Green, taken: Taken) -> bool:
    """Whether ``sleep`` may get what ``time.sleep`` does not take.

    That is no number at all, one by keyword, or a negative one.
    """
    if (green.native, taken.name) != ("time", "sleep"):
        return False
    if taken.how != "called":
        return taken.how == "read"
    is_plain = len(taken.given) == 1 and _SIGNS.isdisjoint(taken.given[0])
    return bool(taken.keywords) or not is_plain


def _unlike(green: Green, name: str) -> Refuse | None:
    """Why a name of the module has no native counterpart, if so."""
    if name in green.lacks:
        return Refuse("green-imports.name", f"{green.native} has no {name}")
    if name in green.unpatched:
        detail = f"{green.native}.{name}"
        return Refuse("green-imports.never-patched", detail)
    return None


def _action(
    site: Site, taken: Taken, subject: Subject, green: Green, context: Context
) -> Action:
    if site.form == "import":
        return _import(site, taken, green)
    binds = site in subject.bindings
    if taken.by_name or (subject.kind == "alias" and not binds):
        return Keep()
    return Replace(context.names.module(green.native))


def _import(site: Site, taken: Taken, green: Green) -> Swap:
    """The import that binds the same name, in the form that was used."""
    if taken.by_name:
        return Swap(green.native, taken.name)
    package, _, last = green.native.rpartition(".")
    module = site.spelling.partition(" ")[0]
    if package and module == last:
        return Swap(package, last)
    return Swap(green.native, None)


def _caveats(api: str, taken: Taken) -> Iterator[str]:
    """What is different, or will be once the process is not patched any more."""
    sleeps = (api, taken.name) == ("eventlet.green.time", "sleep")
    if sleeps and not all(map(_NUMBER.fullmatch, taken.given)):
        yield "green-imports.negative"
    if api != "eventlet.green.subprocess":
        return
    if taken.name == "SubprocessError":
        yield "green-imports.subprocess-error"
    writes = "stdin" in taken.keywords and "bufsize" not in taken.keywords
    if taken.name == "Popen" and taken.how == "called" and writes:
        yield "green-imports.pipe-buffer"


def _where(
    green: Green,
    waiting: list[Site],
    context: Context,
    actions: dict[Site, Action],
    caveats: tuple[str, ...],
) -> Decision:
    """Hold the sites that may wait against the processes that they run in."""
    decision: Decision = Rewrite(actions, caveats, () if waiting else (_SAME,))
    for module in green.patched if waiting else ():
        decision = where_patched(module, waiting, context, actions, caveats)
        if not isinstance(decision, Rewrite):
            return decision
    return decision


def _together(
    subject: Subject, decision: Rewrite | Assume, context: Context
) -> Decision:
    """Hold a copied module's subject against the others of its family."""
    related = family(subject.api)
    for other, reason in context.project.others(related) if related else ():
        where = f"{other.origin.path}:{other.origin.line}"
        if other == subject or reason == _UNUSED:
            continue
        found = Refuse(reason) if reason else _decided(other, context)
        if isinstance(found, Refuse):
            return Refuse("green-imports.mixed", where)
        if isinstance(found, Assume) and isinstance(decision, Rewrite):
            decision = Assume(found.reason, found.detail, decision)
    return decision


def _decided(subject: Subject, context: Context) -> Decision:
    """What another subject comes to by itself."""
    green = MODULES[subject.api]
    if not green.native:
        return Refuse("green-imports.no-counterpart", green.why)
    return _alone(subject, green, context)


# -- functions of the resolver ---------------------------------------------


def _resolver(subject: Subject, context: Context) -> Decision:
    """``greendns.getaddrinfo`` and its like: the function of the same name."""
    name = subject.api.removeprefix(RESOLVER)
    if subject.kind == "mock":
        return Rewrite({subject.origin: Retarget("socket", name)})
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        if not _fits(name, site, subject, context):
            return Refuse("green-imports.keywords", f"socket.{name}")
        shadow = context.names.shadow("socket", site)
        if shadow:
            return Refuse("green-imports.shadowed", shadow)
        actions[site] = _function(name, site, subject, context)
    running = [s for s in subject.sites if s not in subject.bindings]
    return where_patched("socket", running or subject.sites, context, actions)


def _fits(name: str, site: Site, subject: Subject, context: Context) -> bool:
    """Whether the native function takes its arguments as they are given."""
    if name == "getaddrinfo" or site in subject.bindings:
        return True
    if site.form == "call":
        return not any(arg.keyword for arg in context.code.call(site).args)
    return context.flow.role(site).called


def _function(name: str, site: Site, subject: Subject, context: Context) -> Action:
    if site.form == "import":
        return Swap("socket", name)
    native = context.names.name_of("socket", name)
    if subject.kind == "alias" and site not in subject.bindings:
        return Keep()
    if site.form == "call":
        return Replace(context.code.call(site).with_changes(func=native))
    return Replace(native)
