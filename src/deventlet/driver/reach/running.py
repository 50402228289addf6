"""Whether a function may run while a mock holds, judged by names alone.

Goes from the names in the text where the mock holds to the functions and classes of
that name, and on to the names in those. Knows the class of what a name was made by and
no other types: a name that many share leads to more functions than are called, never to
fewer. Parses only the files it comes through.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeAlias

from deventlet.driver.reach.holding import is_class_wide
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import DEFINITIONS, Definition, Module, Project
from deventlet.resolve.receivers import method_of
from deventlet.resolve.scopes import Binding, BindingKind

_BOUND = 300
"""How many names are followed before anything counts as what may run."""
_DEFINED = re.compile(rb"\n[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)")
"""A definition, after a line end: that is found in half the time of ``^``."""
_Named: TypeAlias = tuple[str, bool, str]
"""A name, whether it may be that of a method, and where that one is, if it is known."""
_EVENTLET = "eventlet."
_Key: TypeAlias = tuple[int, frozenset[int]]
_UNKNOWN: _Named = ("*", True, "")
"""In the place of a name that is computed."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LATER = (*_FUNCTIONS, ast.Lambda, ast.GeneratorExp)
"""What runs when it is called or asked, and not where it stands."""
_YIELDING = (ast.Yield, ast.YieldFrom)
"""What lets others run while a function is not at its end."""


