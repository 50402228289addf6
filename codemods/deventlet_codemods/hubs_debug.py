"""Decide what is said to the hub, and to other parts of Eventlet: it goes with them.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Instead,
    Keep,
    Refuse,
    Site,
    Subject,
)
from deventlet_codemods._deleting import deleted
from deventlet_codemods._stages import where_nothing_is_green

_SILENT = (
    m.Name()
    | m.Integer()
    | m.SimpleString()
    | m.Attribute(m.Name() | m.Attribute(m.Name() | m.Attribute(m.Name())))
)
"""What says nothing when it is evaluated, but for an option that is not read."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one statement, or one name of a function with all its calls."""
    if subject.kind == "mock":
        return Refuse("hubs-debug.mock")
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        found = _site(site, context)
        if isinstance(found, Refuse):
            return found
        actions[site] = found
    running = [site for site in subject.sites if site.form != "import"]
    return where_nothing_is_green(running, context, actions, _caveats(running, context))


def _site(site: Site, context: Context) -> Action | Refuse:
    """What one site becomes: nothing."""
    if site.form == "import":
        return Keep()  # it goes with the last of its uses
    if _is_setting(site):
        return _setting(site, context)
    where = f"{site.path}:{site.line}"
    if site.form != "call":
        return Refuse("hubs-debug.passed", where)
    if context.caught(site):
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
    for subject, _ in context.others({site.api}):
        for other in subject.sites:
            if other.form != "import" and _assignment(other, context) is None:
                return Refuse("hubs-debug.read", f"{other.path}:{other.line}")
    if not m.matches(assign.value, _SILENT):
        return Refuse("hubs-debug.value", f"{site.path}:{site.line}")
    return Instead(())


def _assignment(site: Site, context: Context) -> cst.Assign | None:
    """The statement that stores something in a setting, and nothing else."""
    held = context.statement(site)
    if held is None or not m.matches(held, m.SimpleStatementLine([m.Assign()])):
        return None
    line = cst.ensure_type(held, cst.SimpleStatementLine)
    assign = cst.ensure_type(line.body[0], cst.Assign)
    name = context.expression(site)
    alone = len(assign.targets) == 1 and assign.targets[0].target.deep_equals(name)
    return assign if alone else None


def _caveats(sites: list[Site], context: Context) -> tuple[str, ...]:
    """An option that may not be read any more is named."""
    for site in sites:
        assign = _assignment(site, context) if _is_setting(site) else None
        if assign is not None and isinstance(assign.value, cst.Attribute):
            return ("hubs-debug.option",)
    return ()
