"""The nodes of a kind within another.

LibCST's matchers would find them, too; importing these takes as long as LibCST itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import libcst as cst

_Kind = TypeVar("_Kind", bound=cst.CSTNode)


def within(node: cst.CSTNode, kind: type[_Kind]) -> Iterator[_Kind]:
    """The nodes of a kind in a node and below it, in the order of their text."""
    if isinstance(node, kind):
        yield node
    for child in node.children:
        yield from within(child, kind)
