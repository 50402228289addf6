"""Which objects other repositories reach by a name that is part of an interface.

That is what ``__all__`` says, in any repository, and what the public functions of a
library give, which says nothing of the kind most times. Follows nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from deventlet.resolve.project import INSTALLED, Module, Project
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.flow import Flow, Slot
from deventlet.resolve.values.model import Escape, Origin

_TESTS = frozenset({"test", "tests", "functional", "examples"})
"""Folders that nobody imports from another repository."""


def publish(flow: Flow) -> None:
    """Add ``value.public`` to each object that an interface gives away."""
    exports = _Exports(flow)
    for slot in list(flow.slots.values()):
        held = [
            origin
            for origin, _ in slot.tokens.values()
            if origin.how in ("created", "product")
        ]
        if held and exports.has(slot):
            for origin in held:
                exports.note(origin, slot)


@dataclass(eq=False)
class _Exports:
    flow: Flow
    classes: dict[Definition, bool] = field(default_factory=dict)
    noted: set[int] = field(default_factory=set)

    def note(self, origin: Origin, slot: Slot) -> None:
        """One such escape says it."""
        if id(origin) not in self.noted:
            self.noted.add(id(origin))
            what = f"as {slot.name} of {slot.module.name}"
            origin.escapes.append(
                Escape(origin.module, origin.node, "value.public", what)
            )

    def has(self, slot: Slot) -> bool:
        """Whether a name, or the class of an attribute, is part of an interface."""
        return self._is_result(slot) or self._is_named(slot)

    def _is_result(self, slot: Slot) -> bool:
        """Whether it is what a public function, method or property of a library gives.

        Who calls it elsewhere does with the result what that has methods for.
        """
        found = slot.owner
        scope = found if isinstance(found, Scope) else self._scope(found)
        module = slot.module if isinstance(found, Scope) else found.module
        names = [*module.name.split("."), *_around(scope), slot.name]
        return (
            any(
                isinstance(b.node, FUNCTIONS) for b in scope.bindings.get(slot.name, ())
            )
            and not any(_is_private(name) for name in names)
            and _is_importable(module)
            and self._in_library
        )

    def _scope(self, owner: Definition) -> Scope:
        return self.flow.program.places.scope(owner.module, owner.node)

    @cached_property
    def _in_library(self) -> bool:
        return _is_library(self.flow.program.project)

    def _is_named(self, slot: Slot) -> bool:
        """Whether ``__all__`` has the name, or the class of the attribute."""
        if isinstance(slot.owner, Scope):
            is_top = slot.owner.kind is ScopeKind.MODULE
            return is_top and slot.name in exports_of(slot.module)
        if slot.name.startswith("_"):
            return False
        if slot.owner not in self.classes:
            self.classes[slot.owner] = self._has_class(slot.owner)
        return self.classes[slot.owner]

    def _has_class(self, owner: Definition) -> bool:
        program, name = self.flow.program, getattr(owner.node, "name", "")
        for path in program.words.holding("__all__"):
            if program.words.has(path, name):
                module = program.project.module(path)
                if module and name in exports_of(module):
                    found = program.meanings.module_level(module, name)
                    if owner in [each for each in found if each is not None]:
                        return True
        return False


def _is_library(project: Project) -> bool:
    """Whether others import a repository: it is packaged, and only tests patch.

    What runs Eventlet by itself calls ``monkey_patch()``, with hardly an exception.
    """
    patching = project.holding(b"monkey_patch")
    return all(map(_is_test, patching)) and any(
        (project.root / name).is_file() for name in INSTALLED
    )


def _is_importable(module: Module) -> bool:
    """Whether a file is part of a package that others can import."""
    return "." in module.name and not _is_test(module.path)


def _is_test(path: str) -> bool:
    return not _TESTS.isdisjoint(PurePosixPath(path).parts)


def _around(scope: Scope) -> list[str]:
    """The names of the classes and functions that a scope is, and is in."""
    names: list[str] = []
    here: Scope | None = scope
    while here is not None and here.kind is not ScopeKind.MODULE:
        is_class = isinstance(here.node, ast.ClassDef)
        names.append(getattr(here.node, "name", "") if is_class else "_")
        here = here.parent
    return names


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def exports_of(module: Module) -> frozenset[str]:
    """The strings of a module's ``__all__``."""
    bindings = module.scopes.module.bindings.get("__all__", ())
    values = [b.value for b in bindings if isinstance(b.value, (ast.List, ast.Tuple))]
    return frozenset(
        each.value
        for value in values
        for each in value.elts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
