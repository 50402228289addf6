"""Uses and the names that they go through, as subjects.

A name bound to the API is one subject with all its uses, in whichever files; a use
through Eventlet's own module is a subject by itself. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from deventlet.codemod import Site, Subject
from deventlet.driver.subjects.findings import (
    Findings,
    imported_path,
    site_of,
    use_site,
)
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.chains import root
from deventlet.resolve.names import NOTHING, Alias, Names
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, ScopeKind
from deventlet.resolve.tree import ancestors
from deventlet.resolve.uses import Use

_Key = tuple[str, int]
_Problem = tuple[str, str]
_TAKEN_FROM_MORE = "name.ambiguous", "it is taken from more than a name"
_SEVERAL = "name.rebound", "it is bound to several names"
_GIVING = (ast.Assign, ast.AnnAssign, ast.NamedExpr)


@dataclass(eq=False, slots=True)
class _Group:
    """The bindings and uses of one alias."""

    aliases: dict[_Key, Alias] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _Joiner:
    """Joins bindings that must change together into groups (union-find)."""

    names: Names
    aliases: dict[_Key, Alias] = field(default_factory=dict)
    parents: dict[_Key, _Key] = field(default_factory=dict)

    def root(self, alias: Alias) -> _Key:
        """The key that stands for the group of a binding."""
        key = alias.key
        while self.parents[key] != key:
            self.parents[key] = self.parents[self.parents[key]]  # halves the way
            key = self.parents[key]
        return key

    def join(self, found: Iterable[Alias]) -> None:
        """Put bindings, and all that they hang on, into one group."""
        waiting = list(found)
        first: Alias | None = None
        while waiting:
            alias = waiting.pop()
            if alias.key not in self.aliases:
                self.aliases[alias.key] = alias
                self.parents[alias.key] = alias.key
                waiting += (*_behind(self.names, alias), *_siblings(alias))
            first = first or alias
            self.parents[self.root(alias)] = self.root(first)

    def groups(self) -> dict[_Key, _Group]:
        """Every group under the key that stands for it."""
        groups: dict[_Key, _Group] = defaultdict(_Group)
        for key, alias in self.aliases.items():
            groups[self.root(alias)].aliases[key] = alias
        return groups


def group(findings: Findings, names: Names, uses: Sequence[Use]) -> None:
    """Join uses that hang on the same binding; others stand alone."""
    joiner = _Joiner(names)
    given = _given(uses)
    for use in uses:
        joiner.join(use.aliases)
        joiner.join(given.get(id(use.node), ()))
    groups = joiner.groups()
    values = {id(alias.binding.value) for alias in joiner.aliases.values()}
    for use in uses:
        if use.aliases:
            groups[joiner.root(use.aliases[0])].uses.append(use)
        elif id(use.node) not in values:
            _alone(findings, use)
    by_node = {id(use.node): use for use in uses}
    for group in groups.values():
        _together(findings, names, group, by_node)


def _given(uses: Sequence[Use]) -> dict[int, list[Alias]]:
    """The names that ``nap = eventlet.sleep`` gives a use to, by the use's node."""
    wanted = {id(use.node) for use in uses if isinstance(use.parents[-1], _GIVING)}
    modules = {use.module: None for use in uses if id(use.node) in wanted}
    found: dict[int, list[Alias]] = defaultdict(list)
    for module in modules:
        for scope in module.scopes.scopes:
            for binding in chain.from_iterable(scope.bindings.values()):
                if id(binding.value) in wanted:
                    found[id(binding.value)].append(Alias(module, binding))
    return found


def _behind(names: Names, alias: Alias) -> Iterator[Alias]:
    """The bindings that an alias itself gets its value from."""
    binding, module = alias.binding, alias.module
    if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
        assert isinstance(binding.node, ast.ImportFrom)
        yield from names.exported(module.absolute(binding.node), binding.alias.name)
    elif isinstance(binding.value, (ast.Name, ast.Attribute, ast.NamedExpr)):
        yield from names.aliases(binding.value, binding.scope, module)


def _siblings(alias: Alias) -> Iterator[Alias]:
    """The other bindings of the same name in the same scope."""
    for binding in alias.binding.scope.bindings.get(alias.binding.name, ()):
        yield Alias(alias.module, binding)


def _alone(findings: Findings, use: Use) -> None:
    site = use_site(use)
    subject = Subject(use.api, "use", (site,))
    findings.uses[site] = use
    findings.subjects.append(subject)
    unsure = _unsure(use)
    if unsure is not None:
        findings.refused[subject] = unsure
    elif use.stored:
        findings.refused[subject] = ("name.assigned", "")
    elif not _is_dotted(use.node):
        findings.refused[subject] = _TAKEN_FROM_MORE


def _unsure(use: Use) -> _Problem | None:
    """What else a name may be, if anything."""
    if use.others & {NOTHING}:
        return "import.optional", ""
    other = ", ".join(sorted(use.others))
    detail = "" if other == "?" else f"it may also be {other}"
    return ("name.ambiguous", detail) if other else None


def _is_dotted(node: ast.expr) -> bool:
    """Whether an expression is names and dots only: what it evaluates is no loss."""
    return isinstance(root(node), ast.Name)


