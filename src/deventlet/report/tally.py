"""Counts what an inventory holds, for every format that shows numbers; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from deventlet.inventory import Entry

Outcome: TypeAlias = Literal["rewrite", "caveat", "assume", "refuse"]
OUTCOMES: tuple[Outcome, ...] = ("rewrite", "caveat", "assume", "refuse")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, how many of its sites end how, and why not all of them go.

    :param name: the codemod; empty for imports that only name a package.
    :param reasons: code and count, the most frequent first.
    """

    name: str
    outcomes: Counter[Outcome]
    reasons: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Folder:
    """A folder and what its files and all below it hold."""

    name: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    folders: dict[str, Folder] = field(default_factory=dict)


def outcome(entry: Entry) -> Outcome:
    """The verdict, with a rewrite that has a caveat told apart."""
    return "caveat" if entry.verdict == "rewrite" and entry.reason else entry.verdict


def outcomes(entries: Iterable[Entry]) -> Counter[Outcome]:
    """How many sites end how."""
    return Counter(map(outcome, entries))


def patterns(entries: Iterable[Entry]) -> list[Pattern]:
    """The patterns, those with the most sites first."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.codemod].append(entry)
    return [
        Pattern(name, outcomes(group), frequent(e.reason for e in group if e.reason))
        for name, group in _largest(groups)
    ]


def refused(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The refused sites by reason, the most frequent first; production before tests."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.verdict == "refuse":
            groups[entry.reason].append(entry)
    return [
        (code, sorted(group, key=lambda e: (e.test, e.message, e.site)))
        for code, group in _largest(groups)
    ]


def _largest(groups: dict[str, list[Entry]]) -> list[tuple[str, list[Entry]]]:
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


def frequent(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each word with its count, the most frequent first."""
    return tuple(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))


def folders(entries: Sequence[Entry]) -> Folder:
    """The tree of folders that hold sites, from the root of the project."""
    root = Folder("")
    for entry in entries:
        here = root
        here.outcomes[outcome(entry)] += 1
        for name in entry.site.path.split("/")[:-1]:
            here = here.folders.setdefault(name, Folder(name))
            here.outcomes[outcome(entry)] += 1
    return root


def collapsed(folder: Folder) -> Folder:
    """The folder, joined with the only one that it holds all its sites in."""
    while len(folder.folders) == 1:
        (child,) = folder.folders.values()
        if child.outcomes != folder.outcomes:
            break
        name = f"{folder.name}/{child.name}" if folder.name else child.name
        folder = Folder(name, child.outcomes, child.folders)
    return folder
