"""Parts of a patch that is too large for one review: which files change together.

Files that a rewritten subject spans stay together, and tests with the code they test,
as far as their folders say it. Names and order depend on paths alone, so that a part
keeps its Change-Id while others come and go. Decides nothing about sites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from deventlet.driver.run import Outcome
from deventlet.series.patch import FileChange, line_counts, unified_diff
from deventlet.series.services import Services

By = Literal["none", "directory", "service"]

_TESTS = frozenset({"test", "tests", "unit", "functional", "unit_tests"})
_DEPTH = 2
"""How many folders name a part: ``nova/compute`` is what people split by."""

_NO_SERVICES = Services()


@dataclass(frozen=True, slots=True)
class Split:
    """How a patch is to be split.

    :param by: what a part is.
    :param max_lines: the most changed lines of a part; what must stay together may
        have more. None for no limit.
    :param services: those of the project, for parts that are services.
    """

    by: By = "none"
    max_lines: int | None = None
    services: Services = _NO_SERVICES

    def __bool__(self) -> bool:
        """Whether anything is to be split."""
        return self.by != "none" or self.max_lines is not None

    def part(self, path: str) -> str:
        """The name of the part that a file, or the code that it tests, belongs to."""
        folders = _code_folders(path)
        if self.by == "directory":
            return "/".join(folders[:_DEPTH]) or "."
        if self.by == "service":
            return self.services.of(PurePosixPath(path).with_suffix(""), folders)
        return ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a patch: its name, and the files that it changes."""

    name: str
    files: frozenset[str]


def chunks(outcome: Outcome, split: Split) -> list[Chunk]:
    """The parts of what an outcome changes, in the order of their names.

    One part without a name where there is nothing to split.
    """
    lines = {path: _lines(path, *texts) for path, texts in outcome.changes.items()}
    groups: dict[str, list[frozenset[str]]] = defaultdict(list)
    for group in _together(outcome):
        groups[split.part(min(group, key=_order))].append(group)
    found = [
        chunk
        for name, held in sorted(groups.items())
        for chunk in _sized(name, sorted(held, key=_first), lines, split.max_lines)
    ]
    if len(found) < 2:
        return [Chunk("", frozenset(lines))]
    return [Chunk(each.name, each.files | outcome.beside) for each in found]


def _lines(path: str, before: bytes, after: bytes) -> int:
    return sum(line_counts(unified_diff(FileChange(path, before, after))))


def _together(outcome: Outcome) -> list[frozenset[str]]:
    """The changed files, in groups of those that a rewritten subject spans."""
    group = {path: {path} for path in outcome.changes if path not in outcome.beside}
    for verdict in outcome.verdicts:
        if not verdict.applies:
            continue
        sites = (*verdict.subject.sites, *verdict.subject.intercepts)
        paths = sorted({site.path for site in sites} & group.keys())
        for path in paths[1:]:
            if group[path] is not group[paths[0]]:
                group[paths[0]] |= group[path]
                for each in group[path]:
                    group[each] = group[paths[0]]
    return list({frozenset(each) for each in group.values()})


def _sized(
    name: str,
    groups: Sequence[frozenset[str]],
    lines: Mapping[str, int],
    most: int | None,
) -> Iterator[Chunk]:
    """Groups in order, as many in a part as the limit allows."""
    parts: list[set[str]] = [set()]
    for group in groups:
        size = sum(lines[path] for path in parts[-1] | group)
        if parts[-1] and most is not None and size > most:
            parts.append(set())
        parts[-1] |= group
    for number, part in enumerate(parts, 1):
        numbered = f"{name} part {number}".strip() if len(parts) > 1 else name
        yield Chunk(numbered, frozenset(part))


def _code_folders(path: str) -> list[str]:
    return [part for part in PurePosixPath(path).parts[:-1] if part not in _TESTS]


def _order(path: str) -> tuple[bool, list[str], str]:
    """Code before tests, then by folder: the first gives a group its name."""
    folders = PurePosixPath(path).parts[:-1]
    return not _TESTS.isdisjoint(folders), _code_folders(path), path


def _first(group: Iterable[str]) -> tuple[list[str], tuple[bool, list[str], str]]:
    """Where a group stands among the others: by the code that it is about."""
    first = min(map(_order, group))
    return first[1], first
