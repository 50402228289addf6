"""Which subjects change only together with a mock: what it meets, and what asks it.

Read off what the mock replaces and what the test's file imports. Finds who goes with
whom; who decides for all of them is :mod:`deventlet.driver.mocks.mocking`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.codemod import Site, Subject
from deventlet.driver.mocks.intercepts import Intercepts, directly_imported
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Project
from deventlet.resolve.roles import is_question
from deventlet.resolve.taken import handed_target
from deventlet.resolve.uses import Use


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

    @cached_property
    def handed(self) -> list[tuple[Subject, Target, list[Subject]]]:
        """``patch.object(socket, 'x')`` by a file's own import, and what it meets.

        The module is no mock by itself: it goes with the import that it comes from.
        """
        intercepts = Intercepts(self.findings, self.project)
        return [
            (self._by_site[site], target, intercepts.of(target))
            for site, use in self.findings.uses.items()
            if (target := handed_target(use)) is not None
        ]

    def _handed(self) -> dict[Subject, list[Subject]]:
        """The subjects that hold such mocks, and what those meet."""
        found: dict[Subject, list[Subject]] = {}
        for own, _, met in self.handed:
            found.setdefault(own, []).extend(met)
        return found

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
