"""An expression on one line again, after parts of it were put somewhere else.

White space that holds a comment stays, so that none is lost. No codemod itself.
"""

from __future__ import annotations

from typing import TypeVar, cast

import libcst as cst

_Node = TypeVar("_Node", bound=cst.CSTNode)
_NONE = cst.SimpleWhitespace("")
_ONE = cst.SimpleWhitespace(" ")


def flat(node: _Node) -> _Node:
    """The node without the line ends in its brackets."""
    return cast("_Node", node.visit(_Flat()))


class _Flat(cst.CSTTransformer):
    """Puts one space, or nothing, in the place of every line end."""

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(updated_node, cst.ParenthesizedWhitespace):
            return cast("cst.CSTNodeT", _space(updated_node))
        changes: dict[str, object] = {
            name: _NONE
            for name in _TIGHT.get(type(original_node), ())
            if _is_broken(getattr(original_node, name))
            and getattr(updated_node, name) is _ONE
        }
        if isinstance(updated_node, _LISTING):
            changes |= _without_last_comma(original_node, updated_node)
        return updated_node.with_changes(**changes) if changes else updated_node


def _space(node: cst.ParenthesizedWhitespace) -> cst.BaseParenthesizableWhitespace:
    return node if "#" in cst.Module([]).code_for_node(node) else _ONE


_LISTING = (cst.Call, cst.List, cst.Set, cst.Dict, cst.Tuple)
_TIGHT: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.LeftParen: ("whitespace_after",),
    cst.RightParen: ("whitespace_before",),
    cst.LeftSquareBracket: ("whitespace_after",),
    cst.RightSquareBracket: ("whitespace_before",),
    cst.LeftCurlyBrace: ("whitespace_after",),
    cst.RightCurlyBrace: ("whitespace_before",),
    cst.Dot: ("whitespace_before", "whitespace_after"),
    cst.Call: ("whitespace_before_args",),
    cst.Arg: ("whitespace_after_arg",),
}
"""Where a line end stands for nothing at all."""


def _is_broken(space: object) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace)


def _without_last_comma(old: cst.CSTNode, new: cst.CSTNode) -> dict[str, object]:
    """The comma before a closing bracket on a line of its own goes with the line."""
    name = "args" if isinstance(new, cst.Call) else "elements"
    before, items = getattr(old, name), getattr(new, name)
    comma = before[-1].comma if before else None
    if not isinstance(comma, cst.Comma) or not _is_broken(comma.whitespace_after):
        return {}
    if "#" in cst.Module([]).code_for_node(comma):
        return {}
    lone = isinstance(new, cst.Tuple) and len(items) == 1
    kept = cst.Comma() if lone else cst.MaybeSentinel.DEFAULT
    return {name: [*items[:-1], items[-1].with_changes(comma=kept)]}
