"""Imports of Eventlet that nothing in their file uses, as subjects.

Only what a file's own expressions say is looked at; what an import may be there for
all the same is asked of :mod:`deventlet.driver.imports.needs`. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import cast

from deventlet.codemod import Subject
from deventlet.driver.reach.running import Running
from deventlet.driver.subjects.findings import (
    Findings,
    imported_path,
    own_package,
    site_of,
)
from deventlet.resolve.api import ROOTS, TRIGGERS, canonical
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind, Scope
from deventlet.resolve.tree import all_ancestors, ancestors

_BY_CALL = (b"_import", b"import_")


def find_idle(names: Names) -> Findings:
    """Each idle import of Eventlet or greenlet as an alias that has only a binding."""
    findings = Findings([], {}, Running(names.project), shims=frozenset(names.shims))
    project = names.project
    for path in project.containing(TRIGGERS):
        kept = project.is_parsed(path)
        module = project.module(path) if _imports(project, path) else None
        found = list(_idle(names, module)) if module is not None else []
        for binding in found:
            assert module is not None
            _add(findings, names, module, binding)
        if module is not None and not (found or kept):
            project.put_aside(module)
    if findings.subjects:
        findings.starred = names.starred
    findings.subjects.sort(key=lambda subject: subject.origin)
    return findings


def _imports(project: Project, path: str) -> bool:
    """Whether a file may import Eventlet, by its text."""
    raw = project.read_or_empty(path)
    return any(hint in raw for hint in _BY_CALL) or any(
        item.module.partition(".")[0] in ROOTS for item in project.imports(path)
    )


def _add(findings: Findings, names: Names, module: Module, binding: Binding) -> None:
    dotted = source_of(names, module, binding)
    assert dotted is not None
    node = binding.alias or binding.value
    assert node is not None
    site = site_of(module, node, canonical(dotted), "import")
    subject = Subject(site.api, "alias", (site,), (site,))
    findings.subjects.append(subject)
    findings.imports[site] = module, binding
    ours = own_package(names.project, site)
    if ours is not None:
        findings.refused[subject] = "name.own-package", ours


def _idle(names: Names, module: Module) -> Iterator[Binding]:
    """The imports of Eventlet in a file that no expression of it needs."""
    for scope in module.scopes.scopes:
        for name, bindings in scope.bindings.items():
            ours = [b for b in bindings if source_of(names, module, b) is not None]
            read = _read(module, scope, name) if ours else []
            if read and len(bindings) > 1:
                yield from _apart(ours, bindings, _paths(module, read))
            elif not read:
                yield from ours


def source_of(names: Names, module: Module, binding: Binding) -> str | None:
    """What of Eventlet's a binding imports, by a statement or by ``try_import``."""
    if binding.alias is not None:
        dotted = imported_path(module, binding)
        return dotted if dotted.partition(".")[0] in ROOTS else None
    if isinstance(binding.value, ast.Call):
        found = sorted(names.binding(module, binding))
        return next((d for d in found if d.partition(".")[0] in ROOTS), None)
    return None


def _read(module: Module, scope: Scope, name: str) -> list[ast.Name]:
    """Where the file reads a name of a scope."""
    return [
        node
        for node, where in module.scopes.loads(name)
        if module.scopes.resolve(name, where) is scope
    ]


def _paths(module: Module, names: Sequence[ast.Name]) -> list[str]:
    """The attribute paths that begin with names, all found in one walk."""
    above = all_ancestors(module.tree, names)
    return [_path(node, above[node]) for node in names]


def _apart(
    ours: list[Binding], bindings: list[Binding], paths: list[str]
) -> Iterator[Binding]:
    """``import eventlet.queue`` where all that is used comes by ``import eventlet``."""
    for binding in ours:
        alias = binding.alias
        if binding.kind is not BindingKind.IMPORT or alias is None or alias.asname:
            continue
        others = (b.alias.name for b in bindings if b.alias and b is not binding)
        same = "." in alias.name and binding.name in others
        if same and not any(_meets(path, alias.name) for path in paths):
            yield binding


def _meets(path: str, module: str) -> bool:
    """Whether a path leads to a module, or is one of those above it."""
    return f"{path}.".startswith(f"{module}.") or f"{module}.".startswith(f"{path}.")


def path_from(module: Module, name: ast.Name) -> str:
    """The longest attribute path that begins with a name."""
    return _path(name, ancestors(module.tree, name))


def _path(name: ast.Name, parents: Sequence[ast.AST]) -> str:
    """The longest attribute path that begins with a name, given what is around it."""
    path, below = name.id, cast("ast.expr", name)
    for above in reversed(parents):
        if not (isinstance(above, ast.Attribute) and above.value is below):
            break
        path, below = f"{path}.{above.attr}", above
    return path
