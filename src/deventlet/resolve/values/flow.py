"""Where values go: from the places that make them to every use, as a worklist.

Flow-insensitive and by place of creation: what a name may hold anywhere, it may hold
everywhere. Follows what CENSUS sections 2a to 3 show; where a value goes on to what
is not followed, that is an escape with its reason, never silence. Runs no code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.model import (
    Escape,
    Member,
    Origin,
    Place,
    Shape,
    Token,
)
from deventlet.resolve.values.program import (
    FUNCTIONS,
    Definition,
    Function,
    Program,
    decorator_names,
)

_DEPTH = 4
"""In how many containers, tuples and functions a value is followed."""
_FIXTURES = frozenset({"fixture", "yield_fixture"})
_ENTERED = frozenset({"contextmanager", "asynccontextmanager"})
_PROPERTIES = frozenset({
    "property", "cached_property", "memoized_property", "getter",
})  # fmt: skip
_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "abstractmethod", "wraps", "override",
})  # fmt: skip

_Slot: TypeAlias = tuple[str, int, str]


@dataclass(eq=False)
class Flow:
    """One run of the worklist over one program."""

    program: Program
    carriers: set[int] = field(default_factory=set)
    """Expressions whose value was bound to a name or an attribute that is followed."""
    reached: dict[_Slot, dict[tuple[int, Shape], Token]] = field(default_factory=dict)
    products: list[Origin] = field(default_factory=list)
    _readers: dict[_Slot, list[Callable[[Token], None]]] = field(default_factory=dict)
    _waiting: list[tuple[Callable[[Token], None], Token]] = field(default_factory=list)
    _seen: set[tuple[int, int, Shape]] = field(default_factory=set)
    _noted: set[tuple[int, int, str]] = field(default_factory=set)
    _made: dict[int, Origin] = field(default_factory=dict)
    _unique: dict[tuple[frozenset[Definition], str], bool] = field(default_factory=dict)

    def run(self) -> None:
        """Follow what was put in until nothing new is found."""
        while self._waiting:
            reader, token = self._waiting.pop()
            reader(token)

    # -- slots -------------------------------------------------------------

    def put_name(self, module: Module, owner: Scope, name: str, token: Token) -> None:
        """A name of a scope may hold a value."""
        origin, _ = token
        if owner.kind is ScopeKind.CLASS:
            assert isinstance(owner.node, ast.ClassDef)
            self.put_attribute(Definition(module, owner.node), name, token)
        prefix = f"{module.name}." if owner.kind is ScopeKind.MODULE else ""
        if owner.kind is not ScopeKind.CLASS:
            origin.held.setdefault(prefix + name)
        slot = ("name " + module.path, id(owner), name)
        self._put(slot, token, lambda: self._name_readers(module, owner, name))

    def put_attribute(self, owner: Definition, name: str, token: Token) -> None:
        """An attribute of a class's instances may hold a value."""
        origin, _ = token
        class_name = getattr(owner.node, "name", "")
        origin.held.setdefault(f"{owner.module.name}.{class_name}.{name}")
        slot = ("attribute " + owner.module.path, id(owner.node), name)
        self._put(slot, token, lambda: self._attribute_readers(owner, name))

    def _put(
        self,
        slot: _Slot,
        token: Token,
        readers: Callable[[], list[Callable[[Token], None]]],
    ) -> None:
        held = self.reached.setdefault(slot, {})
        key = (id(token[0]), token[1])
        if key in held:
            return
        held[key] = token
        if slot not in self._readers:
            self._readers[slot] = readers()
        self._waiting += [(reader, token) for reader in reversed(self._readers[slot])]

    def _name_readers(
        self, module: Module, owner: Scope, name: str
    ) -> list[Callable[[Token], None]]:
        found = [self._visitor(p) for p in self.program.loads(module, name, owner)]
        if owner.kind is ScopeKind.MODULE:
            found += self._importing_readers(module, name)
        return found

    def _visitor(self, place: Place) -> Callable[[Token], None]:
        return lambda token: self.visit(place, token)

    def _importing_readers(
        self, module: Module, name: str
    ) -> Iterator[Callable[[Token], None]]:
        """A module-level name as other files of the repository reach it."""
        project = self.program.project
        for path in self.program.words.holding(name):
            if path != module.path and module.name in project.imported_modules(path):
                user = project.module(path)
                if user is not None:
                    yield from self._imported(user, module, name)

    def _imported(
        self, user: Module, module: Module, name: str
    ) -> Iterator[Callable[[Token], None]]:
        for scope in user.scopes.scopes:
            for local, bindings in scope.bindings.items():
                if any(_takes(user, b, module.name, name) for b in bindings):
                    yield self._binder(user, scope, local)
        for place in self.program.attributes_in(user, name):
            assert isinstance(place.node, ast.Attribute)
            if module in self.program.modules(place.node.value, user):
                yield self._visitor(place)
        for statement in user.scopes.module.star_imports:
            if user.absolute(statement) == module.name:
                for node, scope in user.scopes.loads(name):
                    if user.scopes.resolve(name, scope) is None:
                        yield self._visitor(self.program.place(user, node))

    def _binder(self, user: Module, scope: Scope, name: str) -> Callable[[Token], None]:
        return lambda token: self.put_name(user, scope, name, token)

    # -- attributes --------------------------------------------------------

    def _attribute_readers(
        self, owner: Definition, name: str
    ) -> list[Callable[[Token], None]]:
        """What reads an attribute: in the class's family, near it, and elsewhere.

        Files that name neither a class of the family nor its module cannot make an
        instance; what they may get is looked at only until one place is in doubt.
        """
        family = self.program.related(owner)
        own = {each.module.path: each.module for each in family}
        found = [
            reader
            for path in sorted(own)
            for place in self.program.attributes_in(own[path], name)
            if (reader := self._attribute_reader(family, name, place))
        ]
        words = {getattr(c.node, "name", "").encode() for c in family}
        words |= {c.module.name.rpartition(".")[2].encode() for c in family}
        far = []
        for path in self.program.words.dotted(name):
            raw = self.program.project.read_or_empty(path)
            if path in own:
                continue
            if any(word in raw for word in words):
                found += self._readers_in(path, family, name)
            else:
                far.append(path)
        return found + self._far_readers(far, family, name)

    def _readers_in(
        self, path: str, family: frozenset[Definition], name: str
    ) -> list[Callable[[Token], None]]:
        module = self.program.project.module(path)
        places = self.program.attributes_in(module, name) if module else ()
        readers = (self._attribute_reader(family, name, place) for place in places)
        return [reader for reader in readers if reader is not None]

    def _far_readers(
        self, far: list[str], family: frozenset[Definition], name: str
    ) -> list[Callable[[Token], None]]:
        if not self._is_unique(family, name):
            for path in far:
                found = self._readers_in(path, family, name)
                if found:
                    return found[:1]
            return []
        return [r for path in far for r in self._readers_in(path, family, name)]

    def _attribute_reader(
        self, family: frozenset[Definition], name: str, place: Place
    ) -> Callable[[Token], None] | None:
        """What reads the attribute at a place; None if it is another's."""
        assert isinstance(place.node, ast.Attribute)
        if not isinstance(place.node.ctx, ast.Load):
            return None
        receiver = self.program.receiver(place.node.value, place.module)
        if receiver.classes & family:
            return self._visitor(place)
        if receiver.is_self or receiver.modules or not receiver.unknown:
            return None
        if self._is_unique(family, name):
            return lambda token: self._by_name(place, token)
        return lambda token: self.escape(
            place, token, "value.elsewhere", f"{ast.unparse(place.node)} may be it"
        )

    def _by_name(self, place: Place, token: Token) -> None:
        """A guess: a member that is used right here counts, nothing is followed."""
        self.escape(place, token, "value.by-name", ast.unparse(place.node))
        if isinstance(place.parent, ast.Attribute) and not token[1]:
            self.visit(place, token)

    def _is_unique(self, family: frozenset[Definition], name: str) -> bool:
        """Whether no other class of the repository has a member of that name."""
        key = (family, name)
        if key not in self._unique:
            self._unique[key] = not (
                name in kinds.COMMON
                or name.startswith("__")
                or self.program.stored_elsewhere(name, family)
                or any(not self._is_of(d, family) for d in self.program.defining(name))
            )
        return self._unique[key]

    def _is_of(self, method: Definition, family: frozenset[Definition]) -> bool:
        assert isinstance(method.node, FUNCTIONS)
        return self.program.class_of(method.module, method.node) in family

    # -- places ------------------------------------------------------------

    def visit(self, place: Place, token: Token) -> None:
        """An expression may have a value: see what becomes of it there."""
        key = (id(place.node), id(token[0]), token[1])
        if key in self._seen:
            return
        self._seen.add(key)
        if len(token[1]) > _DEPTH:
            self.escape(place, token, "value.deep", "")
            return
        handler = _HANDLERS.get(type(place.parent))
        if handler is None:
            self.escape(place, token, "value.stored", _words(place.parent))
        else:
            handler(self, place, token)

    def up(self, place: Place, token: Token) -> None:
        """The expression around this one has the value, too."""
        self.visit(place.up(), token)

    def bind(self, place: Place, target: ast.expr, token: Token) -> None:
        """A value is assigned to a target."""
        self.carriers.add(id(place.node))
        if isinstance(target, ast.Name):
            self._bind_name(place, target, token)
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(place, target, token)
        elif isinstance(target, ast.Subscript):
            inside = at(target.slice) or "item"
            self.store(place, target.value, wrapped(inside, token))
        elif isinstance(target, ast.Starred):
            self.bind(place, target.value, token)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, each in enumerate(target.elts):
                inner = element(token, index)
                if inner is not None:
                    self.bind(place, each, inner)

    def _bind_name(self, place: Place, target: ast.Name, token: Token) -> None:
        scopes = place.module.scopes
        owner = scopes.resolve(target.id, scopes.scope_of(target))
        if owner is not None:
            self.put_name(place.module, owner, target.id, token)

    def _bind_attribute(
        self, place: Place, target: ast.Attribute, token: Token
    ) -> None:
        receiver = self.program.receiver(target.value, place.module)
        for owner in receiver.classes:
            self.put_attribute(owner, target.attr, token)
        for module in receiver.modules:
            self.put_name(module, module.scopes.module, target.attr, token)
        if receiver.unknown or not (receiver.classes or receiver.modules):
            what = f"in {ast.unparse(target)}"
            self.escape(place, token, "value.stored", what)

    def store(self, place: Place, container: ast.expr, token: Token) -> None:
        """A value is put into a container: whatever holds that, holds it."""
        if isinstance(container, ast.Subscript):
            inside = at(container.slice) or "item"
            self.store(place, container.value, wrapped(inside, token))
        elif isinstance(container, ast.Call) and isinstance(
            container.func, ast.Attribute
        ):
            self.store(place, container.func.value, wrapped("item", token))
        elif isinstance(container, ast.Name):
            self._store_named(place, container, token)
        elif isinstance(container, ast.Attribute):
            self._bind_attribute(place, container, token)
        else:
            what = f"in {ast.unparse(container)}"
            self.escape(place, token, "value.stored", what)

    def _store_named(self, place: Place, container: ast.Name, token: Token) -> None:
        scopes = place.module.scopes
        scope = scopes.scope_of(container)
        owner = scopes.resolve(container.id, scope)
        if owner is None:
            self.escape(place, token, "value.stored", f"in {container.id}")
            return
        self.put_name(place.module, owner, container.id, token)
        for binding in owner.bindings[container.id]:
            self._store_behind(place, container.id, binding, token)

    def _store_behind(
        self, place: Place, name: str, binding: Binding, token: Token
    ) -> None:
        """The container is known under the name that it was taken from, too."""
        if binding.kind is BindingKind.PARAMETER:
            what = f"in {name}, which belongs to the caller"
            self.escape(place, token, "value.stored", what)
        value = binding.value
        if binding.kind is BindingKind.FROM_IMPORT:
            self.escape(place, token, "value.stored", f"in {name} of another file")
        elif isinstance(value, (ast.Name, ast.Attribute)) and value is not place.node:
            key = (id(value), id(token[0]), ("stored", *token[1]))
            if key not in self._seen:
                self._seen.add(key)
                self.store(place, value, token)

    # -- results -----------------------------------------------------------

    def give(self, place: Place, function: Function, token: Token) -> None:
        """A function returns a value."""
        module = place.module
        if isinstance(function, ast.Lambda):
            self.visit(self.program.place(module, function), wrapped("call", token))
            return
        decorators = decorator_names(function)
        if decorators & _ENTERED and token[1][:1] == ("item",):
            token = wrapped("enter", (token[0], token[1][1:]))
        if decorators & _FIXTURES:
            is_yielded = token[1][:1] == ("item",) and _yields(function)
            given = (token[0], token[1][1:]) if is_yielded else token
            self._inject(place, function, given)
            return
        if not decorators & _PROPERTIES:
            token = wrapped("call", token)
        unknown = decorators - _TRANSPARENT - _ENTERED - _PROPERTIES
        if unknown:
            what = f"{function.name}() is decorated with {sorted(unknown)[0]}"
            self.escape(place, token, "value.returned", what)
        owner = self.program.scope(module, function).parent
        while owner is not None and owner.kind is ScopeKind.TYPE_PARAMETERS:
            owner = owner.parent
        assert owner is not None
        home = module.scopes.resolve(function.name, owner) or owner
        self.put_name(module, home, function.name, token)

    def _inject(
        self,
        place: Place,
        fixture: ast.FunctionDef | ast.AsyncFunctionDef,
        token: Token,
    ) -> None:
        """A fixture's value is what tests' parameters of its name get."""
        module = place.module
        folder = module.path.rpartition("/")[0]
        everywhere = module.path.rpartition("/")[2] == "conftest.py"
        users = [module]
        if everywhere:
            project = self.program.project
            paths = self.program.words.holding(fixture.name)
            inside = [p for p in paths if p.startswith(folder and folder + "/")]
            users = [m for p in inside if (m := project.module(p)) is not None]
        for user in users:
            for scope in user.scopes.scopes:
                if isinstance(scope.node, FUNCTIONS) and any(
                    b.kind is BindingKind.PARAMETER
                    for b in scope.bindings.get(fixture.name, ())
                ):
                    self.put_name(user, scope, fixture.name, token)

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
            function = self.program.function_of(place)
            origin.members.append(Member(place, name, result, function))

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
                f"{source.api}.{name}", result_of(call),
            )  # fmt: skip
            self._made[id(call.node)] = origin
            self.products.append(origin)
            self.start(origin, call, shape)


