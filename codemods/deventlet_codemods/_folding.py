"""Which branch of an ``if`` is left once a part of its test is known to be false.

No codemod itself; nothing here knows a site or a file.
"""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Statement
from deventlet_codemods._nodes import is_name, within


def settled(test: cst.BaseExpression, false: cst.BaseExpression) -> bool | None:
    """What a test gives once one of its parts is false; None if others decide.

    A part that may do something when it is evaluated also decides.
    """
    if test.with_changes(lpar=(), rpar=()).deep_equals(false):
        return False
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        inner = settled(test.expression, false)
        return None if inner is None else not inner
    if isinstance(test, cst.BooleanOperation):
        return _joined(test, false)
    return None


def _joined(test: cst.BooleanOperation, false: cst.BaseExpression) -> bool | None:
    """``a and b`` is false if either is, ``a or b`` true."""
    decisive = isinstance(test.operator, cst.Or)
    left, right = settled(test.left, false), settled(test.right, false)
    if left is decisive:
        return decisive  # the right side was not evaluated then
    if right is decisive and (left is not None or is_name(test.left, 2)):
        return decisive
    return None if left is None or right is None else not decisive


def branches(
    held: cst.If,
) -> tuple[tuple[Statement, ...] | None, tuple[Statement, ...] | None]:
    """The statements for when the test is true, and for when it is false.

    None for a branch with a comment that belongs to none of its statements.
    """
    other = held.orelse
    if isinstance(other, cst.If):  # what was an elif is the first test now
        return _statements(held.body), (other.with_changes(leading_lines=()),)
    if other is None:
        return _statements(held.body), ()
    said = any(line.comment for line in other.leading_lines)
    return _statements(held.body), None if said else _statements(other.body)


def _statements(body: cst.BaseSuite) -> tuple[Statement, ...] | None:
    if isinstance(body, cst.SimpleStatementSuite):
        end = body.trailing_whitespace
        return (cst.SimpleStatementLine(body.body, trailing_whitespace=end),)
    block = cst.ensure_type(body, cst.IndentedBlock)
    if any(any(within(each, cst.Comment)) for each in (block.header, *block.footer)):
        return None
    kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
    return tuple(each for each in block.body if isinstance(each, kinds))
