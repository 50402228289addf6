"""One codemod over one project, from files to an outcome that every report reads.

Pure apart from reading files: the outcome holds the new contents, and whoever called
decides what becomes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from deventlet import hazards
from deventlet.codemod import Page, Refuse, Site, Subject, Verdict
from deventlet.config import Config
from deventlet.driver import files
from deventlet.driver.decide import Knowledge, decide, follow
from deventlet.driver.emit.emitter import Emitted, Emitter
from deventlet.driver.linking import links
from deventlet.driver.mocks.mocking import Mocking
from deventlet.driver.processes.remaining import Every
from deventlet.driver.processes.stages import Stages
from deventlet.driver.processes.threads import threads_of
from deventlet.driver.project.styles import Styles
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.idle_imports import find_idle
from deventlet.driver.subjects.objects import find_all
from deventlet.driver.subjects.verdicts import Verdicts
from deventlet.inventory import Hazard
from deventlet.resolve.api import Named
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.source.discover import matching
from deventlet.source.text import SourceProblem, without_collection

_ROUNDS = 10
_MOVED = -1
_DEFAULTS = Config()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one codemod found and would change.

    :param verdicts: one for each subject, by place.
    :param changes: path to bytes before and after.
    :param problems: files that could not be processed, by path.
    :param lines: the source line of each verdict's first site, for reports.
    :param beside: the paths in ``changes`` that changed because others did: lists of
        requirements, which hold no site.
    :param notes: sentences about them.
    :param created: the paths in ``changes`` where there was no file before.
    :param chunk: the part of the codemod's patch that this is; empty if all of it.
    :param hazards: what the changes make matter, in the files that the codemod's
        names are found in.
    """

    page: Page
    verdicts: tuple[Verdict, ...]
    changes: Mapping[str, tuple[bytes, bytes]]
    problems: Mapping[str, SourceProblem]
    lines: Mapping[Site, str] = field(default_factory=dict)
    chunk: str = ""
    hazards: tuple[Hazard, ...] = ()
    created: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def sites(self, verdict: str) -> list[Site]:
        """The sites with a verdict; an accepted assumption is ``assume``."""
        return [
            site
            for each in self.verdicts
            if each.verdict == verdict
            for site in each.subject.sites
        ]


@dataclass(eq=False)
class Known:
    """What is known of a project's files, kept for the next codemod of a run.

    Only what says the same whatever is looked for; the outcome does not depend on it.
    """

    project: Project | None = None
    _every: Every | None = None

    def of(self, request: Request, texts: Mapping[str, bytes]) -> Project:
        """The project with some texts in the place of those on disk."""
        before = self.project or Project(request.root, request.files)
        self.project = before.after(dict(texts))
        return self.project

    def every(self, names: Names) -> Every:
        """All of Eventlet's names; the same as before where no text has changed."""
        known = self._every
        if known is None or known.names.project.overlay != names.project.overlay:
            self._every = known = Every.of(names)
        return known


Key = tuple[str, str, str, int]
"""What tells a subject from the others in one state of a repository."""


def key_of(subject: Subject) -> Key:
    """The path, name and spelling of a subject's first site, and where it is."""
    site = subject.origin
    return site.path, site.api, site.spelling, site.start


