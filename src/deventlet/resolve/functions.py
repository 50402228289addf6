"""What the functions of the repository do that matters where a thread runs them.

Ends the process, never ends, catches what kills a green thread, reads what is stored
only after the thread has started: read off the bodies, and those of the functions that
they call. What is not the repository's is not looked into, and the answer says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from deventlet.resolve.facts import Function, Late
from deventlet.resolve.project import Module
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import FUNCTIONS, Definition, Program

_DEPTH = 4
_MOST = 60
"""How far calls are followed, and into how many functions."""

_EXITS = frozenset({"SystemExit", "KeyboardInterrupt"})
_KILLED = "GreenletExit"
_OF_MAIN_THREAD = frozenset({
    "signal.signal", "signal.set_wakeup_fd", "signal.setitimer", "os.fork",
})  # fmt: skip
_LAUNCHERS = frozenset({"ProcessLauncher", "ServiceLauncher", "launch_service"})
_LETS_RUN = frozenset({
    "acquire", "get", "join", "result", "sleep", "switch", "wait", "waitall",
})  # fmt: skip
"""Calls during which a green thread that was started before has begun to run."""


@dataclass(eq=False)
class Functions:
    """Answers about the functions of one program."""

    program: Program

    def named(self, expr: ast.expr, module: Module) -> tuple[Function | None, ...]:
        """The functions that an expression may be; None for what is not ours."""
        found = self._definitions(expr, module)
        return tuple(self._told(each) if each else None for each in found)

    def _definitions(self, expr: ast.expr, module: Module) -> list[Definition | None]:
        """The definitions of an expression, overriding methods included."""
        if isinstance(expr, ast.Call) and _last(expr.func) == "partial" and expr.args:
            return self._definitions(expr.args[0], module)
        table = _table(expr, module)
        if table is not None:
            found = [f for each in table for f in self._definitions(each, module)]
            return [each for each in found if each is not None] or [None]
        found = list(self.program.definitions(expr, module))
        if isinstance(expr, ast.Attribute):
            receiver = self.program.receiver(expr.value, module)
            for owner in sorted(receiver.classes, key=lambda c: c.node.lineno):
                for each in self.program.overriding(owner, expr.attr):
                    found += [each] if each not in found else []
        return [
            each if each and isinstance(each.node, FUNCTIONS) else None
            for each in found
        ]

    def _told(self, function: Definition) -> Function:
        reached = self._reached(function)
        return Function(
            _name(function),
            _where(function.module, function.node),
            next(_places(reached, _exit), ""),
            next(_places([function], _endless), ""),
            next(_places(reached, _catches_kill), ""),
            next(_places(reached, _asks_for_itself), ""),
            next(_places(reached, _needs_main_thread), ""),
            _parameters(self.program, function),
        )

    def _reached(self, function: Definition) -> list[Definition]:
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

    def _called_by(self, function: Definition) -> Iterator[Definition]:
        for node in _body(function):
            if isinstance(node, ast.Call):
                yield from filter(None, self._definitions(node.func, function.module))

    # -- what is stored too late -------------------------------------------

    def late(self, place: Place, expr: ast.expr) -> Late:
        """What the function that a call starts uses, but its caller stores later.

        :param place: the call.
        :param expr: the function.
        """
        used: dict[str, str] = {}
        own = self.program.function_of(place)
        for each in filter(None, self._definitions(expr, place.module)):
            for reached in self._reached(each):
                used = dict(self._used(reached, own)) | used
        here, later = _stored(place)
        return Late(_first(here, used), _first(later, used))

    def _used(
        self, function: Definition, outer: ast.AST | None
    ) -> Iterator[tuple[str, str]]:
        """The attributes that a function reads or binds, and the names of an outer one.

        A method that is called is none of them.
        """
        nodes, scopes = list(_body(function)), function.module.scopes
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            where = _where(function.module, node)
            if isinstance(node, ast.Attribute) and id(node) not in called:
                yield f".{node.attr}", where
            elif isinstance(node, ast.Name) and outer is not None:
                owner = scopes.resolve(node.id, scopes.scope_of(node))
                if owner is not None and owner.node is outer:
                    yield node.id, where


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


def _first(stored: Iterator[str], used: dict[str, str]) -> str:
    return next((f"{n.lstrip('.')} at {used[n]}" for n in stored if n in used), "")


def _stored(place: Place) -> tuple[Iterator[str], Iterator[str]]:
    """What the statement of a call stores, and what those behind it store.

    Those up to the first that lets other threads run.
    """
    around = [*place.parents, place.node]
    holder = next((n for n in reversed(around) if isinstance(n, ast.stmt)), None)
    later: list[ast.stmt] = []
    for above, below in zip(around[-2::-1], around[:0:-1], strict=True):
        later += _behind(above, below)
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
    return _targets([holder] if holder is not None else []), _targets(_until_run(later))


def _behind(above: ast.AST, below: ast.AST) -> list[ast.stmt]:
    """The statements of a block that follow one of them."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, None)
        if isinstance(block, list) and below in block:
            return list(block[block.index(below) + 1 :])
    return []


