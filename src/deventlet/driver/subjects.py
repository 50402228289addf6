"""From uses and mock targets to subjects: what is decided about as a whole.

A name bound to the API is one subject with all its uses, in whichever files; a use
through Eventlet's own module is a subject by itself. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from deventlet.codemod import Form, Site, Subject
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.mocks import Mocks, Target
from deventlet.resolve.names import NOTHING, Alias, Names, Use
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind, ScopeKind

_Key = tuple[str, int]


@dataclass(eq=False)
class Findings:
    """Everything found for one codemod; sites lead back to what they stand for."""

    modules: list[Module]
    replacement: str
    subjects: list[Subject] = field(default_factory=list)
    uses: dict[Site, Use] = field(default_factory=dict)
    targets: dict[Site, Target] = field(default_factory=dict)
    imports: dict[Site, tuple[Module, Binding]] = field(default_factory=dict)
    fallbacks: dict[Site, tuple[Module, Binding]] = field(default_factory=dict)
    refused: dict[Subject, tuple[str, str]] = field(default_factory=dict)


def find(names: Names, replacement: str) -> Findings:
    """Every subject of the names of interest, with its sites.

    :param replacement: the dotted name that the codemod puts in their place; an
        import of it as a fall-back belongs to the alias.
    """
    findings = Findings(names.explore(), replacement)
    mocks = Mocks(names)
    uses: list[Use] = []
    for module in findings.modules:
        own = list(names.uses(module))
        uses += (use for use in own if use.api)
        _add_targets(findings, mocks.of(module, own))
        _add_computed(findings, names, own)
    claimed = {id(t.node) for t in findings.targets.values() if t.form == "object"}
    _group(findings, names, [use for use in uses if id(use.node) not in claimed])
    findings.subjects.sort(key=lambda subject: subject.origin)
    return findings


def site_of(
    module: Module, node: ast.expr | ast.stmt | ast.alias, api: str, form: Form
) -> Site:
    """The site that a node is; its spelling is the source text on one line."""
    start, end = module.source.span(node)
    line, column = module.source.position(start)
    end_line, end_column = module.source.position(end)
    text = " ".join(module.source.slice(start, end).split())
    return Site(
        module.path, start, end, line, column, end_line, end_column, api, form, text
    )


def use_site(use: Use) -> Site:
    """A call site covers its call; a reference site its expression."""
    call = use.call
    if call is not None:
        return site_of(use.module, call, use.api, "call")
    return site_of(use.module, use.node, use.api, "reference")


# -- mocks and computed names ----------------------------------------------


def _add_targets(findings: Findings, targets: Iterable[Target]) -> None:
    for target in targets:
        form: Form = "string" if target.form == "string" else "reference"
        site = site_of(target.module, target.node, target.api, form)
        if site in findings.targets:
            continue
        findings.targets[site] = target
        findings.subjects.append(Subject(target.api, "mock", (site,)))


def _add_computed(findings: Findings, names: Names, uses: Sequence[Use]) -> None:
    """``getattr(eventlet, name)`` and ``from eventlet import *``."""
    for use in uses:
        call = use.parents[-1]
        if use.api or not isinstance(call, ast.Call) or use.node not in call.args[:1]:
            continue
        if isinstance(call.func, ast.Name) and call.func.id == "getattr":
            second = call.args[1] if len(call.args) > 1 else None
            if isinstance(second, ast.Constant) and isinstance(second.value, str):
                dotted = f"{use.dotted}.{second.value}"
                if eventlet_api.match(dotted, names.apis) is None:
                    continue
                reason = "name.getattr"
            else:
                reason = "name.computed"
            _refuse(findings, site_of(use.module, call, use.dotted, "call"), reason)
    for module in {use.module.path: use.module for use in uses}.values():
        _add_star_imports(findings, names, module)
    if not uses:
        return


def _add_star_imports(findings: Findings, names: Names, module: Module) -> None:
    for statement in module.scopes.module.star_imports:
        if eventlet_api.is_eventlet(module.absolute(statement)):
            site = site_of(module, statement, module.absolute(statement), "import")
            _refuse(findings, site, "name.star-import")


def _refuse(findings: Findings, site: Site, reason: str, detail: str = "") -> None:
    subject = Subject(site.api, "use", (site,))
    if subject not in findings.refused:
        findings.subjects.append(subject)
        findings.refused[subject] = (reason, detail)


# -- uses and aliases ------------------------------------------------------


@dataclass(eq=False, slots=True)
class _Group:
    """The bindings and uses of one alias while they are being joined."""

    aliases: dict[_Key, Alias] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)


def _group(findings: Findings, names: Names, uses: Sequence[Use]) -> None:
    """Join uses that hang on the same binding; others stand alone."""
    parents: dict[_Key, _Key] = {}
    aliases: dict[_Key, Alias] = {}
    by_node = {id(use.node): use for use in uses}

    def root(key: _Key) -> _Key:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    def join(found: Sequence[Alias]) -> None:
        for alias in found:
            if alias.key in aliases:
                continue
            aliases[alias.key] = alias
            join([*_behind(names, alias), *_siblings(alias)])
        for first, second in zip(found, found[1:], strict=False):
            parents[root(first.key)] = root(second.key)
        for alias in found:
            for other in (*_behind(names, alias), *_siblings(alias)):
                parents[root(alias.key)] = root(other.key)

    for use in uses:
        join(use.aliases)
    _join_value_bindings(names, uses, join)
    groups: dict[_Key, _Group] = defaultdict(_Group)
    for key, alias in aliases.items():
        groups[root(key)].aliases[key] = alias
    for use in uses:
        if use.aliases:
            groups[root(use.aliases[0].key)].uses.append(use)
        elif id(use.node) not in {id(a.binding.value) for a in aliases.values()}:
            _alone(findings, use)
    for group in groups.values():
        _together(findings, names, group, by_node)


def _behind(names: Names, alias: Alias) -> Iterator[Alias]:
    """The bindings that an alias itself gets its value from."""
    binding, module = alias.binding, alias.module
    if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
        assert isinstance(binding.node, ast.ImportFrom)
        yield from names.exported(module.absolute(binding.node), binding.alias.name)
    elif isinstance(binding.value, (ast.Name, ast.Attribute)):
        yield from names.aliases(binding.value, binding.scope, module)


def _siblings(alias: Alias) -> Iterator[Alias]:
    """The other bindings of the same name in the same scope."""
    for binding in alias.binding.scope.bindings.get(alias.binding.name, ()):
        yield Alias(alias.module, binding)


def _join_value_bindings(names: Names, uses: Sequence[Use], join: object) -> None:
    """``nap = eventlet.sleep``: the binding joins even before it is used."""
    assert callable(join)
    for use in uses:
        parent = use.parents[-1]
        if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            for binding in _bindings_with_value(use):
                join([Alias(use.module, binding)])


def _bindings_with_value(use: Use) -> Iterator[Binding]:
    for scope in use.module.scopes.scopes:
        for bindings in scope.bindings.values():
            yield from (b for b in bindings if b.value is use.node)


def _alone(findings: Findings, use: Use) -> None:
    site = use_site(use)
    subject = Subject(use.api, "use", (site,))
    findings.uses[site] = use
    findings.subjects.append(subject)
    if use.others & {NOTHING}:
        findings.refused[subject] = ("import.optional", "")
    elif use.others:
        other = ", ".join(sorted(use.others))
        detail = "" if other == "?" else f"it may also be {other}"
        findings.refused[subject] = ("name.ambiguous", detail)
    elif use.stored:
        findings.refused[subject] = ("name.assigned", "")


def _together(
    findings: Findings, names: Names, group: _Group, by_node: dict[int, Use]
) -> None:
    """One subject for an alias: its bindings first, then its uses."""
    bindings: list[Site] = []
    problem: tuple[str, str] | None = None
    api = group.uses[0].api if group.uses else ""
    for alias in sorted(group.aliases.values(), key=_alias_order):
        found = _binding_site(findings, names, alias, by_node, api)
        if isinstance(found, Site):
            bindings.append(found)
        elif found is not None:
            problem = problem or found
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
    if any(use.stored for use in group.uses):
        problem = problem or ("name.rebound", "")
    if problem is not None:
        findings.refused[subject] = problem


def _alias_order(alias: Alias) -> tuple[str, int, int]:
    node = alias.binding.node
    return alias.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


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
) -> Site | tuple[str, str] | None:
    """The site of a binding, None for a harmless one, or why the group is refused."""
    module, binding = alias.module, alias.binding
    if binding.kind is BindingKind.FROM_IMPORT and binding.alias is not None:
        denoted = names.binding(module, binding)
        site = site_of(module, binding.alias, api, "import")
        if any(eventlet_api.match(d, names.apis) for d in denoted):
            if denoted - {d for d in denoted if eventlet_api.match(d, names.apis)}:
                return "name.ambiguous", f"{binding.name} in {module.path}"
            findings.imports[site] = (module, binding)
            return site
        if _is_fallback(module, binding, findings.replacement):
            findings.fallbacks[site] = (module, binding)
            return None
    use = by_node.get(id(binding.value))
    if use is not None and use.aliases:
        return None
    if use is not None:
        site = use_site(use)
        if binding.scope.kind is ScopeKind.CLASS:
            return "name.class-attribute", f"{binding.name} in {module.path}"
        if site.form == "reference" and not use.others:
            findings.uses[site] = use
            return site
    if binding.kind in (BindingKind.DELETE, BindingKind.ANNOTATION):
        return None
    if isinstance(binding.value, (ast.Name, ast.Attribute)) and not _foreign(
        names.binding(module, binding), names
    ):
        return None
    where = f"{module.path}:{getattr(binding.node, 'lineno', 0)}"
    return "name.rebound", f"{binding.name} is bound again at {where}"


def _foreign(denoted: frozenset[str], names: Names) -> bool:
    return any(eventlet_api.match(d, names.apis) is None for d in denoted)


def _is_fallback(module: Module, binding: Binding, replacement: str) -> bool:
    """``except ImportError: from time import sleep``: the same name from the stdlib."""
    assert isinstance(binding.node, ast.ImportFrom)
    assert binding.alias is not None
    return f"{module.absolute(binding.node)}.{binding.alias.name}" == replacement
