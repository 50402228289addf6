"""What the pools of a project may cost once their threads are native; pure.

The figures are those of ``benchmarks/threads.py``, which anyone can run on a machine
of their own; they are per thread, and stand in ``pools.md`` with what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deventlet.inventory import Hazard, Pool
from deventlet.report.text import visible

IDLE_KIB, BUSY_KIB = 17, 40
"""Resident memory of a native thread that waits right away, or below 50 calls."""
STACK_KIB = 8 * 1024
"""Address space of a native thread: ``ulimit -s`` on nearly every Linux."""
_UNITS = ("KiB", "MiB", "GiB", "TiB")
UNBOUNDED = "hazard.unbounded"


def cost(size: int | None) -> str:
    """What so many native threads take; empty if their number is not known."""
    if size is None or size < 1:
        return ""
    resident = f"{_amount(size * IDLE_KIB)} to {_amount(size * BUSY_KIB)}"
    return f"{resident}, {_amount(size * STACK_KIB)} reserved"


def _amount(kib: float) -> str:
    unit = 0
    while kib >= 1024 and unit < len(_UNITS) - 1:
        kib, unit = kib / 1024, unit + 1
    return (
        f"{kib:.1f} {_UNITS[unit]}"
        if kib < 10 and unit
        else f"{kib:.0f} {_UNITS[unit]}"
    )


def rows(pools: Sequence[Pool], hazards: Iterable[Hazard]) -> list[tuple[str, ...]]:
    """A heading, each pool of production code, then what starts threads without end."""
    table: list[tuple[str, ...]] = [
        ("threads", "memory if native", "where", "what", "size")
    ]
    for pool in ordered(pools):
        size = "any number" if pool.size is None else f"{pool.size:,}"
        place = visible(f"{pool.path}:{pool.line}")
        table.append((size, cost(pool.size) or "-", place, kind(pool), words(pool)))
    for hazard in unbounded(hazards):
        place = visible(f"{hazard.path}:{hazard.line}")
        table.append(("no bound", "-", place, "", visible(hazard.message)))
    return table


def ordered(pools: Iterable[Pool]) -> list[Pool]:
    """The pools of production code, those first that may hold the most threads."""
    return sorted(
        (pool for pool in pools if not pool.test),
        key=lambda pool: (pool.size is not None, -(pool.size or 0), pool),
    )


def unbounded(hazards: Iterable[Hazard]) -> list[Hazard]:
    """Where production code starts threads in a loop that has no end."""
    return [each for each in hazards if each.code == UNBOUNDED and not each.test]


def kind(pool: Pool) -> str:
    """What is made, such as ``GreenPool``."""
    parts = pool.api.split(".")
    return parts[-1] if parts[-1][0].isupper() else ".".join(parts[-2:])


def words(pool: Pool) -> str:
    """The size as it is written, and where its number comes from."""
    return visible(pool.words)
