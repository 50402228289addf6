"""Functions of others that call what they are given: ``spawn(f, ev)``, ``map(f, xs)``.

The function gets the arguments that come with it. What is called that nobody knows is
an escape.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from deventlet.resolve.chains import called_name, last_name
from deventlet.resolve.values import kinds
from deventlet.resolve.values.arguments import (
    Argument,
    bind_argument,
    call_of,
    outer,
    unspread,
)
from deventlet.resolve.values.called import is_assertion, is_ours
from deventlet.resolve.values.definitions import Definition, says_none
from deventlet.resolve.values.flow import Flow
from deventlet.resolve.values.handed import follow_parameter
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import is_element, iterated, wrapped

_ORDERING = frozenset({"sorted", "min", "max", "sort"})
_TARGET = 1
"""Which argument of ``Thread``, ``Timer`` and ``Process`` is the function."""


def is_forwarded(
    flow: Flow,
    place: Place,
    call: ast.Call,
    name: str,
    passed: Argument,
    token: Token,
) -> bool:
    """``spawn(f, ev)``, ``Thread(target=f, args=(ev,))``: f gets it."""
    if name in kinds.THREADS:
        return _to_thread(flow, place, call, name, passed, token)
    index = _index(flow, place, call, name)
    if index is None or index >= len(call.args):
        return False
    function = call.args[index]
    if last_name(call.func) == "starmap" and passed.position == 1:
        _spread(flow, place, function, token)
        return True
    if place.node is function:
        if name == "functools.partial" and token[1][:1] == ("call",):
            flow.visit(outer(place), token)
        elif token[1]:
            flow.escape(place, token, "value.returned", f"to {ast.unparse(call.func)}")
        else:
            flow.member(place, token[0], "call", "used")
        return True
    if passed.position is not None:
        if passed.position < index or not _is_placed(passed, token):
            return False
        passed = replace(passed, position=passed.position - index - 1 + _first(call))
    _forward(flow, place, function, passed, token, (None,) * _first(call), index + 1)
    return True


def _index(flow: Flow, place: Place, call: ast.Call, name: str) -> int | None:
    """The position of the function among the arguments of what calls it."""
    index = kinds.FORWARDERS.get(name)
    if index is None and isinstance(call.func, ast.Attribute):
        index = _method_index(flow, place, call.func)
    if index is None and is_assertion(call, name):
        index = kinds.TRYING.get(last_name(call.func))
    return index


def _is_placed(passed: Argument, token: Token) -> bool:
    """Whether an argument has one place, also as a known element of ``*args``."""
    return not passed.starred or unspread(passed, token)[1] != token


def _first(call: ast.Call) -> int:
    """How many arguments a function gets before those that a forwarder is given."""
    return kinds.GIVEN_FIRST.get(getattr(call.func, "attr", ""), 0)


def _method_index(flow: Flow, place: Place, func: ast.Attribute) -> int | None:
    """The position of the function in a forwarding method of somebody else's."""
    index = kinds.FORWARDING_METHODS.get(func.attr)
    if index is None:
        return None
    return None if is_ours(flow, place, func) else index


def follow_mapped(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> None:
    """``map(f, xs)`` calls f with each; ``filter`` also keeps them."""
    inner = iterated(token)
    if passed.position and inner is not None:
        _forward(flow, place, call.args[0], Argument(passed.position - 1), inner)
        if getattr(call.func, "id", "") == "filter":
            flow.visit(outer(place), wrapped("item", inner))
    elif not token[1]:
        flow.member(place, token[0], "iter", "iterated")
    elif token[1][0] == "call":
        flow.visit(outer(place), (token[0], ("item", *token[1][1:])))


def follow_key(flow: Flow, place: Place, call: ast.Call, token: Token) -> None:
    """``sorted(xs, key=f)`` calls f with each."""
    inner = iterated(token) if last_name(call.func) in _ORDERING else None
    for each in call.keywords if inner is not None else ():
        function = each.value
        is_plain = getattr(function, "id", "") in kinds.NEUTRAL or says_none(function)
        if each.arg == "key" and not is_plain and called_name(function) != "itemgetter":
            assert inner is not None
            _forward(flow, place, function, Argument(0), inner)


def _spread(flow: Flow, place: Place, function: ast.expr, token: Token) -> None:
    """``starmap(f, pairs)`` calls f with what is in each."""
    inner = iterated(token)
    if inner is not None:
        _forward(flow, place, function, Argument(0, starred=True), inner)


def _forward(
    flow: Flow,
    place: Place,
    function: ast.expr,
    passed: Argument,
    token: Token,
    first: tuple[None, ...] | None = None,
    index: int = 0,
) -> None:
    """The function gets the argument when it is called, by whomever.

    :param first: stands for what it gets before the arguments from ``index`` on; None
        where it is not known what else it gets.
    """
    rest = call_of(place).args[index:]
    given = None if first is None else (*first, *rest)

    def follow(each: Definition | None) -> None:
        if each is None:
            name = ast.unparse(function)
            flow.escape(place, token, "value.passed", f"to {name}()")
        else:
            bind_argument(flow, place, each, function, given, passed, token)

    for each in flow.program.meanings.callees(function, place.module):
        if each is not None or not follow_parameter(
            flow, place, function, token, follow
        ):
            follow(each)


def _to_thread(
    flow: Flow,
    place: Place,
    call: ast.Call,
    name: str,
    passed: Argument,
    token: Token,
) -> bool:
    keywords = {each.arg: each.value for each in call.keywords}
    target = keywords.get(kinds.THREADS[name])
    if target is None and len(call.args) > _TARGET:
        target = call.args[_TARGET]
    shape = token[1]
    if target is not None and passed.keyword == "kwargs" and shape[:1]:
        name = shape[0].removeprefix("at:")
        if name.startswith("'"):
            given = Argument(keyword=name.strip("'"))
            _forward(flow, place, target, given, (token[0], shape[1:]))
            return True
    if target is None or passed.keyword not in ("args", None):
        return False
    if passed.keyword is None and passed.position != _TARGET + 1:
        return False
    if not shape or not is_element(shape[0]):
        return False
    if shape[0] == "item" and len(getattr(keywords.get("args"), "elts", ())) != 1:
        return False
    if shape[0] != "item" and not shape[0][3:].isdigit():
        return False
    index = 0 if shape[0] == "item" else int(shape[0][3:])
    _forward(flow, place, target, Argument(index), (token[0], shape[1:]))
    return True
