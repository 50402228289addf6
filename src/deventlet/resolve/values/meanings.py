"""What an expression may be: definitions of the repository, or objects of others.

Follows imports, assignments and what plain functions return. Runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deventlet.resolve.chains import called_name, root
from deventlet.resolve.names import NOTHING, UNKNOWN
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import (
    Binding,
    BindingKind,
)
from deventlet.resolve.values import kinds
from deventlet.resolve.values.definitions import (
    HOPS,
    NAMED,
    Definition,
    by_place,
    is_self,
    says_none,
)

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

_MAKERS_OF_DICTS = frozenset({
    "dict", "defaultdict", "OrderedDict", "WeakValueDictionary", "WeakKeyDictionary",
})  # fmt: skip
_MAKERS_OF_LISTS = frozenset({"list", "deque"})


@dataclass(eq=False)
class Meanings:
    """What expressions stand for."""

    program: Program

    def definitions(
        self, expr: ast.expr, module: Module, hops: int = HOPS
    ) -> list[Definition | None]:
        """What an expression may be; None for anything but a definition of ours."""
        if isinstance(expr, ast.Lambda):
            return [Definition(module, expr)]
        if not hops:
            return [None]
        if isinstance(expr, ast.Name):
            found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
            return self._bound(module, found, hops)
        if isinstance(expr, ast.Attribute):
            return self.of_attribute(expr, module, hops)
        if isinstance(expr, ast.Call):
            return self._given_by(expr, module, hops - 1)
        return [None]

    def callees(self, func: ast.expr, module: Module) -> list[Definition | None]:
        """What may be called: overriding methods, too; None for what is not ours.

        :param func: what is called, there or by whatever gets it.
        """
        found = self.definitions(func, module)
        if isinstance(func, ast.Attribute) and not self._is_chosen(func, module):
            receiver = self.program.receivers.receiver(func.value, module)
            for owner in sorted(receiver.classes, key=lambda c: c.node.lineno):
                for each in self.program.classes.overriding(owner, func.attr):
                    if each not in found:
                        found.append(each)
        return found

    def _is_chosen(self, func: ast.Attribute, module: Module) -> bool:
        """``super().f()`` and ``Base.f(self)`` say which method it is."""
        owner = func.value
        if isinstance(owner, ast.Call):
            return getattr(owner.func, "id", "") == "super"
        return any(
            each is not None and isinstance(each.node, ast.ClassDef)
            for each in self.definitions(owner, module)
        )

    def _given_by(
        self, call: ast.Call, module: Module, hops: int
    ) -> list[Definition | None]:
        """What calls of plain functions of ours return, if that is a definition.

        Not of methods: which one is called depends on the object.
        """
        found: list[Definition | None] = []
        for each in self.definitions(call.func, module, hops):
            node = each.node if each is not None else None
            if each is None or not isinstance(node, ast.FunctionDef):
                return [None]
            given = self.program.places.results(node)
            is_method = self.program.places.class_of(each.module, node) is not None
            if node.decorator_list or is_method:
                return [None]
            if not all(isinstance(result, ast.Return) for result in given):
                return [None]
            for result in given:
                if result.value is not None and not says_none(result.value):
                    found += self.definitions(result.value, each.module, hops - 1)
        return found or [None]

    def _bound(
        self, module: Module, bindings: Iterable[Binding], hops: int
    ) -> list[Definition | None]:
        found: list[Definition | None] = []
        for binding in bindings:
            if not self._is_unset(binding):
                found += self.of_binding(module, binding, hops)
        return found or [None]

    def _is_unset(self, binding: Binding) -> bool:
        """``x = None``, which nobody calls, if no other file gives ``x`` a value."""
        value = binding.value if binding.kind is BindingKind.ASSIGN else None
        is_none = value is not None and says_none(value)
        return is_none and not self._is_set_elsewhere(binding.name, unset=True)

    def of_binding(
        self, module: Module, binding: Binding, hops: int
    ) -> list[Definition | None]:
        """What one binding makes of its name."""
        node = binding.node
        if isinstance(node, (*NAMED, ast.ClassDef)):
            return [Definition(module, node)]
        if binding.alias is not None and isinstance(node, ast.ImportFrom):
            target = self.program.project.named(module.absolute(node))
            return self._of_member(target, binding.alias.name, hops)
        if binding.kind is BindingKind.ASSIGN and binding.value is not None:
            return self.definitions(binding.value, module, hops - 1)
        return [None]

    def module_level(self, module: Module, name: str) -> list[Definition | None]:
        """What a module-level name may be."""
        return self._of_member(module, name, HOPS)

    def _of_member(
        self, target: Module | None, name: str, hops: int
    ) -> list[Definition | None]:
        """A module-level name of one of the repository's files."""
        if target is None or not hops:
            return [None]
        found = target.scopes.bindings(name, target.scopes.module)
        if found:
            return self._bound(target, found, hops - 1)
        for statement in target.scopes.module.star_imports:
            base = self.program.project.named(target.absolute(statement))
            inner = self._of_member(base, name, hops - 1)
            if inner != [None]:
                return inner
        return [None]

    def of_attribute(
        self, expr: ast.Attribute, module: Module, hops: int
    ) -> list[Definition | None]:
        """What ``x.name`` may be, by what ``x`` may be."""
        receiver = self.program.receivers.receiver(expr.value, module, hops - 1)
        found: list[Definition | None] = []
        for target in receiver.modules:
            found += self._of_member(target, expr.attr, hops)
        for each in sorted(receiver.classes, key=by_place):
            found += self.program.classes.methods(each, expr.attr) or [None]
        return [*found, None] if receiver.unknown or not found else found

    def is_foreign(self, expr: ast.expr, module: Module) -> bool:
        """Whether an expression is a name that another project's modules give."""
        denoted = self.program.names.denoted(expr, module)
        ours = self.program.project.top_level | {UNKNOWN, NOTHING}
        return bool(denoted) and all(d.partition(".")[0] not in ours for d in denoted)

    def is_imported(self, expr: ast.expr, module: Module) -> bool:
        """Whether an expression is a module that ``import`` binds, or one below it."""
        first = root(expr)
        if not isinstance(first, ast.Name):
            return False
        found = module.scopes.bindings(first.id, module.scopes.scope_of(first))
        if not any(isinstance(each.node, ast.Import) for each in found):
            return False
        names = {
            a.name
            for b in found
            if isinstance(b.node, ast.Import)
            for a in b.node.names
        }
        ours = any(
            name.partition(".")[0] in self.program.project.top_level for name in names
        )
        return first is expr or not ours

    def is_of_others(self, expr: ast.expr, module: Module, hops: int = HOPS) -> bool:
        """Whether an expression is an object of a class of the standard library."""
        if isinstance(expr, ast.Attribute) and hops:
            return self._is_mocked(expr, module)
        if isinstance(expr, ast.Name) and hops:
            scope = module.scopes.scope_of(expr)
            return self._all_of_others(
                module.scopes.bindings(expr.id, scope), module, hops
            )
        if not isinstance(expr, ast.Call):
            return False
        denoted = self.program.names.denoted(expr.func, module)
        return bool(denoted) and denoted <= kinds.OF_OTHERS

    def _is_mocked(self, expr: ast.Attribute, module: Module) -> bool:
        """Whether all that ``self.x`` may be is a mock, which the class makes."""
        name = expr.value if isinstance(expr.value, ast.Name) else None
        owner = (
            self.program.places.self_class(name, module) if name is not None else None
        )
        if owner is None:
            return False
        family = self.program.classes.related(owner)
        stored = [
            (c, v)
            for c in family
            for v in self.program.classes.stores(c).get(expr.attr, ())
        ]
        return (
            bool(stored)
            and all(v is not None and self._is_mock(v, c.module) for c, v in stored)
            and not any(
                True
                for each in family
                for _ in self.program.classes.defined(each, expr.attr)
            )
            and not self._is_set_elsewhere(expr.attr)
        )

    def _is_mock(self, expr: ast.expr, module: Module) -> bool:
        """``mock.Mock(…)``, which stands for no object that is its argument."""
        if not isinstance(expr, ast.Call) or any(
            each.arg in (None, "wraps") for each in expr.keywords
        ):
            return False
        root = expr.func.value if isinstance(expr.func, ast.Attribute) else expr.func
        if not isinstance(root, ast.Name):
            return False
        denoted = self.program.names.denote(
            expr.func, module.scopes.scope_of(root), module
        )
        return bool(denoted) and denoted <= kinds.MOCKS

    def _is_set_elsewhere(self, name: str, unset: bool = False) -> bool:
        """Whether an attribute of that name is set by others than ``self``.

        :param unset: whether ``x.name = None`` does not count.
        """
        for path in self.program.words.storing(name):
            module = self.program.project.module(path)
            for place in (
                self.program.places.attributes_in(module, name) if module else ()
            ):
                assert isinstance(place.node, ast.Attribute)
                is_read = isinstance(place.node.ctx, ast.Load)
                above = place.parent
                value = above.value if isinstance(above, ast.Assign) else None
                is_none = unset and value is not None and says_none(value)
                if not (is_read or is_none or is_self(place.node.value)):
                    return True
        return False

    def _all_of_others(
        self, bindings: Sequence[Binding], module: Module, hops: int
    ) -> bool:
        """Whether each binding of a name gives it such an object."""
        return bool(bindings) and all(
            each.kind is BindingKind.ASSIGN
            and each.value is not None
            and self.is_of_others(each.value, module, hops - 1)
            for each in bindings
        )

    def is_dict(self, expr: ast.expr, module: Module) -> bool | None:
        """Whether a container is a dict by what it is made of; None if that is open."""
        made = [*self.made_of(expr, module)]
        found = {_is_dict(each) for each in made if not says_none(each)}
        return found.pop() if len(found) == 1 else None

    def keeps_keys(self, expr: ast.expr, module: Module) -> bool:
        """Whether a container has a key as soon as it is asked for it."""
        made = self.made_of(expr, module)
        return any("defaultdict" in called_name(each) for each in made)

    def made_of(self, expr: ast.expr, module: Module) -> Iterator[ast.expr]:
        """What a name, or an attribute of an object, is assigned."""
        if isinstance(expr, ast.Name):
            for binding in module.scopes.bindings(
                expr.id, module.scopes.scope_of(expr)
            ):
                yield binding.value if binding.value is not None else expr
        elif isinstance(expr, ast.Attribute):
            for owner in self.program.receivers.receiver(expr.value, module).classes:
                for each in (owner, *self.program.classes.above(owner)):
                    for value in self.program.classes.stores(each).get(expr.attr, ()):
                        yield value if value is not None else expr
        else:
            yield expr


def _is_dict(expr: ast.expr) -> bool | None:
    """Whether an expression makes a dict; None for one that makes no container."""
    if isinstance(expr, ast.BinOp):
        return _is_dict(expr.left)
    if isinstance(expr, ast.Call):
        name = called_name(expr)
        if name in _MAKERS_OF_DICTS:
            return True
        return False if name in _MAKERS_OF_LISTS else None
    if isinstance(expr, (ast.Dict, ast.DictComp)):
        return True
    return False if isinstance(expr, (ast.List, ast.ListComp)) else None
