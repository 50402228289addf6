"""What a name stands for in one file: a small scope pass over ``ast``.

Knows imports, names bound to a dotted name (``nap = eventlet.sleep``), ``try_import``,
and what other files of the repository pass on under a name of their own. Every
binding of a scope counts, so that a name bound twice may stand for two things. Nothing
of deventlet's is imported, and no flow is followed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Exports: TypeAlias = Mapping[str, frozenset[str]]
"""What the names of the repository's modules stand for: ``proj.compat.nap``."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, *_COMPREHENSIONS, ast.ClassDef)
_DEEP = 8
"""How many aliases of aliases are followed."""


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension, and what its names are bound to.

    :param imported: dotted names that an import binds a name to.
    :param assigned: expressions that an assignment binds a name to.
    :param entered: names that ``with … as`` binds.
    :param other: names that something else binds: a parameter, a loop, a function.
    """

    node: ast.AST
    parent: Scope | None
    imported: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    assigned: dict[str, list[ast.expr]] = field(
        default_factory=lambda: defaultdict(list)
    )
    entered: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)

    def binds(self, name: str) -> bool:
        """Whether a name is this scope's own."""
        if name in self.outer:
            return False
        bound = (self.imported, self.assigned, self.entered, self.other)
        return any(name in names for names in bound)

    def home(self, name: str) -> Scope | None:
        """The scope whose variable a name is here; None for a built-in one."""
        scope: Scope | None = self
        while scope is not None:
            if scope.binds(name) and (scope is self or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    @property
    def is_class(self) -> bool:
        """Whether functions inside of it do not see its names."""
        return isinstance(self.node, ast.ClassDef)


class Names:
    """The scopes of a file, and what its expressions stand for.

    :param module: the dotted name of the file, from the top of the repository.
    """

    def __init__(
        self, tree: ast.Module, module: str, package: bool, exports: Exports
    ) -> None:
        self.top = Scope(tree, None)
        self.scopes: dict[ast.AST, Scope] = {tree: self.top}
        self.scope_of: dict[ast.AST, Scope] = {}
        self._package = module if package else module.rpartition(".")[0]
        self._exports = exports
        self._visit(tree, self.top)

    def of(self, node: ast.AST, deep: int = _DEEP) -> frozenset[str]:
        """The dotted names that an expression stands for, as far as it is known."""
        if isinstance(node, ast.Attribute):
            return frozenset(
                full
                for base in self.of(node.value, deep)
                for full in self._really(f"{base}.{node.attr}")
            )
        if isinstance(node, ast.Name):
            return self._named(node.id, self.scope_of[node], deep)
        return self._tried(node, deep)

    def of_top(self, name: str) -> frozenset[str]:
        """The same for a name of the module."""
        return self._named(name, self.top, _DEEP)

    def _named(self, name: str, scope: Scope, deep: int) -> frozenset[str]:
        home = scope.home(name)
        if home is None or not deep:
            return frozenset()
        found = {real for full in home.imported[name] for real in self._really(full)}
        for value in home.assigned[name]:
            found |= self.of(value, deep - 1)
        return frozenset(found)

    def _tried(self, node: ast.AST, deep: int) -> frozenset[str]:
        """``try_import("eventlet.tpool")``, or ``getattr(eventlet, "sleep")``."""
        if not isinstance(node, ast.Call) or not node.args:
            return frozenset()
        word = last_name(node.func)
        if word in ("try_import", "import_module"):
            return frozenset(filter(None, [text_of(node.args[0])]))
        if word == "getattr" and len(node.args) > 1 and text_of(node.args[1]):
            bases = self.of(node.args[0], deep)
            return frozenset(f"{base}.{text_of(node.args[1])}" for base in bases)
        return frozenset()

    def _really(self, full: str) -> frozenset[str]:
        """What a name of another file stands for there; itself if that is not known."""
        return self._exports.get(full, frozenset([full]))

    # Binding -------------------------------------------------------------------------

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        self.scope_of[node] = scope
        self._bind(node, scope)
        inside = scope
        if isinstance(node, _SCOPES):
            inside = self.scopes[node] = Scope(node, scope)
        for child in ast.iter_child_nodes(node):
            self._visit(child, inside if _is_inside(node, child) else scope)

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        """Note what a node binds in the scope that it stands in."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, full in self.imports(node):
                if isinstance(node, ast.Import) and not alias.asname:
                    full = full.partition(".")[0]
                local = alias.asname or full.rpartition(".")[2]
                scope.imported[local].add(full)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            scope.outer.update(node.names)
        else:
            for name, value in _assigned(node):
                scope.assigned[name].append(value)
            self._bind_other(node, scope)

    def _bind_other(self, node: ast.AST, scope: Scope) -> None:
        """The same for what only says that a name is not known."""
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope.other.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                scope.other.add(name)
            case ast.ExceptHandler(name=str(name)):
                scope.other.add(name)
            case ast.withitem(optional_vars=ast.Name(id=name)):
                scope.entered.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                if name not in scope.assigned and name not in scope.entered:
                    scope.other.add(name)

    def imports(
        self, node: ast.Import | ast.ImportFrom
    ) -> Iterator[tuple[ast.alias, str]]:
        """What a statement imports, with its dotted name."""
        base = self._absolute(node) + "." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            yield alias, base + alias.name

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The module of ``from … import``, without dots at its start."""
        if not node.level:
            return node.module or ""
        parts = self._package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *filter(None, [node.module])])


def exported(names: Names, module: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The names of a module that stand for others, with what they stand for."""
    for name in {*names.top.imported, *names.top.assigned}:
        found = names.of_top(name)
        if found:
            yield f"{module}.{name}", found


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The plain names that an assignment binds, with what it binds them to."""
    match node:
        case ast.Assign(targets=targets, value=value):
            names = [target for target in targets if isinstance(target, ast.Name)]
            yield from ((target.id, value) for target in names)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value


def _is_inside(node: ast.AST, child: ast.AST) -> bool:
    """Whether a child of a scope belongs to it; decorators and the like do not."""
    if isinstance(node, _FUNCTIONS):
        return isinstance(child, ast.stmt | ast.arguments) or (
            isinstance(node, ast.Lambda) and child is node.body
        )
    if isinstance(node, ast.ClassDef):
        return isinstance(child, ast.stmt)
    return True


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for another expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.expr) -> str:
    """The text of a plain string; empty for another expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
