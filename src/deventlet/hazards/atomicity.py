"""``hazard.atomicity``: shared state is changed in two steps by more than one thread.

Between two yields a green thread is alone: ``n += 1``, or ``if k not in d: d[k] = v``,
needs no lock. Reported is state of a module, a class or an object, if a function in
a started thread changes it in more than one step without a lock, and the same is
started more than once, or another started function changes it, too.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from deventlet.hazards.state import Change, Changes, State
from deventlet.inventory import Hazard
from deventlet.resolve.threads import Run, Start, Threads
from deventlet.resolve.values.definitions import Definition

CODE = "hazard.atomicity"
_BEFORE = frozenset({"__init__", "__new__", "setUp", "setup_method"})
"""Functions that run before anybody else knows the object."""
_NAMED = 3
"""How many states and further places are named."""

_IsTest = Callable[[str], bool]


_Group = tuple[tuple[str, str], tuple[Start, ...]]


@dataclass(frozen=True, eq=False, slots=True)
class _Changed:
    """A change, and the threads in which it happens."""

    change: Change
    function: Definition
    runs: tuple[Run, ...]

    @property
    def starts(self) -> tuple[Start, ...]:
        """What starts the threads."""
        return tuple(run.start for run in self.runs)


def find(threads: Threads, is_test: _IsTest) -> Iterator[Hazard]:
    """One hazard for the states of one owner that the same threads change."""
    rule = _Rule(threads, is_test)
    groups: dict[_Group, dict[str, list[_Changed]]] = defaultdict(dict)
    for state, changed in sorted(_by_state(threads, is_test).items()):
        found = [(each, rule.together(each, changed)) for each in changed]
        bad = {each: starts for each, starts in found if starts}
        if bad:
            group = state.owner, next(iter(bad.values()))
            groups[group][str(state)] = [*bad]
    for (_, starts), states in groups.items():
        yield _hazard(states, starts, is_test)


def _by_state(threads: Threads, is_test: _IsTest) -> dict[State, list[_Changed]]:
    """What started functions change, by the state."""
    found: dict[State, list[_Changed]] = defaultdict(list)
    changes = Changes(threads)
    for function, runs in threads.runs.items():
        if getattr(function.node, "name", "") in _BEFORE:
            continue
        path = function.module.path
        free = tuple(_free(runs, is_test(path), is_test))
        for change in changes.of(function) if free else ():
            if not change.locked:
                found[change.state].append(_Changed(change, function, free))
    return found


def _free(runs: Iterable[Run], in_test: bool, is_test: _IsTest) -> Iterator[Run]:
    """The runs of a function without a lock, started by its own kind of code.

    What a test starts says nothing of how often the service does. A function that
    starts itself again has ended by then.
    """
    for run in runs:
        start = run.start
        again = start.often in ("once", "timer") and start.inside in start.targets
        if not (run.locked or again) and is_test(start.call.module.path) == in_test:
            yield run


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which starts of a change may be at work at the same time."""

    threads: Threads
    is_test: _IsTest

    def together(self, each: _Changed, every: list[_Changed]) -> tuple[Start, ...]:
        """The starts that may interfere in a change; none if it is no hazard."""
        if not each.change.in_steps:
            return ()
        state = each.change.state
        # A thread that is started with an item of its own changes no other's.
        runs = [r for r in each.runs if r.depth or not each.change.of_own]
        for run in runs:
            if self._is_many(run.start, state, ()):
                return (run.start,)
        others = {s: None for other in every for s in other.starts}
        for run in runs:
            for other in others:
                if self._are_both(run.start, other):
                    return run.start, other
        return ()

    def _is_many(self, start: Start, state: State, seen: tuple[Start, ...]) -> bool:
        """Whether one call starts more than one thread that shares the state."""
        if start.alone or start in seen:
            return False
        if start.often in ("loop", "forever"):
            return not state.is_instance or _on_one_object(start)
        if start.inside is None or start.often == "timer":
            return False
        if state.is_instance and not self._is_own(start):
            return False
        runs = self.threads.runs.get(start.inside, ())
        return any(self._is_many(run.start, state, (*seen, start)) for run in runs)

    def _is_own(self, start: Start) -> bool:
        """Whether a function starts a method of its own object, or a closure."""
        target = _function(start.target)
        if not isinstance(target, ast.Attribute):
            return True
        owner, module = target.value, start.call.module
        return (
            isinstance(owner, ast.Name)
            and self.threads.program.places.self_class(owner, module) is not None
        )

    def _are_both(self, one: Start, other: Start) -> bool:
        """Whether two starts may be at work at the same time."""
        if one is other:
            return False
        same_place = one.inside == other.inside
        if set(one.targets) & set(other.targets):
            return same_place and not _are_alternatives(one, other)
        return same_place or not self.is_test(one.call.module.path)


def _function(target: ast.expr) -> ast.expr:
    """The function of a ``partial``."""
    return target.args[0] if isinstance(target, ast.Call) else target


def _on_one_object(start: Start) -> bool:
    """Whether each round starts the method of one and the same object."""
    target = _function(start.target)
    if not isinstance(target, ast.Attribute):
        return True
    nodes = list(ast.walk(target.value))
    if any(isinstance(node, (ast.Subscript, ast.Call)) for node in nodes):
        return False
    assert start.loop is not None
    bound = {
        node.id
        for node in ast.walk(start.loop)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return not any(isinstance(node, ast.Name) and node.id in bound for node in nodes)


def _are_alternatives(one: Start, other: Start) -> bool:
    """Whether two calls stand in different branches of a statement."""
    for node in one.call.parents:
        if isinstance(node, (ast.If, ast.Try)) and node in other.call.parents:
            mine, theirs = _branch(node, one), _branch(node, other)
            if mine != theirs:
                return True
    return False


def _branch(node: ast.AST, start: Start) -> str:
    path = [*start.call.parents, start.call.node]
    below = path[path.index(node) + 1]
    fields = ("body", "orelse", "handlers", "finalbody")
    return next((f for f in fields if below in getattr(node, f, ())), "")


# -- words -----------------------------------------------------------------------------


def _hazard(
    states: Mapping[str, list[_Changed]], starts: tuple[Start, ...], is_test: _IsTest
) -> Hazard:
    places = sorted({_place(each) for found in states.values() for each in found})
    (path, line), *more = places
    names = _some(list(states), "states")
    many = "are" if len(states) > 1 else "is"
    message = f"{names} {many} changed in more than one step {_by(starts)}"
    if more:
        message += f"; also at {_some([f'{p}:{n}' for p, n in more], 'places')}"
    causes = tuple(sorted(start.place for start in starts))
    return Hazard(path, line, CODE, message, causes, is_test(path))


def _some(words: list[str], noun: str) -> str:
    """The first of some words."""
    rest = len(words) - _NAMED
    said = ", ".join(words[:_NAMED])
    return f"{said} and {rest} more {noun}" if rest > 0 else said


def _by(starts: tuple[Start, ...]) -> str:
    """Who does it at once."""
    if len(starts) == 1:
        return f"by threads that {starts[0].place} starts more than once"
    return f"by threads that {starts[0].place} and {starts[1].place} start"


def _place(each: _Changed) -> tuple[str, int]:
    return each.function.module.path, each.change.line
