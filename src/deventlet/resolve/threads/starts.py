"""The calls that start a function as a thread of its own, green or native.

Eventlet's are known by name and by object, those of the standard library, futurist
and oslo.service by name or by the words of their methods, those of the repository by
what they do with a parameter. A call counts only if what it is given is a function
of the repository. Reads files that are parsed already; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from deventlet.resolve.api import canonical
from deventlet.resolve.chains import called_name, last_name
from deventlet.resolve.names import Names
from deventlet.resolve.offsets import attribute_at
from deventlet.resolve.project import Module
from deventlet.resolve.threads.callers import Callers
from deventlet.resolve.tree import all_ancestors, ancestors
from deventlet.resolve.values import Member, Origin, Place
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.program import Program

Often: TypeAlias = Literal["once", "loop", "forever", "timer"]
"""``once`` each time that the code around runs, for each round of a ``loop``, in one
that never ends, or again and again by a ``timer`` that waits for the last round."""

_Slot: TypeAlias = tuple[int, str]
"""Where a call takes the function: the position, and the keyword."""

_NAMED: Mapping[str, _Slot] = {
    "eventlet.spawn": (0, "func"),
    "eventlet.spawn_n": (0, "func"),
    "eventlet.spawn_after": (1, "func"),
    "eventlet.spawn_after_local": (1, "func"),
    "eventlet.call_after_global": (1, "func"),
    "eventlet.call_after_local": (1, "func"),
    "eventlet.tpool.execute": (0, "meth"),
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "eventlet.green.threading.Thread": (1, "target"),
    "eventlet.green.threading.Timer": (1, "function"),
}
_METHODS: Mapping[str, _Slot] = {
    "spawn": (0, "function"),
    "spawn_n": (0, "function"),
    "spawn_after": (1, "func"),
    "imap": (0, "function"),
    "starmap": (0, "function"),
    "submit": (0, "fn"),
    "add_thread": (0, "callback"),
    "add_timer": (1, "callback"),
    "add_timer_args": (1, "callback"),
    "add_dynamic_timer": (0, "callback"),
    "add_dynamic_timer_args": (0, "callback"),
}
"""Methods of pools, executors and thread groups; eventlet 0.41, oslo.service 3.6."""

_TIMERS = frozenset(name for name in _METHODS if "timer" in name)
_LOOPING = "LoopingCall"
_MAPPING = frozenset({"imap", "starmap"})
_POOLS = frozenset({"imap", "starmap", "submit"})
_POOL = re.compile(r"pool|pile|executor|workers", re.I)
"""Words of what bounds how many run."""
_WAITING = "eventlet.tpool.execute"
"""A call that comes back when the function is done."""
_ROUNDS = 3
"""How many wrappers may stand around one another."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ENDINGS = (ast.Return, ast.Break, ast.Raise)


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """A call that starts functions of the repository.

    :param call: the call.
    :param api: what is called, such as ``eventlet.spawn`` or ``GreenPool.spawn_n``.
    :param target: the argument that is the function.
    :param targets: the functions that it may be.
    :param inside: the function that holds the call, if any.
    :param loop: the loop around the call, if it is started more than once.
    :param pooled: by a pool or executor, which bounds how many run.
    :param alone: the pool runs one at a time, or each is waited for before the next.
    """

    call: Place
    api: str
    often: Often
    target: ast.expr
    targets: tuple[Definition, ...]
    inside: Definition | None
    loop: ast.AST | None
    pooled: bool
    alone: bool

    @property
    def place(self) -> str:
        """``path:line`` of the call."""
        return f"{self.call.module.path}:{self.call.node.lineno}"


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """A function of the repository that starts what one of its parameters is."""

    slot: _Slot
    often: Often
    pooled: bool
    alone: bool


