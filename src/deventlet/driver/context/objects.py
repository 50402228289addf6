"""Answer what is known of the objects of a subject, wherever they are used."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from deventlet import codemod
from deventlet.codemod import (
    Site,
    Subject,
)
from deventlet.driver.facts.asked import asked_for
from deventlet.driver.facts.objects import Objects
from deventlet.driver.facts.pooled import place_that_runs
from deventlet.driver.facts.unseen import unseen_call
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.facts import (
    Member,
)
from deventlet.resolve.once import at_most_once
from deventlet.resolve.values.program import Program


@dataclass(frozen=True, slots=True)
class ObjectsContext(codemod.Objects):
    """The objects that were traced."""

    findings: Findings
    program: Program

    @property
    def _facts(self) -> Objects:
        return Objects(self.findings, self.program)

    def kinds(self, subject: Subject) -> frozenset[str]:
        return frozenset(each.kind for each in self.findings.traced.get(subject, ()))

    def member(self, site: Site) -> Member | None:
        return self.findings.members.get(site)

    def renamed(self, site: Site) -> bool:
        findings = self.findings
        named = {
            id(findings.uses[each].node)
            for each in findings.owners[site].sites
            if findings.members.get(each) == Member("named", "reference")
        }
        waiting, seen = list(findings.uses[site].aliases), set[int]()
        while waiting:
            alias = waiting.pop()
            binding, node = alias.binding, alias.binding.node
            if id(binding.value) in named:
                return True
            if id(binding) not in seen and isinstance(node, ast.ImportFrom):
                seen.add(id(binding))
                assert binding.alias is not None
                owner = alias.module.absolute(node)
                waiting += self.program.names.exported(owner, binding.alias.name)
        return False

    def source(self, subject: Subject) -> Subject | None:
        wanted = {
            id(each.source)
            for each in self.findings.traced.get(subject, ())
            if each.source is not None
        }
        found = (
            other
            for other, origins in self.findings.traced.items()
            if any(id(origin) in wanted for origin in origins)
        )
        return next(found, None)

    def origins(self, subject: Subject) -> frozenset[str]:
        return frozenset(each.how for each in self.findings.traced.get(subject, ()))

    def parts(self, subject: Subject) -> Sequence[Subject]:
        found = self.findings.parts.get(subject, ())
        return [Subject(sites[0].api, "object", sites) for sites in found if sites]

    def lost(self, subject: Subject) -> str:
        reason, detail = self.findings.refused.get(subject, ("", ""))
        return detail or reason

    def asked_for(
        self,
        attributes: frozenset[str],
        word: str,
        subject: Subject,
        having: Collection[Site] = (),
    ) -> str:
        near = {
            escape.module.path
            for origin in self.findings.traced.get(subject, ())
            for escape in origin.escapes
        } | {site.path for site in subject.sites}
        calls = (site for site in subject.sites if site.form == "call")
        made = [site for site in calls if site not in having]
        return asked_for(self.program.names.project, near, attributes, word, made)

    def local(self, subject: Subject) -> bool:
        return self._facts.is_local(subject)

    def final(self, site: Site, subject: Subject) -> bool:
        return self._facts.is_final(site, subject)

    def reentered(self, subject: Subject) -> str:
        return self._facts.reentered(subject)

    def at_most_once(self, makers: Collection[Site], sites: Collection[Site]) -> bool:
        uses = self.findings.uses
        return at_most_once(
            self.program.names, [uses[m] for m in makers], [uses[s] for s in sites]
        )

    def gives(self, site: Site) -> frozenset[str]:
        call = self.findings.uses[site].call
        subject = self.findings.owners[site]
        return frozenset(
            member.name
            for origin in self.findings.traced.get(subject, ())
            if origin.how == "product" and origin.node is call
            for member in origin.members
        )

    def fates(self, subject: Subject) -> frozenset[str]:
        origins = self.findings.traced.get(subject, ())
        return frozenset(fate for each in origins for fate in each.fates)

    def pooled(self, subject: Subject) -> str:
        project, uses = self.program.names.project, self.findings.uses
        return place_that_runs(project, subject.sites, uses)

    def unseen_call(self, subject: Subject) -> str:
        return unseen_call(self.findings, self.program.names, subject)
