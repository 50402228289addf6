"""Decide tpool: the call itself, and the object itself, where nothing is green.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from deventlet.codemod import (
    Context,
    Decision,
    Instead,
    Keep,
    Refuse,
    Replace,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._arguments import moved, without
from deventlet_codemods._deleting import deleted, hollowed
from deventlet_codemods._nodes import assignment, within
from deventlet_codemods._sites import Found, actions_with_caveats, running
from deventlet_codemods._stages import where_nothing_is_green

_EXECUTE = "eventlet.tpool.execute"
_PROXY = "eventlet.tpool.Proxy"
_MANAGING = frozenset({
    "eventlet.tpool.killall", "eventlet.tpool.set_num_threads", "eventlet.tpool.setup",
})  # fmt: skip
_BOTH = "the project's own function chooses by the mode that the process runs in"
_TAKEN = frozenset({"autowrap", "f", "nonblocking"})
"""Keywords that a call through a proxy does not pass on."""
_WRAPPED = ("autowrap", "autowrap_names")
_OWN = ("_obj", "_autowrap", "_autowrap_names")
_TIGHT = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
_NOT_BARE = (cst.Yield, cst.Await, cst.NamedExpr)
_BROKEN = cst.ParenthesizedWhitespace


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one object with all its uses, or one use, alias or mock of a name."""
    if subject.kind == "mock":
        return Refuse("tpool.mock")
    site_of = _through if context.project.is_dual() else _site
    found = actions_with_caveats(subject.sites, lambda site: site_of(site, context))
    if isinstance(found, Refuse):
        return found
    actions, caveats = found
    if subject.kind == "object":
        lost = _lost(subject, context)
        if isinstance(lost, Refuse):
            return lost
        caveats += lost
    if context.project.is_dual():
        return Rewrite(actions, (), (_BOTH,))
    return where_nothing_is_green(running(subject), context, actions, caveats)


def _site(site: Site, context: Context) -> Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "import":
        return Keep(), ()  # it goes with the last of its uses
    if site.form == "method":
        return _member(site, context)
    return _call(site, context) if site.form == "call" else _reference(site, context)


def _call(site: Site, context: Context) -> Found:
    if site.api in _MANAGING:
        gone = deleted(site, context, "tpool.managed")
        return gone if isinstance(gone, Refuse) else (gone, ())
    call = context.code.call(site)
    if site.api == _EXECUTE:
        return _execute(call)
    found = _proxy(call) if site.api == _PROXY else Refuse("tpool.value")
    if isinstance(found, Refuse) or not _is_given_back(site, context):
        return found
    return hollowed(site, context, "tpool.wrapped") or (Instead(()), found[1])


def _reference(site: Site, context: Context) -> Found:
    """``partial(tpool.execute, f)``; any other value goes who knows where."""
    where = f"{site.path}:{site.line}"
    if site.api == _PROXY:
        return Refuse("tpool.class-used", where)
    if site.api in _MANAGING:
        return Refuse("tpool.managed", where)
    changed = _partial(site, context) if site.api == _EXECUTE else None
    return changed or Refuse("tpool.value", where)


# -- both ways -------------------------------------------------------------


def _through(site: Site, context: Context) -> Found:
    """What one site becomes where the project has a function for both modes."""
    if site.form in ("import", "method"):
        return _site(site, context)
    wrapper = context.names.helper("tpool_wrapper", site)
    if wrapper is None or site.form != "call":
        return Refuse("profile.dual")
    call = context.code.call(site)
    if site.api == _EXECUTE:
        return _execute(call, wrapper)
    return _wrapped(call, wrapper) if site.api == _PROXY else Refuse("profile.dual")


def _wrapped(call: cst.Call, wrapper: cst.BaseExpression) -> Found:
    """``tpool.Proxy(obj, autowrap=…)`` is ``wrapper(obj, autowrap=…)``."""
    names = [a.keyword.value if a.keyword else "" for a in call.args]
    if any(a.star for a in call.args) or names[:1] not in ([""], ["obj"]):
        return Refuse("tpool.arguments")
    first = call.args[0].with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    if any(name not in _WRAPPED for name in names[1:]):
        return Refuse("tpool.arguments")
    return Replace(call.with_changes(func=wrapper, args=[first, *call.args[1:]])), ()


# -- execute ---------------------------------------------------------------


def _execute(call: cst.Call, wrapper: cst.BaseExpression | None = None) -> Found:
    """``tpool.execute(f, *a, **k)`` is ``f(*a, **k)``, or ``wrapper(f)(*a, **k)``."""
    function = call.args[0] if call.args else None
    if function is None or function.star or function.keyword is not None:
        return Refuse("tpool.arguments")
    comma = function.comma
    if isinstance(comma, cst.Comma) and any(within(comma, cst.Comment)):
        return Refuse("comment.inside")
    value = function.value
    plain = isinstance(value, cst.Lambda) and len(call.args) == 1 and not wrapper
    if plain and isinstance(value, cst.Lambda) and _is_bare(value):
        return Replace(value.body), ()
    names = {a.keyword.value for a in call.args if a.keyword}
    if wrapper is not None and not names.isdisjoint(_TAKEN):
        return Refuse("tpool.nonblocking")
    bare = value if wrapper is None else cst.Call(wrapper, [cst.Arg(value)])
    rest = without(call, 0).with_changes(func=_callee(bare))
    lost = isinstance(getattr(function.comma, "whitespace_after", None), _BROKEN)
    return Replace(moved(call, rest) if lost else rest), ()