# -- shapes --------------------------------------------------------------------


def wrapped(wrapper: str, token: Token) -> Token:
    """The same value inside of something."""
    return token[0], (wrapper, *token[1])


def element(token: Token, key: ast.expr | int | None) -> Token | None:
    """What taking one element gives; None if that is not the value.

    :param key: the expression between the brackets, or a position; None for any.
    """
    origin, shape = token
    if not shape:
        return None
    wanted = f"at:{key}" if isinstance(key, int) else at(key)
    if shape[0] == "item" or wanted is None:
        known = shape[0] == "item" or shape[0].startswith("at:")
        return (origin, shape[1:]) if known else None
    return (origin, shape[1:]) if shape[0] == wanted else None


def at(key: ast.expr | None) -> str | None:
    """The wrapper of what stands under a constant key."""
    if isinstance(key, ast.Constant) and isinstance(key.value, (str, int)):
        return f"at:{key.value!r}"
    return None


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


def _takes(user: Module, binding: Binding, module: str, name: str) -> bool:
    node = binding.node
    return (
        isinstance(node, ast.ImportFrom)
        and binding.alias is not None
        and binding.alias.name == name
        and user.absolute(node) == module
    )


def _yields(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield) for node in ast.walk(function))


def _words(node: ast.AST) -> str:
    return f"in a {type(node).__name__}"


