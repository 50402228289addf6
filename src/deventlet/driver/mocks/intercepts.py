"""Finds the sites that each mock intercepts: what the mocked name reaches.

Read off what the mock patches and what the test's file imports; the page
``reasons.md`` states the rules. Decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from deventlet.codemod import Site, Subject
from deventlet.driver.mocks.certain import is_run_by_name
from deventlet.driver.mocks.lasting import is_for_all, loaded_below
from deventlet.driver.reach.holding import held_text, is_class_wide, surroundings
from deventlet.driver.reach.named import Named, with_users
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.api import canonical
from deventlet.resolve.chains import root_name
from deventlet.resolve.mock_targets import Target, is_met_by
from deventlet.resolve.mock_uses import asks
from deventlet.resolve.project import DEFINITIONS, Project, as_bytes
from deventlet.resolve.taken import is_handed_to_mock
from deventlet.resolve.uses import Use
from deventlet.resolve.values.bound import says

BACKGROUND = re.compile(
    rb"\b(?:\w*start_\w*service\w*|spawn\w*|serve|Thread|WSGIService|ServiceLauncher)\("
)
"""What leaves something running that may poll with ``time.sleep``."""

_WORD = re.compile(rb"['\"](\w+)['\"]")
_BY_NAME = re.compile(rb"(?:service|Service|serve|Launcher)\w*\(")
"""What may start one of the repository's services by a name for it."""


def fill(findings: Findings, project: Project) -> None:
    """Give every mock the sites that it intercepts; nothing, the second time."""
    if findings.reached is not None:
        return
    intercepts = Intercepts(findings, project)
    findings.reached = {}
    for index, mock in enumerate(findings.subjects):
        target = findings.targets.get(mock.origin) if mock.kind == "mock" else None
        if target is None:
            continue
        met = intercepts.of(target)
        sites = tuple(dict.fromkeys(site for each in met for site in each.sites))
        findings.subjects[index] = replace(mock, intercepts=sites)
        findings.reached[mock] = met


@dataclass(eq=False)
class Intercepts:
    """The mocks of one codemod's findings, and where they look."""

    findings: Findings
    project: Project
    _by_site: dict[Site, Subject] = field(init=False)
    _names: Named = field(init=False)

    def __post_init__(self) -> None:
        self._names = Named(self.project)
        self._by_site = self.findings.by_site()

    # -- what a mock reaches -------------------------------------------------

    def of(self, target: Target) -> list[Subject]:
        """The subjects whose sites a mock intercepts, nearest first."""
        if target.alias and target.form != "whole":
            return self._bound_in(target)
        if target.form != "whole" and BACKGROUND.search(held_text(target)):
            return self._in_services(target)
        for modules in self._places(target):
            found = self._named(target, self._owned(target, modules))
            if found:
                return self._mentioned(target, self._run(target, found))
        if _is_member(target):
            return self._owned(target, frozenset(self.project.by_name))
        if is_for_all(target):
            below = loaded_below(self.project, target.module.path)
            return self._owned(target, below)
        return []

    def _in_services(self, target: Target) -> list[Subject]:
        """What a mock reaches around a service that is started by its name.

        Every file that the test can load, and those whose dotted name has one of the
        words that the test says there: ``start_service('scheduler')``.
        """
        text = held_text(target)
        said = _WORD.findall(text) if _BY_NAME.search(text) else ()
        words = {word.decode() for word in said}
        named = {
            name
            for name in self.project.by_name
            if not words.isdisjoint(name.split("."))
        }
        modules = self.project.closure(target.module.name) | named
        return self._owned(target, modules | {target.module.name})

    def _bound_in(self, target: Target) -> list[Subject]:
        """The subjects that hang on the module-level name that the mock replaces.

        That is the name's alias, and the objects that were made through it.
        """
        assert target.through is not None
        path, name = target.through.path, target.attribute
        aliases = (
            subject
            for subject in self.findings.subjects
            if subject.kind == "alias"
            and any(s.path == path and self._binds(s, name) for s in subject.bindings)
        )
        made = (
            self._by_site[site]
            for site, use in self.findings.uses.items()
            if any(
                a.module.path == path and a.binding.name == name for a in use.aliases
            )
        )
        found = dict.fromkeys((*aliases, *made))
        return [each for each in found if each not in self.findings.followers]

    def _binds(self, site: Site, name: str) -> bool:
        if site in self.findings.imports:
            return self.findings.imports[site][1].name == name
        use = self.findings.uses[site]
        parent = use.parents[-1]
        targets = parent.targets if isinstance(parent, ast.Assign) else []
        return any(isinstance(t, ast.Name) and t.id == name for t in targets)

    def _places(self, target: Target) -> Iterator[frozenset[str]]:
        """Sets of module names to look for the mocked calls in, nearest first."""
        own = target.module.name
        if target.through is not None:
            yield frozenset({target.through.name})
            if target.form == "whole":
                return
        direct = frozenset(directly_imported(self.project, target.module.path))
        yield direct | {own}
        yield self.project.closure(own)
        yield with_users(self.project, own)

    def _owned(self, target: Target, modules: frozenset[str]) -> list[Subject]:
        """Subjects called through the very attribute that the mock replaces."""
        found: list[Subject] = []
        for site, use in self.findings.uses.items():
            if use.module.name in modules and self._goes_through(use, target):
                subject = self._by_site[site]
                if subject not in found and _meets(subject, target):
                    found.append(subject)
        return found

    def _named(self, target: Target, found: list[Subject]) -> list[Subject]:
        """Those whose function something names that the test loads."""
        may_be = self._names.may_be
        return [
            each
            for each in found
            if any(may_be(u.module, u.parents, target) for u in self._uses(each))
        ]

    def _run(self, target: Target, found: list[Subject]) -> list[Subject]:
        """Those of several that may run while the mock holds, if any is seen to."""
        is_whole = target.form == "whole"
        if (len(found) < 2 and not is_whole) or is_class_wide(target):
            return found
        mocked = idle_calls(target, found, self.findings)
        run = [
            subject
            for subject in found
            if any(
                self.findings.running.may_run(target, use.parents, mocked)
                or (is_whole and not is_run_by_name(use, target, self.project))
                for use in self._uses(subject)
            )
        ]
        return run if is_whole else run or found

    def _uses(self, subject: Subject) -> Iterator[Use]:
        known = self.findings.uses
        return (known[site] for site in subject.sites if site in known)

    def _goes_through(self, use: Use, target: Target) -> bool:
        if use.stored or _inside(use, target) or is_handed_to_mock(use):
            return False
        if not target.attribute:  # computed: any may be meant
            return use.owner == target.owner
        if target.form == "whole":
            if _is_caught(use):  # a mock is no exception, so that none comes there
                return False
            return root_name(use.node) == target.attribute
        if use.dotted.startswith("eventlet.green."):
            runs = target.through is not None or not _only_tells(use)
            return runs and f"{target.owner}.".startswith(f"{use.dotted}.")
        return met_alike(use, target)

    def _mentioned(self, target: Target, found: list[Subject]) -> list[Subject]:
        """Those of several whose definition the test speaks of, if it does."""
        text = surroundings(target.module, target.parents)
        named = []
        for subject in found:
            use = self.findings.uses.get(subject.origin)
            name = definition(use)
            if name and says(text, as_bytes(name)):
                named.append(subject)
        return named or found


