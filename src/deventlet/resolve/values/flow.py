"""Where values go: from the places that make them to every use, as a worklist.

Flow-insensitive and by place of creation: what a name may hold anywhere, it may hold
everywhere. Where a value goes on to what is not followed, that is an escape with its
reason, never silence. What code does with a value is for the rules, and where a name is
read for the readers: both are given, and call back. Runs no code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.computed import Lookup, lookups
from deventlet.resolve.values.confined import is_kept
from deventlet.resolve.values.definitions import Definition
from deventlet.resolve.values.model import Escape, Member, Origin, Place, Shape, Token
from deventlet.resolve.values.program import Program
from deventlet.resolve.values.reaching import reaching
from deventlet.resolve.values.shapes import iterated, normal

ENTER = frozenset({"__enter__", "__aenter__"})
DEPTH = 4
"""In how many containers, tuples and functions a value is followed."""

IDENTITY = "eventlet.getcurrent"
"""The API whose values are looked at wherever they are."""

Reader: TypeAlias = Callable[[Token], None]

Rule: TypeAlias = "Callable[[Flow, Place, Token], None]"
"""Says what becomes of a value at a place, one step on."""

Readers: TypeAlias = "Callable[[Flow, Slot], list[Reader]]"
"""Says what reads a slot."""

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


@dataclass(frozen=True, slots=True)
class Operand:
    """A value that an operator may give to a method of the other side's class.

    :param other: what stands on the other side.
    :param names: the special methods that would get it.
    """

    place: Place
    token: Token
    other: ast.expr
    names: tuple[str, ...]


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
    :param readers: what takes a value from a name or an attribute that holds it.
    """

    program: Program
    rules: Mapping[type[ast.AST], Rule]
    readers: Readers
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
    operands: list[Operand] = field(default_factory=list)
    """What stands beside an operator, in the order of finding; see operators."""
    compared: list[Operand] = field(default_factory=list)
    """What is compared with it, or with what it holds; see compared."""
    given: dict[int, list[Given]] = field(default_factory=dict)
    """By the identity of a function the calls that have given it values; see handed."""
    handed: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    """What to do again when one more call of a function is found."""
    unique: dict[tuple[frozenset[Definition], str], bool] = field(default_factory=dict)
    """Whether no class but those of a family has an attribute; see readers."""
    _waiting: list[tuple[Reader, Token]] = field(default_factory=list)
    seen: set[tuple[int, int, Shape]] = field(default_factory=set)
    _noted: set[tuple[int, int, str]] = field(default_factory=set)
    _made: dict[int, Origin] = field(default_factory=dict)
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
                slot.readers += self.readers(self, slot)
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
            slot.readers += self.readers(self, slot)
        self._put(self.slots[key], token)

    def _put(self, slot: Slot, token: Token) -> None:
        key = id(token[0]), token[1]
        if key not in slot.tokens:
            slot.tokens[key] = token
            self._waiting += [(reader, token) for reader in reversed(slot.readers)]

    def wake(self, slot: Slot, found: list[Reader]) -> None:
        """More reads a slot: it gets what the slot is known to hold."""
        slot.readers += found
        self._waiting += [(r, t) for t in slot.tokens.values() for r in found]

    def loads(self, module: Module, owner: Scope, name: str) -> list[Load]:
        """The places of a file that read a name, each with what it may read."""
        key = id(owner), name
        if key not in self._loads:
            places = self.program.places.loads(module, name, owner)
            self._loads[key] = [(p, reaching(p, name, owner)) for p in places]
        return self._loads[key]

    def lookups(self, module: Module) -> tuple[Lookup, ...]:
        """The places of a file that look for names that are computed."""
        if module.path not in self._lookups:
            self._lookups[module.path] = tuple(lookups(self.program, module))
        return self._lookups[module.path]

    def visitor(self, place: Place) -> Reader:
        """What visits one place with each value."""
        return lambda token: self.visit(place, token)

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
        if len(token[1]) > DEPTH:
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
        self._waiting.append((self.visitor(place), (origin, shape)))

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


def _words(node: ast.AST) -> str:
    return f"in a {type(node).__name__}"