# -- what the parent of an expression does with it -----------------------------------


def _nothing(flow: Flow, place: Place, token: Token) -> None:
    """The value is looked at, compared or dropped, and goes nowhere."""


def _through(flow: Flow, place: Place, token: Token) -> None:
    flow.up(place, token)


def _concatenated(flow: Flow, place: Place, token: Token) -> None:
    """``xs + [ev]`` holds what both lists hold."""
    if token[1][:1] == ("item",):
        flow.up(place, token)


def _conditional(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    if not (isinstance(parent, ast.IfExp) and parent.test is place.node):
        flow.up(place, token)


def _assign(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Assign)
    for target in parent.targets:
        flow.bind(place, target, token)


def _annotated(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, (ast.AnnAssign, ast.AugAssign))
    if parent.value is not place.node:
        return
    if isinstance(parent, ast.AugAssign):
        flow.store(place, parent.target, token)
    else:
        flow.bind(place, parent.target, token)


def _named(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.NamedExpr)
    flow.bind(place, parent.target, token)
    flow.up(place, token)


def _return(flow: Flow, place: Place, token: Token) -> None:
    function = flow.program.function_of(place)
    if function is not None:
        flow.give(place, function, token)


def _yield(flow: Flow, place: Place, token: Token) -> None:
    function = flow.program.function_of(place)
    if function is not None:
        flow.give(place, function, wrapped("item", token))


def _lambda(flow: Flow, place: Place, token: Token) -> None:
    flow.up(place, wrapped("call", token))


def _item(flow: Flow, place: Place, token: Token) -> None:
    if isinstance(place.node, ast.Starred):
        flow.up(place, token)
    else:
        flow.up(place, wrapped("item", token))


def _tuple(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Tuple)
    if isinstance(place.node, ast.Starred):
        flow.up(place, token)
    else:
        flow.up(place, wrapped(f"at:{parent.elts.index(place.node)}", token))


def _dict(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Dict)
    if place.node not in parent.values:
        flow.escape(place, token, "value.stored", "as the key of a dict")
        return
    key = parent.keys[parent.values.index(place.node)]
    flow.up(place, wrapped(at(key) or "item", token) if key is not None else token)


def _collected(flow: Flow, place: Place, token: Token) -> None:
    flow.up(place, wrapped("item", token))


def _dict_collected(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.DictComp)
    if parent.value is place.node:
        flow.up(place, wrapped("item", token))


def _iterated(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension))
    if parent.iter is not place.node:
        return
    if not token[1]:
        flow.member(place, token[0], "iter", "iterated")
        return
    inner = element(token, None)
    if inner is not None:
        flow.bind(place, parent.target, inner)


