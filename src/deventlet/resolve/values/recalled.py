"""What tests ask of objects that they take back out of a mock.

``work.call_args[0][0].ready()`` asks whatever ``work`` was called with, and nothing but
the name of the mock tells what that was. Follows such a value through its file, by the
words alone: it may say one use too many. Knows nothing of Eventlet.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from deventlet.resolve.chains import called_name, last_name, root_name
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.definitions import FUNCTIONS, NAMED, Definition, is_self
from deventlet.resolve.values.kinds import GIVERS
from deventlet.resolve.values.model import Place

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

_KEPT = {
    "call_args": 2, "await_args": 2, "call_args_list": 3, "await_args_list": 3,
    "mock_calls": 3, "method_calls": 3,
}  # fmt: skip
"""What a mock keeps of its calls, and in how many containers an argument is there."""
_ARGUMENTS = frozenset({"args", "kwargs"})
_COPIES = frozenset({
    "list", "tuple", "set", "dict", "sorted", "reversed", "iter", "deepcopy", "copy",
})  # fmt: skip
_PAIRS = frozenset({"enumerate", "zip"})
_DISPLAYS = (
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_SAME = (ast.Await, ast.IfExp, ast.BoolOp, ast.BinOp, ast.NamedExpr)
_BEFORE = (b"'", b'"', b".", b"(", b" ")
_BEHIND = re.compile(
    rb"""['"]|\s*(?:=(?!=)|[]),:}]|\.\s*(?:assert_|await|call|method_calls|mock_calls"""
    rb"|reset_mock|return_value|side_effect))"
)
"""What stands around the name of what is mocked: it ends a string, or is not called."""
_MOST = 5
"""In how many containers a value is followed."""


@dataclass(frozen=True, eq=False, slots=True)
class Recall:
    """A member that is asked of something that a mock was called with."""

    place: Place
    name: str


@dataclass(eq=False)
class Recalls:
    """What the tests of a repository take back out of mocks."""

    program: Program
    _of: dict[str, list[Recall]] = field(default_factory=dict)
    _in: dict[str, list[tuple[frozenset[str], list[Recall]]]] = field(
        default_factory=dict
    )

    def of(self, name: str) -> list[Recall]:
        """What may be asked of the arguments of a function of some name."""
        if name not in self._of:
            self._of[name] = [
                each
                for path in (self._paths if name else ())
                if self._may_mock(path, name)
                for names, found in self._read(path)
                if not names or name in names
                for each in found
            ]
        return self._of[name]

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        """The files that look at what a mock keeps, in order."""
        found = {path for kept in _KEPT for path in self.program.words.holding(kept)}
        return tuple(sorted(found))

    def _may_mock(self, path: str, name: str) -> bool:
        """Whether a file may say that a function of some name is mocked."""
        raw, word = self.program.project.read_or_empty(path), as_bytes(name)
        return any(
            raw[start - 1 : start] in _BEFORE and _BEHIND.match(raw, end) is not None
            for start, end in whole(raw, word)
        )

    def _read(self, path: str) -> list[tuple[frozenset[str], list[Recall]]]:
        """What is asked in a file, with the names of functions that may be mocked.

        Without any where the file does not say near the mock what that stands for.
        """
        if path not in self._in:
            followers: dict[ast.AST | None, _Follower] = {}
            for place, depth in self._starts(path):
                test = _test(place)
                follower = followers.setdefault(test, _Follower(self.program))
                follower.value(place, depth)
            self._in[path] = [
                (_mocked(test) if test else frozenset(), follower.run())
                for test, follower in followers.items()
            ]
        return self._in[path]

    def _starts(self, path: str) -> Iterator[tuple[Place, int]]:
        module = self.program.project.module(path)
        for name, depth in _KEPT.items() if module is not None else ():
            assert module is not None
            for place in self.program.places.attributes_in(module, name):
                yield place, depth


def _test(place: Place) -> ast.AST | None:
    """The function that says what the mock stands for of which a place asks.

    None if another one may: the mock is an attribute of the test, or a parameter.
    """
    functions = [each for each in place.parents if isinstance(each, NAMED)][:1]
    name = root_name(place.node)
    if not functions or name in (None, "self", "cls"):
        return None
    arguments, decorators = functions[0].args, functions[0].decorator_list
    given = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    return functions[0] if decorators or name not in given else None


def _mocked(test: ast.AST) -> frozenset[str]:
    """The names of functions that may be mocked in a test."""
    found: set[str] = {""}
    for node in ast.walk(test):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(text.rpartition(".")[2])
    return frozenset(found)