@dataclass(eq=False)
class Starts:
    """Every start that is in sight.

    :param program: the repository as far as it may be looked at.
    :param origins: the objects that Eventlet made, with their uses.
    """

    program: Program
    origins: Iterable[Origin]
    _wrappers: dict[Definition, _Wrapper] = field(default_factory=dict)
    _seen: dict[int, Start] = field(default_factory=dict)

    @cached_property
    def found(self) -> tuple[Start, ...]:
        """In order of place."""
        for place, api, slot in self._calls():
            self._add(place, api, slot)
        known: set[Definition] = set()
        for _ in range(_ROUNDS):
            fresh = [each for each in self._wrappers if each not in known]
            known.update(fresh)
            for each in fresh:
                self._callers(each)
        return tuple(sorted(self._seen.values(), key=_order))

    @property
    def names(self) -> Names:
        """The names of the repository."""
        return self.program.names

    # -- which calls start something ----------------------------------------

    def _calls(self) -> Iterator[tuple[Place, str, _Slot]]:
        for calls in self._members.values():
            for origin, member in calls:
                if member.name in _METHODS or member.name == "link":
                    slot = _METHODS.get(member.name, (0, "func"))
                    yield member.place.up(), f"{origin.kind}.{member.name}", slot
        for module in map(self.program.project.module, self.program.project.paths):
            if module is not None:
                yield from self._named(module)
                yield from self._methods(module)

    @cached_property
    def _members(self) -> dict[int, list[tuple[Origin, Member]]]:
        """The method calls on objects of Eventlet's, by the call."""
        found: dict[int, list[tuple[Origin, Member]]] = {}
        for origin in self.origins:
            for member in origin.members:
                if member.place.call is not None:
                    uses = found.setdefault(id(member.place.call), [])
                    uses.append((origin, member))
        return found

    @cached_property
    def _made(self) -> dict[int, Origin]:
        """The objects by what makes them."""
        return {id(origin.node): origin for origin in self.origins}

    def _named(self, module: Module) -> Iterator[tuple[Place, str, _Slot]]:
        """``eventlet.spawn(f)``, ``Thread(target=f)``, ``FixedIntervalLoopingCall``."""
        text = module.source.utf8
        words = {word for word in _WORDS if word.encode() in text}
        wanted: list[ast.Name] = []
        for name in sorted(self._roots(module, words)):
            wanted += (use.node for use in module.scopes.loads(name))
        paths = all_ancestors(module.tree, wanted) if wanted else {}
        for node in wanted:
            place = _chain(Place(module, node, paths[node]))
            if _call_with(place) is None or not _may_start(place.node):
                continue
            scope = module.scopes.scope_of(node)
            for dotted in sorted(self.names.denote(place.node, scope, module)):
                slot = _slot_of(dotted)
                if slot is not None:
                    yield from self._begun(place, canonical(dotted), slot)
                    break

    def _begun(
        self, place: Place, api: str, slot: _Slot
    ) -> Iterator[tuple[Place, str, _Slot]]:
        """The call of a starter, or those of the parameter that it is passed to."""
        if place.call is not None:
            yield place.up(), api, slot
            return
        call = place.parent
        assert isinstance(call, ast.Call)
        index = call.args.index(place.node)
        for runner in self._targets(call.func, place.module):
            parameters = _positional(runner)
            if index < len(parameters):
                for inner in _calls_of(runner, parameters[index].arg):
                    yield inner, api, slot

    def _roots(self, module: Module, words: set[str]) -> Iterator[str]:
        """The names with which an expression for one of the starters may begin."""
        for name, bindings in module.scopes.module.bindings.items():
            if name in words or any(_imports(b.alias, words) for b in bindings):
                yield name

    def _methods(self, module: Module) -> Iterator[tuple[Place, str, _Slot]]:
        """``executor.submit(f)`` on what may be any object but one of ours."""
        for place, name in _attribute_calls(module, _METHOD_CALL):
            assert isinstance(place.node, ast.Attribute)
            known = name != "spawn" or _POOL.search(ast.unparse(place.node.value))
            if known and not self._is_ours(place.node, module):
                yield place.up(), _spelling(place.node), _METHODS[name]

    def _is_ours(self, func: ast.Attribute, module: Module) -> bool:
        """Whether a method is one of the repository's, or a module's function."""
        if self.program.meanings.is_imported(func.value, module):
            return True
        return any(self.program.meanings.definitions(func, module))

    # -- what they start -------------------------------------------------------

    def _add(
        self, place: Place, api: str, slot: _Slot, through: _Wrapper | None = None
    ) -> None:
        """A start, or a wrapper around one, if the argument says which function."""
        call = place.node
        assert isinstance(call, ast.Call)
        target = _given(call, slot)
        if target is None or id(call) in self._seen:
            return
        targets = tuple(self._targets(target, place.module))
        start = self._start(place, api, target, targets, through)
        for index, name in self._parameters(start):
            assert start.inside is not None
            wrapper = _Wrapper((index, name), start.often, start.pooled, start.alone)
            self._wrappers.setdefault(start.inside, wrapper)
        if targets:
            self._seen[id(call)] = start

    def _start(
        self,
        place: Place,
        api: str,
        target: ast.expr,
        targets: tuple[Definition, ...],
        through: _Wrapper | None,
    ) -> Start:
        method = api.rpartition(".")[2]
        often, loop = frequency(place)
        if often == "once" and through is not None:
            often = through.often
            loop = place.node if often != "once" else None
        elif method in _TIMERS or method.endswith(_LOOPING):
            often = "timer"
        elif method in _MAPPING and often == "once":
            often, loop = "loop", place.node
        owner = api.removesuffix(method)
        pooled = method in _POOLS or _POOL.search(owner) is not None
        alone = (
            api == _WAITING
            or self._one_at_a_time(place)
            or self._waited_for(place, loop)
        )
        if through is not None:
            pooled, alone = through.pooled, alone or through.alone
        inside = self._around(place)
        return Start(place, api, often, target, targets, inside, loop, pooled, alone)

    def _one_at_a_time(self, place: Place) -> bool:
        """Whether the pool that starts it was made for one thread, and stays so."""
        uses = self._members.get(id(place.node), ())
        return any(_is_for_one(pool) for pool, _ in uses)

    def _waited_for(self, place: Place, loop: ast.AST | None) -> bool:
        """Whether the same round of a loop waits for what it started."""
        origin = self._made.get(id(place.node))
        if origin is None or loop is None:
            return False
        return any(
            member.name in ("wait", "join", "result") and loop in member.place.parents
            for member in origin.members
        )

    def _targets(self, expr: ast.expr, module: Module) -> Iterator[Definition]:
        """The functions of the repository that an argument may be."""
        if (
            isinstance(expr, ast.Call)
            and last_name(expr.func) == "partial"
            and expr.args
        ):
            yield from self._targets(expr.args[0], module)
        else:
            for found in self.program.meanings.definitions(expr, module):
                if found is not None and isinstance(found.node, FUNCTIONS):
                    yield found

    def _around(self, place: Place) -> Definition | None:
        function = self.program.places.function_of(place)
        return Definition(place.module, function) if function else None

    # -- wrappers of the repository's own ----------------------------------------

    def _parameters(self, start: Start) -> Iterator[_Slot]:
        """The parameter that the function around a start passes on to it, if one is."""
        inside = start.inside.node if start.inside is not None else None
        if inside is None or isinstance(inside, (ast.Lambda, ast.ClassDef)):
            return
        names = {n.id for n in ast.walk(start.target) if isinstance(n, ast.Name)}
        for each in start.targets:
            if each.node in inside.body or isinstance(each.node, ast.Lambda):
                names |= set(_called(each.node))
        is_method = self.program.places.class_of(start.call.module, inside) is not None
        assert start.inside is not None
        for index, parameter in enumerate(_positional(start.inside)):
            if parameter.arg in names and index >= is_method:
                yield index - is_method, parameter.arg
                return

    def _callers(self, wrapper: Definition) -> None:
        """The calls of a wrapper start what they pass to it."""
        name = getattr(wrapper.node, "name", "")
        through = self._wrappers[wrapper]
        api = ".".join(filter(None, (wrapper.module.name, name)))
        for place in Callers(self.program).of(wrapper):
            self._add(place, api, through.slot, through)


