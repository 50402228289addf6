"""Whether an object stays in one function, and who uses it there, or from its own task.

Reads the functions that hold the uses of one object. Decides nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from deventlet.codemod import Site, Subject
from deventlet.driver.facts.tasks import Tasks, follows, local_function
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.uses import Use
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

_SPAWNING = frozenset({"spawn", "spawn_n", "imap", "starmap"})


@dataclass(frozen=True, slots=True)
class Objects:
    """Answers for the objects of one codemod."""

    findings: Findings
    program: Program

    def is_local(self, subject: Subject) -> bool:
        """Whether an object is made once and used in that one function only."""
        makers = [site for site in subject.sites if site.form != "method"]
        uses = [self._place(site) for site in subject.sites]
        above = uses[0].parents[-2] if makers else None
        is_named = isinstance(above, ast.Assign) and all(
            isinstance(target, ast.Name) for target in above.targets
        )
        return len(makers) == 1 and is_named and local_function(self.program, uses)[1]

    def is_final(self, site: Site, subject: Subject) -> bool:
        """Whether a local object is used by no other method after a site."""
        if not self.is_local(subject):
            return False
        within = self.findings.uses[subject.origin].parents
        kind = site.api.rpartition(".")[0]
        others = [
            self._place(other)
            for other in subject.sites
            if other.form == "method"
            and other != site
            and other.api.rpartition(".")[0] == kind
        ]
        return not any(follows(self._place(site), other, within) for other in others)

    def reentered(self, subject: Subject) -> str:
        """Where a task of an object may use it itself; empty if none does."""
        origins = self.findings.traced.get(subject, ())
        is_kept = bool(origins) and not any(each.is_shared for each in origins)
        if is_kept or self.is_local(subject):
            return ""
        sites = [site for site in subject.sites if site.form == "method"]
        uses = [self._place(site) for site in sites]
        tasks = [_task(use) for use in uses if use.call is not None]
        found, certain = Tasks(self.program).comes_back(
            [each for each in tasks if each is not None], uses
        )
        if found is not None:
            line = getattr(found.node, "lineno", 0)
            return f"{found.module.path}:{line}"
        return "" if certain else "not all tasks are known"

    def _place(self, site: Site) -> Place:
        return place_of(self.findings.uses[site])


def place_of(use: Use) -> Place:
    """Where a name stands, or the attribute that ends in a method."""
    return Place(use.module, use.node, use.parents)


def given_function(use: Use) -> ast.expr | None:
    """What a call is given to run: its first argument, or ``function=``."""
    call = use.call
    if call is None:
        return None
    if call.args:
        return call.args[0]
    named = (k.value for k in call.keywords if k.arg in ("function", "func"))
    return next(named, None)


def _task(use: Place) -> Place | None:
    """The function that a method of a pool is given to run."""
    attribute, call = use.node, use.call
    if not (isinstance(attribute, ast.Attribute) and attribute.attr in _SPAWNING):
        return None
    given = call.args[:1] if call is not None else []
    return Place(use.module, given[0], [*use.parents]) if given else None
