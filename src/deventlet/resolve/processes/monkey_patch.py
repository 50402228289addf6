"""What one call of ``eventlet.monkey_patch`` patches, by its keywords.

Of values that cannot be decided only what all of them patch counts. Whether the call
is ever run is for others to say.
"""

from __future__ import annotations

import ast
from itertools import product

from deventlet.resolve.processes.literals import UNKNOWN, Frame, evaluate, options

PATCH = "eventlet.monkey_patch"
PATCHABLE = frozenset({"os", "select", "socket", "subprocess", "thread", "time"})
"""What ``monkey_patch()`` patches when it is told nothing (eventlet 0.41)."""
NOTHING: frozenset[str] = frozenset()

_UNDECIDED_KEYWORDS = 4
"""More keywords than this of unknown value count as patching nothing."""


def patched(call: ast.Call | None, frame: Frame | None) -> frozenset[str]:
    """What a call of ``monkey_patch`` with these keywords patches at least."""
    if call is None or frame is None:
        return NOTHING
    values: dict[str, object] = {}
    for keyword in call.keywords:
        given = [keyword] if keyword.arg else options(keyword.value, frame)
        if given is None:
            return NOTHING
        values |= {str(k.arg): evaluate(k.value, frame) for k in given}
    unknown = [name for name, value in values.items() if value is UNKNOWN]
    if len(unknown) > _UNDECIDED_KEYWORDS:
        return NOTHING
    found = PATCHABLE
    for guess in product((True, False), repeat=len(unknown)):
        found &= switched_on({**values, **dict(zip(unknown, guess, strict=True))})
    return found


def switched_on(keywords: dict[str, object]) -> frozenset[str]:
    """The rule of ``eventlet.patcher.monkey_patch``."""
    default = keywords.pop("all", None)
    if default is None:
        default = True not in keywords.values()
    return frozenset(name for name in PATCHABLE if keywords.get(name, default))
