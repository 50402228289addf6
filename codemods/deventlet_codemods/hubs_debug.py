"""Decide what is said to the hub, and to other parts of Eventlet: it goes with them.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Instead,
    Refuse,
    Site,
    Subject,
)
from deventlet_codemods._deleting import deleted, hollowed
from deventlet_codemods._nodes import assignment, is_name
from deventlet_codemods._sites import actions_by_site, running
from deventlet_codemods._stages import where_nothing_is_green

_LITERALS = (cst.Integer, cst.SimpleString)
_ATTRIBUTES = 3
"""How many may follow a name that says nothing when it is evaluated."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one statement, or one name of a function with all its calls."""
    if subject.kind == "mock":
        return Refuse("hubs-debug.mock")
    actions = actions_by_site(subject, lambda site: _site(site, context))
    if isinstance(actions, Refuse):
        return actions
    sites = running(subject)
    return where_nothing_is_green(sites, context, actions, _caveats(sites, context))


def _site(site: Site, context: Context) -> Action | Refuse:
    """What one site becomes: nothing."""
    if _is_setting(site):
        return _setting(site, context)
    where = f"{site.path}:{site.line}"
    if site.form != "call":
        return Refuse("hubs-debug.passed", where)
    if context.flow.caught(site):
        return Refuse("hubs-debug.tried", where)
    return deleted(site, context, "hubs-debug.value")


# -- settings --------------------------------------------------------------


def _is_setting(site: Site) -> bool:
    """Whether a name is that of a variable of Eventlet's: they are in capitals."""
    return site.api.rpartition(".")[2].isupper()


def _setting(site: Site, context: Context) -> Action | Refuse:
    """``wsgi.MAX_HEADER_LINE = …``, if nothing reads it."""
    assign = _assignment(site, context)
    if assign is None:
        return Refuse("hubs-debug.read", f"{site.path}:{site.line}")
    for subject, _ in context.project.others({site.api}):
        for other in subject.sites:
            if other.form != "import" and _assignment(other, context) is None:
                return Refuse("hubs-debug.read", f"{other.path}:{other.line}")
    if not _is_silent(assign.value):
        return Refuse("hubs-debug.value", f"{site.path}:{site.line}")
    left = sorted(context.code.only_there(site))
    if left:
        return Refuse("hubs-debug.leftover", left[0])
    return hollowed(site, context, "hubs-debug.leftover") or Instead(())


def _assignment(site: Site, context: Context) -> cst.Assign | None:
    """The statement that stores something in a setting, and nothing else."""
    assign, name = (
        assignment(context.code.statement(site)),
        context.code.expression(site),
    )
    is_it = assign is not None and assign.targets[0].target.deep_equals(name)
    return assign if is_it else None


def _is_silent(value: cst.BaseExpression) -> bool:
    """Whether it says nothing when it is evaluated, but for an unread option."""
    return isinstance(value, _LITERALS) or is_name(value, _ATTRIBUTES)


def _caveats(sites: list[Site], context: Context) -> tuple[str, ...]:
    """An option that may not be read any more is named."""
    for site in sites:
        assign = _assignment(site, context) if _is_setting(site) else None
        if assign is not None and isinstance(assign.value, cst.Attribute):
            return ("hubs-debug.option",)
    return ()
