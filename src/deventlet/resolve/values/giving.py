"""What a function gives: to its callers, as a property, or as a fixture to tests.

A decorator may change what that is, and a foreign base or Python itself may call it
where nothing says so: that is an escape.
"""

from __future__ import annotations

import ast

from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind, ScopeKind
from deventlet.resolve.values.decorators import changing
from deventlet.resolve.values.definitions import PROPERTIES, Function, decorator_names
from deventlet.resolve.values.flow import ENTER, Flow
from deventlet.resolve.values.model import Place, Token
from deventlet.resolve.values.shapes import wrapped

_FIXTURES = frozenset({"fixture", "yield_fixture"})
_ENTERED = frozenset({"contextmanager", "asynccontextmanager"})


def give(flow: Flow, place: Place, function: Function, token: Token) -> None:
    """A function returns a value."""
    module = place.module
    if isinstance(function, ast.Lambda):
        flow.visit(flow.program.places.place(module, function), wrapped("call", token))
        return
    decorators = decorator_names(function)
    if decorators & _ENTERED and token[1][:1] == ("item",):
        token = wrapped("enter", (token[0], token[1][1:]))
    if decorators & _FIXTURES:
        is_yielded = token[1][:1] == ("item",) and _yields(function)
        given = (token[0], token[1][1:]) if is_yielded else token
        _inject(flow, place, function, given)
        return
    if not decorators & PROPERTIES:
        token = wrapped("call", token)
    others = changing(flow.program, function, module)
    unknown = others - _ENTERED - PROPERTIES
    if unknown:
        what = f"{function.name}() is decorated with {min(unknown)}"
        flow.escape(place, token, "value.returned", what)
    owner = flow.program.places.class_of(module, function)
    if owner is not None and flow.program.classes.is_called_back(owner, function.name):
        what = f"{function.name}() is called by a foreign base"
        flow.escape(place, token, "value.returned", what)
    if _is_special(function.name):
        what = f"Python calls {function.name}() where nothing says its name"
        flow.escape(place, token, "value.returned", what)
    if owner is not None and decorators & PROPERTIES:
        flow.put_attribute(owner, function.name, token)
    else:
        _give_by_name(flow, module, function, token)


def _give_by_name(
    flow: Flow,
    module: Module,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    token: Token,
) -> None:
    outer = flow.program.places.scope(module, function).parent
    while outer is not None and outer.kind is ScopeKind.TYPE_PARAMETERS:
        outer = outer.parent
    assert outer is not None
    home = module.scopes.resolve(function.name, outer) or outer
    binding = next(
        (b for b in home.bindings[function.name] if b.node is function), None
    )
    flow.put_name(module, home, function.name, token, binding)


def _inject(
    flow: Flow,
    place: Place,
    fixture: ast.FunctionDef | ast.AsyncFunctionDef,
    token: Token,
) -> None:
    """A fixture's value is what tests' parameters of its name get."""
    module, name = place.module, _fixture_name(fixture)
    folder = module.path.rpartition("/")[0]
    everywhere = module.path.rpartition("/")[2] == "conftest.py"
    users = [module]
    if everywhere:
        project = flow.program.project
        paths = flow.program.words.holding(name)
        inside = [p for p in paths if p.startswith(folder and folder + "/")]
        users = [m for p in inside if (m := project.module(p)) is not None]
    for user in users:
        for scope in user.scopes.scopes:
            if _is_pytests(scope.node) and any(
                b.kind is BindingKind.PARAMETER for b in scope.bindings.get(name, ())
            ):
                flow.put_elsewise(user, scope.node, name, token)


def _fixture_name(fixture: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name that tests ask for a fixture by."""
    for decorator in fixture.decorator_list:
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return fixture.name


def _is_pytests(function: ast.AST) -> bool:
    """Whether pytest calls a function, so that its parameters are fixtures."""
    return isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
        function.name.startswith("test") or bool(decorator_names(function) & _FIXTURES)
    )


def _is_special(name: str) -> bool:
    """``__getitem__``: a call of it is ``x[0]``. Those of ``with`` are looked for."""
    return name.startswith("__") and name.endswith("__") and name not in ENTER


def _yields(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield) for node in ast.walk(function))
