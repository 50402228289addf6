"""In which processes a method of a class may run, where that is less than the class.

If a process keeps what it makes of the class in local names of functions, what runs are
the methods that it calls on those, and what they name in turn. Where an instance, or a
method of one, goes anywhere else, all of them may run. For classes that derive from
nothing; it follows no computed name, and decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.processes.methods import derives_from_nothing, methods_run_by
from deventlet.resolve.processes.reach import Entries, Reach
from deventlet.resolve.processes.text import MAIN
from deventlet.resolve.project import Module

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef
_SPECIAL = re.compile(r"__\w+__")
"""Attributes such as ``__class__`` and ``__dict__``, which lead to all others."""
_TELLING = frozenset({"__class__", "eval", "exec", "locals", "super", "vars"})
"""Names by which code gets at an instance without its name."""
_COMPUTED = (ast.Name, ast.Attribute, ast.Call, ast.Lambda)


@dataclass(frozen=True)
class Instances:
    """Answers for the processes of one reach."""

    reach: Reach

    def running(self, module: str, owner: str, method: str) -> Entries:
        """The processes in which a method of a top-level class may run."""
        reached = self.reach.reached(module, owner)
        made = _class(self.reach.texts.project.named(module), owner)
        if made is None or not made.keeps(method, frozenset()):
            return reached
        found: Entries = frozenset()
        for entries, use in self._uses(module, owner, made.plain):
            if not (use.is_known and made.keeps(method, use.calls)):
                found |= entries & reached
            if found == reached:
                break
        return found

    def _uses(
        self, module: str, owner: str, plain: frozenset[str]
    ) -> Iterator[tuple[Entries, _Use]]:
        """What is done with the instances, and the processes that do it.

        By what calls the class, or a function that returns what it has made of it.
        """
        seen, waiting = set[tuple[str, str]](), [(module, owner)]
        while waiting:
            maker = waiting.pop()
            if maker in seen:
                continue
            seen.add(maker)
            yield self.reach.roots(*maker), _UNKNOWN
            for user, by in self.reach.mentions(*maker):
                text = self.reach.texts.of(user)
                if by not in {"", MAIN, *text.definitions}:
                    waiting.append((user, by))  # another name for the maker
                    continue
                home = self.reach.texts.project.named(user)
                use = _use(_only(home, by), maker[1], plain)
                yield self.reach.reached(user, by), use
                if use.is_returned:
                    waiting.append((user, by))


@dataclass(frozen=True, slots=True)
class _Use:
    """What a definition does with the instances that it makes."""

    calls: frozenset[str] = frozenset()
    is_returned: bool = False
    is_known: bool = True


_UNKNOWN = _Use(is_known=False)


class _Code:
    """A definition, and where in it an expression stands."""

    def __init__(self, node: _Definition) -> None:
        self.node = node
        self.nodes = list(ast.walk(node))
        self.above = {
            child: each for each in self.nodes for child in ast.iter_child_nodes(each)
        }

    @cached_property
    def is_telling(self) -> bool:
        """Whether it may get at what its names are without them."""
        scopes = (ast.Global, ast.Nonlocal)
        names = (n for n in self.nodes if isinstance(n, ast.Name))
        return any(name.id in _TELLING for name in names) or any(
            isinstance(node, scopes) for node in self.nodes
        )

    def loads(self, name: str) -> list[ast.AST]:
        """Where a name is read, in whatever scope."""
        return [
            n
            for n in self.nodes
            if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
        ]

    def is_called(self, node: ast.AST) -> bool:
        """Whether an expression is what a call calls."""
        above = self.above[node]
        return isinstance(above, ast.Call) and above.func is node

    def taken(self, node: ast.AST, plain: frozenset[str]) -> str:
        """The attribute that is all that is taken of an instance; or nothing.

        :param plain: the methods, of which there is a bound one unless it is called.
        """
        above = self.above[node]
        if not isinstance(above, ast.Attribute) or _SPECIAL.fullmatch(above.attr):
            return ""
        return above.attr if above.attr not in plain or self.is_called(above) else ""

    def function(self, node: ast.AST) -> _Function | None:
        """The innermost function whose body an expression stands in.

        None in the body of a class, a decorator or a default, which run earlier.
        """
        while node is not self.node:
            inner, node = node, self.above[node]
            if isinstance(node, ast.ClassDef):
                return None
            if isinstance(node, _Function) and inner in node.body:
                return node
        return None


@dataclass(frozen=True, slots=True)
class _Class:
    """A class that is what its body says.

    ``plain`` are its methods that are no properties.
    """

    node: ast.ClassDef
    plain: frozenset[str]

    def keeps(self, method: str, calls: frozenset[str]) -> bool:
        """Whether a method stays out of what some calls run, and no instance gets out.

        Its own decorator could hand it to somebody who calls it with another object.
        """
        run = methods_run_by(self.node, [b"." + name.encode() for name in calls])
        functions = [n for n in self.node.body if isinstance(n, _Function)]
        own = [node for node in functions if node.name == method]
        return (
            method not in run
            and [node.decorator_list for node in own] == [[]]
            and all(self._is_closed(node) for node in functions if node.name in run)
        )

    def _is_closed(self, method: _Function) -> bool:
        """Whether a method lets nobody have its instance."""
        parameters = [*method.args.posonlyargs, *method.args.args]
        decorated = bool(method.decorator_list) and not _is_property(method)
        code = _Code(method)
        if not parameters or decorated or code.is_telling:
            return False
        return all(code.taken(n, self.plain) for n in code.loads(parameters[0].arg))


def _class(module: Module | None, name: str) -> _Class | None:
    """A class without bases, of methods and literals, that does not name itself."""
    node = _only(module, name)
    if not isinstance(node, ast.ClassDef) or not derives_from_nothing(node):
        return None
    functions = [each for each in node.body if isinstance(each, _Function)]
    others = [each for each in node.body if not isinstance(each, _Function)]
    names = [each.name for each in functions]
    if (
        len(names) > len({*names})
        or any(_mentions(each, name) for each in ast.walk(node))
        or any(map(_is_computed, others))
    ):
        return None
    plain = frozenset(each.name for each in functions if not _is_property(each))
    return _Class(node, plain)


def _is_computed(statement: ast.stmt) -> bool:
    """Whether a statement of a class may give it what gets hold of an instance."""
    match statement:
        case ast.Assign(value=value) | ast.Expr(value=value):
            return any(isinstance(each, _COMPUTED) for each in ast.walk(value))
    return not isinstance(statement, ast.Pass)


def _is_property(method: _Function) -> bool:
    return [getattr(n, "id", "") for n in method.decorator_list] == ["property"]


def _only(module: Module | None, name: str) -> _Definition | None:
    """The top-level definition of a name that is nothing else in its file."""
    found = module.scopes.module.bindings.get(name, ()) if module is not None else ()
    node = found[0].node if len(found) == 1 else None
    return node if isinstance(node, _Definition) else None


def _use(node: _Definition | None, word: str, plain: frozenset[str]) -> _Use:
    """What a definition does with what calls of a name make."""
    code = _Code(node) if node is not None else None
    if code is None or code.is_telling:
        return _UNKNOWN
    makers = [each for each in code.nodes if _mentions(each, word)]
    if not makers or not all(code.function(m) and code.is_called(m) for m in makers):
        return _UNKNOWN
    calls, names, is_returned = set[str](), set[str](), False
    waiting = [code.above[maker] for maker in makers]
    while waiting:
        each = waiting.pop()
        match code.above[each]:
            case ast.Expr():
                continue
            case ast.Return() as end if _is_returned(end, code):
                is_returned = True
            case ast.Assign(targets=[ast.Name(id=name)]) as end if code.function(end):
                waiting += code.loads(name) if name not in names else []
                names.add(name)
            case _:
                calls.add(code.taken(each, plain))
    return _UNKNOWN if "" in calls else _Use(frozenset(calls), is_returned)


def _is_returned(statement: ast.Return, code: _Code) -> bool:
    """Whether a plain function returns to its callers."""
    node = code.node
    return (
        isinstance(node, ast.FunctionDef)
        and not node.decorator_list
        and code.function(statement) is node
    )


def _mentions(node: ast.AST, word: str) -> bool:
    """Whether a node has a word as a name, or in a string that is no prose."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name == word
        case ast.alias(name=name, asname=asname):
            return name == word and asname not in (None, word)
        case ast.Constant(value=str(text)) if not re.search(r"\s", text):
            return re.search(rb"\b%b\b" % word.encode(), text.encode()) is not None
    return False
