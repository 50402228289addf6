"""How fast this machine is now, for tests that tell slow code from a slow machine.

A limit is said in paces: the processor seconds that ``ast.parse`` takes here for ten
thousand short lines, at its best of three. A limit says that something is not slower
by an order of magnitude; how fast it is, is for the benchmarks to say.
"""

from __future__ import annotations

import ast
import gc
import time
from collections.abc import Callable
from functools import cache

_LINES = "x = g(1, a.b)\n" * 10_000


def seconds_of(action: Callable[[], object]) -> float:
    """The processor seconds that an action takes in this process."""
    start = time.process_time()
    action()
    return time.process_time() - start


def paces(seconds: float) -> float:
    """Processor seconds as a multiple of this machine's pace."""
    return seconds / _pace()


@cache
def _pace() -> float:
    gc.disable()  # how often it collects depends on what else the process holds
    try:
        return min(seconds_of(lambda: ast.parse(_LINES)) for _ in range(3))
    finally:
        gc.enable()
