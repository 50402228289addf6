"""What becomes of a reference: is every call that it can reach known?

``map(eventlet.sleep, delays)`` calls its argument with one positional argument;
``helper(eventlet.sleep)`` does what ``helper`` does, which is followed when it is a
function of the repository. Everything else escapes, and the answer says where to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from deventlet.resolve.callees import called
from deventlet.resolve.chains import called_name
from deventlet.resolve.facts import Role
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use

_FORWARDERS = frozenset(
    {
        "submit",
        "spawn",
        "spawn_n",
        "addCleanup",
        "call_soon",
    }
)
"""Methods whose contract is ``(function, *args)``: they call it with what follows."""

_FORWARD_AT = {
    "functools.partial": 0,
    "eventlet.spawn": 0,
    "eventlet.spawn_n": 0,
    "eventlet.greenthread.spawn": 0,
    "eventlet.greenthread.spawn_n": 0,
    "eventlet.spawn_after": 1,
    "eventlet.greenthread.spawn_after": 1,
    "eventlet.tpool.execute": 0,
}
_SLEEPING = frozenset({
    "fasteners.InterProcessLock", "fasteners.process_lock.InterProcessLock",
    "oslo_concurrency.lockutils.InterProcessLock",
})  # fmt: skip
"""Locks that wait by calling their ``sleep_func`` with a number of seconds that is not
negative; it is ``time.sleep`` where none is given."""
_QUESTIONS = frozenset(
    [
        "called",
        "call_count",
        "call_args",
        "call_args_list",
        "mock_calls",
        "method_calls",
        "return_value",
        "side_effect",
        "reset_mock",
        "mock_add_spec",
        "configure_mock",
    ]
)
_TIMER = ("interval", "function", "args", "kwargs")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_ASSERTERS = frozenset({"assertRaises", "assertWarns", "raises", "warns"})
"""Callables whose contract is ``(expected, function, *args, **kwargs)``."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Answers for the references of one project."""

    names: Names

    def of(self, use: Use) -> Role:
        """The role of a reference that is not the function of a call."""
        parent = use.parents[-1]
        if use.stored:
            return Role(False, why="it is assigned to")
        if _renamed(parent, use.node):
            return Role(True)
        if is_question(use):
            return Role(True, asked=True)
        if isinstance(parent, ast.Call):
            return self._argument(use, parent)
        if isinstance(parent, ast.keyword) and isinstance(use.parents[-2], ast.Call):
            return self._keyword(use, parent, use.parents[-2])
        if isinstance(parent, ast.arguments):
            return self._default(use, parent)
        return Role(False, why=_describe(parent))

    def _argument(self, use: Use, call: ast.Call) -> Role:
        """The reference is a positional argument."""
        index = next(i for i, arg in enumerate(call.args) if arg is use.node)
        callee = self._callee(call, use)
        if callee == "map" and index == 0 and not call.keywords:
            return Role(True, (len(call.args) - 1,))
        if callee == "threading.Timer" and index == 1:
            return _thread_target(call)
        if _FORWARD_AT.get(callee) == index or (
            index == 0
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in _FORWARDERS
        ):
            return _forwarded(call, index)
        return self._parameter(use, call, position=index)

    def _keyword(self, use: Use, keyword: ast.keyword, call: ast.Call) -> Role:
        """The reference is a keyword argument."""
        if called_name(call) in _ASSERTERS and len(call.args) > 1:
            return self._parameter(use, _asserted(call), keyword=keyword.arg)
        callee = self._callee(call, use)
        if callee in ("threading.Thread", "threading.Timer") and keyword.arg in (
            "target",
            "function",
        ):
            return _thread_target(call)
        if callee in _SLEEPING and keyword.arg == "sleep_func":
            return Role(True, (1,))
        return self._parameter(use, call, keyword=keyword.arg)

    def _callee(self, call: ast.Call, use: Use) -> str:
        """The one dotted path that a call's function is, or an empty string."""
        if isinstance(call.func, ast.Name) and not use.module.scopes.bindings(
            call.func.id, use.scope
        ):
            return call.func.id
        denoted = called(self.names, call.func, use.scope, use.module)
        return next(iter(denoted)) if len(denoted) == 1 else ""

    def _parameter(
        self,
        use: Use,
        call: ast.Call,
        position: int | None = None,
        keyword: str | None = None,
    ) -> Role:
        """The reference is bound to a parameter of a function of this file."""
        name = ast.unparse(call.func)
        escaped = Role(False, why=f"it is passed to {name}(), which is not followed")
        found = self._function(use, call.func)
        if found is None or any(isinstance(a, ast.Starred) for a in call.args):
            return escaped
        home, function = found
        parameter = _parameter_name(function, position, keyword)
        if parameter is None:
            return escaped
        return self._inside(home, function, parameter, name)

    def _function(self, use: Use, callee: ast.expr) -> tuple[Module, _Function] | None:
        """The one function of the repository that an expression calls."""
        if isinstance(callee, ast.Name):
            own = use.module.scopes.bindings(callee.id, use.scope)
            if len(own) == 1 and (function := _plain_function(own[0].node)):
                return use.module, function
        denoted = called(self.names, callee, use.scope, use.module)
        if len(denoted) != 1:
            return None
        owner, _, name = next(iter(denoted)).rpartition(".")
        target = self.names.project.named(owner)
        if target is None:
            return None
        bindings = target.scopes.bindings(name, target.scopes.module)
        function = _plain_function(bindings[0].node) if len(bindings) == 1 else None
        return (target, function) if function is not None else None

    def _default(self, use: Use, arguments: ast.arguments) -> Role:
        """The reference is a parameter's default."""
        function = use.parents[-2]
        parameter = _default_owner(arguments, use.node)
        if not isinstance(function, _FUNCTIONS) or parameter is None:
            return Role(False, why="it is a default argument that is not followed")
        return self._inside(use.module, function, parameter, function.name)

    def _inside(
        self, module: Module, function: ast.AST, parameter: str, name: str
    ) -> Role:
        """How a function calls one of its parameters."""
        scope = module.scopes.of(function)
        if len(scope.bindings.get(parameter, ())) != 1:
            return Role(False, why=f"{name}() binds its parameter {parameter} again")
        shapes: list[int] = []
        for node in _loads_of(module, parameter, scope):
            above = ancestors(module.tree, node)[-1]
            count = positional_count(above, node)
            if count is None:
                return Role(False, why=f"{name}() passes its {parameter} on")
            shapes.append(count)
        return Role(True, tuple(shapes))


