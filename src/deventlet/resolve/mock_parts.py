"""All that a mock consists of in its file, for who wants to take it out.

The statements that make, start and stop it, or a decorator with the parameter that it
fills. Goes from the patching call to wherever what it gives is kept, gives up at the
first thing that is asked of it, and decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from deventlet.resolve.chains import last_name
from deventlet.resolve.mock_targets import Target, functions_in
from deventlet.resolve.mock_uses import injected, is_mock, replaces
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, Scope
from deventlet.resolve.tree import ancestors

_ENDS = frozenset({"start", "stop", "setUp", "cleanUp"})
_LATER = frozenset({"addCleanup", "addfinalizer"})
_ENTERING = frozenset({"useFixture", "enter_context", "enterContext"})
_OBJECT = frozenset({"self", "cls"})
"""What a method has whether it is used or not."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PLAIN = (ast.Constant, ast.Name, ast.Lambda)


class NotApart(Exception):
    """The mock cannot be taken out by itself; the message says why."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What goes with a mock.

    :param statements: simple ones, each with the nodes around it.
    :param kept: the attributes of ``self`` that they store.
    :param decorator: the one that it is, and the parameter that it fills.
    :param item: the one of a ``with`` that it is.
    :param holder: what it decorates, or that ``with``.
    """

    statements: tuple[tuple[ast.stmt, list[ast.AST]], ...] = ()
    kept: frozenset[str] = frozenset()
    decorator: ast.Call | None = None
    parameter: ast.arg | None = None
    item: ast.withitem | None = None
    holder: ast.AST | None = None

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that goes."""
        heads = (self.decorator, self.parameter, self.item)
        return (*(s for s, _ in self.statements), *(n for n in heads if n is not None))


def parts(target: Target) -> Parts:
    """What a mock consists of, where nothing is asked of it.

    :raises NotApart: if something is, or if more is done there.
    """
    call = target.call
    if call is None or last_name(call.func) == "setattr" == getattr(
        call.func, "id", ""
    ):
        raise NotApart("it is not known what receives it")
    made = [k.value for k in call.keywords if k.arg == "new_callable"]
    if not all(map(_does_nothing, (*target.fakes, *(_called(f) for f in made)))):
        raise NotApart("the test puts something of its own in the name's place")
    named = (each.value for each in call.keywords)
    if not all(_is_silent(each) for each in (*call.args, *named)):
        raise NotApart("what computes its arguments would go with it")
    above = ancestors(target.module.tree, call)
    if call in getattr(above[-1], "decorator_list", ()):
        return _decorator(target, above[-1], call)
    if isinstance(above[-1], ast.withitem) and isinstance(above[-2], ast.With):
        return _item(target.module, above[-1], above[-2])
    found = _Follower(target.module)
    found.value(call, above)
    return Parts(tuple(found.statements.values()), frozenset(found.kept))


def left_over(module: Module, taken: Parts) -> str:
    """A name of the file that only the parts of a mock read; empty if there is none.

    :returns: a parameter or an import that would be left without a use; those of
        Eventlet go by themselves.
    """
    gone = {id(node) for part in taken.nodes for node in ast.walk(part)}
    for name, scope, bindings in _read(module, taken):
        if name in _OBJECT or all(id(each.node) in gone for each in bindings):
            continue
        loads = (
            id(node)
            for node, where in module.scopes.loads(name)
            if module.scopes.resolve(name, where) is scope
        )
        if gone.issuperset(loads) and not _is_eventlet(bindings):
            return name
    return ""


def _read(module: Module, taken: Parts) -> Iterator[tuple[str, Scope, list[Binding]]]:
    """The names that the parts read, each with where it is bound."""
    for node in (n for part in taken.nodes for n in ast.walk(part)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            scope = module.scopes.resolve(node.id, module.scopes.scope_of(node))
            if scope is not None and scope.bindings.get(node.id):
                yield node.id, scope, scope.bindings[node.id]


def _is_eventlet(bindings: list[Binding]) -> bool:
    """Whether a name is only that of an import of Eventlet's, which goes by itself."""
    return all(
        each.alias is not None
        and f"{getattr(each.node, 'module', None) or each.alias.name}.".startswith(
            "eventlet."
        )
        for each in bindings
    )


def _item(module: Module, item: ast.withitem, holder: ast.With) -> Parts:
    """What opens a ``with``, alone or among others, if what it gives is not used."""
    kept = item.optional_vars
    if kept is not None and not isinstance(kept, ast.Name):
        raise NotApart(f"it is kept as {ast.unparse(kept)}")
    if kept is not None:
        scopes = module.scopes
        home = scopes.resolve(kept.id, scopes.scope_of(kept))
        read = any(scopes.resolve(kept.id, s) is home for _, s in scopes.loads(kept.id))
        if read or home is None or home is scopes.module:
            raise NotApart(f"the test uses {kept.id}")
    return Parts(item=item, holder=holder)


