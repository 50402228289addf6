"""The least solution of equations between sets, where it is asked for.

Names hang on each other in circles and in chains of any length, so that neither
recursion nor remembering only finished answers will do. This module knows nothing
of names, and it may not decide what an equation says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, ParamSpec, TypeVar

_P = ParamSpec("_P")
_Variable = TypeVar("_Variable", bound=Hashable)
_NOTHING: frozenset[str] = frozenset()

CHANGES = 64
"""How often a variable may change before it is left as it is."""


@dataclass(eq=False, slots=True)
class Equations(Generic[_Variable]):
    """Variables whose values are sets that depend on other variables' sets.

    :param equation: the value of a variable; it reads others by :meth:`read`, which
        ones may depend on what it reads. A larger input never makes the value
        smaller, except where the equation bounds it: ``CHANGES`` ends what that
        could keep going.
    """

    equation: Callable[[_Variable], frozenset[str]]
    _known: dict[_Variable, frozenset[str]] = field(default_factory=dict)
    _assumed: dict[_Variable, frozenset[str]] = field(default_factory=dict)
    _unmet: dict[_Variable, None] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop every value, because what the equations say has changed."""
        self._known.clear()

    def read(self, variable: _Variable) -> frozenset[str]:
        """What is known of a variable by now; only :meth:`settled` is the end of it."""
        known = self._known.get(variable)
        if known is not None:
            return known
        self._unmet[variable] = None
        return self._assumed.get(variable, _NOTHING)

    def settled(
        self, answer: Callable[_P, frozenset[str]], *args: _P.args, **kwargs: _P.kwargs
    ) -> frozenset[str]:
        """An answer that reads variables, once all that it reads is solved."""
        found = answer(*args, **kwargs)
        while self._unmet:
            self._solve()
            found = answer(*args, **kwargs)
        return found

    def _solve(self) -> None:
        """Solve the variables that were read, and those that they hang on."""
        waiting = _Queue(self._unmet)
        readers: dict[_Variable, dict[_Variable, None]] = {}
        changes: dict[_Variable, int] = {}
        for variable in waiting:
            value, read = self._worked_out(variable)
            for each in read:
                readers.setdefault(each, {})[variable] = None
            waiting.add(each for each in read if each not in self._assumed)
            count = changes.get(variable, 0)
            if value != self._assumed.get(variable) and count < CHANGES:
                changes[variable] = count + 1
                self._assumed[variable] = value
                waiting.add(readers.get(variable, ()))
        self._known.update(self._assumed)
        self._assumed.clear()
        self._unmet.clear()

    def _worked_out(
        self, variable: _Variable
    ) -> tuple[frozenset[str], list[_Variable]]:
        """The value as far as it is known, and the variables that it hangs on."""
        self._unmet.clear()
        value = self.equation(variable)
        return value, list(self._unmet)


class _Queue(Generic[_Variable]):
    """First in, first out; what waits already is not added again."""

    def __init__(self, items: Iterable[_Variable]) -> None:
        self.items = deque(items)
        self.waiting = set(self.items)

    def add(self, items: Iterable[_Variable]) -> None:
        for item in items:
            if item not in self.waiting:
                self.waiting.add(item)
                self.items.append(item)

    def __iter__(self) -> _Queue[_Variable]:
        return self

    def __next__(self) -> _Variable:
        if not self.items:
            raise StopIteration
        item = self.items.popleft()
        self.waiting.discard(item)
        return item
