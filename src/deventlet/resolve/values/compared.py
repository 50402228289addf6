"""Which comparisons give an object to a method of the repository's that asks it things.

``box in [event]``, ``boxes.index(event)``, ``sorted([event, box])`` and
``assertEqual(box, event)`` run ``__eq__`` or ``__lt__`` of a class that no name there
tells. What counts is only a method that asks its other operand for a member which the
object has. Asked once the flow has ended; follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module
from deventlet.resolve.values import kinds
from deventlet.resolve.values.definitions import Definition, parts
from deventlet.resolve.values.flow import Flow, Operand
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.operators import EQUAL, ORDERED

_SEEKING = frozenset({"index", "remove", "count", "__contains__"})
_ORDERING = frozenset({"sorted", "min", "max"})
_ASSERTED_EQUAL = frozenset({
    "assertEqual", "assertEquals", "assertNotEqual", "assertIn", "assertNotIn",
    "assertCountEqual", "assertItemsEqual", "assertListEqual", "assertTupleEqual",
    "assertSequenceEqual", "assertDictEqual",
})  # fmt: skip
_ASSERTED_ORDER = frozenset({
    "assertGreater", "assertGreaterEqual", "assertLess", "assertLessEqual",
})  # fmt: skip
_LITERALS = (ast.Constant, ast.JoinedStr, ast.Lambda)


# -- where something is compared -------------------------------------------------


def note_compare(flow: Flow, place: Place, compare: ast.Compare, token: Token) -> None:
    """``box in [event]``, ``[event] == boxes``."""
    sides = pairwise((compare.left, *compare.comparators))
    for asked, (first, second) in zip(compare.ops, sides, strict=True):
        if isinstance(asked, (ast.Is, ast.IsNot)) or place.node not in (first, second):
            continue
        other = second if place.node is first else first
        is_sought = isinstance(asked, (ast.In, ast.NotIn))
        if is_sought and not _is_searched(flow, place, second):
            continue
        is_equal = is_sought or isinstance(asked, (ast.Eq, ast.NotEq))
        _note(flow, place, token, other, EQUAL if is_equal else ORDERED)


def note_patterns(flow: Flow, place: Place, match: ast.Match, token: Token) -> None:
    """``case BOX.value:`` compares."""
    for case in match.cases:
        for node in ast.walk(case.pattern):
            if isinstance(node, ast.MatchValue):
                _note(flow, place, token, node.value, EQUAL)


def note_sought(flow: Flow, place: Place, container: ast.expr, token: Token) -> None:
    """``boxes.index(event)``."""
    _note(flow, place, token, container, EQUAL)


def note_method(flow: Flow, place: Place, name: str, token: Token) -> None:
    """``[event].index(box)`` and ``events.sort()``, of a container that holds it."""
    call, container = place.call, getattr(place.node, "value", None)
    if call is None or container is None:
        return
    if name in _SEEKING and call.args and _is_searched(flow, place, container):
        _note(flow, place, token, call.args[0], EQUAL)
    elif name == "sort" and not _has_key(call):
        _note(flow, place, token, container, ORDERED)


def note_argument(
    flow: Flow, place: Place, call: ast.Call, name: str, token: Token
) -> None:
    """``sorted(events)``, ``self.assertEqual(box, event)``."""
    if name in _ORDERING and not _has_key(call):
        for each in call.args:
            _note(flow, place, token, each, ORDERED)
    asserted = last_name(call.func)
    for each in call.args[:2]:
        if each is not place.node and asserted in _ASSERTED_EQUAL:
            _note(flow, place, token, each, EQUAL)
        elif each is not place.node and asserted in _ASSERTED_ORDER:
            _note(flow, place, token, each, ORDERED)


def _is_searched(flow: Flow, place: Place, container: ast.expr) -> bool:
    """Whether a container compares what it holds: a dict only does with the same hash.

    What stands under its keys it does not compare at all.
    """
    return flow.program.meanings.is_dict(container, place.module) is not True


def _has_key(call: ast.Call) -> bool:
    return any(each.arg in ("key", None) for each in call.keywords)


def _note(
    flow: Flow, place: Place, token: Token, other: ast.expr, names: tuple[str, ...]
) -> None:
    flow.compared.append(Operand(place, token, other, names))


# -- what that may be ------------------------------------------------------------


def judge(flow: Flow) -> None:
    """Note an escape for each object that such a method may get."""
    judged = _Judge(flow)
    for each in flow.compared:
        taker = judged.taker(each)
        if taker:
            flow.escape(each.place, each.token, "value.passed", f"to {taker}()")


@dataclass(eq=False, slots=True)
class _Judge:
    """One look at everything that is compared."""

    flow: Flow
    _asking: dict[tuple[str, tuple[str, ...]], list[Definition]] = field(
        default_factory=dict
    )

    def taker(self, operand: Operand) -> str:
        """A method that may get the object; empty if there is none."""
        key = operand.token[0].kind, operand.names
        if key not in self._asking:
            self._asking[key] = list(self._find(*key))
        owners = self._asking[key]
        module = operand.place.module
        if not owners or self._is_other(operand.other, module, operand, owners):
            return ""
        names = [n for n in operand.names if owners[0] in self._having(n)]
        return f"{getattr(owners[0].node, 'name', '')}.{names[0]}"

    def _having(self, name: str) -> list[Definition]:
        return self.flow.program.classes.having(name)

    def _find(self, kind: str, names: tuple[str, ...]) -> Iterator[Definition]:
        """The classes with such a method that asks for a member of a kind."""
        members = kinds.MEMBERS.get(kind, ())
        for name in names:
            for owner in self._having(name):
                for method in self.flow.program.classes.defined(owner, name):
                    if _asks(method, members):
                        yield owner

    def _is_other(
        self,
        expr: ast.expr,
        module: Module,
        operand: Operand,
        owners: Collection[Definition],
    ) -> bool:
        """Whether an expression surely is, and holds, no object of those classes."""
        among = _inside(expr)
        if among is not None:
            return all(self._is_other(e, module, operand, owners) for e in among)
        shapes = self.flow.visited.get(id(expr), ())
        origin = operand.token[0]
        if () in shapes:
            return True
        if shapes:
            seen = any(
                (id(expr), id(origin), each) in self.flow.seen for each in shapes
            )
            return seen and not any(e.reason == "value.mixed" for e in origin.escapes)
        if self.flow.program.meanings.is_foreign(expr, module):
            return True
        receiver = self.flow.program.receivers.receiver(expr, module)
        classes = self.flow.program.classes
        family = {c for each in receiver.classes for c in classes.related(each)}
        return bool(family) and not receiver.unknown and family.isdisjoint(owners)


def _inside(expr: ast.expr) -> list[ast.expr] | None:
    """The expressions of which an expression is made; None if it is no container."""
    match expr:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return list(elts)
        case ast.Dict(keys=names, values=values):
            return [*filter(None, names), *values]
        case ast.Starred(value=value):
            return [value]
    return [] if isinstance(expr, _LITERALS) else parts(expr)


def _asks(method: Definition, members: Collection[str]) -> bool:
    """Whether a method asks its other operand for one of some members."""
    arguments = getattr(method.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return False
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)][1:]
    return any(_is_asked(node, names, members) for node in ast.walk(method.node))


def _is_asked(node: ast.AST, names: list[str], members: Collection[str]) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            return name in names and attr in members
        case ast.Call(
            func=ast.Name(id="getattr"),
            args=[ast.Name(id=name), ast.Constant(value=attr), *_],
        ):
            return name in names and attr in members
    return False
