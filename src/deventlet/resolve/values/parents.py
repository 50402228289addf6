"""What the code around an expression does with its value, by the kind of its parent.

One rule for each kind of node: where the value goes on to, what of it is used there, or
that nothing comes of it. Goes one step only; :mod:`flow` takes them until none is left.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from deventlet.resolve.scopes import Binding, BindingKind
from deventlet.resolve.values import kinds
from deventlet.resolve.values.calls import argument
from deventlet.resolve.values.compared import (
    note_compare,
    note_method,
    note_patterns,
)
from deventlet.resolve.values.flow import Flow, Rule, result_of
from deventlet.resolve.values.forwarding import follow_key
from deventlet.resolve.values.giving import give
from deventlet.resolve.values.model import Origin, Place, Token
from deventlet.resolve.values.operators import note_operand
from deventlet.resolve.values.shapes import (
    at,
    element,
    is_contained,
    items,
    listed,
    wrapped,
)
from deventlet.resolve.values.storing import bind, store

_GIVING = kinds.GIVERS | kinds.SAME_METHODS | {"items", "values"}
"""What gives out, by a method that is kept, what a container holds."""
_KEYED = (("key",), ("value",), ("slot",))


def _nothing(flow: Flow, place: Place, token: Token) -> None:
    """The value is looked at, compared or dropped, and goes nowhere."""


def _tested(flow: Flow, place: Place, token: Token) -> None:
    """The value is asked whether it is true."""
    parent = place.parent
    if not isinstance(parent, ast.UnaryOp) or isinstance(parent.op, ast.Not):
        flow.look(place, token, "bool")


def _compared(flow: Flow, place: Place, token: Token) -> None:
    """``x is None`` is the same of anything; to be equal to another thread is not."""
    parent = place.parent
    assert isinstance(parent, ast.Compare)
    note_operand(flow, place, token)
    note_compare(flow, place, parent, token)
    sides = (parent.left, *parent.comparators)
    is_asked = any(isinstance(op, (ast.Is, ast.Eq, ast.IsNot, ast.NotEq))
                   for op in parent.ops)  # fmt: skip
    if is_asked and not any(isinstance(each, ast.Constant) for each in sides):
        flow.look(place, token, "compare")


def _through(flow: Flow, place: Place, token: Token) -> None:
    flow.up(place, token)


def _either(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.BoolOp)
    if place.node is not parent.values[-1]:
        flow.look(place, token, "bool")
    flow.up(place, token)


def _spread(flow: Flow, place: Place, token: Token) -> None:
    """``*xs`` iterates over an object, and gives what a container holds."""
    if flow.iterate(place, token):
        return
    given = listed(token) if token[1][:1] in _KEYED else token
    if given is not None:
        flow.up(place, given)


def _concatenated(flow: Flow, place: Place, token: Token) -> None:
    """``xs + [ev]`` holds what both lists hold, a tuple in another place maybe."""
    note_operand(flow, place, token)
    assert isinstance(place.parent, ast.BinOp)
    is_dict = isinstance(place.parent.op, ast.BitOr)
    if is_dict or token[1][:1] in (("item",), ("slot",)):
        flow.up(place, token)
    elif isinstance(place.parent.op, (ast.Add, ast.Mult)):
        moved = listed(token)
        if moved is not None:
            flow.up(place, moved)


def _conditional(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    if isinstance(parent, ast.IfExp) and parent.test is place.node:
        flow.look(place, token, "bool")
    else:
        flow.up(place, token)


def _assign(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Assign)
    for target in parent.targets:
        bind(flow, place, target, token)


def _annotated(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, (ast.AnnAssign, ast.AugAssign))
    if parent.value is not place.node:
        return
    if isinstance(parent, ast.AugAssign):
        note_operand(flow, place, token)
        store(flow, place, parent.target, token)
    else:
        bind(flow, place, parent.target, token)


def _named(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.NamedExpr)
    bind(flow, place, parent.target, token)
    flow.up(place, token)


def _return(flow: Flow, place: Place, token: Token) -> None:
    function = flow.program.places.function_of(place)
    if function is not None:
        give(flow, place, function, token)


def _yield(flow: Flow, place: Place, token: Token) -> None:
    function = flow.program.places.function_of(place)
    if function is not None:
        give(flow, place, function, wrapped("item", token))


def _yield_from(flow: Flow, place: Place, token: Token) -> None:
    """It gives what the other generator gives, or stands for what that returns."""
    if is_contained(token[1]):
        _return(flow, place, token)
    else:
        flow.up(place, token)


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
        flow.look(place, token, "key")
        flow.up(place, wrapped("key", token))
        return
    key = parent.keys[parent.values.index(place.node)]
    flow.up(place, wrapped(at(key) or "value", token) if key is not None else token)


def _collected(flow: Flow, place: Place, token: Token) -> None:
    flow.up(place, wrapped("item", token))


def _dict_collected(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.DictComp)
    flow.up(place, wrapped("value" if parent.value is place.node else "key", token))


def _iterated(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension))
    if parent.iter is not place.node:
        flow.look(place, token, "bool")
        return
    if not token[1]:
        flow.member(place, token[0], "iter", "iterated")
        return
    inner = flow.elements(place, token)
    if inner is not None:
        bind(flow, place, parent.target, inner)


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
        bind(flow, place, target, token)
    elif shape[:1] == ("enter",):
        bind(flow, place, target, (origin, shape[1:]))


def _subscript(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Subscript)
    if parent.value is not place.node:
        note_operand(flow, place, token)
        flow.look(place, token, "key")
        is_stored = isinstance(parent.ctx, ast.Store)
        if is_stored or flow.program.meanings.keeps_keys(parent.value, place.module):
            store(flow, place, parent.value, wrapped("key", token))
        return
    if not isinstance(parent.ctx, ast.Load):
        return
    if not token[1]:
        flow.member(place, token[0], "getitem", result_of(place.up()))
        return
    if isinstance(parent.slice, ast.Slice):
        flow.up(place, listed(token) or token)
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
            flow.put_elsewise(place.module, function, binding.name, token)


def _parameters(flow: Flow, place: Place, function: ast.AST) -> Iterator[Binding]:
    scope = flow.program.places.scope(place.module, function)
    for bindings in scope.bindings.values():
        yield from (b for b in bindings if b.kind is BindingKind.PARAMETER)


def _caught(flow: Flow, place: Place, token: Token) -> None:
    """``except MyTimeout as t``: the class is given, ``t`` is an instance."""
    handler = place.parent
    assert isinstance(handler, ast.ExceptHandler)
    origin, shape = token
    while shape and shape[0] != "call":
        shape = shape[1:]
    if not shape or handler.name is None:
        return
    for scope in place.module.scopes.scopes:
        for binding in scope.bindings.get(handler.name, ()):
            if binding.node is handler:
                name = handler.name
                flow.put_name(place.module, scope, name, (origin, shape[1:]), binding)


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
    elif is_contained(shape):
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
        if name in _GIVING:
            flow.escape(place, token, "value.stored", f"as {ast.unparse(place.node)}")
        return
    follow_key(flow, place, place.call, token)
    note_method(flow, place, name, token)
    call, is_key = place.up(), token[1][0] == "key"
    if name == "popitem":
        flow.visit(call, (token[0], items(token)[1][1:]))
    elif name in kinds.GIVERS:
        inner = element(token, place.call.args[0] if place.call.args else None)
        if inner is not None:
            flow.visit(call, inner)
    elif name == ("keys" if is_key else "values"):
        flow.visit(call, (token[0], ("item", *token[1][1:])))
    elif name in kinds.SAME_METHODS:
        flow.visit(call, token)
    elif name == "items":
        flow.visit(call, items(token))


def _call(flow: Flow, place: Place, token: Token) -> None:
    parent = place.parent
    assert isinstance(parent, ast.Call)
    if parent.func is not place.node:
        argument(flow, place, parent, token)
    elif token[1][:1] == ("call",):
        _called(flow, place, parent, token)
    elif not token[1]:
        flow.member(place, token[0], "call", result_of(place.up()))


def _called(flow: Flow, place: Place, call: ast.Call, token: Token) -> None:
    """A function gives its result; a class one more of its objects."""
    origin, shape = token
    is_class = id(origin) in flow.classes and len(shape) == 1
    if not is_class or (id(call), origin.kind) not in flow.makers:
        flow.up(place, (origin, shape[1:]))


def _keyword(flow: Flow, place: Place, token: Token) -> None:
    keyword, call = place.parents[-1], place.parents[-2]
    assert isinstance(keyword, ast.keyword)
    if isinstance(call, ast.Call):
        argument(flow, place, call, token)
    else:
        flow.escape(place, token, "value.passed", "to the metaclass")


def _matched(flow: Flow, place: Place, token: Token) -> None:
    """``match x:`` asks for the classes of its patterns, and may bind what they say."""
    assert isinstance(place.parent, ast.Match)
    note_patterns(flow, place, place.parent, token)
    patterns = [n for case in place.parent.cases for n in ast.walk(case.pattern)]
    for node in patterns if not token[1] else ():
        if isinstance(node, ast.MatchClass):
            token[0].tests[node.cls] = place.module
    if token[1] or any(map(_looks_inside, patterns)):
        flow.escape(place, token, "value.stored", "in a match statement")


def _looks_inside(pattern: ast.AST) -> bool:
    """Whether a pattern binds what it is given, or takes a part of it."""
    match pattern:
        case ast.MatchAs(name=str()) | ast.MatchStar():
            return True
        case ast.MatchSequence() | ast.MatchMapping():
            return True
        case ast.MatchClass(patterns=positional, kwd_patterns=named):
            return bool(positional or named)
    return False


RULES: Mapping[type[ast.AST], Rule] = {
    ast.Expr: _nothing,
    ast.Match: _matched,
    ast.If: _tested,
    ast.While: _tested,
    ast.Assert: _tested,
    ast.Compare: _compared,
    ast.UnaryOp: _tested,
    ast.Delete: _nothing,
    ast.FormattedValue: _nothing,
    ast.BinOp: _concatenated,
    ast.ExceptHandler: _caught,
    ast.Await: _through,
    ast.Starred: _spread,
    ast.BoolOp: _either,
    ast.IfExp: _conditional,
    ast.NamedExpr: _named,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _annotated,
    ast.Return: _return,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
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
