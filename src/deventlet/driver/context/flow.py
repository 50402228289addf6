"""Answer what the code at a site and around it does when it runs."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from deventlet import codemod
from deventlet.codemod import (
    Site,
    Subject,
)
from deventlet.driver.context.places import argument_at, call_at, path_at
from deventlet.driver.facts.around import around
from deventlet.driver.facts.between import called_between
from deventlet.driver.facts.bound import (
    is_builtin,
    stars_of,
)
from deventlet.driver.facts.caught import caught
from deventlet.driver.facts.guards import is_guarded
from deventlet.driver.facts.loops import Loops
from deventlet.driver.facts.objects import Objects, given_function, place_of
from deventlet.driver.facts.tasks import Tasks
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.around import is_failure_expected, is_for_truth
from deventlet.resolve.facts import (
    Function,
    Late,
    Loop,
    Role,
    Taken,
    Task,
)
from deventlet.resolve.functions import Functions
from deventlet.resolve.handlers import handler_at
from deventlet.resolve.late import Lateness
from deventlet.resolve.roles import Roles
from deventlet.resolve.taken import taken
from deventlet.resolve.values.flow import result_of
from deventlet.resolve.values.program import Program
from deventlet.resolve.waited import is_waited_for


@dataclass(frozen=True, slots=True)
class FlowContext(codemod.Flow):
    """What runs before, at and behind a site."""

    findings: Findings
    roles: Roles
    called: Functions

    @property
    def program(self) -> Program:
        """The definitions of the repository and what uses them."""
        return self.called.program

    def role(self, site: Site) -> Role:
        return self.roles.of(self.findings.uses[site])

    def taken(self, site: Site) -> Taken:
        if site not in self.findings.imports:
            return taken(self.findings.uses[site], self.roles)
        name = path_at(self.findings, site).removeprefix(site.api).lstrip(".")
        return Taken(name, "bound", by_name=bool(name))

    def becomes(self, site: Site) -> str:
        return result_of(call_at(self.findings, site))

    def functions(
        self, site: Site, position: int, keyword: str = ""
    ) -> tuple[Function | None, ...]:
        expr = argument_at(self.findings, site, position, keyword)
        module = self.findings.uses[site].module
        return self.called.named(expr, module) if expr is not None else (None,)

    def late(self, site: Site, position: int, keyword: str = "") -> Late:
        expr = argument_at(self.findings, site, position, keyword)
        late = Lateness(self.called)
        return late.of(call_at(self.findings, site), expr) if expr else Late("", "")

    def task(self, site: Site) -> Task:
        given = given_function(self.findings.uses[site])
        if given is None:
            return Task(known=False)
        return Tasks(self.program).of(given, self.findings.uses[site].module)

    def spread(self, name: str, site: Site) -> Literal["*", "**", ""]:
        place = call_at(self.findings, site)
        return "" if self.repeated(site) else stars_of(name, site, place, self.program)

    def is_argument_of(self, name: str, site: Site) -> bool:
        outer = around(self.findings.uses[site])
        return (
            outer is not None
            and isinstance(outer.func, ast.Name)
            and outer.func.id == name
            and is_builtin(name, self.findings.uses[site])
        )

    def repeated(self, site: Site) -> bool:
        return Loops(self.program).is_repeated(call_at(self.findings, site))

    def loop(self, site: Site, subject: Subject) -> Loop:
        place, loops = place_of(self.findings.uses[site]), Loops(self.program)
        if Objects(self.findings, self.program).is_local(subject):
            return loops.inside(place, self.findings.uses[subject.origin].parents)
        return loops.around(place)

    def finite(self, site: Site, position: int) -> bool:
        use = self.findings.uses[site]
        given = use.call.args[position] if use.call else use.node
        return Loops(self.program).is_finite(given, use.module)

    def consumed(self, site: Site) -> str:
        place = place_of(self.findings.uses[site]).up()
        return Loops(self.program).consumed(place)

    def guarded(self, site: Site, question: str) -> bool:
        return is_guarded(call_at(self.findings, site), question)

    def caught(self, site: Site) -> frozenset[str]:
        return caught(self.findings.uses[site])

    def expects(self, error: str, site: Site) -> bool:
        use = self.findings.uses[site]
        return is_failure_expected(use.parents, use.node, error)

    def for_truth(self, site: Site) -> bool:
        use = self.findings.uses[site]
        return use.call is not None and is_for_truth(use.parents[:-1], use.call)

    def handler(self, site: Site) -> str:
        return handler_at(call_at(self.findings, site), self.called)

    def waited_for(self, site: Site, waits: Collection[Site]) -> bool:
        uses = self.findings.uses
        return is_waited_for(uses[site], [uses[each] for each in waits])

    def called_until(self, site: Site, ends: Collection[Site]) -> tuple[str, ...]:
        uses = self.findings.uses
        return called_between(uses[site], [uses[each] for each in ends])
