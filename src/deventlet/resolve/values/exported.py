"""Which objects other repositories reach by a name that a module says is its interface.

Reads ``__all__`` of the files that have one and the name in question; follows nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.values.flow import Flow, Slot
from deventlet.resolve.values.model import Escape, Origin
from deventlet.resolve.values.program import Definition


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


@dataclass(frozen=True, slots=True)
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
                    found = program.module_level(module, name)
                    if owner in [each for each in found if each is not None]:
                        return True
        return False


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