# -- how often -------------------------------------------------------------------


def frequency(place: Place) -> tuple[Often, ast.AST | None]:
    """How often an expression is evaluated when the code around it runs, and the loop.

    A loop that is left right after is none.
    """
    below: ast.AST = place.node
    for node in reversed(place.parents):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(node, ast.Return) or _is_last_round(node, below):
            break
        if isinstance(node, _COMPREHENSIONS):
            return "loop", node
        if isinstance(node, _LOOPS) and below in node.body:
            return ("forever" if is_endless(node) else "loop"), node
        below = node
    return "once", None


def is_endless(loop: ast.AST) -> bool:
    """``while True`` and ``for x in itertools.count()``."""
    if isinstance(loop, ast.While):
        return isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    iterated = getattr(loop, "iter", None)
    return called_name(iterated) in ("count", "cycle")


def _is_last_round(node: ast.AST, below: ast.AST) -> bool:
    """Whether a block ends the loop after the statement that holds the place."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and below in block:
            return isinstance(block[-1], _ENDINGS)
    return False


# -- small facts about nodes -------------------------------------------------------

_WORDS = (_LOOPING, *sorted({name.rpartition(".")[2] for name in _NAMED}))
_METHOD_CALL = re.compile(
    rb"\.(%s)\(\s*(?!\)|['\"\[{])" % b"|".join(name.encode() for name in _METHODS)
)


def _slot_of(dotted: str) -> _Slot | None:
    """Where a function takes what it starts; None if it starts nothing."""
    if dotted.endswith(_LOOPING):
        return 0, "f"
    return _NAMED.get(canonical(dotted))


def _may_start(func: ast.expr) -> bool:
    name = last_name(func)
    return isinstance(func, ast.Name) or name in _WORDS or name.endswith(_LOOPING)


def _imports(alias: ast.alias | None, words: set[str]) -> bool:
    """Whether an import may give one of the words: as itself, or as a module's."""
    if alias is None:
        return False
    last = alias.name.rpartition(".")[2]
    return bool(words) and (last in _HOLDERS or last in words or _LOOPING in last)


