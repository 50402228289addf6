"""Decide ``Timeout``: around one blocking call, or a poll loop, with its own exception.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import (
    Context,
    Decision,
    Instead,
    Refuse,
    Site,
    Statement,
    Subject,
)
from deventlet_codemods._nodes import within
from deventlet_codemods._processes import where_patched

_QUEUES = frozenset({
    "queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "eventlet.Queue",
    "eventlet.queue.LightQueue", "eventlet.queue.LifoQueue",
    "eventlet.queue.PriorityQueue",
})  # fmt: skip
_LOCKS = frozenset({
    "threading.Lock", "threading.RLock", "threading.Semaphore",
    "threading.BoundedSemaphore", "eventlet.Semaphore", "eventlet.BoundedSemaphore",
})  # fmt: skip
_EVENTS = frozenset({"threading.Event", "eventlet.Event"})
_PROCESSES = frozenset({"subprocess.Popen"})
_QUICK = frozenset({"len", "any", "all", "isinstance", "bool"})
_NAMED = (cst.Name, cst.Attribute)
_PLAIN = (*_NAMED, cst.SimpleString, cst.Integer)
_PARAMETERS = {
    "acquire": "timeout", "communicate": "timeout", "get": "timeout",
    "join": "timeout", "put": "timeout", "result": "timeout", "wait": "timeout",
    "recv": "settimeout()", "accept": "settimeout()", "connect": "settimeout()",
    "request": "timeout", "urlopen": "timeout", "check_output": "timeout",
    "run": "timeout", "call": "timeout",
}  # fmt: skip
"""Calls that often stand in such a block, and how each can be limited by itself."""


@dataclass(frozen=True, slots=True)
class _Wait:
    """A call that can limit itself.

    :param arguments: how many it may have: what is put, or sent to a process.
    :param raises: what it raises once the time is over, as module and name; empty if
        it returns something false.
    :param exact: whether what it returns then is returned in no other case.
    """

    arguments: int
    raises: tuple[str, str] | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Block:
    """``with Timeout(seconds, error): body``."""

    seconds: cst.BaseExpression
    error: cst.BaseExpression | None
    body: Sequence[Statement]


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one Timeout with all its uses, or one use of the class."""
    if subject.api != "eventlet.Timeout":
        return Refuse("timeout.function")
    if subject.kind == "mock":
        return Refuse("timeout.mocked")
    if subject.kind != "object":
        return Refuse("timeout.class-used")
    site = subject.origin
    member = context.member(site)
    if member is not None and member.name == "raise":
        return Refuse("timeout.raised")
    if len(subject.sites) > 1 or member is None or member.name != "with":
        return Refuse("timeout.by-hand", _kept(subject, context))
    found = _block(site, context)
    return found if isinstance(found, Refuse) else _decide(found, site, context)


def _kept(subject: Subject, context: Context) -> str:
    """Where an object is used but where it is made, and what runs meanwhile.

    With the way out that always is: a thread of its own whose result is waited for.
    """
    site, *others = subject.sites
    said = [", ".join(f"{each.path}:{each.line}" for each in others[:3])]
    called = context.called_until(site, others) if site.form == "call" else ()
    found = _arguments(context.call(site)) if called else None
    if called and found is not None:
        limited = [name for name in called if _own_limit(name)] or called[-1:]
        said += [
            f"until then: {', '.join(map(_named, called[:5]))}",
            f"or submit({limited[-1]}, ...) to an executor and wait with"
            f" result(timeout={_text(found[0])})",
        ]
    return "; ".join(filter(None, said))


def _block(site: Site, context: Context) -> _Block | Refuse:
    """The block that a Timeout opens, if it is the only thing that the with opens."""
    held = context.statement(site)
    if not isinstance(held, cst.With) or len(held.items) > 1 or held.asynchronous:
        return Refuse("timeout.statement")
    if not isinstance(held.body, cst.IndentedBlock):
        return Refuse("timeout.statement")
    arguments = _arguments(context.call(site))
    if arguments is None:
        return Refuse("timeout.arguments")
    body = [each for each in held.body.body if not isinstance(each, _SMALL)]
    return _Block(*arguments, body)  # type: ignore[arg-type]


_SMALL = cst.BaseSmallStatement
_HOLDING = (cst.Expr, cst.Assign, cst.Return)


def _arguments(
    call: cst.Call,
) -> tuple[cst.BaseExpression, cst.BaseExpression | None] | None:
    """The seconds and the exception of ``Timeout(seconds, exception)``."""
    names = ("seconds", "exception")
    found: dict[str, cst.BaseExpression] = {}
    for index, argument in enumerate(call.args):
        if argument.star or index > 1:
            return None
        found[argument.keyword.value if argument.keyword else names[index]] = (
            argument.value
        )
    if "seconds" not in found or found.keys() - {*names}:
        return None
    error = found.get("exception")
    if isinstance(error, cst.Name) and error.value in ("True", "None"):
        error = None
    return found["seconds"], error


