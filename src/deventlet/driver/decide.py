"""A verdict for every subject of one codemod; nothing is edited or selected here.

What is common to all codemods is refused before they are asked: names that may be
something else, sites that could not be printed, comments that would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from deventlet.codemod import Assume, Decision, Page, Refuse, Replace, Subject, Verdict
from deventlet.config import Config
from deventlet.driver.context import CannotPrint, SubjectContext
from deventlet.driver.mocking import Verdicts
from deventlet.driver.subjects import Findings
from deventlet.registry import decider
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.roles import Roles


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What decisions about one state of a repository rest on.

    :param accepted: reason codes of the assumptions that the user accepts.
    """

    names: Names
    processes: Processes
    config: Config
    accepted: frozenset[str]

    @classmethod
    def of(cls, names: Names, config: Config, assume: frozenset[str]) -> Knowledge:
        """What can be known, worked out when it is asked for."""
        processes = Processes(
            names.project, config.ignore_branches, config.ignore_entry_points
        )
        return cls(names, processes, config, assume | set(config.assume))


def decide(page: Page, findings: Findings, knowledge: Knowledge) -> Verdicts:
    """A verdict for every subject; the codemod's module is imported only here."""
    if not findings.subjects:
        return {}
    roles = Roles(knowledge.names)
    context = SubjectContext(findings, roles, knowledge.processes, knowledge.config)
    verdicts: Verdicts = {}
    for subject in findings.subjects:
        decision = _decision(page, subject, findings, context)
        given = isinstance(decision, Assume) and decision.reason in knowledge.accepted
        verdicts[subject] = Verdict(subject, page.name, decision, given)
    return verdicts


def _decision(
    page: Page, subject: Subject, findings: Findings, context: SubjectContext
) -> Decision:
    if subject in findings.refused:
        return Refuse(*findings.refused[subject])
    if any(map(context.prints_itself, subject.sites)):
        return Refuse("string.printed")
    try:
        decision = decider(page.name)(subject, context)
    except CannotPrint as problem:
        return Refuse("site.unprintable", str(problem))
    rewrite = None if isinstance(decision, Refuse) else decision
    rewrite = rewrite.rewrite if isinstance(rewrite, Assume) else rewrite
    for site, action in rewrite.actions.items() if rewrite else ():
        if isinstance(action, Replace) and context.loses_comment(site, action.node):
            return Refuse("comment.inside", f"{site.path}:{site.line}")
    return decision
