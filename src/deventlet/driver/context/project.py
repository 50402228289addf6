"""Answer what holds for the project as a whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from deventlet import codemod
from deventlet.codemod import (
    Subject,
)
from deventlet.config import Config
from deventlet.driver.project.requirements import allows_before
from deventlet.driver.subjects.findings import Findings


@dataclass(frozen=True, slots=True)
class ProjectContext(codemod.Project):
    """The settings and requirements, and every subject."""

    findings: Findings
    root: Path
    config: Config

    def is_dual(self) -> bool:
        return self.config.is_dual

    def others(self, apis: Collection[str]) -> list[tuple[Subject, str]]:
        return [
            (subject, self.findings.refused.get(subject, ("", ""))[0])
            for subject in self.findings.subjects
            if subject.api in apis and subject.kind != "mock"
        ]

    def allows_before(self, name: str, version: tuple[int, ...]) -> bool:
        return allows_before(self.root, name, version)
