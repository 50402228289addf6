"""Which calls a mock gets, where its test says all of them.

``m.assert_has_calls([mock.call(1)] * 2)`` and ``assertEqual(2, m.call_count)`` leave no
room for a third one: the test would have failed before. Reads one test, and decides
nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

from deventlet.driver.reach.holding import holder
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mock_uses import Ask, asks

Arguments: TypeAlias = tuple[object, ...]
"""The constants that a call gets, all of them by position."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WITH = (ast.With, ast.AsyncWith)
_SET_UP = (("side_effect",), ("return_value",))


def pinned(target: Target) -> tuple[Arguments, ...] | None:
    """Every call that a mock gets; None if its test does not say, or says it too early.

    What the test says has to run whatever happens, and be what it asks last.
    """
    test, found = holder(target), asks(target)
    if not isinstance(test, _FUNCTIONS) or found.lost or found.kept:
        return None
    asked = [each for each in found.found if each.path[:1] not in _SET_UP]
    if any(each.path[:1] == ("reset_mock",) for each in asked):
        return None
    asked.sort(key=lambda each: (each.node.lineno, each.node.col_offset))
    if not asked or not all(_runs(each, test) for each in asked[-2:]):
        return None
    exact = _exactly(asked[-1])
    return exact if exact is not None else _counted(asked[-2:])


def constants(call: ast.Call) -> Arguments | None:
    """The arguments of a call, if they are constants given by position."""
    if call.keywords or not all(isinstance(a, ast.Constant) for a in call.args):
        return None
    return tuple(a.value for a in call.args if isinstance(a, ast.Constant))


def _runs(ask: Ask, test: ast.AST) -> bool:
    """Whether a question is a statement of the test that no branch leaves out."""
    inner = ask.parents[ask.parents.index(test) + 1 :] if test in ask.parents else []
    held = [node for node in inner if isinstance(node, ast.stmt)]
    plain = bool(held) and isinstance(held[-1], (ast.Expr, ast.Assert))
    return plain and all(isinstance(node, _WITH) for node in held[:-1])


def _exactly(ask: Ask) -> tuple[Arguments, ...] | None:
    """What one question says by itself: that there was one call, or none, or these."""
    if ask.path == ("assert_not_called",) and ask.how == "called":
        return ()
    if ask.path == ("assert_called_once_with",) and isinstance(ask.node, ast.Call):
        one = constants(ask.node)
        return None if one is None else (one,)
    if ask.path == ("mock_calls",):
        other = _equal_to(ask)
        return None if other is None else _calls(other)
    return None


def _counted(asked: Sequence[Ask]) -> tuple[Arguments, ...] | None:
    """The calls that there were, if there were no more than are said."""
    if len(asked) < 2:
        return None
    said = [each for each in asked if each.path == ("assert_has_calls",)]
    counted = [each for each in asked if each.path == ("call_count",)]
    if not (said and counted and isinstance(said[0].node, ast.Call)):
        return None
    first, last = (_statement(each) for each in asked)
    if counted[0] is asked[0] and last.lineno > (first.end_lineno or 0) + 1:
        return None  # something may run in between
    node, count = said[0].node, _equal_to(counted[0])
    calls = _calls(node.args[0]) if node.args else None
    number = count.value if isinstance(count, ast.Constant) else None
    return calls if calls is not None and number == len(calls) else None


def _statement(ask: Ask) -> ast.stmt:
    return next(n for n in reversed(ask.parents) if isinstance(n, ast.stmt))


def _equal_to(ask: Ask) -> ast.expr | None:
    """What a question's answer is said to be equal to."""
    above = ask.parents[-1]
    if isinstance(above, ast.Call) and getattr(above.func, "attr", "") == "assertEqual":
        others = [each for each in above.args[:2] if each is not ask.node]
        return others[0] if len(others) == 1 else None
    if isinstance(above, ast.Compare) and isinstance(ask.parents[-2], ast.Assert):
        sides = [above.left, *above.comparators]
        equal = len(sides) == 2 and isinstance(above.ops[0], ast.Eq)
        others = [each for each in sides if each is not ask.node]
        return others[0] if equal and len(others) == 1 else None
    return None


def _calls(node: ast.expr) -> tuple[Arguments, ...] | None:
    """The calls in ``[call(1), call(2)]`` or ``[call(1)] * 2``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        times = node.right.value if isinstance(node.right, ast.Constant) else None
        one = _calls(node.left)
        return one * times if one is not None and isinstance(times, int) else None
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    found = [_call(each) for each in node.elts]
    return None if None in found else tuple(each for each in found if each is not None)


def _call(node: ast.expr) -> Arguments | None:
    """The arguments in ``mock.call(1)``."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return constants(node) if name == "call" else None
