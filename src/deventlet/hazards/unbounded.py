"""``hazard.unbounded``: a loop that never ends starts a thread in every round.

A green thread costs some kilobytes, a native one megabytes. A pool bounds how many run,
and a round that waits for its thread, or leaves the loop, starts no second one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from deventlet.inventory import Hazard
from deventlet.resolve.threads import Start, Threads
from deventlet.resolve.values.definitions import FUNCTIONS

CODE = "hazard.unbounded"


def find(threads: Threads, is_test: Callable[[str], bool]) -> Iterator[Hazard]:
    """One hazard for each start."""
    for start in threads.starts:
        why = _why(start)
        if why and not (start.pooled or start.alone):
            path, line = start.call.module.path, start.call.node.lineno
            message = f"{start.api} starts a thread {why}"
            yield Hazard(path, line, CODE, message, (start.place,), is_test(path))


def _why(start: Start) -> str:
    """Why there is no end to it; empty if there may be."""
    if start.loop is None or start.often == "timer":
        return ""
    if isinstance(start.loop, ast.While) and _accepts(start.loop):
        return "for each connection"
    body = getattr(start.loop, "body", ())
    endless = start.often == "forever" and not any(map(_ends, body))
    return "in each round of a loop that never ends" if endless else ""


def _ends(statement: ast.AST) -> bool:
    """Whether a loop may end there; where only an exception ends it, it goes on."""
    if isinstance(statement, (ast.Break, ast.Return)):
        return True
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler)):
        return False
    return any(map(_ends, ast.iter_child_nodes(statement)))


def _accepts(loop: ast.While) -> bool:
    """Whether a loop takes connections."""
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "accept"
        for node in ast.walk(loop)
    )