_HOLDERS = frozenset({
    "eventlet", "greenthread", "threading", "tpool", "loopingcall", "hubs",
})  # fmt: skip
"""The modules that have the starters."""


def _chain(place: Place) -> Place:
    """The whole of ``a.b.c`` for its ``a``."""
    while isinstance(place.parent, ast.Attribute):
        place = place.up()
    return place


def _attribute_calls(
    module: Module, pattern: re.Pattern[bytes]
) -> Iterator[tuple[Place, str]]:
    """The attributes that are called where a pattern finds their names."""
    for found in pattern.finditer(module.source.utf8):
        name = found[1].decode()
        path = attribute_at(module, found.end(1), name)
        if path is not None:
            node = path.pop()
            assert isinstance(node, ast.Attribute)
            place = Place(module, node, path)
            if place.call is not None:
                yield place, name


def _is_for_one(pool: Origin) -> bool:
    """``GreenPool(1)``, ``ThreadPoolExecutor(max_workers=1)``."""
    if not isinstance(pool.node, ast.Call) or any(
        member.name == "resize" for member in pool.members
    ):
        return False
    sizes = [*pool.node.args[:1], *(k.value for k in pool.node.keywords)]
    return any(isinstance(s, ast.Constant) and s.value == 1 for s in sizes)


def _call_with(place: Place) -> ast.AST | None:
    """The call of an expression, or the one that it is an argument of."""
    above = place.parent
    if isinstance(above, ast.Call) and (
        above.func is place.node or place.node in above.args
    ):
        return above
    return None


def _calls_of(function: Definition, name: str) -> Iterator[Place]:
    """The calls of a name within a function."""
    tree = function.module.tree
    for node in ast.walk(function.node):
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and getattr(func, "id", "") == name:
            yield Place(function.module, node, ancestors(tree, node))


def _positional(function: Definition) -> list[ast.arg]:
    """The parameters of a function that a position can give."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    return [*arguments.posonlyargs, *arguments.args]


def _called(function: ast.AST) -> Iterator[str]:
    """The plain names that are called within a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def _given(call: ast.Call, slot: _Slot) -> ast.expr | None:
    """The argument in a slot."""
    position, keyword = slot
    for each in call.keywords:
        if each.arg == keyword:
            return each.value
    before = call.args[: position + 1]
    if len(before) <= position or any(isinstance(a, ast.Starred) for a in before):
        return None
    return before[-1]


def _spelling(func: ast.Attribute) -> str:
    """The last words of a method: ``executor.submit``."""
    owner = last_name(func.value)
    return f"{owner}.{func.attr}" if owner else func.attr


def _order(start: Start) -> tuple[str, int, int]:
    node = start.call.node
    return start.call.module.path, node.lineno, node.col_offset
