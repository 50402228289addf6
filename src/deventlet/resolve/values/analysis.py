"""From uses of Eventlet's names to the objects they make, each followed to its end.

The ways in which a program says that something is one of Eventlet's objects: a call,
a subclass, an annotation, an ``except``, the ``spec`` of a mock. It decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.resolve.names import Names, Use
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind, Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.calls import Argument, bind_parameter
from deventlet.resolve.values.flow import Flow, result_of
from deventlet.resolve.values.model import Escape, How, Member, Origin, Place, Shape
from deventlet.resolve.values.program import (
    FUNCTIONS,
    Definition,
    Program,
    first_parameter,
)

_PLAIN_GENERICS = frozenset({
    "Optional", "Union", "ClassVar", "Final", "Annotated", "Type", "type",
})  # fmt: skip
_TUPLES = frozenset({"Tuple", "tuple"})
_CALLABLES = frozenset({"Callable"})
_FACTORY = ("default_factory", "factory")


@dataclass(eq=False)
class Values:
    """The objects of one state of a repository.

    :param names: the names of the repository, with every name of Eventlet's as its
        interest, after :meth:`Names.explore`.
    :param modules: the files that :meth:`Names.explore` gave.
    """

    names: Names
    modules: list[Module]
    _origins: list[Origin] = field(default_factory=list)

    @cached_property
    def program(self) -> Program:
        """The repository as the flow sees it."""
        return Program(self.names)

    @cached_property
    def objects(self) -> list[Origin]:
        """Every object, in the order of the places that make them."""
        flow = Flow(self.program)
        for module in self.modules:
            for use in self.names.uses(module):
                self._begin(flow, use)
        flow.run()
        self._call_back(flow)
        found = [*self._origins, *flow.products]
        _Mixed(flow, found).note()
        found.sort(key=_order)
        for origin in found:
            origin.members.sort(key=lambda m: _where(m.module, m.node))
            origin.escapes.sort(key=lambda e: _where(e.module, e.node))
        return found

    # -- where objects begin -----------------------------------------------

    def _begin(self, flow: Flow, use: Use) -> None:
        """Put in what a use makes or declares, if it does."""
        place = Place(use.module, use.node, use.parents)
        green = kinds.GREEN_CONSTRUCTORS.get(use.api)
        if green is not None:
            place = place if use.dotted != use.api else self._outermost(place)
            inner = use.dotted.removeprefix(use.api).removeprefix(".")
            kind = green.get(inner or getattr(place.node, "attr", ""), "")
        else:
            kind = kinds.CONSTRUCTORS.get(use.api, "")
        if not kind:
            return
        if place.call is not None:
            call = place.up()
            if use.api == "eventlet.getcurrent" and not isinstance(
                call.parent, (ast.Assign, ast.Attribute)
            ):
                return
            self._follow(flow, kind, "created", use.api, call)
        else:
            self._declared(flow, kind, use.api, place)

    def _outermost(self, place: Place) -> Place:
        """``socket.socket`` for the module name that it begins with."""
        parent = place.parent
        if isinstance(parent, ast.Attribute) and parent.value is place.node:
            return place.up()
        return place

    def _follow(
        self, flow: Flow, kind: str, how: How, api: str, place: Place, shape: Shape = ()
    ) -> Origin:
        origin = Origin(kind, place.module, place.node, how, api, result_of(place))
        self._origins.append(origin)
        flow.start(origin, place, shape)
        return origin

    def _declared(self, flow: Flow, kind: str, api: str, place: Place) -> None:
        """The class itself is named: as a base, a type, a factory or a spec."""
        parent = place.parent
        if isinstance(parent, ast.ClassDef) and place.node in parent.bases:
            self._subclass(flow, kind, api, Definition(place.module, parent))
        elif isinstance(parent, ast.keyword):
            self._keyword(flow, kind, api, place, parent)
        elif isinstance(parent, ast.Call) and _last(parent.func) in (
            "defaultdict",
            "partial",
        ):
            self._follow(flow, kind, "created", api, place.up(), _made_by(parent))
        elif not self._caught(flow, kind, api, place):
            self._annotation(flow, kind, api, place)

    def _keyword(
        self, flow: Flow, kind: str, api: str, place: Place, keyword: ast.keyword
    ) -> None:
        call = Place(place.module, place.node, place.parents[:-1])
        if not isinstance(call.parent, ast.Call):
            return
        if keyword.arg in ("spec", "spec_set") and "Mock" in _last(call.parent.func):
            self._follow(flow, kind, "mock", api, call.up())
        elif keyword.arg in _FACTORY:
            self._follow(flow, kind, "created", api, call.up())

    def _caught(self, flow: Flow, kind: str, api: str, place: Place) -> bool:
        """``except Timeout as t``, alone or in a tuple."""
        above = place.parents
        handler = above[-2] if isinstance(above[-1], ast.Tuple) else above[-1]
        if not isinstance(handler, ast.ExceptHandler):
            return False
        if handler.name is not None:
            origin = Origin(kind, place.module, place.node, "caught", api)
            self._origins.append(origin)
            owner = self._owner(place, handler.name)
            if owner is not None:
                flow.put_name(place.module, owner, handler.name, (origin, ()))
        return True

    def _owner(self, place: Place, name: str) -> Scope | None:
        function = self.program.function_of(place)
        module = place.module
        scope = (
            self.program.scope(module, function) if function else module.scopes.module
        )
        return module.scopes.resolve(name, scope)

    # -- subclasses --------------------------------------------------------

    def _subclass(self, flow: Flow, kind: str, api: str, owner: Definition) -> None:
        """What a class of the repository that derives from Eventlet's makes."""
        family = [owner, *sorted(self.program.below(owner), key=_line)]
        for each in family:
            assert isinstance(each.node, ast.ClassDef)
            members = frozenset().union(
                *(self._members(c) for c in (each, *self.program.above(each)))
            )
            origin = Origin(kind, each.module, each.node, "subclass", api, own=members)
            self._origins.append(origin)
            home = self._home(each)
            flow.put_name(each.module, home, each.node.name, (origin, ("call",)))
            for name, scope in self._selves(each):
                flow.put_name(each.module, scope, name, (origin, ()))

    def _members(self, owner: Definition) -> frozenset[str]:
        scope = self.program.scope(owner.module, owner.node)
        return frozenset(scope.bindings) | frozenset(self.program.stores(owner))

    def _home(self, owner: Definition) -> Scope:
        scope = self.program.scope(owner.module, owner.node).parent
        while scope is not None and scope.kind is ScopeKind.TYPE_PARAMETERS:
            scope = scope.parent
        assert scope is not None
        return scope

    def _selves(self, owner: Definition) -> Iterator[tuple[str, Scope]]:
        """The first parameter of each method, with the method's scope."""
        for bindings in self.program.scope(owner.module, owner.node).bindings.values():
            for binding in bindings:
                if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    name = first_parameter(binding.node)
                    scope = self.program.scope(owner.module, binding.node)
                    if name is not None:
                        yield name, scope

    # -- annotations -------------------------------------------------------

    def _annotation(self, flow: Flow, kind: str, api: str, place: Place) -> None:
        """``ev: Event``, ``-> GreenThread``, ``x: dict[str, Event] = {}``."""
        shape: list[str] = []
        below: ast.AST = place.node
        parents = list(place.parents)
        while parents:
            above = parents.pop()
            if getattr(above, "annotation", None) is below:
                self._typed(flow, kind, api, place, above, parents, tuple(shape))
                return
            if getattr(above, "returns", None) is below:
                self._returning(flow, kind, api, place, above, tuple(shape))
                return
            if isinstance(above, ast.Subscript):
                shape += _generic(above, place.node)
            elif not isinstance(above, (ast.Tuple, ast.BinOp, ast.List)):
                return
            below = above

    def _typed(
        self,
        flow: Flow,
        kind: str,
        api: str,
        place: Place,
        above: ast.AST,
        parents: list[ast.AST],
        shape: Shape,
    ) -> None:
        module = place.module
        origin = Origin(kind, module, place.node, "annotated", api)
        if isinstance(above, ast.arg):
            function = next(n for n in reversed(parents) if isinstance(n, FUNCTIONS))
            scope = self.program.scope(module, function)
            self._origins.append(origin)
            flow.put_name(module, scope, above.arg, (origin, shape[::-1]))
        elif isinstance(above, ast.AnnAssign) and not isinstance(above.value, ast.Call):
            self._origins.append(origin)
            holder = Place(module, above.annotation, [*parents, above])
            flow.bind(holder, above.target, (origin, shape[::-1]))

    def _returning(
        self,
        flow: Flow,
        kind: str,
        api: str,
        place: Place,
        function: ast.AST,
        shape: Shape,
    ) -> None:
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        origin = Origin(kind, place.module, place.node, "annotated", api)
        self._origins.append(origin)
        flow.give(place, function, (origin, shape[::-1]))

    # -- link --------------------------------------------------------------

    def _call_back(self, flow: Flow) -> None:
        """``gt.link(cb)``: the callback's first parameter is the thread."""
        done = 0
        while done != (done := self._links(flow)):
            flow.run()

    def _links(self, flow: Flow) -> int:
        count = 0
        for origin in [*self._origins, *flow.products]:
            for member in list(origin.members):
                call = member.place.call
                if member.name == "link" and call is not None and call.args:
                    count += 1
                    self._link(flow, origin, member, call)
        return count

    def _link(self, flow: Flow, origin: Origin, member: Member, call: ast.Call) -> None:
        place, callback = member.place, call.args[0]
        for each in self.program.definitions(callback, member.module):
            if each is not None and isinstance(each.node, FUNCTIONS):
                bound = isinstance(callback, ast.Attribute) and bool(
                    self.program.class_of(each.module, each.node)
                )
                name = ast.unparse(callback)
                first = Argument(0)
                bind_parameter(flow, place, each, first, (origin, ()), name, bound)


