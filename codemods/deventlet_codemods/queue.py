"""Decide queues and their two exceptions: only what is the same on native threads.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence

import libcst as cst

from deventlet.codemod import (
    Action,
    Assume,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Rewrite,
    Site,
    Subject,
    Swap,
)
from deventlet_codemods._mocks import class_mock, class_spec
from deventlet_codemods._named import is_name, kept_or, named_class, replaced
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import Found, actions_with_caveats

_CLASSES = {
    "eventlet.Queue": "Queue",
    "eventlet.queue.LightQueue": "Queue",
    "eventlet.queue.LifoQueue": "LifoQueue",
    "eventlet.queue.PriorityQueue": "PriorityQueue",
}
_EXCEPTIONS = {"eventlet.queue.Empty": "Empty", "eventlet.queue.Full": "Full"}
_MEMBERS = frozenset({
    "put", "get", "put_nowait", "get_nowait", "qsize", "empty", "full", "queue",
    "maxsize", "task_done", "join", "unfinished_tasks",
})  # fmt: skip
_MISSING = frozenset({"resize", "getting", "putting", "getters", "putters"})
"""What a queue that is lost from sight could be asked for, and would not have."""
_SIZE = frozenset({"maxsize"})
"""What it would say otherwise, if it had no limit."""

_SAID = ("factory", "annotated", "named")
"""How the class is named where it makes queues, or says that something is one."""
_TIMEOUT_AT = {"put": 2, "get": 1}
"""The methods that may wait, and the position of their timeout."""

_COMPUTED: dict[type[cst.BaseBinaryOp], Callable[[float, float], float]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
}
"""What two numbers that are known give in any arithmetic."""

_UNKNOWN = "queue.timeout"
_NEVER_WAITS = "nothing waits for the queue"


def decide(subject: Subject, context: Context) -> Decision:
    """Decide an object with all its uses, or the uses of a class or an exception."""
    if subject.kind == "mock":
        return _mock(subject, context)
    if subject.api in _EXCEPTIONS:
        return _exception(subject, context)
    spec = class_spec(subject, context, "queue", _CLASSES[subject.api], _MEMBERS)
    if spec is not None:
        return spec
    makers = [site for site in subject.sites if site.form != "method"]
    used = [site for site in makers if not _is_said(site, makers, context)]
    origins = context.objects.origins(subject)
    if used or "created" not in origins or "subclass" in origins:
        where = f"{used[0].path}:{used[0].line}" if used else ""
        return Refuse("queue.class-used", where)
    return _object(subject, context)


def _is_said(site: Site, makers: Sequence[Site], context: Context) -> bool:
    """Whether a site makes a queue, or names the class where it says what one is.

    A test for a class says the same afterwards only if no other is among them:
    `LightQueue` and `Queue` become one.
    """
    member = context.objects.member(site)
    if site.form == "call" or member is None:
        return site.form == "call"
    is_only = all(each.api == site.api for each in makers)
    return member.name in _SAID or (member.name == "isinstance" and is_only)


def _mock(subject: Subject, context: Context) -> Decision:
    name = _CLASSES.get(subject.api) or _EXCEPTIONS[subject.api]
    part = context.names.path(subject.origin).rpartition(".")[2]
    members = (context.objects.member(site) for site in subject.intercepts)
    if any(each is not None and each.name == f"{part}_nowait" for each in members):
        return Refuse("mock.asked", f"{part}_nowait() calls {part}() in another way")
    return class_mock(subject, context, "queue", name, _MEMBERS)


# -- Empty and Full ----------------------------------------------------------


def _exception(subject: Subject, context: Context) -> Decision:
    """The exceptions are the standard library's own: any use may change."""
    name = _EXCEPTIONS[subject.api]
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        if site.form == "import":
            actions[site] = Swap("queue", name)
        elif subject.kind == "alias" and site not in subject.bindings:
            actions[site] = Keep()
        else:
            actions[site] = _named(site, name, context)
    rewrite = Rewrite(actions, (), (f"{subject.api} is queue.{name}",))
    return _beside(subject, rewrite, context)


def _beside(subject: Subject, rewrite: Rewrite, context: Context) -> Decision:
    """``queue.Empty`` stays, too, where a ``queue.Queue`` of Eventlet's keeps the name.

    It is the same class by either name, and the standard module would need another.
    """
    files = _files(subject)
    decision: Decision = rewrite
    for other, reason in context.project.others(_CLASSES) if files else ():
        if files.isdisjoint(_files(other)):
            continue
        is_told = bool(reason) and not reason.startswith("value.")
        found = Refuse(reason) if is_told else decide(other, context)
        if isinstance(found, Refuse):
            return Refuse("queue.beside", f"{other.origin.path}:{other.origin.line}")
        if isinstance(found, Assume):
            decision = Assume(found.reason, found.detail, rewrite)
    return decision


