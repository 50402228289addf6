"""Which parameter gets an argument, where a definition of the repository is called.

Or which field of a dataclass; what no parameter is known to get is an escape. Whether
that definition is what is called is for others to say.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from deventlet.resolve.values import kinds
from deventlet.resolve.values.definitions import FUNCTIONS, Definition, decorator_names
from deventlet.resolve.values.flow import Flow
from deventlet.resolve.values.handed import note_call, note_unknown
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import wrapped
from deventlet.resolve.values.standins import StandIn
from deventlet.resolve.values.wrapping import looking, shows

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


def call_of(place: Place) -> ast.Call:
    """The call that a place is an argument of."""
    return next(n for n in reversed(place.parents) if isinstance(n, ast.Call))


def outer(place: Place) -> Place:
    """The call that a place is an argument of, as a place."""
    parents = list(place.parents)
    while not isinstance(parents[-1], ast.Call):
        parents.pop()
    call = parents.pop()
    assert isinstance(call, ast.Call)
    return Place(place.module, call, parents)


def bind_argument(
    flow: Flow,
    place: Place,
    callee: Definition,
    func: ast.expr,
    given: Iterable[ast.expr | None] | None,
    passed: Argument,
    token: Token,
) -> None:
    """Bind an argument to the parameter of a function, or of a class's ``__init__``.

    :param func: the expression that is called, there or by whatever gets it.
    :param given: all that it gets by position; None where that is not known.
    """
    name = ast.unparse(func)
    if isinstance(callee.node, ast.ClassDef):
        _make(flow, place, callee, given, passed, token, name)
    else:
        bound = _is_bound(flow, place, callee, func)
        _give(flow, place, callee, given, passed, token, name, bound)
    note_recalled(flow, place, getattr(callee.node, "name", ""), token)


def note_recalled(flow: Flow, place: Place, name: str, token: Token) -> None:
    """A test may take an argument back out of the mock of a function, and use it."""
    members = kinds.MEMBERS.get(token[0].kind, ())
    for each in flow.program.recalls.of(name) if members else ():
        if each.name in members:
            where = f"{each.place.module.path}:{each.place.node.lineno}"
            what = f"to {name}(), whose mock may give it at {where}"
            flow.escape(place, token, "value.passed", what)
            return


def _make(
    flow: Flow,
    place: Place,
    owner: Definition,
    given: Iterable[ast.expr | None] | None,
    passed: Argument,
    token: Token,
    name: str,
) -> None:
    """Bind an argument to the parameter of a class's ``__init__``, or to its field."""
    inits = flow.program.classes.methods(owner, "__init__")
    for each in inits:
        _give(flow, place, each, given, passed, token, name, bound=True)
    _give_others(flow, place, owner, given, passed, token, name)
    if not inits and not _set_field(flow, owner, passed, token):
        flow.escape(place, token, "value.passed", f"to {name}()")


def _give(
    flow: Flow,
    place: Place,
    callee: Definition,
    given: Iterable[ast.expr | None] | None,
    passed: Argument,
    token: Token,
    name: str,
    bound: bool,
) -> None:
    """Give a value to a function, and to what stands in its place elsewhere."""
    known = None if given is None else (*given,)
    if known is not None:
        note_call(flow, place, callee, (*(None,) * bound, *known))
    bind_parameter(flow, place, callee, passed, token, name, bound)
    _give_others(flow, place, callee, known, passed, token, name)


def _give_others(
    flow: Flow,
    place: Place,
    callee: Definition,
    given: Iterable[ast.expr | None] | None,
    passed: Argument,
    token: Token,
    name: str,
) -> None:
    """Give a value to what stands in the place of a function or class elsewhere."""
    known = None if given is None else (*given,)
    for each in flow.program.stand_ins.of(callee):
        _give_instead(flow, place, each, known, *unspread(passed, token), name)


def _give_instead(
    flow: Flow,
    place: Place,
    stand_in: StandIn,
    given: tuple[ast.expr | None, ...] | None,
    passed: Argument,
    token: Token,
    name: str,
) -> None:
    """What stands in the place of a function gets the value, too.

    It is followed where nothing else runs it; else it may not look at the value.
    """
    what = f"to `{ast.unparse(stand_in.put.value)}` in the place of {name}()"
    if stand_in.found is None:
        flow.escape(place, token, "value.passed", what)
        return
    found, put = stand_in.found, stand_in.put
    assert isinstance(found.node, FUNCTIONS)
    here = flow.program.places.place(put.module, put.value)
    bound = stand_in.with_object or _is_bound(flow, here, found, put.value)
    taken = _parameter(found.node.args, passed, 1 if bound else 0)
    if taken is None and not passed.starred:
        return  # no call that is meant could run it
    if taken is None or not (stand_in.is_only or shows(flow.program, found, taken[0])):
        flow.escape(place, token, "value.passed", what)
    elif stand_in.is_certain:
        if given is not None:
            note_call(flow, place, found, (*(None,) * bound, *given))
        bind_parameter(flow, place, found, passed, token, name, bound)


def _is_bound(flow: Flow, place: Place, callee: Definition, func: ast.expr) -> bool:
    """Whether the first parameter of a function is filled by what is before the dot."""
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
    passed, token = unspread(passed, token)
    parameter = _parameter(callee.node.args, passed, 1 if bound else 0)
    if parameter is None:
        flow.escape(place, token, "value.passed", f"to {name}(), spread by a star")
        return
    named, inside = parameter
    given = wrapped(inside, token) if inside else token
    flow.put_parameter(callee.module, callee.node, named, given)


def unspread(passed: Argument, token: Token) -> tuple[Argument, Token]:
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
