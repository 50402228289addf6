"""A verdict for every subject of one codemod; nothing is edited or selected here.

What is common to all codemods is refused before they are asked: names that may be
something else, sites that could not be printed, comments that would be lost.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from deventlet.codemod import (
    Assume,
    Decision,
    Keep,
    Page,
    Refuse,
    Rewrite,
    Site,
    Subject,
    Verdict,
)
from deventlet.config import Config
from deventlet.driver.context import SubjectContext
from deventlet.driver.facts.class_tests import asked_natively
from deventlet.driver.facts.comments import loses_comment
from deventlet.driver.facts.copied import copied
from deventlet.driver.facts.interrupting import interrupts
from deventlet.driver.facts.printed import prints_itself
from deventlet.driver.mocks import intercepts
from deventlet.driver.mocks.idle import IdleMocks
from deventlet.driver.processes.remaining import Every, Remaining
from deventlet.driver.project.keep import Keeping
from deventlet.driver.project.python2 import Python2, lacking
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.verdicts import Verdicts
from deventlet.driver.text.statements import CannotPrint
from deventlet.registry import decider
from deventlet.resolve.api import is_eventlet
from deventlet.resolve.around import asks_for_eventlet, catches_missing
from deventlet.resolve.chains import called_name, root_name
from deventlet.resolve.functions import Functions
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.uses import Use
from deventlet.resolve.values.program import Program

_TYPE_TESTS = frozenset({
    "isinstance", "issubclass", "assertIsInstance", "assertNotIsInstance",
})  # fmt: skip
_ASSIGNED = "name.assigned"
_PYTHON_3 = "python-three"
_LOST = "value."
"""What the reasons begin with that say where an object is lost from sight."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What decisions about one state of a repository rest on.

    :param accepted: reason codes of the assumptions that the user accepts.
    """

    called: Functions
    processes: Processes
    config: Config
    accepted: frozenset[str]
    remaining: Remaining

    @property
    def names(self) -> Names:
        """Which name is which object of Eventlet's."""
        return self.called.program.names

    @classmethod
    def of(
        cls,
        names: Names,
        config: Config,
        assume: frozenset[str],
        every: Every | None = None,
    ) -> Knowledge:
        """What can be known, worked out when it is asked for.

        :param every: all of Eventlet's names in the same texts, if known already.
        """
        processes = Processes(
            names.project,
            config.ignore_branches,
            config.ignore_entry_points,
            config.spellings,
        )
        remaining = Remaining(names, processes, every)
        accepted = assume | set(config.assume)
        called = Functions(Program(names))
        return cls(called, processes, config, accepted, remaining)


def decide(page: Page, findings: Findings, knowledge: Knowledge) -> Verdicts:
    """A verdict for every subject; the codemod's module is imported only here."""
    if not findings.subjects:
        return {}
    intercepts.fill(findings, knowledge.names.project)
    judge = _Judge.of(page, findings, knowledge)
    old = Python2(knowledge.processes.texts)
    verdicts: Verdicts = {}
    for subject in findings.subjects:
        if subject in findings.followers or _is_idle(subject, findings):
            continue
        decision = judge.decision(subject)
        if _PYTHON_3 not in knowledge.accepted:
            decision = _on_python_2(decision, subject, old)
        given = isinstance(decision, Assume) and decision.reason in knowledge.accepted
        verdicts[subject] = Verdict(subject, page.name, decision, given)
    return verdicts


