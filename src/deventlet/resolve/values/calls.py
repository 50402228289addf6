"""What a call does with an argument: which parameter gets it, or where it is lost.

Decides by the definition of what is called, if it is the repository's; else by a
short list of functions of the standard library, Eventlet and futurist. Runs no code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from deventlet.resolve import callees
from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name, root
from deventlet.resolve.values import kinds
from deventlet.resolve.values.class_tests import note_dispatch, note_test
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, decorator_names
from deventlet.resolve.values.flow import Flow, Operand
from deventlet.resolve.values.handed import follow_parameter, note_call, note_unknown
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import (
    is_contained,
    is_element,
    iterated,
    listed,
    pairs,
    wrapped,
)
from deventlet.resolve.values.storing import bind, store
from deventlet.resolve.values.wrapping import looking

_ASSERTION = re.compile(
    r"assert[A-Z_]\w*|fail(?:If|Unless|UnlessRaises)?|expect(?:That|Failure)"
)
"""Methods of a test case or of a mock that look at their arguments."""
_MAY_CALL = re.compile(r"(?i)rais|warn|quer|failure")
"""In the name of one that no table knows: ``assertRaisedOnce(E, f, jobs)`` calls f."""
_TESTERS = frozenset({"self", "cls", "case", "test", "testcase", "test_case"})
_ASKED_OF_MOCKS = frozenset(
    "any_await any_call awaited_once_with awaited_with called_once_with called_with"
    " has_awaits has_calls".split()
)
_TESTING = (
    "unittest.",
    "pytest.",
    "testtools.",
    "hamcrest.",
    "nose.",
    "numpy.testing.",
)
_PATCHES = ("patch.object", "MockPatchObject", "MonkeyPatch")
_LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "_LOG"})
_LOGGED = frozenset(
    "critical debug error exception fatal info log trace warn warning".split()
)
_TARGET = 1
"""Which argument of ``Thread``, ``Timer`` and ``Process`` is the function."""
_MANY = 1 << 16
"""Stands for a number of arguments that is not known."""
_MADE_FIELDS = frozenset({"dataclass", "define", "attrs", "s", "frozen"})


@dataclass(frozen=True, slots=True)
class Argument:
    """How a value is passed: the position, the keyword, or spread by a star.

    :param starred: it is a container that is spread.
    :param is_behind: another one is spread before it, so that its position is open.
    """

    position: int | None = None
    keyword: str | None = None
    starred: bool = False
    is_behind: bool = False


def argument(flow: Flow, place: Place, call: ast.Call, token: Token) -> None:
    """The expression at ``place`` is an argument of ``call`` and has a value."""
    passed = _argument(place, call)
    _count(flow, place, call, passed, token)
    if _is_known(flow, place, call, passed, token):
        return
    name = ast.unparse(call.func)
    for each in flow.program.meanings.callees(call.func, place.module):
        if each is not None:
            note_dispatch(place, call, each, token)
            _enter(flow, place, each, passed, token, name)
        elif not _by_parameter(flow, place, call, passed, token):
            flow.escape(place, token, "value.passed", _taken_by(flow, place, call))


def _by_parameter(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """Whether a parameter is called, and what it may be gets the argument."""
    name = ast.unparse(call.func)

    def follow(function: Definition | None) -> None:
        if function is None or isinstance(function.node, ast.ClassDef):
            flow.escape(place, token, "value.passed", f"to {name}()")
        else:
            _enter(flow, place, function, passed, token, name)

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


# -- the repository's own functions --------------------------------------------------


def _enter(
    flow: Flow,
    place: Place,
    callee: Definition,
    passed: Argument,
    token: Token,
    name: str,
) -> None:
    """Bind an argument to the parameter of a function, or of a class's ``__init__``."""
    if isinstance(callee.node, ast.ClassDef):
        _make(flow, place, callee, passed, token, name, _call_of(place).args)
        return
    bound = _is_bound(flow, place, callee, _call_of(place).func)
    own = (None,) if bound else ()
    note_call(flow, place, callee, (*own, *_call_of(place).args))
    bind_parameter(flow, place, callee, passed, token, name, bound)


