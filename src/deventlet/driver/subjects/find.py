"""From uses and mock targets to subjects: what is decided about as a whole.

A name bound to the API is one subject with all its uses, in whichever files; a use
through Eventlet's own module is a subject by itself. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import PurePosixPath

from deventlet.codemod import Form, Site, Subject
from deventlet.driver.reach.running import Running
from deventlet.driver.subjects.expectations import expectations, is_concerned
from deventlet.resolve import api as eventlet_api
from deventlet.resolve import facts
from deventlet.resolve.api import Interest
from deventlet.resolve.chains import root
from deventlet.resolve.literals import Written, strings
from deventlet.resolve.mocks import Mocks, Target
from deventlet.resolve.names import NOTHING, Alias, Names, Use
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import (
    Binding,
    BindingKind,
    Scope,
    ScopeKind,
    ancestors,
)
from deventlet.resolve.values import Origin
from deventlet.resolve.values.model import Place

_Key = tuple[str, int]
_SOURCE_FOLDERS = frozenset({".", "src", "lib"})
_Problem = tuple[str, str]
_TAKEN_FROM_MORE = "name.ambiguous", "it is taken from more than a name"
_SEVERAL = "name.rebound", "it is bound to several names"
_GIVING = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
_ROOTS = eventlet_api.ROOTS | {name.partition(".")[0] for name in eventlet_api.RELATED}


@dataclass(eq=False)
class Findings:
    """Everything found for some names; sites lead back to what they stand for."""

    modules: list[Module]
    replaces: Mapping[str, str]
    running: Running
    """What may run while a mock holds."""
    subjects: list[Subject] = field(default_factory=list)
    uses: dict[Site, Use] = field(default_factory=dict)
    targets: dict[Site, Target] = field(default_factory=dict)
    imports: dict[Site, tuple[Module, Binding]] = field(default_factory=dict)
    refused: dict[Subject, tuple[str, str]] = field(default_factory=dict)
    mixed: dict[Subject, str] = field(default_factory=dict)
    """The objects at whose uses something else may be as well, and where."""
    members: dict[Site, facts.Member] = field(default_factory=dict)
    traced: dict[Subject, tuple[Origin, ...]] = field(default_factory=dict)
    parts: dict[Subject, tuple[tuple[Site, ...], ...]] = field(default_factory=dict)
    """The sites of each object of a subject."""
    followers: dict[Subject, frozenset[Site]] = field(default_factory=dict)
    companions: list[Subject] = field(default_factory=list)
    objections: dict[Site, tuple[str, str]] = field(default_factory=dict)
    shims: frozenset[str] = frozenset()
    starred: frozenset[str] = frozenset()
    asked: dict[Site, Use] = field(default_factory=dict)
    """What tests ask of mocks, where a codemod has asked for it."""
    reached: dict[Subject, list[Subject]] | None = None
    """What each mock intercepts, once that has been looked for."""
    given: dict[tuple[Scope, str], Subject] = field(default_factory=dict)
    """The new local names that were given out, each with the subject it is for."""

    @cached_property
    def owners(self) -> dict[Site, Subject]:
        """As :meth:`by_site`, once for all who ask when the subjects are settled."""
        return self.by_site()

    def by_site(self) -> dict[Site, Subject]:
        """The subject of each site, as they are now; a site is a part of one only."""
        return {site: each for each in self.subjects for site in each.sites}

    def use(self, site: Site) -> Use:
        """What stands at a site that an action may be for."""
        found = self.uses.get(site)
        return self.asked[site] if found is None else found

    def of(self, interest: Interest) -> Findings:
        """The part that is for some of the names only, and the ways to them."""
        wanted = [
            subject
            for subject in self.subjects
            if interest.match(subject.api) or interest.leads(subject.api)
        ]
        sites = {site for subject in wanted for site in subject.sites}
        return replace(
            self,
            subjects=wanted,
            uses={site: use for site, use in self.uses.items() if site in sites},
            targets={site: t for site, t in self.targets.items() if site in sites},
            followers={s: f for s, f in self.followers.items() if s in wanted},
            reached=None,
        )

    def is_source(self, dotted: str) -> bool:
        """Whether an imported path is Eventlet's, or was configured to stand for it."""
        return eventlet_api.is_eventlet(dotted) or any(
            shim == dotted or shim.startswith(dotted + ".") for shim in self.shims
        )