def is_question(use: Use) -> bool:
    """``eventlet.sleep.call_count``: an attribute that only a mock has."""
    parent = use.parents[-1]
    return isinstance(parent, ast.Attribute) and (
        parent.attr in _QUESTIONS or parent.attr.startswith("assert_")
    )


def _renamed(parent: ast.AST, node: ast.expr) -> bool:
    """``nap = node``: the new name belongs to the same subject, with its uses."""
    if isinstance(parent, ast.Assign):
        return parent.value is node and all(
            isinstance(target, ast.Name) for target in parent.targets
        )
    if isinstance(parent, (ast.AnnAssign, ast.NamedExpr)):
        return parent.value is node and isinstance(parent.target, ast.Name)
    return False


def positional_count(parent: ast.AST, node: ast.expr) -> int | None:
    """How many positional arguments the call of ``node`` has; None if unclear."""
    if not (isinstance(parent, ast.Call) and parent.func is node):
        return None
    if parent.keywords or any(isinstance(a, ast.Starred) for a in parent.args):
        return None
    return len(parent.args)


def _forwarded(call: ast.Call, index: int) -> Role:
    rest = call.args[index + 1 :]
    if call.keywords or any(isinstance(arg, ast.Starred) for arg in rest):
        return Role(
            False, why="the arguments that it will be called with are not plain"
        )
    return Role(True, (len(rest),))


def _thread_target(call: ast.Call) -> Role:
    """``Thread(target=f, args=(x,))``: the length of a literal ``args``.

    By position only those of a ``Timer``; a thread's are given by keyword here.
    """
    values = {keyword.arg: keyword.value for keyword in call.keywords}
    for name, value in zip(_TIMER, call.args, strict=False):
        values.setdefault(name, value)
    args = values.get("args")
    if "kwargs" in values or None in values:
        return Role(False, why="the thread's arguments are not plain")
    if args is None:
        return Role(True, (0,))
    if isinstance(args, (ast.Tuple, ast.List)) and not any(
        isinstance(item, ast.Starred) for item in args.elts
    ):
        return Role(True, (len(args.elts),))
    return Role(False, why="the thread's arguments are not a literal tuple")


def _plain_function(node: ast.AST) -> _Function | None:
    """The function that a binding makes, or a class's ``__init__``; undecorated."""
    if isinstance(node, ast.ClassDef):
        inits = [n for n in node.body if getattr(n, "name", None) == "__init__"]
        return _plain_function(inits[0]) if len(inits) == 1 else None
    return node if isinstance(node, _FUNCTIONS) and not node.decorator_list else None


def _asserted(call: ast.Call) -> ast.Call:
    """``assertRaises(E, f, 1, k=2)`` as the call ``f(1, k=2)`` that it makes."""
    return ast.Call(call.args[1], call.args[2:], call.keywords)


def _parameter_name(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    position: int | None,
    keyword: str | None,
) -> str | None:
    """The parameter that a positional or keyword argument binds."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if position is not None:
        offset = 1 if function.name == "__init__" else 0
        index = position + offset
        return positional[index].arg if index < len(positional) else None
    names = {arg.arg for arg in (*arguments.args, *arguments.kwonlyargs)}
    return keyword if keyword in names else None


def _default_owner(arguments: ast.arguments, default: ast.expr) -> str | None:
    """The parameter that a default value belongs to."""
    positional = [*arguments.posonlyargs, *arguments.args]
    paired = zip(reversed(positional), reversed(arguments.defaults), strict=False)
    keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for parameter, value in (*paired, *keyword):
        if value is default:
            return parameter.arg
    return None


def _loads_of(module: Module, name: str, scope: Scope) -> Iterator[ast.Name]:
    """Every evaluation of ``name`` that means the binding in ``scope``."""
    for node, where in module.scopes.loads(name):
        if module.scopes.resolve(name, where) is scope:
            yield node


def _describe(parent: ast.AST) -> str:
    """Where a reference goes, in words."""
    words = {
        ast.Return: "it is returned",
        ast.Attribute: "an attribute of it is used",
        ast.Dict: "it is stored in a dict",
        ast.List: "it is stored in a list",
        ast.Tuple: "it is stored in a tuple",
        ast.Assign: "it is stored in an attribute or container",
        ast.AnnAssign: "it is stored in an attribute",
        ast.Compare: "it is compared",
        ast.FormattedValue: "it is formatted into a string",
    }
    return words.get(type(parent), "what becomes of it is not followed")