def _decide(block: _Block, site: Site, context: Context) -> Decision:
    """What a block of a known form becomes."""
    if block.error is None:
        return Refuse("timeout.itself", _advice(block.body))
    if not _is_error(block.error, site, context):
        return Refuse("timeout.error", _text(block.error))
    if not _is_time(block.seconds, site, context):
        return Refuse("timeout.seconds")
    first = block.body[0] if len(block.body) == 1 else None
    if isinstance(first, cst.While):
        return _loop(first, block, site, context)
    if isinstance(first, cst.SimpleStatementLine) and len(first.body) == 1:
        return _statement(first, block, site, context)
    return Refuse("timeout.several", _advice(block.body))


def _is_error(error: cst.BaseExpression, site: Site, context: Context) -> bool:
    """``False``, or an exception that may as well be made where it is raised.

    What is only named may be None, for which Timeout raises itself, or False.
    """
    if _is_false(error):
        return True
    made = error.func if isinstance(error, cst.Call) else error
    arguments = error.args if isinstance(error, cst.Call) else ()
    return (
        isinstance(made, _NAMED)
        and all(not a.star and isinstance(a.value, _PLAIN) for a in arguments)
        and context.is_error_class(_text(made), site)
    )


def _is_time(seconds: cst.BaseExpression, site: Site, context: Context) -> bool:
    """Whether a time cannot be negative, which a native call would not take."""
    if isinstance(seconds, (cst.Integer, cst.Float)):
        return True
    if isinstance(seconds, cst.Name):
        number = context.number(seconds.value, site)
        return number is not None and number >= 0
    return False


def _is_false(error: cst.BaseExpression | None) -> bool:
    return isinstance(error, cst.Name) and error.value == "False"


# -- one call ----------------------------------------------------------------


def _statement(
    line: cst.SimpleStatementLine, block: _Block, site: Site, context: Context
) -> Decision:
    """``with Timeout(5, X): x = jobs.get()``."""
    small = line.body[0]
    call = small.value if isinstance(small, _HOLDING) else None
    if not isinstance(call, cst.Call):
        return Refuse("timeout.several", _advice(block.body))
    made = _made(call, site, context)
    wait = _wait(call, made)
    if wait is None or not _is_unlimited(call, wait):
        return Refuse("timeout.unknown", _advice(block.body))
    limited = call.with_changes(args=[*call.args, _timeout(block.seconds, call)])
    new = line.with_changes(body=[small.with_changes(value=limited)])
    error = block.error
    assert error is not None
    if wait.raises is not None:
        raised = context.name_of(*wait.raises)
        found = _suppressed(new, raised, context) if _is_false(error) else None
        statement: Statement = found or _caught(new, raised, error)
    elif not isinstance(small, cst.Expr):
        return Refuse("timeout.result")
    elif _is_false(error):
        statement = new
    elif wait.exact:
        statement = _unless(limited, error, new)
    else:
        return Refuse("timeout.event-first")
    action = Instead((statement,))
    module = "queue" if made <= _QUEUES else "threading"
    return where_patched(module, [site], context, {site: action})


def _made(call: cst.Call, site: Site, context: Context) -> frozenset[str]:
    """What made the object whose method is called."""
    if not isinstance(call.func, cst.Attribute):
        return frozenset()
    value = call.func.value
    root = value.value if isinstance(value, cst.Attribute) else value
    if not isinstance(root, cst.Name):
        return frozenset()
    return context.made_by(_text(value), site)


def _wait(call: cst.Call, made: frozenset[str]) -> _Wait | None:
    """How a call of an object made that way can be limited."""
    if not made or not isinstance(call.func, cst.Attribute):
        return None
    name = call.func.attr.value
    if made <= _QUEUES and name in ("get", "put"):
        empty = ("queue", "Empty" if name == "get" else "Full")
        return _Wait(0 if name == "get" else 1, empty)
    if made <= _LOCKS and name == "acquire":
        return _Wait(0, None)
    if made <= _EVENTS and name == "wait":
        return _Wait(0, None, exact=made <= {"threading.Event"})
    if made <= _PROCESSES and name in ("wait", "communicate"):
        return _Wait(0 if name == "wait" else 1, ("subprocess", "TimeoutExpired"))
    return None


def _is_unlimited(call: cst.Call, wait: _Wait) -> bool:
    """Whether a call waits for ever, and nothing in its arguments may wait either.

    ``get(False)`` does not wait, and what it raises is not the end of the time.
    """
    if len(call.args) > wait.arguments:
        return False
    return all(
        not argument.star
        and (argument.keyword is None or argument.keyword.value in ("item", "input"))
        and isinstance(argument.value, (*_PLAIN, cst.Float))
        for argument in call.args
    )


