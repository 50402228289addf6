"""Which scope a name belongs to, and what binds it, for one parsed file; reads only.

The rules are those of the language reference, "Naming and binding" and "Annotation
scopes". It may not run code, follow an import or guess a type. Two things are left
out: private names are not mangled (``__x`` in a class body stays ``__x``), and the
implicit ``__class__`` cell is not a binding.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import Any

from deventlet.resolve.scope_walk import find_scopes
from deventlet.resolve.scopes import Binding, Scope, ScopeKind, Use


class ScopeTable:
    """The scopes, bindings and uses of one file.

    :param tree: as ``ast.parse`` gave it; nodes are told apart by identity.

    ``scopes`` starts with the module, and a scope comes before those inside it.
    ``uses`` has every ``ast.Name`` of the file by identifier, once. The target of
    ``x += 1`` is a use in store context, although it reads the name too.
    ``attributes`` has every ``ast.Attribute`` by the name that it asks for, once.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.scopes, self.uses, self.attributes = find_scopes(tree)
        self.module: Scope = self.scopes[0]
        self._evaluated_in: dict[str, dict[ast.Name, Scope]] = {}
        for scope in self.scopes:
            self._hand_over(scope)

    def dissolve(self) -> None:
        """Cut scopes, bindings and nodes loose from each other; nothing is left.

        They point at one another, so that without this only the cyclic collector
        would free the tree, and a run holds that back.
        """
        for scope in self.scopes:
            scope.bindings.clear()
            scope.parent = None
            scope.node = _GONE
        self.scopes.clear()
        self.uses.clear()
        self.attributes.clear()
        self.__dict__.pop("_opened", None)
        self.__dict__.pop("_taken", None)
        self._evaluated_in.clear()

    def scope_of(self, node: ast.Name) -> Scope:
        """The scope that evaluates this name.

        :raises KeyError: if the node is not in the tree.
        """
        if node.id not in self._evaluated_in:
            self._evaluated_in[node.id] = dict(self.uses[node.id])
        return self._evaluated_in[node.id][node]

    def of(self, node: ast.AST) -> Scope:
        """The scope that a function, lambda, class or comprehension opens.

        :raises KeyError: if it opens none, or is not in the tree.
        """
        return self._opened[node]

    def taken(self, name: str) -> list[tuple[Scope, Binding]]:
        """What ``from x import name`` binds, in any scope, and where."""
        return self._taken.get(name, [])

    @cached_property
    def _taken(self) -> dict[str, list[tuple[Scope, Binding]]]:
        found: defaultdict[str, list[tuple[Scope, Binding]]] = defaultdict(list)
        for scope in self.scopes:
            for bindings in scope.bindings.values():
                for each in bindings:
                    if each.alias is not None and isinstance(each.node, ast.ImportFrom):
                        found[each.alias.name].append((scope, each))
        return dict(found)

    @cached_property
    def _opened(self) -> dict[ast.AST, Scope]:
        return {scope.node: scope for scope in self.scopes}

    def loads(self, name: str) -> list[Use]:
        """The uses of the identifier that read it, whatever scope it belongs to."""
        return [
            use for use in self.uses.get(name, ()) if type(use.node.ctx) is ast.Load
        ]

    def resolve(self, name: str, scope: Scope) -> Scope | None:
        """The scope that owns a name evaluated in ``scope``.

        ``None`` if the file binds it nowhere in sight: a builtin, a star import or
        undefined. A class body that binds the name answers for itself, although it
        may read the outer one first.
        """
        here: Scope | None = scope
        class_in_sight = True
        while here is not None:
            if class_in_sight or here.kind is not ScopeKind.CLASS:
                if name in here.global_names:
                    return self.module if name in self.module.bindings else None
                if name in here.bindings and name not in here.nonlocal_names:
                    return here
            # Only type parameters see the names of the class body they stand in.
            class_in_sight &= here.kind is ScopeKind.TYPE_PARAMETERS
            here = here.parent
        return None

    def bindings(self, name: str, scope: Scope) -> list[Binding]:
        """Every binding a name evaluated in ``scope`` can have; maybe none.

        A class body reads the global name until it has bound its own, even where
        a function around it binds the name, too; type parameters read that one.
        """
        owner = self.resolve(name, scope)
        if owner is None:
            return []
        found = list(owner.bindings[name])
        if owner.kind is ScopeKind.CLASS:
            found = self._outside(name, owner, scope) + found
        return found

    def _outside(self, name: str, body: Scope, reader: Scope) -> list[Binding]:
        """What a name means to the reader while the class body has not bound it."""
        outer: Scope | None = self.module
        if reader is not body:
            outer = body.parent
            while outer is not None and outer.kind is ScopeKind.CLASS:
                outer = outer.parent
            outer = outer and self.resolve(name, outer)
        return [] if outer is None else outer.bindings.get(name, [])

    def is_free(self, name: str, scope: Scope) -> bool:
        """Whether nothing the file binds would catch ``name`` if ``scope`` used it.

        Star imports are not counted; see ``Scope.star_imports``.
        """
        return self.resolve(name, scope) is None

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every identifier that the file binds, uses or declares, in any scope."""
        declared = (
            (*s.bindings, *s.global_names, *s.nonlocal_names) for s in self.scopes
        )
        return frozenset(self.uses).union(*declared)

    def _hand_over(self, scope: Scope) -> None:
        """Give bindings made through ``global`` or ``nonlocal`` to their owner."""
        for name in sorted(scope.global_names | scope.nonlocal_names):
            is_global = name in scope.global_names
            owner = self.module if is_global else self.resolve(name, scope)
            if owner is None or owner is scope or name not in scope.bindings:
                continue
            joined = owner.bindings.setdefault(name, [])
            joined += scope.bindings.pop(name)
            joined.sort(key=_position)


_GONE = ast.Pass()
"""Stands for the node of a scope that may be remembered, but not its tree."""


def _position(binding: Binding) -> tuple[int, int]:
    node: Any = binding.node
    return node.lineno, node.col_offset
