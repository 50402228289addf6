"""What has been found of Eventlet, and how a place in the code becomes a site.

Subjects are added by those who find them; what is here is asked by all who look at
them afterwards. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath

from deventlet.codemod import Form, Site, Subject
from deventlet.driver.reach.running import Running
from deventlet.resolve import api as eventlet_api
from deventlet.resolve import facts
from deventlet.resolve.api import Interest
from deventlet.resolve.literals import Written, strings
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import (
    Binding,
    Scope,
)
from deventlet.resolve.uses import Use
from deventlet.resolve.values import Origin
from deventlet.resolve.values.model import Place

_SOURCE_FOLDERS = frozenset({".", "src", "lib"})
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
        """The part that is for some of the names only, and the ways to them.

        A module of ``eventlet.green`` is a name of its own, and no way to another.
        """
        wanted = [
            subject
            for subject in self.subjects
            if interest.match(subject.api)
            or (interest.leads(subject.api) and not _is_name(subject.api))
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

    def refuse(self, site: Site, reason: str, detail: str = "") -> None:
        """Add a site as a subject of its own that is refused, unless it is one."""
        subject = Subject(site.api, "use", (site,))
        if subject not in self.refused:
            self.subjects.append(subject)
            self.refused[subject] = (reason, detail)


def _is_name(api: str) -> bool:
    """Whether it is more than a module on the way to one of Eventlet's names."""
    return eventlet_api.EVERYTHING.match(api) is not None


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


def is_computed(use: Use) -> bool:
    """Whether it takes a value to know if a call has to do with Eventlet."""
    argument = eventlet_api.CALLED_WITH.get(use.api)
    if argument is None or argument.value is None or use.call is None:
        return False
    return not isinstance(argument.of(use.call), (ast.Constant, type(None)))


def imported_path(module: Module, binding: Binding) -> str:
    """The dotted path of what an import binds."""
    assert binding.alias is not None
    if isinstance(binding.node, ast.ImportFrom):
        return f"{module.absolute(binding.node)}.{binding.alias.name}"
    return binding.alias.name
