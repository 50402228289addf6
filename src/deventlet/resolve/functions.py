"""What the functions of the repository do that matters where a thread runs them.

Ends the process, never ends, catches what kills a green thread: read off the bodies,
and those of the functions that they call. What is not the repository's is not looked
into, and the answer says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deventlet.resolve.branches import Branches
from deventlet.resolve.chains import called_name, dotted, last_name
from deventlet.resolve.facts import Function
from deventlet.resolve.project import Module
from deventlet.resolve.values.computed import lookups_of
from deventlet.resolve.values.definitions import FUNCTIONS, Definition
from deventlet.resolve.values.program import Program

_T = TypeVar("_T")
_DEPTH = 4
_MOST = 60
"""How far calls are followed, and into how many functions."""

_EXITS = frozenset({"SystemExit", "KeyboardInterrupt"})
_ENDING = frozenset({"sys.exit", "exit", "quit"})
_KILLED = "GreenletExit"
_OF_MAIN_THREAD = frozenset({
    "signal.signal", "signal.set_wakeup_fd", "signal.setitimer", "os.fork",
})  # fmt: skip
_ASKED = (ast.Call, ast.Raise, ast.ExceptHandler, ast.While)
"""The nodes that a body is asked for."""
_LAUNCHERS = frozenset({"ProcessLauncher", "ServiceLauncher", "launch_service"})


@dataclass(frozen=True, slots=True)
class _Body:
    """What one walk over a function's body finds, the functions in it included.

    :param calls: in the order of ``ast.walk``, as the first places are.
    :param exits: where it first has what ends the process, and so on for the others;
        empty if nowhere.
    """

    calls: tuple[ast.Call, ...]
    exits: str
    endless: str
    caught: str
    current: str
    main: str


@dataclass(eq=False)
class Functions:
    """Answers about the functions of one program; each body is walked once."""

    program: Program
    _bodies: dict[Definition, _Body] = field(default_factory=dict)
    _called: dict[Definition, tuple[Definition, ...]] = field(default_factory=dict)
    _known: dict[Definition, Function] = field(default_factory=dict)
    _said: dict[Callable[[Functions], Any], Any] = field(default_factory=dict)

    def once(self, read: Callable[[Functions], _T]) -> _T:
        """What a function reads off all of them, which is remembered."""
        if read not in self._said:
            self._said[read] = read(self)
        said: _T = self._said[read]
        return said

    def named(self, expr: ast.expr, module: Module) -> tuple[Function | None, ...]:
        """The functions that an expression may be; None for what is not ours.

        What ends the process, or is for the main thread, is known wherever it is from.
        """
        foreign = _foreign(expr, module)
        if foreign is not None:
            return (foreign,)
        found = self.definitions(expr, module)
        return tuple(self._told(each) if each else None for each in found)

    def definitions(self, expr: ast.expr, module: Module) -> list[Definition | None]:
        """The definitions of an expression, overriding methods included."""
        expr = _without_partial(expr, module)
        made = list(self._called_objects(expr, module))
        if made:
            return [*made]
        table = _table(expr, module)
        if table is not None:
            found = [f for each in table for f in self.definitions(each, module)]
            return [each for each in found if each is not None] or [None]
        found = list(self.program.meanings.definitions(expr, module))
        if isinstance(expr, ast.Attribute):
            receiver = self.program.receivers.receiver(expr.value, module)
            for owner in sorted(receiver.classes, key=lambda c: c.node.lineno):
                for each in self.program.classes.overriding(owner, expr.attr):
                    found += [each] if each not in found else []
        return [
            each if each and isinstance(each.node, FUNCTIONS) else None
            for each in found
        ]

    def _called_objects(self, expr: ast.expr, module: Module) -> Iterator[Definition]:
        """``__call__`` of an object that is made there, or by the name's one value."""
        value = _value(expr, module)
        if isinstance(value, ast.Call):
            for each in self.program.meanings.definitions(value.func, module):
                if each is not None and isinstance(each.node, ast.ClassDef):
                    for found in self.program.classes.methods(each, "__call__"):
                        if isinstance(found.node, FUNCTIONS):
                            yield found

    def _told(self, function: Definition) -> Function:
        if function not in self._known:
            self._known[function] = self._tell(function)
        return self._known[function]

    def _tell(self, function: Definition) -> Function:
        bodies = [self._body(each) for each in self.reached(function)]
        return Function(
            _name(function),
            where_is(function.module, function.node),
            next((b.exits for b in bodies if b.exits), ""),
            self._body(function).endless,
            next((b.caught for b in bodies if b.caught), ""),
            next((b.current for b in bodies if b.current), ""),
            self._main(function, next((b.main for b in bodies if b.main), "")),
            _parameters(self.program, function),
        )

    def _main(self, function: Definition, place: str) -> str:
        """A place for the main thread, if constants of calls do not pass it over."""
        branches = Branches(self.program, self.definitions, _DEPTH, _MOST)
        taken = bool(place) and branches.has(function, _needs_main_thread)
        return place if taken else ""

    def _body(self, function: Definition) -> _Body:
        if function not in self._bodies:
            self._bodies[function] = _look_into(function)
        return self._bodies[function]

    def reached(self, function: Definition) -> list[Definition]:
        """A function and those that it calls, as far as they are followed."""
        found, edge = {function: None}, [function]
        for _ in range(_DEPTH):
            edge = [
                called
                for each in edge
                for called in self._called_by(each)
                if called not in found
            ]
            found.update(dict.fromkeys(edge[: _MOST - len(found)]))
        return list(found)

    def _called_by(self, function: Definition) -> tuple[Definition, ...]:
        if function not in self._called:
            self._called[function] = tuple(
                found
                for call in self._body(function).calls
                for found in (
                    *self.definitions(call.func, function.module),
                    *self._looked_up(call, function.module),
                )
                if found is not None
            )
        return self._called[function]

    def _looked_up(self, call: ast.Call, module: Module) -> Iterator[Definition]:
        """The methods that ``getattr(self, f"_{name}_action")`` may be, to call them.

        Not where any name may be meant: a thread would run all that there is.
        """
        for lookup in lookups_of(self.program, module, call):
            if lookup.owner is None or not lookup.is_told:
                continue
            for owner in self.program.receivers.receiver(lookup.owner, module).classes:
                for method in self._methods(owner):
                    yield from [method] if lookup.may_be(_name(method)) else []

    def _methods(self, owner: Definition) -> Iterator[Definition]:
        """The methods of a class, of its bases and of those that derive from it."""
        classes = {
            owner,
            *self.program.classes.above(owner),
            *self.program.classes.below(owner),
        }
        for each in sorted(classes, key=lambda c: (c.module.path, c.node.lineno)):
            body = each.node.body
            for node in body if isinstance(body, list) else ():
                if isinstance(node, FUNCTIONS):
                    yield Definition(each.module, node)