def _is_bare(function: cst.Lambda) -> bool:
    """Whether the body of a lambda means the same without it."""
    inside = any(any(within(function.body, kind)) for kind in _NOT_BARE)
    return not inside and not any(within(function.params, cst.Param))


def _callee(value: cst.BaseExpression) -> cst.BaseExpression:
    """What is called, in parentheses unless it binds tightest."""
    if isinstance(value, _TIGHT) or value.lpar:
        return value
    return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _partial(site: Site, context: Context) -> Found | None:
    """``partial(tpool.execute, f, x)`` as ``partial(f, x)``, where there is one."""
    held = context.code.statement(site)
    name = context.code.expression(site)

    def is_it(node: cst.Call) -> bool:
        return (
            _is_partial(node.func)
            and len(node.args) > 1
            and node.args[0].value.deep_equals(name)
            and not node.args[1].star
            and node.args[1].keyword is None
        )

    if held is None:
        return None
    found = [call for call in within(held, cst.Call) if is_it(call)]
    if len(found) != 1:
        return None
    new = held.deep_replace(found[0], without(found[0], 0))
    changed = cst.ensure_type(new, type(held))
    return Instead((changed,)), ()


def _is_partial(function: cst.BaseExpression) -> bool:
    """``partial``, or ``functools.partial``."""
    if isinstance(function, cst.Attribute):
        module = function.value
        if not isinstance(module, cst.Name) or module.value != "functools":
            return False
        function = function.attr
    return isinstance(function, cst.Name) and function.value == "partial"


# -- proxies ---------------------------------------------------------------


def _proxy(call: cst.Call) -> Found:
    """``tpool.Proxy(obj, autowrap=…)`` is ``obj``."""
    if not call.args or any(argument.star for argument in call.args):
        return Refuse("tpool.arguments")
    names = [a.keyword.value if a.keyword else "" for a in call.args]
    index = names.index("obj") if "obj" in names else 0
    if names[index] not in ("", "obj") or len(call.args) > 3:
        return Refuse("tpool.arguments")
    value = call.args[index].value
    others = [a.value for i, a in enumerate(call.args) if i != index]
    kept = {"self", "cls", *_names(value)}
    for other in others:
        if any(within(other, cst.Call)) or not kept.issuperset(_names(other)):
            return Refuse("tpool.wrapped")
    classes = [name for other in others for name in _names(other)]
    return Replace(value), ("tpool.wrapping",) if classes else ()


def _is_given_back(site: Site, context: Context) -> bool:
    """``x = tpool.Proxy(x)``, a statement that says nothing without the proxy."""
    assign, call = assignment(context.code.statement(site)), context.code.call(site)
    if assign is None:
        return False
    target = assign.targets[0].target
    plain = target.value if isinstance(target, cst.Attribute) else target
    return (
        isinstance(plain, cst.Name)
        and assign.value.deep_equals(call)
        and target.deep_equals(call.args[0].value)
    )


def _names(value: cst.BaseExpression) -> Iterator[str]:
    """The names that the parts of an expression begin with."""
    attributes = {id(node.attr) for node in within(value, cst.Attribute)}
    for node in within(value, cst.Name):
        if id(node) not in attributes:
            yield node.value


def _member(site: Site, context: Context) -> Found:
    """What is done with a proxy; the object has all that it had, but for its own."""
    member = context.objects.member(site)
    assert member is not None
    where = f"{member.name} at {site.path}:{site.line}"
    if member.name in _OWN or member.result in ("stored", "mocked"):
        return Refuse("tpool.proxy-itself", where)
    if member.name == "type":
        return Refuse("tpool.class-used", where)
    called = context.code.expression(site)
    if isinstance(called, cst.Call) and any(
        argument.keyword is not None and argument.keyword.value == "nonblocking"
        for argument in called.args
    ):
        return Refuse("tpool.nonblocking", where)
    return Keep(), ()


def _lost(subject: Subject, context: Context) -> Refuse | tuple[str, ...]:
    """A caveat for a proxy that goes out of sight; a refusal if it may be asked."""
    created = context.objects.origins(subject) <= {"created"}
    if not created:
        where = f"{subject.origin.path}:{subject.origin.line}"
        return Refuse("tpool.class-used", where)
    if not context.objects.lost(subject):
        return ()
    asked = context.objects.asked_for(frozenset(_OWN), "tpool", subject)
    return Refuse("tpool.proxy-itself", asked) if asked else ("tpool.passed",)
