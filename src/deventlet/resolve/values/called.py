"""What a call calls that is not the repository's: its name, or what the words say.

For the tables of what functions of others do. A method of a test case, a logger or a
string is known by how it is written, as nothing says of which class it is. Follows no
value.
"""

from __future__ import annotations

import ast
import re

from deventlet.resolve import callees
from deventlet.resolve.api import canonical
from deventlet.resolve.chains import last_name, root
from deventlet.resolve.values.flow import Flow
from deventlet.resolve.values.model import Place

_ASSERTION = re.compile(
    r"assert[A-Z_]\w*|fail(?:If|Unless|UnlessRaises)?|expect(?:That|Failure)"
)
"""Methods of a test case or of a mock that look at their arguments."""
_TESTERS = frozenset({"self", "cls", "case", "test", "testcase", "test_case"})
_ASKED_OF_MOCKS = frozenset(
    "any_await any_call awaited_once_with awaited_with called_once_with called_with"
    " has_awaits has_calls".split()
)
_TESTING = (
    "unittest.",
    "pytest.",
    "testtools.",
    "hamcrest.",
    "nose.",
    "numpy.testing.",
)
_LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "_LOG"})
_LOGGED = frozenset(
    "critical debug error exception fatal info log trace warn warning".split()
)


def called(flow: Flow, place: Place, call: ast.Call) -> str:
    """The one dotted name that a call's function has, built-in functions included."""
    module, func = place.module, call.func
    first = root(func)
    if not isinstance(first, ast.Name):
        return ""
    scope = module.scopes.scope_of(first)
    if not module.scopes.bindings(first.id, scope):
        return first.id if first is func else ""
    found = callees.called(flow.program.names, func, scope, module)
    name = next(iter(found)) if len(found) == 1 else ""
    return canonical(name.removeprefix("six.moves."))


def is_assertion(call: ast.Call, name: str) -> bool:
    """Whether a call is what tests ask with: of a test case, a mock or a library."""
    func = call.func
    if name.startswith(_TESTING):
        return name.rpartition(".")[2].startswith(("assert", "expect", "raises"))
    if not isinstance(func, ast.Attribute):
        return False
    if func.attr.removeprefix("assert_") in _ASKED_OF_MOCKS:
        return func.attr.startswith("assert_")
    owner = getattr(func.value, "id", "")
    return owner in _TESTERS and _ASSERTION.fullmatch(func.attr) is not None


def on_text(call: ast.Call) -> bool:
    """Whether a method of a string that is written down is called."""
    owner = getattr(call.func, "value", None)
    return isinstance(owner, (ast.Constant, ast.JoinedStr))


def is_log(call: ast.Call) -> bool:
    """Whether a method of a logger is called, by the words."""
    owner = getattr(call.func, "value", None)
    name = last_name(owner)
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LOGGED:
        return False
    return name.lower() in _LOGGERS


def is_defined(flow: Flow, place: Place, call: ast.Call) -> bool:
    """Whether a definition of the repository is called, so that it is asked."""
    return any(flow.program.meanings.definitions(call.func, place.module))


def is_ours(flow: Flow, place: Place, func: ast.Attribute) -> bool:
    """Whether a method is one of a class or module of the repository."""
    receiver = flow.program.receivers.receiver(func.value, place.module)
    return bool(receiver.modules) or any(
        flow.program.classes.methods(each, func.attr) for each in receiver.classes
    )
