"""Takes the inventory of a repository: every site with its verdict, for reports.

Asks each codemod for its verdicts on shared findings; what no codemod claims gets
the verdict of the catalogue. Writes nothing and edits nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from deventlet import catalog, hazards
from deventlet.codemod import (
    Fold,
    Import,
    Instead,
    Keep,
    Page,
    Reason,
    Replace,
    ReplaceAround,
    Retarget,
    Site,
    Subject,
    Swap,
    Unwrap,
    Verdict,
)
from deventlet.config import Config
from deventlet.driver import outside
from deventlet.driver.decide import Knowledge, decide, follow
from deventlet.driver.linking import links
from deventlet.driver.mocks.mocking import Mocking
from deventlet.driver.processes.remaining import NO_MOCK
from deventlet.driver.processes.stages import Stages
from deventlet.driver.processes.threads import started, started_at, threads_of
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.idle_imports import find_idle
from deventlet.driver.subjects.objects import find_all
from deventlet.driver.subjects.packages import packages
from deventlet.driver.text.placeholders import meant
from deventlet.driver.text.printing import print_expression
from deventlet.driver.text.statements import printed_in
from deventlet.inventory import Entry, Escape, Inventory, Mention, Traced
from deventlet.registry import pages, reasons
from deventlet.resolve.api import EVERYTHING, Named, is_eventlet
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.resolve.threads import Threads
from deventlet.resolve.values import Origin
from deventlet.source.discover import matching
from deventlet.source.text import without_collection

_MOVES = "The mock moves in the patch that changes the calls which it intercepts."
_UNUSED = "import.unused"
_ENDS = {"kill": "killed", "cancel": "cancelled", "link": "linked"}


def take_inventory(
    root: Path,
    files: Sequence[str],
    selected: Collection[str],
    config: Config,
    assume: frozenset[str],
) -> Inventory:
    """Everything that is found, in order of place.

    :param files: every Python file of the project, relative to ``root``.
    :param selected: the files of which entries, objects and problems are shown.
    :param assume: reason codes of assumptions that the user accepts.
    """
    with without_collection():
        project = Project(root, files)
        taker = _Taker.of(project, config, assume)
        entries = tuple(e for e in taker.entries if e.site.path in selected)
        objects = tuple(o for o in taker.objects if o.path in selected)
        said = [*_said_in_code(project, selected)]
        threads = tuple(t for t in started(taker.threads) if t.path in selected)
        dangers = hazards.find(taker.threads, taker.stages.is_test)
    around = _around(root, config)
    shown = _shown(files, selected)
    problems = {
        path: (problem.reason, problem.message)
        for path, problem in sorted(project.problems.items())
        if path in selected
    }
    return Inventory(
        root.name,
        len(files),
        entries,
        objects,
        tuple(sorted([*said, *(m for m in around.mentions if shown(m.path))])),
        taker.stages.processes(taker.entries),
        problems | dict(around.problems),
        threads,
        tuple(each for each in dangers if each.path in selected),
    )


def _said_in_code(project: Project, selected: Collection[str]) -> Iterator[Mention]:
    """Comments that speak of Eventlet, and where its variables are set."""
    speaking = project.containing(list(outside.COMMENT_WORDS))
    for path in (each for each in speaking if each in selected):
        text = project.read_or_empty(path)
        yield from outside.comments(path, text)
        yield from outside.variables(path, text)


def _shown(files: Sequence[str], selected: Collection[str]) -> Callable[[str], bool]:
    """Whether a file that is not Python belongs to what is shown: by its folder."""
    if len(selected) == len(files):
        return lambda path: True
    folders = {path.rpartition("/")[0] for path in selected}
    return lambda path: path.rpartition("/")[0] in folders


def _around(root: Path, config: Config) -> outside.Outside:
    """Where Eventlet is named outside of Python code, in what is not excluded."""
    listed = outside.text_files(root, (root / ".git").exists())
    out = matching(listed, config.exclude)
    return outside.search(root, [path for path in listed if path not in out])


def _is_whole(subject: Subject) -> bool:
    """Whether it is a module of Eventlet's with names that codemods are for."""
    known = catalog.entry(subject.api)
    return EVERYTHING.match(subject.api) is None and not known.reason


