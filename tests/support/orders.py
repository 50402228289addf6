"""Orders that codemods may run in."""

from __future__ import annotations

import random

from deventlet.registry import pages, turn


def shuffled(seed: int) -> list[str]:
    """All codemods, in one of the orders that their dependencies allow."""
    chosen, left, order = random.Random(seed), {*pages()}, list[str]()
    while left:
        ready = sorted(name for name in left if left.isdisjoint(pages()[name].after))
        order.append(chosen.choice(ready))
        left.remove(order[-1])
    return order


def shuffled_by_stage(seed: int) -> list[str]:
    """The same, with stage B after stage A, and what tidies up at the end.

    What comes too early refuses, and would have to run again.
    """
    return sorted(shuffled(seed), key=lambda name: turn(pages()[name]))
