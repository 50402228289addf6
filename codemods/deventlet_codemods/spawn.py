"""Decide what becomes of a green thread: a thread, a future, a timer, or nothing.

What is done with the object decides, all uses together. The rules are those of the
page beside this file. Nothing here knows a file, a position or an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
)
from deventlet_codemods import _thread_mocks, _threads
from deventlet_codemods._processes import where_patched
from deventlet_codemods._sites import running

_AT_ONCE = frozenset({"eventlet.spawn", "eventlet.spawn_n"})
_DELAYED = frozenset({"eventlet.spawn_after", "eventlet.call_after_global"})
_LOCAL = frozenset({"eventlet.spawn_after_local", "eventlet.call_after_local"})
_STARTERS = _AT_ONCE | _DELAYED
_ENDLESS = frozenset({
    "mainloop", "run_forever", "serve", "serve_forever", "server",
})  # fmt: skip
"""Functions of libraries that do not come back."""

_REASONS = {
    "kill": "spawn.killed",
    "throw": "spawn.killed",
    "switch": "spawn.killed",
    "dead": "spawn.dead",
    "bool": "spawn.truth",
    "compare": "spawn.asked",
    "isinstance": "spawn.asked",
    "type": "spawn.asked",
    "unlink": "spawn.link",
}
"""What no thread of Python's can do or answer."""

