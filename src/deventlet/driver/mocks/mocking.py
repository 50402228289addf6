"""Keeps mocks and what they intercept together: both change, or neither does.

A ``mock.patch('eventlet.sleep')`` that stays while the code moves intercepts nothing
any more, and one that moves while the code stays does neither. Lowers verdicts until
all agree, by what the modules beside it find; the page ``reasons.md`` states the rules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.codemod import (
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
    Swap,
    Verdict,
)
from deventlet.driver.mocks.beneath import met_beneath
from deventlet.driver.mocks.counting import Counting
from deventlet.driver.mocks.expected import changed_calls, objection
from deventlet.driver.mocks.idle import IDLE, NO_SITE
from deventlet.driver.mocks.intercepts import definition, idle_calls
from deventlet.driver.mocks.meeting import Meeting
from deventlet.driver.mocks.natives import Natives
from deventlet.driver.mocks.partners import Partners
from deventlet.driver.mocks.through import called_by
from deventlet.driver.reach.named import Named
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.verdicts import Verdicts, demote, lower
from deventlet.driver.text.placeholders import KEPT, placed
from deventlet.driver.text.printing import print_expression
from deventlet.resolve.mock_targets import Fake, Target, fake_functions
from deventlet.resolve.mock_uses import stored_fakes
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.uses import Use
from deventlet.resolve.values.bound import says


@dataclass(eq=False)
class Mocking:
    """The mocks of one codemod's findings.

    :param linked: subjects that wait for others besides, with the reason ``waits``.
    """

    findings: Findings
    project: Project
    replaces: Mapping[str, str]
    linked: Mapping[Subject, Sequence[Subject]] = field(default_factory=dict)
    waits: str = ""
    _by_site: dict[Site, Subject] = field(init=False)
    _names: Named = field(init=False)
    _natives: Natives = field(init=False)
    _partners: Partners = field(init=False)

    def __post_init__(self) -> None:
        self._by_site = self.findings.by_site()
        self._names = Named(self.project)
        self._natives = Natives(self.findings, self.project, self.replaces)
        self._partners = Partners(self.findings, self.project)

    def settle(self, verdicts: Verdicts) -> Verdicts:
        """The verdicts once mocks and the sites they intercept agree."""
        result = dict(verdicts)
        self._refuse_recursion(result)
        self._refuse_counted(result)
        self._refuse_mocked_methods(result)
        self._refuse_met_through(result)
        for mock, subjects in self._partners.reached(result).items():
            reason = self._own_problem(mock, subjects, result)
            if reason is not None:
                demote(result, mock, reason)
        self._refuse_handed(result)
        _agree(result, self._partners.of(result))
        while (
            self._hold_back(result)
            or self._refuse_beneath(result)
            or self._refuse_busy(result)
        ):
            _agree(result, self._partners.of(result))
        return result

    def _refuse_handed(self, verdicts: Verdicts) -> None:
        """Keep an import that a test mocks a name through, if that may not move."""
        for own, target, met in self._partners.handed:
            if own not in verdicts or verdicts[own].rewrite is None:
                continue
            refusal = self._others_met(target, met, self._natives.of(target))
            if refusal is not None or not met:
                demote(verdicts, own, refusal or Refuse(NO_SITE))

    def _refuse_busy(self, verdicts: Verdicts) -> bool:
        """Keep a mock that meets nothing, while anything says its name; whether any."""
        busy = [
            (mock, used)
            for mock, subjects in self._partners.reached(verdicts).items()
            if not subjects
            and verdicts[mock].reason == IDLE
            and (used := self._used(self.findings.targets[mock.origin], verdicts))
        ]
        for mock, used in busy:
            demote(verdicts, mock, Refuse(NO_SITE, f"but {used} uses it"))
        return bool(busy)

    def _used(self, target: Target, verdicts: Verdicts) -> str:
        """A place that still uses what a mock replaces, or may; empty for none.

        Also one that changes, if the test speaks of it: it may load it by its name.
        """
        return next(
            (
                f"{subject.origin.path}:{subject.origin.line}"
                for subject, verdict in verdicts.items()
                if subject.kind != "mock"
                and f"{target.api}.".startswith(f"{subject.api}.")
                and not (verdict.applies and not self._speaks_of(target, subject))
            ),
            "",
        )

    def _speaks_of(self, target: Target, subject: Subject) -> bool:
        """Whether the file of a mock says the name of what holds a site."""
        uses = self.findings.uses
        found = {site.path: definition(uses.get(site)) for site in subject.sites}
        words = {self.project.names[path].rpartition(".")[2] for path in found}
        text = target.module.source.utf8
        named = words.union(filter(None, found.values()))
        return any(says(text, as_bytes(word)) for word in named)

    def _hold_back(self, verdicts: Verdicts) -> bool:
        """Lower what waits for another subject that stays; whether there was any."""
        changed = [
            lower(verdicts, subject, other, self.waits)
            for subject, others in self.linked.items()
            for other in others
            if subject in verdicts and other in verdicts
        ]
        return any(changed)

    def _refuse_beneath(self, verdicts: Verdicts) -> bool:
        """Keep what would come, through Eventlet, to a mock that stays; whether any."""
        met = met_beneath(verdicts, self.findings, self.replaces, self._names)
        where = dict(met)
        for subject, place in where.items():
            refusal = Refuse("mock.both", f"through Eventlet to the mock at {place}")
            demote(verdicts, subject, refusal)
        return bool(where)

    def together(self, verdicts: Verdicts) -> dict[Subject, list[Subject]]:
        """The subjects that change only if another one does, and the other way round.

        :param verdicts: of the subjects that there are.
        """
        linked = {subject: [*others] for subject, others in self.linked.items()}
        return self._partners.of(verdicts) | linked

    def _replacement(self, mock: Subject, target: Target, verdicts: Verdicts) -> str:
        """The dotted name that takes the place of what a mock intercepts."""
        rewrite = verdicts[mock].rewrite
        action = rewrite.actions.get(mock.origin) if rewrite else None
        if isinstance(action, Retarget):
            return f"{action.module}.{action.name}"
        return self._natives.of(target)

    @cached_property
    def _counting(self) -> Counting:
        return Counting(self.project, self.findings.running, self._natives.ours)

    def _own_problem(
        self, mock: Subject, subjects: list[Subject], verdicts: Verdicts
    ) -> Refuse | None:
        """Why a mock cannot move by itself, if so."""
        target = self.findings.targets[mock.origin]
        if target.problem:
            return Refuse(target.problem)
        if not subjects:
            return None if verdicts[mock].reason == IDLE else Refuse(NO_SITE)
        if target.said and _has_others(target, subjects):
            return Refuse("mock.computed")
        idle = idle_calls(target, subjects, self.findings)
        pooled = self._counting.pooled(target, self._met(subjects), idle)
        if pooled:
            return Refuse("mock.kept-site", f"{pooled} has a pool that meets it")
        replacement = self._replacement(mock, target, verdicts)
        if self._is_local(target, subjects, verdicts):
            replacement = ""  # nobody else's name is replaced
        elif (refusal := self._others_met(target, subjects, replacement)) is not None:
            return refusal
        rewrites = filter(None, (verdicts[each].rewrite for each in subjects))
        changes = [c for each in rewrites for c in changed_calls(each, self.findings)]
        translated = verdicts[mock].rewrite
        places = translated.actions if translated else ()
        return objection(target, changes, places, replacement)

    def _met(self, subjects: Iterable[Subject]) -> list[Use]:
        """The uses of some subjects."""
        uses = self.findings.uses
        return [uses[s] for each in subjects for s in each.sites if s in uses]

    def _others_met(
        self, target: Target, subjects: list[Subject], replacement: str
    ) -> Refuse | None:
        """Who else would meet the mock, once it is one of the whole process."""
        known = self._natives, self._counting, self._names
        return Meeting(*known, target, subjects, replacement).problem()

    def _is_local(
        self, target: Target, subjects: list[Subject], verdicts: Verdicts
    ) -> bool:
        """Whether the name that is mocked is the repository's own, and stays."""
        rewrites = [verdicts[each].rewrite for each in subjects]
        return target.alias and all(
            subject.kind == "alias"
            and (rewrite is None or _keeps_name(subject, rewrite))
            for subject, rewrite in zip(subjects, rewrites, strict=True)
        )

    def _refuse_recursion(self, verdicts: Verdicts) -> None:
        """A site inside a fake of the replacement itself would call the fake."""
        # An alias is bound before the mock takes the name's place.
        called = {s: u for s, u in self.findings.uses.items() if not u.aliases}
        for module in {use.module.path: use.module for use in called.values()}.values():
            fakes = self._fakes(module)
            for site, use in called.items():
                if use.module is module and any(f in use.parents for f in fakes):
                    name = self.replaces.get(use.api, "")
                    if _is_taken(verdicts[self._by_site[site]], site, name):
                        continue
                    inside = f"it runs inside a fake of {name}"
                    refusal = Refuse("mock.recursion", inside)
                    demote(verdicts, self._by_site[site], refusal)

    def _fakes(self, module: Module) -> list[Fake]:
        """The functions that the mocks of a file call, also those of native names."""
        mocks = [t for t in self.findings.targets.values() if t.module is module]
        for name in sorted(set(self.replaces.values())):
            mocks += self._natives.mocks(module, name)
        return [f for t in mocks for f in (*fake_functions(t), *stored_fakes(t))]

    def _refuse_counted(self, verdicts: Verdicts) -> None:
        """A call that a mock of the native function would count as well."""
        for site, use in self.findings.uses.items():
            subject = self._by_site.get(site)
            name = self._function(site, use)
            if subject is None or not name:
                continue
            verdict = verdicts[subject]
            if isinstance(verdict.decision, Refuse) or _is_taken(verdict, site, name):
                continue
            where = self._counting.of(use, name)
            if where:
                demote(verdicts, subject, Refuse("mock.both", f"{name} at {where}"))

    def _refuse_mocked_methods(self, verdicts: Verdicts) -> None:
        """An object that would be of a class of which a test mocks a method."""
        for site, use in self.findings.uses.items():
            subject, native = self._by_site.get(site), self._class(use)
            if subject is None or not native:
                continue
            if isinstance(verdicts[subject].decision, Refuse):
                continue
            where = self._counting.around_method(use, native)
            if where:
                demote(verdicts, subject, Refuse("mock.both", where))

    def _class(self, use: Use) -> str:
        """The native class whose object a use makes or calls; empty for none."""
        for api in (use.api, use.api.rpartition(".")[0]):
            native = self.replaces.get(api, "")
            if native.rpartition(".")[2][:1].isupper():
                return native
        return ""

    def _refuse_met_through(self, verdicts: Verdicts) -> None:
        """An object that meets a mock by way of Eventlet; an executor would not."""
        for subject, verdict in verdicts.items():
            for site, name in called_by(subject):
                use = self.findings.uses.get(site)
                if use is None or isinstance(verdict.decision, Refuse):
                    break
                where = self._counting.around(use, name)
                if where:
                    refusal = Refuse("mock.stays", f"{name} at {where}")
                    demote(verdicts, subject, refusal)
                    break

    def _function(self, site: Site, use: Use) -> str:
        """The native function that a use will ask its module for, to call it.

        Empty if it calls none, or one that an import has given it for good.
        """
        name = self.replaces.get(use.api, "")
        if site.form == "call" or not name:
            return "" if use.aliases else name
        node: ast.AST = use.node
        for above in reversed(use.parents):  # green.socket, of which names are taken
            if isinstance(above, ast.Call) and above.func is node:
                return name
            if not isinstance(above, ast.Attribute):
                break
            node, name = above, f"{name}.{above.attr}"
        return ""


