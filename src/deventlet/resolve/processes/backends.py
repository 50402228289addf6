"""Which processes run the loops and services of oslo.service on native threads.

oslo.service 4 asks each process to choose, before it takes anything else of it::

    from oslo_service import backend
    backend.init_backend(backend.BackendType.THREADING)

Whoever chooses anew gets ``BackendAlreadySelected``, so that one such call which
surely runs is enough. Only statements of a module's own code, and of the function that
a command calls, surely run: none below an ``if`` or a ``try``, or where that function
may have returned. A function that is decorated or has its name twice may not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from itertools import takewhile

from deventlet.resolve.names import Names
from deventlet.resolve.processes.entrypoints import EntryPoint
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope

_WORDS = (b"init_backend", b"THREADING")
_CHOOSES = "oslo_service.backend.init_backend"
_NATIVE = "oslo_service.backend.BackendType.THREADING"


class Backends:
    """What the processes of one repository choose."""

    def __init__(self, texts: Texts, names: Names) -> None:
        self.texts = texts
        self.names = names

    def is_native(self, entry: EntryPoint) -> bool:
        """Whether a process surely runs them on native threads."""
        if not self._speaking:
            return False
        loaded = self.texts.surely_loaded(entry.module, self._leading)
        return not loaded.isdisjoint(self._on_loading) or self._in_function(entry)

    @cached_property
    def _speaking(self) -> dict[str, Module]:
        """The modules whose texts have the words of the choice."""
        project = self.texts.project
        first, second = map(project.holding, _WORDS)
        found = (project.module(path) for path in first if path in second)
        return {module.name: module for module in found if module is not None}

    @cached_property
    def _on_loading(self) -> frozenset[str]:
        """Those that choose native threads whenever they are loaded."""
        return frozenset(
            name
            for name, module in self._speaking.items()
            if self._chooses(module.tree.body, module.scopes.module, module)
        )

    @cached_property
    def _leading(self) -> frozenset[str]:
        return self.texts.leading_to(self._on_loading)

    def _in_function(self, entry: EntryPoint) -> bool:
        """Whether the function that a command calls chooses native threads."""
        module = self._speaking.get(entry.module)
        bound = module.scopes.module.bindings if module is not None else {}
        found = bound.get(entry.function, ())
        node = found[0].node if len(found) == 1 else None
        if module is None or not isinstance(node, ast.FunctionDef):
            return False
        body = () if node.decorator_list else _until_return(node)
        return self._chooses(body, module.scopes.of(node), module)

    def _chooses(self, body: Iterable[ast.stmt], scope: Scope, module: Module) -> bool:
        return any(
            isinstance(each, ast.Expr) and self._is_choice(each.value, scope, module)
            for each in body
        )

    def _is_choice(self, call: ast.expr, scope: Scope, module: Module) -> bool:
        """``init_backend(BackendType.THREADING)``, by what the names denote."""
        if not isinstance(call, ast.Call):
            return False
        given = [*call.args, *(each.value for each in call.keywords)]
        asked = zip([call.func, *given], (_CHOOSES, _NATIVE), strict=False)
        return len(given) == 1 and all(
            self.names.denote(expr, scope, module) == {name} for expr, name in asked
        )


def _until_return(function: ast.FunctionDef) -> Iterable[ast.stmt]:
    return takewhile(lambda each: not _returns(each), function.body)


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(each, ast.Return) for each in ast.walk(statement))
