"""Decide semaphores and locks: only what is the same on native threads.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from deventlet.codemod import (
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._mocks import class_mock, class_spec
from deventlet_codemods._named import is_name, kept_or, named_class, replaced
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import Found, actions_with_caveats

_CLASSES = {
    "eventlet.Semaphore": "Semaphore",
    "eventlet.BoundedSemaphore": "BoundedSemaphore",
    "eventlet.lock.Lock": "Lock",
}
_MEMBERS = frozenset({"acquire", "release", "__enter__", "__exit__"})
_ENTERING = frozenset({"__enter__", "__exit__"})
"""What ``with`` calls: the same, but for what it gives."""
_NEVER_WAITS = "nothing waits to be let in"
_SAID = frozenset({"factory", "annotated", "isinstance"})
"""How the class is named where it says what the objects are."""
_LETTERS = re.compile("[A-Za-z]")
"""What no text has that is a number, written as ``int`` reads it."""


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one object with all its uses, or one use of a class."""
    if subject.api not in _CLASSES:
        return Refuse("semaphore.capped")
    if subject.kind != "object":
        return _class(subject, context)
    origins = context.objects.origins(subject)
    if "created" not in origins or "subclass" in origins:
        where = f"{subject.origin.path}:{subject.origin.line}"
        return Refuse("semaphore.class-used", where)
    kinds = context.objects.kinds(subject)
    if len(kinds) != 1:
        return Refuse("semaphore.several-kinds", " and ".join(sorted(kinds)))
    kind = min(kinds)
    found = actions_with_caveats(
        subject.sites, lambda site: _with_order(site, kind, context)
    )
    if isinstance(found, Refuse):
        return found
    actions, caveats = found
    caveats += ["semaphore.exported"] if subject.exported else []
    waiting = [site for site in subject.sites if _may_wait(site, context)]
    if not waiting:
        return Rewrite(actions, tuple(dict.fromkeys(caveats)), (_NEVER_WAITS,))
    given = [site for site in subject.sites if is_name(site, context)]
    taken = given if kind == "Lock" else ()  # a function, which patching replaces
    return where_patched("threading", waiting, context, actions, caveats, taken)


def _may_wait(site: Site, context: Context) -> bool:
    """Whether a site waits until it is let in: ``with``, and most of ``acquire``."""
    member = context.objects.member(site)
    if site.form != "method" or member is None:
        return False
    if member.name != "acquire":
        return member.name in ("with", "__enter__")
    return member.result in ("reference", "stored") or not _at_once(
        context.code.call(site)
    )


def _at_once(call: cst.Call) -> bool:
    """``acquire(False)`` and ``acquire(blocking=False)``."""
    for index, argument in enumerate(call.args):
        name = argument.keyword.value if argument.keyword else ""
        if name == "blocking" or (index == 0 and not name):
            value = argument.value
            return isinstance(value, cst.Name) and value.value == "False"
    return False


def _class(subject: Subject, context: Context) -> Decision:
    """A mock of a class, or one that has it as its spec; nothing else is decided."""
    name = _CLASSES[subject.api]
    members = _MEMBERS | {"locked"} if name == "Lock" else _MEMBERS
    if subject.kind == "mock":
        part = context.names.path(subject.origin).removeprefix(subject.api).lstrip(".")
        if part in _ENTERING | {"acquire", "release"}:
            refusal = _unmockable(part, name, subject, context)
            if refusal:
                return refusal
        return class_mock(subject, context, "threading", name, members)
    spec = class_spec(subject, context, "threading", name, members)
    return spec or Refuse("semaphore.class-used")


def _unmockable(
    part: str, name: str, subject: Subject, context: Context
) -> Refuse | None:
    """Why a mock of one method would not do there what it does with Eventlet's.

    A lock of `threading` has no class to patch, and `with` does not look for `acquire`
    in a semaphore of `threading`, which calls it by another name.
    """
    if name == "Lock":
        return Refuse("mock.asked", f"{part} of threading.Lock cannot be replaced")
    members = (context.objects.member(site) for site in subject.intercepts)
    entered = any(each is not None and each.name == "with" for each in members)
    if part == "acquire" and entered:
        return Refuse("mock.asked", "with does not call a mocked acquire")
    return None


def _site(site: Site, kind: str, context: Context) -> Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "method":
        return _method(site, kind, context)
    if site.form != "call":
        return _said(site, kind, context)
    call = context.code.call(site)
    allowed = 0 if kind == "Lock" else 1
    if len(call.args) > allowed or any(not _is_value(arg) for arg in call.args):
        return Refuse("semaphore.value")
    name = _CLASSES[site.api]
    function = named_class(site, call.func, "threading", name, context)
    return replaced(call, func=function), ()


