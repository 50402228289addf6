"""Which imports of Eventlet go, because a change takes their last use.

Nothing is edited here, and nothing that is the project's own goes unproven.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deventlet.driver.emit.draft import Draft, removal_of
from deventlet.driver.imports.passing import may_go
from deventlet.driver.imports.wanted import Wanted
from deventlet.driver.subjects.findings import Findings, imported_path
from deventlet.driver.subjects.idle_imports import path_from
from deventlet.resolve.api import EVERYTHING, WORK_AROUND
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind, Scope
from deventlet.source.imports import Removal, bound_by


@dataclass(frozen=True, slots=True)
class Leaving:
    """Tells of each name that an import binds whether anything still needs it."""

    project: Project
    findings: Findings
    wanted: Wanted

    def unused(self, draft: Draft, texts: Mapping[str, bytes]) -> Iterator[Removal]:
        """Eventlet imports that lost their last use to this change.

        :raises ValueError: if one is the project's, and may be there for more.
        """
        found = [
            removal_of(binding)
            for scope, name, bindings in self.losing(draft)
            if name in draft.freed
            or not self.is_wanted_elsewhere(draft.module, scope, name, texts)
            for binding in bindings
        ]
        gone = {removal.alias for removal in found}
        for each in found:
            if not may_go(self.project, draft.module, each.statement, gone):
                raise ValueError(f"{each.alias.name} would be imported for nothing")
        yield from found
        yield from self._submodules(draft)

    def _submodules(self, draft: Draft) -> Iterator[Removal]:
        """``import eventlet.queue`` that lost its last use, where ``eventlet`` stays.

        The package must be imported by another statement, and be used only through
        attributes that are other modules and functions.
        """
        scopes = draft.module.scopes
        for name, bindings in scopes.module.bindings.items():
            if len(bindings) < 2 or not all(
                self.imports_source(draft.module, b) for b in bindings
            ):
                continue
            loads = [
                node
                for node, where in scopes.loads(name)
                if scopes.resolve(name, where) is scopes.module
            ]
            paths = {id(n): path_from(draft.module, n) + "." for n in loads}
            lost = {path for key, path in paths.items() if key in draft.roots}
            kept = {path for key, path in paths.items() if key not in draft.roots}
            gone = [b for b in bindings if _serves_only(b, lost, kept)]
            if kept and len(gone) < len(bindings):
                yield from map(removal_of, gone)

    def losing(self, draft: Draft) -> Iterator[tuple[Scope, str, list[Binding]]]:
        """The names of Eventlet imports of which every use goes.

        Also those that a module of the project passes on.
        """
        module = draft.module
        kept = {each.name for each in draft.names.values()} - draft.freed
        for scope in module.scopes.scopes:
            for name, bindings in scope.bindings.items():
                if name in kept or (name, scope) in draft.loaded:
                    continue
                if not all(self._brings(module, b) for b in bindings):
                    continue
                loads = [
                    node
                    for node, where in module.scopes.loads(name)
                    if module.scopes.resolve(name, where) is scope
                ]
                if loads and all(id(node) in draft.roots for node in loads):
                    yield scope, name, bindings

    def imports_source(self, module: Module, binding: Binding) -> bool:
        """Whether a binding imports something of Eventlet, or of its stand-ins."""
        if binding.alias is None:
            return False
        dotted = imported_path(module, binding)
        return self.findings.is_source(dotted) or EVERYTHING.leads(dotted)

    def _brings(self, module: Module, binding: Binding) -> bool:
        """Whether a binding imports something of Eventlet, maybe by the project."""
        if self.imports_source(module, binding):
            return True
        statement = binding.node
        if isinstance(statement, ast.ImportFrom):
            return module.absolute(statement) in self.project.by_name
        return binding.alias is not None and _is_for_work_around(module, binding.alias)

    def is_wanted_elsewhere(
        self, module: Module, scope: Scope, name: str, texts: Mapping[str, bytes]
    ) -> bool:
        """Whether ``__all__``, another file or a string still speaks of the name."""
        wanted = self.wanted
        return bool(
            wanted.inside(module, scope, name)
            or wanted.outside(module, scope, name, texts)
        )


def _is_for_work_around(module: Module, alias: ast.alias) -> bool:
    """``import threading`` beside that of the native module that was put aside."""
    if alias.name != "threading" or WORK_AROUND.encode() not in module.source.utf8:
        return False
    aliases = (node for node in ast.walk(module.tree) if isinstance(node, ast.alias))
    return any(each.name == WORK_AROUND for each in aliases)


def _serves_only(binding: Binding, lost: set[str], kept: set[str]) -> bool:
    """Whether an import of a submodule is for uses that go, and for no other."""
    alias = binding.alias
    if alias is None or alias.asname or binding.kind is not BindingKind.IMPORT:
        return False
    path = alias.name + "."
    return (
        "." in alias.name
        and any(each.startswith(path) for each in lost)
        and not any(each.startswith(path) or path.startswith(each) for each in kept)
    )


def lift(draft: Draft) -> None:
    """What leaves a fallback of which some names stay, for the module's imports.

    Each name leaves all branches. In a block of its own a fallback is only changed.
    """
    for node, specs in list(draft.flatten.items()):
        if sorted(spec.bound for spec in specs.values()) == bound_by(node.body):
            continue
        del draft.flatten[node]
        if node not in draft.module.tree.body:
            draft.swaps.update(specs)
            continue
        wanted = {spec.bound: spec for spec in specs.values()}
        for removal in _branches(node):
            name = removal.alias.asname or removal.alias.name.partition(".")[0]
            if name in wanted:
                draft.lifted[removal] = wanted[name]


def _branches(fallback: ast.Try) -> Iterator[Removal]:
    """Every name that the branches of a fallback import."""
    for branch in (fallback.body, *(h.body for h in fallback.handlers)):
        for statement in branch:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                yield from (Removal(statement, alias) for alias in statement.names)
