"""What expressions denote: every spelling of a name, across the repository.

A name *denotes* a set of dotted paths: more than one when it is bound more than
once. Nothing is guessed: what cannot be followed denotes :data:`UNKNOWN`. Which files
are followed through is for :mod:`.exploring` to say. Nothing here runs code or knows a
codemod.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeAlias, TypeVar

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.chains import root
from deventlet.resolve.equations import Equations
from deventlet.resolve.project import Module, Project, with_parents
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.takers import IMPORTERS, Takers

UNKNOWN = "?"
NOTHING = "None"

MOST = 32
"""A name that may be more than this is unknown beyond the likeliest of them."""
DEEPEST = 32
"""A path of more dots than this is unknown: ``x = x.a`` would go on for ever."""

VALUE_KINDS = frozenset({BindingKind.ASSIGN, BindingKind.WALRUS})
"""The bindings that give a name the value of an expression."""

_UNKNOWN = frozenset({UNKNOWN})
_Variable: TypeAlias = tuple[Module, Scope, str]
_Attributes: TypeAlias = "tuple[str, _Attributes] | None"
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False, slots=True)
class Alias:
    """A binding whose value is an Eventlet name, and the file it is in."""

    module: Module
    binding: Binding

    @property
    def key(self) -> tuple[str, int]:
        """Identifies the binding within a run."""
        return self.module.path, id(self.binding)


@dataclass(eq=False)
class Names:
    """Denotations over one project for a set of Eventlet names of interest.

    :param exports: the names of modules that lead to a name of interest.
    :param explored: the files that can reach one; None as long as nobody looked.
    :param passing: the modules with such names, and the packages above them.

    :mod:`.exploring` fills the three.
    """

    project: Project
    interest: eventlet_api.Interest
    shims: Mapping[str, str] = field(default_factory=dict)
    exports: dict[str, set[str]] = field(default_factory=dict)
    explored: list[Module] | None = None
    passing: set[str] = field(default_factory=set)
    _said: dict[tuple[str, object], tuple[int, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._equations = Equations(self._variable)
        self.leads = cache(self.interest.leads)
        self.match = cache(self.interest.match)
        for shim in self.shims:
            self.passing.update(with_parents(shim.rpartition(".")[0]))

    def denote(self, expr: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        """Every dotted path that ``expr``, evaluated in ``scope``, may be."""
        return self._equations.settled(self._denote, expr, scope, module)

    def denoted(self, expr: ast.expr, module: Module) -> frozenset[str]:
        """As :meth:`denote` where a name with attributes stands; else nothing."""
        first = root(expr)
        if not isinstance(first, ast.Name):
            return frozenset()
        return self.denote(expr, module.scopes.scope_of(first), module)

    def binding(self, module: Module, binding: Binding) -> frozenset[str]:
        """What one binding gives its name."""
        return self._equations.settled(self._binding, module, binding)

    def member(self, owner: str, name: str) -> frozenset[str]:
        """What the attribute ``name`` of the dotted path ``owner`` may be."""
        return self._equations.settled(self._member, owner, name)

    def top(self, module: Module, name: str) -> frozenset[str]:
        """What a module-level name of a file may be."""
        return self._equations.settled(self._name, name, module.scopes.module, module)

    # -- what the equations say: none of these may call the five above -----------

    def _denote(self, expr: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        if isinstance(expr, ast.Name):
            return self._name(expr.id, scope, module)
        return union(
            self._members(self._simple(leaf, scope, module), attributes)
            for leaf, attributes in leaves(expr)
        )

    def _simple(self, leaf: ast.expr, scope: Scope, module: Module) -> frozenset[str]:
        if isinstance(leaf, ast.Name):
            return self._name(leaf.id, scope, module)
        if isinstance(leaf, ast.Call):
            return dynamic_import(leaf)
        if isinstance(leaf, ast.Constant) and leaf.value is None:
            return frozenset({NOTHING})
        return _UNKNOWN

    def _members(
        self, owners: frozenset[str], attributes: _Attributes
    ) -> frozenset[str]:
        while attributes is not None:
            name, attributes = attributes
            owners = union([self._member(owner, name) for owner in sorted(owners)])
        return owners

    def _name(self, name: str, scope: Scope, module: Module) -> frozenset[str]:
        owner = module.scopes.resolve(name, scope) or module.scopes.module
        reader = scope if owner.kind is ScopeKind.CLASS else owner
        return self._equations.read((module, reader, name))

    def _variable(self, variable: _Variable) -> frozenset[str]:
        """What a name is wherever it is read in a scope: any of what binds it."""
        module, scope, name = variable
        bindings = module.scopes.bindings(name, scope)
        found = union([self._binding(module, each) for each in bindings])
        for base in self.starred_by(module, scope):
            if name in self.exports.get(base, ()):
                found |= self._member(base, name)
            elif eventlet_api.is_eventlet(base) and not (bindings or found):
                return frozenset({f"{base}.*"})
        return self._few(found) if bindings or found else _UNKNOWN

    def _few(self, found: frozenset[str]) -> frozenset[str]:
        """Some of many paths: first those that lead somewhere, then the short ones."""
        if len(found) <= MOST:
            return found
        likeliest = sorted(
            found,
            key=lambda path: (
                not (self.leads(path) or path in self.passing),
                path.count("."),
                path,
            ),
        )
        return _UNKNOWN.union(likeliest[:MOST])

    def _binding(self, module: Module, binding: Binding) -> frozenset[str]:
        if binding.kind is BindingKind.IMPORT and binding.alias is not None:
            full = binding.alias.name
            return frozenset({full if binding.alias.asname else full.partition(".")[0]})
        if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
            assert isinstance(binding.node, ast.ImportFrom)
            base = module.absolute(binding.node)
            return self._member(base, binding.alias.name) if base else _UNKNOWN
        if binding.kind in VALUE_KINDS and binding.value is not None:
            return self._denote(binding.value, binding.scope, module)
        if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
            return frozenset()
        return _UNKNOWN

    def _member(self, owner: str, name: str) -> frozenset[str]:
        if owner == NOTHING:
            return frozenset({NOTHING})
        if owner == UNKNOWN or owner.endswith(".*") or owner.count(".") > DEEPEST:
            return _UNKNOWN
        full = f"{owner}.{name}"
        if full in self.shims:
            return frozenset({self.shims[full]})
        if name in self.exports.get(owner, ()):
            target = self.project.named(owner)
            if target is not None:
                return self._name(name, target.scopes.module, target)
        return frozenset({full})

    @staticmethod
    def starred_by(module: Module, scope: Scope) -> list[str]:
        """The modules that star imports may bind a name of a scope from."""
        if scope.kind not in (ScopeKind.MODULE, ScopeKind.CLASS):
            return []
        return [module.absolute(each) for each in module.scopes.module.star_imports]

    # -- the bindings behind a name --------------------------------------------

    def aliases(self, expr: ast.expr, scope: Scope, module: Module) -> Iterator[Alias]:
        """The bindings that give a bare or re-exported name its value."""
        if isinstance(expr, ast.NamedExpr):
            expr = expr.target
        if isinstance(expr, ast.Name):
            for binding in module.scopes.bindings(expr.id, scope):
                yield Alias(module, binding)
            owner = module.scopes.resolve(expr.id, scope) or module.scopes.module
            for base in self.starred_by(module, owner):
                yield from self.exported(base, expr.id)
        elif isinstance(expr, ast.Attribute):
            for dotted in sorted(self.denote(expr.value, scope, module)):
                yield from self.exported(dotted, expr.attr)

    def exported(self, owner: str, name: str) -> Iterator[Alias]:
        """The module-level bindings of ``name`` in the repository's ``owner``.

        Those of the modules that ``owner`` takes with a star come after its own.
        """
        waiting, seen = [owner], set[str]()
        while waiting:
            owner = waiting.pop()
            if owner in seen or name not in self.exports.get(owner, ()):
                continue
            seen.add(owner)
            target = self.project.named(owner)
            if target is not None:
                top = target.scopes.module
                for binding in target.scopes.bindings(name, top):
                    yield Alias(target, binding)
                waiting += reversed(self.starred_by(target, top))

    # -- what is known by now ----------------------------------------------------

    def passes(self, dotted: str) -> bool:
        """Whether a path is a module of the repository that passes a name on."""
        return dotted in self.passing

    def forget(self) -> None:
        """Say all anew that hangs on ``exports``: there are more of them."""
        self._equations.forget()

    @cached_property
    def starred(self) -> frozenset[str]:
        """Modules whose names some file of the repository takes with a star."""
        return frozenset(self.takers.by_star)

    @cached_property
    def takers(self) -> Takers:
        """Finds the files that take a name from a module, by their texts."""
        return Takers(self.project, eventlet_api.PARTS)

    def said(self, module: Module, read: Callable[[Names, Module], _T]) -> _T:
        """What a function says of a file; remembered until more is passed on."""
        known, key = sum(map(len, self.exports.values())), (module.path, read)
        if self._said.get(key, (-1, None))[0] != known:
            self._said[key] = known, read(self, module)
        found: _T = self._said[key][1]
        return found


def leaves(expr: ast.expr) -> Iterator[tuple[ast.expr, _Attributes]]:
    """The expressions whose value another may have, and the attributes taken of each.

    ``(a or b.c).d`` is either ``d`` of ``a``, or ``d`` of ``c`` of ``b``.
    """
    waiting: list[tuple[ast.expr, _Attributes]] = [(expr, None)]
    while waiting:
        node, attributes = waiting.pop()
        if isinstance(node, ast.Attribute):
            waiting.append((node.value, (node.attr, attributes)))
        elif isinstance(node, ast.IfExp):
            waiting += ((part, attributes) for part in (node.orelse, node.body))
        elif isinstance(node, ast.BoolOp):
            waiting += ((part, attributes) for part in reversed(node.values))
        elif isinstance(node, ast.NamedExpr):
            waiting.append((node.value, attributes))
        else:
            yield node, attributes


def union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    """All that any of some sets has."""
    found = list(parts)
    return found[0].union(*found[1:]) if found else frozenset()


def dynamic_import(call: ast.Call) -> frozenset[str]:
    """``try_import('eventlet.x')`` and its like, with a literal name."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else None
    if isinstance(call.func, ast.Name):
        name = call.func.id
    if name not in IMPORTERS or not call.args:
        return _UNKNOWN
    first = call.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return _UNKNOWN
    dotted = first.value
    if name == "__import__":
        dotted = dotted.partition(".")[0]
    return frozenset({dotted, NOTHING} if name == "try_import" else {dotted})
