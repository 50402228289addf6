"""What a test asks of a mock, and sets up on it, wherever the mock goes in its file.

``m.return_value.wait.assert_called_once_with()`` is what has to stay true when the
class behind ``m`` is another. Reads one file and follows the mock from the call that
makes it; decides nothing, and says so where it loses the mock from sight.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from deventlet.resolve.chains import called_name, last_name
from deventlet.resolve.mock_targets import Fake, Target, functions_in, given_by_name
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use

How: TypeAlias = Literal["called", "read", "stored", "passed"]
_Stage: TypeAlias = Literal["patcher", "fixture", "mock"]
_Path: TypeAlias = tuple[str, ...]
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_PATCHERS = frozenset({"patch", "object", "dict", "multiple"})
_NOT_DATA = frozenset({"data", "unpack", "file_data", "named_data", "parametrize"})
"""Decorators of tests that give arguments of their own, or say how they are given."""

_MOCK_CLASSES = frozenset({
    "Mock", "MagicMock", "NonCallableMock", "NonCallableMagicMock", "AsyncMock",
})  # fmt: skip
_OF_PATCHERS = frozenset({"start", "__enter__"})
_ENDINGS = frozenset({"stop", "cleanUp", "setUp", "__exit__"})
QUESTIONS = frozenset({
    "called", "call_count", "call_args", "call_args_list", "mock_calls",
    "method_calls", "side_effect", "reset_mock", "configure_mock", "mock_add_spec",
    "attach_mock", "return_value", "assert_called", "assert_called_once",
    "assert_called_with", "assert_called_once_with", "assert_any_call",
    "assert_has_calls", "assert_not_called",
})  # fmt: skip
"""What any mock has of its own, whatever it stands for."""


_CALLED = "side_effect"
_CONFIGURING = "configure_mock"


def stored_fakes(target: Target) -> Iterator[Fake]:
    """The functions that a test makes a mock call later: ``m.side_effect = fake``."""
    for value in set_later(target, _CALLED):
        yield from functions_in(target.module, value)


def set_later(target: Target, what: str) -> Iterator[ast.expr]:
    """What a test gives a mock later: ``m.side_effect = fake``, ``configure_mock``.

    Where a mock goes out of sight, what any is to call in the definition around.

    :param what: the attribute of the mock.
    """
    raw = target.module.source.raw
    if f".{what}".encode() not in raw and _CONFIGURING.encode() not in raw:
        return
    found = asks(target)
    known = ((what,), (_CONFIGURING,))
    for ask in found.found:
        if ask.path in known:
            yield from _set_there(ask.node, ask.parents[-1], what)
    if found.lost and what == _CALLED:
        nodes = list(ast.walk((*target.parents[1:2], target.module.tree)[0]))
        for node in nodes:
            for each in node.targets if isinstance(node, ast.Assign) else [node]:
                yield from _set_there(each, node, what)


def _set_there(node: ast.AST, above: ast.AST, what: str) -> Iterator[ast.expr]:
    """What a node gives an attribute of a mock, if it does."""
    if isinstance(node, ast.Call) and called_name(node) == _CONFIGURING:
        yield from (value for name, value in given_by_name(node) if name == what)
    elif getattr(node, "attr", "") == what and isinstance(above, ast.Assign):
        yield above.value


@dataclass(frozen=True, eq=False, slots=True)
class Ask:
    """One thing that is asked of a mock or set up on it.

    :param node: the attributes, with the call if they are called.
    :param path: the attributes after the mock; what a call gives is `return_value`.
    """

    node: ast.expr
    parents: list[ast.AST]
    path: _Path
    how: How


@dataclass(eq=False, slots=True)
class Asks:
    """Everything that is asked of a mock.

    :param kept: the attributes of ``self`` that it is, which other files may use.
    :param lost: where it goes out of sight, if it does.
    :param given: what the test puts in the name's place or lets it return, where that
        is no mock.
    :param set_up: whether a call that makes a mock says more of it: ``Mock(get=f)``.
    """

    found: list[Ask] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    lost: str = ""
    given: list[ast.expr] = field(default_factory=list)
    set_up: bool = False


def asks(target: Target) -> Asks:
    """What the file of a mock asks of it."""
    follower = _Follower(target.module)
    call = target.call
    if call is None:
        follower.lose("it is not known what receives it", target.node)
        return follower.asks
    follower.asks.given += [e for e in target.fakes if not is_mock(e)]
    follower.asks.given += [
        k.value
        for k in call.keywords
        if k.arg == "new_callable" and last_name(k.value) not in _MOCK_CLASSES
    ]
    follower.asks.set_up = bool({k.arg for k in call.keywords} - {"autospec"})
    for expr in target.fakes:
        follower.given(expr, ("return_value",) if _returned(call, expr) else ())
    above = ancestors(target.module.tree, call)
    holder = above[-1]
    if call in getattr(holder, "decorator_list", ()):
        if not replaces(target):
            follower.decorated(holder, call)
    else:
        stage = _stage(call)
        follower.value(call, above, (), stage)
    return follower.asks


def spec_asks(use: Use) -> Asks | None:
    """What is asked of a mock that has a class as its spec; None if it is no spec.

    An object that stands for one of the class's is what the class would return.
    """
    call, path = _specified(use)
    if call is None:
        return None
    follower = _Follower(use.module)
    follower.value(call, ancestors(use.module.tree, call), path, "mock")
    return follower.asks


def _specified(use: Use) -> tuple[ast.Call | None, _Path]:
    """The call whose spec a class is: ``Mock(spec=Queue)``, ``create_autospec``."""
    above = use.parents[-1]
    if isinstance(above, ast.keyword) and above.arg in ("spec", "spec_set"):
        call = use.parents[-2]
        if isinstance(call, ast.Call) and last_name(call.func) in _MOCK_CLASSES:
            return call, ("return_value",)
    if isinstance(above, ast.Call) and last_name(above.func) == "create_autospec":
        instance = any(k.arg == "instance" for k in above.keywords)
        if above.args[:1] == [use.node]:
            return above, ("return_value",) if instance else ()
    return None, ()


def _returned(call: ast.Call, expr: ast.expr) -> bool:
    """Whether a mock gives something, and does not stand there as that."""
    keywords = [k.arg for k in call.keywords if k.value is expr]
    return bool(keywords) and keywords[0] in ("return_value", "side_effect")


def replaces(target: Target) -> bool:
    """Whether the call is given what it puts there, so that it makes no mock."""
    assert target.call is not None
    skip = 1 if target.form == "string" else 2
    named = any(k.arg == "new" for k in target.call.keywords)
    return named or len(target.call.args) > skip


def is_mock(node: ast.expr) -> bool:
    """``mock.Mock()`` by itself, ``mock.DEFAULT``."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(is_mock, node.elts))
    return called_name(node) in _MOCK_CLASSES or last_name(node) == "DEFAULT"


