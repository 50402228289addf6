"""Whether a call is made right after its object has said that there is something.

Eventlet switches green threads only where something waits. Looks at one loop; knows
no class and decides nothing.
"""

from __future__ import annotations

import ast

from deventlet.resolve.chains import root
from deventlet.resolve.values.model import Place


def is_guarded(place: Place, question: str) -> bool:
    """Whether a method is called first in ``while not q.empty():``, for the same ``q``.

    No other call may come between: ``items.append(q.get())`` is as good.

    :param place: the method's call.
    :param question: the name of the method that has to say no.
    """
    call = place.node
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return False
    path = [*place.parents, call]
    at = max((i for i, n in enumerate(path) if isinstance(n, ast.stmt)), default=0)
    statement, above = path[at], path[at - 1]
    if not (isinstance(above, ast.While) and above.body[:1] == [statement]):
        return False
    if any(isinstance(node, _AGAIN) for node in path[at:]):
        return False
    others = {id(n) for n in ast.walk(statement) if isinstance(n, _WAITING)}
    return others <= {id(n) for n in path[at:]} and _denies(
        above.test, call.func.value, question
    )


_WAITING = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom)
_AGAIN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""What runs a part of itself later, or several times."""


def _denies(test: ast.expr, owner: ast.expr, question: str) -> bool:
    """Whether a test is ``not owner.question()``, of a plain name or attribute."""
    wanted = f"not {ast.unparse(owner)}.{question}()"
    return isinstance(root(owner), ast.Name) and ast.unparse(test) == wanted