@dataclass(eq=False, slots=True)
class _Follower:
    """Goes where what a mock keeps goes.

    A value is followed with the number of containers around an argument, if any.
    """

    program: Program
    found: list[Recall] = field(default_factory=list)
    waiting: list[tuple[Place, int]] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def value(self, place: Place, depth: int) -> None:
        """An expression has arguments of a mock, in so many containers."""
        if (id(place.node), depth) not in self.seen and depth <= _MOST:
            self.seen.add((id(place.node), depth))
            self.waiting.append((place, depth))

    def run(self) -> list[Recall]:
        """Follow what was put in until nothing new is found."""
        while self.waiting:
            self._follow(*self.waiting.pop())
        return self.found

    def _follow(self, place: Place, depth: int) -> None:
        around = _around(place, depth)
        if around is not None:
            self.value(place.up(), around)
        self._keep(place, depth)
        self._use(place, depth)

    def _keep(self, place: Place, depth: int) -> None:
        """It is bound to names, or returned."""
        match place.parent:
            case ast.Assign(targets=targets):
                for each in targets:
                    self._bind(place.module, each, depth)
            case (
                ast.AnnAssign(target=target)
                | ast.AugAssign(target=target)
                | ast.NamedExpr(target=target)
            ):
                self._bind(place.module, target, depth)
            case ast.For() | ast.comprehension() as loop if loop.iter is place.node:
                self._ask(place, depth, "iter")
                self._bind(place.module, loop.target, max(depth - 1, 0))
            case ast.withitem():
                self._ask(place, depth, "with")
            case ast.Return():
                self._give(place, depth)
            case ast.Yield():
                self._give(place, depth + 1)

    def _use(self, place: Place, depth: int) -> None:
        """Something is asked of it, or a call gets it."""
        above, node = place.parent, place.node
        match above:
            case ast.Attribute():
                self._attribute(place.up(), above.attr, depth)
            case ast.Subscript(value=value) if value is node:
                is_slice = isinstance(above.slice, ast.Slice)
                self._ask(place, depth, "getitem")
                self.value(place.up(), depth if is_slice else max(depth - 1, 0))
            case ast.Call(func=func):
                if func is node:
                    self._ask(place, depth, "call")
                else:
                    self._call(place, above, depth)
            case ast.keyword():
                call = place.parents[-2]
                if isinstance(call, ast.Call):
                    self._call(place, call, depth)

    def _ask(self, place: Place, depth: int, name: str) -> None:
        if not depth:
            self.found.append(Recall(place, name))

    def _attribute(self, place: Place, name: str, depth: int) -> None:
        self._ask(place, depth, name)
        if depth and name in _ARGUMENTS:
            self.value(place, depth - 1)
        elif depth and place.call is not None:
            if name in GIVERS:
                self.value(place.up(), depth - 1)
            elif name in ("items", "values"):
                self.value(place.up(), depth + (name == "items"))

    def _call(self, place: Place, call: ast.Call, depth: int) -> None:
        parents = place.parents[: place.parents.index(call)]
        made, name = Place(place.module, call, parents), called_name(call)
        if name == "getattr" and len(call.args) > 1:
            said = getattr(call.args[1], "value", None)
            if isinstance(said, str):
                self._attribute(made, said, depth)
        elif name in _COPIES:
            self.value(made, depth)
        elif name in _PAIRS:
            self.value(made, depth + 1)
        elif name == "next":
            self.value(made, max(depth - 1, 0))
        else:
            for each in self.program.meanings.definitions(call.func, place.module):
                if each is not None and isinstance(each.node, FUNCTIONS):
                    self._take(place, call, each, depth)

    def _take(
        self, place: Place, call: ast.Call, function: Definition, depth: int
    ) -> None:
        """A function of the repository gets it as one of its parameters, or any."""
        assert isinstance(function.node, FUNCTIONS)
        arguments = function.node.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        is_method = isinstance(call.func, ast.Attribute) and names[:1] == ["self"]
        names, wanted = names[is_method:], names[is_method:]
        if place.node in call.args and not isinstance(place.node, ast.Starred):
            index = call.args.index(place.node)
            wanted = names[index : index + 1]
        scope = self.program.places.scope(function.module, function.node)
        for name in wanted:
            for each in self.program.places.loads(function.module, name, scope):
                self.value(each, depth)

    def _bind(self, module: Module, target: ast.expr, depth: int) -> None:
        match target:
            case ast.Name(id=name):
                scope = module.scopes.resolve(name, module.scopes.scope_of(target))
                if scope is not None:
                    for each in self.program.places.loads(module, name, scope):
                        self.value(each, depth)
            case ast.Attribute(value=owner, attr=name) if is_self(owner):
                for each in self.program.places.attributes_in(module, name):
                    self.value(each, depth)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    if isinstance(part, ast.Starred):
                        self._bind(module, part.value, depth)
                    else:
                        self._bind(module, part, max(depth - 1, 0))

    def _give(self, place: Place, depth: int) -> None:
        """A helper of the tests returns it."""
        function = self.program.places.function_of(place)
        if not isinstance(function, NAMED):
            return
        found = Definition(place.module, function)
        calls = [*self.program.places.mentions(found)]
        calls += self.program.places.attributes_in(place.module, function.name)
        for each in calls:
            if each.call is not None and last_name(each.node) == function.name:
                self.value(each.up(), depth)


def _around(place: Place, depth: int) -> int | None:
    """In how many containers the expression around has it; None if it has not."""
    if isinstance(place.parent, ast.Starred):
        return max(depth - 1, 0)
    if isinstance(place.parent, _DISPLAYS):
        return depth + 1
    return depth if isinstance(place.parent, _SAME) else None