def _meets(subject: Subject, target: Target) -> bool:
    """Whether an object runs the method that a mock replaces in its class."""
    is_object = subject.kind == "object" and _is_member(target)
    return not is_object or is_met_by(target.attribute, used_of(subject))


def used_of(subject: Subject) -> frozenset[str]:
    """The methods of an object that are used."""
    sites = (site for site in subject.sites if site.form == "method")
    return frozenset(site.api.rpartition(".")[2] for site in sites)


def directly_imported(project: Project, path: str) -> Iterator[str]:
    """The repository's modules that a file imports itself."""
    known = project.by_name
    for item in project.imports(path):
        full = f"{item.module}.{item.name}" if item.name else item.module
        if full in known:
            yield full
        elif item.module in known:
            yield item.module


def idle_calls(
    target: Target, met: Iterable[Subject], findings: Findings
) -> frozenset[int]:
    """The intercepted calls that run nothing of what they are given, by identity.

    And the definitions around them.
    """
    found = asks(target)
    if found.lost or found.given:
        return frozenset()
    sites = (site for subject in met for site in subject.sites)
    uses = [findings.uses[site] for site in sites if site in findings.uses]
    calls = {id(use.call) for use in uses if use.call is not None}
    around = (node for use in uses for node in use.parents)
    return frozenset(calls.union(id(n) for n in around if isinstance(n, DEFINITIONS)))


def _inside(use: Use, target: Target) -> bool:
    """Whether a use is part of the mocking call itself."""
    return target.call is not None and target.call in use.parents


def met_alike(use: Use, target: Target) -> bool:
    """Whether a use goes through the attribute that a mock replaces, or its object."""
    if canonical(target.owner) == use.api:  # a member of the class
        return use.call is not None
    return use.owner == target.owner and use.api == target.api


def _is_member(target: Target) -> bool:
    """``mock.patch("eventlet.Queue.get")``: one method of every object of a class."""
    name = target.api.rpartition(".")[2]
    is_class = name[:1].isupper() and not target.api.startswith("eventlet.green.")
    return is_class and not target.problem and canonical(target.owner) == target.api


def _only_tells(use: Use) -> bool:
    """``subprocess.PIPE``, ``subprocess.TimeoutExpired``: this runs nothing.

    A mock of something else in Eventlet's own module is not met there.
    """
    above = use.parents[-1]
    if not isinstance(above, ast.Attribute) or above.value is not use.node:
        return False
    return above.attr.isupper() or above.attr.endswith(("Error", "TimeoutExpired"))


def _is_caught(use: Use) -> bool:
    """``except eventlet.Timeout``, alone or with others."""
    above = [node for node in use.parents[-2:] if not isinstance(node, ast.Tuple)]
    return bool(above) and isinstance(above[-1], ast.ExceptHandler)


def definition(use: Use | None) -> str | None:
    """The name of the top-level definition around a use, if it is in one."""
    top = use.parents[1] if use is not None and len(use.parents) > 1 else None
    return getattr(top, "name", None)
