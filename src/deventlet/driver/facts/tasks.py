"""Functions that are handed over to be run later: what they may raise and call.

Reads the source and decides nothing. What cannot be resolved is told as unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name
from deventlet.resolve.facts import Task
from deventlet.resolve.own import Kept
from deventlet.resolve.project import Module
from deventlet.resolve.values.definitions import Definition
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_MOST = 200
"""How many functions are looked at, from a task to what it calls."""
_BASE = frozenset({"SystemExit", "KeyboardInterrupt", "GreenletExit", "BaseException"})
_EXITS = frozenset({"sys.exit", "exit", "quit"})
_TIMEOUTS = frozenset({"eventlet.Timeout", "eventlet.with_timeout"})
_PARTIALS = frozenset({"functools.partial", "partial"})
_LOGGERS = frozenset({"LOG", "log", "logger", "LOGGER", "_logger", "logging", "_LOG"})
_LEVELS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tasks:
    """Answers about one state of a repository."""

    program: Program

    def of(self, expr: ast.expr, module: Module) -> Task:
        """What is known of the function that an expression gives."""
        expr = _without_partial(expr)
        if ast.unparse(expr) in _EXITS:
            return Task(known=True, ends=f"{module.path}:{expr.lineno}")
        found = self.program.meanings.definitions(expr, module)
        known = [each for each in found if each is not None]
        if not known or len(known) < len(found) or any(map(_is_class, known)):
            return Task(known=False)
        reached, _ = self.reached(known)
        ends = next((place for each in reached for place in self._ends(each)), "")
        uses = self.program.thread_locals.uses
        set_first = self._set_first(known)
        own = (p for each in reached for p in uses(each.node, each.module, set_first))
        silent = not ends and all(map(_is_silent, known))
        return Task(known=True, silent=silent, ends=ends, own=next(own, ""))

    def _set_first(self, tasks: Iterable[Definition]) -> frozenset[Kept]:
        """What each of some functions sets for its thread first, and takes back last.

        ``try: store(x) … finally: store(None)``, where ``store`` does both.
        """
        kept = [
            self.program.thread_locals.kept(store.node, store.module)
            if (store := self._storing(each)) is not None
            else frozenset[Kept]()
            for each in tasks
        ]
        return frozenset.intersection(*kept) if kept else frozenset()

    def _storing(self, task: Definition) -> Definition | None:
        """The function with which a task begins, and ends whatever happens."""
        if isinstance(task.node, ast.Lambda):
            return None
        body = [s for s in getattr(task.node, "body", []) if not _is_text(s)]
        match body:
            case [
                ast.Try(
                    body=[ast.Expr(value=ast.Call(func=first)), *_],
                    finalbody=[*_, ast.Expr(value=ast.Call(func=last, args=[given]))],
                )
            ] if _is_none(given) and ast.dump(first) == ast.dump(last):
                found = self.program.meanings.definitions(first, task.module)
                return found[0] if len(found) == 1 else None
        return None

    def reached(self, first: Iterable[Definition]) -> tuple[list[Definition], bool]:
        """Some functions and those that they call or name; False if there are more."""
        found: dict[int, Definition] = {}
        waiting = list(first)
        while waiting:
            each = waiting.pop()
            if id(each.node) in found or isinstance(each.node, ast.ClassDef):
                continue
            if len(found) >= _MOST:
                return list(found.values()), False
            found[id(each.node)] = each
            waiting += self._named(each)
        return list(found.values()), True

    def _named(self, found: Definition) -> Iterator[Definition]:
        for node in ast.walk(found.node):
            if isinstance(node, ast.Call):
                for expr in (node.func, *node.args, *(k.value for k in node.keywords)):
                    if isinstance(expr, (ast.Name, ast.Attribute)):
                        for each in self.program.meanings.definitions(
                            expr, found.module
                        ):
                            if each is not None:
                                yield from self._run_by(each)

    def _run_by(self, found: Definition) -> Iterator[Definition]:
        """What runs when a function or a class is called."""
        if isinstance(found.node, ast.ClassDef):
            yield from self.program.classes.methods(found, "__init__")
        else:
            yield found

    def _ends(self, found: Definition) -> Iterator[str]:
        """Places of a function that may raise what is no ``Exception``."""
        for node in ast.walk(found.node):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = last_name(raised)
                hit = name in _BASE
            elif isinstance(node, ast.Call):
                hit = ast.unparse(node.func) in _EXITS or self._is_timeout(
                    node.func, found.module
                )
            else:
                continue
            if hit:
                yield f"{found.module.path}:{node.lineno}"

    def _is_timeout(self, expr: ast.expr, module: Module) -> bool:
        if "imeout" not in ast.unparse(expr):
            return False
        denoted = self.program.names.denoted(expr, module)
        return any(canonical(each) in _TIMEOUTS for each in denoted)

    def comes_back(
        self, tasks: Sequence[Place], uses: Sequence[Place]
    ) -> tuple[Place | None, bool]:
        """A use that one of some tasks runs; and whether that can be told for all."""
        found: list[Definition] = []
        certain = True
        for task in tasks:
            for each in self.program.meanings.definitions(task.node, task.module):
                if each is None or _is_class(each):
                    certain = False
                else:
                    found.append(each)
        reached, complete = self.reached(found)
        inside = {id(node) for each in reached for node in ast.walk(each.node)}
        names = {
            node.attr
            for each in reached
            for node in ast.walk(each.node)
            if isinstance(node, ast.Attribute)
        }
        for use in uses:
            function = self.program.places.function_of(use)
            name = getattr(function, "name", "")
            if id(use.node) in inside or name in names:
                return use, True
        return None, certain and complete


def _without_partial(expr: ast.expr) -> ast.expr:
    """``f`` of ``functools.partial(f, x)``."""
    while (
        isinstance(expr, ast.Call)
        and ast.unparse(expr.func) in _PARTIALS
        and expr.args
        and not isinstance(expr.args[0], ast.Starred)
    ):
        expr = expr.args[0]
    return expr


def _is_class(found: Definition) -> bool:
    return isinstance(found.node, ast.ClassDef)


def _is_silent(found: Definition) -> bool:
    """Whether a function is one ``try`` that catches everything and only logs."""
    node = found.node
    if isinstance(node, (ast.Lambda, ast.ClassDef)) or node.decorator_list:
        return False
    body = [each for each in node.body if not _is_quiet(each)]
    if len(body) != 1 or not isinstance(body[0], ast.Try):
        return False
    found_try = body[0]
    quiet = all(map(_is_quiet, (*found_try.orelse, *found_try.finalbody)))
    handled = all(
        _is_quiet(each) for handler in found_try.handlers for each in handler.body
    )
    return quiet and handled and any(map(_catches_all, found_try.handlers))


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {each.id for each in types if isinstance(each, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def _is_quiet(statement: ast.stmt) -> bool:
    """A statement that cannot fail: a text, ``pass``, a call of the logger."""
    if isinstance(statement, (ast.Pass, ast.Return, ast.Continue)):
        value = getattr(statement, "value", None)
        return value is None or isinstance(value, (ast.Constant, ast.Name))
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Constant) and all(
            isinstance(target, ast.Name) for target in statement.targets
        )
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    return isinstance(value, ast.Constant) or _is_logged(value)


def _is_logged(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _LEVELS
        and isinstance(value.func.value, ast.Name)
        and value.func.value.id in _LOGGERS
    )


def local_function(
    program: Program, uses: Sequence[Place]
) -> tuple[ast.AST | None, bool]:
    """The one function that holds all places, and whether there is only one.

    None for the module itself.
    """
    functions = {(u.module.path, id(program.places.function_of(u))) for u in uses}
    first = program.places.function_of(uses[0]) if uses else None
    return first, len(functions) == 1


def follows(first: Place, second: Place, within: Iterable[ast.AST]) -> bool:
    """Whether a place of a function may be run after another one.

    :param within: the nodes around both in which neither can be run twice; a loop
        that is not one of them runs everything in it before and after everything.
    """
    outside = {id(node) for node in within}
    shared = [a for a, b in zip(first.parents, second.parents, strict=False) if a is b]
    loops = (ast.For, ast.AsyncFor, ast.While)
    if any(isinstance(node, loops) and id(node) not in outside for node in shared):
        return True
    above = shared[-1]
    branches = [_branch(above, place, len(shared)) for place in (first, second)]
    if isinstance(above, (ast.If, ast.IfExp)) and {"body", "orelse"} == set(branches):
        return False
    return _position(second) > _position(first)


def _branch(above: ast.AST, place: Place, depth: int) -> str:
    """Which part of a statement a place is in."""
    path = [*place.parents, place.node]
    below = path[depth]
    for name in ("test", "body", "orelse"):
        value = getattr(above, name, None)
        if value is below or (isinstance(value, list) and below in value):
            return name
    return ""


def _position(place: Place) -> tuple[int, int]:
    return place.node.lineno, place.node.col_offset


def _is_text(statement: ast.stmt) -> bool:
    """A docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_none(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is None