@dataclass(frozen=True, slots=True)
class _Judge:
    """Asks one codemod, and what is common to all of them before and after it.

    :param tested: the classes that a type test names, each with a place of one.
    """

    page: Page
    findings: Findings
    context: SubjectContext
    program: Program
    keeping: Keeping
    idle: IdleMocks
    tested: Mapping[str, str]

    @classmethod
    def of(cls, page: Page, findings: Findings, knowledge: Knowledge) -> _Judge:
        """What is needed to decide about the findings of a codemod."""
        project = knowledge.names.project
        context = SubjectContext.of(
            findings,
            knowledge.called,
            knowledge.processes,
            knowledge.remaining,
            knowledge.config,
        )
        keeping = Keeping(project, knowledge.config)
        idle = IdleMocks(findings, project, page.replaces)
        program, tested = knowledge.called.program, _tested(findings)
        return cls(page, findings, context, program, keeping, idle, tested)

    def decision(self, subject: Subject) -> Decision:
        """The codemod's decision, unless something stands against any, or this one."""
        refusal = self._before(subject)
        if refusal is not None:
            return refusal
        try:
            decision = self._asked(subject)
        except CannotPrint as problem:
            return Refuse("site.unprintable", str(problem))
        if isinstance(decision, Refuse):
            return decision
        rewrite = decision.rewrite if isinstance(decision, Assume) else decision
        return self._after(subject, rewrite) or decision

    def _before(self, subject: Subject) -> Refuse | None:
        """What stands against any rewrite of a subject."""
        kept = self.keeping.place(subject.sites)
        if kept:
            return Refuse("keep.asked", kept)
        is_same = subject.kind == "mock" or subject.api in self.page.same
        place = None if is_same else self.tested.get(subject.api)
        if place is not None:
            return Refuse("value.type-tested", place)
        reason, detail = self.findings.refused.get(subject, ("", ""))
        lost = self.page.interchangeable and reason.startswith(_LOST)
        given = reason == _ASSIGNED and subject.api in self.page.settings
        if reason and not (lost or given):
            return Refuse(reason, detail)
        return _hindrance(subject, self.findings)

    def _asked(self, subject: Subject) -> Decision:
        """What the codemod says, or whoever knows mocks that meet nothing.

        :raises CannotPrint: if LibCST would not print a site as it stands.
        """
        meets_nothing = subject.kind == "mock" and not subject.intercepts
        offer = self.idle.decide(subject) if meets_nothing else None
        return offer or decider(self.page.name)(subject, self.context)

    def _after(self, subject: Subject, rewrite: Rewrite) -> Refuse | None:
        """What stands against a rewrite once it is known."""
        kept = self.keeping.place(tuple(rewrite.actions))
        if kept:
            return Refuse("keep.asked", kept)
        for site, action in rewrite.actions.items():
            if loses_comment(site, action, self.findings):
                return Refuse("comment.inside", f"{site.path}:{site.line}")
        passed = self._passed(subject)
        if passed:
            return Refuse("value.type-tested", passed)
        traced = self.findings.traced.get(subject, ())
        copying = copied(subject, traced, self.findings.uses, self.program)
        if copying:
            return Refuse("value.passed", f"to {copying}")
        held = interrupts(subject, self.context, self.findings.uses)
        if held:
            return Refuse("value.interrupts", held)
        mixed = self.findings.mixed.get(subject)
        if mixed is not None and not _leaves_uses(subject, rewrite, self.findings):
            return Refuse("value.mixed", mixed)
        return None

    def _passed(self, subject: Subject) -> str:
        """Where an object is asked for a class that it is only afterwards."""
        is_lost = bool(self.context.objects.lost(subject))
        found = (
            asked_natively(origin, self.program, is_lost)
            for origin in self.findings.traced.get(subject, ())
        )
        return next(filter(None, found), "")


def _on_python_2(decision: Decision, subject: Subject, old: Python2) -> Decision:
    """A rewrite rests on more where it needs what Python 2 does not have."""
    rewrite = decision.rewrite if isinstance(decision, Assume) else decision
    if isinstance(rewrite, Refuse):
        return decision
    names = filter(None, map(lacking, rewrite.actions.values()))
    name = next(names, "")
    says = old.said_of({site.path for site in subject.sites}) if name else ""
    if not says:
        return decision
    return Assume(_PYTHON_3, f"{says}, which has no {name}", rewrite)


def follow(findings: Findings, verdicts: Verdicts, page: Page) -> Verdicts:
    """The verdicts with those of imports that go with the objects made through them."""
    changed = {
        site
        for verdict in verdicts.values()
        if verdict.applies
        for site in verdict.subject.sites
    }
    found = dict(verdicts)
    for subject, through in findings.followers.items():
        goes = through <= changed
        decision: Decision = Refuse("import.follows")
        if goes:
            decision = Rewrite(dict.fromkeys(subject.sites, Keep()))
        found[subject] = Verdict(subject, page.name, decision)
    return dict(sorted(found.items(), key=lambda item: item[0].origin))