def _value(expr: ast.expr, module: Module) -> ast.expr:
    """What a name is bound to, if it is a call and nothing else; or the expression."""
    if not isinstance(expr, ast.Name):
        return expr
    found = module.scopes.bindings(expr.id, module.scopes.scope_of(expr))
    value = found[0].value if len(found) == 1 else None
    return value if isinstance(value, ast.Call) else expr


def _without_partial(expr: ast.expr, module: Module, hops: int = 3) -> ast.expr:
    """``f`` of ``functools.partial(f, x)``, also by the one name of the latter."""
    match _value(expr, module):
        case ast.Call(func=func, args=[first, *_]) if hops:
            if last_name(func) == "partial" and not isinstance(first, ast.Starred):
                return _without_partial(first, module, hops - 1)
    return expr


def _foreign(expr: ast.expr, module: Module) -> Function | None:
    """``sys.exit`` itself, or what only the main thread may do, as what is run."""
    named = _without_partial(expr, module)
    name, place = dotted(named), where_is(module, named)
    exits, main = name in _ENDING, name in _OF_MAIN_THREAD
    if not (exits or main):
        return None
    return Function(
        name, place, place if exits else "", "", "", "", place if main else "", ()
    )


def _table(expr: ast.expr, module: Module, hops: int = 3) -> list[ast.expr] | None:
    """The names in a list or dict that is written down, where one of it is taken."""
    inner = expr
    while isinstance(inner, ast.Subscript):
        inner = inner.value
    if not isinstance(inner, ast.Name) or not hops:
        return None
    found = module.scopes.bindings(inner.id, module.scopes.scope_of(inner))
    value = found[0].value if len(found) == 1 else None
    if isinstance(value, ast.Subscript):
        return _table(value, module, hops - 1)
    if inner is expr or not isinstance(value, (ast.Dict, ast.List, ast.Tuple)):
        return None
    return [n for n in ast.walk(value) if isinstance(n, (ast.Name, ast.Attribute))]


