"""What a test has for calls that change: a fake in their place, arguments it expects.

A fake has to take the new arguments, and what is expected has to be translated by the
codemod, or the mock cannot move. Looks at one mock at a time, and only reads.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from deventlet.codemod import Keep, Refuse, Replace, Rewrite, Site
from deventlet.driver.mocks.calls import Change, accepts, expecting, is_same
from deventlet.driver.reach.holding import holder
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text.printing import print_expression, syntax_of
from deventlet.resolve.chains import called_name
from deventlet.resolve.mock_targets import Target, fake_functions
from deventlet.resolve.mock_uses import asks, stored_fakes

_Span: TypeAlias = tuple[int, int]


def changed_calls(rewrite: Rewrite, findings: Findings) -> Iterator[Change]:
    """The calls that get other arguments, or become something else."""
    for site, action in rewrite.actions.items():
        is_call = site.form in ("call", "method") and not isinstance(action, Keep)
        before = findings.uses[site].call if is_call else None
        if before is None:
            continue
        after: ast.expr | None = None
        if isinstance(action, Replace):
            after = syntax_of(print_expression(action.node))
        if after is None or not is_same(before, after):
            yield Change(before, after if isinstance(after, ast.Call) else None)


def objection(
    target: Target,
    changes: Sequence[Change],
    translated: Iterable[Site],
    replacement: str,
) -> Refuse | None:
    """What the test of a mock has against the changes that it intercepts, if anything.

    :param translated: the places that the rewrite of the mock changes, too.
    :param replacement: the dotted name that the mock will be of; empty for one of the
        repository's own.
    """
    spans = [(s.start, s.end) for s in translated if s.path == target.module.path]
    return _of_fakes(target, changes, spans, replacement) or _of_questions(
        target, changes, spans
    )


def _of_fakes(
    target: Target,
    changes: Sequence[Change],
    translated: Collection[_Span],
    replacement: str,
) -> Refuse | None:
    """Why what the test puts in the name's place would not do there."""
    span = target.module.source.span
    for fake in (*fake_functions(target), *stored_fakes(target)):
        if span(fake) in translated:
            continue
        if not all(accepts(fake, change.after) for change in changes):
            return Refuse("mock.arguments", "the fake does not take the new ones")
        if replacement and _calls(fake, replacement):
            return Refuse("mock.recursion", f"the fake calls {replacement}")
    return None


def _of_questions(
    target: Target, changes: Sequence[Change], translated: Collection[_Span]
) -> Refuse | None:
    """What the test expects of calls that change, and the codemod leaves."""
    if not changes:
        return None
    found, around = asks(target), holder(target)
    asked = [around] if found.lost else [ask.node for ask in found.found]
    inside = [node for each in asked for node in ast.walk(each)]
    said = inside if found.lost else [*asked, *filter(_is_call, ast.walk(around))]
    for call in expecting(said, changes):
        start, end = target.module.source.span(call)
        if not any(first <= start and end <= last for first, last in translated):
            where = f"the test expects it at line {call.lineno}"
            return Refuse("mock.arguments", where)
    looked = any(map(_are_arguments, inside))
    return Refuse("mock.arguments", "the test looks at them") if looked else None


def _is_call(node: ast.AST) -> bool:
    """``mock.call(…)`` in what a test compares calls with."""
    return called_name(node) == "call"


def _are_arguments(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr.startswith("call_args")


def _calls(fake: ast.AST, dotted: str) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == dotted
        for node in ast.walk(fake)
    )