def find(names: Names, replaces: Mapping[str, str]) -> Findings:
    """Every subject of the names of interest, with its sites.

    :param replaces: the dotted name that a codemod puts in an API's place; an
        import of it as a fall-back belongs to the alias.
    """
    findings = Findings(
        names.explore(),
        replaces,
        Running(names.project),
        shims=frozenset(names.shims),
        starred=names.starred,
    )
    mocks = Mocks(names)
    uses: list[Use] = []
    imported: list[Site] = []
    for module in findings.modules:
        own = list(names.uses(module))
        targets = mocks.of(module, own)
        uses += (use for use in own if use.api)
        _add_targets(findings, targets)
        _add_computed(findings, names, own)
        _add_star_imports(findings, names, module)
        here = list(_imported_names(module, names))
        imported += here
        if not own and not targets and not here:
            names.project.put_aside(module)
    claimed = {id(t.node) for t in findings.targets.values() if t.form == "object"}
    uses = [use for use in uses if id(use.node) not in claimed]
    native = _native(names.project, uses)
    _group(findings, names, [use for use in uses if id(use.node) not in native])
    _add_idle_imports(findings, imported)
    _forget_idle_mocks(findings)
    for subject in findings.subjects:
        ours = own_package(names.project, subject.origin)
        if ours is not None:
            findings.refused[subject] = ("name.own-package", ours)
    findings.subjects.sort(key=lambda subject: subject.origin)
    return findings


def own_package(project: Project, site: Site) -> str | None:
    """The repository's own module that a site gets in place of Eventlet, if any.

    One in the folder that files are imported from is everybody's; one elsewhere
    belongs to the scripts beside it.
    """
    root = site.api.partition(".")[0]
    home = project.by_name.get(root)
    if home is None or root not in _ROOTS:
        return None
    pure = PurePosixPath(home)
    folder = pure.parent.parent if pure.stem == "__init__" else pure.parent
    near = str(folder) in _SOURCE_FOLDERS or PurePosixPath(site.path).parent == folder
    return home if near else None


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


def expression_use(
    module: Module, node: ast.expr, parents: list[ast.AST], api: str
) -> Use:
    """An expression that is no name of Eventlet's, as a place that may be edited."""
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    name = next(names, None)
    scope = module.scopes.scope_of(name) if name else module.scopes.module
    return Use(module, node, parents, api, api, "", (), frozenset(), scope)


def use_site(use: Use) -> Site:
    """A call site covers its call; a reference site its expression."""
    call = use.call
    if call is not None:
        return site_of(use.module, call, use.api, "call")
    return site_of(use.module, use.node, use.api, "reference")


def strings_at(project: Project, uses: Iterable[Use], use: Use) -> Written:
    """What the argument may be for which a call has to do with Eventlet.

    :param uses: all uses of the repository, for the other calls that take it.
    """
    argument = eventlet_api.CALLED_WITH[use.api]
    alike = (u for u in uses if eventlet_api.CALLED_WITH.get(u.api) == argument)
    calls = [_called(each) for each in alike if each.call is not None]
    return strings(project, calls, argument, _called(use))


def _called(use: Use) -> Place:
    return Place(use.module, use.node, use.parents).up()


def _native(project: Project, uses: Sequence[Use]) -> frozenset[int]:
    """The uses that a name and its argument make no use of Eventlet after all.

    Of ``executor=name`` where every string is known that it may be.
    """
    return frozenset(
        id(use.node)
        for use in uses
        if is_computed(use) and _is_another(strings_at(project, uses, use), use)
    )


def is_computed(use: Use) -> bool:
    """Whether it takes a value to know if a call has to do with Eventlet."""
    argument = eventlet_api.CALLED_WITH.get(use.api)
    if argument is None or argument.value is None or use.call is None:
        return False
    return not isinstance(argument.of(use.call), (ast.Constant, type(None)))


def _forget_idle_mocks(findings: Findings) -> None:
    """Take out mocks of what is only called with arguments of no concern.

    ``mock.patch("oslo_messaging.get_rpc_server")`` where ``executor='threading'``.
    """
    called = {each.api for each in findings.subjects if each.kind != "mock"}
    findings.subjects = [
        subject
        for subject in findings.subjects
        if subject.kind != "mock"
        or len(subject.sites) > 1
        or subject.api not in eventlet_api.CALLED_WITH
        or subject.api in called
    ]


