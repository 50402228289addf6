"""What a function does to state that others share: of its module, its object or class.

A single store, ``append`` or ``pop`` is one step to every interpreter, and no hazard by
itself. What takes two steps is: to read a value and write what was made of it, and to
look first and act on what was seen. Local variables belong to nobody else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from deventlet.resolve.chains import called_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind
from deventlet.resolve.threads import Threads
from deventlet.resolve.values import Place
from deventlet.resolve.values.definitions import Definition, decorator_names
from deventlet.resolve.values.program import Program

_VALUES = frozenset({
    BindingKind.ASSIGN, BindingKind.ANNOTATION, BindingKind.AUGMENTED,
    BindingKind.UNPACK, BindingKind.FOR, BindingKind.WITH, BindingKind.DELETE,
})  # fmt: skip
_CONTAINERS = frozenset({
    "list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter",
    "WeakValueDictionary", "WeakKeyDictionary", "WeakSet",
})  # fmt: skip
_DISPLAYS = (
    *(ast.List, ast.Dict, ast.Set),
    *(ast.ListComp, ast.DictComp, ast.SetComp),
)
_METHODS: Mapping[str, Literal["put", "taken"]] = {
    **dict.fromkeys(
        ("append", "appendleft", "add", "insert", "extend", "update"), "put"
    ),
    **dict.fromkeys(("pop", "popleft", "popitem", "remove"), "taken"),
}
"""Methods that change a container; ``discard``, ``setdefault`` and ``clear`` do so in
one step whatever was there."""
_OWN = re.compile(r"(?:^|_)(?:thread_?)?local(?:s|$)|(?:^|_)tls", re.I)
"""Words of what belongs to one thread."""
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True, slots=True, order=True)
class State:
    """Something that outlives a call.

    :param owner: the file and what in it has the state: a class, or nothing.
    :param name: the name or the attribute.
    :param is_instance: each object of the class has its own.
    """

    owner: tuple[str, str]
    name: str
    is_instance: bool

    def __str__(self) -> str:
        return f"{self.owner[1]}.{self.name}" if self.owner[1] else self.name


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """A place that changes a state.

    :param how: a name is ``bound`` anew, something is ``put`` into a container or
        ``taken`` out of it.
    :param in_steps: it is done in more than one: read and write, or look and act.
    :param of_own: only the item is changed that the function is given by its caller.
    """

    state: State
    place: Place
    how: Literal["bound", "put", "taken"]
    in_steps: bool
    of_own: bool
    locked: bool

    @property
    def line(self) -> int:
        """Where it is."""
        return self.place.node.lineno


@dataclass(frozen=True, slots=True)
class _Look:
    """An ``if`` or ``while`` that looks at states, some as containers."""

    place: Place
    states: frozenset[State]
    containers: frozenset[State]

    def is_before(self, change: Change) -> bool:
        """Whether a change acts on what was seen here."""
        if change.how == "taken" and change.state in self.states:
            return self._leads_to(change.place)
        if isinstance(self.place.node, ast.While):
            return False
        wanted = self.states if change.how == "bound" else self.containers
        return change.state in wanted and self._leads_to(change.place)

    def _leads_to(self, place: Place) -> bool:
        node: ast.AST = self.place.node
        if node in place.parents:
            return not _is_flag(node, place)
        if not isinstance(node, ast.If) or not isinstance(node.body[-1], _LEAVES):
            return False
        path = [*place.parents, place.node]
        return any(each in path for each in _behind(self.place))


@dataclass(frozen=True, slots=True)
class Changes:
    """What functions change."""

    threads: Threads

    @property
    def program(self) -> Program:
        """The repository."""
        return self.threads.program

    def of(self, function: Definition) -> Iterator[Change]:
        """Every change of shared state in a function's own body."""
        places = list(self.threads.places(function, *_STEPS, *_LOOKS, ast.Call))
        changes = list(self._changes(function, places))
        states = {change.state for change in changes}
        looks = list(self._looks(places)) if states else []
        for change in changes:
            acts = any(look.is_before(change) for look in looks)
            yield replace(change, in_steps=True) if acts else change

    def _changes(
        self, function: Definition, places: Iterable[Place]
    ) -> Iterator[Change]:
        held = self.threads.locks.throughout(function)
        for place in places:
            for expr, how in _changed(place.node):
                state = self.state(expr, place.module)
                if state is not None and self._is_meant(expr, place):
                    locked = held or self.threads.locks.around(place)
                    reads = _reads(place.node, expr)
                    own = _is_given(_key(place.node, expr), function.node)
                    yield Change(state, place, how, reads, own, locked)

    def _is_meant(self, expr: ast.expr, place: Place) -> bool:
        """A method changes a container, if that is what it is called on."""
        if not isinstance(place.node, ast.Call):
            return True
        made = self.threads.locks.made(expr, place.module)
        return any(
            isinstance(each, _DISPLAYS) or called_name(each) in _CONTAINERS
            for each in made
        )

    def _looks(self, places: Iterable[Place]) -> Iterator[_Look]:
        for place in places:
            node: ast.AST = place.node
            if isinstance(node, _LOOKS):
                module = place.module
                states = self._states(ast.walk(node.test), module)
                if states:
                    inside = self._states(_containers(node.test), module)
                    yield _Look(place, states, inside)

    def _states(self, nodes: Iterable[ast.AST], module: Module) -> frozenset[State]:
        found = (
            self.state(each, module)
            for each in nodes
            if isinstance(each, (ast.Name, ast.Attribute))
        )
        return frozenset(state for state in found if state is not None)

    # -- whose state it is ---------------------------------------------------------

    def state(self, expr: ast.expr, module: Module) -> State | None:
        """The shared state that an expression is, or is an item of."""
        while isinstance(expr, ast.Subscript):
            expr = expr.value
        if isinstance(expr, ast.Name):
            return self._global(expr, module)
        if isinstance(expr, ast.Attribute) and isinstance(expr.value, ast.Name):
            return self._attribute(expr, expr.value, module)
        return None

    def _global(self, name: ast.Name, module: Module) -> State | None:
        table = module.scopes
        if table.resolve(name.id, table.scope_of(name)) is not table.module:
            return None
        bindings = table.module.bindings[name.id]
        if not all(binding.kind in _VALUES for binding in bindings):
            return None
        if any(each.value and _is_own(called_name(each.value)) for each in bindings):
            return None
        return State((module.path, ""), name.id, False)

    def _attribute(
        self, expr: ast.Attribute, owner: ast.Name, module: Module
    ) -> State | None:
        own = self.program.places.self_class(owner, module)
        if own is not None:
            made = self.threads.locks.made(expr, module)
            if _is_own(expr.attr) or any(_is_own(called_name(e)) for e in made):
                return None
            return self._of_class(own, expr.attr, not self._is_class(owner, module))
        for found in self.program.meanings.definitions(owner, module):
            if found is not None and isinstance(found.node, ast.ClassDef):
                return self._of_class(found, expr.attr, False)
        return None

    def _of_class(self, owner: Definition, name: str, is_instance: bool) -> State:
        """The state belongs to the last of the classes above that assign it."""
        above = [each for each in self.program.classes.bases(owner) if each is not None]
        while above:
            each = above.pop()
            if name in self.program.classes.stores(each):
                owner, above = each, []
            above += [b for b in self.program.classes.bases(each) if b is not None]
        assert isinstance(owner.node, ast.ClassDef)
        return State((owner.module.path, owner.node.name), name, is_instance)

    def _is_class(self, owner: ast.Name, module: Module) -> bool:
        """Whether the first parameter of a method is the class."""
        scope = module.scopes.resolve(owner.id, module.scopes.scope_of(owner))
        return scope is not None and "classmethod" in decorator_names(scope.node)


