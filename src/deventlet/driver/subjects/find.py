"""From uses and mock targets to subjects: what is decided about as a whole.

Finds the uses, the targets of mocks, and what speaks of Eventlet without being
followed; :mod:`aliases` says which uses belong together. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from deventlet.codemod import Form, Site, Subject
from deventlet.driver.reach.running import Running
from deventlet.driver.subjects.aliases import group
from deventlet.driver.subjects.expectations import expectations, is_concerned
from deventlet.driver.subjects.findings import (
    Findings,
    is_computed,
    own_package,
    site_of,
    strings_at,
    use_site,
)
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.exploring import explore
from deventlet.resolve.literals import Written
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mocks import Mocks
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding
from deventlet.resolve.uses import Use, find_uses


def find(names: Names, replaces: Mapping[str, str]) -> Findings:
    """Every subject of the names of interest, with its sites.

    :param replaces: the dotted name that a codemod puts in an API's place; an
        import of it as a fall-back belongs to the alias.
    """
    findings = Findings(
        explore(names),
        replaces,
        Running(names.project),
        shims=frozenset(names.shims),
        starred=names.starred,
    )
    mocks = Mocks(names)
    uses: list[Use] = []
    imported: list[Site] = []
    for module in findings.modules:
        own = find_uses(names, module)
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
    group(findings, names, [use for use in uses if id(use.node) not in native])
    _add_idle_imports(findings, imported)
    _forget_idle_mocks(findings)
    for subject in findings.subjects:
        ours = own_package(names.project, subject.origin)
        if ours is not None:
            findings.refused[subject] = ("name.own-package", ours)
    findings.subjects.sort(key=lambda subject: subject.origin)
    return findings


def _native(project: Project, uses: Sequence[Use]) -> frozenset[int]:
    """The uses that a name and its argument make no use of Eventlet after all.

    Of ``executor=name`` where every string is known that it may be.
    """
    return frozenset(
        id(use.node)
        for use in uses
        if is_computed(use) and _is_another(strings_at(project, uses, use), use)
    )


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
            findings.refuse(site_of(use.module, call, use.dotted, "call"), reason)


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
            findings.refuse(site, "name.star-import")


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
            findings.refuse(site, "import.unused")