def _decorator(target: Target, holder: ast.AST, call: ast.Call) -> Parts:
    """A decorator, with the parameter that it fills if that is not used."""
    if replaces(target):
        return Parts(decorator=call, holder=holder)
    if not isinstance(holder, _FUNCTIONS):
        raise NotApart("every test of the class gets it")
    module, own = target.module, holder.args
    name = injected(module, holder, call)
    found = [each for each in (*own.posonlyargs, *own.args) if each.arg == name]
    if name is None or not found:
        raise NotApart("it is not known which argument it is")
    scope = module.scopes.of(holder)
    read = any(
        module.scopes.resolve(name, where) is scope
        for _, where in module.scopes.loads(name)
    )
    if read or len(scope.bindings[name]) > 1:
        raise NotApart(f"the test uses {name}")
    return Parts(decorator=call, parameter=found[0], holder=holder)


@dataclass(eq=False, slots=True)
class _Follower:
    """Goes where a mock, and what makes it, goes."""

    module: Module
    statements: dict[int, tuple[ast.stmt, list[ast.AST]]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def value(self, node: ast.expr, above: list[ast.AST]) -> None:
        """From an expression that is the mock, or makes it, to its statement."""
        inner = _within(node, above)
        while inner is not None:
            node, above = inner
            inner = _within(node, above)
        statement = above[-1]
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            self._add(statement, above)
            self._assigned(statement.targets[0])
        elif isinstance(statement, ast.Expr):
            self._add(statement, above)
        else:
            held = isinstance(statement, ast.withitem)
            what = "a with statement holds it," if held else "it is used"
            raise NotApart(f"{what} at line {getattr(node, 'lineno', 0)}")

    def _add(self, statement: ast.stmt, above: list[ast.AST]) -> None:
        self.statements[id(statement)] = statement, above[:-1]

    def _assigned(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._name(target)
        elif isinstance(target, ast.Attribute) and last_name(target.value) == "self":
            self._attribute(target)
        else:
            raise NotApart(f"it is kept as {ast.unparse(target)}")

    def _name(self, target: ast.Name) -> None:
        """Every read of a local name."""
        scopes = self.module.scopes
        home = scopes.resolve(target.id, scopes.scope_of(target))
        if home is None or home is scopes.module:
            raise NotApart(f"{target.id} is a name of the module")
        if len(home.bindings[target.id]) > 1:
            raise NotApart(f"{target.id} is bound more than once")
        for load, where in scopes.loads(target.id):
            if scopes.resolve(target.id, where) is home:
                self.value(load, ancestors(self.module.tree, load))

    def _attribute(self, store: ast.Attribute) -> None:
        """Every read of ``self.x`` in the file, where it is set once."""
        self.kept.add(store.attr)
        for node in ast.walk(self.module.tree):
            if not isinstance(node, ast.Attribute) or node.attr != store.attr:
                continue
            if isinstance(node.ctx, ast.Load):
                self.value(node, ancestors(self.module.tree, node))
            elif node is not store:
                raise NotApart(f"{store.attr} is set more than once")


def _within(
    node: ast.expr, above: list[ast.AST]
) -> tuple[ast.expr, list[ast.AST]] | None:
    """The expression around one that only starts, stops or enters what it is."""
    outer = above[-1]
    if isinstance(outer, ast.Attribute) and outer.attr in _ENDS:
        call = above[-2]
        if isinstance(call, ast.Call):
            stops = outer.attr in ("stop", "cleanUp") and last_name(call.func) in _LATER
            if call.func is outer or (stops and call.args == [outer]):
                return call, above[:-2]
        return None
    enters = isinstance(outer, ast.Call) and last_name(outer.func) in _ENTERING
    if enters and isinstance(outer, ast.Call) and outer.args == [node]:
        return outer, above[:-1]
    return None


def _is_silent(node: ast.expr) -> bool:
    """Whether nobody misses that it is evaluated."""
    if isinstance(node, ast.Attribute):
        return _is_silent(node.value)
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(_is_silent, node.elts))
    if isinstance(node, ast.Call):
        given = (*node.args, *(each.value for each in node.keywords))
        return is_mock(node) and all(map(_is_silent, given))
    return isinstance(node, _PLAIN)


def _called(function: ast.expr) -> ast.Call:
    return ast.Call(function, [], [])


def _does_nothing(fake: ast.expr) -> bool:
    """Whether nobody can tell from what is put there that it was called.

    What raises, or notes it, may be there to prove that nothing calls the name.
    """
    if isinstance(fake, ast.Lambda):
        own = {each.arg for each in ast.walk(fake.args) if isinstance(each, ast.arg)}
        names = (n.id for n in ast.walk(fake) if isinstance(n, ast.Name))
        return own.issuperset(names)
    if isinstance(fake, ast.Call):
        given = (*fake.args, *(each.value for each in fake.keywords))
        return is_mock(fake) and all(map(_does_nothing, given))
    return isinstance(fake, ast.Constant) or last_name(fake) == "DEFAULT"


def is_silent(fake: ast.expr, module: Module) -> bool:
    """The same, where a fake may also be a function of the file that does nothing."""
    functions = list(functions_in(module, fake)) if isinstance(fake, ast.Name) else []
    bodies = (each.body for each in functions)
    return _does_nothing(fake) or (bool(functions) and all(map(_is_empty, bodies)))


def _is_empty(body: list[ast.stmt] | ast.expr) -> bool:
    """Whether the body of a function does nothing."""
    if isinstance(body, ast.expr):
        return isinstance(body, ast.Constant)
    return all(
        isinstance(each, ast.Pass)
        or (
            isinstance(each, (ast.Expr, ast.Return))
            and isinstance(each.value, (ast.Constant, type(None)))
        )
        for each in body
    )