@dataclass(eq=False)
class _Taker:
    """Turns findings into entries."""

    findings: Findings
    knowledge: Knowledge
    pages: tuple[Page, ...]
    threads: Threads
    stages: Stages = field(init=False)

    def __post_init__(self) -> None:
        self.stages = Stages(self.knowledge.processes)

    @classmethod
    def of(cls, project: Project, config: Config, assume: frozenset[str]) -> _Taker:
        """What is found of all that any codemod is for."""
        names = Names(project, EVERYTHING, config.spellings)
        every = tuple(pages().values())
        replaces = {api: name for page in every for api, name in page.replaces.items()}
        findings = find_all(names, replaces)
        knowledge = Knowledge.of(names, config, assume)
        return cls(findings, knowledge, every, threads_of(names, findings))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """One entry for each site, in order of place."""
        found: dict[tuple[str, int, int], Entry] = {}
        meant = filter(self._is_meant, self.findings.subjects)
        for subject in chain(meant, self.findings.companions):
            for site in subject.sites:
                key = site.path, site.start, site.end
                known = found.get(key)
                if known is None or known.site.form == "method":
                    found[key] = self._entry(site, subject)
        for entry in self._idle():
            key = entry.site.path, entry.site.start, entry.site.end
            if key not in found or found[key].reason == _UNUSED:
                found[key] = entry
        for entry in self._packages(found.values()):
            found.setdefault((entry.site.path, entry.site.start, entry.site.end), entry)
        return tuple(self.stages.blocked(sorted(found.values())))

    def _is_meant(self, subject: Subject) -> bool:
        """Whether a string can be a name: it may be a logger's, or a key's.

        ``environ["eventlet.posthooks"]`` reads as a name does. What a mock receives
        is one, and so is a path through a file of ours, and what a codemod asks for.
        """
        reason, _ = self.findings.refused.get(subject, ("", ""))
        target = self.findings.targets.get(subject.origin)
        problem = target.problem if target is not None else reason
        if not is_eventlet(subject.api):  # getattr() on a module that passes names on
            return False
        ours = target is not None and target.through is not None
        return problem not in NO_MOCK or ours or subject in self._verdicts

    @cached_property
    def _verdicts(self) -> Mapping[Subject, Verdict]:
        """What the codemods say; of two that claim a subject the first decides."""
        names = self.knowledge.names
        found: dict[Subject, Verdict] = {}
        for page in (page for page in self.pages if page.about == "uses"):
            findings = self.findings.of(Named(frozenset(page.apis)))
            verdicts = decide(page, findings, self.knowledge)
            linked = links(page, findings, self.knowledge)
            mocking = Mocking(
                findings, names.project, page.replaces, linked, page.together
            )
            settled = follow(findings, mocking.settle(verdicts), page)
            for subject, verdict in settled.items():
                found.setdefault(subject, verdict)
        return found

    # -- entries -----------------------------------------------------------

    def _entry(self, site: Site, subject: Subject) -> Entry:
        verdict = self._verdicts.get(subject)
        plain = self._plain(site, subject)
        if verdict is None or EVERYTHING.match(subject.api) is None:
            return plain  # a whole package belongs to no codemod
        return _decided(plain, verdict)

    def _idle(self) -> Iterator[Entry]:
        """Imports that nothing in their file uses, which may have other uses yet."""
        names = self.knowledge.names
        for page in self.pages:
            if page.about == "imports":
                findings = find_idle(names)
                for subject, verdict in decide(page, findings, self.knowledge).items():
                    yield _decided(self._plain(subject.origin, subject), verdict)

    def _plain(self, site: Site, subject: Subject) -> Entry:
        """The entry of a site that no codemod claims."""
        known = catalog.entry(site.api)
        reason, detail = self.findings.refused.get(subject, ("", ""))
        if not reason and subject.kind == "mock" and _is_whole(subject):
            reason = "mock.whole-module"
        documented = reasons().get(reason)
        if reason == "name.assigned" and not self.stages.is_test(site.path):
            documented = None  # a setting of Eventlet's, not a hand-made mock
        if documented is not None:
            message = _message(documented, detail)
            suggestion = documented.suggestion
        else:
            reason = known.reason or "codemod.missing"
            message, suggestion = known.why, known.recipe
            if subject.kind == "mock":
                suggestion = _MOVES
        return self._made(site, subject.origin, known, reason, message, suggestion)

    def _made(
        self,
        site: Site,
        origin: Site,
        known: catalog.CatalogEntry,
        reason: str,
        message: str,
        suggestion: str,
    ) -> Entry:
        module = self.knowledge.names.project.module(site.path)
        assert module is not None
        source = module.source
        first, last = source.line_bytes(site.line), source.line_bytes(site.end_line)
        return Entry(
            site,
            "" if known.pattern == catalog.NO_CODEMOD else known.pattern,
            "refuse",
            reason,
            message,
            suggestion,
            "",
            known.stage,
            f"{origin.path}:{origin.line}",
            (),
            self.stages.is_test(site.path),
            first.decode("utf-8").strip(),
            (
                len(first[: site.column].decode("utf-8")),
                len(last[: site.end_column].decode("utf-8")),
            ),
            started_at=started_at(self.threads, self.findings.uses.get(site)),
        )

    def _packages(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Imports of Eventlet's packages, and uses of a package as a whole."""
        known_entries = list(entries)
        verdicts = {(e.site.path, e.site.start): e.verdict for e in known_entries}
        for module in self.findings.modules:
            here = [e.site for e in known_entries if e.site.path == module.path]
            for found in packages(self.knowledge.names, module):
                if found.reason == "name.module" and _is_inside(found.site, here):
                    continue
                known = catalog.entry(found.site.api)
                documented = reasons()[found.reason]
                entry = self._made(
                    found.site, found.site, known, found.reason,
                    documented.summary, documented.suggestion,
                )  # fmt: skip
                uses = [verdicts.get((module.path, each)) for each in found.uses]
                goes = bool(uses) and all(word == "rewrite" for word in uses)
                yield _going(entry) if goes else entry

    # -- objects -----------------------------------------------------------

    @cached_property
    def objects(self) -> tuple[Traced, ...]:
        """Every object that is made in the repository."""
        found = {
            _traced(origin)
            for group in self.findings.traced.values()
            for origin in group
            if origin.how in ("created", "subclass", "product")
        }
        return tuple(sorted(found))


def _decided(plain: Entry, verdict: Verdict) -> Entry:
    """An entry with what a codemod says of its site."""
    known = reasons().get(verdict.reason)
    return replace(
        plain,
        codemod=verdict.codemod,
        verdict=verdict.verdict,
        reason=verdict.reason,
        message=_message(known, verdict.detail),
        suggestion=known.suggestion if known else "",
        replacement=_replacement(verdict, plain.site),
        proposal=verdict.proposals.get(plain.site),
    )


def _message(reason: Reason | None, detail: str) -> str:
    """One line that can be read by itself: what the reason means, and of what here."""
    return ": ".join(filter(None, (reason.summary if reason else "", detail)))


def _is_inside(site: Site, others: Iterable[Site]) -> bool:
    """Whether a site is part of another: ``eventlet`` in ``getattr(eventlet, x)``."""
    return any(other.start < site.start and site.end < other.end for other in others)


def _going(entry: Entry) -> Entry:
    """The entry of an import all of whose uses are rewritten."""
    message = "it goes with the last of its uses"
    return replace(entry, verdict="rewrite", reason="", message=message, suggestion="")


def _replacement(verdict: Verdict, site: Site) -> str:
    """The text that takes a site's place, with the names as they are usually bound."""
    rewrite = verdict.rewrite
    action = rewrite.actions.get(site) if rewrite else None
    if isinstance(action, (Replace, ReplaceAround)):
        return _spelled(print_expression(action.node))
    if isinstance(action, (Instead, Fold, Unwrap)):
        return _spelled(printed_in("", action.statements))
    if isinstance(action, Import):
        return f"import {action.module}"
    if isinstance(action, Swap):
        return f"from {action.module} import {action.name}" if action.name else ""
    if isinstance(action, Retarget):
        return f"{action.module}.{action.name}"
    return site.spelling if isinstance(action, Keep) else ""


def _spelled(text: str) -> str:
    """A text with the modules' own names in place of the placeholders."""
    return meant(text)


def _traced(origin: Origin) -> Traced:
    names = Counter(member.name for member in origin.members)
    path = origin.module.path
    others = {m.module.path for m in origin.members if m.module.path != path}
    escapes = {
        Escape(e.module.path, getattr(e.node, "lineno", 0), e.reason, e.detail)
        for e in origin.escapes
    }
    return Traced(
        path,
        getattr(origin.node, "lineno", 0),
        origin.kind,
        _results(origin),
        tuple(sorted(names.items())),
        tuple(sorted(others)),
        tuple(sorted(escapes)),
    )


def _results(origin: Origin) -> tuple[str, ...]:
    """What becomes of an object as a whole, in the words of the reports."""
    found = {_ENDS[m.name] for m in origin.members if m.name in _ENDS}
    for member in origin.members:
        if member.name == "wait" and member.result != "reference":
            found.add("waited" if member.result == "discarded" else "value")
    if origin.held:
        found.add("stored")
    if origin.result == "discarded":
        found.add("discarded")
    return tuple(sorted(found))
