"""Who calls a function by its name, in the files that are parsed. Reads only."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deventlet.resolve.project import Module
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import Definition
from deventlet.resolve.values.program import Program


@dataclass(frozen=True, slots=True)
class Callers:
    """Answers for one state of a repository.

    :param leave_out: whether the file of a path is not looked at.
    """

    program: Program
    leave_out: Callable[[str], bool] = lambda path: False

    def of(self, function: Definition) -> Iterator[Place]:
        """The calls of a function; one under another name is not seen."""
        name = getattr(function.node, "name", "")
        if not name or name.startswith("__"):
            return
        for module in self._with(name):
            for place in self._mentions(function, name, module):
                if place.call is not None:
                    yield place.up()

    def _with(self, name: str) -> Iterator[Module]:
        """The files that call something of that name."""
        project = self.program.project
        for module in map(project.module, project.paths):
            if module is None or self.leave_out(module.path):
                continue
            if f"{name}(".encode() in module.source.utf8:
                yield module

    def _mentions(
        self, function: Definition, name: str, module: Module
    ) -> Iterator[Place]:
        for node, _ in module.scopes.loads(name):
            if function in self.program.meanings.definitions(node, module):
                yield self.program.places.place(module, node)
        for place in self.program.places.attributes_in(module, name):
            if self._is(function, place):
                yield place

    def _is(self, function: Definition, place: Place) -> bool:
        """Whether an attribute is the function."""
        assert isinstance(place.node, ast.Attribute)
        assert not isinstance(function.node, ast.ClassDef)
        if self.program.places.class_of(function.module, function.node) is not None:
            return function in self.program.meanings.definitions(
                place.node, place.module
            )
        owners = self.program.places.modules(place.node.value, place.module)
        return function.module in owners
