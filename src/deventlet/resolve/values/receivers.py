"""What the part of an expression before a dot may be: classes, modules.

Follows annotations, docstrings, and what is assigned to names and attributes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import (
    Binding,
    BindingKind,
    Scope,
)
from deventlet.resolve.values.definitions import (
    HOPS,
    NAMED,
    NOT_KNOWN,
    PROPERTIES,
    Definition,
    Receiver,
    by_place,
    decorator_names,
    says_none,
)

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

_RTYPE = re.compile(r"^:rtype:[ \t]+(\w+)$", re.MULTILINE)


@dataclass(eq=False)
class Receivers:
    """What is before a dot."""

    program: Program
    _receivers: dict[tuple[int, int], Receiver] = field(default_factory=dict)

    def receiver(self, expr: ast.expr, module: Module, hops: int = HOPS) -> Receiver:
        """What the expression before a dot may be."""
        if hops <= 0:
            return NOT_KNOWN
        key = id(expr), hops
        if key not in self._receivers:
            self._receivers[key] = self._receiver(expr, module, hops)
        return self._receivers[key]

    def _receiver(self, expr: ast.expr, module: Module, hops: int) -> Receiver:
        if isinstance(expr, ast.Call):
            return self._made_by(expr, module, hops)
        modules = self.program.places.modules(expr, module)
        if modules:
            return Receiver(modules=modules)
        if isinstance(expr, ast.Name):
            return self._named(expr, module, hops)
        if isinstance(expr, ast.Attribute):
            return self._held(expr, module, hops)
        if isinstance(expr, ast.NamedExpr):
            return self.receiver(expr.value, module, hops - 1)
        return NOT_KNOWN

    def _made_by(self, call: ast.Call, module: Module, hops: int) -> Receiver:
        """``C()`` is an instance of C, ``super()`` of what its class derives from."""
        if isinstance(call.func, ast.Name) and call.func.id == "super":
            own = self._class_around(call.func, module)
            return Receiver(self.program.classes.above(own), True) if own else NOT_KNOWN
        found = self.program.meanings.definitions(call.func, module, hops - 1)
        return _joined(
            Receiver(frozenset({each}))
            if each is not None and isinstance(each.node, ast.ClassDef)
            else self._returned(each, hops)
            for each in found
        )

    def _returned(self, found: Definition | None, hops: int) -> Receiver:
        """What a function returns, by its annotation or by what stands there."""
        if found is None or not isinstance(found.node, NAMED) or hops <= 1:
            return NOT_KNOWN
        said = self._annotated(found.node.returns, found.module, hops)
        if said.classes:
            return said
        said = self._documented(found, hops)
        if said.classes:
            return said
        given = self.program.places.results(found.node)
        if not all(isinstance(each, ast.Return) for each in given):
            return NOT_KNOWN
        return _joined(
            self.receiver(each.value, found.module, hops - 2)
            for each in given
            if each.value is not None and not says_none(each.value)
        )

    def _documented(self, found: Definition, hops: int) -> Receiver:
        """What the docstring of a function says that it returns: ``:rtype: Image``."""
        assert isinstance(found.node, NAMED)
        said = _RTYPE.search(ast.get_docstring(found.node) or "")
        name = ast.Constant(said[1]) if said else None
        return self._annotated(name, found.module, hops)

    def _annotated(
        self, annotation: ast.expr | None, module: Module, hops: int
    ) -> Receiver:
        if annotation is None:
            return NOT_KNOWN
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            found = self.program.meanings.module_level(module, annotation.value)
        else:
            found = self.program.meanings.definitions(annotation, module, hops - 1)
        classes = [d for d in found if d and isinstance(d.node, ast.ClassDef)]
        return Receiver(frozenset(classes), unknown=len(classes) < len(found))

    def _class_around(self, node: ast.Name, module: Module) -> Definition | None:
        scope: Scope | None = module.scopes.scope_of(node)
        while scope is not None:
            if isinstance(scope.node, ast.ClassDef):
                return Definition(module, scope.node)
            scope = scope.parent
        return None

    def _named(self, name: ast.Name, module: Module, hops: int) -> Receiver:
        own = self.program.places.self_class(name, module)
        if own is not None:
            return Receiver(frozenset({own}), True)
        bindings = module.scopes.bindings(name.id, module.scopes.scope_of(name))
        return _joined(self._given(each, module, hops) for each in bindings)

    def _given(self, binding: Binding, module: Module, hops: int) -> Receiver:
        """What one binding makes of its name."""
        node = binding.node
        if isinstance(node, ast.ClassDef):
            return Receiver(frozenset({Definition(module, node)}))
        if isinstance(node, ast.arg):
            if node.annotation is None:
                return self._injected(binding, module, hops)
            return self._annotated(node.annotation, module, hops)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return self._entered(node, binding.name, module, hops)
        if binding.kind in (BindingKind.ASSIGN, BindingKind.WALRUS) and binding.value:
            if says_none(binding.value):
                return Receiver()
            return self.receiver(binding.value, module, hops - 1)
        if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
            return Receiver()
        return self._classes(self.program.meanings.of_binding(module, binding, hops))

    def _classes(self, found: Iterable[Definition | None]) -> Receiver:
        """What definitions are before a dot; what is not a class is not known."""
        return _joined(
            Receiver(frozenset({each}))
            if each is not None and isinstance(each.node, ast.ClassDef)
            else NOT_KNOWN
            for each in found
        )

    def _entered(
        self, node: ast.With | ast.AsyncWith, name: str, module: Module, hops: int
    ) -> Receiver:
        for item in node.items:
            target = item.optional_vars
            if isinstance(target, ast.Name) and target.id == name:
                manager = self.receiver(item.context_expr, module, hops - 1)
                return self._enter(manager, hops)
        return NOT_KNOWN

    def _enter(self, manager: Receiver, hops: int) -> Receiver:
        """What ``__enter__`` of a class of the repository returns."""
        parts = [NOT_KNOWN] if manager.unknown or not manager.classes else []
        for each in sorted(manager.classes, key=by_place):
            found = self.program.classes.methods(each, "__enter__")
            itself = Receiver(frozenset({each}))
            parts += [self._returned(m, hops - 1) for m in found] or [itself]
        return _joined(parts)

    def _injected(self, binding: Binding, module: Module, hops: int) -> Receiver:
        """What the calls of a class give to a parameter of its ``__init__``."""
        from deventlet.resolve.values.callers import constructed

        function = binding.scope.node
        if hops <= 2 or getattr(function, "name", "") != "__init__":
            return NOT_KNOWN
        assert isinstance(function, NAMED)
        found = constructed(self.program, Definition(module, function), binding)
        return _joined(
            [self.receiver(expr, user, hops - 3) for user, expr in found] + [NOT_KNOWN]
        )

    def _held(self, expr: ast.Attribute, module: Module, hops: int) -> Receiver:
        """What the attributes of that name of the owner's class are assigned."""
        owner = self.receiver(expr.value, module, hops - 1)
        if owner.modules:
            return self._classes(
                self.program.meanings.of_attribute(expr, module, hops - 1)
            )
        parts: list[Receiver] = (
            [NOT_KNOWN] if owner.unknown or not owner.classes else []
        )
        for each in sorted(owner.classes, key=by_place):
            family = [each, *sorted(self.program.classes.above(each), key=by_place)]
            stored = [
                (c, v)
                for c in family
                for v in self.program.classes.stores(c).get(expr.attr, ())
            ]
            parts += [
                self.receiver(value, c.module, hops - 2) if value else NOT_KNOWN
                for c, value in stored
                if value is None or not says_none(value)
            ]
            if not stored:
                parts.append(self._computed(each, expr.attr, hops))
        return _joined(parts)

    def _computed(self, owner: Definition, name: str, hops: int) -> Receiver:
        """What a property gives."""
        found = [
            each
            for each in self.program.classes.methods(owner, name)
            if decorator_names(each.node) & PROPERTIES
        ]
        return _joined(self._returned(each, hops - 1) for each in found)


def _joined(parts: Iterable[Receiver]) -> Receiver:
    every = list(parts)
    if not every:
        return NOT_KNOWN
    classes = frozenset[Definition]().union(*(p.classes for p in every))
    modules = tuple(m for p in every for m in p.modules)
    unknown = any(p.unknown for p in every)
    return Receiver(classes, len(every) == 1 and every[0].is_self, modules, unknown)
