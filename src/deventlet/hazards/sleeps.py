"""Calls that sleep, and for how long, as far as the code says it. Reads only."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from deventlet.resolve.api import canonical
from deventlet.resolve.project import Module
from deventlet.resolve.values.program import Program

_SLEEPS = frozenset({"eventlet.sleep", "time.sleep", "eventlet.green.time.sleep"})


@dataclass(frozen=True, slots=True)
class Sleeps:
    """Answers for the calls of a repository."""

    program: Program

    def is_sleep(self, call: ast.Call, module: Module) -> bool:
        """Whether a call is of Eventlet's or the standard library's ``sleep``."""
        if isinstance(call.func, ast.Attribute) and call.func.attr != "sleep":
            return False
        found = self.program.names.denoted(call.func, module)
        return any(canonical(each) in _SLEEPS for each in found)

    def seconds(self, call: ast.Call, module: Module) -> float | None:
        """How long a call sleeps; None if it does not, or if it cannot be told."""
        if not self.is_sleep(call, module):
            return None
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        return self._number(given[0], module) if given else 0

    def _number(self, expr: ast.expr, module: Module) -> float | None:
        if isinstance(expr, ast.Name):
            bindings = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
            values = [each.value for each in bindings]
            if len(values) != 1 or values[0] is None:
                return None
            expr = values[0]
        value = expr.value if isinstance(expr, ast.Constant) else None
        return value if isinstance(value, (int, float)) else None
