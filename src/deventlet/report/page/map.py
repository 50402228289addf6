"""The page of several projects: one row each, and what there is to do in all; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from deventlet.inventory import Inventory
from deventlet.report.page.html import fill
from deventlet.report.page.view import Cell
from deventlet.report.tally import Outcome, outcomes, patterns, ready, subjects


@dataclass(frozen=True)
class Row:
    """One project."""

    found: Inventory

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """How its sites end."""
        return outcomes(self.found.entries)

    @cached_property
    def by_pattern(self) -> dict[str, Cell]:
        """Sites of each pattern, and how many can go."""
        found = patterns(self.found.entries)
        return {e.name: Cell(e.outcomes.total(), ready(e.outcomes)) for e in found}

    @property
    def subjects(self) -> int:
        """How many decisions there are."""
        return subjects(self.found.entries)

    @property
    def tests(self) -> int:
        """How many of the sites are in tests."""
        return sum(entry.test for entry in self.found.entries)

    @property
    def files(self) -> int:
        """How many files have a site."""
        return len({entry.site.path for entry in self.found.entries})


def map_page(rows: Sequence[Row], version: str) -> str:
    """The page, the projects with the most sites first; a newline at its end."""
    ordered = sorted(rows, key=lambda row: (-row.counts.total(), row.found.project))
    columns: Counter[str] = Counter()
    for row in ordered:
        columns.update({name: cell.sites for name, cell in row.by_pattern.items()})
    whole: Counter[Outcome] = Counter()
    for row in ordered:
        whole.update(row.counts)
    return fill(
        "map.html",
        rows=ordered,
        columns=sorted(columns, key=lambda name: (-columns[name], name)),
        whole=whole,
        empty=Cell(0, 0),
        version=version,
    )