@dataclass(frozen=True, slots=True)
class _Mixed:
    """Notes the names and attributes that may hold something else as well."""

    flow: Flow
    origins: list[Origin]

    def note(self) -> None:
        """Add an escape to each object that such a name holds directly."""
        for slot, tokens in self.flow.reached.items():
            held = [origin for origin, shape in tokens.values() if not shape]
            if not held:
                continue
            where, identity, name = slot
            for module, node in self._others(where, identity, name):
                for origin in held:
                    if origin.how in ("created", "product", "subclass"):
                        detail = f"{name} may hold something else"
                        origin.escapes.append(
                            Escape(module, node, "value.mixed", detail)
                        )

    def _others(
        self, where: str, identity: int, name: str
    ) -> Iterator[tuple[Module, ast.AST]]:
        sort, _, path = where.partition(" ")
        module = self.flow.program.project.module(path)
        assert module is not None
        if sort == "name":
            scope = next(s for s in module.scopes.scopes if id(s) == identity)
            yield from self._bound(module, scope, name)
        else:
            node = next(s.node for s in module.scopes.scopes if id(s.node) == identity)
            assert isinstance(node, ast.ClassDef)
            yield from self._stored(Definition(module, node), name)

    def _bound(
        self, module: Module, scope: Scope, name: str
    ) -> Iterator[tuple[Module, ast.AST]]:
        harmless = (
            BindingKind.DELETE, BindingKind.ANNOTATION, BindingKind.PARAMETER,
            BindingKind.FROM_IMPORT, BindingKind.IMPORT, BindingKind.EXCEPT,
        )  # fmt: skip
        for binding in scope.bindings.get(name, ()):
            value = binding.value
            if binding.kind in harmless or _is_none(value):
                continue
            if value is not None and id(value) not in self.flow.carriers:
                yield module, binding.node

    def _stored(self, owner: Definition, name: str) -> Iterator[tuple[Module, ast.AST]]:
        for each in sorted(self.flow.program.related(owner), key=_line):
            for value in self.flow.program.stores(each).get(name, ()):
                if value is not None and not (
                    _is_none(value) or id(value) in self.flow.carriers
                ):
                    yield each.module, value


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _generic(above: ast.Subscript, inner: ast.expr) -> Shape:
    """How ``X[...]`` wraps what is in its brackets."""
    name = _last(above.value)
    if name in _PLAIN_GENERICS:
        return ()
    if name in _CALLABLES:
        return ("call",)
    if name in _TUPLES and isinstance(above.slice, ast.Tuple):
        for index, each in enumerate(above.slice.elts):
            if each is inner:
                return (f"at:{index}",)
    return ("item",)


def _last(expr: ast.expr) -> str:
    return getattr(expr, "attr", getattr(expr, "id", ""))


def _made_by(call: ast.Call) -> Shape:
    """A ``defaultdict`` holds what its factory makes; a ``partial`` gives it."""
    return ("item",) if _last(call.func) == "defaultdict" else ("call",)


def _line(found: Definition) -> tuple[str, int]:
    return found.module.path, found.node.lineno


def _where(module: Module, node: ast.AST) -> tuple[str, int, int]:
    return module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _order(origin: Origin) -> tuple[str, int, int, str]:
    return *_where(origin.module, origin.node), origin.kind
