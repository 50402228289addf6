"""The classes of the repository: what derives from what, and who has a method.

What a base of another project brings is not known, and is said to be None.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deventlet.resolve.project import Module
from deventlet.resolve.values.definitions import (
    NAMED,
    Definition,
    Receiver,
    by_place,
    is_self,
)
from deventlet.resolve.values.model import Origin

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

_BLOCKS = ("cases", "items", "finalbody", "orelse", "handlers", "body")


@dataclass(eq=False)
class Classes:
    """How classes are related, and what they define and store."""

    program: Program
    _bases: dict[Definition, tuple[Definition | None, ...]] = field(
        default_factory=dict
    )
    _subclasses: dict[Definition, tuple[Definition, ...]] = field(default_factory=dict)
    _related: dict[Definition, frozenset[Definition]] = field(default_factory=dict)
    _defining: dict[str, list[Definition]] = field(default_factory=dict)
    _having: dict[str, list[Definition]] = field(default_factory=dict)
    _stores: dict[Definition, dict[str, list[ast.expr | None]]] = field(
        default_factory=dict
    )

    def bases(self, owner: Definition) -> tuple[Definition | None, ...]:
        """The classes that one derives from; None for one that is not ours."""
        if owner not in self._bases:
            assert isinstance(owner.node, ast.ClassDef)
            found: list[Definition | None] = []
            for base in owner.node.bases:
                expr = base.value if isinstance(base, ast.Subscript) else base
                if not _is_object(expr, owner.module):
                    found += self.program.meanings.definitions(expr, owner.module)
            self._bases[owner] = tuple(
                each if each and isinstance(each.node, ast.ClassDef) else None
                for each in found
            )
        return self._bases[owner]

    def above(self, owner: Definition) -> frozenset[Definition]:
        """Every class of the repository that one derives from."""
        return _closure(self.bases(owner), self.bases)

    def below(self, owner: Definition) -> frozenset[Definition]:
        """Every class of the repository that derives from one."""
        return _closure(self.subclasses(owner), self.subclasses)

    def related(self, owner: Definition) -> frozenset[Definition]:
        """The classes whose attributes may be those of one instance of a class.

        Those that derive from it and all that those derive from: a mixin shares its
        attributes with the other bases of the class that it is mixed into.
        """
        if owner not in self._related:
            leaves = self.below(owner) | {owner}
            self._related[owner] = leaves.union(*(self.above(c) for c in leaves))
        return self._related[owner]

    def may_be_of(
        self, classes: frozenset[Definition], owner: Definition, name: str
    ) -> bool:
        """Whether an instance of one of the classes may have ``owner``'s attribute.

        It has not if it is a method that the class overrides, as do all that derive
        from it.
        """
        if not any(True for _ in self.defined(owner, name)):
            return True
        return any(
            each is owner or self._takes_from(leaf, owner, name)
            for each in classes
            for leaf in (each, *self.below(each))
        )

    def _takes_from(self, leaf: Definition, owner: Definition, name: str) -> bool:
        found = self.methods(leaf, name)
        inner = set(found)
        return not found or any(each in inner for each in self.defined(owner, name))

    def subclasses(self, owner: Definition) -> tuple[Definition, ...]:
        """The classes whose bases name a class."""
        assert isinstance(owner.node, ast.ClassDef)
        if owner not in self._subclasses:
            found: list[Definition] = []
            for path in self.program.words.deriving(owner.node.name):
                module = self.program.project.module(path)
                found += self._deriving(module, owner) if module else ()
            self._subclasses[owner] = tuple(found)
        return self._subclasses[owner]

    def _deriving(self, module: Module, owner: Definition) -> Iterator[Definition]:
        for scope in module.scopes.scopes:
            if isinstance(scope.node, ast.ClassDef) and scope.node is not owner.node:
                each = Definition(module, scope.node)
                if owner in self.bases(each):
                    yield each

    def methods(self, owner: Definition, name: str) -> list[Definition]:
        """The functions that ``owner().name`` is: its own or inherited ones."""
        return self._inherited(owner, name)

    def overriding(self, owner: Definition, name: str) -> list[Definition]:
        """The functions of that name in the classes that derive from one."""
        below = sorted(self.below(owner), key=by_place)
        return [method for each in below for method in self.defined(each, name)]

    def makers(
        self, receiver: Receiver, value: ast.expr, origin: Origin
    ) -> frozenset[Definition]:
        """The classes whose own method, called by a base of theirs, makes an object.

        For ``self._pool = self._make_pool()``: no other class that derives from the
        base has that object.
        """
        function = value.func if isinstance(value, ast.Call) else None
        if not (isinstance(function, ast.Attribute) and is_self(function.value)):
            return frozenset()
        line = getattr(origin.node, "lineno", 0)
        return frozenset(
            each
            for owner in receiver.classes
            for each in self.below(owner)
            for method in self.defined(each, function.attr)
            if each.module is origin.module
            and method.node.lineno <= line <= (method.node.end_lineno or 0)
        )

    def _inherited(
        self, owner: Definition, name: str, hops: int = 20
    ) -> list[Definition]:
        own = list(self.defined(owner, name))
        if own or not hops:
            return own
        for base in self.bases(owner):
            found = self._inherited(base, name, hops - 1) if base else []
            if found:
                return found
        return []

    def defined(self, owner: Definition, name: str) -> Iterator[Definition]:
        """The functions of that name in a class's own body."""
        scope = self.program.places.scope(owner.module, owner.node)
        for binding in scope.bindings.get(name, ()):
            if isinstance(binding.node, (*NAMED, ast.ClassDef)):
                yield Definition(owner.module, binding.node)
            elif isinstance(binding.value, ast.Lambda):
                yield Definition(owner.module, binding.value)

    def is_external(self, owner: Definition) -> bool:
        """Whether a class derives from one that is not the repository's."""
        return any(
            base is None
            for each in (owner, *self.above(owner))
            for base in self.bases(each)
        )

    def is_called_back(self, owner: Definition, name: str) -> bool:
        """Whether a method can only be called by a base that is not the repository's.

        It is public, and nobody in the repository calls one of that name.
        """
        if name.startswith("_") or not self.is_external(owner):
            return False
        return not any(
            True
            for path in self.program.words.holding(name)
            for _ in self.program.words.owners(path, name)
        )

    def defining(self, name: str) -> list[Definition]:
        """Every method of that name in the repository."""
        if name not in self._defining:
            self._defining[name] = self._find_methods(name)
        return self._defining[name]

    def _find_methods(self, name: str) -> list[Definition]:
        found: list[Definition] = []
        for path in self.program.words.defining(name):
            module = self.program.project.module(path)
            for scope in module.scopes.scopes if module else ():
                if module and isinstance(scope.node, ast.ClassDef):
                    found += self.defined(Definition(module, scope.node), name)
        return found

    def having(self, name: str) -> list[Definition]:
        """Every class of the repository whose body gives it an attribute of a name."""
        if name not in self._having:
            modules = map(self.program.project.module, self.program.words.binding(name))
            self._having[name] = [
                Definition(module, scope.node)
                for module in modules
                if module is not None
                for scope in module.scopes.scopes
                if isinstance(scope.node, ast.ClassDef) and name in scope.bindings
            ]
        return self._having[name]

    def stores(self, owner: Definition) -> dict[str, list[ast.expr | None]]:
        """What a class assigns to its attributes; None for a value not followed."""
        if owner not in self._stores:
            found: dict[str, list[ast.expr | None]] = {}
            body = frozenset(_body(owner))
            for node in _statements(owner.node):
                for target, value in _assignments(node):
                    if isinstance(target, ast.Attribute) and is_self(target.value):
                        found.setdefault(target.attr, []).append(value)
                    elif isinstance(target, ast.Name) and node in body:
                        found.setdefault(target.id, []).append(value)
            self._stores[owner] = found
        return self._stores[owner]

    def stored_elsewhere(self, name: str, family: frozenset[Definition]) -> bool:
        """Whether a class that is not of a family has an attribute of that name."""
        own = {each.module.path for each in family}
        return any(
            path not in own or self._stored_by_others(path, name, family)
            for path in self.program.words.storing(name)
        )

    def _stored_by_others(
        self, path: str, name: str, family: frozenset[Definition]
    ) -> bool:
        module = self.program.project.module(path)
        classes = (
            Definition(module, scope.node)
            for scope in (module.scopes.scopes if module else ())
            if module and isinstance(scope.node, ast.ClassDef)
        )
        return any(name in self.stores(c) for c in classes if c not in family)


def _is_object(expr: ast.expr, module: Module) -> bool:
    """The root of all classes, which has nothing of its own to call back."""
    is_named = isinstance(expr, ast.Name) and expr.id == "object"
    return is_named and module.scopes.is_free("object", module.scopes.module)


def _body(owner: Definition) -> list[ast.stmt]:
    assert isinstance(owner.node, ast.ClassDef)
    return owner.node.body


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements inside of one, and the items of those that begin with ``with``.

    Does not look into expressions, which is most of what a walk would see.
    """
    waiting: list[ast.AST] = [node]
    while waiting:
        each = waiting.pop()
        yield each
        for field_name in _BLOCKS:
            waiting += getattr(each, field_name, ())[::-1]


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """The targets of a statement, each with its value if that is known."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                yield from ((each, None) for each in target.elts)
            else:
                yield target, node.value
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            yield node.target, node.value
    elif isinstance(node, (ast.AugAssign, ast.For, ast.AsyncFor)):
        yield node.target, None
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, None


def _closure(start: Iterable[Definition | None], step: object) -> frozenset[Definition]:
    seen: set[Definition] = set()
    waiting = [each for each in start if each is not None]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += [e for e in step(each) if e is not None]  # type: ignore[operator]
    return frozenset(seen)
