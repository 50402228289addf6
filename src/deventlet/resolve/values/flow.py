"""Where values go: from the places that make them to every use, as a worklist.

Flow-insensitive and by place of creation: what a name may hold anywhere, it may hold
everywhere. Where a value goes on to what is not followed, that is an escape with its
reason, never silence. What code does with a value is for the rules. Runs no code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.computed import Lookup, lookups
from deventlet.resolve.values.confined import is_kept
from deventlet.resolve.values.decorators import changing
from deventlet.resolve.values.definitions import (
    FUNCTIONS,
    PROPERTIES,
    Definition,
    Function,
    decorator_names,
    parts,
    takes,
)
from deventlet.resolve.values.model import (
    Escape,
    Member,
    Origin,
    Place,
    Shape,
    Token,
)
from deventlet.resolve.values.program import Program
from deventlet.resolve.values.reaching import reaching
from deventlet.resolve.values.shapes import (
    at,
    iterated,
    normal,
    unpacked,
    wrapped,
)
from deventlet.resolve.values.unlike import is_unlike

_ENTER = frozenset({"__enter__", "__aenter__"})
_BY_STRING = frozenset({"globals", "locals", "vars"})
_DISPLAYS = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant,
)  # fmt: skip
_DEPTH = 4
"""In how many containers, tuples and functions a value is followed."""
_FIXTURES = frozenset({"fixture", "yield_fixture"})
_ENTERED = frozenset({"contextmanager", "asynccontextmanager"})

IDENTITY = "eventlet.getcurrent"
"""The API whose values are looked at wherever they are."""

Reader: TypeAlias = Callable[[Token], None]

Rule: TypeAlias = "Callable[[Flow, Place, Token], None]"
"""Says what becomes of a value at a place, one step on."""

Load: TypeAlias = tuple[Place, Sequence[Binding]]
"""A place that reads a name, with the bindings that it may have its value from."""


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one call of a function, as far as they are plain.

    :param call: None for whatever else gives it a value.
    :param positional: from the first parameter on; None for one that is not known.
    """

    module: Module
    call: ast.Call | None
    positional: tuple[ast.expr | None, ...] = ()
    named: tuple[tuple[str, ast.expr], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class _Attribute:
    """An attribute of a class, and the classes that may share it."""

    owner: Definition
    family: frozenset[Definition]
    name: str


@dataclass(eq=False, slots=True)
class Slot:
    """One binding of a name, or an attribute of a class, and what it may hold.

    :param owner: the scope of the name, or the class of the attribute.
    :param binding: None for an attribute, and for a name that nothing binds.
    """

    module: Module
    owner: Scope | Definition
    name: str
    binding: Binding | None
    readers: list[Reader] = field(default_factory=list)
    tokens: dict[tuple[int, Shape], Token] = field(default_factory=dict)


@dataclass(eq=False)
class Flow:
    """One run of the worklist over one program.

    :param rules: what the code around an expression does with its value, by the kind of
        its parent; where there is none, the value is lost.
    """

    program: Program
    rules: Mapping[type[ast.AST], Rule]
    slots: dict[tuple[int, str], Slot] = field(default_factory=dict)
    visited: dict[int, set[Shape]] = field(default_factory=dict)
    """What each expression may hold, by its identity; positions are forgotten."""
    products: list[Origin] = field(default_factory=list)
    classes: set[int] = field(default_factory=set)
    """The origins, by identity, that stand for all that a class makes."""
    makers: set[tuple[int, str]] = field(default_factory=set)
    """The expressions, by identity, that are known to make a kind by their names."""
    entered: set[int] = field(default_factory=set)
    """The ``with`` items whose manager is the repository's and is followed."""
    identities: list[tuple[Place, Token]] = field(default_factory=list)
    """Where what ``getcurrent()`` gives may be, in the order of finding."""
    given: dict[int, list[Given]] = field(default_factory=dict)
    """By the identity of a function the calls that have given it values; see handed."""
    handed: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    """What to do again when one more call of a function is found."""
    _waiting: list[tuple[Reader, Token]] = field(default_factory=list)
    seen: set[tuple[int, int, Shape]] = field(default_factory=set)
    _noted: set[tuple[int, int, str]] = field(default_factory=set)
    _made: dict[int, Origin] = field(default_factory=dict)
    _unique: dict[tuple[frozenset[Definition], str], bool] = field(default_factory=dict)
    _lookups: dict[str, tuple[Lookup, ...]] = field(default_factory=dict)
    _loads: dict[tuple[int, str], list[Load]] = field(default_factory=dict)

    def run(self) -> None:
        """Follow what was put in until nothing new is found."""
        while self._waiting:
            reader, token = self._waiting.pop()
            reader(token)

    # -- slots -------------------------------------------------------------

    def put_name(
        self,
        module: Module,
        owner: Scope,
        name: str,
        token: Token,
        binding: Binding | None = None,
    ) -> None:
        """A name of a scope may hold a value, from one binding or from any."""
        if owner.kind is ScopeKind.CLASS:
            assert isinstance(owner.node, ast.ClassDef)
            self.put_attribute(Definition(module, owner.node), name, token)
        else:
            prefix = f"{module.name}." if owner.kind is ScopeKind.MODULE else ""
            token[0].held.setdefault(prefix + name)
        for each in (binding,) if binding else owner.bindings.get(name, (None,)):
            key = id(each or owner), name
            if key not in self.slots:
                self.slots[key] = slot = Slot(module, owner, name, each)
                slot.readers += self._name_readers(module, owner, name, each)
            self._put(self.slots[key], token)

    def note_given(self, function: ast.AST, found: Given) -> None:
        """A function is given values by one more call, or in one more way."""
        known = self.given.setdefault(id(function), [])
        if found not in known:
            known.append(found)
            for again in list(self.handed.get(id(function), ())):
                again()

    def put_elsewise(
        self, module: Module, function: ast.AST, name: str, token: Token
    ) -> None:
        """A parameter may hold a value, and by no call that is known."""
        self.note_given(function, Given(module, None))
        self.put_parameter(module, function, name, token)

    def put_parameter(
        self, module: Module, function: ast.AST, name: str, token: Token
    ) -> None:
        """A parameter of a function may hold a value."""
        scope = self.program.places.scope(module, function)
        binding = next(
            b for b in scope.bindings[name] if b.kind is BindingKind.PARAMETER
        )
        self.put_name(module, scope, name, token, binding)

    def put_attribute(self, owner: Definition, name: str, token: Token) -> None:
        """An attribute of a class's instances may hold a value."""
        class_name = getattr(owner.node, "name", "")
        token[0].held.setdefault(f"{owner.module.name}.{class_name}.{name}")
        key = id(owner.node), name
        if key not in self.slots:
            self.slots[key] = slot = Slot(owner.module, owner, name, None)
            slot.readers += self._attribute_readers(slot, owner, name)
        self._put(self.slots[key], token)

    def _put(self, slot: Slot, token: Token) -> None:
        key = id(token[0]), token[1]
        if key not in slot.tokens:
            slot.tokens[key] = token
            self._waiting += [(reader, token) for reader in reversed(slot.readers)]

    def loads(self, module: Module, owner: Scope, name: str) -> list[Load]:
        """The places of a file that read a name, each with what it may read."""
        key = id(owner), name
        if key not in self._loads:
            places = self.program.places.loads(module, name, owner)
            self._loads[key] = [(p, reaching(p, name, owner)) for p in places]
        return self._loads[key]

    def _name_readers(
        self, module: Module, owner: Scope, name: str, binding: Binding | None
    ) -> list[Reader]:
        found = [
            self._visitor(place)
            for place, bindings in self.loads(module, owner, name)
            if binding is None or binding in bindings
        ]
        if owner.kind is ScopeKind.MODULE:
            found += self._importing_readers(module, name)
            found += self._looked_up_in(module, module, name)
        return found

    def _looked_up_in(
        self, user: Module, module: Module, name: str
    ) -> Iterator[Reader]:
        """Where a file looks for a module-level name under a computed one."""
        for each in self._lookups_of(user):
            owner = each.owner
            is_it = (
                user is module
                if owner is None
                else module in self.program.places.modules(owner, user)
            )
            if is_it and each.may_be(name):
                yield self._looker(each)

    def _lookups_of(self, module: Module) -> tuple[Lookup, ...]:
        if module.path not in self._lookups:
            self._lookups[module.path] = tuple(lookups(self.program, module))
        return self._lookups[module.path]

    def _looker(self, lookup: Lookup) -> Reader:
        place = lookup.place
        if lookup.is_literal:
            return self._visitor(place)

        def look(token: Token) -> None:
            is_called = lookup.is_attribute and self._is_only_called(place)
            if is_called and not token[1] and not _may_be_called(token[0]):
                return
            what = f"{ast.unparse(place.node)} may be it"
            self.escape(place, token, "value.computed", what)

        return look

    def _is_only_called(self, place: Place) -> bool:
        """Whether what is found is called, maybe by a name, and asked for nothing."""
        if place.call is not None:
            return True
        match place.parent:
            case ast.Assign(targets=[ast.Name(id=name) as target]):
                owner = place.module.scopes.scope_of(target)
                if name not in owner.bindings or owner.kind is not ScopeKind.FUNCTION:
                    return False
                loads = self.loads(place.module, owner, name)
                return all(each.call is not None for each, _ in loads)
        return False

    def _visitor(self, place: Place) -> Reader:
        return lambda token: self.visit(place, token)

    def _importing_readers(self, module: Module, name: str) -> Iterator[Reader]:
        """A module-level name as other files of the repository reach it."""
        for user in self.program.taking.files(module, name):
            yield from self._imported(user, module, name)
            yield from self._looked_up_in(user, module, name)

    def _imported(self, user: Module, module: Module, name: str) -> Iterator[Reader]:
        for scope, each in user.scopes.taken(name):
            if takes(user, each, module.name):
                yield self._binder(user, scope, each.name, each)
        for place in self.program.places.attributes_in(user, name):
            assert isinstance(place.node, ast.Attribute)
            if module in self.program.places.modules(place.node.value, user):
                yield self._visitor(place)
        yield from self._starred(user, module, name)

    def _starred(self, user: Module, module: Module, name: str) -> Iterator[Reader]:
        for statement in user.scopes.module.star_imports:
            if user.absolute(statement) == module.name:
                for node, scope in user.scopes.loads(name):
                    if user.scopes.resolve(name, scope) is None:
                        yield self._visitor(self.program.places.place(user, node))

    def _binder(
        self, user: Module, scope: Scope, name: str, binding: Binding
    ) -> Reader:
        return lambda token: self.put_name(user, scope, name, token, binding)

    # -- attributes --------------------------------------------------------

    def _attribute_readers(
        self, slot: Slot, owner: Definition, name: str
    ) -> list[Reader]:
        """What reads an attribute: in the class's family, near it, and elsewhere.

        Files that name neither a class of the family nor its module cannot make an
        instance; what they may get is looked at only until one place is in doubt.
        """
        wanted = _Attribute(owner, self.program.classes.related(owner), name)
        own = {each.module.path: each.module for each in wanted.family}
        words = {getattr(c.node, "name", "") for c in wanted.family}
        names = {c.module.name for c in wanted.family}
        near, far = sorted(own), list[str]()
        for path in self.program.words.dotted(name):
            if path not in own:
                is_near = self._is_near(path, words, names)
                (near if is_near else far).append(path)
        found: list[Reader] = []
        doubtful: list[Place] = []
        for path in near:
            self._read_in(path, wanted, found, doubtful)
        if name in _ENTER:
            found += self._entering(wanted.family, words)
        return found + self._guesses(slot, wanted, far, doubtful)

    def _is_near(self, path: str, words: set[str], names: set[str]) -> bool:
        """Whether a file names one of some classes, or imports the file of one."""
        if not names.isdisjoint(self.program.project.imported_modules(path)):
            return True
        found = self.program.words
        return any(True for word in words for _ in found.ends(path, word))

    def _guesses(
        self, slot: Slot, wanted: _Attribute, far: list[str], doubtful: list[Place]
    ) -> list[Reader]:
        """Reads through a receiver that is not known: one of them says it all.

        If no other class has an attribute of that name, each is taken for a use.
        """
        if not far and not doubtful:
            return []
        if not self._is_unique(wanted.family, wanted.name):
            return [self._searcher(slot, wanted, far, doubtful)]
        found: list[Reader] = []
        for path in far:
            self._read_in(path, wanted, found, doubtful)
        return [*found, *(self._by_name(place) for place in doubtful)]

    def _searcher(
        self, slot: Slot, wanted: _Attribute, far: list[str], doubtful: list[Place]
    ) -> Reader:
        """Looks for one place that may read the attribute, no further than that."""
        waiting = far[::-1]

        def search(token: Token) -> None:
            place = next((p for p in doubtful if self._may_read(p, token)), None)
            while place is None and waiting:
                found: list[Reader] = []
                known = len(doubtful)
                self._read_in(waiting.pop(), wanted, found, doubtful)
                slot.readers += found
                self._waiting += [(r, t) for t in slot.tokens.values() for r in found]
                new = doubtful[known:]
                place = next((p for p in new if self._may_read(p, token)), None)
            if place is not None:
                what = f"{ast.unparse(place.node)} may be it"
                self.escape(place, token, "value.elsewhere", what)

        return search

    def _may_read(self, place: Place, token: Token) -> bool:
        """Whether a place may read an object through a receiver that is not known.

        Not if it is asked for what such an object does not have, nor through another
        object of Eventlet's; nor where a test asks a mock whether it was called. So it
        is with what a function gives that is called there, and maybe dropped.
        """
        assert isinstance(place.node, ast.Attribute)
        if () in self.visited.get(id(place.node.value), ()):
            return False
        if not _is_call(token):
            return _may_do(place, token)
        if place.call is None:
            return not _is_no_call(place.parent)
        result = place.up()
        is_dropped = isinstance(result.parent, ast.Expr)
        return not is_dropped and _may_do(result, (token[0], token[1][1:]))

    def _entering(
        self, family: frozenset[Definition], words: set[str]
    ) -> Iterator[Reader]:
        """``with C() as x``, where ``C`` is a class of the family."""
        for path in self.program.project.containing(map(as_bytes, sorted(words))):
            module = self.program.project.module(path)
            for scope in module.scopes.scopes if module else ():
                for binding in chain.from_iterable(scope.bindings.values()):
                    if module and binding.kind is BindingKind.WITH:
                        yield from self._entered(module, binding, family)

    def _entered(
        self, module: Module, binding: Binding, family: frozenset[Definition]
    ) -> Iterator[Reader]:
        assert isinstance(binding.node, (ast.With, ast.AsyncWith))
        for item in binding.node.items:
            target, manager = item.optional_vars, item.context_expr
            if target is not None and (
                self.program.receivers.receiver(manager, module).classes & family
            ):
                place = self.program.places.place(module, manager)
                yield self._enterer(place, item, target)

    def _enterer(self, place: Place, item: ast.withitem, target: ast.expr) -> Reader:
        def enter(token: Token) -> None:
            if token[1][:1] == ("call",):
                self.entered.add(id(item))
                self.bind(place, target, (token[0], token[1][1:]))

        return enter

    def _read_in(
        self, path: str, wanted: _Attribute, found: list[Reader], doubtful: list[Place]
    ) -> None:
        """Add what reads an attribute in one file, by a dot or by a string."""
        module = self.program.project.module(path)
        if module is None:
            return
        for place in self.program.places.attributes_in(module, wanted.name):
            assert isinstance(place.node, ast.Attribute)
            if isinstance(place.node.ctx, ast.Load):
                self._read_at(place, place.node.value, wanted, found, doubtful)
        for each in self._lookups_of(module):
            if each.owner is not None and each.may_be(wanted.name):
                receiver = self.program.receivers.receiver(each.owner, module)
                if receiver.classes & wanted.family and self._is_asked(each, wanted):
                    found.append(self._looker(each))

    def _is_asked(self, lookup: Lookup, wanted: _Attribute) -> bool:
        """Whether a class that hands on what it is asked for is asked for a name.

        What may be of any class is in doubt by itself, unless what else is asked of it
        tells that it is none of those wanted: then it may be of this one.
        """
        if lookup.asked is None:
            return True
        program = self.program
        own = program.classes.related(Definition(lookup.place.module, lookup.asked))
        for path in program.words.dotted(wanted.name):
            module = program.project.module(path)
            for place in (
                program.places.attributes_in(module, wanted.name) if module else ()
            ):
                assert isinstance(place.node, ast.Attribute)
                receiver = program.receivers.receiver(place.node.value, place.module)
                if receiver.classes & own or (
                    receiver.unknown and is_unlike(program, place, wanted.family)
                ):
                    return True
        others = chain.from_iterable(
            self._lookups_of(each)
            for each in {id(c.module): c.module for c in own}.values()
        )
        return any(
            program.receivers.receiver(each.owner, each.place.module).classes & own
            for each in others
            if each.owner is not None and each.may_be(wanted.name)
        )

    def _read_at(
        self,
        place: Place,
        expr: ast.expr,
        wanted: _Attribute,
        found: list[Reader],
        doubtful: list[Place],
    ) -> None:
        """Add what reads the attribute at a place, if it may be the one wanted."""
        receiver = self.program.receivers.receiver(expr, place.module)
        ours = receiver.classes & wanted.family
        if ours:
            if self.program.classes.may_be_of(ours, wanted.owner, wanted.name):
                found.append(self._visitor(place))
        elif (
            receiver.unknown
            and not (receiver.is_self or receiver.modules)
            and not self.program.meanings.is_foreign(expr, place.module)
            and not self.program.meanings.is_imported(expr, place.module)
            and not self.program.meanings.is_of_others(expr, place.module)
            and not is_unlike(self.program, place, wanted.family)
        ):
            doubtful.append(place)

    def _by_name(self, place: Place) -> Reader:
        """A guess: a member that is used right here counts, nothing is followed."""

        def guess(token: Token) -> None:
            if self._may_read(place, token):
                what = ast.unparse(place.node)
                self.escape(place, token, "value.by-name", what)
                if isinstance(place.parent, ast.Attribute) and not token[1]:
                    self.visit(place, token)

        return guess

    def _is_unique(self, family: frozenset[Definition], name: str) -> bool:
        """Whether no other class of the repository has a member of that name."""
        key = (family, name)
        if key not in self._unique:
            self._unique[key] = not (
                name in kinds.COMMON
                or name.startswith("__")
                or self.program.classes.stored_elsewhere(name, family)
                or any(
                    not self._is_of(d, family)
                    for d in self.program.classes.defining(name)
                )
            )
        return self._unique[key]

    def _is_of(self, method: Definition, family: frozenset[Definition]) -> bool:
        assert isinstance(method.node, FUNCTIONS)
        return self.program.places.class_of(method.module, method.node) in family

    # -- places ------------------------------------------------------------

    def visit(self, place: Place, token: Token) -> None:
        """An expression may have a value: see what becomes of it there."""
        key = (id(place.node), id(token[0]), token[1])
        if key in self.seen:
            return
        self.seen.add(key)
        self.visited.setdefault(id(place.node), set()).add(normal(token[1]))
        if token[0].api == IDENTITY:
            self.identities.append((place, token))
        if token[0].kind in kinds.POOLED and not token[0].is_shared:
            token[0].is_shared = bool(token[1]) or not is_kept(self.program, place)
        if len(token[1]) > _DEPTH:
            self.escape(place, token, "value.deep", "")
            return
        rule = self.rules.get(type(place.parent))
        if rule is None:
            self.escape(place, token, "value.stored", _words(place.parent))
        else:
            rule(self, place, token)

    def up(self, place: Place, token: Token) -> None:
        """The expression around this one has the value, too."""
        self.visit(place.up(), token)

    def bind(self, place: Place, target: ast.expr, token: Token) -> None:
        """A value is assigned to a target."""
        if isinstance(target, ast.Name):
            self._bind_name(place, target, token)
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(place, target, token)
        elif isinstance(target, ast.Subscript):
            self._store_under(place, target, token)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each, inner in unpacked(target.elts, token):
                self.bind(place, each, inner)

    def _bind_name(self, place: Place, target: ast.Name, token: Token) -> None:
        scopes = place.module.scopes
        owner = scopes.resolve(target.id, scopes.scope_of(target))
        if owner is not None:
            around = {id(node) for node in (*place.parents, place.node, target)}
            binding = next(
                (b for b in owner.bindings[target.id] if _belongs(b, around, target)),
                None,
            )
            self.put_name(place.module, owner, target.id, token, binding)

    def _bind_attribute(
        self, place: Place, target: ast.Attribute, token: Token
    ) -> None:
        receiver = self.program.receivers.receiver(target.value, place.module)
        made_below = self.program.classes.makers(receiver, place.node, token[0])
        for owner in made_below or receiver.classes:
            self.put_attribute(owner, target.attr, token)
            self._set(owner, target.attr, token)
        for module in receiver.modules:
            self.put_name(module, module.scopes.module, target.attr, token)
        if receiver.unknown or not (receiver.classes or receiver.modules):
            what = f"in {ast.unparse(target)}"
            self.escape(place, token, "value.stored", what)

    def _set(self, owner: Definition, name: str, token: Token) -> None:
        """A property's setter gets the value."""
        for each in self.program.classes.defined(owner, name):
            if "setter" in decorator_names(each.node):
                arguments = getattr(each.node, "args", None)
                assert isinstance(arguments, ast.arguments)
                for value in arguments.args[1:2]:
                    self.put_elsewise(each.module, each.node, value.arg, token)

    def store(self, place: Place, container: ast.expr, token: Token) -> None:
        """A value is put into a container: whatever holds that, holds it."""
        if len(token[1]) > _DEPTH:
            self.escape(place, token, "value.deep", "")
            return
        for each in parts(container) or [container]:
            self._store_in(place, each, token)

    def _store_in(self, place: Place, container: ast.expr, token: Token) -> None:
        if parts(container) is not None:
            self.store(place, container, token)
        elif _is_by_string(container):
            what = f"in {ast.unparse(container)}"
            self.escape(place, token, "value.computed", what)
        elif isinstance(container, ast.Subscript):
            self._store_under(place, container, token)
        elif isinstance(container, ast.Call):
            if not self._store_given(place, container, token):
                what = f"in {ast.unparse(container)}"
                self.escape(place, token, "value.stored", what)
        elif isinstance(container, ast.Name):
            self._store_named(place, container, token)
        elif isinstance(container, ast.Attribute):
            self._bind_attribute(place, container, token)
            self._store_assigned(place, container, token)
        elif not isinstance(container, _DISPLAYS):
            what = f"in {ast.unparse(container)}"
            self.escape(place, token, "value.stored", what)

    def _store_under(self, place: Place, target: ast.Subscript, token: Token) -> None:
        """A value is put under a key or at a position."""
        inside = at(target.slice) or self._wrapper(place, target.value)
        self.store(place, target.value, wrapped(inside, token))

    def _wrapper(self, place: Place, container: ast.expr) -> str:
        """How a container holds what is put under a key that is not known."""
        is_dict = self.program.meanings.is_dict(container, place.module)
        return {True: "value", False: "item", None: "slot"}[is_dict]

    def _store_given(self, place: Place, call: ast.Call, token: Token) -> bool:
        """A value is put into what a call gives; whether it is known what that is.

        That is a part of another container, or what a function of ours returns.
        """
        found = self.program.meanings.definitions(call.func, place.module)
        if any(found):
            for each in filter(None, found):
                self._store_returned(each, token)
            return all(found)
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr not in kinds.GIVERS:
            return False
        key = at(call.args[0] if call.args else None)
        inside = key or self._wrapper(place, func.value)
        self.store(place, func.value, wrapped(inside, token))
        return True

    def _store_returned(self, function: Definition, token: Token) -> None:
        node, module = function.node, function.module
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for each in self.program.places.results(node):
                if isinstance(each, ast.Return) and each.value is not None:
                    self._store_once(
                        self.program.places.place(module, each.value), token
                    )

    def _store_once(self, place: Place, token: Token) -> None:
        """A value is put into what an expression gives, if that is not known yet."""
        assert isinstance(place.node, ast.expr)
        key = (id(place.node), id(token[0]), ("stored", *token[1]))
        if key not in self.seen:
            self.seen.add(key)
            self.store(place, place.node, token)

    def _store_assigned(
        self, place: Place, container: ast.Attribute, token: Token
    ) -> None:
        """The container is known where the attribute was taken from, too."""
        program = self.program
        for owner in program.receivers.receiver(container.value, place.module).classes:
            for each in (owner, *program.classes.above(owner)):
                for value in program.classes.stores(each).get(container.attr, ()):
                    if value is not None and self._is_shared(each.module, value):
                        self._store_once(
                            program.places.place(each.module, value), token
                        )

    def _is_shared(self, module: Module, value: ast.expr) -> bool:
        """Whether an expression gives a container that something else holds."""
        if isinstance(value, ast.Name):
            owner = module.scopes.resolve(value.id, module.scopes.scope_of(value))
            return owner is not None and owner.kind is ScopeKind.MODULE
        if isinstance(value, ast.Call):
            is_part = isinstance(value.func, ast.Attribute) and (
                value.func.attr in kinds.GIVERS
            )
            return is_part or any(self.program.meanings.definitions(value.func, module))
        return isinstance(value, (ast.Attribute, ast.Subscript, ast.BoolOp, ast.IfExp))

    def _store_named(self, place: Place, container: ast.Name, token: Token) -> None:
        scopes = place.module.scopes
        scope = scopes.scope_of(container)
        owner = scopes.resolve(container.id, scope)
        if owner is None:
            self.escape(place, token, "value.stored", f"in {container.id}")
            return
        here = self.program.places.place(place.module, container)
        for binding in reaching(here, container.id, owner):
            self.put_name(place.module, owner, container.id, token, binding)
            self._store_behind(place, container.id, binding, token)

    def _store_behind(
        self, place: Place, name: str, binding: Binding, token: Token
    ) -> None:
        """The container is known under the name that it was taken from, too."""
        if binding.kind is BindingKind.PARAMETER:
            what = f"in {name}, which belongs to the caller"
            self.escape(place, token, "value.stored", what)
        elif binding.kind is BindingKind.FROM_IMPORT:
            self.escape(place, token, "value.stored", f"in {name} of another file")
        elif isinstance(binding.node, (ast.For, ast.AsyncFor)):
            self._store_looped(place, name, binding.node, token)
        else:
            value = binding.value
            is_name = isinstance(value, ast.Name)
            if value is None:
                return
            if is_name or self._is_shared(place.module, value):
                self._store_once(self.program.places.place(place.module, value), token)

    def _store_looped(
        self, place: Place, name: str, loop: ast.For | ast.AsyncFor, token: Token
    ) -> None:
        """The container is one of those that a loop goes over."""
        held, inside = loop.iter, "item"
        func = held.func if isinstance(held, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr in ("values", "items"):
            held, inside = func.value, "value"
        if inside == "item" and not isinstance(loop.target, ast.Name):
            what = f"in {name}, which {ast.unparse(loop.iter)} gives"
            self.escape(place, token, "value.stored", what)
        else:
            self.store(place, held, wrapped(inside, token))

    # -- results -----------------------------------------------------------

    def give(self, place: Place, function: Function, token: Token) -> None:
        """A function returns a value."""
        module = place.module
        if isinstance(function, ast.Lambda):
            self.visit(
                self.program.places.place(module, function), wrapped("call", token)
            )
            return
        decorators = decorator_names(function)
        if decorators & _ENTERED and token[1][:1] == ("item",):
            token = wrapped("enter", (token[0], token[1][1:]))
        if decorators & _FIXTURES:
            is_yielded = token[1][:1] == ("item",) and _yields(function)
            given = (token[0], token[1][1:]) if is_yielded else token
            self._inject(place, function, given)
            return
        if not decorators & PROPERTIES:
            token = wrapped("call", token)
        others = changing(self.program, function, module)
        unknown = others - _ENTERED - PROPERTIES
        if unknown:
            what = f"{function.name}() is decorated with {min(unknown)}"
            self.escape(place, token, "value.returned", what)
        owner = self.program.places.class_of(module, function)
        if owner is not None and self.program.classes.is_called_back(
            owner, function.name
        ):
            what = f"{function.name}() is called by a foreign base"
            self.escape(place, token, "value.returned", what)
        if _is_special(function.name):
            what = f"Python calls {function.name}() where nothing says its name"
            self.escape(place, token, "value.returned", what)
        if owner is not None and decorators & PROPERTIES:
            self.put_attribute(owner, function.name, token)
        else:
            self._give_by_name(module, function, token)

    def _give_by_name(
        self,
        module: Module,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        token: Token,
    ) -> None:
        outer = self.program.places.scope(module, function).parent
        while outer is not None and outer.kind is ScopeKind.TYPE_PARAMETERS:
            outer = outer.parent
        assert outer is not None
        home = module.scopes.resolve(function.name, outer) or outer
        binding = next(
            (b for b in home.bindings[function.name] if b.node is function), None
        )
        self.put_name(module, home, function.name, token, binding)

    def _inject(
        self,
        place: Place,
        fixture: ast.FunctionDef | ast.AsyncFunctionDef,
        token: Token,
    ) -> None:
        """A fixture's value is what tests' parameters of its name get."""
        module, name = place.module, _fixture_name(fixture)
        folder = module.path.rpartition("/")[0]
        everywhere = module.path.rpartition("/")[2] == "conftest.py"
        users = [module]
        if everywhere:
            project = self.program.project
            paths = self.program.words.holding(name)
            inside = [p for p in paths if p.startswith(folder and folder + "/")]
            users = [m for p in inside if (m := project.module(p)) is not None]
        for user in users:
            for scope in user.scopes.scopes:
                if _is_pytests(scope.node) and any(
                    b.kind is BindingKind.PARAMETER
                    for b in scope.bindings.get(name, ())
                ):
                    self.put_elsewise(user, scope.node, name, token)

    # -- notes -------------------------------------------------------------

    def escape(self, place: Place, token: Token, reason: str, detail: str) -> None:
        """Note where a value is lost; once for each place and reason."""
        origin = token[0]
        key = (id(origin), id(place.node), reason)
        if key not in self._noted:
            self._noted.add(key)
            origin.escapes.append(Escape(place.module, place.node, reason, detail))

    def member(self, place: Place, origin: Origin, name: str, result: str) -> None:
        """Note a use; once for each place and name."""
        key = (id(origin), id(place.node), f"member {name}")
        if key not in self._noted:
            self._noted.add(key)
            function = self.program.places.function_of(place)
            origin.members.append(Member(place, name, result, function))

    def iterate(self, place: Place, token: Token) -> bool:
        """Note that an object is iterated over, if it is one for that."""
        is_it = not token[1] and "iter" in kinds.MEMBERS.get(token[0].kind, ())
        if is_it:
            self.member(place, token[0], "iter", "iterated")
        return is_it

    def look(self, place: Place, token: Token, name: str) -> None:
        """Note that a started thread is asked what only it answers in that way."""
        origin, shape = token
        if not shape and origin.api in kinds.STARTED and name in kinds.QUESTIONS:
            self.member(place, origin, name, "condition")

    def elements(self, place: Place, token: Token) -> Token | None:
        """What a loop over a container gives; in doubt where it may be a dict."""
        if token[1][:1] == ("slot",):
            what = f"the keys of {ast.unparse(place.node)} may be what is meant"
            self.escape(place, token, "value.mixed", what)
        return iterated(token)

    def start(self, origin: Origin, place: Place, shape: Shape = ()) -> None:
        """Begin to follow an object from the expression that makes it."""
        self._waiting.append((self._visitor(place), (origin, shape)))

    def product(self, place: Place, source: Origin, name: str) -> None:
        """What a method gives, if it is an object of Eventlet's, too."""
        made = kinds.PRODUCTS.get((source.kind, name))
        if made is None or not isinstance(place.parent, ast.Call):
            return
        call = place.up()
        kind, shape = made
        if id(call.node) not in self._made:
            origin = Origin(
                kind, call.module, call.node, "product",
                f"{source.api}.{name}", result_of(call), source=source,
            )  # fmt: skip
            self._made[id(call.node)] = origin
            self.products.append(origin)
            self.start(origin, call, shape)


# -- small facts about nodes ---------------------------------------------------


def result_of(place: Place) -> str:
    """What becomes of the value of a call, in a word."""
    parent = place.parent
    if isinstance(parent, (ast.Await, ast.NamedExpr, ast.Starred)):
        return result_of(place.up())
    for types, word in _RESULTS:
        if isinstance(parent, types):
            return word
    return "used"


_RESULTS: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.Expr,), "discarded"),
    ((ast.Assign, ast.AnnAssign, ast.AugAssign), "assigned"),
    ((ast.Return, ast.Lambda, ast.Yield), "returned"),
    ((ast.Call, ast.keyword), "argument"),
    ((ast.If, ast.While, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Assert),
     "condition"),
    ((ast.For, ast.comprehension), "iterated"),
    ((ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp, ast.List, ast.Tuple,
      ast.Set, ast.Dict), "collected"),
    ((ast.withitem,), "entered"),
    ((ast.Attribute,), "used"),
)  # fmt: skip


