"""``hazard.order``: a test starts a thread, yields once, and expects it to be done.

``sleep(0)`` lets every green thread that is ready run before it comes back. A native
thread may by then have run, be running, or not have begun.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from deventlet.hazards.sleeps import Sleeps
from deventlet.inventory import Hazard
from deventlet.resolve.chains import last_name
from deventlet.resolve.threads import Threads
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import Definition

CODE = "hazard.order"
_WAITS = frozenset({"wait", "waitall", "join", "joinall", "result", "get"})


def find(threads: Threads, is_test: Callable[[str], bool]) -> Iterator[Hazard]:
    """One hazard for each function of a test, at its first sleep of this kind."""
    sleeps = Sleeps(threads.program)
    for function in dict.fromkeys(s.inside for s in threads.starts if s.inside):
        if is_test(function.module.path):
            steps = list(_steps(function, threads, sleeps))
            found = next(_expecting(steps), None)
            if found is not None:
                yield _hazard(function, *found)


def _steps(
    function: Definition, threads: Threads, sleeps: Sleeps
) -> Iterator[tuple[str, int, str]]:
    """What a test does, in the order of the source: a word, the line, the start."""
    started = {id(s.call.node): s for s in threads.starts if s.often != "timer"}
    for place in threads.places(function, ast.Call, ast.Assert):
        node: ast.AST = place.node
        start = started.get(id(node))
        if start is not None and not start.api.endswith(".link"):
            yield "start", place.node.lineno, start.place
        elif word := _word(place, sleeps):
            yield word, place.node.lineno, ""


def _word(place: Place, sleeps: Sleeps) -> str:
    """What a step of a test is: it waits, yields or expects; empty for any other."""
    if isinstance(place.node, ast.Assert):
        return "expect"
    assert isinstance(place.node, ast.Call)
    name = last_name(place.node.func)
    if name in _WAITS:
        return "wait"
    if sleeps.seconds(place.node, place.module) == 0:
        return "yield"
    return "expect" if name.startswith("assert") else ""


def _expecting(
    steps: Iterable[tuple[str, int, str]],
) -> Iterator[tuple[int, str]]:
    """The sleeps between a start and an expectation with nothing else between them."""
    start = ""
    for (word, line, place), (after, _, _) in pairwise(steps):
        if word == "start":
            start = place
        elif word == "wait":
            start = ""
        elif word == "yield" and after == "expect" and start:
            yield line, start


def _hazard(function: Definition, line: int, start: str) -> Hazard:
    path = function.module.path
    message = f"nothing waits for the thread that {start} starts before the assertion"
    return Hazard(path, line, CODE, message, (start,), True)
