"""Answer what the processes that run a site patch, and when."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from deventlet import codemod
from deventlet.codemod import (
    Site,
)
from deventlet.driver.facts.when import When
from deventlet.driver.processes.remaining import Remaining
from deventlet.driver.processes.starting import Starting
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.chains import called_name
from deventlet.resolve.facts import (
    Patched,
    Patching,
    Remains,
)
from deventlet.resolve.processes import Processes

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class ProcessesContext(codemod.Processes):
    """What is patched, and what green is left."""

    findings: Findings
    processes: Processes
    remaining: Remaining
    when: When

    def patched(self, module: str, site: Site) -> Patched:
        runs = self.when.runs_on_import(site)
        if not runs and self.when.binds_on_import(site):
            line = self.when.from_line(site)
            return self.processes.patched_before(module, site.path, line)
        if runs:
            answer = self.processes.patched_on_import(module, site.path)
        else:
            holder, method = self.when.definition(site), self.when.method(site)
            answer = self.processes.patched(module, site.path, holder, method)
        use = self.findings.uses.get(site)
        if answer.proven or use is None or use.aliases:  # a name was taken elsewhere
            return answer
        return self.processes.patched_above(module, use.module, use.parents) or answer

    def early(self, module: str, site: Site) -> str:
        asked = self.when.binds_on_import(site) or self.when.reads_on_import(site)
        if asked or self.when.makes_on_import(site):
            return self.processes.early(module, site.path, self.when.from_line(site))
        return ""

    def runs_early(self, module: str, site: Site) -> str:
        if self.when.runs_on_import(site):
            return self.processes.early(module, site.path, self.when.from_line(site))
        around = [n for n in self.findings.uses[site].parents if isinstance(n, _NAMED)]
        nodes = ast.walk(around[-1]) if around else ()
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            if called_name(call) == "monkey_patch" and call.lineno > site.line:
                return f"{site.path}:{call.lineno} patches behind it"
        return ""

    def early_import(self, module: str, site: Site) -> str:
        return self.processes.early(module, site.path, 1)

    def remains(self, site: Site) -> Remains:
        return self.remaining.of(site.path)

    def patching(self, site: Site) -> Patching:
        return Starting(self.remaining, self.findings.uses).of(self.findings.uses[site])