def _is_bare(node: ast.expr) -> bool:
    """``mock.Mock()``, of which nothing more is said there."""
    call = node if isinstance(node, ast.Call) else None
    return is_mock(node) and call is not None and not (call.args or call.keywords)


def _stage(call: ast.Call) -> _Stage:
    """What a patching call gives: something to start, a fixture, or the mock."""
    name = last_name(call.func)
    if name in _PATCHERS:
        return "patcher"
    return "fixture" if name.startswith(("MockPatch", "MonkeyPatch")) else "mock"


@dataclass(eq=False, slots=True)
class _Follower:
    """Goes where a mock goes."""

    module: Module
    asks: Asks = field(default_factory=Asks)
    seen: set[tuple[object, ...]] = field(default_factory=set)
    put: set[int] = field(default_factory=set)
    """The reads, by identity, that put a mock into another one that is followed."""

    def lose(self, why: str, node: ast.AST) -> None:
        """Note the first place where the mock goes out of sight."""
        line = getattr(node, "lineno", 0)
        self.asks.lost = self.asks.lost or f"{why} at {self.module.path}:{line}"

    # -- from the patching call to names ---------------------------------------

    def decorated(self, holder: ast.AST, call: ast.Call) -> None:
        """The argument that a decorator injects, in one test or in all of a class."""
        tests = [holder] if isinstance(holder, _FUNCTIONS) else _tests(holder)
        for test in tests:
            outer = holder if isinstance(holder, ast.ClassDef) else None
            name = injected(self.module, test, call, outer)
            if name is None:
                self.lose("it is not known which argument it is", test)
            else:
                self.name(name, self.module.scopes.of(test), (), "mock", test)

    def name(
        self, name: str, scope: Scope, path: _Path, stage: _Stage, node: ast.AST
    ) -> None:
        """Every read of a local name."""
        scopes = self.module.scopes
        home = scopes.resolve(name, scope)
        if home is None:
            return
        if len(home.bindings.get(name, ())) > 1:
            self.lose(f"{name} is bound more than once", node)
        if (name, id(home), path) in self.seen:
            return
        self.seen.add((name, id(home), path))
        for load, where in scopes.loads(name):
            if scopes.resolve(name, where) is home:
                self.value(load, ancestors(self.module.tree, load), path, stage)

    def attribute(self, store: ast.Attribute, path: _Path, stage: _Stage) -> None:
        """Every read of ``self.x`` in the file, where it is set once."""
        if not isinstance(store.value, ast.Name) or store.value.id != "self":
            self.lose(f"it is kept as {ast.unparse(store)}", store)
            return
        if (store.attr, path) in self.seen:
            return
        self.seen.add((store.attr, path))
        self.asks.kept.add(store.attr)
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Attribute) and node.attr == store.attr:
                if isinstance(node.ctx, ast.Load):
                    self.value(node, ancestors(self.module.tree, node), path, stage)
                elif node is not store:
                    self.lose(f"{store.attr} is set more than once", node)

    # -- from a value to what becomes of it --------------------------------------

    def value(
        self, node: ast.expr, parents: list[ast.AST], path: _Path, stage: _Stage
    ) -> None:
        """An expression that is the mock, or what makes it."""
        above = parents[-1]
        if isinstance(above, ast.Expr) or id(node) in self.put:
            return
        if self._bound(node, parents, path, stage):
            return
        if stage == "mock":
            self._mock(node, parents, path)
        elif isinstance(above, ast.Attribute):
            self._made(above, parents, stage)
        elif isinstance(above, ast.Call) and node in above.args:
            self._entered(above, parents, stage)
        else:
            self.lose("what makes it is passed on", node)

    def _bound(
        self, node: ast.expr, parents: list[ast.AST], path: _Path, stage: _Stage
    ) -> bool:
        """``m = …``, ``self.m = …``, ``with … as m``."""
        above = parents[-1]
        targets: list[ast.expr] = []
        if isinstance(above, ast.Assign) and above.value is node:
            targets = above.targets
        elif isinstance(above, ast.withitem) and above.context_expr is node:
            targets = [above.optional_vars] if above.optional_vars else []
            stage = "mock" if stage == "patcher" else stage
        else:
            return False
        for target in targets:
            if isinstance(target, ast.Name):
                scope = self.module.scopes.scope_of(target)
                self.name(target.id, scope, path, stage, target)
            elif isinstance(target, ast.Attribute) and stage != "mock":
                self.attribute(target, path, stage)
            elif isinstance(target, ast.Attribute):
                self._kept(target, path)
            else:
                self.lose("it is one of several that are assigned", target)
        return True

    def _kept(self, target: ast.Attribute, path: _Path) -> None:
        """``self.m = mock``; as an attribute of another mock it goes out of sight."""
        self.attribute(target, path, "mock")

    def _made(
        self, above: ast.Attribute, parents: list[ast.AST], stage: _Stage
    ) -> None:
        """``patcher.start()``, ``fixture.mock``."""
        if stage == "fixture" and above.attr == "mock":
            self.value(above, parents[:-1], (), "mock")
            return
        call = parents[-2]
        called = isinstance(call, ast.Call) and call.func is above
        if stage == "patcher" and called and above.attr in _OF_PATCHERS:
            assert isinstance(call, ast.Call)
            self.value(call, parents[:-2], (), "mock")
        elif above.attr not in _ENDINGS:
            self.lose(f"{above.attr} is asked of what makes it", above)

    def _entered(self, call: ast.Call, parents: list[ast.AST], stage: _Stage) -> None:
        """``useFixture(fixture)``, ``stack.enter_context(patcher)``."""
        name = last_name(call.func)
        if name == "useFixture":
            self.value(call, parents[:-1], (), "fixture")
        elif name in ("enter_context", "enterContext") and stage == "patcher":
            self.value(call, parents[:-1], (), "mock")
        else:
            self.lose(f"what makes it is passed to {name}()", call)

    def _mock(self, node: ast.expr, parents: list[ast.AST], path: _Path) -> None:
        above = parents[-1]
        if isinstance(above, ast.Attribute):
            self._attribute_of(above, parents, (*path, above.attr))
        elif isinstance(above, ast.Call) and above.func is node:
            self._ask(above, parents[:-1], path, "called")
            if not (path and path[-1] in QUESTIONS):
                self.value(above, parents[:-1], (*path, "return_value"), "mock")
        else:
            if self._goes_on(node, parents):
                self.lose("it is passed on", node)
            asked = bool(path) and path[-1] in QUESTIONS - {"return_value"}
            self._ask(node, parents, path, "read" if asked else "passed")

    def _goes_on(self, node: ast.expr, parents: list[ast.AST]) -> bool:
        """Whether a helper or a variable of the test gets it."""
        above = parents[-1]
        if isinstance(above, (ast.Return, ast.Yield)):
            return True
        if isinstance(above, (ast.Tuple, ast.List, ast.Dict)):
            return isinstance(parents[-2], (ast.Assign, ast.Return, ast.Yield))
        if not (isinstance(above, ast.Call) and node in above.args):
            return False
        function, name = above.func, last_name(above.func)
        if isinstance(function, ast.Name):
            found = self.module.scopes.module.bindings.get(name, ())
            return any(isinstance(b.node, _FUNCTIONS) for b in found)
        of_self = (
            isinstance(function, ast.Attribute) and last_name(function.value) == "self"
        )
        return of_self and not name.startswith("assert")

    def _attribute_of(
        self, node: ast.Attribute, parents: list[ast.AST], path: _Path
    ) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._ask(node, parents[:-1], path, "stored")
            above = parents[-2]
            if isinstance(above, ast.Assign) and not is_mock(above.value):
                self._gives(above.value, path)
            elif isinstance(above, ast.Assign) and not _is_bare(above.value):
                self.asks.set_up = True
            return
        self.value(node, parents[:-1], path, "mock")

    def _gives(self, value: ast.expr, path: _Path) -> None:
        """``m.return_value = fake``: what the test's code gets is followed, too."""
        if path[-1] not in ("return_value", "side_effect"):
            return
        if path[-1] != "return_value" or not self._is_mocks(value):
            self.asks.given.append(value)
        self.given(value, (*path[:-1], "return_value"))

    def _is_mocks(self, value: ast.expr) -> bool:
        """Whether a name is one of nothing but mocks that run nothing."""
        if not isinstance(value, ast.Name):
            return False
        scope = self.module.scopes.scope_of(value)
        bound = [b.value for b in self.module.scopes.bindings(value.id, scope)]
        return bool(bound) and all(each and _is_bare(each) for each in bound)

    def given(self, value: ast.expr, path: _Path) -> None:
        """A mock with a name of its own that is put in the place of another."""
        if isinstance(value, (ast.List, ast.Tuple)):
            for each in value.elts:
                self.given(each, path)
        if not isinstance(value, ast.Name):
            return
        scope = self.module.scopes.scope_of(value)
        bound = [b.value for b in self.module.scopes.bindings(value.id, scope)]
        if any(each is not None and is_mock(each) for each in bound):
            self.put.add(id(value))
            self.name(value.id, scope, path, "mock", value)

    def _ask(
        self, node: ast.expr, parents: list[ast.AST], path: _Path, how: How
    ) -> None:
        self.asks.found.append(Ask(node, parents, path, how))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _tests(holder: ast.AST) -> list[_Function]:
    """The methods that a decorator of their class is for."""
    body = getattr(holder, "body", ())
    return [n for n in body if isinstance(n, _FUNCTIONS) and n.name.startswith("test")]


