"""After the flow: where an object is found, but something else may be there as well.

Notes ``value.mixed`` on the objects concerned and takes back a member that their kind
does not have: it proves that something else is there. Follows nothing itself.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from deventlet.resolve.chains import called_name, last_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope
from deventlet.resolve.values import kinds
from deventlet.resolve.values.called import called, is_assertion
from deventlet.resolve.values.callers import given
from deventlet.resolve.values.definitions import (
    FUNCTIONS,
    PROPERTIES,
    Definition,
    decorator_names,
    parts,
)
from deventlet.resolve.values.flow import Flow, Load, Slot
from deventlet.resolve.values.model import Escape, Member, Origin, Place, Shape
from deventlet.resolve.values.shapes import is_contained, normal

_Other: TypeAlias = tuple[Module, ast.AST]
_MAKERS_OF_CONTAINERS = frozenset({
    "list", "dict", "set", "tuple", "deque", "OrderedDict", "WeakSet",
    "WeakValueDictionary", "WeakKeyDictionary", "defaultdict",
})  # fmt: skip
_OF_KEYS = frozenset({"key", "item"})
"""How the keys of a dict are wrapped: in it, and for a loop over it."""
_MOCKS = ("Mock", "create_autospec", "sentinel", "patch")
_DEPTH = 6
_WIDTH = 60


def judge(flow: Flow, origins: list[Origin]) -> None:
    """Add the doubts to the objects, and take back what cannot be."""
    _take_back(origins)
    doubt = _Doubt(flow)
    for slot in list(flow.slots.values()):
        doubt.note(slot)


def _take_back(origins: Iterable[Origin]) -> None:
    stored: defaultdict[str, set[str]] = defaultdict(set)
    for origin in origins:
        stored[origin.kind] |= {m.name for m in origin.members if m.result == "stored"}
    for origin in origins:
        known = kinds.MEMBERS.get(origin.kind)
        if known is None or origin.how == "subclass":
            continue
        known |= stored[origin.kind] | kinds.QUESTIONS
        for member in [m for m in origin.members if not _has(origin, m, known)]:
            origin.members.remove(member)
            is_deep = any(each.reason == "value.deep" for each in origin.escapes)
            if origin.how != "mock" and not is_deep:
                what = f"a {origin.kind} has no {member.name}"
                origin.escapes.append(
                    Escape(member.module, member.node, "value.mixed", what)
                )


def _has(origin: Origin, member: Member, known: Iterable[str]) -> bool:
    is_known = member.name in known or member.name.startswith("__")
    return is_known or (origin.kind == "greenlet" and _is_by_function(member))


def _is_by_function(member: Member) -> bool:
    """``eventlet.kill(x)`` ends a greenlet, too, which has no method for it."""
    is_method = getattr(member.place.node, "attr", "") == member.name
    return member.name in kinds.ENDED_BY.values() and not is_method


@dataclass(frozen=True, slots=True)
class _Doubt:
    """One look at everything that names and attributes may hold."""

    flow: Flow
    noted: set[tuple[int, int]] = field(default_factory=set)

    def note(self, slot: Slot) -> None:
        """Add an escape to each object that a name or attribute holds; one says it."""
        held: defaultdict[Shape, list[Origin]] = defaultdict(list)
        for origin, shape in slot.tokens.values():
            if origin.how in ("created", "product", "subclass"):
                is_class = id(origin) in self.flow.classes and shape == ("call",)
                held[("class",) if is_class else shape].append(origin)
        for shape, origins in held.items():
            found = next(self._others(slot, shape), None)
            if found is not None:
                for origin in origins:
                    self._mixed(origin, *found, slot.name)

    def _mixed(self, origin: Origin, module: Module, node: ast.AST, name: str) -> None:
        key = id(origin), id(node)
        if key not in self.noted:
            self.noted.add(key)
            line = getattr(node, "lineno", 0)
            what = _shortened(ast.unparse(node))
            detail = f"{name} may hold `{what}` at {module.path}:{line}"
            beside = Escape(module, node, "value.mixed", detail, is_beside=True)
            origin.escapes.append(beside)

    # -- names and attributes ----------------------------------------------

    def _others(self, slot: Slot, shape: Shape) -> Iterator[_Other]:
        """What else a name or an attribute is given."""
        if isinstance(slot.owner, Definition):
            yield from self._of_attribute(slot.owner, slot.name, shape)
        elif slot.binding is not None:
            yield from self._of_name(slot, slot.owner, slot.binding, shape)

    def _of_name(
        self, slot: Slot, owner: Scope, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        loads = [
            (place, bindings)
            for place, bindings in self.flow.loads(slot.module, owner, slot.name)
            if binding in bindings
        ]
        together = {id(b): b for _, bindings in loads for b in bindings}
        if _is_unused(slot, loads) or (
            is_contained(shape) and self._is_kept(slot, loads)
        ):
            return
        for each in (together | {id(binding): binding}).values():
            yield from self._bound(slot.module, each, shape)
        for place, _ in loads:
            yield from self._put_in(place, shape)

    def _is_kept(self, slot: Slot, loads: Sequence[Load]) -> bool:
        """Whether nothing is taken out of a container: it is filled and asserted on."""
        return len(slot.readers) == len(loads) and all(
            _fills(place) or self._is_asserted(place) for place, _ in loads
        )

    def _is_asserted(self, place: Place) -> bool:
        call = place.parent
        return (
            isinstance(call, ast.Call)
            and call.func is not place.node
            and is_assertion(call, called(self.flow, place, call))
        )

    def _bound(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        """What else one binding gives."""
        read = _BINDINGS.get(binding.kind)
        if read is not None and (
            shape[:1] != ("call",) or binding.kind is BindingKind.FUNCTION
        ):
            yield from read(self, module, binding, shape)

    def _of_attribute(
        self, owner: Definition, name: str, shape: Shape
    ) -> Iterator[_Other]:
        program = self.flow.program
        for method in program.classes.defined(owner, name):
            yield from self._returned(method.module, method.node, shape)
        if shape[:1] == ("call",):
            return
        related = program.classes.related(owner)
        family = [c for c in related if program.words.has(c.module.path, name)]
        for each in sorted(family, key=lambda c: (c.module.path, c.node.lineno)):
            for value in program.classes.stores(each).get(name, ()):
                if value is not None:
                    yield from self._expression(each.module, value, shape)
        if shape:
            for module in {id(c.module): c.module for c in family}.values():
                for place in program.places.attributes_in(module, name):
                    if normal(shape) in self.flow.visited.get(id(place.node), ()):
                        yield from self._put_in(place, shape)

    def _put_in(self, place: Place, shape: Shape) -> Iterator[_Other]:
        """What else is put into the container at a place."""
        parent, above = place.parent, place.parents[-2]
        if not is_contained(shape):
            return
        if isinstance(parent, ast.Attribute) and isinstance(above, ast.Call):
            position = kinds.ADDERS.get(parent.attr)
            if above.func is parent and position is not None:
                for value in above.args[position : position + 1]:
                    yield from self._expression(place.module, value, shape[1:])
        elif (
            isinstance(parent, ast.Subscript)
            and isinstance(above, ast.Assign)
            and parent in above.targets
            and _may_be(parent.slice, shape[0])
        ):
            given = parent.slice if shape[0] == "key" else above.value
            yield from self._expression(place.module, given, shape[1:])

    # -- bindings ----------------------------------------------------------

    def _assigned(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        if binding.value is not None:
            yield from self._expression(module, binding.value, shape)

    def _unpacked(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        node = binding.node
        if not isinstance(node, ast.Assign):
            return
        for target in node.targets:
            position = _position(target, binding.name)
            if position is not None:
                yield from self._expression(
                    module, node.value, (f"at:{position}", *shape)
                )

    def _looped(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        node = binding.node
        assert isinstance(node, (ast.For, ast.AsyncFor))
        if isinstance(node.target, ast.Name):
            yield from self._expression(module, node.iter, ("item", *shape))
            return
        position = _position(node.target, binding.name)
        if position is not None:
            inner = ("item", f"at:{position}", *shape)
            yield from self._expression(module, node.iter, inner)

    def _entered(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        assert isinstance(binding.node, (ast.With, ast.AsyncWith))
        for item in binding.node.items:
            target = item.optional_vars
            if isinstance(target, ast.Name) and target.id == binding.name:
                entered = {(), ("enter", *normal(shape))}
                found = self.flow.visited.get(id(item.context_expr), set())
                if not found & entered and id(item) not in self.flow.entered:
                    yield module, item.context_expr

    def _parameter(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        function = binding.scope.node
        if isinstance(function, FUNCTIONS):
            for user, value in given(
                self.flow.program, Definition(module, function), binding
            ):
                yield from self._expression(user, value, shape)

    def _defined(
        self, module: Module, binding: Binding, shape: Shape
    ) -> Iterator[_Other]:
        yield from self._returned(module, binding.node, shape)

    def _returned(
        self, module: Module, function: ast.AST, shape: Shape
    ) -> Iterator[_Other]:
        """What else a function or a property returns."""
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        decorators = decorator_names(function)
        if decorators & {"setter", "deleter"}:
            return
        if not decorators & PROPERTIES:
            if shape[:1] != ("call",):
                return
            shape = shape[1:]
        found = self.flow.program.places.results(function)
        if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in found):
            return
        for each in found:
            if isinstance(each, ast.Return) and each.value is not None:
                yield from self._expression(module, each.value, shape)

    # -- expressions -------------------------------------------------------

    def _expression(
        self, module: Module, expr: ast.expr, shape: Shape, depth: int = _DEPTH
    ) -> Iterator[_Other]:
        """The parts of an expression that give something else."""
        among = parts(expr)
        if among is not None and depth:
            for part in among:
                yield from self._expression(module, part, shape, depth - 1)
        elif shape and (inner := _displayed(expr, shape[0])) is not None and depth:
            for part in inner:
                yield from self._expression(module, part, shape[1:], depth - 1)
        elif id(expr) in self.flow.visited:
            return
        elif not (_is_nothing(expr) or _is_mock(expr) or self._is_unset(module, expr)):
            yield module, expr

    def _is_unset(self, module: Module, expr: ast.expr) -> bool:
        """Whether a name is only ever bound to nothing."""
        if not isinstance(expr, ast.Name):
            return False
        bindings = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
        return bool(bindings) and all(
            b.value is not None
            and b.kind is not BindingKind.PARAMETER
            and (_is_nothing(b.value) or _is_mock(b.value))
            for b in bindings
        )


_BINDINGS: dict[
    BindingKind, Callable[[_Doubt, Module, Binding, Shape], Iterator[_Other]]
] = {
    BindingKind.ASSIGN: _Doubt._assigned,
    BindingKind.WALRUS: _Doubt._assigned,
    BindingKind.UNPACK: _Doubt._unpacked,
    BindingKind.FOR: _Doubt._looped,
    BindingKind.WITH: _Doubt._entered,
    BindingKind.PARAMETER: _Doubt._parameter,
    BindingKind.FUNCTION: _Doubt._defined,
}


def _is_unused(slot: Slot, loads: Sequence[Load]) -> bool:
    """Whether all results of a function are dropped: nothing is asked of them."""
    is_function = slot.binding and slot.binding.kind is BindingKind.FUNCTION
    return (
        bool(is_function)
        and len(slot.readers) == len(loads)
        and all(
            place.call is not None and isinstance(place.parents[-2], ast.Expr)
            for place, _ in loads
        )
    )


def _fills(place: Place) -> bool:
    """``results.append(x)`` as a statement, of the container at a place."""
    match place.parents[-3:]:
        case [ast.Expr(), ast.Call() as call, ast.Attribute() as method]:
            return call.func is method and method.attr in kinds.ADDERS
    return False


def _displayed(expr: ast.expr, wrapper: str) -> list[ast.expr] | None:
    """The elements of a container that is written down; None for anything else."""
    if not is_contained((wrapper,)):
        return None
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Mult):
        return _displayed(expr.left, wrapper)
    if isinstance(expr, ast.Dict):
        pairs = [(k, v) for k, v in zip(expr.keys, expr.values, strict=True) if k]
        if wrapper in _OF_KEYS:
            return [key for key, _ in pairs if key]
        return [value for key, value in pairs if key and _may_be(key, wrapper)]
    if isinstance(expr, (ast.List, ast.Tuple, ast.Set)):
        position = wrapper.removeprefix("at:")
        if position.isdigit() and not isinstance(expr, ast.Set):
            return expr.elts[int(position) :][:1]
        return [each for each in expr.elts if not isinstance(each, ast.Starred)]
    if isinstance(expr, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return [expr.elt]
    if isinstance(expr, ast.DictComp):
        return [expr.key if wrapper in _OF_KEYS else expr.value]
    return [] if called_name(expr) in _MAKERS_OF_CONTAINERS else None


def _may_be(key: ast.expr, wrapper: str) -> bool:
    """Whether a key may be the one that a wrapper stands for."""
    if not isinstance(key, ast.Constant) or not wrapper.startswith("at:"):
        return True
    return wrapper == f"at:{key.value!r}"


def _position(target: ast.expr, name: str) -> int | None:
    """Where a name stands among the targets of an unpacking."""
    for index, each in enumerate(getattr(target, "elts", ())):
        if isinstance(each, ast.Starred):
            return None
        if isinstance(each, ast.Name) and each.id == name:
            return index
    return None


def _is_nothing(expr: ast.expr) -> bool:
    """None, or what stands for it: nobody asks a number for a member."""
    return isinstance(expr, ast.Constant)


def _is_mock(expr: ast.expr) -> bool:
    """A stand-in of a test takes the place of the object and is no other."""
    while isinstance(expr, (ast.Call, ast.Attribute)):
        if last_name(expr).endswith(_MOCKS):
            return True
        expr = expr.func if isinstance(expr, ast.Call) else expr.value
    return isinstance(expr, ast.Name) and "mock" in expr.id.lower()


def _shortened(text: str) -> str:
    """The first line of a source, not too long for a message."""
    first = text.partition("\n")[0]
    return first if len(first) <= _WIDTH else first[: _WIDTH - 3] + "..."
