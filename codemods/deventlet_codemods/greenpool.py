"""Decide pools and piles of green threads: an executor with the same life.

The rules are those of the page beside this file. Nothing here knows a file, a
position or an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

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
    ReplaceAround,
    Rewrite,
    Site,
    Statement,
    Subject,
)
from deventlet.resolve.facts import Member
from deventlet_codemods._arguments import hanging
from deventlet_codemods._executors import MANY, configured, native, number
from deventlet_codemods._flat import flat
from deventlet_codemods._futures import (
    TIGHT,
    Held,
    assigned,
    at_least_one,
    called,
    line,
    listed,
    renamed,
    results_of,
    spread,
    submitted,
    task_first,
)
from deventlet_codemods._pool_mocks import RENAMED, target, translated
from deventlet_codemods._processes import where_patched
from deventlet_codemods._threads import first_call

_PILE = "eventlet.GreenPile"
_POOL = "eventlet.GreenPool"
_OF_POOL = "eventlet.GreenPool."
_DEFAULT = 1000
_COUNTED = frozenset({
    "free", "running", "waiting", "size", "sem", "coroutines_running",
    "no_coros_running",
})  # fmt: skip
_OF_THREADS = {"wait": "result", "dead": "done"}
"""What a future has in the place of a member of a green thread."""
_COUNTING = frozenset({"int", "len", "max", "min"})
_IDLE = _COUNTED | {"iter", "next", "pile", "waitall"}
"""What starts no thread."""
_SPAWNING = frozenset({"spawn", "spawn_n"})
_JOINING = frozenset({"waitall", "imap", "starmap", "wait", "iter"})
"""What waits for tasks, and must not be done by one of them."""
_COLLECTING = ("all", "any", "dict", "max", "min", "set", "sorted", "sum", "tuple")
"""Built-in functions that take a generator, which needs no parentheses there."""
_SEEN = "what a task raises is logged, as submit() alone would hide it"
_Found = Action | Refuse


def decide(subject: Subject, context: Context) -> Decision:
    """Decide a pool with all its uses, its piles, and all that it gave."""
    if subject.kind == "mock":
        return _mock(subject, context)
    makers = [site for site in subject.sites if site.form != "method"]
    others = [site for site in makers if site.form != "call"]
    if subject.kind != "object" or others or not makers:
        return Refuse("greenpool.class-used", _where(others[0]) if others else "")
    work = _Work(subject, context)
    return next(work.problems(), None) or work.decide()


def _mock(subject: Subject, context: Context) -> Decision:
    """A mock of the class moves if its pools keep their calls but for their names."""
    if context.names.path(subject.origin).startswith(_OF_POOL):
        return Refuse("greenpool.mocked", context.names.path(subject.origin))
    made: list[Action | None] = []
    for other in _met(subject, context):
        uses = [site for site in other.sites if site.form != "call"]
        unlike = [
            site for site in uses if site.api.removeprefix(_OF_POOL) not in RENAMED
        ]
        decision = None if unlike else decide(other, context)
        rewrite = decision.rewrite if isinstance(decision, Assume) else decision
        if not isinstance(rewrite, Rewrite):
            return Refuse("greenpool.mocked", f"{_where(other.origin)} changes more")
        calls = (site for site in other.sites if site.form == "call")
        made += map(rewrite.actions.get, calls)
    moved = target(made, context)
    actions = translated(context.mocks.mocked(subject), context)
    if isinstance(actions, str) or moved is None:
        return Refuse("greenpool.mocked", actions if isinstance(actions, str) else "")
    return Rewrite({subject.origin: moved, **actions})


def _met(subject: Subject, context: Context) -> Iterator[Subject]:
    """The pools whose class a mock replaces."""
    met = frozenset(subject.intercepts)
    for other, _ in context.project.others((_POOL,)):
        if other.kind == "object" and not met.isdisjoint(other.sites):
            yield other


@dataclass(frozen=True, slots=True)
class _Work:
    """A subject on its way to an executor, with what the reader must know of it."""

    subject: Subject
    context: Context
    caveats: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)

    # -- the whole ---------------------------------------------------------

    def problems(self) -> Iterator[Refuse]:
        """Reasons that the uses of a pool give only together."""
        if not any(self.uses()):
            yield Refuse("greenpool.unused")
        held = _entangled(self.subject)
        if held:
            yield Refuse("greenpool.entangled", held)
        names: set[str] = set()
        for site in self.uses():
            name = self.member(site).name
            names.add(name)
            of_thread = site.api.startswith("eventlet.GreenThread.")
            if of_thread and name not in _OF_THREADS:
                yield Refuse("greenpool.thread", f"{name} at {_where(site)}")
            if name == "resize":
                yield Refuse("greenpool.resized", _where(site))
            if name in _COUNTED:
                yield Refuse("greenpool.counted", f"{name} at {_where(site)}")
        nested = (
            self.context.objects.reentered(self.subject) if names & _JOINING else ""
        )
        if nested:
            yield Refuse("greenpool.nested", nested)

    def decide(self) -> Decision:
        """A rewrite of all sites, or the first reason against it."""
        parts = self.context.objects.parts(self.subject)
        piles = [each for each in parts if each.origin.api == _PILE]
        pooled = {s for each in piles for s in each.sites if not _is_pile_argument(s)}
        rest = tuple(site for site in self.subject.sites if site not in pooled)
        actions: dict[Site, Action] = {}
        found: list[tuple[Site, _Found]] = []
        for pile in piles:
            found += _Pile(self, pile).actions()
        if any(site.form == "call" for site in rest):
            pool = Subject(self.subject.api, "object", rest)
            found += _Pool(self, pool).actions()
        for site, action in found:
            if isinstance(action, Refuse):
                return action
            actions[site] = action
        for outer, inner in _chains(self.subject):
            actions[outer] = _chained(actions[outer], actions[inner])
            actions[inner] = Keep()
        return self._rewrite(actions)

    def _rewrite(self, actions: dict[Site, Action]) -> Decision:
        """The decision, with what holds for the project as a whole."""
        site = self.subject.origin
        ended = any(self.member(each).name == "waitall" for each in self.uses())
        if self.is_native(site) and not ended:
            self.caveats.append("greenpool.open")
        caveats = tuple(dict.fromkeys(self.caveats))
        proofs = tuple(dict.fromkeys(self.proofs))
        if not self.is_native(site):
            return Rewrite(actions, caveats, proofs)
        sites = self.subject.sites
        return where_patched("threading", sites, self.context, actions, caveats)

    # -- what every part asks ----------------------------------------------

    def uses(self) -> Iterator[Site]:
        """The sites that use the pool, or what it gave."""
        return (site for site in self.subject.sites if site.form == "method")

    def member(self, site: Site) -> Member:
        """What a use of the pool is."""
        member = self.context.objects.member(site)
        assert member is not None
        return member

    def blocks(self, site: Site) -> bool:
        """Whether the project has an executor that waits as a pool does."""
        return self.context.names.helper("blocking_executor", site) is not None

    def is_native(self, site: Site) -> bool:
        """Whether threads take the place of green threads in this very step."""
        return self.blocks(site) or configured(site, self.context) is not None

    def of_library(self, site: Site) -> bool:
        """Whether nothing of futurist is needed: executor, futures, ``wait``."""
        chosen = configured(site, self.context)
        plain = self.context.names.name_of("concurrent.futures", "ThreadPoolExecutor")
        return self.blocks(site) or (chosen is not None and chosen.deep_equals(plain))

    def futures(self, site: Site, name: str, of_futurist: str) -> cst.BaseExpression:
        """A name of ``concurrent.futures``, or the one that green futures need."""
        if self.of_library(site):
            return self.context.names.name_of("concurrent.futures", name)
        module, _, attribute = of_futurist.rpartition(".")
        return self.context.names.name_of(module, attribute)

    # -- the executor ------------------------------------------------------

    def sized(self, site: Site, call: cst.Call) -> cst.Call | Refuse:
        """``GreenPool(n)`` becomes an executor of as many workers."""
        problem = self._not_understood(site, call)
        if problem is not None:
            return problem
        given = call.args[0].value if call.args else cst.Integer(str(_DEFAULT))
        count = number(given, site, self.context)
        if _is_no_size(given, count):
            return Refuse("greenpool.size", _text(given))
        if count is None or (count >= MANY and self.is_native(site)):
            self.caveats.append("greenpool.threads")
        function = self._executor(count, site)
        if count is None and self._may_be_zero(given, site):
            if not self.context.names.builtin("max", site):
                return Refuse("greenpool.size", _text(given))
            given = at_least_one(given)
        argument = (call.args[0] if call.args else cst.Arg(given)).with_changes(
            keyword=cst.Name("max_workers"), equal=TIGHT, value=given
        )
        return call.with_changes(func=function, args=[argument])

    def _not_understood(self, site: Site, call: cst.Call) -> Refuse | None:
        """What is wrong with the arguments of a constructor."""
        if not call.args:
            is_many = self.is_native(site) and self._has_tasks()
            return Refuse("greenpool.default-size", _where(site)) if is_many else None
        keyword = call.args[0].keyword
        known = keyword is None or keyword.value in ("size", "size_or_pool")
        if len(call.args) > 1 or call.args[0].star or not known:
            return Refuse("greenpool.arguments", _where(site))
        return None

    def _has_tasks(self) -> bool:
        """Whether the pool ever gets something to do, and so a worker for it."""
        return any(self.member(site).name not in _IDLE for site in self.uses())

    def _may_be_zero(self, value: cst.BaseExpression, site: Site) -> bool:
        """Whether a size is how many there are of something: ``len(hosts)``."""
        if isinstance(value, cst.Name):
            given = self.context.names.value(value.value, site)
            return given is not None and "len(" in _text(given)
        return "len(" in _text(value)

    def _executor(self, count: float | None, site: Site) -> cst.BaseExpression:
        blocking = self.context.names.helper("blocking_executor", site)
        if blocking is not None:
            return blocking
        if configured(site, self.context) is not None:
            return native(count, site, self.context)
        return self.context.names.name_of("futurist", "GreenThreadPoolExecutor")

    # -- tasks -------------------------------------------------------------

    def spawning(self, site: Site, part: Subject) -> Refuse | None:
        """What speaks against submitting where a pool spawned."""
        if task_first(self.context.code.call(site).args) is None:
            return Refuse("greenpool.arguments", _where(site))
        if self.is_native(site):
            late = self.context.flow.late(site, 0, "function")
            if late.here or late.later:
                uses = late.here or late.later
                return Refuse(
                    "greenpool.order", f"{_where(site)} starts what uses {uses}"
                )
        if not self.blocks(site):
            loop = self.context.flow.loop(site, part)
            if loop.kind == "endless":
                return Refuse("greenpool.endless", f"{_where(site)} in {loop.where}")
            if loop.kind == "data":
                self.caveats.append("greenpool.backlog")
        return self.ending(site)

    def ending(self, site: Site) -> Refuse | None:
        """A task that the hub starts, that ends its worker, or finds what is left."""
        handler = self.context.flow.handler(site)
        if handler:
            return Refuse("greenpool.signal", f"run as a handler by {handler}")
        task = self.context.flow.task(site)
        if task.ends:
            return Refuse("greenpool.ends", f"{_where(site)}: {task.ends}")
        if task.own:
            return Refuse("greenpool.thread-local", f"{_where(site)}: {task.own}")
        return None


@dataclass(frozen=True, slots=True)
class _Pool:
    """A pool and what it gave, without its piles."""

    work: _Work
    part: Subject

    @property
    def context(self) -> Context:
        return self.work.context

    def actions(self) -> Iterator[tuple[Site, _Found]]:
        """What becomes of each site."""
        for site in self.part.sites:
            yield site, self._made(site) if site.form == "call" else self._used(site)

    def _made(self, site: Site) -> _Found:
        """The executor, and a list of futures where one is needed."""
        held = self._held(site)
        if not self._collects() or held is None or held.name is None:
            made = self.work.sized(site, self.context.code.call(site))
            return made if isinstance(made, Refuse) else Replace(made)
        made = self.work.sized(site, held.call)
        if isinstance(made, Refuse):
            return made
        empty = assigned(self._list(site).value, cst.List([]))
        return Instead((held.given(held.name, made), empty))

    def _held(self, site: Site) -> Held | None:
        return Held.of(self.context.code.statement(site), self.context.code.call(site))

    def _used(self, site: Site) -> _Found:
        """What becomes of one use of the pool, or of what it gave."""
        member = self.work.member(site)
        where = f"{member.name} at {_where(site)}"
        kind = site.api.rpartition(".")[0]
        if kind.endswith("GreenMap") or _is_pile_argument(site):
            is_whole = member.name in ("iter", "next", "pile")
            return Keep() if is_whole else Refuse("greenpool.partly", where)
        if member.result in ("stored", "mocked"):
            return Refuse("greenpool.mocked", where)
        if kind.endswith("GreenThread"):
            return self._of_thread(site, member.name, member.result == "reference")
        if member.result == "reference":
            return Refuse("greenpool.reference", where)
        if member.name in _SPAWNING:
            return self.work.spawning(site, self.part) or self._spawned(site)
        if member.name in ("imap", "starmap"):
            return self.work.ending(site) or self._mapped(site, member.name)
        if member.name == "waitall":
            return self._waited(site, member.result)
        return Refuse("greenpool.missing", where)

    def _of_thread(self, site: Site, name: str, is_read: bool) -> _Found:
        """``thread.wait()`` becomes ``future.result()``; ``dead`` is ``done()``."""
        named = _OF_THREADS.get(name)
        if named is None or is_read != (name == "dead"):
            return Refuse("greenpool.thread", f"{name} at {_where(site)}")
        if name == "dead":
            attribute = self.context.code.expression(site)
            assert isinstance(attribute, cst.Attribute)
            return Replace(called(attribute.value, named))
        call = self.context.code.call(site)
        if call.args:
            return Refuse("greenpool.thread", f"{name} at {_where(site)}")
        return Replace(renamed(call, named))

    # -- spawn -------------------------------------------------------------

    def _spawned(self, site: Site) -> _Found:
        """``submit``, with a callback if nobody else would see what the task raises."""
        seen = "wait" in self.context.objects.gives(site)
        silent = self.context.flow.task(site).silent
        if not (seen or silent):
            if not self.context.flow.task(site).known:
                self.work.caveats.append("greenpool.unknown-task")
            self.work.proofs.append(_SEEN)
        held = self._held(site)
        if held is not None and (self._collects() or not (seen or silent)):
            return self._in_lines(held, site, watched=not (seen or silent))
        submit = submitted(self.context.code.call(site))
        if self._collects():
            return Refuse("greenpool.waitall", _where(site))
        if seen or silent:
            return Replace(submit)
        if self.work.member(site).result != "discarded":
            return self._kept(site) or Refuse("greenpool.unseen", _where(site))
        return Replace(self._watching(submit, site))

    def _in_lines(self, held: Held, site: Site, *, watched: bool) -> Instead:
        """A future in a name, its callback, and its place in the list of all."""
        name = held.name or cst.Name(self.context.names.local_name("future", site))
        lines: list[Statement] = [held.given(name, submitted(held.placed))]
        if watched:
            lines.append(line(self._watching(name, site)))
        if self._collects():
            lines.append(line(called(self._list(site), "append", name)))
        return Instead(tuple(lines))

    def _kept(self, site: Site) -> Instead | None:
        """``running.add(pool.spawn(f))`` with a name for the future, to be watched."""
        held = self.context.code.statement(site)
        if not isinstance(held, cst.SimpleStatementLine) or len(held.body) > 1:
            return None
        found = first_call(held.body[0], self.context.code.call(site))
        if found is None:
            return None
        name = cst.Name(self.context.names.local_name("future", site))
        kept = held.body[0].deep_replace(found, name)
        assert isinstance(kept, cst.BaseSmallStatement)
        given = assigned(name.value, submitted(hanging(found)))
        first = given.with_changes(leading_lines=held.leading_lines)
        last = held.with_changes(body=[kept], leading_lines=[])
        return Instead((first, line(self._watching(name, site)), last))

    def _watching(self, future: cst.BaseExpression, site: Site) -> cst.Call:
        """A callback that raises is logged: ``add_done_callback(Future.result)``."""
        owner = self.work.futures(site, "Future", "futurist.Future")
        result = cst.Attribute(owner, cst.Name("result"))
        return called(future, "add_done_callback", result)

    # -- imap and waitall --------------------------------------------------

    def _mapped(self, site: Site, name: str) -> _Found:
        call = self.context.code.call(site)
        plain = not any(each.star or each.keyword for each in call.args)
        least, most = 2, (2 if name == "starmap" else len(call.args))
        if not plain or not least <= len(call.args) <= most or _is_none(call.args[0]):
            return Refuse("greenpool.arguments", _where(site))
        used = self.context.flow.consumed(site)
        if not used:
            return Refuse("greenpool.partly", _where(site))
        for position, argument in enumerate(call.args[1:], 1):
            if self.context.flow.finite(site, position):
                continue
            if used != "collected":
                what = _text(argument.value)
                return Refuse("greenpool.lazy", f"{what} at {_where(site)}")
            self.work.caveats.append("greenpool.backlog")
        mapped = renamed(call, "map")
        if name == "imap":
            return Replace(mapped)
        parameter = self.context.names.local_name("args", site)
        return Replace(mapped.with_changes(args=spread(call, parameter)))

    def _waited(self, site: Site, result: str) -> _Found:
        """``waitall()`` ends the executor, or waits for the futures up to there."""
        call = self.context.code.call(site)
        if result != "discarded" or call.args:
            return Refuse("greenpool.waitall", _where(site))
        if self.context.objects.final(site, self.part):
            wait = cst.Arg(cst.Name("True"), cst.Name("wait"), TIGHT)
            return Replace(renamed(call, "shutdown").with_changes(args=[wait]))
        held = self._held(site)
        if not self._collects() or held is None:
            return Refuse("greenpool.waitall", _where(site))
        wait_for = self.work.futures(site, "wait", "futurist.waiters.wait_for_all")
        futures = self._list(site)
        first = cst.Expr(cst.Call(wait_for, [cst.Arg(futures)]))
        cleared = line(called(futures, "clear"))
        return Instead((held.line.with_changes(body=[first]), cleared))

    def _collects(self) -> bool:
        """Whether a local pool is used again after a ``waitall()``."""
        if not self.context.objects.local(self.part):
            return False
        return self._held(self.part.origin) is not None and any(
            site.api == "eventlet.GreenPool.waitall"
            and not self.context.objects.final(site, self.part)
            for site in self.part.sites
        )

    def _list(self, site: Site) -> cst.Name:
        return cst.Name(self.context.names.local_name("futures", site))


@dataclass(frozen=True, slots=True)
class _Pile:
    """A pile that one function fills and then reads once."""

    work: _Work
    part: Subject

    @property
    def context(self) -> Context:
        return self.work.context

    def actions(self) -> Iterator[tuple[Site, _Found]]:
        """What becomes of each site; of the pool's name in its call nothing."""
        maker = self.part.origin
        held = Held.of(
            self.context.code.statement(maker), self.context.code.call(maker)
        )
        if not self._is_simple() or held is None or not isinstance(held.name, cst.Name):
            yield maker, Refuse("greenpool.pile", _where(maker))
            return
        pool = (
            held.call.args[0].value
            if any(map(_is_pile_argument, self._uses()))
            else None
        )
        yield maker, self._made(held, maker, pool)
        owner = pool or cst.Name(self.context.names.local_name("executor", maker))
        for site in self._uses():
            if not _is_pile_argument(site):
                yield site, self._used(site, owner)

    def _uses(self) -> Iterable[Site]:
        return (site for site in self.part.sites if site.form == "method")

    def _is_simple(self) -> bool:
        """Spawns first, and one look at the results, not again and again."""
        reads = [s for s in self._uses() if self.work.member(s).name == "iter"]
        return (
            self.context.objects.local(self.part)
            and len(reads) == 1
            and self.context.objects.final(reads[0], self.part)
            and self.context.flow.loop(reads[0], self.part).kind == "once"
        )

    def _made(self, held: Held, site: Site, pool: cst.BaseExpression | None) -> _Found:
        """A list of futures; before it the executor, unless the pool is one."""
        assert held.name is not None
        pile = held.given(held.name, cst.List([]))
        if isinstance(pool, (cst.Name, cst.Attribute)):
            return Instead((pile,))
        if pool is not None or not self._is_sized(site, held.call):
            return Refuse("greenpool.pile", _where(site))
        made = self.work.sized(site, held.call)
        if isinstance(made, Refuse):
            return made
        name = self.context.names.local_name("executor", site)
        return Instead((assigned(name, made), pile))

    def _is_sized(self, site: Site, call: cst.Call) -> bool:
        """Whether a pile is made of a number for certain, and not of a pool."""
        given = call.args[0].value if call.args else None
        if isinstance(given, cst.Name):
            given = self.context.names.value(given.value, site)
        elif given is None:
            return True
        return isinstance(given, (cst.BaseNumber, cst.BinaryOperation)) or (
            isinstance(given, cst.Call)
            and _text(given.func) in _COUNTING
            and self.context.names.builtin(_text(given.func), site)
        )

    def _used(self, site: Site, owner: cst.BaseExpression) -> _Found:
        member = self.work.member(site)
        if member.name == "iter":
            return self._read(site)
        if member.name != "spawn" or member.result != "discarded":
            return Refuse("greenpool.pile", f"{member.name} at {_where(site)}")
        problem = self.work.spawning(site, self.part)
        if problem is not None:
            return problem
        call = self.context.code.call(site)
        assert isinstance(call.func, cst.Attribute)
        submit = flat(submitted(call, owner))
        return Replace(called(call.func.value, "append", submit))

    def _read(self, site: Site) -> Action:
        """The results in the order of the tasks, ``list(pile)`` as a list of them."""
        futures = self.context.code.expression(site)
        if self.context.flow.is_argument_of("list", site):
            return ReplaceAround(listed(futures))
        results = results_of(futures)
        for name in _COLLECTING:
            if self.context.flow.is_argument_of(name, site):
                only = cst.Arg(results.with_changes(lpar=[], rpar=[]))
                return ReplaceAround(cst.Call(cst.Name(name), [only]))
        return Replace(results)


