"""From the starts to all functions that run in what they start.

A started function hands its thread on to what it calls by a name of the repository:
functions of its file, imported ones, methods of its own object. Reads files that are
parsed already, and calls of anything else are not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.resolve.names import Names
from deventlet.resolve.threads.locks import Locks
from deventlet.resolve.threads.starts import Start, Starts
from deventlet.resolve.values import Origin, Place
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.program import Program

_DEPTH = 8
"""How many calls a thread is followed from the function that is started."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call by name within a function."""

    callee: Definition
    locked: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A function runs in what a start starts.

    :param locked: only while a lock is held on the way to it.
    :param depth: how many calls below the started function it is.
    """

    start: Start
    locked: bool
    depth: int

    def into(self, call: _Call) -> Run:
        """What a call makes of it."""
        return Run(self.start, self.locked or call.locked, self.depth + 1)


@dataclass(eq=False)
class Threads:
    """What runs where, in one state of a repository.

    :param program: the repository as far as it is parsed.
    :param origins: the objects that Eventlet made, with their uses.
    """

    program: Program
    origins: Sequence[Origin]
    _calls: dict[Definition, tuple[_Call, ...]] = field(default_factory=dict)
    _places: dict[Definition, tuple[Place, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Names, origins: Sequence[Origin]) -> Threads:
        """What runs where in the files that are parsed now.

        :param names: the names of the repository, once its files were looked through.
        """
        seen = names.project.parsed()
        known = Names(seen, names.interest, names.shims, names.exports)
        return cls(Program(known), origins)

    @cached_property
    def starts(self) -> tuple[Start, ...]:
        """Every start, in order of place."""
        return Starts(self.program, self.origins).found

    @cached_property
    def locks(self) -> Locks:
        """Which places hold a lock."""
        return Locks(self.program)

    @cached_property
    def runs(self) -> dict[Definition, tuple[Run, ...]]:
        """The functions that run in a started one, each with all its runs."""
        found: dict[Definition, list[Run]] = {}
        for start in self.starts:
            for function, run in self._below(start):
                found.setdefault(function, []).append(run)
        return {function: tuple(runs) for function, runs in found.items()}

    @cached_property
    def reached(self) -> dict[Start, tuple[Definition, ...]]:
        """The functions that each start runs, the started one first."""
        found: dict[Start, list[Definition]] = {}
        for function, runs in self.runs.items():
            for run in runs:
                found.setdefault(run.start, []).append(function)
        return {start: tuple(each) for start, each in found.items()}

    def _below(self, start: Start) -> Iterator[tuple[Definition, Run]]:
        """What a start runs; a way without a lock counts before one with it."""
        seen: dict[Definition, Run] = {}
        waiting = [(each, Run(start, False, 0)) for each in start.targets]
        while waiting:
            function, run = waiting.pop(0)
            known = seen.get(function)
            if known is not None and (known.locked <= run.locked):
                continue
            seen[function] = run
            if run.depth < _DEPTH:
                waiting += [
                    (call.callee, run.into(call)) for call in self.calls(function)
                ]
        yield from seen.items()

    def places(self, function: Definition, *kinds: type[ast.AST]) -> Iterator[Place]:
        """The nodes of some kinds in a function's own body, in order.

        The path down to each begins at the function; what runs in a function inside
        of it is left out. ``kinds`` are of calls, stores, deletions and tests.
        """
        if function not in self._places:
            self._places[function] = tuple(_own_places(function))
        for place in self._places[function]:
            if isinstance(place.node, kinds):
                yield place

    def calls(self, function: Definition) -> tuple[_Call, ...]:
        """The calls by name in a function's own body."""
        if function not in self._calls:
            self._calls[function] = tuple(self._find_calls(function))
        return self._calls[function]

    def _find_calls(self, function: Definition) -> Iterator[_Call]:
        held = self.locks.throughout(function)
        for place in self.places(function, ast.Call):
            assert isinstance(place.node, ast.Call)
            for callee in self._callees(place.node.func, function):
                yield _Call(callee, held or self.locks.around(place))

    def _callees(self, func: ast.expr, function: Definition) -> Iterator[Definition]:
        """The functions of the repository that an expression names for sure."""
        if isinstance(func, ast.Attribute) and not self._is_named(func, function):
            return
        if isinstance(func, (ast.Name, ast.Attribute)):
            for found in self.program.meanings.definitions(func, function.module):
                if found is not None and isinstance(found.node, FUNCTIONS):
                    yield found

    def _is_named(self, func: ast.Attribute, function: Definition) -> bool:
        """``self.f`` and ``module.f``; not the method of another object."""
        owner = func.value
        if isinstance(owner, ast.Call):
            return getattr(owner.func, "id", "") == "super"
        if (
            isinstance(owner, ast.Name)
            and self.program.places.self_class(owner, function.module) is not None
        ):
            return True
        return bool(self.program.places.modules(func.value, function.module))

    def at(self, place: Place) -> tuple[Start, ...]:
        """The starts of which one runs the function around a place; maybe none."""
        function = self.program.places.function_of(place)
        if function is None:
            return ()
        runs = self.runs.get(Definition(place.module, function), ())
        return tuple(run.start for run in runs)


def _own_places(function: Definition) -> Iterator[Place]:
    """The calls, stores and tests in a function's own body, in order."""
    body: ast.expr | list[ast.stmt] = function.node.body
    below: Iterable[ast.AST] = body if isinstance(body, list) else [body]
    top: list[ast.AST] = [function.node]
    waiting = [(node, top) for node in below][::-1]
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, _KEPT):
            yield Place(function.module, node, path)  # type: ignore[arg-type]
        elif isinstance(node, _LEAVES):
            continue
        deeper = [*path, node]
        waiting += [(child, deeper) for child in ast.iter_child_nodes(node)][::-1]


_KEPT = (
    *(ast.Call, ast.If, ast.While, ast.Assert),
    *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete),
)
_LEAVES = (
    *(*FUNCTIONS, ast.ClassDef, ast.Name, ast.Constant, ast.expr_context),
    *(ast.operator, ast.cmpop, ast.Pass, ast.Global, ast.Import, ast.ImportFrom),
)
"""What holds no place of the function's own."""
