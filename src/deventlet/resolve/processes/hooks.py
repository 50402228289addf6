"""The code that test frameworks call by themselves, and what that patches.

Known by the names that ``unittest`` and pytest call, and by ``autouse``; whether any
test is there for them is not asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from deventlet.resolve.processes.effects import Effects
from deventlet.resolve.processes.told import CONFTEST_HOOKS
from deventlet.resolve.project import Module

_CLASS_HOOKS = frozenset(
    {"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class"}
)
_MODULE_HOOKS = frozenset({"setUpModule", "setup_module"})

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Hook:
    """What a test framework calls by itself, and what that patches.

    ``owner`` is the class whose tests it is for; empty for those of the module.
    ``first`` says that it is called before any test is loaded.
    """

    module: str
    owner: str
    patches: frozenset[str]
    first: bool


def hooks_of(module: Module, effects: Effects) -> Iterator[Hook]:
    """What a file has for the frameworks to call, whether it patches or not."""
    conftest = PurePosixPath(module.path).name == "conftest.py"
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if _is_hook(method, _CLASS_HOOKS):
                    yield _hook(module, node.name, method, effects)
        elif _is_hook(node, _MODULE_HOOKS) or (
            conftest and _is_hook(node, CONFTEST_HOOKS)
        ):
            yield _hook(module, "", node, effects)


def _hook(module: Module, owner: str, node: ast.stmt, effects: Effects) -> Hook:
    assert isinstance(node, _FunctionNode)
    patches = effects.within(node.body, module, module.scopes.of(node))
    first = not owner and node.name in CONFTEST_HOOKS
    return Hook(module.name, owner, patches, first)


def _is_hook(node: ast.stmt, names: frozenset[str]) -> bool:
    """A function that the framework calls by its name, or a fixture used by all."""
    if not isinstance(node, _FunctionNode):
        return False
    return node.name in names or any(map(_is_autouse, node.decorator_list))


def _is_autouse(decorator: ast.expr) -> bool:
    """``@pytest.fixture(autouse=True)``."""
    match decorator:
        case ast.Call(
            func=ast.Attribute(attr="fixture") | ast.Name(id="fixture"),
            keywords=keywords,
        ):
            return any(
                k.arg == "autouse"
                and isinstance(k.value, ast.Constant)
                and k.value.value is True
                for k in keywords
            )
    return False