def _until_run(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    for each in statements:
        yield each
        simple = isinstance(each, (ast.Expr, ast.Assign, ast.Return, ast.Raise))
        if isinstance(each, (ast.Return, ast.Raise)) or (simple and _lets_run(each)):
            return


def _lets_run(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call) and _last(node.func) in _LETS_RUN
        for node in ast.walk(statement)
    )


def _targets(statements: Iterator[ast.stmt] | list[ast.stmt]) -> Iterator[str]:
    """The names and attributes that statements store, attributes with a dot."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(getattr(node, "ctx", None), ast.Load):
                continue
            if isinstance(node, ast.Attribute):
                yield f".{node.attr}"
            elif isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Subscript):
                yield from _held_by(node)


def _held_by(node: ast.Subscript) -> Iterator[str]:
    """The container that something is put into."""
    if isinstance(node.value, ast.Attribute):
        yield f".{node.value.attr}"
    elif isinstance(node.value, ast.Name):
        yield node.value.id


# -- small facts about bodies --------------------------------------------------------


def _body(function: Definition) -> Iterator[ast.AST]:
    body = function.node.body
    for each in body if isinstance(body, list) else [body]:
        yield from ast.walk(each)


def _exit(node: ast.AST) -> bool:
    """``sys.exit()``, ``raise SystemExit``: the whole process ends under Eventlet."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("sys.exit", "exit", "quit")
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return _last(raised) in _EXITS
    return False


def _catches_kill(node: ast.AST) -> bool:
    caught = isinstance(node, ast.ExceptHandler) and node.type is not None
    return caught and any(_last(n) == _KILLED for n in ast.walk(node.type))  # type: ignore[attr-defined]


def _asks_for_itself(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) == "getcurrent"


def _needs_main_thread(node: ast.AST) -> bool:
    """What only the main thread may do, or what forks the process."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    return name in _OF_MAIN_THREAD or _last(node.func) in _LAUNCHERS


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


def _places(functions: list[Definition], test: object) -> Iterator[str]:
    """Where the bodies of functions have what is looked for."""
    assert callable(test)
    for function in functions:
        for node in _body(function):
            if test(node):
                yield _where(function.module, node)


def _parameters(program: Program, function: Definition) -> tuple[str, ...]:
    """The parameters that may be given by keyword, as a caller counts them."""
    node = function.node
    assert isinstance(node, FUNCTIONS)
    names = [each.arg for each in node.args.args]
    is_method = program.class_of(function.module, node) is not None
    return tuple(names[1:] if is_method and not _is_static(node) else names)


def _is_static(node: ast.AST) -> bool:
    return any(_last(d) == "staticmethod" for d in getattr(node, "decorator_list", ()))


def _name(function: Definition) -> str:
    return getattr(function.node, "name", "the lambda")


def _where(module: Module, node: ast.AST) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 0)}"


def _last(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
