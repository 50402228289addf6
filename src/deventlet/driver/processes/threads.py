"""Which function runs where, as the reports say it; decides nothing."""

from __future__ import annotations

from deventlet.driver.subjects.findings import Findings
from deventlet.inventory import Thread
from deventlet.resolve.names import Names
from deventlet.resolve.threads import Start, Threads
from deventlet.resolve.uses import Use
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import Definition


def threads_of(names: Names, findings: Findings) -> Threads:
    """What is started in the files that finding the subjects has parsed."""
    origins = {id(o): o for group in findings.traced.values() for o in group}
    return Threads.of(names, tuple(origins.values()))


def started(threads: Threads) -> tuple[Thread, ...]:
    """Every function that something starts, in order of place."""
    starts: dict[Definition, list[Start]] = {}
    for start in threads.starts:
        for function in start.targets:
            starts.setdefault(function, []).append(start)
    return tuple(
        sorted(
            Thread(
                function.module.path,
                function.node.lineno,
                _name(threads, function),
                tuple((each.place, each.api, each.often) for each in found),
            )
            for function, found in starts.items()
        )
    )


def started_at(threads: Threads, use: Use | None) -> tuple[str, ...]:
    """Where the threads are started in which a use runs, as far as it is known."""
    if use is None:
        return ()
    found = threads.at(Place(use.module, use.node, use.parents))
    return tuple(sorted({start.place for start in found}))


def _name(threads: Threads, function: Definition) -> str:
    node = function.node
    name = str(getattr(node, "name", "lambda"))
    owner = threads.program.places.class_of(function.module, node)  # type: ignore[arg-type]
    return f"{getattr(owner.node, 'name', '')}.{name}" if owner else name
