"""Imports of Eventlet's packages, and places where a package is used as a whole.

They follow what is reached through them: an import goes with its last use. Reads
only; the imports that a codemod rewrites are subjects and not looked at here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from deventlet.codemod import Site
from deventlet.driver.subjects.findings import site_of, use_site
from deventlet.resolve.api import canonical, is_eventlet, is_meant
from deventlet.resolve.chains import root_name
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.tied import interesting
from deventlet.resolve.uses import Use, find_uses


@dataclass(frozen=True, slots=True)
class Package:
    """A place that names a package of Eventlet's.

    :param reason: why it cannot be rewritten by itself.
    :param uses: where in the file the uses begin that the name is imported for.
    """

    site: Site
    reason: str
    uses: tuple[int, ...] = ()


def packages(names: Names, module: Module) -> Iterator[Package]:
    """Every such place of one file, imports first."""
    uses = find_uses(names, module)
    known = interesting(names, module)
    for scope in module.scopes.scopes:
        for name in filter(known.__contains__, scope.bindings):
            for binding in scope.bindings[name]:
                yield from _imported(names, module, scope, name, binding, uses)
    for use in uses:
        if not use.api and is_eventlet(use.dotted) and not _is_only_renamed(use):
            site = site_of(module, use.node, use.dotted, "reference")
            yield Package(site, "name.module")


def _imported(
    names: Names,
    module: Module,
    scope: Scope,
    name: str,
    binding: Binding,
    uses: list[Use],
) -> Iterator[Package]:
    dotted = _source(names, module, binding)
    if dotted is None:
        return
    node = binding.alias if binding.alias is not None else binding.value
    assert node is not None
    site = site_of(module, node, dotted, "import")
    mine = [use for use in uses if _through(module, use, name, scope)]
    if len(scope.bindings[name]) > 1:
        mine = _for_submodule(binding, mine)
    starts = tuple(_start(use) for use in mine)
    reason = "import.follows" if mine else "import.unused"
    yield Package(site, "import.optional" if binding.alias is None else reason, starts)


def _for_submodule(binding: Binding, uses: list[Use]) -> list[Use]:
    """The uses that ``import eventlet.queue`` is for, where another import binds it.

    All of them where none goes through the submodule.
    """
    path = binding.alias.name if binding.alias is not None else ""
    if binding.kind is not BindingKind.IMPORT or "." not in path:
        return uses
    return [
        use
        for use in uses
        if f"{use.dotted}.".startswith(f"{path}.")
        or f"{path}.".startswith(f"{use.dotted}.")
    ] or uses


def _start(use: Use) -> int:
    """Where the site of a use begins; a whole package is a site by itself."""
    return use_site(use).start if use.api else use.module.source.span(use.node)[0]


def _source(names: Names, module: Module, binding: Binding) -> str | None:
    """The package of Eventlet's that a binding imports, if it does."""
    if binding.kind is BindingKind.IMPORT and binding.alias is not None:
        name = binding.alias.name
        return name if _is_ours(name) else None
    if binding.alias is not None and isinstance(binding.node, ast.ImportFrom):
        full = f"{module.absolute(binding.node)}.{binding.alias.name}"
        return full if _is_ours(full) else None
    if isinstance(binding.value, ast.Call):
        found = [d for d in names.binding(module, binding) if is_eventlet(d)]
        return found[0] if found else None
    return None


def _is_ours(dotted: str) -> bool:
    """Whether an import alone says that Eventlet is used."""
    return is_eventlet(dotted) and is_meant(canonical(dotted), None)


def _through(module: Module, use: Use, name: str, scope: Scope) -> bool:
    """Whether a use begins with a name of a scope."""
    return (
        root_name(use.node) == name and module.scopes.resolve(name, use.scope) is scope
    )


def _is_only_renamed(use: Use) -> bool:
    """``el = eventlet``: the uses of the other name stand for it.

    Those of an attribute, of an instance or a class, are not followed.
    """
    above = use.parents[-1]
    return (
        isinstance(above, ast.Assign)
        and all(isinstance(target, ast.Name) for target in above.targets)
        and use.scope.kind is not ScopeKind.CLASS
    )