def _is_idle(subject: Subject, findings: Findings) -> bool:
    """Whether a mock of a whole module, or of any of it, meets no name looked for.

    Or it is a computed name of one of the project's own modules: most of what that may
    give is none of Eventlet's.
    """
    reason, _ = findings.refused.get(subject, ("", ""))
    if reason == "name.computed" and not findings.is_source(subject.api):
        return True
    target = findings.targets.get(subject.origin)
    if target is None or subject.intercepts:
        return False
    return target.form == "whole" or not target.attribute


def _tested(findings: Findings) -> dict[str, str]:
    """The classes that something is tested for being, and one place of each.

    Where it is known which objects are tested, the test is a site of theirs.
    """
    found: dict[str, str] = {}
    objects = (s for s in findings.subjects if s.kind == "object")
    known = {site for subject in objects for site in subject.sites}
    for site, use in findings.uses.items():
        if site.form == "reference" and site not in known and _is_type_test(use):
            found.setdefault(use.api, f"{site.path}:{site.line}")
    return found


def _is_type_test(use: Use) -> bool:
    """``isinstance(x, Event)``, alone or in a tuple; ``type(x) is Event``."""
    parents = [p for p in use.parents[-2:] if not isinstance(p, ast.Tuple)]
    above = parents[-1] if parents else None
    if isinstance(above, ast.Compare):
        return any(_calls(side, ("type",)) for side in (above.left, *above.comparators))
    return _calls(above, _TYPE_TESTS)


def _calls(node: ast.AST | None, names: Collection[str]) -> bool:
    return called_name(node) in names


def _hindrance(subject: Subject, findings: Findings) -> Refuse | None:
    """What stands in the way of any rewrite at some site."""
    target = findings.targets.get(subject.origin)
    if target is not None and target.problem:
        return Refuse(target.problem)
    attempt = next(filter(None, (_attempt(s, findings) for s in subject.sites)), "")
    if attempt:
        return Refuse("import.optional", attempt)
    printed = any(_prints_itself(site, findings) for site in subject.sites)
    return Refuse("string.printed") if printed else None


def _prints_itself(site: Site, findings: Findings) -> bool:
    """Whether an f-string prints the site's own text: ``f"{eventlet.sleep(1)=}"``.

    The parser gives that text as the constant before the value.
    """
    use = findings.uses.get(site)
    return use is not None and prints_itself(use, site.spelling)


def _attempt(site: Site, findings: Findings) -> str:
    """The ``try`` around a site that is for its import to fail; empty if there is none.

    What stands there is only for where Eventlet is, and would be left to try nothing.
    So it is below an ``if`` that asks whether somebody has imported Eventlet.
    """
    use = findings.uses.get(site)
    if use is None:
        return ""
    for above, below in pairwise([*use.parents, use.node]):
        if isinstance(above, ast.Try) and below in above.body:
            bound = _tried(above)
            ours = all(map(_is_there_or_ours, bound.values()))
            if ours and root_name(use.node) in bound and catches_missing(above):
                return f"{site.path}:{above.lineno}"
        if isinstance(above, ast.If) and _is_asked_for(above, below):
            return f"{site.path}:{above.lineno}"
    return ""


def _is_asked_for(branch: ast.If, below: ast.AST) -> bool:
    return below in branch.body and asks_for_eventlet(branch.test)


def _is_there_or_ours(dotted: str) -> bool:
    """Whether an import fails only where Eventlet is not."""
    return is_eventlet(dotted) or dotted.partition(".")[0] in sys.stdlib_module_names


def _tried(attempt: ast.Try) -> dict[str, str]:
    """The names that a ``try`` imports, each with the module it comes from."""
    found: dict[str, str] = {}
    for statement in attempt.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            home = getattr(statement, "module", None)
            for each in statement.names:
                name = each.asname or each.name.partition(".")[0]
                found[name] = home or each.name
    return found


def _leaves_uses(subject: Subject, rewrite: Rewrite, findings: Findings) -> bool:
    """Whether all that is done with an object stays, for whatever else is there."""
    return all(
        isinstance(rewrite.actions.get(site), Keep)
        for site in subject.sites
        if site.form == "method" or _asks_class(site, findings)
    )


def _asks_class(site: Site, findings: Findings) -> bool:
    member = findings.members.get(site)
    return member is not None and member.name == "isinstance"
