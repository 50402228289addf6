"""How a value is wrapped, and what taking it out of there gives: only shapes.

Says what a subscript, a loop or an unpacking finds in a container; reads no program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.resolve.values.model import Shape, Token

_LOOSE = frozenset({"item", "value", "slot"})
"""Wrappers of what may stand under any key or position."""


def wrapped(wrapper: str, token: Token) -> Token:
    """The same value inside of something."""
    return token[0], (wrapper, *token[1])


def is_element(wrapper: str) -> bool:
    """Whether a wrapper is of what a container gives for a key or a position."""
    return wrapper in _LOOSE or wrapper.startswith("at:")


def is_contained(shape: Shape) -> bool:
    """Whether a value is in a container, as what it holds or as a key."""
    return bool(shape) and (shape[0] == "key" or is_element(shape[0]))


def element(token: Token, key: ast.expr | int | None) -> Token | None:
    """What taking one element gives; None if that is not the value.

    :param key: the expression between the brackets, or a position; None for any.
    """
    origin, shape = token
    if not shape or not is_element(shape[0]):
        return None
    wanted = f"at:{key}" if isinstance(key, int) else at(key)
    if shape[0] in _LOOSE or wanted is None or shape[0] == wanted:
        return origin, shape[1:]
    return None


def iterated(token: Token) -> Token | None:
    """What a loop over a container gives; None if that is not the value.

    A loop over a dict gives its keys, not what stands under them.
    """
    origin, shape = token
    if not is_contained(shape) or shape[0] == "value" or _is_named(shape[0]):
        return None
    return origin, shape[1:]


def listed(token: Token) -> Token | None:
    """The same as a list: what a loop over it gives, in a container of no keys."""
    inner = iterated(token)
    return wrapped("item", inner) if inner is not None else None


def pairs(token: Token) -> Iterator[Token]:
    """What a dict holds that is made of a container of pairs, or of another dict."""
    origin, shape = token
    if shape[0] in ("key", "value", "slot") or _is_named(shape[0]):
        yield token
    elif shape[1:2] == ("at:0",):
        yield origin, ("key", *shape[2:])
    elif shape[1:2] == ("at:1",):
        yield origin, ("value", *shape[2:])
    else:
        yield token


def items(token: Token) -> Token:
    """What ``.items()`` of a dict gives."""
    origin, shape = token
    position = "at:0" if shape[0] == "key" else "at:1"
    return origin, ("item", position, *shape[1:])


def unpacked(targets: list[ast.expr], token: Token) -> Iterator[tuple[ast.expr, Token]]:
    """What each target of an unpacking may get; a starred one gets a list."""
    token = listed(token) or token if token[1][:1] in (("key",), ("slot",)) else token
    starred = len(targets)
    for index, each in enumerate(targets):
        if isinstance(each, ast.Starred):
            starred = index
        if index < starred:
            inner = element(token, index)
        else:
            inner = element(token, None) if _is_behind(token, starred) else None
        if inner is None or token[1][0] == "value":
            continue
        if isinstance(each, ast.Starred):
            yield each.value, wrapped("item", inner)
        else:
            yield each, inner


def _is_behind(token: Token, index: int) -> bool:
    position = token[1][0].removeprefix("at:") if token[1] else ""
    return not position.isdigit() or int(position) >= index


def _is_named(wrapper: str) -> bool:
    """Whether it stands under a string, as only a dict has them."""
    return wrapper.startswith(("at:'", 'at:"'))


def normal(shape: Shape) -> Shape:
    """A shape without the positions in it."""
    return tuple("item" if is_element(each) else each for each in shape)


def at(key: ast.expr | None) -> str | None:
    """The wrapper of what stands under a constant key."""
    if isinstance(key, ast.Constant) and isinstance(key.value, (str, int)):
        return f"at:{key.value!r}"
    return None