def _make(
    flow: Flow,
    place: Place,
    owner: Definition,
    passed: Argument,
    token: Token,
    name: str,
    given: Iterable[ast.expr | None] | None,
) -> None:
    """Bind an argument to the parameter of a class's ``__init__``, or to its field.

    :param given: all that it gets by position; None where that is not known.
    """
    inits = flow.program.classes.methods(owner, "__init__")
    for each in inits:
        if given is not None:
            note_call(flow, place, each, (None, *given))
        bind_parameter(flow, place, each, passed, token, name, bound=True)
    if not inits and not _set_field(flow, owner, passed, token):
        flow.escape(place, token, "value.passed", f"to {name}()")


def _call_of(place: Place) -> ast.Call:
    """The call that a place is an argument of."""
    return next(n for n in reversed(place.parents) if isinstance(n, ast.Call))


def _is_bound(flow: Flow, place: Place, callee: Definition, func: ast.expr) -> bool:
    """Whether the first parameter of a function is filled by what is before the dot.

    :param func: the expression that is called, there or by whatever gets it.
    """
    assert isinstance(callee.node, FUNCTIONS)
    if flow.program.places.class_of(callee.module, callee.node) is None:
        return False
    decorators = decorator_names(callee.node)
    if "staticmethod" in decorators or isinstance(callee.node, ast.Lambda):
        return False
    if "classmethod" in decorators or not isinstance(func, ast.Attribute):
        return True
    owner = flow.program.meanings.definitions(func.value, place.module)
    return not any(d and isinstance(d.node, ast.ClassDef) for d in owner)


def bind_parameter(
    flow: Flow,
    place: Place,
    callee: Definition,
    passed: Argument,
    token: Token,
    name: str,
    bound: bool,
) -> None:
    """Give a value to the parameter of a function that an argument fills.

    :param bound: the first parameter is filled already.
    """
    assert isinstance(callee.node, FUNCTIONS)
    note_unknown(flow, place, callee)
    wrapper = looking(flow.program, callee)
    if wrapper:
        flow.escape(
            place, token, "value.passed", f"to {name}(), decorated with {wrapper}"
        )
    passed, token = _unspread(passed, token)
    parameter = _parameter(callee.node.args, passed, 1 if bound else 0)
    if parameter is None:
        flow.escape(place, token, "value.passed", f"to {name}(), spread by a star")
        return
    named, inside = parameter
    given = wrapped(inside, token) if inside else token
    flow.put_parameter(callee.module, callee.node, named, given)


def _unspread(passed: Argument, token: Token) -> tuple[Argument, Token]:
    """An element of ``*args`` or ``**kwargs`` as an argument of its own, if known."""
    origin, shape = token
    if not passed.starred or passed.is_behind or not shape:
        return passed, token
    key = shape[0].removeprefix("at:")
    if passed.position is not None and key.isdigit():
        return Argument(passed.position + int(key)), (origin, shape[1:])
    if passed.position is None and key.startswith("'"):
        return Argument(keyword=key.strip("'")), (origin, shape[1:])
    return passed, token


def _parameter(
    arguments: ast.arguments, passed: Argument, offset: int
) -> tuple[str, str] | None:
    """The parameter that an argument fills, and how it is wrapped in there."""
    positional = [*arguments.posonlyargs, *arguments.args]
    vararg, kwarg = arguments.vararg, arguments.kwarg
    if passed.position is not None:
        index = passed.position + offset - len(positional)
        if passed.starred:
            return (vararg.arg, "") if vararg and index >= 0 else None
        if index < 0:
            return positional[index].arg, ""
        return (vararg.arg, f"at:{index}") if vararg else None
    if passed.starred:
        return (kwarg.arg, "") if kwarg and not _named(arguments) else None
    if passed.keyword in _named(arguments):
        return passed.keyword or "", ""
    return (kwarg.arg, f"at:{passed.keyword!r}") if kwarg else None