def _files(subject: Subject) -> frozenset[str]:
    """The files that name a subject by way of a name ``queue``."""
    spelled = (site for site in subject.sites if site.form != "method")
    return frozenset(s.path for s in spelled if s.spelling.startswith("queue."))


def _named(site: Site, name: str, context: Context) -> Action:
    """``Empty`` or ``Empty(…)`` under the name of the standard library."""
    named = context.names.name_of("queue", name)
    if site.form == "call":
        return Replace(context.code.call(site).with_changes(func=named))
    return Replace(named)


# -- queues ------------------------------------------------------------------


def _object(subject: Subject, context: Context) -> Decision:
    made = [(s, _maker(s, context)) for s in subject.sites if s.form != "method"]
    known = {site: each for site, each in made if not isinstance(each, Refuse)}
    limits = {site: limit for site, (_, limit) in known.items()}
    lost = context.objects.lost(subject)
    asked = _asked_for(subject, limits, context) if lost else ""
    if asked:
        return Refuse("queue.lost", f"{lost}; {asked} may be such a use")
    refused = next((each for _, each in made if isinstance(each, Refuse)), None)
    found = refused or _uses(subject, limits, context)
    if isinstance(found, Refuse):
        return found
    actions = {site: action for site, (action, _) in known.items()} | found[0]
    exported = ["queue.exported"] if subject.exported else []
    caveats = [*exported, *(["queue.passed"] if lost else []), *found[1]]
    running = [site for site in subject.sites if not is_name(site, context)]
    waiting = running if lost else list(_waiting_at(subject, context))
    if not waiting:
        return Rewrite(actions, tuple(dict.fromkeys(caveats)), (_NEVER_WAITS,))
    return where_patched("queue", waiting, context, actions, caveats)


def _maker(site: Site, context: Context) -> tuple[Action, bool | None] | Refuse:
    """What makes a queue, or names the class, and whether the queue has a limit."""
    return _made(site, context) if site.form == "call" else _said(site, context)


def _uses(
    subject: Subject, limits: Mapping[Site, bool | None], context: Context
) -> tuple[dict[Site, Action], list[str]] | Refuse:
    """What becomes of the uses; each is one of the queues that it may be for."""
    used = [site for site in subject.sites if site.form == "method"]
    parts = context.objects.parts(subject)
    free = {s for each in parts if not _has_limit(each, limits) for s in each.sites}
    return actions_with_caveats(used, lambda s: _used(s, s not in free, context))


def _asked_for(
    subject: Subject, limits: Mapping[Site, bool | None], context: Context
) -> str:
    """A place that may ask a queue that is lost from sight for what it lacks.

    Its size is the same if it has one.
    """
    limited = [site for site, limit in limits.items() if limit]
    asked = context.objects.asked_for(_MISSING, "queue", subject)
    return asked or context.objects.asked_for(_SIZE, "queue", subject, limited)


def _has_limit(part: Subject, limits: Mapping[Site, bool | None]) -> bool:
    """Whether a queue certainly has a limit; one that is only said may be any."""
    own = [limit for site in part.sites if (limit := limits.get(site)) is not None]
    return all(own) if own else all(limit is not False for limit in limits.values())


def _waiting_at(subject: Subject, context: Context) -> Iterator[Site]:
    """The sites at which something may wait for a queue: the others never block."""
    made = [site for site in subject.sites if site.form == "call"]
    is_limited = any(_may_be_limited(context.code.call(site)) for site in made)
    methods = (site for site in subject.sites if site.form == "method")
    return (site for site in methods if _may_wait(site, is_limited, context))


def _may_be_limited(call: cst.Call) -> bool:
    value = call.args[0].value if call.args else None
    return value is not None and not (_is_none(value) or _is_negative(value))


def _may_wait(site: Site, is_limited: bool, context: Context) -> bool:
    """Whether a use waits: a ``get``, a ``put`` where there is a limit, a ``join``."""
    member = context.objects.member(site)
    assert member is not None
    if member.name not in ("get", "put", "join"):
        return False
    if member.result == "reference":
        return True
    if member.name == "put":
        return is_limited and not _at_once(context.code.call(site), 1)
    if member.name == "join":
        return True
    at_once = _at_once(context.code.call(site), 0)
    return not at_once and not context.flow.guarded(site, "empty")


def _at_once(call: cst.Call, position: int) -> bool:
    """Whether a call says ``block=False``, by place or by name."""
    for index, argument in enumerate(call.args):
        name = argument.keyword.value if argument.keyword else ""
        if not argument.star and (name == "block" or (index, name) == (position, "")):
            value = argument.value
            return isinstance(value, cst.Name) and value.value == "False"
    return False