# -- small facts about sites and nodes -------------------------------------------------


def _nested(subject: Subject) -> Iterator[tuple[Site, Site]]:
    """Sites that hold others, each with the first that it holds."""
    ordered = sorted(subject.sites, key=lambda s: (s.path, s.start, -s.end))
    for outer, inner in pairwise(ordered):
        if outer.path == inner.path and inner.end <= outer.end:
            yield outer, inner


def _chains(subject: Subject) -> Iterator[tuple[Site, Site]]:
    """``pool.spawn(f).wait()``: the whole, and the ``pool.spawn(f)`` in it."""
    for outer, inner in _nested(subject):
        of_thread = outer.api.startswith("eventlet.GreenThread.")
        if of_thread and outer.start == inner.start:
            yield outer, inner


def _chained(outer: Action, inner: Action) -> Action:
    """``pool.submit(f).result()`` from the actions of its parts."""
    assert isinstance(outer, Replace)
    assert isinstance(inner, Replace)
    assert isinstance(outer.node, cst.Call)
    assert isinstance(outer.node.func, cst.Attribute)
    return Replace(
        outer.node.with_changes(func=outer.node.func.with_changes(value=inner.node))
    )


def _entangled(subject: Subject) -> str:
    """A site that holds another one, which cannot change with it."""
    chains = list(_chains(subject))
    left = (
        outer
        for outer, inner in _nested(subject)
        if (outer, inner) not in chains and not _is_pile_argument(inner)
    )
    return next(map(_where, left), "")


def _is_pile_argument(site: Site) -> bool:
    """The pool in ``GreenPile(pool)``."""
    return site.api == "eventlet.GreenPool.pile"


def _is_no_size(value: cst.BaseExpression, count: float | None) -> bool:
    """A literal that is no whole number from 1 upwards."""
    if count is not None:
        return count < 1 or count != int(count)
    literal = (cst.BaseString, cst.List, cst.Tuple, cst.Dict)
    return isinstance(value, literal) or _text(value) in ("None", "True", "False")


def _is_none(argument: cst.Arg) -> bool:
    return _text(argument.value) == "None"


def _where(site: Site) -> str:
    return f"{site.path}:{site.line}"


def _text(value: cst.BaseExpression) -> str:
    return " ".join(cst.Module([]).code_for_node(value).split())
