"""Decide futurist's green classes: the native ones that are called in the same way.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from deventlet.codemod import (
    Assume,
    Context,
    Decision,
    Keep,
    Refuse,
    Replace,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods._arguments import without
from deventlet_codemods._executors import MANY, is_concurrent, native, number
from deventlet_codemods._mocks import class_mock
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import Found, actions_with_caveats, running

_POOL = "futurist.GreenThreadPoolExecutor"
_FUTURE = "futurist.GreenFuture"
_SYNCHRONOUS = "futurist.SynchronousExecutor"
_EVERYWHERE = frozenset({"submit", "map", "shutdown", "with"})
_OF_FUTURIST = _EVERYWHERE | {"alive", "statistics"}
_OF_FUTURES = frozenset({
    "add_done_callback", "cancel", "cancelled", "done", "exception", "result",
    "running", "set_exception", "set_result", "set_running_or_notify_cancel",
})  # fmt: skip
_ENTERED = frozenset({"__enter__", "__exit__"})
_ENDINGS = frozenset({"shutdown", "with"})
_STARTING = frozenset({"submit", "map"})


_LATE = "executor-native.late-end"


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one executor or future with all its uses, a use of a class, or a mock."""
    if subject.kind == "mock":
        return _mock(subject, context)
    decision = _alone(subject, context)
    source = context.objects.source(subject)
    if source is None or isinstance(decision, Refuse):
        return decision
    return _of(source, decision, context)


def _of(source: Subject, decision: Rewrite | Assume, context: Context) -> Decision:
    """A future stays as it is, and goes with its executor."""
    reason = dict(context.project.others((source.api,))).get(source, "")
    stays = bool(reason) and not reason.startswith("value.")
    made = Refuse(reason) if stays else decide(source, context)
    if isinstance(made, Refuse):
        where = f"{source.origin.path}:{source.origin.line}"
        return Refuse("executor-native.follows", where)
    if isinstance(made, Assume) and isinstance(decision, Rewrite):
        return Assume(made.reason, made.detail, decision)
    return decision


def _alone(subject: Subject, context: Context) -> Decision:
    """The decision for what a subject does itself."""
    found = actions_with_caveats(
        subject.sites, lambda site: _site(site, subject, context)
    )
    if isinstance(found, Refuse):
        return found
    actions, caveats = found
    stays = all(isinstance(action, Keep) for action in actions.values())
    if stays or subject.api == _SYNCHRONOUS:  # no thread that was not there before
        return Rewrite(actions)
    late = _linked_late(subject, context)
    if late is not None:
        return late
    caveats += _at_the_end(subject, context)
    return where_patched("threading", running(subject), context, actions, caveats)


def _site(site: Site, subject: Subject, context: Context) -> Found:
    """What one site becomes, with the caveats that come with it."""
    if site.form == "import":
        return Keep(), ()  # it goes with the last of its uses
    if site.form == "method":
        return _method(site, subject, context)
    if site.form != "call":
        return Refuse("executor-native.class-used", f"{site.path}:{site.line}")
    call = context.code.call(site)
    if _is_renamed(call, site.api):
        return Refuse("executor-native.class-used", f"{site.path}:{site.line}")
    if "RuntimeError" in context.flow.caught(site):
        return Refuse("executor-native.optional", f"{site.path}:{site.line}")
    if any(argument.star for argument in call.args):
        return Refuse("executor-native.arguments", "the call has star arguments")
    if site.api == _POOL:
        return _pool(call, site, subject, context)
    if site.api == _SYNCHRONOUS:
        return _synchronous(call)
    if site.api == _FUTURE and not call.args:
        future = context.names.name_of("futurist", "Future")
        return Replace(call.with_changes(func=future)), ()
    return Refuse("executor-native.arguments")


def _is_renamed(call: cst.Call, api: str) -> bool:
    """Whether the call is through a name of the project's own for the class."""
    name = call.func.value if isinstance(call.func, cst.Name) else ""
    return bool(name) and name != api.rpartition(".")[2]


# -- executors -------------------------------------------------------------


def _pool(call: cst.Call, site: Site, subject: Subject, context: Context) -> Found:
    """``GreenThreadPoolExecutor(n)``: as many native threads, said explicitly."""
    workers, rejector, unknown = _arguments(call)
    if unknown or (workers is not None and _is_none(workers.value)):
        return Refuse("executor-native.arguments")
    if rejector is not None:
        return Refuse("executor-native.rejector")
    if workers is None:
        return Refuse("executor-native.default-size")
    count = number(workers.value, site, context)
    if count is not None and count < 1:
        return Refuse("executor-native.arguments", f"max_workers is {count:g}")
    caveats = ("executor-native.size",) if count is None or count >= MANY else ()
    chosen = native(count, site, context)
    if is_concurrent(site, context) and (lost := context.objects.lost(subject)):
        return Refuse("executor-native.lost", lost)
    return Replace(call.with_changes(func=chosen)), caveats