_OTHERS = {
    "eventlet.kill": "spawn.killed",
    "eventlet.greenthread.cancel": "spawn.cancelled",
    "eventlet.greenthread.unlink": "spawn.link",
    "eventlet.greenthread.GreenThread": "spawn.class-used",
}


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one thread with all its uses, or a use of a name that starts one."""
    if subject.kind == "mock":
        return _mock(subject, context)
    if subject.kind != "object":
        return _name(subject, context)
    found = _read(subject, context)
    if isinstance(found, Refuse):
        return found
    problem = next(_problems(found, context), None)
    return problem or _decided(found, context)


def _name(subject: Subject, context: Context) -> Refuse:
    """A name that is used without a call whose object is known."""
    if subject.api in _OTHERS:
        return Refuse(_OTHERS[subject.api], _place(subject.origin))
    if subject.api in _LOCAL:
        return Refuse("spawn.local", _place(subject.origin))
    used = running(subject)
    why = context.flow.role(used[0]).why if used and used[0].form == "reference" else ""
    place = _place((used or [subject.origin])[0])
    return Refuse("spawn.as-value", f"{place}: {why}" if why else place)


def _mock(subject: Subject, context: Context) -> Decision:
    """A mock of a function that starts threads, as one of the class in its place."""
    delayed = subject.api in _DELAYED
    name = "Timer" if delayed else "Thread"
    where = f"{_place(subject.origin)} replaces {context.names.path(subject.origin)}"
    call = "seconds, f, args=(...)" if delayed else "target=f, args=(...), daemon=True"
    form = f"{where}; the code would call threading.{name}({call}) and start()"
    if subject.api not in _STARTERS:
        return Refuse("spawn.mocked", form)
    starts: list[_threads.Start] = []
    for other in _intercepted(subject, context):
        found = _read(other, context)
        if isinstance(found, Refuse):
            return Refuse("spawn.mocked", f"{form}; {_place(other.origin)} stays")
        if found.names & {"wait", "link"}:
            waited = f"the thread of {_place(other.origin)} is waited for"
            return Refuse("spawn.mocked", f"{where}; {waited} and becomes a future")
        starts += [start for _, start in found.starts.values()]
    actions = _thread_mocks.translated(
        context.mocks.mocked(subject), starts, delayed, context
    )
    if isinstance(actions, str):
        return Refuse("spawn.mocked", f"{form}; {actions}")
    return Rewrite({subject.origin: Retarget("threading", name), **actions})


def _intercepted(subject: Subject, context: Context) -> Iterator[Subject]:
    """The threads whose start a mock intercepts."""
    met = frozenset(subject.intercepts)
    for other, _ in context.project.others(_STARTERS):
        if other.kind == "object" and not met.isdisjoint(other.sites):
            yield other


def _place(site: Site) -> str:
    return f"{site.path}:{site.line}"


# -- one object ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Threads:
    """The threads of one subject: what starts them, and what is done with them."""

    subject: Subject
    starts: Mapping[Site, tuple[cst.Call, _threads.Start]]
    uses: Mapping[Site, str]

    @property
    def delayed(self) -> bool:
        """Whether they start after some time."""
        return all(site.api in _DELAYED for site in self.starts)

    @property
    def names(self) -> frozenset[str]:
        """What is done with them."""
        return frozenset(self.uses.values())


def _read(subject: Subject, context: Context) -> _Threads | Refuse:
    """The parts of a subject, if they are all known."""
    starts: dict[Site, tuple[cst.Call, _threads.Start]] = {}
    uses: dict[Site, str] = {}
    for site in subject.sites:
        if site.form == "method":
            member = context.objects.member(site)
            assert member is not None
            is_replaced = member.result in ("stored", "mocked")
            if is_replaced and member.name not in _REASONS:
                return Refuse("spawn.reference", f"{member.name} at {_place(site)}")
            uses[site] = member.name
            continue
        if site.form != "call" or site.api not in _STARTERS | _LOCAL:
            return Refuse(_OTHERS.get(site.api, "spawn.as-value"), _place(site))
        if site.api in _LOCAL:
            return Refuse("spawn.local", _place(site))
        call = context.code.call(site)
        start = _threads.read(call, site.api in _DELAYED)
        if start is None:
            return Refuse("spawn.arguments", _place(site))
        starts[site] = call, start
    if not starts:
        return Refuse("spawn.elsewhere", _place(subject.origin))
    return _Threads(subject, starts, uses)


def _position(site: Site) -> int:
    """Where the function is among the arguments of a call."""
    return 1 if site.api in _DELAYED else 0


def _problems(threads: _Threads, context: Context) -> Iterator[Refuse]:
    """What stands in the way of any native thread, the most telling first."""
    for site, name in threads.uses.items():
        if name in _REASONS and not _is_over(site, threads, context):
            yield Refuse(_REASONS[name], _advice(name, site, threads, context))
    if len({site.api in _DELAYED for site in threads.starts}) > 1:
        yield Refuse("spawn.several", _place(next(iter(threads.starts))))
    known = {"cancel"} if threads.delayed else {"wait", "link", "kill"}
    for site, name in threads.uses.items():
        if name in known | {"key"}:
            continue
        where = f"{name} at {_place(site)}"
        if name == "cancel":
            yield Refuse("spawn.cancelled", where)
        elif threads.delayed and name in ("wait", "link"):
            yield Refuse("spawn.after-result", where)
        else:
            yield Refuse("spawn.missing", where)
    current = "key" in threads.names and context.objects.asked_for(
        frozenset({"getcurrent"}), "getcurrent", threads.subject
    )
    if current:
        yield Refuse("spawn.current", f"it is a key, and {current} may look for it")
    for site in threads.starts:
        yield from _of_target(site, "key" in threads.names, context)
        yield from _of_order(site, threads.starts[site][1], context)
    yield from _of_links(threads, context)
    yield from _of_signals(threads, context)


def _is_over(site: Site, threads: _Threads, context: Context) -> bool:
    """Whether a thread that is killed has been waited for: then nothing happens."""
    waits = [each for each, name in threads.uses.items() if name == "wait"]
    is_kill = threads.uses[site] == "kill" and not threads.delayed
    return is_kill and context.flow.waited_for(site, waits)


def _of_signals(threads: _Threads, context: Context) -> Iterator[Refuse]:
    """A start in the hub of a patched process, which cannot wait for the thread."""
    for handler in filter(None, map(context.flow.handler, threads.starts)):
        yield Refuse("spawn.signal", f"run as a handler by {handler}")


def _of_order(site: Site, start: _threads.Start, context: Context) -> Iterator[Refuse]:
    """What the thread uses, and is stored when it may already run."""
    late = context.flow.late(site, _position(site), "func").later
    if late and not _threads.takes_time(start):
        yield Refuse("spawn.order", f"{_place(site)} starts what uses {late}")


def _of_links(threads: _Threads, context: Context) -> Iterator[Refuse]:
    """What a linked function uses, and is stored behind: it may be called at once."""
    for site in (each for each, name in threads.uses.items() if name == "link"):
        late = context.flow.late(site, 0, "func")
        if late.here or late.later:
            uses = late.here or late.later
            yield Refuse("spawn.order", f"{_place(site)} links what uses {uses}")


def _of_target(site: Site, is_key: bool, context: Context) -> Iterator[Refuse]:
    """What the function of a thread does that only a green thread can do."""
    position = _position(site)
    is_kept = is_key or context.flow.becomes(site) in ("argument", "collected")
    for function in filter(None, context.flow.functions(site, position, "func")):
        found = {
            "spawn.exits": function.exits,
            "spawn.main-thread": function.main,
            "spawn.greenlet-exit": function.caught,
            "spawn.current": function.current if is_kept else "",
        }
        for reason, where in found.items():
            if where:
                yield Refuse(reason, f"{function.name}() at {where}")


def _advice(name: str, site: Site, threads: _Threads, context: Context) -> str:
    """Where it is done, and the way out with the names of this code."""
    what = f"{name} at {_place(site)}"
    if _REASONS[name] != "spawn.killed":
        return what
    for start in threads.starts:
        for function in context.flow.functions(start, _position(start), "func"):
            if function is None:
                continue
            if function.endless:
                return (
                    f"{what}; the loop of {function.name}() at {function.endless}"
                    " can ask a threading.Event that is set here"
                )
            return f"{what}; {function.name}() at {function.where} has to end by itself"
    return what


# -- what it becomes -----------------------------------------------------------


_Actions = dict[Site, Action]


def _decided(threads: _Threads, context: Context) -> Decision:
    if threads.delayed:
        return _timers(threads, context)
    if threads.names & {"wait", "link"}:
        return _futures(threads, context)
    return _plain(threads, context)


def _finished(
    actions: _Actions, caveats: list[str], threads: _Threads, context: Context
) -> Decision:
    """The actions, where the processes are patched for threads."""
    if any(context.flow.repeated(site) for site in threads.starts):
        caveats = [*caveats, "spawn.many"]
    if any(
        None in context.flow.functions(s, _position(s), "func") for s in threads.starts
    ):
        caveats = [*caveats, "spawn.unknown"]
    return where_patched("threading", threads.starts, context, actions, caveats)


def _spread(site: Site, context: Context) -> _threads.Spread:
    return lambda name: context.flow.spread(name, site)


def _plain(threads: _Threads, context: Context) -> Decision:
    """Nothing is asked of the threads: each is one of its own."""
    actions: _Actions = dict.fromkeys(threads.uses, Keep())
    made = context.names.name_of("threading", "Thread")
    for site, (call, start) in threads.starts.items():
        thread = _threads.thread(made, start, _spread(site, context))
        if context.flow.becomes(site) == "discarded":
            actions[site] = Replace(_threads.started(thread))
            continue
        instead = _apart(site, call, thread, "thread", context)
        if instead is None:
            return Refuse("spawn.statement", _place(site))
        actions[site] = instead
    return _finished(actions, ["spawn.preemptive"], threads, context)


def _apart(
    site: Site, call: cst.Call, made: cst.Call, name: str, context: Context
) -> Instead | None:
    """Several statements in place of one, if it can be cut out and has the time."""
    held = context.code.statement(site)
    if not isinstance(held, cst.SimpleStatementLine):
        return None
    is_timer = name == "timer"
    lines = _threads.apart(
        held, call, made, lambda: context.names.local_name(name, site), is_timer
    )
    return Instead(lines) if lines is not None else None


def _timers(threads: _Threads, context: Context) -> Decision:
    """A delayed start that is only ever cancelled."""
    actions: _Actions = {}
    for site, name in threads.uses.items():
        if name == "cancel" and _renamed(site, name, context) is None:
            return Refuse("spawn.cancelled", _place(site))
        actions[site] = Keep()
    made = context.names.name_of("threading", "Timer")
    for site, (call, start) in threads.starts.items():
        timer = _threads.timer(made, start, _spread(site, context))
        instead = _apart(site, call, timer, "timer", context)
        if instead is None:
            return Refuse("spawn.statement", _place(site))
        actions[site] = instead
    return _finished(actions, ["spawn.timer"], threads, context)


# -- futures -------------------------------------------------------------------


def _futures(threads: _Threads, context: Context) -> Decision:
    """The value or the exception is waited for: it keeps arriving."""
    for site in threads.starts:
        late = context.flow.late(site, 0, "func").here
        if late:
            return Refuse("spawn.order", f"{_place(site)} starts what uses {late}")
    endless = [_endless(site, threads, context) for site in threads.starts]
    if any(endless):
        return _joined(threads, max(endless), context)
    actions: _Actions = {}
    executor = context.names.name_of("concurrent.futures", "ThreadPoolExecutor")
    for site, (call, _) in threads.starts.items():
        actions[site] = Replace(_threads.submitted(executor, call))
    for site, name in threads.uses.items():
        action = _asked(site, name, context) if name != "key" else Keep()
        if isinstance(action, Refuse):
            return action
        actions[site] = action
    return _finished(_nested(actions, context), ["spawn.future"], threads, context)


def _asked(site: Site, name: str, context: Context) -> Action | Refuse:
    """What ``wait()`` and ``link()`` become; ``kill()`` of what has ended goes."""
    if name == "kill":
        goes = context.code.removable(site) and not context.code.hollow(site)
        return Instead(()) if goes else Refuse("spawn.killed", _place(site))
    if name == "wait":
        asked = _renamed(site, "result", context)
        if asked is None:
            return Refuse("spawn.reference", f"{name} at {_place(site)}")
        if any("GreenletExit" in each for each in context.flow.caught(site)):
            return Refuse("spawn.greenlet-exit", _place(site))
        return Replace(asked)
    call = context.code.expression(site)
    if not isinstance(call, cst.Call):
        return Refuse("spawn.reference", f"{name} at {_place(site)}")
    found = context.flow.functions(site, 0)
    names = found[0].parameters[1:] if len(found) == 1 and found[0] else ()
    changed = _threads.done_callback(
        call, context.names.name_of("functools", "partial"), names
    )
    return (
        Replace(changed) if changed is not None else Refuse("spawn.link", _place(site))
    )


def _renamed(site: Site, name: str, context: Context) -> cst.BaseExpression | None:
    """The use of another method, called or not; None if it is given anything."""
    node = context.code.expression(site)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return None if node.args else _threads.method(node, name)
    if isinstance(node, cst.Attribute):
        return node.with_changes(attr=cst.Name(name))
    return None


def _nested(actions: _Actions, context: Context) -> _Actions:
    """The outermost of sites that are in one another takes the others in."""
    found = dict(actions)
    for outer in sorted(actions, key=lambda site: (site.path, site.start, -site.end)):
        action = found[outer]
        if not isinstance(action, Replace):
            continue
        node: cst.CSTNode = action.node
        for inner in [each for each in actions if _is_inside(each, outer)]:
            within = found[inner]
            if isinstance(within, Replace):
                node = _put(node, context.code.expression(inner), within.node)
                found[inner] = Keep()
        assert isinstance(node, cst.BaseExpression)
        found[outer] = Replace(node)
    return found


def _is_inside(site: Site, outer: Site) -> bool:
    return (
        site != outer
        and site.path == outer.path
        and outer.start <= site.start
        and site.end <= outer.end
    )


def _put(node: cst.CSTNode, old: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
    """The node with every part that reads like the old one replaced."""

    class Put(cst.CSTTransformer):
        def on_leave(self, original_node, updated_node):  # type: ignore[no-untyped-def]
            return new if original_node.deep_equals(old) else updated_node

    found = node.visit(Put())
    assert isinstance(found, cst.CSTNode)
    return found


def _endless(site: Site, threads: _Threads, context: Context) -> str:
    """Where the function of a thread never comes back, if it is known not to."""
    for function in filter(None, context.flow.functions(site, 0, "func")):
        if function.endless:
            return f"{function.name}() at {function.endless}"
    called = threads.starts[site][1].function
    name = called.attr if isinstance(called, cst.Attribute) else called
    if isinstance(name, cst.Name) and name.value in _ENDLESS:
        return f"{name.value}() at {_place(site)}"
    return ""


def _joined(threads: _Threads, endless: str, context: Context) -> Decision:
    """A function without end has no value; an exception may be what is waited for.

    A future would keep the process from ending, which a green thread does not.
    """
    actions: _Actions = {}
    for site, name in threads.uses.items():
        if name == "key":
            actions[site] = Keep()
            continue
        member = context.objects.member(site)
        if name != "wait" or member is None or member.result != "discarded":
            return Refuse("spawn.endless", endless)
        asked = _renamed(site, "join", context)
        if asked is None:
            return Refuse("spawn.reference", f"{name} at {_place(site)}")
        actions[site] = Replace(asked)
    made = context.names.name_of("threading", "Thread")
    for site, (call, start) in threads.starts.items():
        thread = _threads.thread(made, start, _spread(site, context))
        instead = _apart(site, call, thread, "thread", context)
        if instead is None:
            return Refuse("spawn.endless", endless)
        actions[site] = instead
    found = _finished(actions, ["spawn.preemptive"], threads, context)
    if isinstance(found, Rewrite):
        return Assume("spawn.join", endless, found)
    return Refuse("spawn.endless", endless)