def _with(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.withitem)
    origin, shape = token
    if parent.context_expr is not place.node:
        return
    if not shape:
        flow.member(place, origin, "with", "entered")
    target = parent.optional_vars
    if target is None:
        return
    if not shape and origin.kind in kinds.ITSELF_ON_ENTER:
        flow.bind(place, target, token)
    elif shape[:1] == ("enter",):
        flow.bind(place, target, (origin, shape[1:]))


def _subscript(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Subscript)
    if parent.value is not place.node or not isinstance(parent.ctx, ast.Load):
        return
    if not token[1]:
        flow.member(place, token[0], "getitem", result_of(place.up()))
        return
    if isinstance(parent.slice, ast.Slice):
        flow.up(place, token)
        return
    inner = element(token, parent.slice)
    if inner is not None:
        flow.up(place, inner)


def _default(flow: Flow, place: Place, token: Token) -> None:
    """The default of a parameter."""
    arguments, function = place.parents[-1], place.parents[-2]
    assert isinstance(arguments, ast.arguments)
    for binding in _parameters(flow, place, function):
        if binding.value is place.node:
            flow.carriers.add(id(place.node))
            scope = flow.program.scope(place.module, function)
            flow.put_name(place.module, scope, binding.name, token)


def _parameters(flow: Flow, place: Place, function: ast.AST) -> Iterator[Binding]:
    scope = flow.program.scope(place.module, function)
    for bindings in scope.bindings.values():
        yield from (b for b in bindings if b.kind is BindingKind.PARAMETER)


