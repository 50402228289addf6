"""Decide ``Timeout``: around one blocking call or a poll loop that tells of its end.

By an exception of its own, by nothing, or by the handler right around it.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import (
    Action,
    Assume,
    Context,
    Decision,
    Instead,
    Keep,
    Refuse,
    Rewrite,
    Site,
    Statement,
    Subject,
    Unwrap,
)
from deventlet_codemods._nodes import dotted, within
from deventlet_codemods._processes import where_patched
from deventlet_codemods._waits import Wait, limited, wait

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
class _Block:
    """``with Timeout(seconds, error): body``.

    :param attempt: the ``try`` around it whose first handler is for it.
    """

    seconds: cst.BaseExpression
    error: cst.BaseExpression | None
    body: Sequence[Statement]
    attempt: cst.Try | None = None

    @property
    def handler(self) -> cst.ExceptHandler | None:
        """What is done when the time is over, if it is the handler of a ``try``."""
        return self.attempt.handlers[0] if self.attempt is not None else None

    @property
    def is_silent(self) -> bool:
        """Whether nothing is done when the time is over, but to go on."""
        if self.handler is None:
            return _is_false(self.error)
        return all(_is_pass(each) for each in self.handler.body.body)


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one Timeout with all its uses, or one use of the class."""
    if subject.api != "eventlet.Timeout":
        return Refuse("timeout.function")
    if subject.kind == "mock":
        return Refuse("timeout.mocked")
    if subject.kind != "object" or all(_is_caught(s, context) for s in subject.sites):
        return Refuse("timeout.class-used")
    site = subject.origin
    member = context.objects.member(site)
    if member is not None and member.name == "raise":
        return Refuse("timeout.raised")
    caught = subject.sites[1:]
    if not all(_is_caught(each, context) for each in caught) or (
        member is None or member.name != "with"
    ):
        return Refuse("timeout.by-hand", _kept(subject, context))
    found = _block(site, context)
    if isinstance(found, _Block) and caught:
        found = _with_handler(found, site, caught, context)
    return found if isinstance(found, Refuse) else _decide(found, subject, context)


def _is_caught(site: Site, context: Context) -> bool:
    member = context.objects.member(site)
    return member is not None and member.name == "caught"


def _kept(subject: Subject, context: Context) -> str:
    """Where an object is used but where it is made, and what runs meanwhile.

    With the way out that always is: a thread of its own whose result is waited for.
    """
    site, *others = subject.sites
    said = [", ".join(f"{each.path}:{each.line}" for each in others[:3])]
    called = context.flow.called_until(site, others) if site.form == "call" else ()
    found = _arguments(context.code.call(site)) if called else None
    if called and found is not None:
        said += [
            f"until then: {', '.join(map(_named, called[:5]))}",
            f"or {_submitted(called)} to an executor and wait with"
            f" result(timeout={_text(found[0])})",
        ]
    return "; ".join(filter(None, said))


def _submitted(called: Sequence[str]) -> str:
    """What to give an executor: the call that waits, or all if that is not known."""
    limited = [name for name in called if _own_limit(name)]
    one = limited[-1:] or (called if len(called) == 1 else ())
    return f"submit({one[-1]}, ...)" if one else "submit a function that calls them"


def _block(site: Site, context: Context) -> _Block | Refuse:
    """The block that a Timeout opens, if it is the only thing that the with opens."""
    held = context.code.statement(site)
    if not isinstance(held, cst.With) or len(held.items) > 1 or held.asynchronous:
        return Refuse("timeout.statement")
    if not isinstance(held.body, cst.IndentedBlock):
        return Refuse("timeout.statement")
    arguments = _arguments(context.code.call(site))
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


def _with_handler(
    block: _Block, site: Site, caught: Sequence[Site], context: Context
) -> _Block | Refuse:
    """The block with the ``try`` around it, if its handler is for nothing else."""
    attempt = context.code.attempt(site)
    if attempt is None or block.error is not None:
        return Refuse("timeout.handler", _advice(block))
    first = attempt.handlers[0]
    alone = len(caught) == 1 and isinstance(first.body, cst.IndentedBlock)
    if not (alone and first.type and _text(first.type) == caught[0].spelling):
        return Refuse("timeout.handler", f"it is not for {caught[0].spelling} alone")
    asking = next(filter(None, map(_asks_for_error, _parts(first.body))), "")
    if asking:
        return Refuse("timeout.handler", asking)
    return _Block(block.seconds, None, _below(attempt, block.body), attempt)


def _below(attempt: cst.Try, body: Sequence[Statement]) -> Sequence[Statement]:
    """A body under the comments of the ``with`` that it was in."""
    held, first = attempt.body.body[0], body[0]
    above = cst.ensure_type(held, cst.With).leading_lines
    lines = [*above, *getattr(first, "leading_lines", ())]
    return [first.with_changes(leading_lines=lines), *body[1:]]


