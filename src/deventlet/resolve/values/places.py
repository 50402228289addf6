"""Where names and attributes stand in the files, and in which function or class.

A file is parsed only if it has the word in question. Knows nothing of Eventlet.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from deventlet.resolve.names import Names
from deventlet.resolve.offsets import attribute_at
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.definitions import (
    NAMED,
    Definition,
    Function,
    Result,
    first_parameter,
    is_static,
    results_of,
    takes,
)
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.taking import Taking
from deventlet.resolve.values.words import before_dot


@dataclass(eq=False)
class Places:
    """The places of a repository's code."""

    names: Names
    taking: Taking
    _results: dict[int, list[Result]] = field(default_factory=dict)
    _attributes: dict[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The files."""
        return self.names.project

    def place(self, module: Module, node: ast.expr) -> Place:
        """An expression with its path."""
        return Place(module, node, ancestors(module.tree, node))

    def scope(self, module: Module, node: ast.AST) -> Scope:
        """The scope that a function, lambda, class or comprehension opens."""
        return module.scopes.of(node)

    def function_of(self, place: Place) -> Function | None:
        """The innermost function whose body holds a place."""
        below: ast.AST = place.node
        for node in reversed(place.parents):
            if isinstance(node, ast.Lambda) and node.body is below:
                return node
            if isinstance(node, NAMED) and below in node.body:
                return node
            below = node
        return None

    def class_of(self, module: Module, function: Function) -> Definition | None:
        """The class in whose body a function is defined."""
        outer = self.scope(module, function).parent
        while outer is not None and outer.kind is ScopeKind.TYPE_PARAMETERS:
            outer = outer.parent
        if outer is not None and isinstance(outer.node, ast.ClassDef):
            return Definition(module, outer.node)
        return None

    def loads(self, module: Module, name: str, owner: Scope) -> Iterator[Place]:
        """Every evaluation of a name that means the one of the scope ``owner``."""
        for node, scope in module.scopes.loads(name):
            if module.scopes.resolve(name, scope) is owner:
                yield self.place(module, node)

    def mentions(self, found: Definition) -> Iterator[Place]:
        """The evaluations of a function's or class's name, one import away."""
        name = getattr(found.node, "name", "")
        owner = self.scope(found.module, found.node).parent
        while owner is not None and owner.kind is ScopeKind.TYPE_PARAMETERS:
            owner = owner.parent
        if owner is None or not name:
            return
        yield from self.loads(found.module, name, owner)
        if owner.kind is ScopeKind.MODULE:
            for user in self.taking.files(found.module, name):
                yield from self._imported(user, found.module, name)

    def _imported(self, user: Module, module: Module, name: str) -> Iterator[Place]:
        bound = (
            (scope, each.name)
            for scope, each in user.scopes.taken(name)
            if takes(user, each, module.name)
        )
        for scope, local in dict.fromkeys(bound):
            yield from self.loads(user, local, scope)
        for place in self.attributes_in(user, name):
            assert isinstance(place.node, ast.Attribute)
            if module in self.modules(place.node.value, user):
                yield place

    def attributes_in(self, module: Module, name: str) -> tuple[Place, ...]:
        """Every ``x.name`` of one file, in any context."""
        key = module.path, name
        if key not in self._attributes:
            self._attributes[key] = tuple(self._find_attributes(module, name))
        return self._attributes[key]

    def _find_attributes(self, module: Module, name: str) -> Iterator[Place]:
        text = module.source.utf8
        for start, end in whole(text, as_bytes(name)):
            has_dot = before_dot(text, start) is not None
            path = attribute_at(module, end, name) if has_dot else None
            if path is not None:
                node = path.pop()
                assert isinstance(node, ast.expr)
                yield Place(module, node, path)

    def modules(self, expr: ast.expr, module: Module) -> tuple[Module, ...]:
        """The repository's modules that an expression may be."""
        denoted = self.names.denoted(expr, module)
        found = [self.project.named(dotted) for dotted in sorted(denoted)]
        return tuple(each for each in found if each is not None)

    def self_class(self, name: ast.Name, module: Module) -> Definition | None:
        """The class in whose method a name is the first parameter."""
        scope = module.scopes.resolve(name.id, module.scopes.scope_of(name))
        if scope is None or not isinstance(scope.node, NAMED):
            return None
        if first_parameter(scope.node) != name.id or is_static(scope.node):
            return None
        return self.class_of(module, scope.node)

    def results(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Result]:
        """The ``return`` statements and ``yield`` expressions of a function's own."""
        if id(function) not in self._results:
            self._results[id(function)] = list(results_of(function))
        return self._results[id(function)]