def _class_of(module: Module, function: ast.AST) -> ast.ClassDef | None:
    above = ancestors(module.tree, function)[-1]
    return above if isinstance(above, ast.ClassDef) else None


def injected(
    module: Module,
    function: _Function,
    call: ast.Call,
    outer: ast.ClassDef | None = None,
) -> str | None:
    """The parameter that gets the mock of a decorator; None if it cannot be told.

    Mocks come behind what is given by place, those of the innermost decorator first.

    :param outer: the class of the function, where the decorator is one of that.
    """
    outer = outer or _class_of(module, function)
    own = list(reversed(function.decorator_list))
    above = list(reversed(outer.decorator_list)) if outer is not None else []
    injecting = [d for d in (*own, *above) if _injects(d)]
    parameters = [*function.args.posonlyargs, *function.args.args]
    methods = 1 if outer is not None else 0
    spare = len(parameters) - methods - len(injecting)
    given = _given_by_place(own) if spare else 0
    if function.args.vararg or given is None or not 0 <= given <= spare:
        return None
    if call not in injecting:
        return None
    return parameters[methods + given + injecting.index(call)].arg


def _given_by_place(decorators: Sequence[ast.expr]) -> int | None:
    """How many arguments a test gets by place before its mocks; None if unknown.

    Fixtures, ``parametrize`` and dictionaries give theirs by name, and a parameter
    with a default may get nothing.
    """
    names = {last_name(_function_of(each)) for each in decorators}
    if names - _PATCHERS - _NOT_DATA or names & {"file_data", "named_data"}:
        return None
    data = [d for d in decorators if last_name(_function_of(d)) == "data"]
    if not data or "parametrize" in names:
        return None if data else 0
    if "unpack" not in names:
        return 1
    return _unpacked([arg for d in data if isinstance(d, ast.Call) for arg in d.args])


def _unpacked(values: Sequence[ast.expr]) -> int | None:
    """Into how many arguments by place each of some data is unpacked."""
    if all(isinstance(value, ast.Dict) for value in values):
        return 0
    sizes = {
        len(value.elts) if isinstance(value, (ast.List, ast.Tuple)) else -1
        for value in values
    }
    return sizes.pop() if len(sizes) == 1 and min(sizes) >= 0 else None


def _function_of(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _injects(decorator: ast.expr) -> bool:
    """``@patch(…)`` and ``@patch.object(…)`` without anything to put there."""
    if not isinstance(decorator, ast.Call):
        return False
    name = last_name(decorator.func)
    if name not in ("patch", "object"):
        return False
    skip = 1 if name == "patch" else 2
    named = any(k.arg == "new" for k in decorator.keywords)
    return not named and len(decorator.args) <= skip
