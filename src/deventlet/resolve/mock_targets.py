"""One place that intercepts an Eventlet name while a test runs, and what it puts there.

Data, and what can be read off the call that patches. :mod:`.mocks` finds them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deventlet.resolve.chains import spelled
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import ScopeKind

Fake: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

SAYS_PATCHING = r"(?i)patch|mock|stub|setattr|fixture"
"""What the name says of a function that replaces something while a test runs."""
_PATCHING = re.compile(SAYS_PATCHING)
_REPLACEMENTS = frozenset({"side_effect", "new", "wraps", "return_value", "value"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_THROUGH = {
    "spawn": frozenset({"spawn", "imap", "starmap", "pile"}),
    "spawn_n": frozenset({"spawn_n"}),
    "waitall": frozenset({"waitall"}),
}
"""Methods of pools, and those that run them."""


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """One place that replaces an attribute while a test runs.

    :param node: the string literal, or the expression of the patched object.
    :param call: the call that patches; None if the string stands elsewhere.
    :param form: ``string`` (the whole path), ``object`` (object and attribute), or
        ``whole`` (the module itself is replaced under a name of the repository).
    :param owner: what the attribute is taken from: ``eventlet``,
        ``eventlet.greenthread``, or the repository's module for its own alias.
    :param attribute: the attribute that is replaced.
    :param through: the repository's module whose name leads there, if any.
    :param alias: True if the attribute is a name of the repository's own module.
    :param literal: the string that names the attribute, where that is apart.
    :param said: the end of a path that is put together, as one literal of it says it.
    :param problem: a reason code if the place cannot be understood.
    """

    module: Module
    node: ast.expr
    parents: list[ast.AST]
    call: ast.Call | None
    form: Literal["string", "object", "whole"]
    api: str
    owner: str
    attribute: str
    through: Module | None = None
    alias: bool = False
    literal: ast.expr | None = None
    said: str = ""
    problem: str = ""

    @property
    def fakes(self) -> Iterator[ast.expr]:
        """The expressions that the patching call puts in the name's place."""
        if self.call is None:
            return
        skip = 1 if self.form == "string" else 2
        yield from self.call.args[skip:]
        for keyword in self.call.keywords:
            if keyword.arg in _REPLACEMENTS:
                yield keyword.value


def is_patching(call: ast.Call) -> bool:
    """Whether the name of what is called says that it replaces something."""
    return _PATCHING.search(spelled(call.func)) is not None


def given_by_name(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call that have a name: ``a=1``, and those of ``**{"b": 2}``.

    What else is spread has the empty one.
    """
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        else:
            yield from entries(keyword.value)


def entries(spread: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What stands in a dict by which name; the empty one where it is computed."""
    if not isinstance(spread, ast.Dict):
        yield "", spread
        return
    for key, value in zip(spread.keys, spread.values, strict=True):
        yield (str(key.value) if isinstance(key, ast.Constant) else ""), value


def is_met_by(method: str, used: Collection[str]) -> bool:
    """Whether an object with certain uses runs a method of its class that is mocked.

    True, too, for a method of which it is not known what else runs it.
    """
    through = _THROUGH.get(method)
    return through is None or not through.isdisjoint(used)


def fake_functions(target: Target) -> Iterator[Fake]:
    """The lambdas and functions of the file that a mock puts in the name's place."""
    for expr in target.fakes:
        yield from functions_in(target.module, expr)


def functions_in(module: Module, expr: ast.expr) -> Iterator[Fake]:
    """The lambdas in an expression, and the functions of the file that it names."""
    for node in ast.walk(expr):
        if isinstance(node, ast.Lambda):
            yield node
        elif isinstance(node, ast.Name):
            yield from _functions_called(module, node.id)


def _functions_called(module: Module, name: str) -> Iterator[Fake]:
    """Every function of the file that is bound to ``name`` in any scope."""
    for scope in module.scopes.scopes:
        if scope.kind is ScopeKind.CLASS:
            continue
        for binding in scope.bindings.get(name, ()):
            node = binding.value if binding.value is not None else binding.node
            if isinstance(node, _FUNCTIONS):
                yield node
