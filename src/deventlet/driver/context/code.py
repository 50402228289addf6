"""Answer what the source at a site is, and what of it may go."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from deventlet import codemod
from deventlet.codemod import (
    Site,
)
from deventlet.driver.facts.behind import left_behind, only_there, removable
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text import statements
from deventlet.driver.text.printing import expression
from deventlet.driver.text.statements import Statement


@dataclass(frozen=True, slots=True)
class CodeContext(codemod.Code):
    """The source at the sites of one codemod."""

    findings: Findings

    def call(self, site: Site) -> cst.Call:
        node = expression(self.findings.use(site).module, site)
        assert isinstance(node, cst.Call)
        return node

    def expression(self, site: Site) -> cst.BaseExpression:
        return expression(self.findings.use(site).module, site)

    def statement(self, site: Site) -> Statement | None:
        use = self.findings.use(site)
        return statements.node_of(use, statements.holder(use))

    def removable(self, site: Site) -> bool:
        return removable(self.findings.use(site))

    def hollow(self, site: Site) -> str:
        return left_behind(self.findings.use(site), self.findings)

    def branch(self, site: Site) -> cst.If | None:
        use = self.findings.uses[site]
        found = statements.node_of(use, statements.branch(use))
        return found if isinstance(found, cst.If) else None

    def attempt(self, site: Site) -> cst.Try | None:
        use = self.findings.uses[site]
        found = statements.node_of(use, statements.around(use))
        return found if isinstance(found, cst.Try) else None

    def only_there(self, site: Site) -> frozenset[str]:
        return only_there(self.findings.uses[site], self.findings)
