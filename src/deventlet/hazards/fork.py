"""``hazard.fork``: a thread is started before the process forks.

The child of a fork has the one thread that forked. Green threads go along, because
they are data of that thread; native ones are gone, and what they held stays locked.
Followed is what one function does in its order, with what it calls by name and does
whatever happens. Tests are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from deventlet.inventory import Hazard
from deventlet.resolve.chains import called_name
from deventlet.resolve.offsets import attribute_at
from deventlet.resolve.project import Module
from deventlet.resolve.threads import Start, Threads
from deventlet.resolve.threads.callers import Callers
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import FUNCTIONS, Definition

CODE = "hazard.fork"
_FORKS = frozenset({
    "os.fork", "os.forkpty", "multiprocessing.Process", "multiprocessing.Pool",
    "concurrent.futures.ProcessPoolExecutor",
})  # fmt: skip
_CALLS = re.compile(
    rb"\.(fork|forkpty|Process|Pool|ProcessPoolExecutor|launch|launch_service)\("
)
_WORKERS = 2
"""The position of ``workers`` in oslo.service's ``launch`` (3.6)."""
_ENDS = (ast.Return, ast.Raise)
_BRANCHING = (ast.If, ast.IfExp, ast.Try)
_CHOICES = (ast.If, ast.ExceptHandler, ast.IfExp)
_DEPTH = 4
"""How many calls are followed, to a start and from a fork."""


def find(threads: Threads, is_test: Callable[[str], bool]) -> Iterator[Hazard]:
    """One hazard for each start that comes before a fork."""
    rule = _Rule(threads, Callers(threads.program, is_test))
    for fork in rule.forks:
        for start in rule.before(fork):
            path, line = start.call.module.path, start.call.node.lineno
            where = f"{fork.module.path}:{fork.node.lineno}"
            message = f"{start.api} starts a thread before the fork at {where}"
            yield Hazard(path, line, CODE, message, (start.place,), False)


@dataclass(eq=False)
class _Rule:
    threads: Threads
    callers: Callers
    _started: dict[Definition, tuple[Start, ...]] = field(default_factory=dict)

    @property
    def forks(self) -> Iterator[Place]:
        """The calls that fork."""
        project = self.threads.program.project
        for module in map(project.module, project.paths):
            if module is None or self.callers.leave_out(module.path):
                continue
            for found in _CALLS.finditer(module.source.utf8):
                path = attribute_at(module, found.end(1), found[1].decode())
                node = path.pop() if path else None
                if isinstance(node, ast.Attribute) and path:
                    place = Place(module, node, path)
                    if place.call is not None and self._forks(node, place.call, module):
                        yield place.up()

    def _forks(self, func: ast.Attribute, call: ast.Call, module: Module) -> bool:
        if func.attr == "launch_service":
            made = self.threads.locks.made(func.value, module)
            return any(called_name(each) == "ProcessLauncher" for each in made)
        denoted = self.threads.program.names.denoted(func, module)
        if func.attr == "launch":
            return "oslo_service.service.launch" in denoted and _has_workers(call)
        return not _FORKS.isdisjoint(denoted)

    def before(self, fork: Place) -> Iterator[Start]:
        """What is started before a call, in its function and those that call it."""
        found: dict[Start, None] = {}
        waiting, seen = [fork], {id(fork.node)}
        for _ in range(_DEPTH):
            for place in waiting:
                found.update(dict.fromkeys(self._earlier(place)))
            callers = [c for place in waiting for c in self._callers(place)]
            waiting = [c for c in callers if id(c.node) not in seen]
            seen.update(id(c.node) for c in waiting)
        yield from found

    def _callers(self, place: Place) -> Iterator[Place]:
        """The calls of the function around a place."""
        function = self._around(place)
        if function is not None:
            yield from self.callers.of(function)

    def _earlier(self, place: Place) -> Iterator[Start]:
        """What the function around a call starts before it."""
        function = self._around(place)
        if function is None:
            return
        for call in self.threads.places(function, ast.Call):
            if _is_before(call, place):
                yield from self._starts(call, _DEPTH)

    def _starts(self, place: Place, depth: int) -> Iterator[Start]:
        """What a call starts, itself or in what it calls."""
        start = self._known.get(id(place.node))
        if start is not None:
            yield start
            return
        assert isinstance(place.node, ast.Call)
        for callee in self._callees(place.node.func, place.module):
            if depth:
                yield from self._within(callee, depth - 1)

    def _within(self, function: Definition, depth: int) -> tuple[Start, ...]:
        """What a function starts whenever it runs."""
        if function not in self._started:
            self._started[function] = ()  # one that calls itself adds nothing
            self._started[function] = tuple(
                start
                for call in self.threads.places(function, ast.Call)
                if not any(isinstance(node, _CHOICES) for node in call.parents)
                for start in self._starts(call, depth)
            )
        return self._started[function]

    def _callees(self, func: ast.expr, module: Module) -> Iterator[Definition]:
        """The functions that a call runs; of a class, its ``__init__``."""
        for found in self.threads.program.meanings.definitions(func, module):
            if found is None:
                continue
            if isinstance(found.node, FUNCTIONS):
                yield found
            else:
                yield from self.threads.program.classes.methods(found, "__init__")

    @cached_property
    def _known(self) -> dict[int, Start]:
        return {
            id(start.call.node): start
            for start in self.threads.starts
            if not (start.alone or start.api.endswith(".link"))
        }

    def _around(self, place: Place) -> Definition | None:
        function = self.threads.program.places.function_of(place)
        return Definition(place.module, function) if function else None


def _has_workers(call: ast.Call) -> bool:
    """Whether ``launch`` is told to start processes: not None, not 1."""
    given = [k.value for k in call.keywords if k.arg == "workers"]
    given += call.args[_WORKERS : _WORKERS + 1]
    return bool(given) and not (
        isinstance(given[0], ast.Constant) and given[0].value in (None, 1)
    )


def _is_before(call: Place, other: Place) -> bool:
    """Whether a call is over before another one begins, and may come to it."""
    if other.node in call.parents:
        return True
    if _end(call.node) > (other.node.lineno, other.node.col_offset):
        return False
    for node in call.parents:
        if not isinstance(node, _BRANCHING) or node not in other.parents:
            continue
        if _field(node, _below(node, call)) != _field(node, _below(node, other)):
            return False
    return not _leaves(call, other)


def _leaves(call: Place, other: Place) -> bool:
    """Whether a block with the call, and without the other, ends the function."""
    for node, below in pairwise([*call.parents, call.node]):
        block = getattr(node, _field(node, below), None)
        if not isinstance(block, list) or not isinstance(block[-1], _ENDS):
            continue
        if not any(each in other.parents or each is other.node for each in block):
            return True
    return False


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _below(node: ast.AST, place: Place) -> ast.AST:
    """The next node on the way down to a place."""
    path = [*place.parents, place.node]
    return path[path.index(node) + 1]


def _field(node: ast.AST, below: ast.AST) -> str:
    """The part of a node that a child is in."""
    for name in ("body", "orelse", "handlers", "finalbody"):
        value = getattr(node, name, None)
        if value is below or (isinstance(value, list) and below in value):
            return name
    return ""