def _together(
    findings: Findings, names: Names, group: _Group, by_node: dict[int, Use]
) -> None:
    """One subject for an alias: its bindings first, then its uses."""
    bindings: list[Site] = []
    problem: tuple[str, str] | None = None
    api = group.uses[0].api if group.uses else ""
    for alias in sorted(group.aliases.values(), key=_alias_order):
        site, found = _binding_site(findings, names, alias, by_node, api)
        problem = problem or found
        if site is not None:
            bindings.append(site)
    uses = [use_site(use) for use in group.uses]
    findings.uses.update(zip(uses, group.uses, strict=True))
    if not bindings:
        for use in group.uses:
            _alone(findings, use)
        return
    api = api or bindings[0].api
    sites = tuple(dict.fromkeys((*bindings, *sorted(uses))))
    exported = any(map(_is_public, group.aliases.values()))
    subject = Subject(api, "alias", sites, tuple(bindings), exported=exported)
    findings.subjects.append(subject)
    others = chain.from_iterable(use.others for use in group.uses)
    if {use.api for use in group.uses}.union(map(names.interest.match, others)) - {
        api, None,
    }:  # fmt: skip
        problem = problem or _SEVERAL
    if any(use.stored for use in group.uses):
        problem = problem or ("name.rebound", "")
    if any(_is_starred(findings, alias) for alias in group.aliases.values()):
        problem = problem or ("name.star-import", "another file takes it with a star")
    if problem is not None:
        findings.refused[subject] = problem


def _alias_order(alias: Alias) -> tuple[str, int, int]:
    node = alias.binding.node
    return alias.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_starred(findings: Findings, alias: Alias) -> bool:
    """Whether a star import elsewhere takes the name to where it is not followed."""
    return (
        alias.binding.scope.kind is ScopeKind.MODULE
        and alias.module.name in findings.starred
        and not alias.binding.name.startswith("_")
    )


def _is_public(alias: Alias) -> bool:
    """An assigned module-level name without an underscore: others may call it."""
    return (
        alias.binding.scope.kind is ScopeKind.MODULE
        and alias.binding.value is not None
        and not alias.binding.name.startswith("_")
    )


def _binding_site(
    findings: Findings,
    names: Names,
    alias: Alias,
    by_node: dict[int, Use],
    api: str,
) -> tuple[Site | None, _Problem | None]:
    """The site of a binding, if it has one, and why the group is refused, if so."""
    module, binding = alias.module, alias.binding
    if binding.alias is not None:
        return _import_site(findings, names, alias, api)
    use = by_node.get(id(binding.value))
    problem: _Problem | None = None
    if use is not None and binding.scope.kind is ScopeKind.CLASS:
        problem = "name.class-attribute", f"{binding.name} in {module.path}"
    elif use is not None and not _is_dotted(use.node):
        problem = _TAKEN_FROM_MORE
    if use is not None and use.aliases:
        return None, problem
    if use is not None and use.call is None:
        site = use_site(use)
        findings.uses[site] = use
        return site, _unsure(use) or problem
    if _is_harmless(names, module, binding):
        return None, None
    return None, problem or _rebound(module, binding)


def _rebound(module: Module, binding: Binding) -> _Problem:
    line = getattr(binding.node, "lineno", 0)
    return "name.rebound", f"{binding.name} is bound again at {module.path}:{line}"


def _import_site(
    findings: Findings, names: Names, alias: Alias, api: str
) -> tuple[Site | None, _Problem | None]:
    """The site of an import, from Eventlet directly or through the project."""
    module, binding = alias.module, alias.binding
    assert binding.alias is not None
    denoted = names.binding(module, binding)
    known = {d for d in denoted if names.interest.match(d)}
    if known and denoted - known:
        return None, ("name.ambiguous", f"{binding.name} in {module.path}")
    site = site_of(module, binding.alias, api, "import")
    if known:
        findings.imports[site] = (module, binding)
        several = any(names.interest.match(d) != api for d in known)
        return site, _SEVERAL if api and several else None
    if imported_path(module, binding) in _expected(findings, names, alias):
        return None, _choice(alias)
    return None, _rebound(module, binding)


def _choice(alias: Alias) -> _Problem | None:
    """The condition that chooses between Eventlet's and the other, if one does.

    Both branches would import the same, and what is asked for would not matter.
    """
    tree = alias.module.tree
    around = [n for n in ancestors(tree, alias.binding.node) if isinstance(n, ast.If)]
    others = (a.binding.node for a in _siblings(alias))
    shared = {
        id(node)
        for other in others
        if other is not alias.binding.node
        for node in ancestors(tree, other)
    }
    for node in around:
        if id(node) in shared:
            where = f"{alias.module.path}:{node.lineno}"
            return "import.optional", f"an if at {where} chooses between the two"
    return None


def _is_harmless(names: Names, module: Module, binding: Binding) -> bool:
    """A binding without a value, or one from a name of the same group."""
    if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
        return True
    passing = (ast.Name, ast.Attribute, ast.NamedExpr)
    return isinstance(binding.value, passing) and not _foreign(
        names.binding(module, binding), names
    )


def _foreign(denoted: frozenset[str], names: Names) -> bool:
    return any(names.interest.match(d) is None for d in denoted)


def _expected(findings: Findings, names: Names, alias: Alias) -> set[str]:
    """What ``except ImportError: from time import sleep`` may import in a name's place.

    The same name from the module that takes the place of Eventlet's.
    """
    found: set[str] = set()
    for other in _siblings(alias):
        if other.binding.alias is not None:
            path = eventlet_api.canonical(imported_path(other.module, other.binding))
            api = names.interest.match(path)
            if api is not None and findings.replaces.get(api):
                found.add(findings.replaces[api] + path.removeprefix(api))
    return found
