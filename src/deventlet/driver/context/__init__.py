"""What a codemod may ask, answered: one module for each part of the contract.

They ask who knows (``facts``, ``mocks``, ``processes``, ``subjects``) and conclude
nothing themselves. LibCST is imported here, and so only when there is something to
decide. What a question means stands in :mod:`deventlet.codemod`.
"""

from __future__ import annotations

from dataclasses import dataclass

from deventlet import codemod
from deventlet.config import Config
from deventlet.driver.context.code import CodeContext
from deventlet.driver.context.flow import FlowContext
from deventlet.driver.context.mocks import MocksContext
from deventlet.driver.context.names import NamesContext
from deventlet.driver.context.objects import ObjectsContext
from deventlet.driver.context.processes import ProcessesContext
from deventlet.driver.context.project import ProjectContext
from deventlet.driver.facts.when import When
from deventlet.driver.imports.needs import Needs
from deventlet.driver.mocks.questions import Questions
from deventlet.driver.processes.remaining import Remaining
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.functions import Functions
from deventlet.resolve.processes import Processes
from deventlet.resolve.roles import Roles


@dataclass(frozen=True, slots=True)
class SubjectContext(codemod.Context):
    """Answers for the subjects of one codemod in one state of a repository."""

    code: CodeContext
    names: NamesContext
    objects: ObjectsContext
    flow: FlowContext
    mocks: MocksContext
    processes: ProcessesContext
    project: ProjectContext

    @classmethod
    def of(
        cls,
        findings: Findings,
        called: Functions,
        processes: Processes,
        remaining: Remaining,
        config: Config,
    ) -> SubjectContext:
        """The context for what was found, from what is known of the repository."""
        names = called.program.names
        roles = Roles(names)
        when, needs = When(findings, roles), Needs(names, findings)
        questions = Questions(findings, names.project)
        return cls(
            CodeContext(findings),
            NamesContext(findings, names.project, processes, needs, config),
            ObjectsContext(findings, called.program),
            FlowContext(findings, roles, called),
            MocksContext(findings, names.project, when, questions),
            ProcessesContext(findings, processes, remaining, when),
            ProjectContext(findings, names.project.root, config),
        )
