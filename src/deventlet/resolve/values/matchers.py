"""Which objects a test meets in the ``__eq__`` of what it says that a mock is given.

``mocked.assert_called_with(1, AnyEvent())`` compares ``AnyEvent()`` with arguments of
calls that have as many. Notes on the objects that may be one of those the class that is
asked for there, and follows nothing itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.definitions import Definition, Function
from deventlet.resolve.values.flow import Flow
from deventlet.resolve.values.model import Origin, Place

Named: TypeAlias = tuple[str, Place]
"""A place that names a class, and the kind of its objects."""

_ASKS = frozenset({
    "assert_called_with", "assert_called_once_with", "assert_any_call",
    "assert_awaited_with", "assert_awaited_once_with", "assert_any_await", "call",
})  # fmt: skip
_COMPARING = frozenset({"__eq__", "__ne__"})
_FAMILIES = ("Queue", "Semaphore", "Lock", "GreenThread", "greenlet", "Executor")
_TESTS = frozenset({"tests", "test", "testing"})
"""Folders of files that only tests run."""
_RECEIVER = 1
"""A mock that is made with ``autospec`` gets the object of its method as well."""


def judge(flow: Flow, named: Sequence[Named], origins: Iterable[Origin]) -> None:
    """Note the tests of such a method on each object that it may be given.

    :param named: the places that name a class and do not call it.
    """
    made = [o for o in origins if o.how in ("created", "product", "subclass")]
    for kind, place in named:
        method = _comparing(flow, place)
        arguments = _arguments(flow, place, method) if method is not None else None
        if method is None or arguments is None:
            continue
        for origin in made:
            is_one = _family(kind) == _family(origin.kind)
            if is_one and _may_meet(flow, origin, place, arguments):
                origin.tests[place.node] = place.module


def _family(kind: str) -> str:
    """What the classes have in common of which one may derive from another."""
    return next((each for each in _FAMILIES if kind.endswith(each)), kind)


def _comparing(flow: Flow, place: Place) -> Function | None:
    """The ``__eq__`` that asks its parameter for the class at a place."""
    asked = _asked(place)
    method = flow.program.places.function_of(place) if asked is not None else None
    if asked is None or not isinstance(method, ast.FunctionDef):
        return None
    parameters = [each.arg for each in method.args.args]
    bound = flow.program.places.scope(place.module, method).bindings.get(asked.id, ())
    is_other = method.name in _COMPARING and parameters[1:] == [asked.id]
    return method if is_other and len(bound) == 1 else None


def _asked(place: Place) -> ast.Name | None:
    """The name in ``type(name) is C`` or ``isinstance(name, C)``."""
    parent: ast.AST | None = place.parent
    wanted = "isinstance"
    if isinstance(parent, ast.Compare):
        sides = (parent.left, *parent.comparators)
        wanted, parent = "type", next((s for s in sides if s is not place.node), None)
    if not isinstance(parent, ast.Call) or getattr(parent.func, "id", "") != wanted:
        return None
    first = next(iter(parent.args), None)
    return first if isinstance(first, ast.Name) else None


def _arguments(flow: Flow, place: Place, method: Function) -> int | None:
    """The least number of arguments of a call that a mock is asked for with one.

    None where the class is not a function's own, or is used in any other way.
    """
    owner = flow.program.places.class_of(place.module, method)
    if owner is None or flow.program.classes.below(owner) or _is_shared(flow, owner):
        return None
    found = [_asked_with(each) for each in flow.program.places.mentions(owner)]
    known = [each for each in found if each is not None]
    return min(known) if known and len(known) == len(found) else None


def _is_shared(flow: Flow, owner: Definition) -> bool:
    """Whether more than one function may use a class, or it has a base."""
    outer = flow.program.places.scope(owner.module, owner.node).parent
    bases = getattr(owner.node, "bases", [])
    is_plain = all(getattr(each, "id", "") == "object" for each in bases)
    return not is_plain or outer is None or outer.kind is not ScopeKind.FUNCTION


def _asked_with(place: Place) -> int | None:
    """How many arguments there are in ``assert_called_with(…, C(), …)``."""
    made = place.up() if place.call is not None else None
    around = made.parents[::-1][:2] if made is not None else []
    if around and isinstance(around[0], ast.keyword):
        around = around[1:]
    call = around[0] if around else None
    if not isinstance(call, ast.Call) or (made and call.func is made.node):
        return None
    name = getattr(call.func, "attr", "")
    return least_arguments(call) if name in _ASKS else None


def least_arguments(call: ast.Call) -> int:
    """The number of arguments that a call has for certain."""
    return sum(
        not isinstance(each, ast.Starred) and getattr(each, "arg", "") is not None
        for each in (*call.args, *call.keywords)
    )


def _may_meet(flow: Flow, origin: Origin, test: Place, arguments: int) -> bool:
    """Whether a mock may be given an object in a call with so many arguments.

    What is lost from sight may be given to anything that runs there. What a decorator
    gets is not: the result is followed to where it is returned.
    """
    if not _runs(flow, origin.module, origin.node, test):
        return False
    return origin.passed + _RECEIVER >= arguments or any(
        not each.is_beside
        and each.reason != "value.returned"
        and _runs(flow, each.module, each.node, test)
        for each in origin.escapes
    )


def _runs(flow: Flow, module: Module, node: ast.AST, test: Place) -> bool:
    """Whether the test that holds a place may run the code that holds a node.

    It runs no other test, and no file of tests that it does not import.
    """
    is_test = not _TESTS.isdisjoint(module.path.split("/"))
    closure = flow.program.project.closure
    if is_test and module.name not in closure(test.module.name):
        return False
    tests = [
        each
        for each in ancestors(module.tree, node)
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test")
    ]
    return not tests or any(each in test.parents for each in tests)
