"""What starts a thread, in LibCST: from the call of Eventlet to that of Python.

Gives nodes and knows no site, no file and no verdict. No codemod itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import libcst as cst

from deventlet_codemods._flat import flat
from deventlet_codemods._nodes import within

_NOTHING = cst.SimpleWhitespace("")
_TIGHT = cst.AssignEqual(_NOTHING, _NOTHING)
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
Spread = Callable[[str], str]
"""Whether a name is ``*`` or ``**`` of the function around the call."""


@dataclass(frozen=True, slots=True)
class Start:
    """The arguments of a call that starts a thread.

    :param seconds: the delay, for a function that takes one.
    :param positional: those that the function gets by position, stars included.
    :param named: those that it gets by keyword, stars included.
    """

    function: cst.BaseExpression
    seconds: cst.BaseExpression | None
    positional: tuple[cst.Arg, ...]
    named: tuple[cst.Arg, ...]


def read(call: cst.Call, delayed: bool) -> Start | None:
    """The arguments of ``spawn(f, …)`` or ``spawn_after(s, f, …)``.

    None where it cannot be told which one is the function, or where it would be
    evaluated after another one.
    """
    wanted = ["seconds", "func"] if delayed else ["func"]
    found: dict[str, cst.BaseExpression] = {}
    positional: list[cst.Arg] = []
    named: list[cst.Arg] = []
    for argument in call.args:
        name = argument.keyword.value if argument.keyword else ""
        missing = [each for each in wanted if each not in found]
        if name in wanted:
            if name in found or not _is_plain(argument.value):
                return None
            found[name] = argument.value
        elif missing and not name and not argument.star:
            found[missing[0]] = argument.value
        elif argument.star == "*" and missing:
            return None
        elif argument.star == "**" or name:
            named.append(argument)
        else:
            positional.append(argument)
    if len(found) < len(wanted):
        return None
    return Start(found["func"], found.get("seconds"), tuple(positional), tuple(named))


def _is_plain(value: cst.BaseExpression) -> bool:
    """Whether it does not matter when an expression is evaluated."""
    return isinstance(value, (cst.Name, cst.Attribute, cst.Integer, cst.Float))


def takes_time(start: Start) -> bool:
    """Whether the start is put off for certain: by a number that is not zero."""
    number = start.seconds
    return isinstance(number, (cst.Integer, cst.Float)) and number.evaluated_value > 0


def thread(made: cst.BaseExpression, start: Start, spread: Spread) -> cst.Call:
    """``threading.Thread(target=f, args=(…), kwargs={…}, daemon=True)``."""
    arguments = [
        _keyword("target", start.function),
        *_given(start, spread),
        _keyword("daemon", cst.Name("True")),
    ]
    return _call(made, arguments)


def timer(made: cst.BaseExpression, start: Start, spread: Spread) -> cst.Call:
    """``threading.Timer(s, f, args=(…), kwargs={…})``."""
    assert start.seconds is not None
    given = [cst.Arg(flat(start.seconds)), cst.Arg(flat(start.function))]
    return _call(made, [*given, *_given(start, spread)])


def submitted(executor: cst.BaseExpression, call: cst.Call) -> cst.Call:
    """``ThreadPoolExecutor(max_workers=1).submit(f, …)``.

    Arguments that begin on a line below the bracket stay as they are laid out.
    """
    pool = _call(executor, [_keyword("max_workers", cst.Integer("1"))])
    arguments = list(call.args)
    for index, argument in enumerate(arguments):
        if argument.keyword is not None and argument.keyword.value == "func":
            rest = [*arguments[:index], *arguments[index + 1 :]]
            first = cst.Arg(argument.value)
            arguments = list(_separated([first, *rest]))
            break
    function = cst.Attribute(pool, cst.Name("submit"))
    made = call.with_changes(func=function, args=arguments)
    is_below = isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
    return made if is_below and arguments == [*call.args] else flat(made)


def method(call: cst.Call, name: str) -> cst.Call:
    """The call of another method of the same object."""
    assert isinstance(call.func, cst.Attribute)
    return call.with_changes(func=call.func.with_changes(attr=cst.Name(name)))


def done_callback(
    call: cst.Call, partial: cst.BaseExpression, names: Sequence[str]
) -> cst.Call | None:
    """``gt.link(f, a, k=b)`` as ``add_done_callback(partial(f, x=a, k=b))``.

    What has no name there, behind ``*args``, has to be a literal: a lambda gives it.

    :param names: the parameters of the callback behind its first one.
    """
    callback, *rest = call.args
    if callback.keyword is not None or any(each.star for each in call.args):
        return None
    bound: list[cst.Arg] = []
    for index, argument in enumerate(rest):
        if argument.keyword is None and index >= len(names):
            return _called_later(call)
        name = argument.keyword.value if argument.keyword else names[index]
        bound.append(_keyword(name, argument.value))
    given = cst.Arg(flat(callback.value))
    if bound:
        given = cst.Arg(_call(partial, [given, *bound]))
    return method(call, "add_done_callback").with_changes(args=[given])


def _called_later(call: cst.Call) -> cst.Call | None:
    """``gt.link(f, 4)`` as ``add_done_callback(lambda future: f(future, 4))``.

    Nothing is bound before: all that the lambda gives is written down.
    """
    callback, *rest = call.args
    literals = (cst.Integer, cst.Float, cst.SimpleString)
    is_plain = all(isinstance(each.value, literals) for each in rest)
    is_named = isinstance(callback.value, (cst.Name, cst.Attribute))
    names = {each.value for each in within(callback.value, cst.Name)}
    if not (is_plain and is_named) or "future" in names:
        return None
    given = [cst.Arg(cst.Name("future")), *rest]
    later = cst.Lambda(
        cst.Parameters([cst.Param(cst.Name("future"))]),
        _call(flat(callback.value), given),
    )
    return method(call, "add_done_callback").with_changes(args=[cst.Arg(later)])


def _given(start: Start, spread: Spread) -> Iterator[cst.Arg]:
    """``args=`` and ``kwargs=``, where there is something for them."""
    if start.positional:
        yield _keyword("args", _args(start.positional, spread))
    if start.named:
        yield _keyword("kwargs", _kwargs(start.named, spread))


def _args(given: tuple[cst.Arg, ...], spread: Spread) -> cst.BaseExpression:
    """A tuple; ``*args`` of the function itself is one that nobody changes."""
    only = given[0].value if len(given) == 1 and given[0].star else None
    if isinstance(only, cst.Name) and spread(only.value) == "*":
        return only
    elements = [
        (cst.StarredElement if each.star else cst.Element)(flat(each.value))
        for each in given
    ]
    if len(elements) == 1:
        elements = [elements[0].with_changes(comma=cst.Comma())]
    return cst.Tuple(elements)


def _kwargs(given: tuple[cst.Arg, ...], spread: Spread) -> cst.BaseExpression:
    """A dict of its own, so that nobody changes it before it is used."""
    only = given[0].value if len(given) == 1 and given[0].star else None
    if isinstance(only, cst.Name) and spread(only.value) == "**":
        return only
    if isinstance(only, cst.Dict):
        return flat(only)
    elements = [
        cst.StarredDictElement(flat(each.value))
        if each.keyword is None
        else cst.DictElement(
            cst.SimpleString(f"'{each.keyword.value}'"), flat(each.value)
        )
        for each in given
    ]
    return cst.Dict(elements)


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(flat(value), cst.Name(name), equal=_TIGHT)


def _call(function: cst.BaseExpression, arguments: Iterable[cst.Arg]) -> cst.Call:
    return cst.Call(function, list(_separated(arguments)))


def _separated(arguments: Iterable[cst.Arg]) -> Iterator[cst.Arg]:
    """Arguments with the commas that LibCST would put, and no white space else."""
    every = list(arguments)
    for index, each in enumerate(every):
        last = index == len(every) - 1
        comma = cst.MaybeSentinel.DEFAULT if last else _COMMA
        yield each.with_changes(
            comma=comma, whitespace_after_arg=_TIGHT.whitespace_after
        )


# -- statements --------------------------------------------------------------


def started(made: cst.Call) -> cst.Call:
    """``Thread(…).start()``."""
    return cst.Call(cst.Attribute(made, cst.Name("start")))


def apart(
    held: cst.SimpleStatementLine,
    old: cst.Call,
    made: cst.Call,
    free: Callable[[], str],
    marked: bool,
) -> tuple[cst.SimpleStatementLine, ...] | None:
    """The statement of a start as several: made, kept, started.

    The object has its name before the thread runs, as a green thread has.

    :param old: the call in the statement.
    :param free: gives a free name, for an object that the statement does not name.
    :param marked: say in a statement of its own that the thread is a daemon.
    :returns: None where the call is evaluated after another one, or maybe never.
    """
    statement = held.body[0] if len(held.body) == 1 else None
    found = first_call(statement, old)
    if statement is None or found is None:
        return None
    target = _named(statement, found)
    own = target or cst.Name(free())
    lines: list[cst.BaseSmallStatement] = [_assigned(own, made)]
    if marked:
        lines.append(
            _assigned(cst.Attribute(own, cst.Name("daemon")), cst.Name("True"))
        )
    start = cst.Expr(cst.Call(cst.Attribute(own, cst.Name("start"))))
    if target is not None or _is_dropped(statement, found):
        return _as_lines([*lines, start], held)
    kept = statement.deep_replace(found, own)
    assert isinstance(kept, cst.BaseSmallStatement)
    ends = [start, kept] if _gives_up_control(kept) else [kept, start]
    return _as_lines([*lines, *ends], held)


def _gives_up_control(statement: cst.BaseSmallStatement) -> bool:
    """Whether what stands behind a statement runs later, or maybe never."""
    yields = chain(within(statement, cst.Yield), within(statement, cst.Await))
    return isinstance(statement, cst.Return) or any(True for _ in yields)


def _as_lines(
    statements: Sequence[cst.BaseSmallStatement], held: cst.SimpleStatementLine
) -> tuple[cst.SimpleStatementLine, ...]:
    """Each on its line; the comments of the old one stay before and behind them."""
    lines = [cst.SimpleStatementLine([each]) for each in statements]
    lines[0] = lines[0].with_changes(leading_lines=held.leading_lines)
    lines[-1] = lines[-1].with_changes(trailing_whitespace=held.trailing_whitespace)
    return tuple(lines)


def _assigned(
    target: cst.BaseAssignTargetExpression, value: cst.BaseExpression
) -> cst.Assign:
    return cst.Assign([cst.AssignTarget(target)], value)


def _named(
    statement: cst.BaseSmallStatement, found: cst.Call
) -> cst.Name | cst.Attribute | None:
    """The one name, or ``self.name``, that the statement gives to the object."""
    if not isinstance(statement, cst.Assign) or statement.value is not found:
        return None
    target = statement.targets[0].target if len(statement.targets) == 1 else None
    if isinstance(target, cst.Name):
        return target
    if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
        return target
    return None


def _is_dropped(statement: cst.BaseSmallStatement, found: cst.Call) -> bool:
    return isinstance(statement, cst.Expr) and statement.value is found


_UNSURE = (
    cst.Lambda, cst.BaseComp, cst.IfExp, cst.BooleanOperation, cst.FormattedString,
)  # fmt: skip
"""What evaluates a part of it later, not at all, or more than once."""
_STATEMENTS = (cst.Assign, cst.AnnAssign, cst.Expr, cst.Return)


def first_call(
    statement: cst.BaseSmallStatement | None, old: cst.Call
) -> cst.Call | None:
    """The call in the statement, if nothing else is called before it.

    :param old: the call as it stands outside of the statement.
    """
    if not isinstance(statement, _STATEMENTS):
        return None
    calls = list(within(statement, cst.Call))
    same = [each for each in calls if flat(each).deep_equals(flat(old))]
    if len(same) != 1:
        return None
    path = list(_path(statement, same[0]))
    known = {id(each) for each in (*path, *within(same[0], cst.Call))}
    if any(isinstance(each, _UNSURE) for each in path) or any(
        id(each) not in known for each in calls
    ):
        return None
    return same[0]


def _path(node: cst.CSTNode, wanted: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes from one down to another."""
    for child in node.children:
        if child is wanted:
            yield node
            return
        below = list(_path(child, wanted))
        if below:
            yield node
            yield from below
            return
