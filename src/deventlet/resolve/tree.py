"""Where nodes stand in the tree of their file: what is around one, what is at a place.

Goes down by position instead of through the whole tree, and no tree is too deep for
it. Knows nothing of names.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias


def ancestors(tree: ast.Module, node: ast.AST) -> list[ast.AST]:
    """The nodes from the module down to the parent of ``node``.

    :raises ValueError: if the node is not in the tree.
    """
    return all_ancestors(tree, [node])[node]


def all_ancestors(
    tree: ast.Module, nodes: Collection[ast.AST]
) -> dict[ast.AST, list[ast.AST]]:
    """The nodes from the module down to the parent of each of ``nodes``.

    Goes down by position, to all of them at once, so that a few nodes of a large
    file are cheap to place and many are no more than one walk. A node without a
    position, or one that lies about it, is looked for everywhere; parts of f-strings
    do on Python 3.11, so that those are walked whole.

    :raises ValueError: if one of the nodes is not in the tree.
    """
    wanted = set(nodes)
    starts = sorted(span[0] for span in map(_span, wanted) if span is not None)
    found = _paths(tree, wanted, _Near(starts))
    if len(found) < len(wanted):
        found |= _paths(tree, wanted - found.keys(), _everywhere)
    if len(found) < len(wanted):
        node = next(iter(wanted - found.keys()))
        raise ValueError(f"the {type(node).__name__} node is not in this tree")
    return found


_Position: TypeAlias = tuple[int, int]


class _Link(NamedTuple):
    """A node and the link to its parent: a path that needs no copying."""

    node: ast.AST
    above: _Link | None


_Children: TypeAlias = "Callable[[ast.AST], tuple[Iterable[ast.AST], _Children]]"


def _paths(
    tree: ast.Module, wanted: set[ast.AST], children: _Children
) -> dict[ast.AST, list[ast.AST]]:
    """The ancestors of nodes, looking only into some of the children.

    :param children: those of a node, and how to go on below them.
    """
    found: dict[ast.AST, list[ast.AST]] = {}
    links = [(_Link(tree, None), children)]
    while links and len(found) < len(wanted):
        link, choose = links.pop()
        if link.node in wanted:
            found[link.node] = _unwind(link.above)
        below, choose = choose(link.node)
        links += ((_Link(child, link), choose) for child in below)
    return found


def _unwind(link: _Link | None) -> list[ast.AST]:
    path = []
    while link is not None:
        path.append(link.node)
        link = link.above
    return path[::-1]


def _everywhere(node: ast.AST) -> tuple[Iterable[ast.AST], _Children]:
    return ast.iter_child_nodes(node), _everywhere


@dataclass(frozen=True, eq=False, slots=True)
class _Near:
    """The children that cover one of some positions, and those without a position.

    :param starts: the positions, in order.
    """

    starts: list[_Position]

    def __call__(self, node: ast.AST) -> tuple[Iterable[ast.AST], _Children]:
        if isinstance(node, ast.JoinedStr):
            return _everywhere(node)
        return filter(self._covers, self.children(node)), self

    def _covers(self, node: ast.AST) -> bool:
        span = _span(node)
        if span is None:
            return True
        index = bisect_left(self.starts, span[0])
        return index < len(self.starts) and self.starts[index] < span[1]

    def children(self, parent: ast.AST) -> Iterator[ast.AST]:
        """All but the statements that are around none of the positions."""
        for name in parent._fields:
            value = getattr(parent, name, None)
            if isinstance(value, ast.AST):
                yield value
            elif isinstance(value, list) and name in _BLOCKS and len(value) > _FEW:
                yield from self._around(value)
            elif isinstance(value, list):
                yield from (each for each in value if isinstance(each, ast.AST))

    def _around(self, block: list[ast.stmt]) -> Iterator[ast.stmt]:
        """The statements before whose end the next position is, each once.

        A class of a large file has thousands of statements, which stand in order.
        """
        index = bisect_left(self.starts, _start(block[0]))
        while index < len(self.starts):
            place = bisect_right(block, self.starts[index], key=_start)
            yield block[place - 1]
            if place == len(block):
                return
            index = bisect_left(self.starts, _start(block[place]), lo=index + 1)


def path_to(tree: ast.Module, line: int, column: int) -> list[ast.AST]:
    """The path down to the innermost node that covers the byte at a position."""
    path: list[ast.AST] = [tree]
    while True:
        below = near(path[-1], (line, column + 1))
        inner = next((each for each in below if reaches(each, line, column + 1)), None)
        if inner is None:
            return path
        path.append(inner)


def reaches(node: ast.AST, line: int, column: int) -> bool:
    """Whether a node, or one without a position, may hold what ends there."""
    span = _span(node)
    if span is None:
        return any(reaches(each, line, column) for each in ast.iter_child_nodes(node))
    return span[0] < (line, column) <= span[1]


def near(parent: ast.AST, start: _Position) -> Iterator[ast.AST]:
    """The children of a node; of a list of statements only the one around a place."""
    return _Near([start]).children(parent)


_BLOCKS = frozenset({"body", "orelse", "finalbody"})
_FEW = 4


def _start(statement: ast.stmt) -> _Position:
    span = _span(statement)
    assert span is not None
    return span[0]


def _span(node: Any) -> tuple[_Position, _Position] | None:
    """Start and end of a node; a decorated one starts at its first decorator."""
    if not hasattr(node, "end_lineno"):
        return None
    decorators = getattr(node, "decorator_list", None)
    first = decorators[0] if decorators else node
    start = first.lineno, first.col_offset
    return start, (node.end_lineno, node.end_col_offset)
