"""The nodes of a kind within another, and statements of a kind.

LibCST's matchers would find them, too; importing these takes as long as LibCST itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import libcst as cst

from deventlet.codemod import Statement

_Kind = TypeVar("_Kind", bound=cst.CSTNode)


def within(node: cst.CSTNode, kind: type[_Kind]) -> Iterator[_Kind]:
    """The nodes of a kind in a node and below it, in the order of their text."""
    if isinstance(node, kind):
        yield node
    for child in node.children:
        yield from within(child, kind)


def is_name(node: cst.BaseExpression, attributes: int) -> bool:
    """Whether it is a name with so many attributes or fewer.

    To evaluate that says nothing, so that nobody misses it.
    """
    if isinstance(node, cst.Attribute) and attributes:
        return is_name(node.value, attributes - 1)
    return isinstance(node, cst.Name)


def dotted(node: cst.BaseExpression) -> str:
    """A name with its attributes, without spaces and comments; empty if it is none."""
    if isinstance(node, cst.Attribute):
        above = dotted(node.value)
        return above and f"{above}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def assignment(held: Statement | None) -> cst.Assign | None:
    """A statement that assigns to one target, and does nothing else."""
    if not isinstance(held, cst.SimpleStatementLine) or len(held.body) > 1:
        return None
    assign = held.body[0]
    is_one = isinstance(assign, cst.Assign) and len(assign.targets) == 1
    return cst.ensure_type(assign, cst.Assign) if is_one else None
