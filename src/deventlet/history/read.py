"""Reads the history of a repository and sums up what its files had at each stop.

Every file is counted once for each content that it had, and sums change by what
changed: the cost grows with the changes, not with stops times files.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias, cast

from deventlet import catalog
from deventlet.burndown import Burndown, Count, InFlight, Place, Point
from deventlet.config import Config
from deventlet.history import flying
from deventlet.history.cache import Cache
from deventlet.history.counts import NOTHING, Counted, count
from deventlet.history.steps import Stepping, Stop, stops
from deventlet.history.trees import Difference, File, walk
from deventlet.source.discover import copies, matching
from deventlet.source.git import Blobs, Git, NotThere
from deventlet.uses import Meaning

_Key = tuple[Place, str, str]
"""Place, kind and name."""
_Kind: TypeAlias = Literal["use", "mock"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read.

    :param revision: the branch, or any commit, whose history it is.
    :param folder: the part of the repository that counts; empty for all of it.
    :param in_flight: branches, and files or folders of patches, not merged yet.
    """

    revision: str = "HEAD"
    folder: str = ""
    stepping: Stepping = field(default_factory=Stepping)
    in_flight: tuple[str, ...] = ()


def read_history(git: Git, project: str, wanted: Wanted, config: Config) -> Burndown:
    """The burn-down of a repository.

    :param git: of its work tree, or of a bare repository.
    :param project: its name, for headings.
    :param config: settings as they are today; they hold for the whole history.
    :raises StepProblem: if there is nothing to begin with, or to end with.
    :raises FlightProblem: for a series that is none, or does not apply.
    :raises GitProblem: if git cannot say.
    """
    chosen = stops(git, wanted.revision, wanted.stepping)
    tree = chosen[-1].commit.tree
    meaning = Meaning(config.spellings, frozenset(config.shims))
    cache = Cache.load(_shared_folder(git), meaning)
    changes = list(walk(git, [stop.commit.tree for stop in chosen]))
    try:
        with flying.scratch(git) as env:
            series = flying.series(git, wanted.revision, tree, wanted.in_flight, env)
            flown = [change for each in series for change in each.changes]
            within = Within(wanted.folder, config, _copies([*changes, *flown]))
            with Blobs(git.root, env) as blobs:
                counter = _Counter(blobs, cache, meaning)
                points = tuple(_points(chosen, changes, _State(counter, within)))
                flights = [_flight(each, _State(counter, within)) for each in series]
    finally:
        cache.save()
    shallow = git.run("rev-parse", "--is-shallow-repository").strip() == b"true"
    missing = tuple(sorted(counter.missing))
    step = wanted.stepping.step
    return Burndown(
        project, step, points, tuple(flights), shallow, missing, within.copies
    )


def _copies(changes: Iterable[Difference]) -> tuple[str, ...]:
    """The folders that hold a copy of Eventlet itself in any of the trees."""
    return copies(file.path for change in changes for file in change.come)


def _shared_folder(git: Git) -> Path:
    answer = git.run("rev-parse", "--git-common-dir").removesuffix(b"\n")
    return git.root / os.fsdecode(answer)


@dataclass(frozen=True)
class _Counter:
    """Counts files, each once.

    :param missing: gets the paths of what the clone does not have.
    """

    blobs: Blobs
    cache: Cache
    meaning: Meaning
    missing: set[str] = field(default_factory=set)

    def __call__(self, file: File) -> Counted:
        try:
            return self.cache.get(file, self._make)
        except NotThere:
            self.missing.add(file.path)
            return NOTHING

    def _make(self, file: File) -> Counted:
        return count(file, self.blobs.read(file.blob), self.meaning)


@dataclass(frozen=True)
class Within:
    """Which files count.

    :param copies: the folders with a copy of Eventlet itself, which uses nothing.
    """

    folder: str
    config: Config
    copies: tuple[str, ...] = ()

    def of(self, files: Iterable[File]) -> list[File]:
        """Those of the files that are in the folder."""
        prefix = f"{self.folder}/" if self.folder else ""
        return [file for file in files if file.path.startswith(prefix)]

    def without_uses(self, files: Iterable[File]) -> set[str]:
        """The paths in copies, or of which the settings say never to look at them."""
        paths = [file.path for file in files]
        copied = {path for path in paths if path.startswith(self.copies)}
        return copied | matching(paths, self.config.exclude)


@dataclass(eq=False)
class _State:
    """The sums at one commit; changed on the way to the next."""

    counted: _Counter
    within: Within
    uses: Counter[_Key] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    def change(self, change: Difference) -> None:
        """Add what came, and take away what went."""
        for files, sign in ((change.gone, -1), (change.come, 1)):
            chosen = self.within.of(files)
            excluded = self.within.without_uses(chosen)
            for file in chosen:
                self._add(file, self.counted(file), sign, file.path in excluded)

    def _add(self, file: File, found: Counted, sign: int, excluded: bool) -> None:
        self.other["grep"] += sign * found.lines
        if excluded:
            return
        self.other["unread"] += sign * found.unread
        used = False
        for name, number in found.uses.items():
            kind, api = name.split(" ", 1)
            if kind in ("use", "mock"):
                self.uses[self._place(file, found), kind, api] += sign * number
                used = True
            elif kind == "import" or not self._is_shim(file):
                self.other[kind] += sign * number
        self.other["files"] += sign * used

    def _place(self, file: File, found: Counted) -> Place:
        if self._is_shim(file):
            return "shim"
        return "tests" if found.test else "production"

    def _is_shim(self, file: File) -> bool:
        """Whether a file is that of one of the project's own names."""
        return is_home(file.path, self.counted.meaning.names)

    def counts(self) -> tuple[Count, ...]:
        """What there is, in order."""
        found = (
            Count(place, _pattern(api), cast(_Kind, kind), api, number)
            for (place, kind, api), number in self.uses.items()
            if number
        )
        return tuple(sorted(found))

    def point(self, stop: Stop) -> Point:
        """What there is at a stop."""
        other = self.other
        return Point(
            stop.label, stop.date, stop.commit.name, self.counts(), other["through"],
            other["import"], other["files"], other["grep"], other["unread"],
        )  # fmt: skip


def is_home(path: str, names: Iterable[str]) -> bool:
    """Whether a file is the module of one of some dotted names, or has it in it."""
    pure = PurePosixPath(path).with_suffix("")
    parts = pure.parts[:-1] if pure.name == "__init__" else pure.parts
    own = {".".join(parts), ".".join(parts[1:]) if parts[:1] == ("src",) else ""}
    homes = {home for name in names for home in (name, name.rpartition(".")[0])}
    return not own.isdisjoint(homes - {""})


def _pattern(api: str) -> str:
    try:
        return catalog.entry(api).pattern
    except catalog.UnknownApi:
        return catalog.NO_CODEMOD


def _points(
    chosen: Sequence[Stop], changes: Sequence[Difference], state: _State
) -> Iterator[Point]:
    """What there is at each stop."""
    for stop, change in zip(chosen, changes, strict=True):
        state.change(change)
        yield state.point(stop)


def _flight(series: flying.Series, state: _State) -> InFlight:
    """What a series changes."""
    for change in series.changes:
        state.change(change)
    return InFlight(series.name, series.patches, _removed(state.counts()))


def _removed(counts: Sequence[Count]) -> Mapping[str, int]:
    """What goes, by pattern: sums of changes with the other sign."""
    found: Counter[str] = Counter()
    for each in counts:
        found[each.pattern] -= each.uses
    return {pattern: number for pattern, number in sorted(found.items()) if number}
