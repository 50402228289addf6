"""Answer what tests put in the place of a name, and what they ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from deventlet import codemod
from deventlet.codemod import (
    Mocked,
    Site,
    Strings,
    Subject,
)
from deventlet.driver.facts.when import When
from deventlet.driver.facts.written import written_for
from deventlet.driver.mocks.inherited import is_mocked_by_base
from deventlet.driver.mocks.lasting import mocked_for_all
from deventlet.driver.mocks.mocked import is_mocked
from deventlet.driver.mocks.questions import Questions
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.project import Project


@dataclass(frozen=True, slots=True)
class MocksContext(codemod.Mocks):
    """What tests intercept."""

    findings: Findings
    project: Project
    when: When
    questions: Questions

    def mocked(self, subject: Subject) -> Mocked:
        return self.questions.of(subject)

    def spec(self, site: Site) -> Mocked | None:
        return self.questions.of_spec(site)

    def is_mocked(self, module: str, attribute: str, site: Site) -> bool:
        use, dotted = self.findings.use(site), f"{module}.{attribute}"
        early, project = self.when.runs_on_import(site), self.project
        if not is_mocked(use.module, dotted, use.parents, early) and (
            early or not is_mocked_by_base(project, use.module, dotted, use.parents)
        ):
            return False
        mocks = (s for s in self.findings.subjects if s.kind == "mock")
        return not any(site in mock.intercepts for mock in mocks)

    def mocked_for_all(self, module: str, attribute: str, site: Site) -> str:
        return mocked_for_all(self.project, site.path, f"{module}.{attribute}")

    def strings(self, site: Site) -> Strings:
        return written_for(site, self.findings, self.project)