def _named(arguments: ast.arguments) -> set[str]:
    return {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}


def _set_field(flow: Flow, owner: Definition, passed: Argument, token: Token) -> bool:
    """A dataclass's argument is its field of that name or position."""
    if not decorator_names(owner.node) & _MADE_FIELDS:
        return False
    fields = [
        statement.target.id
        for statement in getattr(owner.node, "body", ())
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
    ]
    name = passed.keyword
    if passed.position is not None and passed.position < len(fields):
        name = fields[passed.position]
    if name not in fields or passed.starred or name is None:
        return False
    flow.put_attribute(owner, name, token)
    return True


# -- functions of others that are known -----------------------------------------------


def _is_known(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """Whether a call is one of those whose contract is known; if so, it is followed."""
    name = called(flow, place, call)
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
        flow.visit(_outer(place), wrapped("enter", token))
    elif name in kinds.ENDED_BY and passed.position == 0 and not token[1]:
        flow.member(place, token[0], kinds.ENDED_BY[name], "discarded")
    elif _makes_pile(name, passed, token):
        flow.member(place, token[0], "pile", "argument")
    elif _is_spec(name, call, passed, token):
        flow.visit(_outer(place), token)
    elif name in ("map", "filter"):
        _mapped(flow, place, call, passed, token)
    else:
        return _is_forwarded(flow, place, call, name, passed, token) or _is_added(
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
        flow.visit(_outer(place), each)
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
    if not is_assertion(call, name) or _is_defined(flow, place, call):
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


def called(flow: Flow, place: Place, call: ast.Call) -> str:
    """The one dotted name that a call's function has, built-in functions included."""
    module, func = place.module, call.func
    first = root(func)
    if not isinstance(first, ast.Name):
        return ""
    scope = module.scopes.scope_of(first)
    if not module.scopes.bindings(first.id, scope):
        return first.id if first is func else ""
    found = callees.called(flow.program.names, func, scope, module)
    name = next(iter(found)) if len(found) == 1 else ""
    return canonical(name.removeprefix("six.moves."))


def _outer(place: Place) -> Place:
    """The call that a place is an argument of, as a place."""
    parents = list(place.parents)
    while not isinstance(parents[-1], ast.Call):
        parents.pop()
    call = parents.pop()
    assert isinstance(call, ast.Call)
    return Place(place.module, call, parents)


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


def is_assertion(call: ast.Call, name: str) -> bool:
    """Whether a call is what tests ask with: of a test case, a mock or a library."""
    func = call.func
    if name.startswith(_TESTING):
        return name.rpartition(".")[2].startswith(("assert", "expect", "raises"))
    if not isinstance(func, ast.Attribute):
        return False
    if func.attr.removeprefix("assert_") in _ASKED_OF_MOCKS:
        return func.attr.startswith("assert_")
    owner = getattr(func.value, "id", "")
    return owner in _TESTERS and _ASSERTION.fullmatch(func.attr) is not None


def _is_defined(flow: Flow, place: Place, call: ast.Call) -> bool:
    """Whether a definition of the repository is called, so that it is asked."""
    return any(flow.program.meanings.definitions(call.func, place.module))


def on_text(call: ast.Call) -> bool:
    """Whether a method of a string that is written down is called."""
    owner = getattr(call.func, "value", None)
    return isinstance(owner, (ast.Constant, ast.JoinedStr))


def is_log(call: ast.Call) -> bool:
    """Whether a method of a logger is called, by the words."""
    owner = getattr(call.func, "value", None)
    name = last_name(owner)
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LOGGED:
        return False
    return name.lower() in _LOGGERS


def _paired(
    flow: Flow, place: Place, name: str, passed: Argument, token: Token
) -> None:
    inner = flow.elements(place, token)
    if inner is not None and passed.position is not None:
        index = 1 if name == "enumerate" else passed.position
        flow.visit(_outer(place), wrapped("item", wrapped(f"at:{index}", inner)))


def _one(flow: Flow, place: Place, token: Token) -> None:
    if not token[1]:
        flow.member(place, token[0], "next", "used")
        return
    inner = flow.elements(place, token)
    if inner is not None:
        flow.visit(_outer(place), inner)


def _mapped(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> None:
    """``map(f, xs)`` calls f with each; ``filter`` also keeps them."""
    inner = iterated(token)
    if passed.position and inner is not None:
        _forward(flow, place, call.args[0], Argument(passed.position - 1), inner)
        if getattr(call.func, "id", "") == "filter":
            flow.visit(_outer(place), wrapped("item", inner))
    elif not token[1]:
        flow.member(place, token[0], "iter", "iterated")
    elif token[1][0] == "call":
        flow.visit(_outer(place), (token[0], ("item", *token[1][1:])))


def _is_forwarded(
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
    index = kinds.FORWARDERS.get(name)
    if index is None and isinstance(call.func, ast.Attribute):
        index = _method_index(flow, place, call.func)
    if index is None and is_assertion(call, name):
        index = kinds.TRYING.get(last_name(call.func))
    if index is None or index >= len(call.args):
        return False
    function = call.args[index]
    if place.node is function:
        if name == "functools.partial" and token[1][:1] == ("call",):
            flow.visit(_outer(place), token)
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


def _is_placed(passed: Argument, token: Token) -> bool:
    """Whether an argument has one place, also as a known element of ``*args``."""
    return not passed.starred or _unspread(passed, token)[1] != token


def _first(call: ast.Call) -> int:
    """How many arguments a function gets before those that a forwarder is given."""
    return kinds.GIVEN_FIRST.get(getattr(call.func, "attr", ""), 0)


def _method_index(flow: Flow, place: Place, func: ast.Attribute) -> int | None:
    """The position of the function in a forwarding method of somebody else's."""
    index = kinds.FORWARDING_METHODS.get(func.attr)
    if index is None:
        return None
    return None if _is_ours(flow, place, func) else index


def _is_ours(flow: Flow, place: Place, func: ast.Attribute) -> bool:
    """Whether a method is one of a class or module of the repository."""
    receiver = flow.program.receivers.receiver(func.value, place.module)
    return bool(receiver.modules) or any(
        flow.program.classes.methods(each, func.attr) for each in receiver.classes
    )


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
    name = ast.unparse(function)
    rest = _call_of(place).args[index:]
    given = None if first is None else (*first, *rest)

    def follow(each: Definition | None) -> None:
        if each is None:
            flow.escape(place, token, "value.passed", f"to {name}()")
            return
        if isinstance(each.node, ast.ClassDef):
            _make(flow, place, each, passed, token, name, given)
            return
        bound = _is_bound(flow, place, each, function)
        own = (None,) if bound else ()
        if given is not None:
            note_call(flow, place, each, (*own, *given))
        bind_parameter(flow, place, each, passed, token, name, bound)

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


def _is_added(
    flow: Flow, place: Place, call: ast.Call, passed: Argument, token: Token
) -> bool:
    """``xs.append(ev)``: whatever holds the container, holds it."""
    func = call.func
    if not isinstance(func, ast.Attribute):
        return False
    is_sought = _is_sought(flow, place, func, passed)
    given = None if is_sought else _added(func.attr, passed, token)
    if (given is None and not is_sought) or _is_ours(flow, place, func):
        return False
    flow.operands.append(Operand(place, token, func.value, (func.attr,)))
    if given is None:
        return True
    store(flow, place, func.value, given)
    if func.attr == "setdefault" and passed.position:
        flow.visit(_outer(place), token)
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