@dataclass(frozen=True, slots=True)
class Request:
    """What to run on.

    :param root: the top of the tree.
    :param files: every Python file of the project, relative to ``root``.
    :param selected: those that may change.
    :param assume: reason codes of assumptions that the user accepts.
    :param locked: files with changes of the user's own, which may not be touched.
    :param left: subjects that stay whatever is decided, each with the reason.
    """

    root: Path
    files: Sequence[str]
    selected: Collection[str]
    config: Config = _DEFAULTS
    assume: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    left: Mapping[Key, Refuse] = field(default_factory=dict)
    known: Known = field(default_factory=Known, compare=False, repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether every file may change, and so those that are not Python, too."""
        return all(path in self.selected for path in self.files)


def run(page: Page, request: Request, overlay: Mapping[str, bytes]) -> Outcome:
    """Run one codemod on the project as ``overlay`` leaves it.

    :param overlay: contents that stand for files on disk, from earlier patches.
    """
    if page.about == "files":
        with without_collection():
            return _on_files(page, request, overlay)
    texts = dict(overlay)
    outcomes: list[Outcome] = []
    originals: dict[str, bytes] = {}
    for _ in range(_ROUNDS):
        with without_collection():
            outcome, postponed = Round(page, request, texts).outcome()
        outcomes.append(outcome)
        for path, (before, after) in outcome.changes.items():
            originals.setdefault(path, before)
            texts[path] = after
        if not postponed:
            break
        request = replace(request, left=anywhere(request.left))
    changes = {path: (originals[path], texts[path]) for path in sorted(originals)}
    outcome = replace(outcomes[0], changes=changes)
    return _with_requirements(outcome, request, overlay)


def _with_requirements(
    outcome: Outcome, request: Request, overlay: Mapping[str, bytes]
) -> Outcome:
    """The outcome with the lists of requirements that its changes ask for."""

    def may_change(path: str) -> bool:
        chosen = request.is_whole or path in request.selected
        kept = matching([path], request.config.keep)
        return chosen and path not in request.locked and not kept

    found = files.add(request.root, overlay, outcome.changes, may_change)
    changes = dict(sorted({**outcome.changes, **found.changes}.items()))
    beside = frozenset(found.changes)
    return replace(outcome, changes=changes, beside=beside, notes=found.notes)


def _on_files(page: Page, request: Request, overlay: Mapping[str, bytes]) -> Outcome:
    """Run a codemod about project files."""
    project = request.known.of(request, overlay)
    names = Names(project, Named(frozenset()), request.config.spellings)
    found = files.find(request.root, overlay, request.config)
    needing = _knowledge(names, request).remaining.anywhere() if found.subjects else ()
    context = files.LineContext(request.root, request.config, found, needing)
    verdicts = _select(files.decide(page, context), request, request.left)
    while True:
        verdicts = files.settled(verdicts, found)
        written = files.write(found, verdicts.values())
        if not written.failed:
            break
        verdicts = _failed(verdicts, written.failed)
    before = {path: found.texts.get(path, b"") for path in written.contents}
    return Outcome(
        page,
        tuple(sorted(verdicts.values(), key=lambda verdict: verdict.subject.origin)),
        {path: (before[path], text) for path, text in written.contents.items()},
        {},
        {subject.origin: subject.origin.spelling for subject in verdicts},
        created=written.created,
    )


def anywhere(left: Mapping[Key, Refuse]) -> dict[Key, Refuse]:
    """What is left, wherever it stands now that the texts have changed.

    It may leave another subject of the same spelling, too, which only waits longer.
    """
    return {(*key[:3], _MOVED): refusal for key, refusal in left.items()}


@dataclass(eq=False)
class Round:
    """One pass of a codemod over one state of a repository; changes nothing.

    What is decided is worked out once, however often it is asked what follows from it.
    """

    page: Page
    request: Request
    texts: Mapping[str, bytes]

    @cached_property
    def project(self) -> Project:
        """The files as the texts leave them."""
        return self.request.known.of(self.request, self.texts)

    @cached_property
    def findings(self) -> Findings:
        """What the codemod decides about."""
        if self.page.about == "imports":
            return find_idle(self._names)
        return find_all(self._names, self.page.replaces)

    @cached_property
    def mocking(self) -> Mocking:
        """The mocks among it."""
        linked = links(self.page, self.findings, self._knowledge)
        page, findings = self.page, self.findings
        return Mocking(findings, self.project, page.replaces, linked, page.together)

    def settled(self, left: Mapping[Key, Refuse]) -> tuple[Verdicts, Emitted]:
        """The verdicts, and the texts that follow from them.

        :param left: subjects that stay whatever is decided, each with the reason.
        """
        verdicts = _select(self._decided, self.request, left)
        verdicts = follow(self.findings, self.mocking.settle(verdicts), self.page)
        emitter = Emitter(self.project, self.findings, self._styles)
        return _emit(self.page, emitter, self.mocking, verdicts)

    def outcome(self) -> tuple[Outcome, bool]:
        """What is found and would change; True if sites wait for the next round."""
        project, request = self.project, self.request
        verdicts, emitted = self.settled(request.left)
        changes = self.changes(emitted)
        lines = {v.subject.origin: self._line(v) for v in verdicts.values()}
        problems = {
            path: problem
            for path, problem in sorted(project.problems.items())
            if path in request.selected
        }
        shown = tuple(
            v
            for v in verdicts.values()
            if any(site.path in request.selected for site in v.subject.sites)
        )
        acts = changes and self.page.about == "uses"
        dangers = self._hazards(shown) if acts else ()
        found = Outcome(self.page, shown, changes, problems, lines, hazards=dangers)
        return found, bool(emitted.postponed)

    def changes(self, emitted: Emitted) -> dict[str, tuple[bytes, bytes]]:
        """The bytes before and after of the files that have new texts."""
        return {
            path: (self.project.read(path), content)
            for path, content in emitted.contents.items()
        }

    @cached_property
    def _names(self) -> Names:
        interest = Named(frozenset(self.page.apis))
        return Names(self.project, interest, self.request.config.spellings)

    @cached_property
    def _knowledge(self) -> Knowledge:
        return _knowledge(self._names, self.request)

    @cached_property
    def _decided(self) -> Verdicts:
        return decide(self.page, self.findings, self._knowledge)

    @cached_property
    def _styles(self) -> Styles:
        request = self.request
        length = request.config.line_length
        return Styles(request.root, self.project.top_level, length)

    def _hazards(self, verdicts: Iterable[Verdict]) -> tuple[Hazard, ...]:
        """What the rewritten sites make matter."""
        in_test = Stages(self._knowledge.processes).is_test
        found = hazards.find(threads_of(self._names, self.findings), in_test)
        applied = (v.subject for v in verdicts if v.applies)
        return hazards.matter(found, (s for subject in applied for s in subject.sites))

    def _line(self, verdict: Verdict) -> str:
        """The source line of a subject's first site."""
        site = verdict.subject.origin
        module = self.project.module(site.path)
        assert module is not None
        return module.source.line_bytes(site.line).decode("utf-8").strip()


def _knowledge(names: Names, request: Request) -> Knowledge:
    every = request.known.every(names)
    return Knowledge.of(names, request.config, request.assume, every)


def _select(
    verdicts: Verdicts, request: Request, left: Mapping[Key, Refuse]
) -> Verdicts:
    """Refuse subjects that are to stay, or reach into files which may not change."""
    result: Verdicts = {}
    for subject, verdict in verdicts.items():
        paths = _paths(verdict)
        locked = sorted(paths & request.locked)
        outside = [] if request.is_whole else sorted(paths.difference(request.selected))
        refusal = _left(subject, left)
        if locked:
            refusal = Refuse("file.dirty", locked[0])
        elif outside:
            refusal = Refuse("path.not-selected", outside[0])
        if verdict.applies and refusal is not None:
            verdict = Verdict(subject, verdict.codemod, refusal)
        result[subject] = verdict
    return result


def _left(subject: Subject, left: Mapping[Key, Refuse]) -> Refuse | None:
    """Why a subject stays whatever is decided, if it does."""
    key = key_of(subject)
    return left.get(key) or left.get((*key[:3], _MOVED))


def _failed(verdicts: Verdicts, failed: Mapping[str, str]) -> Verdicts:
    """The verdicts without those that change a file which cannot be proven right."""
    found = dict(verdicts)
    for subject, verdict in verdicts.items():
        bad = sorted(_paths(verdict) & failed.keys())
        if bad and verdict.applies:
            refusal = Refuse("edit.unverified", failed[bad[0]])
            found[subject] = Verdict(subject, verdict.codemod, refusal)
    return found


def _paths(verdict: Verdict) -> set[str]:
    """The files of a subject, and what is written elsewhere for its sake."""
    actions = verdict.rewrite.actions if verdict.rewrite else {}
    return {site.path for site in (*verdict.subject.sites, *actions)}


def _emit(
    page: Page, emitter: Emitter, mocking: Mocking, verdicts: Verdicts
) -> tuple[Verdicts, Emitted]:
    """Emit, refusing what cannot be proven right, until nothing fails."""
    while True:
        emitted = emitter.emit(verdicts.values())
        if not emitted.failed:
            return verdicts, emitted
        verdicts = _failed(verdicts, emitted.failed)
        verdicts = follow(emitter.findings, mocking.settle(verdicts), page)
