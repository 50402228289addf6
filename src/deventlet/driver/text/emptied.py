"""The ``if`` that a deletion would leave with nothing to do, and whether it goes along.

Reads trees and names; edits nothing, and decides nothing about what is deleted.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TypeAlias

from deventlet.driver.text import statements
from deventlet.resolve.uses import Use

_SILENT = (ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop, ast.Compare, ast.cmpop,
           ast.Name, ast.Constant, ast.expr_context)  # fmt: skip
_STARTED = frozenset({"sys.argv", "sys.platform", "os.name"})
"""How and where a process was started; to ask for it does nothing."""

_Above: TypeAlias = ast.AST | None


def outermost(use: Use, held: ast.stmt, gone: Collection[int]) -> ast.stmt:
    """The statement that goes with one that is deleted: it, or an ``if`` around it.

    :param gone: the statements that are deleted, by their identity.
    """
    found, also = held, {*gone}
    while (above := _goes_along(use, found, also)) is not None:
        found = above
        also.add(id(found))
    return found


def hollow(use: Use, held: ast.stmt, gone: Collection[int]) -> ast.If | None:
    """The ``if`` that would be left with an empty branch; None if there is none.

    :param gone: the statements that may be deleted, by their identity.
    """
    found = outermost(use, held, gone)
    above = _above(use, found)
    if not isinstance(above, ast.If):
        return None
    block = statements.block_of(use, found)
    imports = (ast.Import, ast.ImportFrom)
    others = (each for each in block if each is not found)
    empty = all(id(each) in gone or isinstance(each, imports) for each in others)
    return above if empty else None


def is_silent(test: ast.expr) -> bool:
    """Whether nobody misses that a test is evaluated: names and literals, compared.

    An attribute may be an option, or the state of an object, that is for it alone.
    """
    waiting: list[ast.AST] = [test]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute) and ast.unparse(node) in _STARTED:
            continue
        if not isinstance(node, _SILENT):
            return False
        waiting += ast.iter_child_nodes(node)
    return True


def _goes_along(use: Use, held: ast.stmt, gone: Collection[int]) -> ast.If | None:
    """The ``if`` around a statement that says nothing without what is deleted in it."""
    above = _above(use, held)
    if not isinstance(above, ast.If) or above.orelse or not is_silent(above.test):
        return None
    source = use.module.source
    alone = statements.extent(source, above) is not None
    said = b"#" in source.utf8[slice(*source.span(above))]
    every = all(each is held or id(each) in gone for each in above.body)
    elsewhere = _is_elif(above, _above(use, above))
    return above if every and alone and not (said or elsewhere) else None


def _above(use: Use, statement: ast.stmt) -> _Above:
    index = use.parents.index(statement)
    return use.parents[index - 1] if index else None


def _is_elif(statement: ast.If, above: _Above) -> bool:
    """Whether an ``if`` is written as the ``elif`` of another one."""
    is_other = isinstance(above, ast.If) and above.orelse == [statement]
    return is_other and statement.col_offset == getattr(above, "col_offset", None)
