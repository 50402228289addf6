"""What the code around an expression asks of it, read off the tree alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from deventlet.resolve.chains import last_name

_TRUTH_ASSERTIONS = frozenset({"assertTrue", "assertFalse", "bool"})
_EXPECTING = frozenset({"assertRaises", "assertRaisesRegex", "raises"})


def is_for_truth(parents: Sequence[ast.AST], node: ast.AST) -> bool:
    """Whether only the truth of an expression matters to what it is part of.

    :param parents: the nodes around it, outermost first.
    """
    above = parents[-1]
    if isinstance(above, (ast.If, ast.While, ast.IfExp, ast.Assert)):
        return above.test is node
    if isinstance(above, ast.UnaryOp):
        return isinstance(above.op, ast.Not)
    if isinstance(above, ast.BoolOp):
        return is_for_truth(parents[:-1], above)
    if isinstance(above, ast.Call) and node in above.args[:1]:
        name = last_name(above.func)
        return name in _TRUTH_ASSERTIONS
    return False


def is_failure_expected(parents: Sequence[ast.AST], node: ast.AST, error: str) -> bool:
    """Whether something is done about an exception that an expression may raise.

    Passing over it, where nothing more would have run, is as good as none at all.

    :param error: the exception's name, as it is written.
    """
    path = [*parents, node]
    for index, (above, below) in enumerate(pairwise(path)):
        if isinstance(above, ast.Try) and below in above.body:
            for handler in above.handlers:
                if error in _names(handler.type) and not (
                    _is_empty(handler.body) and _is_last(path[index:])
                ):
                    return True
        if isinstance(above, (ast.With, ast.AsyncWith)) and below in above.body:
            calls = (item.context_expr for item in above.items)
            if any(_expects(call, error) for call in calls):
                return True
        if isinstance(above, ast.Call) and _expects(above, error):
            return True
    return False


def _expects(node: ast.AST, error: str) -> bool:
    """``assertRaises(AssertionError)``, ``pytest.raises((AssertionError, …))``."""
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    return name in _EXPECTING and any(error in _names(arg) for arg in node.args)


def _names(node: ast.expr | None) -> frozenset[str]:
    """The names of one exception or of several."""
    several = node.elts if isinstance(node, ast.Tuple) else (node,)
    return frozenset(last_name(n) for n in several)


def _is_empty(body: Sequence[ast.stmt]) -> bool:
    return all(isinstance(statement, ast.Pass) for statement in body)


def _is_last(path: Sequence[ast.AST]) -> bool:
    """Whether a place ends each of the blocks that it is in, and no branch follows."""
    return all(
        not any(below in block and block[-1] is not below for block in _blocks(above))
        and not isinstance(above, (ast.While, ast.For, ast.AsyncFor))
        and not (isinstance(above, ast.Try) and above.orelse)
        for above, below in pairwise(path)
    )


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def catches_missing(node: ast.Try) -> bool:
    """Whether a handler is for an import that fails."""
    caught = (ast.unparse(handler.type) for handler in node.handlers if handler.type)
    return any("ImportError" in each or "ModuleNotFound" in each for each in caught)


def asks_for_eventlet(test: ast.expr) -> bool:
    """Whether a condition is ``"eventlet" in sys.modules``, or has that in an ``and``.

    So a library finds out how the process runs that has imported it.
    """
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(asks_for_eventlet, test.values))
    match test:
        case ast.Compare(
            left=ast.Constant(value=str(name)), ops=[ast.In()], comparators=[where]
        ):
            is_ours = name.partition(".")[0] == "eventlet"
            return is_ours and ast.unparse(where) == "sys.modules"
    return False
