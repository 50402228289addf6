"""The repository as a program: definitions, classes, and where a name occurs.

Everything is looked up when asked for, by text first: a file is parsed only if it
has the word in question. Reads only; it knows nothing of Eventlet.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from deventlet.resolve.chains import called_name, last_name, root
from deventlet.resolve.names import NOTHING, UNKNOWN, Names
from deventlet.resolve.own import ThreadLocals
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import (
    Binding,
    BindingKind,
    Scope,
    ScopeKind,
    ancestors,
    near,
    path_to,
    reaches,
)
from deventlet.resolve.values import kinds
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.model import Origin, Place
from deventlet.resolve.values.taking import Taking
from deventlet.resolve.values.words import Words, before_dot

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Result: TypeAlias = ast.Return | ast.Yield | ast.YieldFrom
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PROPERTIES = frozenset({
    "property", "cached_property", "memoized_property", "getter",
})  # fmt: skip
"""Decorators that make an attribute of a method."""
_BLOCKS = ("cases", "items", "finalbody", "orelse", "handlers", "body")
_MAKERS_OF_DICTS = frozenset({
    "dict", "defaultdict", "OrderedDict", "WeakValueDictionary", "WeakKeyDictionary",
})  # fmt: skip
_MAKERS_OF_LISTS = frozenset({"list", "deque"})
_RTYPE = re.compile(r"^:rtype:[ \t]+(\w+)$", re.MULTILINE)
_HOPS = 8
"""How many names are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, lambda or class of the repository, and the file it is in."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

    def __hash__(self) -> int:
        return id(self.node)


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the part before a dot may be.

    :param classes: classes of the repository whose instance, or which itself, it is.
    :param is_self: it is the ``self`` or ``cls`` of a method of the one class.
    :param modules: modules of the repository that it may be.
    :param unknown: it may be something else as well.
    """

    classes: frozenset[Definition] = frozenset()
    is_self: bool = False
    modules: tuple[Module, ...] = ()
    unknown: bool = False


_UNKNOWN = Receiver(unknown=True)


@dataclass(eq=False)
class Program:
    """Answers about one state of a repository."""

    names: Names
    _receivers: dict[tuple[int, int], Receiver] = field(default_factory=dict)
    _results: dict[int, list[Result]] = field(default_factory=dict)
    _bases: dict[Definition, tuple[Definition | None, ...]] = field(
        default_factory=dict
    )
    _subclasses: dict[Definition, tuple[Definition, ...]] = field(default_factory=dict)
    _related: dict[Definition, frozenset[Definition]] = field(default_factory=dict)
    _attributes: dict[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)
    _defining: dict[str, list[Definition]] = field(default_factory=dict)
    _stores: dict[Definition, dict[str, list[ast.expr | None]]] = field(
        default_factory=dict
    )

    @cached_property
    def words(self) -> Words:
        """The texts of the files."""
        return Words(self.project)

    @cached_property
    def thread_locals(self) -> ThreadLocals:
        """What each thread has for itself."""
        return ThreadLocals(self.project)

    @cached_property
    def taking(self) -> Taking:
        """Which files may read a name of another."""
        return Taking(self.names, self.words)

    @cached_property
    def project(self) -> Project:
        """The files."""
        return self.names.project

    # -- places ------------------------------------------------------------

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
            if isinstance(node, _DEFINITIONS) and below in node.body:
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

    # -- definitions -------------------------------------------------------

    def definitions(
        self, expr: ast.expr, module: Module, hops: int = _HOPS
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
            return self._of_attribute(expr, module, hops)
        if isinstance(expr, ast.Call):
            return self._given_by(expr, module, hops - 1)
        return [None]

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
            given = self.results(node)
            is_method = self.class_of(each.module, node) is not None
            if node.decorator_list or is_method:
                return [None]
            if not all(isinstance(result, ast.Return) for result in given):
                return [None]
            for result in given:
                if result.value is not None and not _is_none(result.value):
                    found += self.definitions(result.value, each.module, hops - 1)
        return found or [None]

    def _bound(
        self, module: Module, bindings: Iterable[Binding], hops: int
    ) -> list[Definition | None]:
        found: list[Definition | None] = []
        for binding in bindings:
            if not self._is_unset(binding):
                found += self._of_binding(module, binding, hops)
        return found or [None]

    def _is_unset(self, binding: Binding) -> bool:
        """``x = None``, which nobody calls, if no other file gives ``x`` a value."""
        value = binding.value if binding.kind is BindingKind.ASSIGN else None
        is_none = value is not None and _is_none(value)
        return is_none and not self._is_set_elsewhere(binding.name, unset=True)

    def _of_binding(
        self, module: Module, binding: Binding, hops: int
    ) -> list[Definition | None]:
        node = binding.node
        if isinstance(node, (*_DEFINITIONS, ast.ClassDef)):
            return [Definition(module, node)]
        if binding.alias is not None and isinstance(node, ast.ImportFrom):
            target = self.project.named(module.absolute(node))
            return self._of_member(target, binding.alias.name, hops)
        if binding.kind is BindingKind.ASSIGN and binding.value is not None:
            return self.definitions(binding.value, module, hops - 1)
        return [None]

    def module_level(self, module: Module, name: str) -> list[Definition | None]:
        """What a module-level name may be."""
        return self._of_member(module, name, _HOPS)

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
            base = self.project.named(target.absolute(statement))
            inner = self._of_member(base, name, hops - 1)
            if inner != [None]:
                return inner
        return [None]

    def _of_attribute(
        self, expr: ast.Attribute, module: Module, hops: int
    ) -> list[Definition | None]:
        receiver = self.receiver(expr.value, module, hops - 1)
        found: list[Definition | None] = []
        for target in receiver.modules:
            found += self._of_member(target, expr.attr, hops)
        for each in sorted(receiver.classes, key=_order):
            found += self.methods(each, expr.attr) or [None]
        return [*found, None] if receiver.unknown or not found else found

    def is_foreign(self, expr: ast.expr, module: Module) -> bool:
        """Whether an expression is a name that another project's modules give."""
        denoted = self.names.denoted(expr, module)
        ours = self.project.top_level | {UNKNOWN, NOTHING}
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
        ours = any(name.partition(".")[0] in self.project.top_level for name in names)
        return first is expr or not ours

    def is_of_others(self, expr: ast.expr, module: Module, hops: int = _HOPS) -> bool:
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
        denoted = self.names.denoted(expr.func, module)
        return bool(denoted) and denoted <= kinds.OF_OTHERS

    def _is_mocked(self, expr: ast.Attribute, module: Module) -> bool:
        """Whether all that ``self.x`` may be is a mock, which the class makes."""
        name = expr.value if isinstance(expr.value, ast.Name) else None
        owner = self.self_class(name, module) if name is not None else None
        if owner is None:
            return False
        family = self.related(owner)
        stored = [(c, v) for c in family for v in self.stores(c).get(expr.attr, ())]
        return (
            bool(stored)
            and all(v is not None and self._is_mock(v, c.module) for c, v in stored)
            and not any(True for each in family for _ in self.defined(each, expr.attr))
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
        denoted = self.names.denote(expr.func, module.scopes.scope_of(root), module)
        return bool(denoted) and denoted <= kinds.MOCKS

    def _is_set_elsewhere(self, name: str, unset: bool = False) -> bool:
        """Whether an attribute of that name is set by others than ``self``.

        :param unset: whether ``x.name = None`` does not count.
        """
        for path in self.words.storing(name):
            module = self.project.module(path)
            for place in self.attributes_in(module, name) if module else ():
                assert isinstance(place.node, ast.Attribute)
                is_read = isinstance(place.node.ctx, ast.Load)
                above = place.parent
                value = above.value if isinstance(above, ast.Assign) else None
                is_none = unset and value is not None and _is_none(value)
                if not (is_read or is_none or _is_self(place.node.value)):
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

    def modules(self, expr: ast.expr, module: Module) -> tuple[Module, ...]:
        """The repository's modules that an expression may be."""
        denoted = self.names.denoted(expr, module)
        found = [self.project.named(dotted) for dotted in sorted(denoted)]
        return tuple(each for each in found if each is not None)

    def is_dict(self, expr: ast.expr, module: Module) -> bool | None:
        """Whether a container is a dict by what it is made of; None if that is open."""
        made = [*self.made_of(expr, module)]
        found = {_is_dict(each) for each in made if not _is_none(each)}
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
            for owner in self.receiver(expr.value, module).classes:
                for each in (owner, *self.above(owner)):
                    for value in self.stores(each).get(expr.attr, ()):
                        yield value if value is not None else expr
        else:
            yield expr

    # -- receivers ---------------------------------------------------------

    def receiver(self, expr: ast.expr, module: Module, hops: int = _HOPS) -> Receiver:
        """What the expression before a dot may be."""
        if hops <= 0:
            return _UNKNOWN
        key = id(expr), hops
        if key not in self._receivers:
            self._receivers[key] = self._receiver(expr, module, hops)
        return self._receivers[key]

    def _receiver(self, expr: ast.expr, module: Module, hops: int) -> Receiver:
        if isinstance(expr, ast.Call):
            return self._made_by(expr, module, hops)
        modules = self.modules(expr, module)
        if modules:
            return Receiver(modules=modules)
        if isinstance(expr, ast.Name):
            return self._named(expr, module, hops)
        if isinstance(expr, ast.Attribute):
            return self._held(expr, module, hops)
        if isinstance(expr, ast.NamedExpr):
            return self.receiver(expr.value, module, hops - 1)
        return _UNKNOWN

    def _made_by(self, call: ast.Call, module: Module, hops: int) -> Receiver:
        """``C()`` is an instance of C, ``super()`` of what its class derives from."""
        if isinstance(call.func, ast.Name) and call.func.id == "super":
            own = self._class_around(call.func, module)
            return Receiver(self.above(own), True) if own else _UNKNOWN
        found = self.definitions(call.func, module, hops - 1)
        return _joined(
            Receiver(frozenset({each}))
            if each is not None and isinstance(each.node, ast.ClassDef)
            else self._returned(each, hops)
            for each in found
        )

    def _returned(self, found: Definition | None, hops: int) -> Receiver:
        """What a function returns, by its annotation or by what stands there."""
        if found is None or not isinstance(found.node, _DEFINITIONS) or hops <= 1:
            return _UNKNOWN
        said = self._annotated(found.node.returns, found.module, hops)
        if said.classes:
            return said
        said = self._documented(found, hops)
        if said.classes:
            return said
        given = self.results(found.node)
        if not all(isinstance(each, ast.Return) for each in given):
            return _UNKNOWN
        return _joined(
            self.receiver(each.value, found.module, hops - 2)
            for each in given
            if each.value is not None and not _is_none(each.value)
        )

    def _documented(self, found: Definition, hops: int) -> Receiver:
        """What the docstring of a function says that it returns: ``:rtype: Image``."""
        assert isinstance(found.node, _DEFINITIONS)
        said = _RTYPE.search(ast.get_docstring(found.node) or "")
        name = ast.Constant(said[1]) if said else None
        return self._annotated(name, found.module, hops)

    def results(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Result]:
        """The ``return`` statements and ``yield`` expressions of a function's own."""
        if id(function) not in self._results:
            self._results[id(function)] = list(_results(function))
        return self._results[id(function)]

    def _annotated(
        self, annotation: ast.expr | None, module: Module, hops: int
    ) -> Receiver:
        if annotation is None:
            return _UNKNOWN
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            found = self.module_level(module, annotation.value)
        else:
            found = self.definitions(annotation, module, hops - 1)
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
        own = self.self_class(name, module)
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
            if _is_none(binding.value):
                return Receiver()
            return self.receiver(binding.value, module, hops - 1)
        if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
            return Receiver()
        return self._classes(self._of_binding(module, binding, hops))

    def _classes(self, found: Iterable[Definition | None]) -> Receiver:
        """What definitions are before a dot; what is not a class is not known."""
        return _joined(
            Receiver(frozenset({each}))
            if each is not None and isinstance(each.node, ast.ClassDef)
            else _UNKNOWN
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
        return _UNKNOWN

    def _enter(self, manager: Receiver, hops: int) -> Receiver:
        """What ``__enter__`` of a class of the repository returns."""
        parts = [_UNKNOWN] if manager.unknown or not manager.classes else []
        for each in sorted(manager.classes, key=_order):
            found = self.methods(each, "__enter__")
            itself = Receiver(frozenset({each}))
            parts += [self._returned(m, hops - 1) for m in found] or [itself]
        return _joined(parts)

    def _injected(self, binding: Binding, module: Module, hops: int) -> Receiver:
        """What the calls of a class give to a parameter of its ``__init__``."""
        from deventlet.resolve.values.callers import constructed

        function = binding.scope.node
        if hops <= 2 or getattr(function, "name", "") != "__init__":
            return _UNKNOWN
        assert isinstance(function, _DEFINITIONS)
        found = constructed(self, Definition(module, function), binding)
        return _joined(
            [self.receiver(expr, user, hops - 3) for user, expr in found] + [_UNKNOWN]
        )

    def _held(self, expr: ast.Attribute, module: Module, hops: int) -> Receiver:
        """What the attributes of that name of the owner's class are assigned."""
        owner = self.receiver(expr.value, module, hops - 1)
        if owner.modules:
            return self._classes(self._of_attribute(expr, module, hops - 1))
        parts: list[Receiver] = [_UNKNOWN] if owner.unknown or not owner.classes else []
        for each in sorted(owner.classes, key=_order):
            family = [each, *sorted(self.above(each), key=_order)]
            stored = [(c, v) for c in family for v in self.stores(c).get(expr.attr, ())]
            parts += [
                self.receiver(value, c.module, hops - 2) if value else _UNKNOWN
                for c, value in stored
                if value is None or not _is_none(value)
            ]
            if not stored:
                parts.append(self._computed(each, expr.attr, hops))
        return _joined(parts)

    def _computed(self, owner: Definition, name: str, hops: int) -> Receiver:
        """What a property gives."""
        found = [
            each
            for each in self.methods(owner, name)
            if decorator_names(each.node) & PROPERTIES
        ]
        return _joined(self._returned(each, hops - 1) for each in found)

    def stores(self, owner: Definition) -> dict[str, list[ast.expr | None]]:
        """What a class assigns to its attributes; None for a value not followed."""
        if owner not in self._stores:
            found: dict[str, list[ast.expr | None]] = {}
            body = frozenset(_body(owner))
            for node in _statements(owner.node):
                for target, value in _assignments(node):
                    if isinstance(target, ast.Attribute) and _is_self(target.value):
                        found.setdefault(target.attr, []).append(value)
                    elif isinstance(target, ast.Name) and node in body:
                        found.setdefault(target.id, []).append(value)
            self._stores[owner] = found
        return self._stores[owner]

    def self_class(self, name: ast.Name, module: Module) -> Definition | None:
        """The class in whose method a name is the first parameter."""
        scope = module.scopes.resolve(name.id, module.scopes.scope_of(name))
        if scope is None or not isinstance(scope.node, _DEFINITIONS):
            return None
        if first_parameter(scope.node) != name.id or _is_static(scope.node):
            return None
        return self.class_of(module, scope.node)

    # -- classes -----------------------------------------------------------

    def bases(self, owner: Definition) -> tuple[Definition | None, ...]:
        """The classes that one derives from; None for one that is not ours."""
        if owner not in self._bases:
            assert isinstance(owner.node, ast.ClassDef)
            found: list[Definition | None] = []
            for base in owner.node.bases:
                expr = base.value if isinstance(base, ast.Subscript) else base
                if not _is_object(expr, owner.module):
                    found += self.definitions(expr, owner.module)
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
            for path in self.words.deriving(owner.node.name):
                module = self.project.module(path)
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
        below = sorted(self.below(owner), key=_order)
        return [method for each in below for method in self.defined(each, name)]

    def makers(
        self, receiver: Receiver, value: ast.expr, origin: Origin
    ) -> frozenset[Definition]:
        """The classes whose own method, called by a base of theirs, makes an object.

        For ``self._pool = self._make_pool()``: no other class that derives from the
        base has that object.
        """
        function = value.func if isinstance(value, ast.Call) else None
        if not (isinstance(function, ast.Attribute) and _is_self(function.value)):
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
        scope = self.scope(owner.module, owner.node)
        for binding in scope.bindings.get(name, ()):
            if isinstance(binding.node, (*_DEFINITIONS, ast.ClassDef)):
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
            for path in self.words.holding(name)
            for _ in self.words.owners(path, name)
        )

    def defining(self, name: str) -> list[Definition]:
        """Every method of that name in the repository."""
        if name not in self._defining:
            self._defining[name] = self._find_methods(name)
        return self._defining[name]

    def _find_methods(self, name: str) -> list[Definition]:
        found: list[Definition] = []
        for path in self.words.defining(name):
            module = self.project.module(path)
            for scope in module.scopes.scopes if module else ():
                if module and isinstance(scope.node, ast.ClassDef):
                    found += self.defined(Definition(module, scope.node), name)
        return found

    def stored_elsewhere(self, name: str, family: frozenset[Definition]) -> bool:
        """Whether a class that is not of a family has an attribute of that name."""
        own = {each.module.path for each in family}
        return any(
            path not in own or self._stored_by_others(path, name, family)
            for path in self.words.storing(name)
        )

    def _stored_by_others(
        self, path: str, name: str, family: frozenset[Definition]
    ) -> bool:
        module = self.project.module(path)
        classes = (
            Definition(module, scope.node)
            for scope in (module.scopes.scopes if module else ())
            if module and isinstance(scope.node, ast.ClassDef)
        )
        return any(name in self.stores(c) for c in classes if c not in family)


# -- small facts about nodes ---------------------------------------------------


def _is_object(expr: ast.expr, module: Module) -> bool:
    """The root of all classes, which has nothing of its own to call back."""
    is_named = isinstance(expr, ast.Name) and expr.id == "object"
    return is_named and module.scopes.is_free("object", module.scopes.module)


def first_parameter(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The name of the first positional parameter."""
    positional = [*function.args.posonlyargs, *function.args.args]
    return positional[0].arg if positional else None


def decorator_names(function: ast.AST) -> frozenset[str]:
    """The last parts of the names of a definition's decorators."""
    found = set()
    for each in getattr(function, "decorator_list", ()):
        node = each.func if isinstance(each, ast.Call) else each
        found.add(last_name(node))
    return frozenset(found)


def takes(user: Module, binding: Binding, module: str) -> bool:
    """Whether a binding is ``from module import …``."""
    node = binding.node
    return isinstance(node, ast.ImportFrom) and user.absolute(node) == module


def _results(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[Result]:
    waiting: list[ast.AST] = [*function.body[::-1]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def path_at(module: Module, offset: int) -> list[ast.AST]:
    """The path down to the innermost node that covers a byte offset."""
    return path_to(module.tree, *module.source.position(offset))


def attribute_at(module: Module, end: int, name: str) -> list[ast.AST] | None:
    """The path down to the attribute whose name ends at a byte offset."""
    line, column = module.source.position(end)
    path: list[ast.AST] = [module.tree]
    found: list[ast.AST] | None = None
    while True:
        node = path[-1]
        if (
            isinstance(node, ast.Attribute)
            and node.attr == name
            and (node.end_lineno, node.end_col_offset) == (line, column)
        ):
            found = list(path)
        inner = next(
            (c for c in near(node, (line, column)) if reaches(c, line, column)), None
        )
        if inner is None:
            return found
        path.append(inner)


def _is_self(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Name) and expr.id in ("self", "cls")


def parts(expr: ast.expr) -> list[ast.expr] | None:
    """The expressions of which one is what the expression gives."""
    if isinstance(expr, ast.IfExp):
        return [expr.body, expr.orelse]
    if isinstance(expr, ast.BoolOp):
        return expr.values if isinstance(expr.op, ast.Or) else expr.values[-1:]
    if isinstance(expr, (ast.NamedExpr, ast.Await, ast.Starred)):
        return [expr.value]
    return None


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


def _is_none(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is None


def _is_static(function: ast.AST) -> bool:
    return "staticmethod" in decorator_names(function)


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


def _order(found: Definition) -> tuple[str, int]:
    return found.module.path, found.node.lineno


def _joined(parts: Iterable[Receiver]) -> Receiver:
    every = list(parts)
    if not every:
        return _UNKNOWN
    classes = frozenset[Definition]().union(*(p.classes for p in every))
    modules = tuple(m for p in every for m in p.modules)
    unknown = any(p.unknown for p in every)
    return Receiver(classes, len(every) == 1 and every[0].is_self, modules, unknown)


def _closure(start: Iterable[Definition | None], step: object) -> frozenset[Definition]:
    seen: set[Definition] = set()
    waiting = [each for each in start if each is not None]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += [e for e in step(each) if e is not None]  # type: ignore[operator]
    return frozenset(seen)
