"""What is called from the statement of one use to the last that holds another.

For telling people what runs there; decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from deventlet.driver.text import statements
from deventlet.resolve.uses import Use


def called_between(use: Use, ends: Collection[Use]) -> tuple[str, ...]:
    """The functions that are called in a block behind a use, as the source has them.

    :param ends: uses of the same object; those in the last of their statements count,
        but what handles exceptions or cleans up does not.
    """
    held = statements.holder(use)
    if held is None:
        return ()
    block = statements.block_of(use, held)
    behind = block[block.index(held) + 1 :]
    around = {id(node) for each in ends for node in (*each.parents, each.node)}
    last = max((i for i, each in enumerate(behind) if id(each) in around), default=-1)
    calls = (node for each in behind[: last + 1] for node in _run_in(each))
    named = (ast.unparse(c.func) for c in calls if id(c.func) not in around)
    return tuple(dict.fromkeys(named))


def _run_in(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls of a statement in the order of making them, without handlers."""
    if isinstance(statement, ast.Try):
        for each in (*statement.body, *statement.orelse):
            yield from _run_in(each)
        return
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    yield from sorted(calls, key=lambda c: (c.end_lineno or 0, c.end_col_offset or 0))
