"""Decide Eventlet's events: threading's where no value is used, a future otherwise.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Site,
    Subject,
)
from deventlet_codemods._mocks import class_mock, class_spec
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import Found, actions_with_caveats

_EVENT = {"send": "set", "wait": "wait", "ready": "is_set", "reset": "clear"}
_FUTURE = {
    "send": "set_result", "send_exception": "set_exception", "wait": "result",
    "ready": "done",
}  # fmt: skip
_SENDING = ("send", "send_exception")
_SAME = frozenset({"wait"})
"""What a mock may stand for in either world."""
_SAID = ("created", "factory", "annotated", "mock", "isinstance")
"""How the class is named where it says what the objects are."""


@dataclass(frozen=True, slots=True)
class _Event:
    """The sites of a subject: what makes the events, what names them, what is done."""

    makers: Sequence[Site]
    named: Sequence[Site]
    members: Mapping[str, Sequence[Site]]

    def of(self, *names: str) -> Iterator[Site]:
        """The sites of some members."""
        return (site for name in names for site in self.members.get(name, ()))


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one object with all its uses, or one use of the class."""
    if subject.kind == "mock":
        return _mock(subject, context)
    spec = class_spec(subject, context, "threading", "Event", _SAME)
    if spec is not None:
        return spec
    found = _sorted(subject, context)
    problem = found if isinstance(found, Refuse) else _common(found, context)
    if problem is not None or isinstance(found, Refuse):
        return problem or Refuse("event.class-used")
    if _carries(found, context):
        return _future(subject, found, context)
    return _plain(subject, found, context)


def _mock(subject: Subject, context: Context) -> Decision:
    """A mock of the class, or of ``wait``, for events that become threading's."""
    members: dict[str, list[Site]] = {}
    for site in subject.intercepts:
        member = context.objects.member(site)
        if site.form == "method" and member is not None:
            members.setdefault(member.name, []).append(site)
    if _carries(_Event((), (), members), context):
        return Refuse("event.mocked", _at(subject.origin))
    return class_mock(subject, context, "threading", "Event", _SAME)


def _sorted(subject: Subject, context: Context) -> _Event | Refuse:
    """The sites by what they are, or why one of them cannot change."""
    makers, named = [], []
    members: dict[str, list[Site]] = {}
    for site in subject.sites:
        member = context.objects.member(site)
        if site.form == "call":
            makers.append(site)
        elif site.form == "method" and member is not None:
            members.setdefault(member.name, []).append(site)
        elif member and member.name in _SAID:
            named.append(site)
        else:
            return Refuse("event.class-used", _at(site))
    origins = context.objects.origins(subject)
    if "created" not in origins or "subclass" in origins:
        return Refuse("event.class-used", _at(subject.origin))
    return _Event(makers, named, members)


def _common(event: _Event, context: Context) -> Refuse | None:
    """What neither class of the standard library can do."""
    for name in event.members.keys() - {*_EVENT, *_FUTURE}:
        return Refuse("event.missing", f"{name} at {_at(event.members[name][0])}")
    for site in event.of(*_SENDING, "reset"):
        if context.flow.expects("AssertionError", site):
            return Refuse("event.assertion", _at(site))
    for site in event.of(*_EVENT, *_FUTURE):
        if _result(site, context) == "mocked":
            return Refuse("event.member-mocked", _at(site))
    return None


def _carries(event: _Event, context: Context) -> bool:
    """Whether somebody gets what is sent: a value that is used, or an exception."""
    if "send_exception" in event.members:
        return True
    if any(_exception(site, context) for site in event.of("send")):
        return True
    return any(_is_used(site, context) for site in event.of("wait"))


def _exception(site: Site, context: Context) -> bool:
    """``send(value, error)``: whether a call may send an exception."""
    if _result(site, context) in ("reference", "stored"):
        return False
    return any(
        index > 0 or arg.star or (arg.keyword and arg.keyword.value != "result")
        for index, arg in enumerate(context.code.call(site).args)
    )


def _is_used(site: Site, context: Context) -> bool:
    """Whether more than the truth of what ``wait()`` gives may matter."""
    result = _result(site, context)
    if result == "reference":
        return not context.flow.role(site).asked
    return result not in ("discarded", "stored") and not context.flow.for_truth(site)


# -- threading.Event ---------------------------------------------------------