def _raise(flow: Flow, place: Place, token: Token) -> None:
    if not token[1]:
        flow.member(place, token[0], "raise", "raised")


def _decorated(flow: Flow, place: Place, token: Token) -> None:
    """As a decorator or a base class; what the class makes is followed elsewhere."""
    parent = place.parent
    if isinstance(parent, ast.ClassDef) and place.node in parent.bases:
        return
    flow.escape(place, token, "value.passed", "as a decorator")


def _attribute(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Attribute)
    origin, shape = token
    attribute = place.up()
    if not shape:
        _object_member(flow, attribute, origin, parent)
    elif shape[0] == "item" or shape[0].startswith("at:"):
        _container_method(flow, attribute, token, parent.attr)


def _object_member(
    flow: Flow, place: Place, origin: Origin, node: ast.Attribute
) -> None:
    if node.attr in origin.own:
        return
    call = place.call
    if call is not None:
        result = result_of(place.up())
    else:
        result = "reference" if isinstance(node.ctx, ast.Load) else "stored"
    flow.member(place, origin, node.attr, result)
    flow.product(place, origin, node.attr)


def _container_method(flow: Flow, place: Place, token: Token, name: str) -> None:
    if place.call is None:
        return
    call = place.up()
    if name in kinds.GIVERS:
        inner = element(token, place.call.args[0] if place.call.args else None)
        if inner is not None:
            flow.visit(call, wrapped("at:1", inner) if name == "popitem" else inner)
    elif name == "values":
        flow.visit(call, (token[0], ("item", *token[1][1:])))
    elif name in kinds.SAME_METHODS:
        flow.visit(call, token)
    elif name == "items":
        flow.visit(call, (token[0], ("item", "at:1", *token[1][1:])))


