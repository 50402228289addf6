"""What is done with a running greenlet, besides asking it for a member.

Looks at every expression that may be what ``getcurrent()`` gives and notes whether a
number that tells threads apart would do there: it is printed, is compared with another
of its kind, is the key of such a dict. Anything else is an escape. Follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from deventlet.resolve.chains import called_name
from deventlet.resolve.scopes import Scope, ScopeKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.called import called, is_assertion, is_log, on_text
from deventlet.resolve.values.flow import IDENTITY, Flow
from deventlet.resolve.values.model import Origin, Place, Shape, Token
from deventlet.resolve.values.shapes import normal

_TEXT = frozenset({"str", "repr", "print", "format", "pprint.pprint"})
_LOOKING = frozenset({
    "get", "pop", "setdefault", "remove", "discard", "index", "count", "__contains__",
})  # fmt: skip
"""Methods of a container that look for their first argument."""
_COMPARING = frozenset({
    "difference", "difference_update", "intersection", "intersection_update",
    "isdisjoint", "issubset", "issuperset", "symmetric_difference",
    "symmetric_difference_update", "union",
})  # fmt: skip
_PLAIN = frozenset({
    "dict", "set", "list", "OrderedDict", "defaultdict", "deque",
})  # fmt: skip
"""What makes a container that can hold a number: a weak one cannot."""
_DISPLAYS = (
    ast.Dict,
    ast.Set,
    ast.List,
    ast.Tuple,
    ast.DictComp,
    ast.SetComp,
    ast.ListComp,
)
_SOUGHT = frozenset({"key", "item", "slot"})
"""How a container holds what ``in`` and its methods look for."""


def judge(flow: Flow) -> None:
    """Note the fates and the escapes of all that ``getcurrent()`` gives.

    Values that meet get the number of a circle: they change together or not at all.
    So do all whose ``id`` is taken, for a number is not followed.
    """
    found = _Identities(flow)
    for place, token in flow.identities:
        fate, problem = found.fate(place, token)
        if problem:
            flow.escape(place, token, "value.identity", problem)
        elif fate:
            token[0].fates.add(fate)
    _note_unread(flow)
    for place, token in flow.identities:
        origin = token[0]
        if not (origin.fates or origin.escapes or origin.members):
            flow.escape(place, token, "value.identity", "nothing here looks at it")
    numbers = [token[0] for _, token in flow.identities if "number" in token[0].fates]
    found.circles.join(numbers)
    found.circles.number()


def _note_unread(flow: Flow) -> None:
    """Names and attributes that nothing here reads may be there for other projects."""
    nodes = [place.node for place, _ in flow.identities]
    starts = {id(token[0]): place for place, token in reversed(flow.identities)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names = attributes | {node.id for node in nodes if isinstance(node, ast.Name)}
    for slot in list(flow.slots.values()):
        if isinstance(slot.owner, Scope):
            is_read = slot.name in names or slot.owner.kind is not ScopeKind.MODULE
        else:
            is_read = slot.name in attributes
        for token in () if is_read else slot.tokens.values():
            if token[0].api == IDENTITY:
                what = f"nothing here reads {slot.name}"
                flow.escape(starts[id(token[0])], token, "value.identity", what)


def taken_by_id(place: Place) -> ast.Call | None:
    """The call of ``id`` whose argument an expression is."""
    call = place.parent
    is_it = (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "id"
        and call.args == [place.node]
        and not call.keywords
        and place.module.scopes.is_free("id", place.module.scopes.scope_of(call.func))
    )
    return call if is_it and isinstance(call, ast.Call) else None


_Answer = tuple[str, str]
"""The fate of a value, or why it needs to be a greenlet."""


@dataclass(eq=False, slots=True)
class _Circles:
    """Groups of objects that meet."""

    of: dict[int, list[Origin]] = field(default_factory=dict)

    def join(self, origins: Iterable[Origin]) -> None:
        """Put objects, and all that they are with, into one group."""
        groups = [self.of.setdefault(id(each), [each]) for each in origins]
        every = {id(each): each for group in groups for each in group}
        joined = list(every.values())
        self.of.update(dict.fromkeys(every, joined))

    def number(self) -> None:
        """Tell every object its group; the first is 1."""
        groups = {id(group): group for group in self.of.values()}
        for number, group in enumerate(groups.values(), start=1):
            for each in group:
                each.circle = number


@dataclass(eq=False)
class _Identities:
    """Answers about the expressions of one flow."""

    flow: Flow
    circles: _Circles = field(default_factory=_Circles)

    def __post_init__(self) -> None:
        own = {id(token[0]) for _, token in self.flow.identities}
        self._shapes: dict[int, set[Shape]] = {}
        self._origins: dict[int, list[Origin]] = {}
        for place, token in self.flow.identities:
            self._shapes.setdefault(id(place.node), set()).add(normal(token[1]))
            self._origins.setdefault(id(place.node), []).append(token[0])
        for origins in self._origins.values():
            self.circles.join(origins)
        self._foreign = {
            (node, normal(shape))
            for node, origin, shape in self.flow.seen
            if node in self._shapes and origin not in own
        }

    def fate(self, place: Place, token: Token) -> _Answer:
        """What becomes of a value where it is; two empty words for nothing."""
        origin, shape = token
        if (id(place.node), normal(shape)) in self._foreign:
            return "", f"`{_shown(place.node)}` may be another thread"
        if place.node is origin.node and (call := taken_by_id(place)) is not None:
            is_text = is_printed(
                self.flow, self.flow.program.places.place(place.module, call)
            )
            return ("text" if is_text else "number"), ""
        handlers = _INSIDE if shape else _ITSELF
        handler = handlers.get(type(place.parent))
        return handler(self, place, token) if handler is not None else ("", "")

    def _is_same(self, expr: ast.expr, beside: ast.expr) -> bool:
        """Whether an expression is what ``getcurrent()`` gives, and nothing else.

        :param beside: the one that it is held against.
        """
        shapes = self._shapes.get(id(expr), set())
        self._meet(expr, beside)
        return () in shapes and (id(expr), ()) not in self._foreign

    def _holds_same(self, expr: ast.expr, beside: ast.expr) -> bool:
        """Whether a container has such keys, or such elements, and no others."""
        shapes = self._shapes.get(id(expr), set())
        self._meet(expr, beside)
        found = {shape for shape in shapes if shape[:1] and shape[0] in _SOUGHT}
        return bool(found) and not any((id(expr), s) in self._foreign for s in found)

    def _is_plain(self, place: Place, container: ast.expr) -> bool:
        """Whether a container is one that can hold numbers, too, for certain."""
        made = [*self.flow.program.meanings.made_of(container, place.module)]
        given = [m for m in made if not isinstance(m, ast.Constant)]
        return bool(given) and all(
            isinstance(each, _DISPLAYS) or called_name(each) in _PLAIN for each in given
        )

    def _meet(self, *exprs: ast.expr) -> None:
        """What some expressions may be changes together."""
        found = (self._origins.get(id(expr), []) for expr in exprs)
        self.circles.join(chain.from_iterable(found))

    # -- the value itself ----------------------------------------------------

    def displayed(self, place: Place, token: Token) -> _Answer:
        """``{getcurrent(): job}``."""
        parent = place.parent
        is_key = isinstance(parent, ast.Set) or (
            isinstance(parent, ast.Dict) and place.node in parent.keys
        )
        return ("key" if is_key else "", "")

    def compared(self, place: Place, token: Token) -> _Answer:
        """``owner == getcurrent()``, ``getcurrent() in owners``, ``owner is None``."""
        compare = place.parent
        assert isinstance(compare, ast.Compare)
        sides = [compare.left, *compare.comparators]
        for left, op, right in zip(sides, compare.ops, sides[1:], strict=False):
            if place.node in (left, right) and not self._may_compare(
                left, op, right, place.node
            ):
                return "", f"`{_shown(compare)}` compares it with something else"
        return "compared", ""

    def _may_compare(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, node: ast.expr
    ) -> bool:
        other = right if left is node else left
        if isinstance(other, ast.Constant):
            return other.value is None
        if isinstance(op, (ast.Eq, ast.NotEq)):
            return self._is_same(other, node)
        return isinstance(op, (ast.In, ast.NotIn)) and (
            other is right
            and self._holds_same(right, left)
            and self._is_same(left, right)
        )

    def index(self, place: Place, token: Token) -> _Answer:
        """``jobs[getcurrent()]``."""
        subscript = place.parent
        assert isinstance(subscript, ast.Subscript)
        if subscript.value is place.node:
            return "", "it is subscripted"
        return self._key_of(place, subscript.value)

    def _key_of(self, place: Place, container: ast.expr) -> _Answer:
        """It is put into a container, or sought there."""
        if not self._is_plain(place, container):
            return "", f"what `{_shown(container)}` is cannot be seen"
        if not self._holds_same(container, place.node):
            return "", f"`{_shown(container)}` may hold something else"
        return "key", ""

    def argument(self, place: Place, token: Token) -> _Answer:
        """An argument that the flow took for one that is only looked at."""
        call = next(n for n in reversed(place.parents) if isinstance(n, ast.Call))
        if place.parent is call and call.func is place.node:
            return "", ""
        name = called(self.flow, place, call)
        if name in _TEXT or is_log(call) or on_text(call):
            return "text", ""
        if name in kinds.NEUTRAL or is_assertion(call, name):
            return "", f"`{_shown(call)}` looks at it"
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in _LOOKING | {*kinds.ADDERS}:
            is_ours = any(self.flow.program.meanings.definitions(func, place.module))
            return ("", "") if is_ours else self._key_of(place, func.value)
        return "", ""

    def tested(self, place: Place, token: Token) -> _Answer:
        """``if owner``: a greenlet that has ended is false, and a number is true."""
        return "", "it is tested for being true"

    def alternative(self, place: Place, token: Token) -> _Answer:
        """``getcurrent() or None``: the running greenlet is true."""
        parent = place.parent
        assert isinstance(parent, ast.BoolOp)
        if place.node is not token[0].node:
            return self.tested(place, token)
        return self._beside(place, [e for e in parent.values if e is not place.node])

    def conditional(self, place: Place, token: Token) -> _Answer:
        """``owner if known else None``."""
        parent = place.parent
        assert isinstance(parent, ast.IfExp)
        if parent.test is place.node:
            return self.tested(place, token)
        other = parent.orelse if parent.body is place.node else parent.body
        return self._beside(place, [other])

    def _beside(self, place: Place, others: Iterable[ast.expr]) -> _Answer:
        """What else an expression may give has to be of the same kind, or nothing."""
        for other in others:
            is_none = isinstance(other, ast.Constant) and other.value is None
            if not is_none and not self._is_same(other, place.node):
                return "", f"`{_shown(place.parent)}` may be something else"
        return "", ""

    def combined(self, place: Place, token: Token) -> _Answer:
        """``"%s" % getcurrent()``, and nothing else."""
        if is_percent(place.parent, place.node):
            return "text", ""
        return "", f"`{_shown(place.parent)}` calculates with it"

    def dropped(self, place: Place, token: Token) -> _Answer:
        """A statement of its own."""
        return "dropped", ""

    def printed(self, place: Place, token: Token) -> _Answer:
        """A value in an f-string."""
        return "text", ""

    # -- what holds the value --------------------------------------------------

    def sought_in(self, place: Place, token: Token) -> _Answer:
        """``x in owners``, and a comparison of whole containers."""
        compare = place.parent
        assert isinstance(compare, ast.Compare)
        ops = {type(op) for op in compare.ops}
        looked = [*compare.comparators][-1:] == [place.node] and ops <= {
            ast.In,
            ast.NotIn,
        }
        if looked and (
            token[1][0] not in _SOUGHT or self._is_same(compare.left, place.node)
        ):
            return "key", ""
        if any(isinstance(c, ast.Constant) for c in compare.comparators):
            return "", ""
        return "", f"`{_shown(compare)}` may ask for something else"

    def element(self, place: Place, token: Token) -> _Answer:
        """``jobs[thread]`` where the keys are identities."""
        subscript = place.parent
        assert isinstance(subscript, ast.Subscript)
        is_keyed = subscript.value is place.node and token[1][0] in ("key", "slot")
        if is_keyed and not self._is_same(subscript.slice, place.node):
            return "", f"`{_shown(subscript)}` may ask for another key"
        return "", ""

    def asked(self, place: Place, token: Token) -> _Answer:
        """``jobs.pop(thread)``, ``owners.discard(thread)``."""
        attribute, call = place.parents[-1], place.parents[-2]
        if not isinstance(attribute, ast.Attribute) or not isinstance(call, ast.Call):
            return "", ""
        if attribute.attr in _COMPARING:
            return "", f"`{_shown(call)}` compares it with something else"
        by_position = attribute.attr == "pop" and token[1][0] == "item"
        is_asked = attribute.attr in _LOOKING and token[1][0] in _SOUGHT
        if (
            is_asked
            and not by_position
            and not all(self._is_same(each, place.node) for each in call.args[:1])
        ):
            return "", f"`{_shown(call)}` may ask for another one"
        return "", ""

    def joined(self, place: Place, token: Token) -> _Answer:
        """``"%s %s" % (job, getcurrent())``, ``owners + more``, ``owners - gone``."""
        parent = place.parent
        if is_percent(parent, place.node):
            return "text", ""
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add):
            return "", ""
        return "", f"`{_shown(parent)}` compares it with something else"

    def listed(self, place: Place, token: Token) -> _Answer:
        """A container as an argument: printed, or looked at as a whole."""
        call = next(n for n in reversed(place.parents) if isinstance(n, ast.Call))
        name = called(self.flow, place, call)
        if name in _TEXT or is_log(call) or on_text(call):
            return "text", ""
        if is_assertion(call, name):
            return "", f"`{_shown(call)}` looks at it"
        return "", ""


_Handler = Callable[[_Identities, Place, Token], _Answer]
_ITSELF: Mapping[type[ast.AST], _Handler] = {
    ast.Expr: _Identities.dropped,
    ast.Dict: _Identities.displayed,
    ast.Set: _Identities.displayed,
    ast.Compare: _Identities.compared,
    ast.Subscript: _Identities.index,
    ast.Call: _Identities.argument,
    ast.keyword: _Identities.argument,
    ast.If: _Identities.tested,
    ast.While: _Identities.tested,
    ast.Assert: _Identities.tested,
    ast.UnaryOp: _Identities.tested,
    ast.comprehension: _Identities.tested,
    ast.BoolOp: _Identities.alternative,
    ast.IfExp: _Identities.conditional,
    ast.BinOp: _Identities.combined,
    ast.AugAssign: _Identities.combined,
    ast.FormattedValue: _Identities.printed,
}
_INSIDE: Mapping[type[ast.AST], _Handler] = {
    ast.Compare: _Identities.sought_in,
    ast.Subscript: _Identities.element,
    ast.Attribute: _Identities.asked,
    ast.BinOp: _Identities.joined,
    ast.AugAssign: _Identities.joined,
    ast.Call: _Identities.listed,
    ast.keyword: _Identities.listed,
    ast.FormattedValue: _Identities.printed,
}


def is_percent(above: ast.AST, node: ast.AST) -> bool:
    """Whether a node is what ``"%s" % node`` formats."""
    return (
        isinstance(above, ast.BinOp)
        and isinstance(above.op, ast.Mod)
        and above.right is node
        and (
            isinstance(above.left, ast.JoinedStr)
            or isinstance(getattr(above.left, "value", None), str)
        )
    )


def is_printed(flow: Flow, place: Place) -> bool:
    """Whether an expression goes into a text or a log, maybe as part of a tuple."""
    node: ast.AST = place.node
    for depth, above in enumerate(reversed(place.parents)):
        if isinstance(above, ast.FormattedValue) or is_percent(above, node):
            return True
        if isinstance(above, ast.Call):
            rest = place.parents[: len(place.parents) - depth - 1]
            inner = Place(place.module, above, rest)
            name = called(flow, inner, above)
            return above.func is not node and (
                name in _TEXT or is_log(above) or on_text(above)
            )
        if not isinstance(above, (ast.Tuple, ast.List, ast.Dict, ast.keyword)):
            return False
        node = above
    return False


def _shown(node: ast.AST) -> str:
    """The source of a node on one line, cut short."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."
