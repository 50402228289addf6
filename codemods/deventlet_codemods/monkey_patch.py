"""Decide ``monkey_patch``: it goes last, with oslo.service's backend in its place.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import re

import libcst as cst

from deventlet.codemod import (
    Action,
    Assume,
    Context,
    Decision,
    Instead,
    Refuse,
    Rewrite,
    Site,
    Subject,
)
from deventlet.resolve.facts import Patching
from deventlet_codemods._deleting import deleted
from deventlet_codemods._nodes import assignment, within
from deventlet_codemods._sites import actions_by_site, running
from deventlet_codemods._stages import behind

_CHOSEN = "the project's own start() patches, or not, as the process is started"
_PROOF = "nothing in the processes that run this needs Eventlet's patches"
_REPEATED = "all of it is patched before, whatever loads this"
_PUT_ASIDE = "__original_module_threading"
_WORK_AROUND = re.compile(
    r"(?P<native>\w+)\.current_thread\.__globals__\[([\"'])_active\2\]\s*=\s*"
    r"\w+\._active"
)
"""What is said to the native module of threads (eventlet's issue 592)."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one call, or one name of the function with all its calls."""
    if subject.kind == "mock":
        return Refuse("monkey-patch.mock")
    if context.project.is_dual():
        return _started(subject, context)
    actions = actions_by_site(subject, lambda site: _site(site, context))
    if isinstance(actions, Refuse):
        return actions
    known = [context.processes.patching(site) for site in running(subject)]
    if all(each.repeated for each in known):
        return Rewrite(actions, (), (_REPEATED,))
    doubts = [each.doubt for each in known if each.doubt]
    proofs = () if doubts else (_PROOF,)
    rewrite = Rewrite(actions, ("monkey-patch.threads",), proofs)
    return Assume("green-free", doubts[0], rewrite) if doubts else rewrite


def _site(site: Site, context: Context) -> Action | Refuse:
    """What one call becomes."""
    where = f"{site.path}:{site.line}"
    if site.api == _PUT_ASIDE:
        return _work_around(site, context)
    if site.form != "call":
        return Refuse("monkey-patch.passed", where)
    known = context.processes.patching(site)
    if known.repeated:
        return deleted(site, context, "monkey-patch.arguments")
    if known.places:
        return behind("stage.blocked", known.places)
    if known.saved:
        return Refuse("monkey-patch.saved", known.saved)
    if known.within == "branch":
        return Refuse("monkey-patch.branch", where)
    gone = deleted(site, context, "monkey-patch.arguments")
    if isinstance(gone, Refuse) or not known.services:
        alone = known.within == "wrapper" and not known.services
        return Refuse("monkey-patch.wrapper", where) if alone else gone
    return _backend(site, known, context)


def _work_around(site: Site, context: Context) -> Action | Refuse:
    """What gives the native module the list of threads of the patched one: nothing."""
    places = context.processes.patching(site).places
    if places:
        return behind("stage.blocked", places)
    held, name = context.code.statement(site), context.code.expression(site)
    assign = assignment(held)
    names = [each.value for each in within(name, cst.Name)]
    code = cst.Module([held]).code.split("#")[0] if held and assign else ""
    said = _WORK_AROUND.fullmatch(code.replace("\\\n", "").strip())
    if said is None or said["native"] != names[0]:
        return Refuse("monkey-patch.saved", f"{site.path}:{site.line}")
    return Instead(())


def _started(subject: Subject, context: Context) -> Decision:
    """What chooses the way at start, in the place of each call."""
    actions = actions_by_site(subject, lambda site: _start(site, context))
    if isinstance(actions, Refuse):
        return actions
    return Rewrite(actions, (), (_CHOSEN,))


def _start(site: Site, context: Context) -> Action | Refuse:
    """``monkey_patch()`` as the project's ``start()``, which patches all or none."""
    refusal = Refuse("monkey-patch.dual", f"{site.path}:{site.line}")
    own = context.names.helper("start", site)
    if own is None or site.form != "call" or context.code.call(site).args:
        return refusal
    gone, known = (
        deleted(site, context, "monkey-patch.arguments"),
        context.processes.patching(site),
    )
    stands = (
        context.code.statement(site) is not None
    )  # by itself, for what takes its place
    if isinstance(gone, Refuse) or known.within == "branch" or not stands:
        return refusal
    around = [subject.origin for subject, _ in context.project.others({_PUT_ASIDE})]
    saved = f"{around[0].path}:{around[0].line}" if around else known.saved
    if saved:  # on native threads there is nothing put aside
        return Refuse("monkey-patch.saved", saved)
    module, _, function = context.names.dotted(own).rpartition(".")
    package, _, leaf = module.rpartition(".")
    name = context.names.local_name(leaf, site)
    renamed = f" as {name}" if name != leaf else ""
    return _instead(
        f"from {package} import {leaf}{renamed}", f"{name}.{function}()", site, context
    )


def _instead(first: str, second: str, site: Site, context: Context) -> Instead:
    """An import and a statement, in the place of a call and with its comment."""
    held = cst.ensure_type(context.code.statement(site), cst.SimpleStatementLine)
    blank = cst.EmptyLine(indent=False)
    said = _line(second).with_changes(
        leading_lines=[blank], trailing_whitespace=held.trailing_whitespace
    )
    return Instead((_line(first), said))


def _backend(site: Site, known: Patching, context: Context) -> Action | Refuse:
    """The native backend of oslo.service, chosen where the process begins."""
    if known.begun:
        return Instead(())
    if not known.begins:
        return Refuse("monkey-patch.place", f"{site.path}:{site.line}")
    if known.selected:
        return Refuse("monkey-patch.late", known.selected)
    if context.code.statement(site) is None:
        where = f"{site.path}:{site.line}"
        return Refuse("monkey-patch.arguments", f"other code is on its line at {where}")
    name = context.names.local_name("backend", site)
    if name != "backend":
        name = context.names.local_name("service_backend", site)
    renamed = f" as {name}" if name != "backend" else ""
    chosen = f"{name}.init_backend({name}.BackendType.THREADING)"
    return _instead(f"from oslo_service import backend{renamed}", chosen, site, context)


def _line(text: str) -> cst.SimpleStatementLine:
    return cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