def _call(flow: Flow, place: Place, token: Token) -> None:
    from deventlet.resolve.values.calls import argument

    parent = place.parent
    assert isinstance(parent, ast.Call)
    if parent.func is not place.node:
        argument(flow, place, parent, token)
    elif token[1][:1] == ("call",):
        flow.up(place, (token[0], token[1][1:]))
    elif not token[1]:
        flow.member(place, token[0], "call", result_of(place.up()))


def _keyword(flow: Flow, place: Place, token: Token) -> None:
    from deventlet.resolve.values.calls import argument

    keyword, call = place.parents[-1], place.parents[-2]
    assert isinstance(keyword, ast.keyword)
    if isinstance(call, ast.Call):
        argument(flow, place, call, token)
    else:
        flow.escape(place, token, "value.passed", "to the metaclass")


_HANDLERS: dict[type[ast.AST], Callable[[Flow, Place, Token], None]] = {
    ast.Expr: _nothing,
    ast.If: _nothing,
    ast.While: _nothing,
    ast.Assert: _nothing,
    ast.Compare: _nothing,
    ast.UnaryOp: _nothing,
    ast.Delete: _nothing,
    ast.FormattedValue: _nothing,
    ast.BinOp: _concatenated,
    ast.ExceptHandler: _nothing,
    ast.Await: _through,
    ast.Starred: _through,
    ast.BoolOp: _through,
    ast.IfExp: _conditional,
    ast.NamedExpr: _named,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _annotated,
    ast.Return: _return,
    ast.Yield: _yield,
    ast.YieldFrom: _return,
    ast.Lambda: _lambda,
    ast.List: _item,
    ast.Set: _item,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.ListComp: _collected,
    ast.SetComp: _collected,
    ast.GeneratorExp: _collected,
    ast.DictComp: _dict_collected,
    ast.For: _iterated,
    ast.AsyncFor: _iterated,
    ast.comprehension: _iterated,
    ast.withitem: _with,
    ast.Subscript: _subscript,
    ast.arguments: _default,
    ast.Raise: _raise,
    ast.FunctionDef: _decorated,
    ast.AsyncFunctionDef: _decorated,
    ast.ClassDef: _decorated,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.keyword: _keyword,
}