def _plain(subject: Subject, event: _Event, context: Context) -> Decision:
    """No value is used: ``threading.Event``."""
    tested = next((s for s in event.of("wait") if context.flow.for_truth(s)), None)
    if tested is not None:
        for site in event.of("send"):
            if not _sends_truth(site, context):
                return Refuse("event.truth", f"{_at(tested)}, sent at {_at(site)}")
    found = actions_with_caveats(
        event.of(*_EVENT), lambda site: _plain_member(site, event, context)
    )
    if isinstance(found, Refuse):
        return found
    actions, caveats = found
    if not _is_sent_once(event, context):
        caveats.append("event.sent-again")
    actions |= _classes(event, context.names.name_of("threading", "Event"), context)
    return where_patched("threading", subject.sites, context, actions, caveats)


def _sends_truth(site: Site, context: Context) -> bool:
    """Whether what is sent is true for certain: ``send(True)``."""
    if _result(site, context) in ("reference", "stored"):
        return False
    values = [argument.value for argument in context.code.call(site).args]
    return len(values) == 1 and _is_true(values[0])


def _is_true(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Name):
        return value.value == "True"
    if isinstance(value, (cst.Integer, cst.Float, cst.SimpleString)):
        return bool(value.evaluated_value)
    return False


def _plain_member(site: Site, event: _Event, context: Context) -> Found:
    """What a use of a member becomes, with the caveats that come with it."""
    member = context.objects.member(site)
    assert member is not None
    passed = member.result in ("reference", "stored")
    if member.name == "wait":
        return (Keep(), ()) if passed else _waiting(site, context)
    if passed:
        node = context.code.expression(site)
        if member.name == "send" and not _is_called_plainly(site, event, context):
            return Refuse("event.reference", _at(site))
        return Replace(_renamed(node, _EVENT[member.name])), ()
    call = context.code.call(site)
    function = _renamed(call.func, _EVENT[member.name])
    if member.name == "send":
        if not all(_is_quiet(argument) for argument in call.args):
            return Refuse("event.computed", _at(site))
        return Replace(call.with_changes(func=function, args=[])), ()
    return Replace(call.with_changes(func=function)), ()


def _waiting(site: Site, context: Context) -> Found:
    """``wait`` takes the same timeout; without waiting it does not yield."""
    for argument in context.code.call(site).args:
        name = argument.keyword.value if argument.keyword else ""
        if argument.star or name not in ("", "timeout"):
            return Refuse("event.timeout-unknown", _at(site))
        number = _number(argument.value, site, context)
        if number is None and not _is_none(argument.value):
            return Keep(), ("event.timeout",)
        if number is not None and number <= 0:
            return Refuse("event.no-wait", _at(site))
    return Keep(), ()


def _number(value: cst.BaseExpression, site: Site, context: Context) -> float | None:
    """The number that an expression is for certain."""
    if isinstance(value, (cst.Integer, cst.Float)):
        return float(value.evaluated_value)
    if isinstance(value, cst.Name):
        return context.names.number(value.value, site)
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
        number = _number(value.expression, site, context)
        return None if number is None else -number
    return None


def _is_called_plainly(site: Site, event: _Event, context: Context) -> bool:
    """Whether ``e.send``, passed on, is called without an argument.

    A mock in its place is called, or asked, with what each ``send()`` gives.
    """
    role = context.flow.role(site)
    if role.called and not role.asked:
        return not any(role.shapes)
    stored = any(_result(s, context) == "stored" for s in event.of("send"))
    return (role.asked or stored) and not any(
        context.code.call(other).args
        for other in event.of("send")
        if _result(other, context) not in ("reference", "stored")
    )


def _is_quiet(argument: cst.Arg) -> bool:
    """Whether nobody misses an argument: a literal, or a name of something."""
    plain = (cst.Name, cst.Integer, cst.Float, cst.SimpleString)
    named = argument.keyword is None or argument.keyword.value == "result"
    return named and not argument.star and isinstance(argument.value, plain)


# -- concurrent.futures.Future -----------------------------------------------


def _future(subject: Subject, event: _Event, context: Context) -> Decision:
    """What is sent arrives: a future, which takes one result for good."""
    if "reset" in event.members:
        return Refuse("event.reset-value", _at(event.members["reset"][0]))
    actions: dict[Site, Action] = {}
    for site in event.of(*_FUTURE):
        found = _future_member(site, context)
        if isinstance(found, Refuse):
            return found
        actions[site] = found
    if not _is_sent_once(event, context):
        sends = ", ".join(map(_at, event.of(*_SENDING)))
        return Refuse("event.sends", f"sent at {sends}" if sends else "")
    made = context.names.name_of("concurrent.futures", "Future")
    actions |= _classes(event, made, context)
    return where_patched("threading", subject.sites, context, actions)


