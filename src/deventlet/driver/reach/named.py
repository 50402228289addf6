"""Whether anything that a test can load may call a function by its name.

Where what a test runs cannot be told, this goes the other way: a function of a module
that nobody names is not called. Judged by the files that the test's file imports, and
theirs, and those of whoever imports it; a name that may be the function's is one.
Decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.driver.reach.module_values import (
    called,
    imported_paths,
    is_value,
    may_lead,
)
from deventlet.resolve.chains import root
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.offsets import path_at
from deventlet.resolve.project import DEFINITIONS, Module, Project
from deventlet.resolve.tree import path_to

_EVENTLET = "eventlet"
_PATH = re.compile(r"(?!eventlet\.)[\w.:]+")
"""A string that may be the path of something."""


@dataclass(eq=False)
class Named:
    """Who names the functions of one repository."""

    project: Project
    _known: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    _loaded: dict[str, frozenset[str]] = field(default_factory=dict)

    def may_be(self, home: Module, place: Sequence[ast.AST], mock: Target) -> bool:
        """Whether a place may run under a mock; True, too, where that cannot be told.

        False only for what is in a function of a module, and in no class, which has no
        decorator, which others call, and whose name nothing says that the test's file
        loads. Nobody knows who calls what nobody names, or who takes a fixture.
        """
        function, test = _function(home, place), mock.module
        if function is None or not _is_of_a_test(mock):
            return True
        key = home.path, function.name, test.name
        if key not in self._known:
            self._known[key] = self._is_named(home, function, test)
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
        return module is None or any(
            is_said(module)
            for is_said in (
                self._is_imported,
                self._is_called,
                self._is_asked_for,
                self._is_looked_up,
                self._is_quoted,
            )
        )

    def _is_imported(self, module: Module) -> bool:
        """``from home import name``, or of everything."""
        scopes = module.scopes
        stars = (star for scope in scopes.scopes for star in scope.star_imports)
        named = (found.node for _, found in scopes.taken(self.function.name))
        return any(
            isinstance(node, ast.ImportFrom)
            and module.absolute(node) == self.home.name
            and not self._is_within(node, module)
            for node in (*stars, *named)
        )

    def _is_called(self, module: Module) -> bool:
        """``name``, where nothing else there is called so."""
        uses = module.scopes.uses.get(self.function.name, ())
        return any(
            self._is_own(use.node, module)
            for use in uses
            if not self._is_within(use.node, module)
        )

    def _is_asked_for(self, module: Module) -> bool:
        """``home.name``."""
        return any(
            self._is_home(node.value, module)
            for node in module.scopes.attributes.get(self.function.name, ())
            if not self._is_within(node, module)
        )

    def _is_looked_up(self, module: Module) -> bool:
        """``getattr(home, n)``, where n is no constant."""
        for use in module.scopes.uses.get("getattr", ()):
            match path_to(module.tree, use.node.lineno, use.node.col_offset):
                case [*_, ast.Call(func=func, args=[owner, asked, *_]), found] if (
                    func is found is use.node
                    and not isinstance(asked, ast.Constant)
                    and not self._is_within(func, module)
                    and self._is_home(owner, module)
                ):
                    return True
        return False

    def _is_quoted(self, module: Module) -> bool:
        """A string that is the function's path, and no name of Eventlet's."""
        text = module.source
        word = re.escape(self.function.name).encode()
        return any(
            self._is_path(path_at(module, found.start()), module)
            for found in re.finditer(rb"%s(?=['\"])" % word, text.utf8)
        )

    def _is_path(self, nodes: Sequence[ast.AST], module: Module) -> bool:
        """Whether the last of some nodes is such a string, or may have one in it."""
        if any(self._is_within(node, module) for node in nodes):
            return False
        joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        if joined:  # its parts are not where they say on Python 3.11
            return any(map(self._says, ast.walk(joined[0])))
        match nodes:
            case [*_, ast.Expr(), ast.Constant()]:
                return False  # a docstring
            case [*_, ast.Call() as call, ast.Constant() as found] if (
                found in _of_eventlet(call, module)
            ):
                return False
        return self._says(nodes[-1])

    def _says(self, node: ast.AST) -> bool:
        """Whether a node is a path, or the end of one, that leads to the function."""
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(text, str) or _PATH.fullmatch(text) is None:
            return False
        return _last(text) == self.function.name

    def _is_within(self, node: ast.AST, module: Module) -> bool:
        """Whether a node is the function's, or in it: what it says of itself."""
        if module is not self.home or not isinstance(node, ast.stmt | ast.expr):
            return False
        first, last = self.function.lineno, self.function.end_lineno or 0
        return first <= node.lineno and (node.end_lineno or 0) <= last

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


def _function(home: Module, place: Sequence[ast.AST]) -> ast.FunctionDef | None:
    """The one function of a module around a place, if others can only name it."""
    found = place[1] if len(place) > 1 else None
    if not isinstance(found, ast.FunctionDef) or found.decorator_list:
        return None
    bound = home.scopes.module.bindings.get(found.name, ())
    return found if len(bound) == 1 else None


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