def _timeout(seconds: cst.BaseExpression, call: cst.Call) -> cst.Arg:
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(seconds, keyword=cst.Name("timeout"), equal=equal)


def _suppressed(
    line: cst.SimpleStatementLine, raised: cst.BaseExpression, context: Context
) -> cst.With:
    """``with contextlib.suppress(queue.Empty): x = jobs.get(timeout=5)``."""
    suppress = cst.Call(context.name_of("contextlib", "suppress"), [cst.Arg(raised)])
    return cst.With([cst.WithItem(suppress)], cst.IndentedBlock([line]))


def _caught(
    line: cst.SimpleStatementLine,
    raised: cst.BaseExpression,
    error: cst.BaseExpression,
) -> cst.Try:
    """``try: x = jobs.get(timeout=5)`` with ``except queue.Empty: raise X``."""
    handler = cst.ExceptHandler(cst.IndentedBlock([_raise(error)]), raised)
    return cst.Try(cst.IndentedBlock([line]), [handler])


def _unless(
    call: cst.Call, error: cst.BaseExpression, line: cst.SimpleStatementLine
) -> cst.If:
    """``if not opened.wait(timeout=5): raise X``."""
    test = cst.UnaryOperation(cst.Not(), call)
    block = cst.IndentedBlock([_raise(error)])
    return cst.If(test, block, leading_lines=line.leading_lines)


def _raise(error: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Raise(error)])


# -- poll loops --------------------------------------------------------------


def _loop(loop: cst.While, block: _Block, site: Site, context: Context) -> Decision:
    """``with Timeout(5, X): while not done: sleep(1)`` with a deadline."""
    steps = [step for step in loop.body.body if isinstance(step, cst.BaseStatement)]
    if loop.orelse or not steps or not _is_poll(loop, steps, site, context):
        return Refuse("timeout.loop", _advice(block.body))
    error, clock = block.error, context.name_of("time", "monotonic")
    assert error is not None
    name = cst.Name(context.local_name("deadline", site))
    now = cst.Call(clock)
    sum_ = cst.BinaryOperation(now, cst.Add(), block.seconds)
    begin = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(name)], sum_)])
    over = cst.Comparison(now, [cst.ComparisonTarget(cst.GreaterThanEqual(), name)])
    leave = _break() if _is_false(error) else _raise(error)
    check = cst.If(over, cst.IndentedBlock([leave]))
    body = loop.body.with_changes(body=[check, *loop.body.body])
    action = Instead((begin, loop.with_changes(body=body)))
    return where_patched("time", [site], context, {site: action}, ["timeout.late"])


def _break() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Break()])


def _is_poll(
    loop: cst.While, steps: Sequence[cst.BaseStatement], site: Site, context: Context
) -> bool:
    """Whether a loop only looks at values and ends each round with a sleep."""
    if any(not _is_quick(call, site, context) for call in _calls(loop.test)):
        return False
    if len(steps) != 1 or not isinstance(steps[0], cst.SimpleStatementLine):
        return False
    (last, *more), calls = steps[0].body, _calls(steps[0])
    called = last.value if isinstance(last, cst.Expr) and not more else None
    return (
        isinstance(called, cst.Call)
        and calls == [called]
        and _is_sleep(called, site, context)
    )


_SLEEPS = frozenset({"time.sleep", "eventlet.sleep", "eventlet.greenthread.sleep"})


def _is_sleep(call: cst.Call, site: Site, context: Context) -> bool:
    """``time.sleep(x)`` or what Eventlet calls so, and not a method of that name."""
    named = isinstance(call.func, _NAMED)
    return named and context.meaning(_text(call.func), site) in _SLEEPS


def _is_quick(call: cst.Call, site: Site, context: Context) -> bool:
    """Whether a call returns at once: a built-in function over plain values."""
    return (
        isinstance(call.func, cst.Name)
        and call.func.value in _QUICK
        and context.builtin(call.func.value, site)
    )


# -- what a person can do ----------------------------------------------------


def _calls(node: cst.CSTNode) -> list[cst.Call]:
    return list(within(node, cst.Call))


def _advice(body: Sequence[Statement]) -> str:
    """The calls in a block, each with its own way to be limited if it has one."""
    calls = [call for statement in body for call in _calls(statement)]
    named = list(dict.fromkeys(_said(call) for call in calls))
    return f"in the block: {', '.join(named[:5])}" if named else "nothing is called"


def _said(call: cst.Call) -> str:
    return _named(_text(call.func))


def _named(text: str) -> str:
    own = _own_limit(text)
    return f"{text} (has {own})" if own else text


def _own_limit(text: str) -> str:
    """How a function of that name can be limited by itself, if it can."""
    return _PARAMETERS.get(text.rpartition(".")[2], "")


def _text(node: cst.CSTNode) -> str:
    return " ".join(cst.Module([]).code_for_node(node).split())