def _is_taken(verdict: Verdict, site: Site, name: str) -> bool:
    """Whether a site becomes the function itself, and no attribute that is mocked."""
    action = verdict.rewrite and verdict.rewrite.actions.get(site)
    text = print_expression(action.node) if isinstance(action, Replace) else ""
    return name in {each.removesuffix(KEPT) for each in placed(text)}


def _has_others(target: Target, subjects: Sequence[Subject]) -> bool:
    """Whether a mock meets sites beside the file that its path leads through.

    Only in that file it is sure by which name the path goes on.
    """
    home = target.through.path if target.through is not None else ""
    return any(site.path != home for each in subjects for site in each.sites)


def _agree(verdicts: Verdicts, reached: dict[Subject, list[Subject]]) -> None:
    """Bring mocks and what they intercept to the least of their verdicts.

    Of what is proven, what hangs on an assumption and what is refused, the least
    certain decides for all, because they change together or not at all.
    """
    changed = True
    while changed:
        changed = False
        for mock, subjects in reached.items():
            for subject in subjects:
                changed |= lower(verdicts, mock, subject, "mock.kept-site")
            if verdicts[mock].reason != NO_SITE:
                for subject in subjects:
                    changed |= lower(verdicts, subject, mock, "mock.stays")


def _keeps_name(subject: Subject, rewrite: Rewrite) -> bool:
    """Whether a name stays, bound to something else."""
    actions = map(rewrite.actions.get, subject.bindings)
    return any(isinstance(action, (Swap, Replace)) for action in actions)
