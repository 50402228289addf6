"""Which name a file can use for a module: one that means it at every site.

A name is used only if the scope pass finds it bound to exactly that module, or bound
nowhere between any site and the module level: a parameter called ``time`` would shadow
the import. A name for something new has to be unused.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import PurePosixPath

from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.uses import Use
from deventlet.source.imports import ImportSpec

_EXPRESSIONS = (
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name is needed: the scope it is evaluated in, line and offset."""

    scope: Scope
    line: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The name for a module in one file, and the import it still needs."""

    name: str
    needed: ImportSpec | None


def choose(
    project: Project,
    module: Module,
    wanted: str,
    places: Sequence[Place],
    freed: frozenset[str] = frozenset(),
    given: frozenset[str] = frozenset(),
) -> Chosen:
    """A name for the module ``wanted`` that cannot clash at any of the places.

    :param freed: names of the file whose imports go with this change, such as the
        ``queue`` of ``from eventlet import queue``: they may be bound anew.
    :param given: names that this change binds itself in some function.
    """
    for name in _bound_names(module, wanted):
        if all(_means(module, wanted, name, place) for place in places):
            return Chosen(name, None)
    package, _, last = wanted.rpartition(".")
    if last not in given and _is_free(project, module, last, places, wanted, freed):
        spec = ImportSpec(package, last) if package else ImportSpec(wanted)
        return Chosen(last, spec)
    names = chain((f"_{last}", f"python_{last}"), (f"_{last}_{n}" for n in count(2)))
    taken = module.scopes.identifiers | given
    fresh = next(name for name in names if name not in taken)
    spec = (
        ImportSpec(package, last, fresh) if package else ImportSpec(wanted, None, fresh)
    )
    return Chosen(fresh, spec)


def _bound_names(module: Module, wanted: str) -> list[str]:
    """Names that some import of the file binds to the module, in order."""
    names: dict[str, None] = {}
    for scope in module.scopes.scopes:
        for name, bindings in scope.bindings.items():
            if any(_imports(module, binding, wanted) for binding in bindings):
                names[name] = None
    return list(names)


def _imports(module: Module, binding: Binding, wanted: str) -> bool:
    """Whether a binding is exactly an import of the module."""
    alias = binding.alias
    if alias is None:
        return False
    if binding.kind is BindingKind.IMPORT:
        return alias.name == wanted and (alias.asname is not None or "." not in wanted)
    assert hasattr(binding.node, "level")
    return f"{module.absolute(binding.node)}.{alias.name}" == wanted  # type: ignore[arg-type]


def _means(module: Module, wanted: str, name: str, place: Place) -> bool:
    """Whether ``name`` at a place is the module, bound before the place runs."""
    scope = module.scopes.resolve(name, place.scope)
    if scope is None:
        return False
    bindings = scope.bindings.get(name, [])
    if not bindings or not all(_imports(module, b, wanted) for b in bindings):
        return False
    if scope.kind is ScopeKind.MODULE:
        top = {id(statement) for statement in module.tree.body}
        bindings = [b for b in bindings if id(b.node) in top]
    else:
        body = getattr(scope.node, "body", [])
        direct = {id(s) for s in body} if isinstance(body, list) else set()
        bindings = [b for b in bindings if id(b.node) in direct]
    # Also for a place in a function: it may be called further up than the import.
    return any(getattr(b.node, "lineno", 0) < place.line for b in bindings)


def runs_later(scope: Scope | None) -> bool:
    """Whether a scope runs after the module has been imported: inside a function."""
    while scope is not None:
        if scope.kind is ScopeKind.FUNCTION:
            return True
        scope = scope.parent
    return False


def _is_free(
    project: Project,
    module: Module,
    name: str,
    places: Iterable[Place],
    wanted: str,
    freed: frozenset[str],
) -> bool:
    """Whether a new module-level import of ``name`` is what every place will see."""
    scopes = module.scopes
    if scopes.module.star_imports:
        return False
    if name not in freed and _is_bound_anew(name, module):
        return False
    seen = (scopes.resolve(name, place.scope) for place in places)
    if not all(scope in (None, scopes.module) for scope in seen):
        return False
    return shadow(project, module, wanted) is None


def _is_bound_anew(name: str, module: Module) -> bool:
    """Whether the file binds a name in the place of an import, or a loop hides it.

    The name of a loop hides one of the module only in its function, but linters hold
    it to be a mistake there too, unlike a parameter or a variable.
    """
    scopes = module.scopes
    first = (s.bindings[name][0].kind for s in scopes.scopes if name in s.bindings)
    return name in scopes.module.bindings or BindingKind.FOR in first


def shadow(project: Project, module: Module, wanted: str) -> str | None:
    """The file beside a script that would be imported in the module's place."""
    top = wanted.partition(".")[0]
    if "." in module.name or top in sys.builtin_module_names:
        return None
    sibling = str(PurePosixPath(module.path).parent / f"{top}.py")
    return sibling if sibling in set(project.paths) else None


def where_statements_bind(scope: Scope) -> Scope:
    """The scope in which a statement around an expression binds its names."""
    while scope.parent is not None and isinstance(scope.node, _EXPRESSIONS):
        scope = scope.parent
    return scope


def is_unused(use: Use, name: str, scope: Scope) -> bool:
    """Whether a name may be bound in a scope: nothing there reads or binds it."""
    scopes = use.module.scopes
    if scope.kind is not ScopeKind.FUNCTION:
        return name not in scopes.identifiers
    if not scopes.is_free(name, scope):
        return False
    return not any(
        scopes.resolve(name, found.scope) is None and _is_within(found.scope, scope)
        for found in scopes.loads(name)
    )


def _is_within(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None and scope is not outer:
        scope = scope.parent
    return scope is outer
