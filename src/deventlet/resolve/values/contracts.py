"""What functions of others do with an argument, where that is known.

A short list of functions of the standard library, Eventlet, futurist and test tools:
those that only look, make a container of another, or keep it in one. A function that
is not on it is left to the caller. :mod:`.forwarding` has those that call what they are
given.
"""

from __future__ import annotations

import ast
import re

from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name
from deventlet.resolve.values import kinds
from deventlet.resolve.values.arguments import Argument, outer
from deventlet.resolve.values.called import (
    called,
    is_assertion,
    is_defined,
    is_log,
    is_ours,
    on_text,
)
from deventlet.resolve.values.class_tests import note_test
from deventlet.resolve.values.compared import note_argument, note_sought
from deventlet.resolve.values.flow import Flow, Operand
from deventlet.resolve.values.forwarding import follow_key, follow_mapped, is_forwarded
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import is_contained, listed, pairs, wrapped
from deventlet.resolve.values.storing import bind, store

_MAY_CALL = re.compile(r"(?i)rais|warn|quer|failure")
"""In the name of one that no table knows: ``assertRaisedOnce(E, f, jobs)`` calls f."""
_PATCHES = ("patch.object", "MockPatchObject", "MonkeyPatch")


def is_known(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """Whether a call is one of those whose contract is known; if so, it is followed."""
    name = called(flow, place, call)
    note_argument(flow, place, call, name, token)
    follow_key(flow, place, call, token)
    if name in ("getattr", "setattr", "delattr"):
        _by_text(flow, place, call, passed, token)
    elif _is_looked_at(flow, place, call, name, passed, token) or (
        is_contained(token[1]) and _is_copied(flow, place, name, token)
    ):
        pass
    elif name in ("enumerate", "zip"):
        _paired(flow, place, name, passed, token)
    elif name in kinds.ONE_OF:
        _one(flow, place, token)
    elif name == "contextlib.closing":
        flow.visit(outer(place), wrapped("enter", token))
    elif name in kinds.ENDED_BY and passed.position == 0 and not token[1]:
        flow.member(place, token[0], kinds.ENDED_BY[name], "discarded")
    elif _makes_pile(name, passed, token):
        flow.member(place, token[0], "pile", "argument")
    elif _is_spec(name, call, passed, token):
        flow.visit(outer(place), token)
    elif name in ("map", "filter"):
        follow_mapped(flow, place, call, passed, token)
    else:
        return is_forwarded(flow, place, call, name, passed, token) or _is_added(
            flow, place, call, passed, token
        )
    return True


def _makes_pile(name: str, passed: Argument, token: Token) -> bool:
    """``GreenPile(pool)``: the pile spawns in the pool, and does nothing else to it."""
    is_pool = token[0].kind == "GreenPool" and not token[1]
    return is_pool and passed.position == 0 and canonical(name) == "eventlet.GreenPile"


def _is_spec(name: str, call: ast.Call, passed: Argument, token: Token) -> bool:
    """``MagicMock(spec=sem)``: a mock for which the code that gets it takes the object.

    It has what the object has and nothing else, so that what the object's uses say is
    said of its uses. Other arguments may set up more of it.
    """
    is_first = passed.position == 0 or passed.keyword in ("spec", "spec_set")
    alone = len(call.args) + len(call.keywords) == 1 and not passed.starred
    is_kept = token[0].kind in kinds.STOOD_FOR and not token[1]
    return name in kinds.MOCKS and is_first and alone and is_kept


def _is_copied(flow: Flow, place: Place, name: str, token: Token) -> bool:
    """Whether a container is made of another; if so, it is followed."""
    copies: list[Token] = []
    if name in kinds.SAME:
        copies = [token]
    elif name in kinds.LISTS:
        inner = flow.elements(place, token)
        copies = [wrapped("item", inner)] if inner is not None else []
    elif name in kinds.DICTS:
        copies = list(pairs(token))
    else:
        return False
    for each in copies:
        flow.visit(outer(place), each)
    return True


def _is_looked_at(
    flow: Flow,
    place: Place,
    call: ast.Call,
    name: str,
    passed: Argument,
    token: Token,
) -> bool:
    """Whether a call iterates over an object, or looks at it and keeps nothing."""
    if name in kinds.CONSUMERS and flow.iterate(place, token):
        return True
    note_test(place, call, token)
    if name in kinds.NEUTRAL or on_text(call) or is_log(call):
        flow.look(place, token, name)
        return True
    if _is_class(flow, token) and _takes_class(name, call):
        return True
    if name == f"{token[0].api}.__init__" or _is_replaced(flow, place, call, token):
        return True
    if not is_assertion(call, name) or is_defined(flow, place, call):
        return False
    asserted = last_name(call.func)
    tried = kinds.TRYING.get(asserted)
    if tried is None:
        return _MAY_CALL.search(asserted) is None or len(call.args) == 1
    return not _is_behind(call, tried, passed)


def _is_behind(call: ast.Call, index: int, passed: Argument) -> bool:
    """Whether an argument is the one at a position, or one that is given to it."""
    return len(call.args) > index and (
        passed.position is None or passed.position >= index or passed.starred
    )


def _is_replaced(flow: Flow, place: Place, call: ast.Call, token: Token) -> bool:
    """``patch.object(pool, "spawn")``: a mock stands for a member for a while."""
    is_patch = ast.unparse(call.func).endswith(_PATCHES)
    if token[1] or not is_patch or len(call.args) < 2 or call.args[0] is not place.node:
        return False
    name = getattr(call.args[1], "value", None)
    if isinstance(name, str):
        flow.member(place, token[0], name, "mocked")
    return isinstance(name, str)


def _is_class(flow: Flow, token: Token) -> bool:
    return id(token[0]) in flow.classes and token[1][-1:] == ("call",)


def _takes_class(name: str, call: ast.Call) -> bool:
    """Whether a call makes nothing of a class: a mock or a cast takes it."""
    last = last_name(call.func)
    return "mock" in name.lower() or "Mock" in last or name in kinds.TAKING_CLASSES


def _by_text(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> None:
    """``getattr(ev, 'wait')`` and ``setattr(self, 'x', ev)``."""
    name = call.args[1] if len(call.args) > 1 else None
    literal = name.value if isinstance(name, ast.Constant) else None
    if not isinstance(literal, str):
        flow.escape(place, token, "value.computed", ast.unparse(call.func))
    elif passed.position == 0 and not token[1]:
        if literal not in token[0].own:
            flow.member(place, token[0], literal, "reference")
    elif passed.position == 2 and call.args:
        target = ast.copy_location(
            ast.Attribute(call.args[0], literal, ast.Store()), call
        )
        bind(flow, place, target, token)


def _paired(
    flow: Flow, place: Place, name: str, passed: Argument, token: Token
) -> None:
    inner = flow.elements(place, token)
    if inner is not None and passed.position is not None:
        index = 1 if name == "enumerate" else passed.position
        flow.visit(outer(place), wrapped("item", wrapped(f"at:{index}", inner)))


def _one(flow: Flow, place: Place, token: Token) -> None:
    if not token[1]:
        flow.member(place, token[0], "next", "used")
        return
    inner = flow.elements(place, token)
    if inner is not None:
        flow.visit(outer(place), inner)


def _is_added(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """``xs.append(ev)``: whatever holds the container, holds it."""
    func = call.func
    if not isinstance(func, ast.Attribute):
        return False
    is_sought = _is_sought(flow, place, func, passed)
    given = None if is_sought else _added(func.attr, passed, token)
    if (given is None and not is_sought) or is_ours(flow, place, func):
        return False
    flow.operands.append(Operand(place, token, func.value, (func.attr,)))
    if given is None:
        note_sought(flow, place, func.value, token)
        return True
    store(flow, place, func.value, given)
    if func.attr == "setdefault" and passed.position:
        flow.visit(outer(place), token)
    return True


def _is_sought(flow: Flow, place: Place, func: ast.Attribute, passed: Argument) -> bool:
    """Whether a method of a container only looks for an argument."""
    if passed.position is None or func.attr in kinds.NEUTRAL_METHODS:
        return passed.position is not None
    return (
        func.attr in ("get", "pop")
        and passed.position == 0
        and flow.program.meanings.is_dict(func.value, place.module) is True
    )


def _added(method: str, passed: Argument, token: Token) -> Token | None:
    """What a container holds after a method got the argument; None for no such."""
    if method == "update" and passed.keyword is not None:
        return wrapped(f"at:{passed.keyword!r}", token)
    if method == "setdefault" and passed.position in (0, 1):
        return wrapped("value" if passed.position else "key", token)
    if method == "update" and is_contained(token[1]):
        return token
    if method == "extend" and is_contained(token[1]):
        return listed(token)
    is_it = passed.position is not None and kinds.ADDERS.get(method) == passed.position
    return wrapped("item", token) if is_it else None
