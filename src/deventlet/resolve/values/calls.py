"""What a call does with an argument: which parameter gets it, or where it is lost.

Decides by the definition of what is called, if it is the repository's; else by what is
known of functions of others. Runs no code.
"""

from __future__ import annotations

import ast

from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_targets import is_patching
from deventlet.resolve.values import kinds
from deventlet.resolve.values.arguments import Argument, bind_argument, note_recalled
from deventlet.resolve.values.called import called
from deventlet.resolve.values.class_tests import note_dispatch
from deventlet.resolve.values.contracts import is_known
from deventlet.resolve.values.definitions import Definition
from deventlet.resolve.values.flow import Flow
from deventlet.resolve.values.handed import follow_parameter
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import is_contained

_MANY = 1 << 16
"""Stands for a number of arguments that is not known."""


def argument(flow: Flow, place: Place, call: ast.Call, token: Token) -> None:
    """The expression at ``place`` is an argument of ``call`` and has a value."""
    passed = _argument(place, call)
    _count(flow, place, call, passed, token)
    if is_known(flow, place, call, passed, token):
        if not is_patching(call):  # no test mocks patch.object, though many say it
            note_recalled(flow, place, last_name(call.func), token)
        return
    for each in flow.program.meanings.callees(call.func, place.module):
        if each is not None:
            note_dispatch(place, call, each, token)
            bind_argument(flow, place, each, call.func, call.args, passed, token)
        elif not _by_parameter(flow, place, call, passed, token):
            flow.escape(place, token, "value.passed", _taken_by(flow, place, call))


def _by_parameter(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """Whether a parameter is called, and what it may be gets the argument."""

    def follow(function: Definition | None) -> None:
        if function is None or isinstance(function.node, ast.ClassDef):
            name = ast.unparse(call.func)
            flow.escape(place, token, "value.passed", f"to {name}()")
        else:
            bind_argument(flow, place, function, call.func, call.args, passed, token)

    return follow_parameter(flow, place, call.func, token, follow)


def _count(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> None:
    """Note among how many arguments an object is passed."""
    is_held = is_contained(token[1]) and not passed.starred
    if is_held and called(flow, place, call) not in kinds.THREADS:
        return
    many = is_held or _spreads(call)
    count = _MANY if many else len(call.args) + len(call.keywords)
    token[0].passed = max(token[0].passed, count)


def _spreads(call: ast.Call) -> bool:
    """Whether any argument is spread by a star, so that nobody knows how many."""
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    return starred or any(each.arg is None for each in call.keywords)


def _taken_by(flow: Flow, place: Place, call: ast.Call) -> str:
    """What takes an argument, in words; Eventlet's own functions by their names."""
    name = called(flow, place, call)
    what = next((w for api, w in kinds.TAKERS.items() if name == api), "")
    return f"to {name}(), {what}" if what else f"to {ast.unparse(call.func)}()"


def _argument(place: Place, call: ast.Call) -> Argument:
    above = place.parents[-1]
    if isinstance(above, ast.keyword):
        return Argument(keyword=above.arg, starred=above.arg is None)
    index = next(i for i, each in enumerate(call.args) if each is place.node)
    before = any(isinstance(each, ast.Starred) for each in call.args[:index])
    starred = before or isinstance(place.node, ast.Starred)
    return Argument(position=index, starred=starred, is_behind=before)