def _parts(block: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield from within(block, cst.Raise)
    yield from within(block, cst.Call)


_ASKING = ("exc_info", "format_exc", "print_exc", "reraise")


def _asks_for_error(node: cst.CSTNode) -> str:
    """What in a handler raises or shows again what it caught; empty if it does not."""
    if isinstance(node, cst.Raise):
        return "" if node.exc is not None else "raise"
    text = _text(cst.ensure_type(node, cst.Call).func)
    return text if any(each in text for each in _ASKING) else ""


def _decide(block: _Block, subject: Subject, context: Context) -> Decision:
    """What a block of a known form becomes."""
    site = subject.origin
    if block.error is not None and not _is_error(block.error, site, context):
        return Refuse("timeout.error", _text(block.error))
    if block.error is None and block.handler is None:
        return Refuse("timeout.itself", _advice(block))
    first = block.body[0] if len(block.body) == 1 else None
    if isinstance(first, cst.While):
        return _loop(first, block, subject, context)
    if isinstance(first, cst.SimpleStatementLine) and len(first.body) == 1:
        return _statement(first, block, subject, context)
    return Refuse("timeout.several", _advice(block))


def _actions(
    new: tuple[Statement, ...], block: _Block, subject: Subject
) -> dict[Site, Action]:
    """Statements in the place of the block, or of the ``try`` around it."""
    put = Instead(new) if block.attempt is None else Unwrap(new)
    return {subject.origin: put, **dict.fromkeys(subject.sites[1:], Keep())}


def _is_error(error: cst.BaseExpression, site: Site, context: Context) -> bool:
    """``False``, or an exception that may as well be made where it is raised.

    What is only named may be None, for which Timeout raises itself, or False.
    """
    if _is_false(error):
        return True
    name = dotted(error.func if isinstance(error, cst.Call) else error)
    arguments = error.args if isinstance(error, cst.Call) else ()
    return (
        bool(name)
        and all(not a.star and isinstance(a.value, _PLAIN) for a in arguments)
        and context.names.is_error_class(name, site)
    )


def _is_time(seconds: cst.BaseExpression, site: Site, context: Context) -> bool:
    """Whether a time cannot be negative, which a native call would not take."""
    if isinstance(seconds, (cst.Integer, cst.Float)):
        return True
    if isinstance(seconds, cst.Name):
        number = context.names.number(seconds.value, site)
        return number is not None and number >= 0
    return False


def _is_computed_time(seconds: cst.BaseExpression) -> bool:
    """Whether a time is made of names and numbers, so that it blocks nowhere."""
    if isinstance(seconds, cst.BinaryOperation):
        return _is_computed_time(seconds.left) and _is_computed_time(seconds.right)
    if isinstance(seconds, cst.Attribute):
        return _is_computed_time(seconds.value)
    return isinstance(seconds, (cst.Name, cst.Integer, cst.Float))


def _is_false(error: cst.BaseExpression | None) -> bool:
    return isinstance(error, cst.Name) and error.value == "False"


def _is_pass(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return all(isinstance(each, cst.Pass) for each in statement.body)
    return isinstance(statement, cst.Pass)


# -- one call ----------------------------------------------------------------


def _statement(
    line: cst.SimpleStatementLine, block: _Block, subject: Subject, context: Context
) -> Decision:
    """``with Timeout(5, X): x = jobs.get()``."""
    small, site = line.body[0], subject.origin
    call = small.value if isinstance(small, _HOLDING) else None
    if not isinstance(call, cst.Call):
        return Refuse("timeout.several", _advice(block))
    found = wait(call, site, context)
    if found is None:
        return Refuse("timeout.unknown", _advice(block))
    caveats = _caveats(block.seconds, found, site, context)
    if isinstance(caveats, Refuse):
        return caveats
    timed = limited(call, block.seconds)
    new = line.with_changes(body=[small.with_changes(value=timed)])
    if found.raises is not None:
        statement = _raising(new, context.names.name_of(*found.raises), block, context)
    else:
        told = _returning(new, timed, found, block)
        if isinstance(told, Refuse):
            return told
        statement = told
    actions = _actions((statement,), block, subject)
    held = where_patched(found.module or "queue", [site], context, actions, caveats)
    if found.module or isinstance(held, Refuse):
        return held
    # Eventlet's own blocks its own green thread only. Where nothing patches, it may
    # stay for nothing but this timeout, and would go once the timeout has gone.
    return Rewrite(actions, caveats)


def _caveats(
    seconds: cst.BaseExpression, found: Wait, site: Site, context: Context
) -> tuple[str, ...] | Refuse:
    """What is to be said of a time that is given to a call."""
    if _is_time(seconds, site, context):
        return ()
    if found.takes == "known" or not _is_computed_time(seconds):
        return Refuse("timeout.seconds", _text(seconds))
    return () if found.takes == "any" else ("timeout.number",)


def _raising(
    new: cst.SimpleStatementLine,
    raised: cst.BaseExpression,
    block: _Block,
    context: Context,
) -> Statement:
    """A call that raises once the time is over."""
    if block.attempt is not None and block.handler is not None:
        first = block.handler.with_changes(type=raised, name=None)
        body = block.attempt.body.with_changes(body=[new])
        handlers = [first, *block.attempt.handlers[1:]]
        return block.attempt.with_changes(body=body, handlers=handlers)
    if block.is_silent:
        return _suppressed(new, raised, context)
    handler = cst.ExceptHandler(_block_of(block), raised)
    return cst.Try(cst.IndentedBlock([new]), [handler])


def _returning(
    new: cst.SimpleStatementLine, timed: cst.Call, found: Wait, block: _Block
) -> Statement | Refuse:
    """A call that returns something false once the time is over."""
    if not isinstance(new.body[0], cst.Expr):
        return Refuse("timeout.result")
    if not _is_alone(block):
        return Refuse("timeout.handler", "there is more than the one handler")
    if block.is_silent:
        return new
    if not found.exact:
        return Refuse("timeout.event-first")
    test = cst.UnaryOperation(cst.Not(), timed)
    return cst.If(test, _block_of(block), leading_lines=_leading(block, new))


def _is_alone(block: _Block) -> bool:
    """Whether the ``try``, if there is one, has the one handler and nothing else."""
    attempt = block.attempt
    return attempt is None or not (
        attempt.handlers[1:] or attempt.orelse or attempt.finalbody
    )


def _block_of(block: _Block) -> cst.BaseSuite:
    """What is done when the time is over."""
    if block.handler is not None:
        return block.handler.body
    assert block.error is not None
    return cst.IndentedBlock([_raise(block.error)])


def _leading(block: _Block, line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """The comments above a call, then those above the handler."""
    above = block.handler.leading_lines if block.handler is not None else ()
    return [*line.leading_lines, *above]


def _suppressed(
    line: cst.SimpleStatementLine, raised: cst.BaseExpression, context: Context
) -> cst.With:
    """``with contextlib.suppress(queue.Empty): x = jobs.get(timeout=5)``."""
    suppress = context.names.name_of("contextlib", "suppress")
    call = cst.Call(suppress, [cst.Arg(raised)])
    return cst.With([cst.WithItem(call)], cst.IndentedBlock([line]))


def _raise(error: cst.BaseExpression) -> cst.SimpleStatementLine:
    """The statement, in which no brackets of the call let lines be broken any more."""
    head, empty = error, cst.SimpleWhitespace("")
    if isinstance(error, cst.Call):
        head = error.with_changes(args=[], whitespace_before_args=empty)
    if "\n" in cst.Module([]).code_for_node(head) and not error.lpar:
        error = error.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.SimpleStatementLine([cst.Raise(error)])


# -- poll loops --------------------------------------------------------------


def _loop(
    loop: cst.While, block: _Block, subject: Subject, context: Context
) -> Decision:
    """``with Timeout(5, X): while not done: sleep(1)`` with a deadline."""
    site, sleep = subject.origin, _sleep(loop)
    if sleep is None or not _is_alone(block) or _jumps(block):
        return Refuse("timeout.loop", _advice(block))
    name = dotted(sleep.func)
    slept = context.names.meaning(name, site) if name else ""
    if slept not in ("time.sleep", *_GREEN_SLEEPS):
        return Refuse("timeout.loop", _advice(block))
    if not _is_number(block.seconds, site, context):
        return Refuse("timeout.seconds", _text(block.seconds))
    caveats = ["timeout.late"]
    if not _is_time(block.seconds, site, context):
        caveats.append("timeout.number")
    actions = _actions(_deadline(loop, block, site, context), block, subject)
    found: Decision = Rewrite(actions, tuple(caveats))
    if slept == "time.sleep":
        found = where_patched("time", [site], context, actions, caveats)
    return _if_quick(block, loop, found, site, context)


def _if_quick(
    block: _Block, loop: cst.While, found: Decision, site: Site, context: Context
) -> Decision:
    """A rewrite, right only if what the loop asks for does not block by itself."""
    asked = [c for c in _calls(loop.test) if not _is_quick(c, site, context)]
    if not asked or isinstance(found, Refuse):
        return found
    if isinstance(found, Rewrite):
        return Assume("timeout.polled", ", ".join(map(_said, asked)), found)
    return Refuse("timeout.loop", _advice(block))


def _deadline(
    loop: cst.While, block: _Block, site: Site, context: Context
) -> tuple[Statement, ...]:
    """The loop with a look at the clock in each round, before it sleeps."""
    name = cst.Name(context.names.local_name("deadline", site))
    now = cst.Call(context.names.name_of("time", "monotonic"))
    sum_ = cst.BinaryOperation(now, cst.Add(), block.seconds)
    begin = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(name)], sum_)])
    over = cst.Comparison(now, [cst.ComparisonTarget(cst.GreaterThanEqual(), name)])
    above = block.handler.leading_lines if block.handler is not None else ()
    check = cst.If(over, _left(block), leading_lines=above)
    body = loop.body.with_changes(body=[check, *loop.body.body])
    return begin, loop.with_changes(body=body)