def _belongs(binding: Binding, around: set[int], target: ast.Name) -> bool:
    """Whether a binding is the one that a target belongs to."""
    if binding.kind is BindingKind.COMPREHENSION:
        return any(node is target for node in ast.walk(binding.node))
    return id(binding.node) in around


def _fixture_name(fixture: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name that tests ask for a fixture by."""
    for decorator in fixture.decorator_list:
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return fixture.name


def _is_pytests(function: ast.AST) -> bool:
    """Whether pytest calls a function, so that its parameters are fixtures."""
    return isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
        function.name.startswith("test") or bool(decorator_names(function) & _FIXTURES)
    )


def _asked_of(place: Place) -> str | None:
    """The attribute that the object at a place surely has, if one is asked for.

    ``x.name``, and ``mock.patch.object(x, "name")``, which looks for it first.
    """
    match place.parent:
        case ast.Attribute(attr=name):
            return name
        case ast.Call(
            func=ast.Attribute(attr="object"),
            args=[first, ast.Constant(value=str(name)), *_],
            keywords=keywords,
        ) if first is place.node:
            return None if {k.arg for k in keywords} - {"autospec"} else name
    return None


def _is_call(token: Token) -> bool:
    """Whether a value is a function that gives an object."""
    return token[1][:1] == ("call",)


def _may_do(place: Place, token: Token) -> bool:
    """Whether what is done with a value may be done with an object of its kind."""
    origin, shape = token
    known = kinds.MEMBERS.get(origin.kind)
    if shape or known is None:
        return True
    has = known | origin.own
    if place.call is not None:
        return _may_be_called(origin)
    asked = _asked_of(place)
    return asked is None or asked in has or asked.startswith("__")


def _may_be_called(origin: Origin) -> bool:
    """Whether an object of some kind can be called itself."""
    known = kinds.MEMBERS.get(origin.kind)
    return known is None or not (known | origin.own).isdisjoint(("call", "__call__"))


def _is_no_call(parent: ast.AST) -> bool:
    """Whether a function that stands below is not called for its result.

    A mock is asked ``….assert_called_once_with()``; a test compares what is there.
    """
    if isinstance(parent, ast.Call):
        return getattr(parent.func, "attr", "") in ("assertEqual", "assertNotEqual")
    name = getattr(parent, "attr", "")
    return name.startswith("assert_") or name in ("called", "call_count", "reset_mock")


def _is_special(name: str) -> bool:
    """``__getitem__``: a call of it is ``x[0]``. Those of ``with`` are looked for."""
    return name.startswith("__") and name.endswith("__") and name not in _ENTER


def _is_by_string(container: ast.expr) -> bool:
    """``vars(x)``, ``globals()``, ``x.__dict__``: what holds names as strings."""
    if isinstance(container, ast.Call):
        return getattr(container.func, "id", "") in _BY_STRING
    return isinstance(container, ast.Attribute) and container.attr == "__dict__"


def _yields(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield) for node in ast.walk(function))


def _words(node: ast.AST) -> str:
    return f"in a {type(node).__name__}"