def _made(site: Site, context: Context) -> tuple[Action, bool | None] | Refuse:
    """What a constructor becomes, and whether the queue has a limit for certain."""
    call = context.code.call(site)
    function = named_class(site, call.func, "queue", _CLASSES[site.api], context)
    if not call.args:
        return replaced(call, func=function), False
    argument, named = call.args[0], call.args[0].keyword
    if len(call.args) > 1 or argument.star or (named and named.value != "maxsize"):
        return Refuse("queue.size")
    value = argument.value
    if _is_none(value) or _is_negative(value):
        return replaced(call, func=function, args=[]), False
    number = _number(value, site, context)
    if number == 0:
        return Refuse("queue.rendezvous")
    if number is None and not _is_never_zero(value, site, context):
        return Refuse("queue.size", _text(value))
    return replaced(call, func=function), _at_least(value, site, context) > 0


def _said(site: Site, context: Context) -> tuple[Action, bool | None]:
    """The class by its new name; what calls it without a size sets no limit."""
    member = context.objects.member(site)
    is_factory = member is not None and member.name == "factory"
    said = context.code.expression(site)
    named = named_class(site, said, "queue", _CLASSES[site.api], context)
    return kept_or(said, named), False if is_factory else None


def _number(value: cst.BaseExpression, site: Site, context: Context) -> float | None:
    """The number that an expression is for certain."""
    if isinstance(value, (cst.Integer, cst.Float)):
        return float(value.evaluated_value)
    if isinstance(value, cst.Name):
        return context.names.number(value.value, site)
    if isinstance(value, cst.BinaryOperation):
        compute = _COMPUTED.get(type(value.operator))
        left = _number(value.left, site, context)
        right = _number(value.right, site, context)
        if compute is not None and left is not None and right is not None:
            return compute(left, right)
    return None


def _is_never_zero(value: cst.BaseExpression, site: Site, context: Context) -> bool:
    """``max(1, n)``, and ``n or 10`` where any other number means the same to both."""
    if isinstance(value, cst.BooleanOperation) and isinstance(value.operator, cst.Or):
        return (_number(value.right, site, context) or 0) > 0
    return _at_least(value, site, context) > 0


def _at_least(value: cst.BaseExpression, site: Site, context: Context) -> float:
    """The least that a number can be; minus infinity where it cannot be told."""
    number = _number(value, site, context)
    if number is not None:
        return number
    match value:
        case cst.Call(func=cst.Name(value="len")) if context.names.builtin("len", site):
            return 0
        case cst.Call(func=cst.Name(value="max")) if context.names.builtin("max", site):
            by_itself = all(each.keyword is None for each in value.args)
            plain = [each.value for each in value.args if not each.star and by_itself]
            found = (_at_least(each, site, context) for each in plain)
            return max(found, default=-math.inf)
        case cst.IfExp(body=first, orelse=second):
            return min(_at_least(each, site, context) for each in (first, second))
        case cst.BinaryOperation(left=left, right=right, operator=cst.Add()):
            return sum(_at_least(each, site, context) for each in (left, right))
    return -math.inf


def _used(site: Site, limited: bool, context: Context) -> Found:
    """What becomes of one use of a queue, with the caveats that come with it."""
    member = context.objects.member(site)
    assert member is not None
    where = f"{member.name} at {site.path}:{site.line}"
    if member.name not in _MEMBERS:
        return Refuse("queue.missing", where)
    if member.result == "stored":
        return Refuse("queue.assigned", where)
    if member.name == "maxsize" and not limited:
        return Refuse("queue.maxsize", where)
    position = _TIMEOUT_AT.get(member.name)
    if position is None:
        return Keep(), ()
    if member.result == "reference":
        return Keep(), (_UNKNOWN,)
    return _waiting(site, position, context)


def _waiting(site: Site, position: int, context: Context) -> Found:
    """``put`` and ``get`` take the same arguments; a timeout may not be negative."""
    for index, argument in enumerate(context.code.call(site).args):
        name = argument.keyword.value if argument.keyword else ""
        if argument.star:
            return Keep(), (_UNKNOWN,)
        if name == "timeout" or (not name and index == position):
            return _timeout(argument.value, site, context)
    return Keep(), ()


def _timeout(value: cst.BaseExpression, site: Site, context: Context) -> Found:
    number = _number(value, site, context)
    if _is_negative(value) or (number is not None and number < 0):
        return Refuse("queue.negative-timeout", f"{site.path}:{site.line}")
    known = _is_none(value) or number is not None
    if known or _at_least(value, site, context) >= 0:
        return Keep(), ()
    return Keep(), (_UNKNOWN,)


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"


def _is_negative(value: cst.BaseExpression) -> bool:
    """``-1`` and the like."""
    return (
        isinstance(value, cst.UnaryOperation)
        and isinstance(value.operator, cst.Minus)
        and isinstance(value.expression, (cst.Integer, cst.Float))
        and value.expression.evaluated_value > 0
    )


def _text(value: cst.BaseExpression) -> str:
    return " ".join(cst.Module([]).code_for_node(value).split())