def _left(block: _Block) -> cst.BaseSuite:
    """What is done when the time is over, and leaves the loop."""
    if block.handler is None and block.is_silent:
        return cst.IndentedBlock([_break()])
    suite = _block_of(block)
    last = suite.body[-1]
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    if isinstance(small, (cst.Raise, cst.Return)):
        return suite
    kept = [each for each in suite.body if not _is_pass(each)]
    return suite.with_changes(body=[*kept, _break()])


def _jumps(block: _Block) -> bool:
    """Whether the handler ends or goes on with a loop, which is another one there."""
    if block.handler is None:
        return False
    jumps = (within(block.handler.body, kind) for kind in (cst.Break, cst.Continue))
    return any(True for found in jumps for _ in found)


def _break() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Break()])


_GREEN_SLEEPS = ("eventlet.sleep", "eventlet.greenthread.sleep")


def _sleep(loop: cst.While) -> cst.Call | None:
    """The call that each round of a loop is, if it is one and nothing else."""
    steps = [step for step in loop.body.body if isinstance(step, cst.BaseStatement)]
    if loop.orelse or len(steps) != 1:
        return None
    if not isinstance(steps[0], cst.SimpleStatementLine):
        return None
    (last, *more), calls = steps[0].body, _calls(steps[0])
    called = last.value if isinstance(last, cst.Expr) and not more else None
    is_one = isinstance(called, cst.Call) and calls == [called]
    named = is_one and isinstance(cst.ensure_type(called, cst.Call).func, _NAMED)
    return cst.ensure_type(called, cst.Call) if named else None


