"""Where a value is kept: targets that it is assigned to, containers it is put into.

A container is known under other names, too: whatever holds it, holds the value. One
that belongs to somebody else is an escape.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.definitions import Definition, decorator_names, parts
from deventlet.resolve.values.flow import DEPTH, Flow, Operand
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.reaching import reaching
from deventlet.resolve.values.shapes import at, listed, unpacked, wrapped

_BY_STRING = frozenset({"globals", "locals", "vars"})
_DISPLAYS = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant,
)  # fmt: skip


def bind(flow: Flow, place: Place, target: ast.expr, token: Token) -> None:
    """A value is assigned to a target."""
    if isinstance(target, ast.Name):
        _bind_name(flow, place, target, token)
    elif isinstance(target, ast.Attribute):
        if not flow.program.receivers.receiver(target.value, place.module).unknown:
            flow.operands.append(Operand(place, token, target.value, ("__setattr__",)))
        _bind_attribute(flow, place, target, token)
    elif isinstance(target, ast.Subscript):
        _store_under(flow, place, target, token)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each, inner in unpacked(target.elts, token):
            bind(flow, place, each, inner)


def _bind_name(flow: Flow, place: Place, target: ast.Name, token: Token) -> None:
    scopes = place.module.scopes
    owner = scopes.resolve(target.id, scopes.scope_of(target))
    if owner is not None:
        around = {id(node) for node in (*place.parents, place.node, target)}
        binding = next(
            (b for b in owner.bindings[target.id] if _belongs(b, around, target)), None
        )
        flow.put_name(place.module, owner, target.id, token, binding)


def _bind_attribute(
    flow: Flow, place: Place, target: ast.Attribute, token: Token
) -> None:
    receiver = flow.program.receivers.receiver(target.value, place.module)
    made_below = flow.program.classes.makers(receiver, place.node, token[0])
    for owner in made_below or receiver.classes:
        flow.put_attribute(owner, target.attr, token)
        _set(flow, place, owner, target.attr, token)
    for module in receiver.modules:
        flow.put_name(module, module.scopes.module, target.attr, token)
    if receiver.unknown or not (receiver.classes or receiver.modules):
        what = f"in {ast.unparse(target)}"
        flow.escape(place, token, "value.stored", what)


def _set(flow: Flow, place: Place, owner: Definition, name: str, token: Token) -> None:
    """A property's setter gets the value, or an object that stands for an attribute."""
    classes = flow.program.classes
    for each in (*classes.methods(owner, name), *classes.overriding(owner, name)):
        if "setter" in decorator_names(each.node):
            arguments = getattr(each.node, "args", None)
            assert isinstance(arguments, ast.arguments)
            for value in arguments.args[1:2]:
                flow.put_elsewise(each.module, each.node, value.arg, token)
    for by in _descriptors(flow, owner, name):
        flow.escape(place, token, "value.stored", f"in {name}, by {by}.__set__()")


def _descriptors(flow: Flow, owner: Definition, name: str) -> Iterator[str]:
    """The classes of the repository whose object an attribute of a class is set by."""
    classes, receivers = flow.program.classes, flow.program.receivers
    setting = set(classes.having("__set__"))
    for each in (owner, *classes.above(owner)) if setting else ():
        for made in filter(None, classes.stores(each).get(name, ())):
            for found in receivers.receiver(made, each.module).classes & setting:
                yield getattr(found.node, "name", "")


# -- containers ----------------------------------------------------------------


def store(flow: Flow, place: Place, container: ast.expr, token: Token) -> None:
    """A value is put into a container: whatever holds that, holds it."""
    if len(token[1]) > DEPTH:
        flow.escape(place, token, "value.deep", "")
        return
    for each in parts(container) or [container]:
        _store_in(flow, place, each, token)


def _store_in(flow: Flow, place: Place, container: ast.expr, token: Token) -> None:
    if parts(container) is not None:
        store(flow, place, container, token)
    elif _is_by_string(container):
        what = f"in {ast.unparse(container)}"
        flow.escape(place, token, "value.computed", what)
    elif isinstance(container, ast.Subscript):
        _store_under(flow, place, container, token)
    elif isinstance(container, ast.Call):
        if not _store_given(flow, place, container, token):
            what = f"in {ast.unparse(container)}"
            flow.escape(place, token, "value.stored", what)
    elif isinstance(container, ast.Name):
        _store_named(flow, place, container, token)
    elif isinstance(container, ast.Attribute):
        _bind_attribute(flow, place, container, token)
        _store_assigned(flow, place, container, token)
    elif not isinstance(container, _DISPLAYS):
        what = f"in {ast.unparse(container)}"
        flow.escape(place, token, "value.stored", what)


def _store_under(flow: Flow, place: Place, target: ast.Subscript, token: Token) -> None:
    """A value is put under a key or at a position."""
    flow.operands.append(Operand(place, token, target.value, ("__setitem__",)))
    if isinstance(target.slice, ast.Slice):
        store(flow, place, target.value, listed(token) or token)
        return
    inside = at(target.slice) or _wrapper(flow, place, target.value)
    store(flow, place, target.value, wrapped(inside, token))