def _said(site: Site, kind: str, context: Context) -> Found:
    """The class where it says what the objects are; of locks there is none.

    `threading.Lock` is a function, and what it makes is no semaphore. A name that only
    makes them may be one for it.
    """
    member = context.objects.member(site)
    is_said = kind != "Lock" and member is not None and member.name in _SAID
    if not (is_said or is_name(site, context)):
        return Refuse("semaphore.class-used", f"{site.path}:{site.line}")
    said, name = context.code.expression(site), _CLASSES[site.api]
    return kept_or(said, named_class(site, said, "threading", name, context)), ()


def _is_value(argument: cst.Arg) -> bool:
    """A count that both take alike: Eventlet's makes an integer of anything.

    A whole number may be written as a float; what is no number is a TypeError in both.
    """
    named = argument.keyword is None or argument.keyword.value == "value"
    value = argument.value
    if isinstance(value, cst.Float):
        return named and value.evaluated_value.is_integer()
    if isinstance(value, cst.SimpleString):
        return named and bool(_LETTERS.search(value.raw_value))
    wrong = (cst.ConcatenatedString, cst.FormattedString)
    none = isinstance(value, cst.Name) and value.value == "None"
    return named and not (argument.star or none or isinstance(value, wrong))


def _method(site: Site, kind: str, context: Context) -> Found:
    member = context.objects.member(site)
    assert member is not None
    if member.name in _ENTERING:
        return _entering(site, member.result, context)
    rule = _METHODS.get(member.name)
    if rule is None or (member.name == "locked" and kind != "Lock"):
        return Refuse("semaphore.missing", f"{member.name} at {site.path}:{site.line}")
    if member.name == "with":
        used = member.result == "assigned"
        return Refuse("semaphore.result") if used else (Keep(), ())
    if member.name == "acquire" and _is_asked(site, member.result, context):
        return Keep(), ()
    if member.result in ("reference", "stored"):
        where = f"{member.name} at {site.path}:{site.line}"
        return Refuse("semaphore.reference", where)
    if member.name == "release" and member.result != "discarded":
        return Refuse("semaphore.result")
    return rule(context.code.call(site), kind)


def _entering(site: Site, result: str, context: Context) -> Found:
    """``sem.__enter__()``, or a test that asks a mock whether it was called."""
    if result == "discarded" or _is_asked(site, result, context):
        return Keep(), ()
    return Refuse("semaphore.reference", f"{site.path}:{site.line}")


def _is_asked(site: Site, result: str, context: Context) -> bool:
    """Whether a test asks the method of a mock whether it was called."""
    return result == "reference" and context.flow.role(site).asked


def _with_order(site: Site, kind: str, context: Context) -> Found:
    """What one site becomes; a caveat more where its turn may come late."""
    found = _site(site, kind, context)
    if isinstance(found, Refuse) or not _is_taken_again(site, kind, context):
        return found
    return found[0], (*found[1], "semaphore.order")


def _is_taken_again(site: Site, kind: str, context: Context) -> bool:
    """Whether a loop takes a semaphore again and again."""
    member = context.objects.member(site)
    takes = member is not None and member.name in ("with", "acquire")
    return takes and kind != "Lock" and context.flow.repeated(site)


def _release(call: cst.Call, kind: str) -> Found:
    """``release(True)`` says what is so anyway; other arguments mean something else."""
    if not call.args:
        return Keep(), ()
    value = call.args[0].value
    is_true = isinstance(value, cst.Name) and value.value == "True"
    if len(call.args) > 1 or call.args[0].star or not is_true:
        return Refuse("semaphore.release-argument")
    return Replace(call.with_changes(args=[])), ()


def _acquire(call: cst.Call, kind: str) -> Found:
    caveats: tuple[str, ...] = ()
    for index, argument in enumerate(call.args):
        name = argument.keyword.value if argument.keyword else ""
        if argument.star or name not in ("", "blocking", "timeout") or index > 1:
            return Refuse("semaphore.acquire-argument")
        if name == "timeout" or (not name and index == 1):
            found = _timeout(argument.value, kind)
            if isinstance(found, Refuse):
                return found
            caveats += found
    return Keep(), caveats


def _timeout(value: cst.BaseExpression, kind: str) -> tuple[str, ...] | Refuse:
    """A number that cannot be negative is right; None only for a semaphore."""
    if isinstance(value, cst.Name) and value.value == "None":
        return Refuse("semaphore.acquire-argument") if kind == "Lock" else ()
    if isinstance(value, cst.UnaryOperation):
        return Refuse("semaphore.negative-timeout")
    if isinstance(value, (cst.Integer, cst.Float)):
        return ()
    return ("semaphore.timeout",)


def _plain(call: cst.Call, kind: str) -> Found:
    return Refuse("semaphore.acquire-argument") if call.args else (Keep(), ())


_METHODS: dict[str, Callable[[cst.Call, str], Found]] = {
    "acquire": _acquire,
    "release": _release,
    "locked": _plain,
    "with": _plain,
}
