"""What a test asks of a mock: its questions as sites, which actions may be given.

Follows the mock in its file; whether an answer stays the same is for the codemod.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from deventlet.codemod import (
    Asked,
    Mocked,
    Site,
    Subject,
)
from deventlet.driver.subjects import Findings, expression_use, site_of
from deventlet.resolve.mock_uses import Ask, Asks, asks, spec_asks
from deventlet.resolve.mocks import Target
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import ancestors


@dataclass(frozen=True, slots=True)
class Questions:
    """Notes in the findings where the questions that it is asked for are."""

    findings: Findings
    project: Project

    def of(self, subject: Subject) -> Mocked:
        """What the test asks of a mock, and what it puts in the name's place."""
        target = self.findings.targets[subject.origin]
        found = asks(target)
        mocked = self._mocked(target.module, target.api, found)
        return replace(mocked, fake=self._fake(target, found))

    def _fake(self, target: Target, found: Asks) -> Site | None:
        """A lambda that stands in the name's place, as a site."""
        fakes = list(target.fakes)
        fake = fakes[0] if len(fakes) == 1 and found.given == fakes else None
        keywords = target.call.keywords if target.call is not None else []
        named = {each.arg for each in keywords if each.value is fake}
        if not isinstance(fake, ast.Lambda) or named & {"return_value", "wraps"}:
            return None
        module = target.module
        site = site_of(module, fake, target.api, "reference")
        parents = ancestors(module.tree, fake)
        self.findings.asked[site] = expression_use(module, fake, parents, target.api)
        return site

    def of_spec(self, site: Site) -> Mocked | None:
        """What a test asks of a mock that has the class at a site as its spec."""
        use = self.findings.uses.get(site)
        found = spec_asks(use) if use is not None and use.call is None else None
        if use is None or found is None:
            return None
        return self._mocked(use.module, use.api, found)

    def _mocked(self, module: Module, api: str, found: Asks) -> Mocked:
        asked = tuple(self._asked(module, api, each) for each in found.found)
        lost = found.lost or self._kept_elsewhere(module, found)
        return Mocked(asked, lost, bool(found.given))

    def _kept_elsewhere(self, module: Module, found: Asks) -> str:
        """A file that imports a test's and speaks of an attribute that is a mock."""
        words = [f".{name}".encode() for name in sorted(found.kept)]
        for path in self.project.containing(words) if words else ():
            if path != module.path and module.name in self.project.imported_modules(
                path
            ):
                return path
        return ""

    def _asked(self, module: Module, api: str, ask: Ask) -> Asked:
        """A question of a test with a site that may be given an action."""
        called = ask.how == "called"
        site = site_of(
            module, ask.node, ".".join((api, *ask.path)),
            "call" if called else "reference",
        )  # fmt: skip
        chain = ask.node.func if isinstance(ask.node, ast.Call) else ask.node
        parents = [*ask.parents, ask.node] if chain is not ask.node else ask.parents
        self.findings.asked[site] = expression_use(module, chain, parents, site.api)
        return Asked(site, ask.path, ask.how)
