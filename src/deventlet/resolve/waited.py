"""Whether a thread has ended before it is killed: the same was waited for just before.

Reads the statements of one block. Knows no thread: the words have to be the same, and
nothing in between may speak of what they begin with. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from deventlet.resolve.uses import Use

_WAIT, _KILL = "wait", "kill"


def is_waited_for(kill: Use, waits: Iterable[Use]) -> bool:
    """Whether ``t.kill()`` is a statement some way behind ``t.wait()`` in its block.

    Also of all in a list: ``[t.wait() for t in threads]``.
    """
    killing = _statement(kill)
    if killing is None or not _is_plain(kill):
        return False
    block = _block(kill, killing)
    index = block.index(killing)
    waiting = {id(_statement(each)) for each in waits if _is_plain(each)}
    words = _words(killing)
    for before in reversed(block[:index]):
        if id(before) in waiting and _same(before, killing):
            return True
        if not words.isdisjoint(_words(before)):
            return False
    return False


def _statement(use: Use) -> ast.Expr | None:
    """The statement that is the call, or a list of the calls for each of a list."""
    held = next((n for n in reversed(use.parents) if isinstance(n, ast.stmt)), None)
    if not isinstance(held, ast.Expr) or use.call is None:
        return None
    value = held.value
    if isinstance(value, ast.ListComp):
        (first, *more) = value.generators
        is_whole = value.elt is use.call and not more and not first.ifs
        return held if is_whole and isinstance(first.iter, ast.Name) else None
    return held if value is use.call else None


def _is_plain(use: Use) -> bool:
    """A method of a name, without arguments: those of ``wait()`` are of no kind."""
    if use.call is None or use.call.args or use.call.keywords:
        return False
    return isinstance(use.node, ast.Attribute) and isinstance(use.node.value, ast.Name)


def _block(use: Use, statement: ast.stmt) -> Sequence[ast.stmt]:
    above = use.parents[use.parents.index(statement) - 1]
    fields = (value for _, value in ast.iter_fields(above) if isinstance(value, list))
    return next(block for block in fields if statement in block)


def _same(waiting: ast.stmt, killing: ast.stmt) -> bool:
    return ast.dump(waiting).replace(f"'{_WAIT}'", f"'{_KILL}'") == ast.dump(killing)


def _words(statement: ast.stmt) -> frozenset[str]:
    """The names in a statement, but for those that a list in it binds."""
    return frozenset(_names(statement)) - frozenset(_bound(statement))


def _names(node: ast.AST) -> Iterator[str]:
    return (n.id for n in ast.walk(node) if isinstance(n, ast.Name))


def _bound(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension):
            yield from _names(each.target)