@dataclass(eq=False)
class Running:
    """What the tests of one repository may run while their mocks hold."""

    project: Project
    _known: dict[_Key, frozenset[str] | None] = field(default_factory=dict)
    _homes: defaultdict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _looked_at: set[str] = field(default_factory=set)
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)
    _said: dict[Definition, frozenset[_Named]] = field(default_factory=dict)

    def may_run(
        self, target: Target, place: list[ast.AST], mocked: Collection[int]
    ) -> bool:
        """Whether a place may run while a mock holds.

        :param place: the nodes around it, from the module down.
        :param mocked: the calls, by identity, that the mock intercepts and that run
            nothing of what they are given then, and the definitions around them.
        :returns: True, too, where that cannot be told.
        """
        names = self.names(target, mocked)
        if names is None:
            return True
        return name_of(place) in names and not _is_past(target, place)

    def text(self, target: Target, path: str, mocked: Collection[int]) -> bytes:
        """Of a file what may run while a mock holds; all of it, where that is unknown.

        The arguments are those of :meth:`may_run`.
        """
        names = self.names(target, mocked)
        module = self.project.module(path)
        if names is None or module is None:
            return self.project.read_or_empty(path)
        source = module.source
        return b"\n".join(
            source.utf8[slice(*source.span(node))]
            for name, found in sorted(self._definitions(path).items())
            for node, _ in found
            if (name in names and not isinstance(node, ast.ClassDef))
            or _is_special(name)
        )

    def names(self, target: Target, mocked: Collection[int]) -> frozenset[str] | None:
        """The names of all that may run while a mock holds; None if unknown."""
        if is_class_wide(target):
            return None
        key = id(target), frozenset(mocked)
        if key not in self._known:
            self._known[key] = self._names(target, mocked)
        return self._known[key]

    def _names(self, target: Target, mocked: Collection[int]) -> frozenset[str] | None:
        """Every name that what runs may lead to; None if they cannot be told.

        What costs least first: where there are too many, few files are parsed.
        """
        idle = replaced(target)
        seen: set[_Named] = set()
        waiting: list[tuple[int, str, _Named]] = []
        found = frozenset(self._held(target, mocked))
        while _UNKNOWN not in found and len(seen) <= _BOUND:
            for named in found - seen:
                if named[0] not in idle:
                    homes = self._defining(named, target.module.name)
                    seen.update([named] if homes else [])
                    for path in homes:
                        heappush(waiting, (self._cost(path), path, named))
            if not waiting:
                return frozenset({*(name for name, *_ in seen), ""})
            _, path, named = heappop(waiting)
            found = self._led_to(path, named, mocked)
        return None

    def _held(self, target: Target, mocked: Collection[int]) -> Iterator[_Named]:
        """The names in what runs while a mock holds: the body of a ``with``, or a test.

        Anything, where somebody else makes the mock.
        """
        around = [node for node in target.parents if isinstance(node, ast.stmt)]
        if around and isinstance(around[-1], (ast.With, ast.AsyncWith)):
            yield from self._of(target.module, around[-1], mocked)
            return
        around = [node for node in around if isinstance(node, DEFINITIONS)]
        if around and name_of([around[-1]]).startswith("test"):
            yield from self._of(target.module, around[-1], mocked)
        else:
            yield _UNKNOWN

    def _defining(self, named: _Named, module: str) -> frozenset[str]:
        """The files of a module, and of all that it imports, which define a name."""
        name, _, where = named
        if where:
            return frozenset({where.rpartition(":")[0]})
        if module not in self._closures:
            self._closures[module] = self._files(module)
        return self._closures[module].intersection(self._homes.get(name, ()))

    def _cost(self, path: str) -> int:
        """How much would have to be parsed to look into a file."""
        is_parsed = self.project.is_parsed(path)
        return 0 if is_parsed else len(self.project.read_or_empty(path))

    def _led_to(
        self, path: str, named: _Named, mocked: Collection[int]
    ) -> frozenset[_Named]:
        """The names in all that has a name in a file."""
        name, is_member, where = named
        return frozenset(
            each
            for found, of_class in self._definitions(path).get(name, ())
            if (
                where == f"{path}:{found.lineno}"
                if where
                else is_member or not of_class
            )
            for each in self._words(path, found, mocked)
        )

    def _words(
        self, path: str, found: Definition, mocked: Collection[int]
    ) -> frozenset[_Named]:
        """The names in a definition; remembered, unless it has a call of the mock's."""
        module = self.project.module(path)
        if id(found) in mocked:
            return frozenset(self._of(module, found, mocked))
        if found not in self._said:
            self._said[found] = frozenset(self._of(module, found, ()))
        return self._said[found]

    def _of(
        self, module: Module | None, owner: ast.AST, mocked: Collection[int]
    ) -> Iterator[_Named]:
        """The names in a function; of a class those of what Python calls by itself."""
        assert module is not None
        waiting: list[ast.AST] = [owner]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Attribute) and not _is_foreign(module, node.value):
                yield self._member(module, node)
            elif isinstance(node, ast.Name):
                yield from _global(module, node)
            elif isinstance(node, ast.Call):
                yield from _looked_up(node)
                if id(node) in mocked or _is_asserted(node):
                    waiting += _called_in(node)
                    continue
            waiting += [
                child
                for child in ast.iter_child_nodes(node)
                if not (node is owner and _is_method(owner, child))
            ]

    def _member(self, module: Module, node: ast.Attribute) -> _Named:
        """An attribute: the one method of a class that made its owner, or any."""
        found = method_of(self.project, module, node)
        if found is None:
            return node.attr, True, ""
        path, method = found
        return node.attr, True, f"{path}:{method.lineno}"

    def _files(self, name: str) -> frozenset[str]:
        """A module and all that it imports, once it is known what they define."""
        names = self.project.closure(name) | {name}
        files = frozenset(map(self.project.by_name.__getitem__, names))
        for path in sorted(files - self._looked_at):
            for each in self.project.of_text(path, _defined):
                self._homes[each].append(path)
        self._looked_at |= files
        return files

    def _definitions(self, path: str) -> Mapping[str, list[tuple[Definition, bool]]]:
        """The functions and classes of a file, and whether they are of a class."""
        module = self.project.module(path)
        return module.definitions if module is not None else {}


def _defined(raw: bytes) -> frozenset[str]:
    """The names of all that a text defines, at any depth."""
    return frozenset(each.decode() for each in _DEFINED.findall(b"\n" + raw))


def replaced(target: Target) -> frozenset[str]:
    """The functions that other mocks stand in for as long as this one holds.

    Those of the ``with`` statements and decorators around it.
    """
    return frozenset(_replaced(target))


