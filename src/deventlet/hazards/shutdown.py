"""``hazard.shutdown``: a thread is killed, or waited for, that sleeps long or for ever.

A green thread is killed wherever it yields, and a thread group's ``stop()`` does so to
all of its. A native thread cannot be killed: who waits for it waits until its sleep is
over, which for a loop without end is never.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from deventlet.hazards.sleeps import Sleeps
from deventlet.inventory import Hazard
from deventlet.resolve.chains import root_name
from deventlet.resolve.project import Module
from deventlet.resolve.threads import Start, Threads
from deventlet.resolve.threads.starts import is_endless
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import Definition

CODE = "hazard.shutdown"
LONG = 10.0
"""Seconds that whoever stops a service will notice."""
_KILLS = frozenset({"kill", "stop", "throw"})
_WAITS = frozenset({"wait", "waitall", "join", "shutdown"})
_ENDING = re.compile(
    r"stop|shut|close|kill|exit|terminate|clean|destroy|teardown", re.I
)


def find(threads: Threads, is_test: Callable[[str], bool]) -> Iterator[Hazard]:
    """One hazard for each place that ends a long sleeper."""
    rule = _Rule(threads)
    for start in threads.starts:
        if start.often == "timer" or start.api.endswith(".link"):
            continue
        sleep = rule.sleep_of(start)
        for place in rule.endings(start) if sleep else ():
            path, line = place.module.path, place.node.lineno
            what = ast.unparse(place.node)
            message = f"{what}() ends the thread that {start.place} starts, {sleep}"
            yield Hazard(path, line, CODE, message, (start.place,), is_test(path))


@dataclass(frozen=True, slots=True)
class _Rule:
    threads: Threads
    _slept: dict[Definition, str] = field(default_factory=dict)
    _ends: dict[str, list[Place]] = field(default_factory=dict)

    # -- how long it sleeps --------------------------------------------------------

    def sleep_of(self, start: Start) -> str:
        """How and where what a start starts sleeps long; empty if it does not."""
        for function in self.threads.reached[start]:
            said = self._long(function)
            if said:
                return f"which {said}"
        return ""

    def _long(self, function: Definition) -> str:
        """The first long sleep of a function, in words."""
        if function not in self._slept:
            sleeps = Sleeps(self.threads.program)
            found = (_long(p, sleeps) for p in self.threads.places(function, ast.Call))
            self._slept[function] = next(filter(None, found), "")
        return self._slept[function]

    # -- who ends it ---------------------------------------------------------------

    def endings(self, start: Start) -> Iterator[Place]:
        """The attributes that kill a thread or its group, or wait at the very end."""
        holder = _holder(start)
        if not holder:
            return
        own = self._class_around(start.inside)
        for place in self._endings_in(start.call.module):
            assert isinstance(place.node, ast.Attribute)
            same = ast.unparse(place.node.value) == holder
            if same and self._is_meant(place, own, start):
                yield place

    def _endings_in(self, module: Module) -> list[Place]:
        """The calls of methods that end something, in a file."""
        if module.path not in self._ends:
            places = (
                place
                for name in sorted(_KILLS | _WAITS)
                if f".{name}(".encode() in module.source.utf8
                for place in self.threads.program.places.attributes_in(module, name)
                if place.call is not None
            )
            self._ends[module.path] = list(places)
        return self._ends[module.path]

    def _is_meant(self, place: Place, own: Definition | None, start: Start) -> bool:
        """Whether a place speaks of the same object as the start, and ends it."""
        function = self.threads.program.places.function_of(place)
        if function is None:
            return False
        around = Definition(place.module, function)
        assert isinstance(place.node, ast.Attribute)
        if root_name(place.node) != "self":
            return around == start.inside and place.node.attr in _KILLS
        if own is None or self._class_around(around) != own:
            return False
        ends = _ENDING.search(getattr(function, "name", "")) is not None
        return place.node.attr in _KILLS or ends

    def _class_around(self, function: Definition | None) -> Definition | None:
        if function is None or isinstance(function.node, ast.ClassDef):
            return None
        return self.threads.program.places.class_of(function.module, function.node)


def _long(place: Place, sleeps: Sleeps) -> str:
    """How long a call sleeps, in words, if that is long."""
    assert isinstance(place.node, ast.Call)
    seconds = sleeps.seconds(place.node, place.module)
    where = f"{place.module.path}:{place.node.lineno}"
    if seconds is not None and seconds >= LONG:
        return f"sleeps {seconds:g} seconds at {where}"
    if any(map(is_endless, place.parents)) and (
        sleeps.is_sleep(place.node, place.module)
    ):
        return f"sleeps in a loop without end at {where}"
    return ""


def _holder(start: Start) -> str:
    """What holds the thread, or the pool or group that has it, as it is written."""
    above = start.call.parent
    if isinstance(above, ast.Assign) and len(above.targets) == 1:
        return ast.unparse(above.targets[0])
    assert isinstance(start.call.node, ast.Call)
    func = start.call.node.func
    return ast.unparse(func.value) if isinstance(func, ast.Attribute) else ""