# -- small facts about nodes ---------------------------------------------------------

_STEPS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)
_LOOKS = (ast.If, ast.While)
_How: TypeAlias = Literal["bound", "put", "taken"]


def _changed(node: ast.AST) -> Iterator[tuple[ast.expr, _How]]:
    """The expressions whose state a node changes."""
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        if node.value is not None:
            yield node.target, _stored(node.target)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from ((each, _stored(each)) for each in parts)
    elif isinstance(node, ast.Delete):
        yield from ((each, "taken") for each in node.targets)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        how = _METHODS.get(node.func.attr)
        if how is not None and not _is_total(node):
            yield node.func.value, how


def _stored(target: ast.expr) -> _How:
    return "put" if isinstance(target, ast.Subscript) else "bound"


def _is_total(call: ast.Call) -> bool:
    """``d.pop(key, None)`` does not mind whether the key was there."""
    return getattr(call.func, "attr", "") == "pop" and len(call.args) > 1


def _reads(node: ast.AST, target: ast.expr) -> bool:
    """Whether what is written is made of what was there."""
    if isinstance(node, ast.AugAssign):
        return True
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return False
    said = {ast.unparse(target)}
    if isinstance(target, ast.Subscript):
        said.add(f"{ast.unparse(target.value)}.get")
    return any(
        ast.unparse(each) in said
        for each in ast.walk(node.value)
        if isinstance(each, type(target) | ast.Attribute)
    )


def _containers(test: ast.expr) -> Iterator[ast.expr]:
    """What a test looks into: ``k in d``, ``d.get(k)``, ``len(d)``."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            if any(isinstance(each, (ast.In, ast.NotIn)) for each in node.ops):
                yield from node.comparators
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get":
                yield node.func.value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len":
            yield from node.args


def _is_flag(node: ast.AST, place: Place) -> bool:
    """``if not self.stopped: self.stopped = True``: whoever does it, the same is so."""
    block = [*getattr(node, "body", ()), *getattr(node, "orelse", ())]
    return isinstance(place.node, ast.Assign) and all(
        isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
        for each in block
    )


def _key(node: ast.AST, target: ast.expr) -> ast.expr | None:
    """Which item of a container is changed."""
    if isinstance(target, ast.Subscript):
        return target.slice
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return node.args[0]
    return None


def _is_given(key: ast.expr | None, function: ast.AST) -> bool:
    """Whether an item is named by a parameter, or by what one is made of."""
    arguments = getattr(function, "args", None)
    if key is None or not isinstance(arguments, ast.arguments):
        return False
    given = {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}
    given -= {"self", "cls"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _root(node.value) in given:
            given |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    return any(_root(each) in given for each in parts)


def _root(expr: ast.expr) -> str:
    """The name with which ``a.b[0].c`` begins."""
    while isinstance(expr, (ast.Attribute, ast.Subscript)):
        expr = expr.value
    return expr.id if isinstance(expr, ast.Name) else ""


def _behind(place: Place) -> list[ast.stmt]:
    """The statements after one in its block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(place.parent, name, None)
        if isinstance(block, list) and place.node in block:
            return block[block.index(place.node) + 1 :]
    return []


def _is_own(name: str) -> bool:
    return _OWN.search(name) is not None