def _is_number(seconds: cst.BaseExpression, site: Site, context: Context) -> bool:
    """Whether a time is a number, as far as the default of a parameter says."""
    if not isinstance(seconds, cst.Name) or _is_time(seconds, site, context):
        return _is_time(seconds, site, context)
    default = context.names.default(seconds.value, site)
    return isinstance(default, (cst.Integer, cst.Float))


def _is_quick(call: cst.Call, site: Site, context: Context) -> bool:
    """Whether a call returns at once: a built-in function over plain values."""
    return (
        isinstance(call.func, cst.Name)
        and call.func.value in _QUICK
        and context.names.builtin(call.func.value, site)
    )


# -- what a person can do ----------------------------------------------------


def _calls(node: cst.CSTNode) -> list[cst.Call]:
    return list(within(node, cst.Call))


def _advice(block: _Block) -> str:
    """The calls in a block, each with its own way to be limited if it has one.

    Of a call that is alone there, how it is written with that, and how it tells.
    """
    if any(True for statement in block.body for _ in within(statement, cst.Yield)):
        return "it yields: what runs meanwhile is the caller's, and not interrupted"
    calls = [call for statement in block.body for call in _calls(statement)]
    named = list(dict.fromkeys(_said(call) for call in calls))
    if not named:
        return "nothing is called"
    natively = _natively(calls[0], block.seconds) if len(calls) == 1 else ""
    return f"in the block: {', '.join(named[:5])}{natively}"


_TOLD = {
    "acquire": "is False", "communicate": "raises subprocess.TimeoutExpired",
    "get": "raises queue.Empty", "put": "raises queue.Full",
    "result": "raises TimeoutError",
    "wait": "is False, or raises subprocess.TimeoutExpired of a process",
}  # fmt: skip
"""How what such a call of the standard library gives says that the time is over."""


def _natively(call: cst.Call, seconds: cst.BaseExpression) -> str:
    """How a call that waits for ever is written with a timeout of its own."""
    text = _text(call.func)
    name = text.rpartition(".")[2]
    if name == "waitall":
        return (
            f"; concurrent.futures.wait(futures, timeout={_text(seconds)}) gives the"
            " futures that are not done"
        )
    if name not in _TOLD or len(call.args) > int(name in ("put", "communicate")):
        return ""
    return f"; {_text(limited(call, seconds))} {_TOLD[name]} when it is over"


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
