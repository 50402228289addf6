"""What operators give to special methods of the repository's classes.

``box + event``, ``event in box`` and ``box[event]`` run what the class of ``box`` says
for them, and no name there tells which. So an operand is out of sight wherever the
other one may be of a class that has such a method. Asked once the flow has ended;
follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.called import called
from deventlet.resolve.values.definitions import FUNCTIONS, HOPS, parts, says_none
from deventlet.resolve.values.flow import Flow, Operand
from deventlet.resolve.values.model import Place, Token

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul",
    ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow",
    ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or",
    ast.BitXor: "xor",
}  # fmt: skip
EQUAL = ("__eq__", "__ne__")
ORDERED = ("__lt__", "__le__", "__gt__", "__ge__")
_KEYED: dict[type[ast.expr_context], tuple[str, ...]] = {
    ast.Load: ("__getitem__", "__missing__", "__class_getitem__"),
    ast.Store: ("__setitem__",),
    ast.Del: ("__delitem__",),
}
_DISPLAYS = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip
_MAKERS = kinds.LISTS | kinds.DICTS | {"collections.defaultdict", "len", "range", "str"}
"""Functions that give an object of a class of the standard library."""
_SILENT = frozenset({
    BindingKind.ANNOTATION, BindingKind.AUGMENTED, BindingKind.DELETE,
    BindingKind.FUNCTION, BindingKind.IMPORT,
})  # fmt: skip
"""What gives a name no object of a class, or one such as it has already."""


def note_operand(flow: Flow, place: Place, token: Token) -> None:
    """Note a value that is an operand; judged once all is known of the other one."""
    for other, names in _others(place.parent, place.node):
        flow.operands.append(Operand(place, token, other, names))


def _others(
    parent: ast.AST, node: ast.expr
) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
    """What stands on the other side, and which of its methods would get this one."""
    match parent:
        case ast.BinOp(left=left, op=op, right=right):
            name = _ARITHMETIC[type(op)]
            yield (right, (f"__r{name}__",)) if node is left else (
                left, (f"__{name}__",)
            )  # fmt: skip
        case ast.AugAssign(target=target, op=op):
            name = _ARITHMETIC[type(op)]
            yield target, (f"__i{name}__", f"__{name}__")
        case ast.Compare(left=left, ops=asked, comparators=comparators):
            sides = pairwise((left, *comparators))
            for comparison, (first, second) in zip(asked, sides, strict=True):
                if node is first:
                    yield second, _comparing(comparison, is_first=True)
                elif node is second:
                    yield first, _comparing(comparison, is_first=False)
        case ast.Subscript(value=container, ctx=context):
            yield container, _KEYED[type(context)]


def _comparing(comparison: ast.cmpop, is_first: bool) -> tuple[str, ...]:
    """The methods by which one side of a comparison is given the other."""
    match comparison:
        case ast.Is() | ast.IsNot():
            return ()
        case ast.In() | ast.NotIn():
            return ("__contains__",) if is_first else ()
        case ast.Eq() | ast.NotEq():
            return EQUAL
    return ORDERED


def judge(flow: Flow) -> None:
    """Note an escape for each operand that a class of the repository may get."""
    for each in flow.operands:
        taker = _taker(flow, each.other, each.place.module, each.names)
        if taker:
            flow.escape(each.place, each.token, "value.passed", f"to {taker}()")


def _taker(flow: Flow, expr: ast.expr, module: Module, names: tuple[str, ...]) -> str:
    """A method of some names that the class of an expression may have; maybe empty."""
    among = parts(expr)
    if among is not None:
        found = (_taker(flow, each, module, names) for each in among)
        return next(filter(None, found), "")
    classes = flow.program.classes
    owners = [(owner, name) for name in names for owner in classes.having(name)]
    if not owners:
        return ""
    receiver = flow.program.receivers.receiver(expr, module)
    if receiver.modules:
        return ""
    if receiver.classes and not receiver.unknown:
        family = receiver.classes.union(
            *(classes.above(c) | classes.below(c) for c in receiver.classes)
        )
        owners = [(owner, name) for owner, name in owners if owner in family]
    if not owners or _is_other(flow, expr, module):
        return ""
    return next((f"{getattr(o.node, 'name', '')}.{name}" for o, name in owners), "")


def _is_other(flow: Flow, expr: ast.expr, module: Module, hops: int = HOPS) -> bool:
    """Whether an expression surely gives no object of a class of the repository.

    But one of a built-in class, of Eventlet or of another project; or a module.
    """
    if isinstance(expr, _DISPLAYS) or flow.program.meanings.is_foreign(expr, module):
        return True
    inside: list[ast.expr] | None
    match expr:
        case ast.Name(id=name):
            found = module.scopes.bindings(name, module.scopes.scope_of(expr))
            return hops > 0 and _all(_gives_other(flow, b, module, hops) for b in found)
        case ast.Attribute():
            return hops > 0 and _all(_holds_others(flow, expr, module, hops))
        case ast.Call():
            place = flow.program.places.place(module, expr)
            name = called(flow, place, expr)
            return name in _MAKERS or _is_class(flow, expr.func, module)
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
            return True
        case ast.BinOp(left=left, right=right):
            inside = [left, right]
        case ast.Subscript(value=whole, slice=ast.Slice()):
            inside = [whole]
        case _:
            inside = parts(expr)
    return _all(_is_other(flow, each, module, hops) for each in inside or ())


def _is_class(flow: Flow, func: ast.expr, module: Module) -> bool:
    """Whether a class of another project is called, by how such a one is written."""
    is_written_so = last_name(func)[:1].isupper()
    return is_written_so and flow.program.meanings.is_foreign(func, module)


def _gives_other(flow: Flow, binding: Binding, module: Module, hops: int) -> bool:
    """Whether one binding gives its name no object of a class of the repository."""
    if binding.kind in _SILENT:
        return True
    if binding.kind is BindingKind.EXCEPT:
        return (id(binding), binding.name) in flow.slots
    if binding.kind is BindingKind.PARAMETER:
        function = binding.scope.node
        assert isinstance(function, FUNCTIONS)
        return binding.node in (function.args.vararg, function.args.kwarg)
    value = binding.value
    return value is not None and (
        id(value) in flow.visited or _is_other(flow, value, module, hops - 1)
    )


def _holds_others(
    flow: Flow, expr: ast.Attribute, module: Module, hops: int
) -> Iterator[bool]:
    """The same of each value that an attribute is given by its classes."""
    receiver = flow.program.receivers.receiver(expr.value, module)
    classes = flow.program.classes
    if receiver.unknown:
        yield False
    for owner in {c for each in receiver.classes for c in classes.related(each)}:
        for value in classes.stores(owner).get(expr.attr, ()):
            yield value is not None and (
                says_none(value)
                or id(value) in flow.visited
                or _is_other(flow, value, owner.module, hops - 1)
            )


def _all(found: Iterable[bool]) -> bool:
    """Whether there are some, and all are so."""
    every = list(found)
    return bool(every) and all(every)
