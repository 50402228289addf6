"""The calls of ``monkey_patch`` of a repository, and the functions that lead to one.

A call counts by what its name denotes, never by the bare word. Whether it is ever run
is not asked here. Only files that mention ``monkey_patch`` or a function that leads to
it are parsed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.api import Named
from deventlet.resolve.chains import called_name
from deventlet.resolve.names import UNKNOWN as UNRESOLVED
from deventlet.resolve.names import Names
from deventlet.resolve.processes.literals import Frame
from deventlet.resolve.processes.monkey_patch import PATCH, patched
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import BindingKind, Scope

_INTEREST = Named(frozenset({PATCH}))
_UNRESOLVED = frozenset({UNRESOLVED})

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the repository that leads to a patch call."""

    module: Module
    node: _FunctionNode
    scope: Scope

    @property
    def name(self) -> str:
        """The dotted name under which it is called."""
        return f"{self.module.name}.{self.node.name}"


class PatchCalls:
    """The patch calls of one repository.

    :param spellings: other names of Eventlet's, such as a library's own function.

    ``files`` has those that may say one of ``words``, by path: ``monkey_patch`` and
    the names of ``functions``, which are the functions that lead to it by dotted name.
    """

    def __init__(
        self, texts: Texts, spellings: Mapping[str, str] | None = None
    ) -> None:
        self.texts = texts
        self.project = texts.project
        self.names = Names(self.project, _INTEREST, spellings or {})
        self.files: dict[str, Module] = {}
        self.words: set[str] = set()
        self.functions: dict[str, list[Function]] = {}
        self._somewhere: dict[str, frozenset[str]] = {}
        self._discover()

    # -- what the rest asks -------------------------------------------------

    @cached_property
    def found(self) -> bool:
        """Whether the repository calls ``monkey_patch`` at all."""
        modules = (self.files[path] for path in sorted(self.files))
        return bool(self.functions) or any(
            any(self._direct(module.tree, self._frame(module))) for module in modules
        )

    def on_condition(self, keyword: str) -> frozenset[str]:
        """The modules with a call that patches ``keyword``, if it runs at all."""
        if keyword not in self._somewhere:
            self._somewhere[keyword] = frozenset(
                module.name
                for module in self.files.values()
                if self._patches_somewhere(keyword, module)
            )
        return self._somewhere[keyword]

    def _patches_somewhere(self, keyword: str, module: Module) -> bool:
        frame = self._frame(module)
        calls = self._direct(module.tree, frame)
        return any(keyword in patched(call, frame) for call in calls)

    @cached_property
    def speaking(self) -> frozenset[str]:
        """The modules whose files mention what patches."""
        return frozenset(module.name for module in self.files.values())

    def leading(
        self, keyword: str, module: Module, calls: Iterable[ast.Call]
    ) -> Iterator[ast.Call]:
        """Those of a file's calls that patch, or are of a function that may."""
        frame = self._frame(module)
        for call in calls:
            called = self.called(call, frame) - _UNRESOLVED
            if called - {PATCH} or (called and keyword in patched(call, frame)):
                yield call

    @cached_property
    def apart(self) -> str:
        """Where a method calls ``monkey_patch``: who calls that is not followed.

        The first such place; empty if there is none.
        """
        places = (
            f"{path}:{call.lineno}"
            for path in sorted(self.files)
            for call in self._calls_in_functions(self.files[path])
        )
        return next(places, "")

    def _calls_in_functions(self, module: Module) -> Iterator[ast.Call]:
        for node in ast.walk(module.tree):
            if isinstance(node, _FunctionNode):
                yield from self._direct(node, self._frame(module, node))

    def leads(self, module: Module) -> bool:
        """Whether a file calls what patches anywhere."""
        return self._leads(module.tree, self._frame(module))

    def names_in(self, code: Iterable[ast.AST]) -> frozenset[str]:
        """The names by which code, and the functions that it calls, come to patch."""
        found, waiting = {"monkey_patch"}, list(code)
        while waiting:
            for call in ast.walk(waiting.pop()):
                name = called_name(call)
                if name in self.words - found:
                    found.add(name)
                    waiting += (f.node for f in self._functions_called(name))
        return frozenset(found)

    def _functions_called(self, name: str) -> Iterator[Function]:
        for dotted, functions in self.functions.items():
            if dotted.rpartition(".")[2] == name:
                yield from functions

    # -- finding the functions ----------------------------------------------

    def _discover(self) -> None:
        spelled = (n for n, api in self.names.shims.items() if api == PATCH)
        self.words = {"monkey_patch", *(n.rpartition(".")[2] for n in spelled)}
        waiting = self.texts.containing(frozenset(self.words))
        while waiting:
            fresh: dict[str, list[Function]] = {}
            for path in waiting:
                for function in self._patching_functions(path):
                    fresh.setdefault(function.name, []).append(function)
            self.functions.update(fresh)
            names = {*fresh, *(name for path in waiting for name in self._named(path))}
            self.words.update(name.rpartition(".")[2] for name in names)
            waiting = self._callers(names) if names else []

    def _patching_functions(self, path: str) -> Iterator[Function]:
        """Functions of a file that are new to us and call what patches."""
        module = self.project.module(path)
        if module is None:
            return
        self.files[path] = module
        for node in _statements(module.tree.body):
            if isinstance(node, _FunctionNode):
                function = Function(module, node, module.scopes.of(node))
                is_new = function.name not in self.functions
                if is_new and self._leads(node, self._frame(module, node)):
                    yield function

    def _named(self, path: str) -> Iterator[str]:
        """New names that a file gives it, as in ``patch = eventlet.monkey_patch``."""
        module = self.files.get(path)
        bindings = module.scopes.module.bindings if module is not None else {}
        for name in sorted(bindings.keys() - self.words):
            for each in bindings[name]:
                if module and isinstance(each.value, ast.Attribute | ast.Name):
                    denoted = self.names.binding(module, each)
                    if any(map(_INTEREST.match, denoted)):
                        yield f"{module.name}.{name}"

    def _leads(self, node: ast.AST, frame: Frame) -> bool:
        """Whether anything below a node may call what patches."""
        return any(self.called(call, frame) - _UNRESOLVED for call in _calls(node))

    def _direct(self, node: ast.AST, frame: Frame) -> Iterator[ast.Call]:
        """The calls of ``monkey_patch`` itself below a node."""
        return (call for call in _calls(node) if PATCH in self.called(call, frame))

    def _frame(self, module: Module, function: _FunctionNode | None = None) -> Frame:
        """Where a file's own code is evaluated, or that of one of its functions."""
        scopes = module.scopes
        scope = scopes.module if function is None else scopes.of(function)
        return Frame(self.names, module, scope, {})

    def _callers(self, fresh: Iterable[str]) -> list[str]:
        """Files that contain a function's name and can have got it from its file."""
        found: set[str] = set()
        for name in sorted(fresh):
            owner, _, word = name.rpartition(".")
            paths = self.texts.containing(frozenset({word}))
            found.add(self.project.by_name[owner])
            for each in self._sources(owner, word, paths):
                imported = self.project.imported_modules
                found.update(path for path in paths if each in imported(path))
        return sorted(found)

    def _sources(self, owner: str, word: str, paths: list[str]) -> set[str]:
        """The module and those that pass the name on."""
        sources: set[str] = set()
        waiting = {owner}
        while waiting:
            sources |= waiting
            waiting = {
                self.project.names[path]
                for path in paths
                for item in self.project.imports(path)
                if item.module in waiting and item.name in (word, "*")
            } - sources
        return sources & self.project.by_name.keys()

    # -- what a name is -------------------------------------------------------

    def called(self, call: ast.Call, frame: Frame) -> frozenset[str]:
        """Every patching function that a call may call; UNRESOLVED among others."""
        denoted = set(frame.denotes(call.func))
        if isinstance(call.func, ast.Name) and UNRESOLVED in denoted:
            bindings = frame.module.scopes.bindings(call.func.id, frame.scope)
            if bindings and all(_is_module_function(frame.module, b) for b in bindings):
                denoted = {f"{frame.module.name}.{call.func.id}"}
        targets = [self.targets(each) for each in sorted(denoted)]
        return frozenset().union(*targets)

    def targets(self, dotted: str) -> frozenset[str]:
        """The patching functions that a dotted path leads to."""
        if _INTEREST.match(dotted):
            return frozenset({PATCH})
        if dotted in self.functions:
            return frozenset({dotted})
        owner, _, name = dotted.rpartition(".")
        if name not in self.words or owner not in self.project.by_name:
            return self._through_attribute(owner, name)
        target = self.project.named(owner)
        if target is None:
            return _UNRESOLVED
        return self._passed_on(target, name, "")

    def _through_attribute(self, owner: str, name: str) -> frozenset[str]:
        """``shim.eventlet.monkey_patch``: an attribute of what a module passes on."""
        package, _, middle = owner.rpartition(".")
        if name not in self.words or package not in self.project.by_name:
            return _UNRESOLVED
        if middle.encode() not in self.texts.of(package).raw:
            return _UNRESOLVED
        target = self.project.named(package)
        return _UNRESOLVED if target is None else self._passed_on(target, middle, name)

    def _passed_on(self, module: Module, name: str, rest: str) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for binding in module.scopes.bindings(name, module.scopes.module):
            for each in self.names.binding(module, binding):
                full = f"{each}.{rest}" if rest else each
                own = f"{module.name}.{name}"
                found |= _UNRESOLVED if full == own else self.targets(full)
        return found or _UNRESOLVED


def _is_module_function(module: Module, binding: object) -> bool:
    kind = getattr(binding, "kind", None)
    scope = getattr(binding, "scope", None)
    return kind is BindingKind.FUNCTION and scope is module.scopes.module


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Module-level statements, those under ``if``, ``try`` and ``with`` too."""
    for node in body:
        yield node
        match node:
            case ast.If(body=first, orelse=second):
                yield from _statements([*first, *second])
            case ast.Try(body=first, handlers=handlers, orelse=second, finalbody=last):
                handled = [s for handler in handlers for s in handler.body]
                yield from _statements([*first, *handled, *second, *last])
            case ast.With(body=first):
                yield from _statements(first)