def _replaced(target: Target) -> Iterator[str]:
    for node in target.parents:
        items = [i.context_expr for i in getattr(node, "items", ())]
        for call in (*items, *getattr(node, "decorator_list", ())):
            if isinstance(call, ast.Call) and call is not target.call:
                yield from _named_by(target.module, call)


def _named_by(module: Module, call: ast.Call) -> Iterator[str]:
    """What a mocking call replaces: ``patch.object(x, 'f')``, ``multiple(**names)``."""
    if "patch" not in ast.unparse(call.func):
        return
    texts: list[ast.AST] = [*call.args[:2]]
    for keyword in call.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Name):
            scope = module.scopes.scope_of(keyword.value)
            found = module.scopes.bindings(keyword.value.id, scope)
            texts += [each.value for each in found if each.value is not None]
        elif keyword.arg is not None:
            yield keyword.arg
    for each in (node for text in texts for node in ast.walk(text)):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value.rpartition(".")[2]


def _global(module: Module, node: ast.Name) -> Iterator[_Named]:
    """What a name leads to if it is no variable of a function."""
    for found in module.scopes.bindings(node.id, module.scopes.scope_of(node)):
        if found.alias is not None:
            yield found.alias.name.rpartition(".")[2], False, ""
        elif found.kind in (BindingKind.FUNCTION, BindingKind.CLASS):
            yield node.id, False, ""
        elif found.value is not None and found.scope is module.scopes.module:
            for each in ast.walk(found.value):
                if isinstance(each, (ast.Name, ast.Attribute)):
                    yield getattr(each, "attr", "") or ast.unparse(each), True, ""


def _is_foreign(module: Module, node: ast.expr) -> bool:
    """Whether a name is a module of Eventlet's, whose functions are not this code's."""
    if not isinstance(node, ast.Name):
        return False
    found = module.scopes.bindings(node.id, module.scopes.scope_of(node))
    return bool(found) and all(_imported(each).startswith(_EVENTLET) for each in found)


def _imported(binding: Binding) -> str:
    """The path of what an import binds, with a dot behind it; maybe empty."""
    if binding.alias is None:
        return ""
    above = getattr(binding.node, "module", "") or ""
    return f"{above}.{binding.alias.name}.".lstrip(".")


def _looked_up(call: ast.Call) -> Iterator[_Named]:
    """``getattr(self, name)``: anything, unless the name is written there."""
    if isinstance(call.func, ast.Name) and call.func.id == "getattr":
        for each in call.args[1:2]:
            written = each.value if isinstance(each, ast.Constant) else None
            yield _UNKNOWN if written is None else (str(written), True, "")


def _called_in(call: ast.Call) -> Iterator[ast.AST]:
    """The calls among the arguments of one."""
    for given in (*call.args, *call.keywords):
        yield from (node for node in ast.walk(given) if isinstance(node, ast.Call))


def _is_asserted(call: ast.Call) -> bool:
    """``mock.assert_called_once_with(function)`` calls nothing that it is given."""
    return isinstance(call.func, ast.Attribute) and call.func.attr.startswith("assert_")


def _is_method(owner: ast.AST, node: ast.AST) -> bool:
    """Whether a part of a class runs only when it is called by its name."""
    if not isinstance(owner, ast.ClassDef) or not isinstance(node, DEFINITIONS):
        return False
    return not _is_special(node.name)


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_past(target: Target, place: list[ast.AST]) -> bool:
    """Whether a file has run a place, or will, but not while its function mocks."""
    inside = [node for node in target.parents if isinstance(node, _FUNCTIONS)]
    return (
        bool(inside)
        and not any(isinstance(n, _YIELDING) for n in ast.walk(inside[-1]))
        and place[0] is target.module.tree
        and not any(isinstance(node, _LATER) for node in place)
    )


def name_of(place: list[ast.AST]) -> str:
    """The name by which the definition around a place is reached; maybe empty.

    That of the outermost function, or of the class for its body and for what Python
    calls by itself.
    """
    known = ""
    for node in place:
        if isinstance(node, ast.ClassDef):
            known = node.name
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return known if _is_special(node.name) else node.name
    return known
