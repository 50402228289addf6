"""Whether anything that a test can load may call a function by its name.

Where what a test runs cannot be told, this goes the other way: a function of a module
that nobody names is not called. Judged by the files that the test's file imports, and
theirs, and those of whoever imports it; a name that may be the function's is one.
Decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.driver.reach.module_values import (
    called,
    imported_paths,
    is_value,
    may_lead,
)
from deventlet.resolve.chains import root
from deventlet.resolve.mocks import Target
from deventlet.resolve.names import Use
from deventlet.resolve.project import DEFINITIONS, Module, Project

_EVENTLET = "eventlet"
_PATH = re.compile(r"(?!eventlet\.)[\w.:]+")
"""A string that may be the path of something."""


@dataclass(eq=False)
class Named:
    """Who names the functions of one repository."""

    project: Project
    _known: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    _loaded: dict[str, frozenset[str]] = field(default_factory=dict)

    def may_be(self, use: Use, mock: Target) -> bool:
        """Whether a use may run under a mock; True, too, where that cannot be told.

        False only for what is in a function of a module, and in no class, which has no
        decorator, which others call, and whose name nothing says that the test's file
        loads. Nobody knows who calls what nobody names, or who takes a fixture.
        """
        function, test = _function(use), mock.module
        if function is None or not _is_of_a_test(mock):
            return True
        key = use.module.path, function.name, test.name
        if key not in self._known:
            self._known[key] = self._is_named(use.module, function, test)
        return self._known[key]

    def _is_named(self, home: Module, function: ast.FunctionDef, test: Module) -> bool:
        loaded = self._beside(test)
        if home.path not in loaded or b"globals()" in home.source.utf8:
            return True  # who loads it is not known, or what it calls
        word = function.name.encode()
        if not self._is_called_elsewhere(home, word, loaded):
            return True
        sought = _Sought(self.project, home, function, loaded)
        return any(
            sought.is_in(path)
            for path in self.project.containing([word, b"getattr", b"import *"])
            if path in loaded and self._may_speak(path, home, word)
        )

    def _is_called_elsewhere(
        self, home: Module, word: bytes, loaded: frozenset[str]
    ) -> bool:
        """Whether another file imports the module, and says the word."""
        return any(
            home.name in self.project.imported_modules(path)
            for path in self.project.containing([word])
            if path not in loaded
        )

    def _beside(self, test: Module) -> frozenset[str]:
        """The files that a file's tests may load; its classes may be others' base."""
        if test.name not in self._loaded:
            names = with_users(self.project, test.name)
            found = {self.project.by_name[name] for name in names} | {test.path}
            self._loaded[test.name] = frozenset(found)
        return self._loaded[test.name]

    def _may_speak(self, path: str, home: Module, word: bytes) -> bool:
        """Whether a file has the word, or the module, of which it may take any."""
        is_said = word in self.project.read_or_empty(path)
        return is_said or home.name in self.project.imported_modules(path)


@dataclass(eq=False)
class _Sought:
    """A function that some files may name.

    :param loaded: the files that the tests may load.
    """

    project: Project
    home: Module
    function: ast.FunctionDef
    loaded: frozenset[str]

    def is_in(self, path: str) -> bool:
        """Whether a file says what may be the function, beside its definition."""
        module = self.project.module(path)
        if module is None:
            return True
        nodes = list(_outside(module.tree, self.function))
        others = {id(name) for node in nodes for name in _of_eventlet(node, module)}
        return any(
            self._may_be(node, module) for node in nodes if id(node) not in others
        )

    def _may_be(self, node: ast.AST, module: Module) -> bool:
        """Whether a node may be the function, or give it."""
        name = self.function.name
        match node:
            case ast.Name(id=found) if found == name:
                return self._is_own(node, module)
            case ast.Attribute(attr=found) if found == name:
                return self._is_home(node.value, module)
            case ast.ImportFrom(names=aliases):
                taken = {alias.name for alias in aliases}
                is_home = module.absolute(node) == self.home.name
                return is_home and not taken.isdisjoint({name, "*"})
            case ast.Constant(value=str(text)):
                return _PATH.fullmatch(text) is not None and _last(text) == name
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, asked, *_]):
                is_said = isinstance(asked, ast.Constant)
                return not is_said and self._is_home(owner, module)
        return False

    def _is_own(self, node: ast.Name, module: Module) -> bool:
        """Whether a name may be the function: nothing else there is called so."""
        found = module.scopes.bindings(node.id, module.scopes.scope_of(node))
        if module is not self.home:
            return not found
        own = self.home.scopes.module.bindings[node.id]
        return not found or any(binding in own for binding in found)

    def _is_home(self, owner: ast.expr, module: Module) -> bool:
        """Whether an expression may be the function's module."""
        if _is_eventlet(owner, module):
            return False
        paths = imported_paths(root(owner), module)
        if "" in paths:
            return self._is_put
        if isinstance(owner, ast.Attribute):  # what another module has of it
            return owner.attr in self._called or self._is_put
        return any(may_lead(self.project, path, self.home) for path in paths)

    @cached_property
    def _called(self) -> frozenset[str]:
        return called(self.project, self.home, self.loaded)

    @cached_property
    def _is_put(self) -> bool:
        return is_value(self.project, self.home, self.loaded)


def with_users(project: Project, name: str) -> frozenset[str]:
    """A module, whoever imports it, by others too, and all that any of them loads."""

    def users(name: str) -> Iterator[str]:
        for path in project.importers.get(name, ()):
            if project.by_name[project.names[path]] == path:
                yield project.names[path]

    def used(name: str) -> Iterable[str]:
        return project.imported_modules(project.by_name[name])

    return _reach(_reach({name}, users), used) | project.closure(name)


def _reach(
    starts: Iterable[str], step: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Everything that steps lead to from the starts, which are included."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += step(name)
    return frozenset(seen)


def _is_of_a_test(mock: Target) -> bool:
    """Whether a mock is made in a test or a class of tests, and in no fixture."""
    top = next((node for node in mock.parents if isinstance(node, DEFINITIONS)), None)
    return isinstance(top, ast.ClassDef) or getattr(top, "name", "").startswith("test")


def _function(use: Use) -> ast.FunctionDef | None:
    """The one function of a module that a use is in, if others can only name it."""
    found = use.parents[1] if len(use.parents) > 1 else None
    if not isinstance(found, ast.FunctionDef) or found.decorator_list:
        return None
    bound = use.module.scopes.module.bindings.get(found.name, ())
    return found if len(bound) == 1 else None


def _outside(tree: ast.Module, function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a file but for those of the function, and of docstrings."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        is_told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if node is not function and not is_told:
            yield node
            waiting += ast.iter_child_nodes(node)


def _of_eventlet(node: ast.AST, module: Module) -> Iterator[ast.expr]:
    """The string in ``patch.object(eventlet, "spawn_n")``."""
    match node:
        case ast.Call(args=[owner, ast.Constant() as name, *_]):
            if _is_eventlet(owner, module):
                yield name


def _is_eventlet(owner: ast.expr, module: Module) -> bool:
    """``eventlet``, also where another module imports it: ``poller.eventlet``."""
    if isinstance(owner, ast.Attribute) and owner.attr == _EVENTLET:
        return True
    found = imported_paths(root(owner), module)
    return all(path.partition(".")[0] == _EVENTLET for path in found)


def _last(path: str) -> str:
    return re.split(r"[.:]", path)[-1]
