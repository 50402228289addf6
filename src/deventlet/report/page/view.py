"""What the page of a project shows, worked out of the inventory and the plan; pure.

The template lays this out and counts nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deventlet.burndown import Burndown
from deventlet.codemod import Proposal, Reason
from deventlet.inventory import Entry, Hazard, Inventory, Pool, Process
from deventlet.plan import Plan, Risk
from deventlet.report import pools as pool_report
from deventlet.report.groups import Advice, Danger, advised, dangers
from deventlet.report.page.links import Links
from deventlet.report.tally import (
    OUTCOMES,
    Outcome,
    Pattern,
    outcome,
    outcomes,
    patterns,
    ready,
    subjects,
)
from deventlet.report.text import counted, visible, without

WORDS: Mapping[Outcome, str] = {
    "rewrite": "can go",
    "caveat": "with a caveat",
    "assume": "waits for you",
    "refuse": "stays",
}
_DEPTH = 2
"""How many folders name a package in the matrix: ``nova/compute``."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file.

    :param first: the number of the first.
    """

    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that the page is made of.

    :param reasons: what the codes mean.
    :param excerpts: the source around a site, by path and line.
    :param burndown: None where there is no history to show.
    """

    found: Inventory
    plan: Plan
    pools: tuple[Pool, ...]
    reasons: Mapping[str, Reason]
    excerpts: Mapping[tuple[str, int], Excerpt]
    burndown: Burndown | None = None
    links: Links = field(default_factory=Links)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an excerpt, and whether the site stands on it."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site as a row that opens.

    :param words: everything that a search looks at, in lower case.
    """

    entry: Entry
    outcome: Outcome
    link: str
    summary: str
    detail: str
    lines: tuple[Line, ...]
    words: str


@dataclass(frozen=True, slots=True)
class FileView:
    """The sites of a file, in order."""

    path: str
    sites: tuple[SiteView, ...]

    @property
    def counts(self) -> Counter[Outcome]:
        """How they end."""
        return outcomes(each.entry for each in self.sites)


@dataclass(frozen=True, slots=True)
class Cell:
    """How many sites of a pattern a package has, and how many of them can go."""

    sites: int
    ready: int

    @property
    def shade(self) -> int:
        """From 0 to 100: how much of it can go."""
        return round(100 * self.ready / self.sites) if self.sites else 0


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A row of the matrix."""

    name: str
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True)
class View:
    """The page, section by section."""

    contents: Contents

    @property
    def project(self) -> str:
        """Its name."""
        return visible(self.contents.found.project)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every site, imports that only follow included."""
        return self.contents.found.entries

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """How all sites end."""
        return outcomes(self.entries)

    @property
    def outcomes(self) -> list[tuple[Outcome, str, int]]:
        """Each outcome with its words and its number, those that there are."""
        return [(o, WORDS[o], self.counts[o]) for o in OUTCOMES if self.counts[o]]

    @property
    def places(self) -> list[tuple[str, Counter[Outcome]]]:
        """Production code and tests."""
        return [
            ("production", outcomes(e for e in self.entries if not e.test)),
            ("tests", outcomes(e for e in self.entries if e.test)),
        ]

    @property
    def summary(self) -> str:
        """One sentence of numbers."""
        looked = counted(self.contents.found.files, "Python file")
        if not self.entries:
            return f"No use of Eventlet in {looked}."
        files = len({entry.site.path for entry in self.entries})
        decisions = counted(subjects(self.entries), "subject")
        sites = counted(len(self.entries), "site")
        return f"{sites} ({decisions}) in {files:,} of {looked}."

    @cached_property
    def patterns(self) -> list[Pattern]:
        """The patterns in the order of work."""
        return patterns(self.entries)

    @cached_property
    def matrix(self) -> list[PackageRow]:
        """Packages of production code by their sites, then tests as one row."""
        columns = [pattern.name for pattern in self.patterns]
        groups: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            groups["tests" if entry.test else _package(entry.site.path)].append(entry)
        tests = groups.pop("tests", [])
        rows = [_row(name, group, columns) for name, group in groups.items()]
        rows.sort(key=lambda row: (-row.total.sites, row.name))
        return [*rows, *([_row("tests", tests, columns)] if tests else [])]

    @cached_property
    def files(self) -> list[FileView]:
        """Every file with a site, in order."""
        groups: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            groups[entry.site.path].append(entry)
        return [
            FileView(path, tuple(map(self._site, group)))
            for path, group in sorted(groups.items())
        ]

    @property
    def codemods(self) -> list[str]:
        """The patterns that a filter can choose, by name."""
        return sorted({entry.codemod for entry in self.entries if entry.codemod})

    @property
    def dangers(self) -> list[Danger]:
        """The hazards by their kind."""
        return dangers(self.contents.found, self.contents.reasons)

    @property
    def mentions(self) -> list[Advice]:
        """Where Eventlet is named outside of the code."""
        return advised(self.contents.found.mentions)

    @property
    def pools(self) -> list[Pool]:
        """Those of production code, the largest first."""
        return pool_report.ordered(self.contents.pools)

    @property
    def unbounded(self) -> list[Hazard]:
        """Where threads are started without end."""
        return pool_report.unbounded(self.contents.found.hazards)

    @property
    def risks(self) -> frozenset[Risk]:
        """Those that the steps of the plan have."""
        return frozenset(step.risk for step in self.contents.plan.steps)

    @property
    def servers(self) -> list[tuple[Entry, Proposal]]:
        """What is proposed in writing, place by place."""
        return [(e, e.proposal) for e in self.entries if e.proposal is not None]

    @property
    def processes(self) -> Sequence[Process]:
        """How the code is started."""
        return self.contents.found.processes

    def link(self, path: str, line: int) -> str:
        """Where a line is to be seen, or empty."""
        return self.contents.links.to(path, line)

    def _site(self, entry: Entry) -> SiteView:
        reason = self.contents.reasons.get(entry.reason)
        summary = reason.summary if reason else ""
        site = entry.site
        searched = (
            *(site.path, site.spelling, site.api, entry.codemod, entry.reason),
            *(entry.message, entry.source),
        )
        return SiteView(
            entry,
            outcome(entry),
            self.link(site.path, site.line),
            summary,
            without(summary, entry.message) if summary else entry.message,
            tuple(self._lines(entry)),
            visible(" ".join(searched)).lower(),
        )

    def _lines(self, entry: Entry) -> Iterable[Line]:
        site = entry.site
        found = self.contents.excerpts.get((site.path, site.line))
        if found is None:
            return
        for number, text in enumerate(found.lines, found.first):
            marked = site.line <= number <= max(site.line, site.end_line)
            yield Line(number, visible(text), marked)


def _package(path: str) -> str:
    folders = path.split("/")[:-1]
    return visible("/".join(folders[:_DEPTH])) or "(top)"


def _row(name: str, entries: Sequence[Entry], columns: Sequence[str]) -> PackageRow:
    groups = {each.name: each.outcomes for each in patterns(entries)}
    cells = (groups.get(column, Counter[Outcome]()) for column in columns)
    whole = outcomes(entries)
    return PackageRow(
        name,
        tuple(Cell(counts.total(), ready(counts)) for counts in cells),
        Cell(whole.total(), ready(whole)),
    )