def _is_another(found: Written, use: Use) -> bool:
    value = eventlet_api.CALLED_WITH[use.api].value
    said = (getattr(place.node, "value", None) for place in found.places)
    return not found.lost and value not in said


# -- mocks and computed names ----------------------------------------------


def _add_targets(findings: Findings, targets: Iterable[Target]) -> None:
    for target in targets:
        is_string = target.form == "string" or isinstance(target.node, ast.Constant)
        form: Form = "string" if is_string else "reference"
        site = site_of(target.module, target.node, target.api, form)
        if site in findings.targets or not is_concerned(target):
            continue
        findings.targets[site] = target
        expected = {use_site(use): use for use in expectations(target)}
        findings.uses.update(expected)
        findings.subjects.append(Subject(target.api, "mock", (site, *expected)))


def _add_computed(findings: Findings, names: Names, uses: Iterable[Use]) -> None:
    """``getattr(eventlet, name)``: literal or computed, it is not rewritten."""
    for use in uses:
        call = use.parents[-1]
        if use.api or not isinstance(call, ast.Call) or use.node not in call.args[:1]:
            continue
        reason = _getattr_reason(names, use, call)
        if reason is not None:
            _refuse(findings, site_of(use.module, call, use.dotted, "call"), reason)


def _getattr_reason(names: Names, use: Use, call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Name) or call.func.id != "getattr":
        return None
    name = call.args[1] if len(call.args) > 1 else None
    if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
        return "name.computed"
    known = names.interest.match(f"{use.dotted}.{name.value}")
    return "name.getattr" if known else None


def _add_star_imports(findings: Findings, names: Names, module: Module) -> None:
    """``from eventlet import *`` hides what is used, also by way of the project."""
    for statement in module.scopes.module.star_imports:
        base = module.absolute(statement)
        if eventlet_api.is_eventlet(base) or any(
            name not in module.scopes.module.bindings and module.scopes.loads(name)
            for name in names.exports.get(base, ())
        ):
            site = site_of(module, statement, base, "import")
            _refuse(findings, site, "name.star-import")


def _imported_names(module: Module, names: Names) -> Iterator[Site]:
    """Every import of one of the names in a file, used or not."""
    for binding, alias in module.of_tree(_imports):
        for dotted in sorted(names.binding(module, binding)):
            api = names.interest.match(dotted)
            if api is not None and eventlet_api.is_meant(api, None):
                yield site_of(module, alias, api, "import")


def _imports(module: Module) -> list[tuple[Binding, ast.alias]]:
    """What the imports of a file bind, each with its name there."""
    bindings = (s.bindings.values() for s in module.scopes.scopes)
    every = chain.from_iterable(chain.from_iterable(bindings))
    return [(each, each.alias) for each in every if each.alias is not None]


def _add_idle_imports(findings: Findings, imported: Iterable[Site]) -> None:
    """Imports that nothing in the repository uses; they may be passed on to others."""
    known = {(s.path, s.start) for each in findings.subjects for s in each.sites}
    for site in imported:
        if (site.path, site.start) not in known:
            _refuse(findings, site, "import.unused")


def _refuse(findings: Findings, site: Site, reason: str, detail: str = "") -> None:
    subject = Subject(site.api, "use", (site,))
    if subject not in findings.refused:
        findings.subjects.append(subject)
        findings.refused[subject] = (reason, detail)


# -- uses and aliases ------------------------------------------------------


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


def _group(findings: Findings, names: Names, uses: Sequence[Use]) -> None:
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
    if use.others & {NOTHING}:
        findings.refused[subject] = ("import.optional", "")
    elif use.others:
        other = ", ".join(sorted(use.others))
        detail = "" if other == "?" else f"it may also be {other}"
        findings.refused[subject] = ("name.ambiguous", detail)
    elif use.stored:
        findings.refused[subject] = ("name.assigned", "")
    elif not _is_dotted(use.node):
        findings.refused[subject] = _TAKEN_FROM_MORE


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
    if use is not None and use.call is None and not use.others:
        site = use_site(use)
        findings.uses[site] = use
        return site, problem
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


def imported_path(module: Module, binding: Binding) -> str:
    """The dotted path of what an import binds."""
    assert binding.alias is not None
    if isinstance(binding.node, ast.ImportFrom):
        return f"{module.absolute(binding.node)}.{binding.alias.name}"
    return binding.alias.name