# -- small facts about bodies --------------------------------------------------------


def body_of(function: Definition) -> Iterator[ast.AST]:
    """Every node of a function's body, those of functions in it included."""
    body = function.node.body
    for each in body if isinstance(body, list) else [body]:
        yield from ast.walk(each)


def _look_into(function: Definition) -> _Body:
    """What there is in a function's body: most of it is nothing that is asked for."""
    asked = [node for node in body_of(function) if isinstance(node, _ASKED)]

    def first(test: Callable[[ast.AST], bool]) -> str:
        return next((where_is(function.module, n) for n in asked if test(n)), "")

    return _Body(
        tuple(node for node in asked if isinstance(node, ast.Call)),
        first(_exit),
        first(_endless),
        first(_catches_kill),
        first(_asks_for_itself),
        first(_needs_main_thread),
    )


def _exit(node: ast.AST) -> bool:
    """``sys.exit()``, ``raise SystemExit``: the whole process ends under Eventlet."""
    if isinstance(node, ast.Call):
        return dotted(node.func) in _ENDING
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return last_name(raised) in _EXITS
    return False


def _catches_kill(node: ast.AST) -> bool:
    caught = isinstance(node, ast.ExceptHandler) and node.type is not None
    return caught and any(last_name(n) == _KILLED for n in ast.walk(node.type))  # type: ignore[attr-defined]


def _asks_for_itself(node: ast.AST) -> bool:
    return called_name(node) == "getcurrent"


def _needs_main_thread(node: ast.AST) -> bool:
    """What only the main thread may do, or what forks the process."""
    if not isinstance(node, ast.Call):
        return False
    return dotted(node.func) in _OF_MAIN_THREAD or last_name(node.func) in _LAUNCHERS


def _endless(node: ast.AST) -> bool:
    """``while True:`` without ``break`` or ``return``."""
    if not (isinstance(node, ast.While) and isinstance(node.test, ast.Constant)):
        return False
    return bool(node.test.value) and not any(_ends(each) for each in node.body)


def _ends(node: ast.AST, in_loop: bool = False) -> bool:
    """Whether a statement leaves the loop around it."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and not in_loop):
        return True
    inner = in_loop or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
    return any(_ends(child, inner) for child in ast.iter_child_nodes(node))


def _parameters(program: Program, function: Definition) -> tuple[str, ...]:
    """The parameters that may be given by keyword, as a caller counts them."""
    node = function.node
    assert isinstance(node, FUNCTIONS)
    names = [each.arg for each in node.args.args]
    is_method = program.places.class_of(function.module, node) is not None
    return tuple(names[1:] if is_method and not _is_static(node) else names)


def _is_static(node: ast.AST) -> bool:
    return any(
        last_name(d) == "staticmethod" for d in getattr(node, "decorator_list", ())
    )


def _name(function: Definition) -> str:
    return getattr(function.node, "name", "the lambda")


def where_is(module: Module, node: ast.AST) -> str:
    """The path and the line of a node, as messages give them."""
    return f"{module.path}:{getattr(node, 'lineno', 0)}"
