"""Which subjects change only together with a mock: what it meets, and what asks it.

Read off what the mock replaces and what the test's file imports. Finds who goes with
whom; who decides for all of them is :mod:`deventlet.driver.mocks.mocking`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from deventlet.codemod import Site, Subject
from deventlet.driver.mocks.intercepts import directly_imported, used_of
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.mocks import is_met_by
from deventlet.resolve.names import Use
from deventlet.resolve.project import Project
from deventlet.resolve.roles import is_question
from deventlet.resolve.taken import handed_name, is_handed_to_mock


@dataclass(eq=False)
class Partners:
    """The mocks of one codemod's findings, and what goes with them."""

    findings: Findings
    project: Project
    _by_site: Mapping[Site, Subject] = field(init=False)

    def __post_init__(self) -> None:
        self._by_site = self.findings.by_site()

    def of(self, subjects: Collection[Subject]) -> dict[Subject, list[Subject]]:
        """For each of the subjects that mocks, those that it changes together with."""
        return (
            self.reached(subjects)
            | self._assigned()
            | self._questions(subjects)
            | self._handed()
        )

    def reached(self, subjects: Collection[Subject]) -> dict[Subject, list[Subject]]:
        """The mocks among the subjects, and what each intercepts."""
        return {
            mock: met
            for mock, met in (self.findings.reached or {}).items()
            if mock in subjects
        }

    def _handed(self) -> dict[Subject, list[Subject]]:
        """``patch.object(socket, 'x')`` by a file's own import, and what it meets.

        The module is no mock by itself: it goes with the import that it comes from.
        """
        found: dict[Subject, list[Subject]] = {}
        for site, use in self.findings.uses.items():
            if is_handed_to_mock(use):
                met = self._met_through(use)
                found.setdefault(self._by_site[site], []).extend(met)
        return found

    def _met_through(self, use: Use) -> list[Subject]:
        """The subjects of one module in the files that a test's file imports."""
        modules = frozenset(directly_imported(self.project, use.module.path))
        found = {
            self._by_site[site]: None
            for site, other in self.findings.uses.items()
            if other.module.name in modules and other.dotted == use.dotted
        }
        method = handed_name(use)
        return [s for s in found if s.kind != "object" or is_met_by(method, used_of(s))]

    def _questions(self, subjects: Collection[Subject]) -> dict[Subject, list[Subject]]:
        """``eventlet.sleep.call_count`` in a test, and the mocks it asks."""
        return {
            self._by_site[site]: [
                self._by_site[place]
                for place, target in self.findings.targets.items()
                if target.module is use.module and self._by_site[place] in subjects
            ]
            for site, use in self.findings.uses.items()
            if is_question(use) and self._by_site[site].kind == "use"
        }

    def _assigned(self) -> dict[Subject, list[Subject]]:
        """Hand-made mocks, ``eventlet.sleep = fake``, and what they intercept."""
        return {
            self._by_site[site]: self._owned_near(use)
            for site, use in self.findings.uses.items()
            if use.stored and use.owner
        }

    def _owned_near(self, fake: Use) -> list[Subject]:
        """The calls that a hand-made mock replaces in what its file imports."""
        own = fake.module.name
        direct = frozenset(directly_imported(self.project, fake.module.path))
        for modules in (direct | {own}, self.project.closure(own)):
            found = {
                self._by_site[site]: None
                for site, use in self.findings.uses.items()
                if use.module.name in modules
                and use.owner == fake.owner
                and not use.stored
            }
            if found:
                return list(found)
        return []