def _arguments(call: cst.Call) -> tuple[cst.Arg | None, cst.Arg | None, bool]:
    """The number of workers, the rejector, and whether there is anything else."""
    found: dict[str, cst.Arg] = {}
    for index, argument in enumerate(call.args):
        place = ("max_workers", "check_and_reject", "")[min(index, 2)]
        name = argument.keyword.value if argument.keyword else place
        found[name if name not in found else ""] = argument
    workers = found.pop("max_workers", None)
    rejector = found.pop("check_and_reject", None)
    return workers, rejector, bool(found)


def _method(site: Site, subject: Subject, context: Context) -> Found:
    """What is done with an executor or a future; every public member is the same."""
    member = context.objects.member(site)
    assert member is not None
    where = f"{member.name} at {site.path}:{site.line}"
    if member.name.startswith("_"):
        return Refuse("executor-native.missing", where)
    kinds = context.objects.kinds(subject)
    if kinds == {"GreenFuture"}:
        return Keep(), ()
    if kinds != {"GreenThreadPoolExecutor"} or not _makers(subject):
        return Refuse("executor-native.made-elsewhere", where)
    concurrent = is_concurrent(_makers(subject)[0], context)
    if member.name not in (_EVERYWHERE if concurrent else _OF_FUTURIST):
        return Refuse("executor-native.missing", where)
    if member.name in _STARTING and member.result not in ("reference", "mocked"):
        refused = _started(site, where, context)
        if refused is not None:
            return refused
    if member.name == "shutdown" and member.result != "reference":
        return _shutdown(context.code.call(site), concurrent)
    return Keep(), ()


def _started(site: Site, where: str, context: Context) -> Refuse | None:
    """What speaks against a task that starts at once, in a thread that had others."""
    late = context.flow.late(site, 0, "fn").later
    if late:
        return Refuse("executor-native.order", f"{where} starts what uses {late}")
    own = context.flow.task(site).own
    if own:
        return Refuse("executor-native.thread-local", f"{where}: {own}")
    return None


def _linked_late(subject: Subject, context: Context) -> Refuse | None:
    """A callback of a future that uses what is stored behind: it may run at once."""
    for future, _ in context.project.others((f"{_POOL}.submit",)):
        if context.objects.source(future) != subject:
            continue
        for site in future.sites:
            member = context.objects.member(site)
            if member is None or member.name != "add_done_callback":
                continue
            late = context.flow.late(site, 0, "fn")
            if uses := late.here or late.later:
                where = f"{site.path}:{site.line}"
                return Refuse(
                    "executor-native.order", f"{where} links what uses {uses}"
                )
    return None


def _shutdown(call: cst.Call, concurrent: bool) -> Found:
    """``shutdown(wait=False)``: futurist's threads leave what is queued undone."""
    for index, argument in enumerate(call.args):
        name = argument.keyword.value if argument.keyword else "wait"
        if argument.star or index > 1 or name not in ("wait", "cancel_futures"):
            return Refuse("executor-native.arguments", "of shutdown()")
        waits = isinstance(argument.value, cst.Name) and argument.value.value == "True"
        if name == "wait" and not waits and not concurrent:
            return Keep(), ("executor-native.shutdown",)
    return Keep(), () if concurrent else (_LATE,)


def _makers(subject: Subject) -> list[Site]:
    return [site for site in subject.sites if site.form == "call"]


def _at_the_end(subject: Subject, context: Context) -> Iterator[str]:
    """A caveat for an executor that nothing here shuts down, or that ``with`` does."""
    makers = [site for site in _makers(subject) if site.api == _POOL]
    members = [context.objects.member(site) for site in subject.sites]
    names = {member.name for member in members if member}
    if makers and names.isdisjoint(_ENDINGS):
        yield "executor-native.exit"
    if makers and "with" in names and not is_concurrent(makers[0], context):
        yield _LATE


# -- the rest --------------------------------------------------------------


def _synchronous(call: cst.Call) -> Found:
    """``SynchronousExecutor(green=…)``: the argument chose Eventlet's lock."""
    names = [a.keyword.value if a.keyword else "" for a in call.args]
    index = names.index("green") if "green" in names else 0
    if not isinstance(call.args[index].value, (cst.Name, cst.Attribute)):
        return Refuse(
            "executor-native.arguments", "what is given for green is computed"
        )
    return Replace(without(call, index, ("run_work_func",))), ()


def _mock(subject: Subject, context: Context) -> Decision:
    """A mock of a class, where every call that it meets gets the same class."""
    if subject.api == _FUTURE:
        return class_mock(subject, context, "futurist", "Future", _OF_FUTURES)
    if subject.api != _POOL:
        return Refuse("executor-native.mock")
    calls = [s for s in subject.intercepts if s.form == "call" and s.api == _POOL]
    classes = {each for site in calls if (each := _class_for(site, context))}
    if len(classes) != 1:
        return Refuse("executor-native.mock")
    module, _, name = classes.pop().rpartition(".")
    concurrent = module == "concurrent.futures"
    members = _EVERYWHERE if concurrent else _OF_FUTURIST
    return class_mock(subject, context, module, name, members | _ENTERED)


def _class_for(site: Site, context: Context) -> str | None:
    """The dotted name of the class that a call gets, if it gets one."""
    workers, rejector, unknown = _arguments(context.code.call(site))
    if unknown or rejector is not None or workers is None:
        return None
    chosen = native(number(workers.value, site, context), site, context)
    return context.names.dotted(chosen)


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"