def _wrapper(flow: Flow, place: Place, container: ast.expr) -> str:
    """How a container holds what is put under a key that is not known."""
    is_dict = flow.program.meanings.is_dict(container, place.module)
    return {True: "value", False: "item", None: "slot"}[is_dict]


def _store_given(flow: Flow, place: Place, call: ast.Call, token: Token) -> bool:
    """A value is put into what a call gives; whether it is known what that is.

    That is a part of another container, or what a function of ours returns.
    """
    found = flow.program.meanings.definitions(call.func, place.module)
    if any(found):
        for each in filter(None, found):
            _store_returned(flow, each, token)
        return all(found)
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in kinds.GIVERS:
        return False
    key = at(call.args[0] if call.args else None)
    inside = key or _wrapper(flow, place, func.value)
    store(flow, place, func.value, wrapped(inside, token))
    return True


def _store_returned(flow: Flow, function: Definition, token: Token) -> None:
    node, module = function.node, function.module
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for each in flow.program.places.results(node):
            if isinstance(each, ast.Return) and each.value is not None:
                _store_once(flow, flow.program.places.place(module, each.value), token)


def _store_once(flow: Flow, place: Place, token: Token) -> None:
    """A value is put into what an expression gives, if that is not known yet."""
    assert isinstance(place.node, ast.expr)
    key = (id(place.node), id(token[0]), ("stored", *token[1]))
    if key not in flow.seen:
        flow.seen.add(key)
        store(flow, place, place.node, token)


def _store_assigned(
    flow: Flow, place: Place, container: ast.Attribute, token: Token
) -> None:
    """The container is known where the attribute was taken from, too."""
    program = flow.program
    for owner in program.receivers.receiver(container.value, place.module).classes:
        for each in (owner, *program.classes.above(owner)):
            for value in program.classes.stores(each).get(container.attr, ()):
                if value is not None and _is_shared(flow, each.module, value):
                    _store_once(flow, program.places.place(each.module, value), token)


def _is_shared(flow: Flow, module: Module, value: ast.expr) -> bool:
    """Whether an expression gives a container that something else holds."""
    if isinstance(value, ast.Name):
        owner = module.scopes.resolve(value.id, module.scopes.scope_of(value))
        return owner is not None and owner.kind is ScopeKind.MODULE
    if isinstance(value, ast.Call):
        is_part = isinstance(value.func, ast.Attribute) and (
            value.func.attr in kinds.GIVERS
        )
        return is_part or any(flow.program.meanings.definitions(value.func, module))
    return isinstance(value, (ast.Attribute, ast.Subscript, ast.BoolOp, ast.IfExp))


def _store_named(flow: Flow, place: Place, container: ast.Name, token: Token) -> None:
    scopes = place.module.scopes
    scope = scopes.scope_of(container)
    owner = scopes.resolve(container.id, scope)
    if owner is None:
        flow.escape(place, token, "value.stored", f"in {container.id}")
        return
    here = flow.program.places.place(place.module, container)
    for binding in reaching(here, container.id, owner):
        flow.put_name(place.module, owner, container.id, token, binding)
        _store_behind(flow, place, container.id, binding, token)


def _store_behind(
    flow: Flow, place: Place, name: str, binding: Binding, token: Token
) -> None:
    """The container is known under the name that it was taken from, too."""
    if binding.kind is BindingKind.PARAMETER:
        what = f"in {name}, which belongs to the caller"
        flow.escape(place, token, "value.stored", what)
    elif binding.kind is BindingKind.FROM_IMPORT:
        flow.escape(place, token, "value.stored", f"in {name} of another file")
    elif isinstance(binding.node, (ast.For, ast.AsyncFor)):
        _store_looped(flow, place, name, binding.node, token)
    else:
        value = binding.value
        is_name = isinstance(value, ast.Name)
        if value is None:
            return
        if is_name or _is_shared(flow, place.module, value):
            _store_once(flow, flow.program.places.place(place.module, value), token)


def _store_looped(
    flow: Flow, place: Place, name: str, loop: ast.For | ast.AsyncFor, token: Token
) -> None:
    """The container is one of those that a loop goes over."""
    held, inside = loop.iter, "item"
    func = held.func if isinstance(held, ast.Call) else None
    if isinstance(func, ast.Attribute) and func.attr in ("values", "items"):
        held, inside = func.value, "value"
    if inside == "item" and not isinstance(loop.target, ast.Name):
        what = f"in {name}, which {ast.unparse(loop.iter)} gives"
        flow.escape(place, token, "value.stored", what)
    else:
        store(flow, place, held, wrapped(inside, token))


def _belongs(binding: Binding, around: set[int], target: ast.Name) -> bool:
    """Whether a binding is the one that a target belongs to."""
    if binding.kind is BindingKind.COMPREHENSION:
        return any(node is target for node in ast.walk(binding.node))
    return id(binding.node) in around


def _is_by_string(container: ast.expr) -> bool:
    """``vars(x)``, ``globals()``, ``x.__dict__``: what holds names as strings."""
    if isinstance(container, ast.Call):
        return getattr(container.func, "id", "") in _BY_STRING
    return isinstance(container, ast.Attribute) and container.attr == "__dict__"