def _future_member(site: Site, context: Context) -> Action | Refuse:
    member = context.objects.member(site)
    assert member is not None
    name = _FUTURE[member.name]
    if member.result == "stored":
        return Refuse("event.member-mocked", _at(site))
    if member.result == "reference":
        role = context.flow.role(site)
        if role.asked:
            return Refuse("event.member-mocked", _at(site))
        taken = {"send": 1, "wait": 0, "ready": 0}.get(member.name)
        if not role.called or any(shape != taken for shape in role.shapes):
            return Refuse("event.reference", _at(site))
        return Replace(_renamed(context.code.expression(site), name))
    call = context.code.call(site)
    function = _renamed(call.func, name)
    if member.name == "wait":
        if not all(_is_none(argument.value) for argument in call.args):
            return Refuse("event.timed-value", _at(site))
        return Replace(call.with_changes(func=function, args=[]))
    if member.name == "ready":
        return Replace(call.with_changes(func=function))
    given = _value(call) if member.name == "send" else _error(call)
    if given is None and _is_made_error(call, site, context):
        given = cst.Arg(call.args[0].value)
        function = _renamed(call.func, "set_exception")
    if given is None:
        return Refuse("event.exception", _at(site))
    return Replace(call.with_changes(func=function, args=[given]))


def _value(call: cst.Call) -> cst.Arg | None:
    """What ``set_result`` is given for what ``send`` was given."""
    if not call.args:
        return cst.Arg(cst.Name("None"))
    argument = call.args[0]
    named = argument.keyword is not None and argument.keyword.value != "result"
    if len(call.args) > 1 or argument.star or named:
        return None
    return argument.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)


def _is_made_error(call: cst.Call, site: Site, context: Context) -> bool:
    """``send(exc=ValueError("no"))``: an exception of Python, or a name for one."""
    if len(call.args) != 1 or call.args[0].keyword is None:
        return False
    given = call.args[0].value
    named = isinstance(given, cst.Name) and context.names.value(given.value, site)
    made = named or given
    if call.args[0].keyword.value != "exc" or not isinstance(made, cst.Call):
        return False
    name = made.func.value if isinstance(made.func, cst.Name) else ""
    kind = getattr(builtins, name, None)
    is_error = isinstance(kind, type) and issubclass(kind, Exception)
    return is_error and context.names.builtin(name, site)


def _error(call: cst.Call) -> cst.Arg | None:
    """What ``set_exception`` is given for the arguments of ``send_exception``."""
    if not call.args or any(argument.keyword for argument in call.args):
        return None
    first, *rest = call.args
    if first.star == "*" and not rest:
        code = cst.Module([]).code_for_node(first.value)
        if code != "sys.exc_info()":
            return None
        index = cst.SubscriptElement(cst.Index(cst.Integer("1")))
        return cst.Arg(cst.Subscript(first.value, [index]))
    if first.star or any(argument.star for argument in rest):
        return None
    if not rest:
        return first
    text = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
    if len(rest) > 1 or not isinstance(rest[0].value, text):
        return None
    function = first.value
    if not isinstance(function, (cst.Name, cst.Attribute)):
        return None
    return cst.Arg(cst.Call(function, [rest[0]]))


# -- what both have in common ------------------------------------------------


def _is_sent_once(event: _Event, context: Context) -> bool:
    sends = list(event.of(*_SENDING))
    return context.objects.at_most_once(event.makers, sends)


def _classes(
    event: _Event, made: cst.BaseExpression, context: Context
) -> dict[Site, Action]:
    """The calls that make the objects, and the places that name their class."""
    actions: dict[Site, Action] = {
        site: Replace(context.code.call(site).with_changes(func=made))
        for site in event.makers
    }
    return actions | dict.fromkeys(event.named, Replace(made))


def _renamed(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    assert isinstance(node, cst.Attribute)
    return node.with_changes(attr=cst.Name(name))


def _result(site: Site, context: Context) -> str:
    member = context.objects.member(site)
    assert member is not None
    return member.result


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"


def _at(site: Site) -> str:
    return f"{site.path}:{site.line}"
