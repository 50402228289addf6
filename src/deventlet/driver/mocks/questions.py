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
from deventlet.driver.mocks.pinned import pinned
from deventlet.driver.subjects.findings import Findings, expression_use, site_of
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.mock_uses import Ask, Asks, asks, spec_asks
from deventlet.resolve.project import Module, Project
from deventlet.resolve.tree import ancestors


@dataclass(frozen=True, slots=True)
class Questions:
    """Notes in the findings where the questions that it is asked for are."""

    findings: Findings
    project: Project

    def of(self, subject: Subject) -> Mocked:
        """What the test asks of a mock, and what it puts in the name's place."""
        target = self.findings.targets[subject.origin]
        found = asks(target)
        stored = _stored_fake(target, found)
        if stored is not None:  # that is the fake's own, and no question
            asked = [each for each in found.found if each is not stored]
            found = replace(found, found=asked)
        mocked = self._mocked(target.module, target.api, found)
        is_one = stored is not None or _is_put_there(target, found)
        fake = self._fake(target, found) if is_one else None
        return replace(mocked, fake=fake, calls=pinned(target))

    def _fake(self, target: Target, found: Asks) -> Site:
        """The lambda that stands in the name's place, as a site."""
        module, fake = target.module, found.given[0]
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
        return Mocked(asked, lost, bool(found.given), set_up=found.set_up)

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


def _is_put_there(target: Target, found: Asks) -> bool:
    """Whether the mocking call gives a lambda to be called, and nothing else does."""
    fakes = list(target.fakes)
    if len(fakes) != 1 or found.given != fakes or target.call is None:
        return False
    named = {each.arg for each in target.call.keywords if each.value is fakes[0]}
    return isinstance(fakes[0], ast.Lambda) and not named & {"return_value", "wraps"}


def _stored_fake(target: Target, found: Asks) -> Ask | None:
    """``m.side_effect = lambda f: f()``, the one thing that is ever put there."""
    stored = [each for each in found.found if each.path == ("side_effect",)]
    if len(stored) != 1 or len(found.given) != 1 or list(target.fakes):
        return None
    above = stored[0].parents[-1]
    if not isinstance(above, ast.Assign) or len(above.targets) != 1:
        return None
    is_given = isinstance(above.value, ast.Lambda) and above.value is found.given[0]
    return stored[0] if is_given else None
