"""Where a lock is held: by the words of its name, or by what it is made of.

Says yes where in doubt, because what it is asked for is whether something needs one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deventlet.resolve.chains import called_name
from deventlet.resolve.project import Module
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.program import Program

_LOCK = re.compile(
    r"lock|mutex|sem(?:aphore|\b|_|$)|cond|synchron|atomic|critical", re.I
)
_TAKING = re.compile(r"\.(?:acquire\w*|lock)\(")


@dataclass(eq=False)
class Locks:
    """Answers for the functions of a repository."""

    program: Program
    _throughout: dict[Definition, bool] = field(default_factory=dict)

    def around(self, place: Place) -> bool:
        """Whether a ``with`` of a lock is around a place in its function."""
        for node in reversed(place.parents):
            if isinstance(node, (ast.With, ast.AsyncWith)) and any(
                self._is_lock(item.context_expr, place) for item in node.items
            ):
                return True
            if isinstance(node, FUNCTIONS):
                return False
        return False

    def throughout(self, function: Definition) -> bool:
        """Whether a function is decorated with a lock, or takes one by hand."""
        if function not in self._throughout:
            decorators = getattr(function.node, "decorator_list", ())
            self._throughout[function] = any(
                _LOCK.search(ast.unparse(each)) for each in decorators
            ) or _takes(function)
        return self._throughout[function]

    def _is_lock(self, expr: ast.expr, place: Place) -> bool:
        if any(_LOCK.search(word) for word in _words(expr)):
            return True
        return any(
            _LOCK.search(called_name(each)) for each in self.made(expr, place.module)
        )

    def made(self, expr: ast.expr, module: Module) -> Iterator[ast.expr]:
        """What a name, or an attribute of an object, is assigned."""
        if isinstance(expr, ast.Name):
            scope = module.scopes.scope_of(expr)
            for binding in module.scopes.bindings(expr.id, scope):
                if binding.value is not None:
                    yield binding.value
        elif isinstance(expr, ast.Attribute):
            for owner in self.program.receivers.receiver(expr.value, module).classes:
                for each in (owner, *self.program.classes.above(owner)):
                    stored = self.program.classes.stores(each).get(expr.attr, ())
                    yield from filter(None, stored)


def _words(expr: ast.expr) -> Iterator[str]:
    """The names that an expression is made of."""
    for node in ast.walk(expr):
        name = getattr(node, "attr", getattr(node, "id", None))
        if isinstance(name, str):
            yield name


def _takes(function: Definition) -> bool:
    """Whether ``lock.acquire()`` is in the text of a function, whatever lock it is."""
    source = function.module.source
    return _TAKING.search(source.slice(*source.span(function.node))) is not None
