"""Decide what asks Eventlet's patcher: for a native module, or whether one is green.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import re

import libcst as cst

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Fold,
    Import,
    Keep,
    Refuse,
    Replace,
    Site,
    Statement,
    Subject,
)
from deventlet_codemods._deleting import deleted, hollowed
from deventlet_codemods._folding import branches, settled
from deventlet_codemods._nodes import assignment, within
from deventlet_codemods._sites import actions_by_site, running
from deventlet_codemods._stages import where_nothing_is_green

_WARNING = "oslo_utils.eventletutils.warn_eventlet_not_patched"
_QUESTIONS = frozenset({
    "eventlet.patcher.already_patched", "eventlet.patcher.is_monkey_patched",
    "oslo_utils.eventletutils.is_monkey_patched",
})  # fmt: skip
_ENDINGS = frozenset({"_exit", "exit", "fail", "quit", "skip", "skipTest"})
"""The last words of functions that do not come back."""

_NATIVE = frozenset({"eventlet.patcher.original", "eventlet.import_patched"})
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one module with all its uses, or one question, or a mock of either."""
    if subject.kind == "mock":
        return Refuse("patcher.mock")
    actions = actions_by_site(subject, lambda site: _site(site, context))
    if isinstance(actions, Refuse):
        return actions
    return where_nothing_is_green(running(subject), context, actions)


def _site(site: Site, context: Context) -> Action | Refuse:
    """What one site becomes."""
    if site.form == "method":
        return _member(site, context)
    if site.form != "call":
        return Refuse("patcher.passed", f"{site.path}:{site.line}")
    if site.api == _WARNING:
        return deleted(site, context, "patcher.warning")
    return _module(site, context) if site.api in _NATIVE else _question(site, context)


# -- modules ---------------------------------------------------------------


def _module(site: Site, context: Context) -> Action | Refuse:
    """``name = original("module")`` as an import, or the module in an expression."""
    call = context.code.call(site)
    module = _only_string(call)
    if module is None or not _MODULE.fullmatch(module):
        return Refuse("patcher.arguments", f"{site.path}:{site.line}")
    if context.flow.becomes(site) == "condition":
        return Refuse("patcher.copy", f"{site.path}:{site.line}")
    assign = assignment(context.code.statement(site))
    bound = assign and assign.value.deep_equals(call) and assign.targets[0].target
    if isinstance(bound, cst.Name):
        return Import(module)
    return Replace(context.names.module(module))


def _member(site: Site, context: Context) -> Action | Refuse:
    """What is used of a module: it has what its copy had."""
    member = context.objects.member(site)
    changed = member is not None and member.result in ("stored", "mocked")
    return Refuse("patcher.copy", f"{site.path}:{site.line}") if changed else Keep()


def _only_string(call: cst.Call) -> str | None:
    """The value of a string that is the one argument of a call."""
    value = call.args[0].value if len(call.args) == 1 else None
    if not isinstance(value, cst.SimpleString) or call.args[0].star:
        return None
    if call.args[0].keyword is not None:
        return None
    found = value.evaluated_value
    return found if isinstance(found, str) else None


# -- questions -------------------------------------------------------------


def _question(site: Site, context: Context) -> Action | Refuse:
    """Whether something is patched: no, so that one branch of an ``if`` stays."""
    held = context.code.branch(site)
    if held is None:
        return Refuse("patcher.question", f"{site.path}:{site.line}")
    answer = settled(held.test, context.code.call(site))
    if answer is None or _is_asked_again(held, site, context):
        return Refuse("patcher.question", f"{site.path}:{site.line}")
    found: tuple[Statement, ...] | None = branches(held)[0 if answer else 1]
    if found is None:
        return Refuse("comment.inside")
    if any(map(_gives_up, found)):
        return Refuse("patcher.guard", f"{site.path}:{site.line}")
    kept = {name.value for each in found for name in within(each, cst.Name)}
    left = sorted(context.code.only_there(site) - kept)
    if left:
        return Refuse("patcher.leftover", left[0])
    gone = None if found else hollowed(site, context, "patcher.leftover")
    return gone or Fold(found)


def _gives_up(statement: Statement) -> bool:
    """Whether a statement ends what is done: it raises, exits, or skips a test."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    last = statement.body[-1]
    called = last.value if isinstance(last, cst.Expr) else None
    function = called.func if isinstance(called, cst.Call) else None
    name = function.attr if isinstance(function, cst.Attribute) else function
    ends = isinstance(name, cst.Name) and name.value in _ENDINGS
    return ends or isinstance(last, cst.Raise)


def _is_asked_again(held: cst.If, site: Site, context: Context) -> bool:
    """Whether an ``elif`` asks, too: as an ``if`` it could be answered then."""
    asked = [
        other.spelling
        for subject, _ in context.project.others(_QUESTIONS)
        for other in subject.sites
        if other.path == site.path and other.form == "call"
    ]
    tests, other = [], held.orelse
    while isinstance(other, cst.If):
        tests.append(cst.Module([]).code_for_node(other.test))
        other = other.orelse
    return any(each in test for test in tests for each in asked)
