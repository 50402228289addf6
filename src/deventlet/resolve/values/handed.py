"""Calls of a parameter: the functions that come with the values it is given.

``def run(work, event): work(event)`` calls what the same call gives as ``work`` that
gives the event. So only those calls of ``run`` count that have given a value that is
followed, and only for values that came that way. Follows no function that is stored.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from deventlet.resolve.scopes import BindingKind, Scope
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, decorator_names
from deventlet.resolve.values.flow import Flow, Given
from deventlet.resolve.values.model import Place, Token

Follow = Callable[[Definition | None], None]
"""What to do for a function that may be called; None stands for one not known."""


def note_call(
    flow: Flow, place: Place, callee: Definition, arguments: Sequence[ast.expr | None]
) -> None:
    """Note a call that gives a function a value.

    :param place: the argument that has the value.
    :param arguments: from the first parameter on; None for one that is not known.
    """
    call = next(n for n in reversed(place.parents) if isinstance(n, ast.Call))
    until = next(
        (i for i, a in enumerate(arguments) if isinstance(a, ast.Starred)),
        len(arguments),
    )
    named = tuple((k.arg, k.value) for k in call.keywords if k.arg)
    found = Given(place.module, call, tuple(arguments[:until]), named)
    flow.note_given(callee.node, found)


def note_unknown(flow: Flow, place: Place, callee: Definition) -> None:
    """Note that a function has a value by a call of which nothing else is known."""
    calls = [n for n in reversed(place.parents) if isinstance(n, ast.Call)][:1]
    known = flow.given.get(id(callee.node), ())
    if not calls or not any(each.call is calls[0] for each in known):
        flow.note_given(callee.node, Given(place.module, None))


def follow_parameter(
    flow: Flow, place: Place, function: ast.expr, token: Token, follow: Follow
) -> bool:
    """Follow a call of a parameter into the functions that it may be.

    :param function: what is called, there or by what the call at the place gives it to.
    :returns: whether it is one, of a function that was given the value.
    """
    scope = _owner(place, function)
    if scope is None or id(scope.node) not in flow.given:
        return False
    if not (_is_parameter(place) and _came_in(flow, scope, token)):
        return False
    assert isinstance(function, ast.Name)
    name = function.id

    def again() -> None:
        for given in flow.given.get(id(scope.node), ()):
            for each in _functions(flow, scope.node, name, given):
                follow(each)

    flow.handed.setdefault(id(scope.node), []).append(again)
    again()
    return True


def _owner(place: Place, func: ast.expr) -> Scope | None:
    """The function whose parameter is called, if the name is nothing else."""
    if not isinstance(func, ast.Name):
        return None
    scopes = place.module.scopes
    owner = scopes.resolve(func.id, scopes.scope_of(func))
    bindings = owner.bindings.get(func.id, ()) if owner is not None else ()
    if owner is None or len(bindings) != 1 or not isinstance(owner.node, FUNCTIONS):
        return None
    names = {each.arg for each in (*owner.node.args.args, *owner.node.args.kwonlyargs)}
    plain = bindings[0].kind is BindingKind.PARAMETER and func.id in names
    return owner if plain else None


def _is_parameter(place: Place) -> bool:
    """Whether the argument is what a parameter was given, or all of ``*rest``."""
    node = place.node.value if isinstance(place.node, ast.Starred) else place.node
    if not isinstance(node, ast.Name):
        return False
    found = place.module.scopes.bindings(node.id, place.module.scopes.scope_of(node))
    return [each.kind for each in found] == [BindingKind.PARAMETER]


def _came_in(flow: Flow, scope: Scope, token: Token) -> bool:
    """Whether an object is known as a parameter of a function, or inside of one."""
    bound = [b for found in scope.bindings.values() for b in found]
    given = [b for b in bound if b.kind is BindingKind.PARAMETER]
    slots = (flow.slots.get((id(each), each.name)) for each in given)
    return any(
        origin is token[0]
        for slot in slots
        if slot is not None
        for origin, _ in slot.tokens.values()
    )


def _functions(
    flow: Flow, node: ast.AST, name: str, given: Given
) -> list[Definition | None]:
    """What one call gives for a parameter."""
    arguments = getattr(node, "args", None)
    assert isinstance(arguments, ast.arguments)
    value = dict(given.named).get(name)
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if value is None and name in names and names.index(name) < len(given.positional):
        value = given.positional[names.index(name)]
    if value is None:
        return [None]
    own = _class_of_self(flow, value, given)
    found = flow.program.meanings.definitions(value, given.module)
    if own is not None and isinstance(value, ast.Attribute):
        found += flow.program.classes.overriding(own, value.attr)
    return [each if _is_plain(flow, each, own) else None for each in found]


def _is_plain(flow: Flow, found: Definition | None, own: Definition | None) -> bool:
    """A function, or a method of the caller's own object: ``self.run``."""
    if found is None or not isinstance(found.node, FUNCTIONS):
        return False
    return (
        own is not None
        or flow.program.places.class_of(found.module, found.node) is None
    )


def _class_of_self(flow: Flow, value: ast.expr, given: Given) -> Definition | None:
    """The class of the caller's own object, before the dot; None for ``cls.run``.

    That one may lack its first argument.
    """
    owner = value.value if isinstance(value, ast.Attribute) else None
    if not isinstance(owner, ast.Name):
        return None
    scopes = given.module.scopes
    scope = scopes.resolve(owner.id, scopes.scope_of(owner))
    if scope is None or "classmethod" in decorator_names(scope.node):
        return None
    return flow.program.places.self_class(owner, given.module)
