"""One codemod over one project, from files to an outcome that every report reads.

Pure apart from reading files: the outcome holds the new contents, and whoever called
decides what becomes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deventlet.codemod import (
    Assume,
    Decision,
    Page,
    Refuse,
    Replace,
    Site,
    Subject,
    Verdict,
)
from deventlet.config import Config
from deventlet.driver.context import CannotPrint, SubjectContext
from deventlet.driver.emit import Emitted, Emitter
from deventlet.driver.mocking import Mocking, Verdicts
from deventlet.driver.subjects import Findings, find
from deventlet.registry import decider
from deventlet.resolve.api import Named
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project
from deventlet.resolve.roles import Roles
from deventlet.source.imports import ImportStyle, detect_style
from deventlet.source.text import SourceProblem, without_collection

_ROUNDS = 10
_DEFAULTS = Config()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one codemod found and would change.

    :param verdicts: one for each subject, by place.
    :param changes: path to bytes before and after.
    :param problems: files that could not be processed, by path.
    :param lines: the source line of each verdict's first site, for reports.
    """

    page: Page
    verdicts: tuple[Verdict, ...]
    changes: Mapping[str, tuple[bytes, bytes]]
    problems: Mapping[str, SourceProblem]
    lines: Mapping[Site, str] = field(default_factory=dict)

    def sites(self, verdict: str) -> list[Site]:
        """The sites with a verdict; an accepted assumption is ``assume``."""
        return [
            site
            for each in self.verdicts
            if each.verdict == verdict
            for site in each.subject.sites
        ]


@dataclass(frozen=True, slots=True)
class Request:
    """What to run on.

    :param root: the top of the tree.
    :param files: every Python file of the project, relative to ``root``.
    :param selected: those that may change.
    :param assume: reason codes of assumptions that the user accepts.
    :param locked: files with changes of the user's own, which may not be touched.
    """

    root: Path
    files: Sequence[str]
    selected: Collection[str]
    config: Config = _DEFAULTS
    assume: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()


def run(page: Page, request: Request, overlay: Mapping[str, bytes]) -> Outcome:
    """Run one codemod on the project as ``overlay`` leaves it.

    :param overlay: contents that stand for files on disk, from earlier patches.
    """
    texts = dict(overlay)
    outcomes: list[Outcome] = []
    originals: dict[str, bytes] = {}
    for _ in range(_ROUNDS):
        with without_collection():
            outcome, postponed = _round(page, request, texts)
        outcomes.append(outcome)
        for path, (before, after) in outcome.changes.items():
            originals.setdefault(path, before)
            texts[path] = after
        if not postponed:
            break
    changes = {path: (originals[path], texts[path]) for path in sorted(originals)}
    first = outcomes[0]
    return Outcome(page, first.verdicts, changes, first.problems, first.lines)


def _round(
    page: Page, request: Request, texts: Mapping[str, bytes]
) -> tuple[Outcome, bool]:
    """One pass; True if sites inside other sites wait for the next one."""
    project = Project(request.root, request.files, dict(texts))
    names = Names(project, Named(frozenset(page.apis)), request.config.spellings)
    findings = find(names, page.replacement)
    verdicts = _decide(page, request, names, findings)
    verdicts = _select(verdicts, request)
    verdicts = Mocking(findings, project, page.replacement).settle(verdicts)
    emitter = Emitter(project, findings, _style(project, request))
    verdicts, emitted = _emit(emitter, verdicts)
    changes = {
        path: (project.read(path), content)
        for path, content in emitted.contents.items()
    }
    lines = {
        v.subject.origin: _line(project, v.subject.origin) for v in verdicts.values()
    }
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
    return Outcome(page, shown, changes, problems, lines), bool(emitted.postponed)


def _decide(page: Page, request: Request, names: Names, findings: Findings) -> Verdicts:
    """A verdict for every subject; the codemod's module is imported only here."""
    if not findings.subjects:
        return {}
    processes = Processes(
        names.project,
        request.config.ignore_branches,
        request.config.ignore_entry_points,
    )
    context = SubjectContext(findings, Roles(names), processes, request.config)
    accepted = request.assume | set(request.config.assume)
    verdicts: Verdicts = {}
    for subject in findings.subjects:
        decision = _decision(page, subject, findings, context)
        given = isinstance(decision, Assume) and decision.reason in accepted
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


def _select(verdicts: Verdicts, request: Request) -> Verdicts:
    """Refuse subjects that reach into files which may not change."""
    result: Verdicts = {}
    for subject, verdict in verdicts.items():
        paths = {site.path for site in subject.sites}
        locked = sorted(paths & request.locked)
        outside = sorted(paths.difference(request.selected))
        if verdict.applies and (locked or outside):
            refusal = Refuse("file.dirty", locked[0]) if locked else None
            refusal = refusal or Refuse("path.not-selected", outside[0])
            verdict = Verdict(subject, verdict.codemod, refusal)
        result[subject] = verdict
    return result


def _emit(emitter: Emitter, verdicts: Verdicts) -> tuple[Verdicts, Emitted]:
    """Emit, refusing what cannot be proven right, until nothing fails."""
    while True:
        emitted = emitter.emit(verdicts.values())
        if not emitted.failed:
            return verdicts, emitted
        for subject, verdict in verdicts.items():
            bad = next((s for s in subject.sites if s.path in emitted.failed), None)
            if bad is not None and verdict.applies:
                refusal = Refuse("edit.unverified", emitted.failed[bad.path])
                verdicts[subject] = Verdict(subject, verdict.codemod, refusal)
        mocking = Mocking(
            emitter.findings, emitter.project, emitter.findings.replacement
        )
        verdicts = mocking.settle(verdicts)


def _style(project: Project, request: Request) -> ImportStyle:
    """The project's import style and line length."""

    def read(name: str) -> str | None:
        try:
            return (request.root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    style = detect_style(read, project.top_level)
    length = request.config.line_length
    if length is None:
        return style
    return ImportStyle(style.project, style.order, style.force_single_line, length)


def _line(project: Project, site: Site) -> str:
    """The source line of a site."""
    module = project.module(site.path)
    assert module is not None
    return module.source.line_bytes(site.line).decode("utf-8").strip()
