"""What each process patches and reaches, and what stands before stage B there.

Reads what the analysis of processes knows; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from deventlet import catalog
from deventlet.codemod import Site
from deventlet.inventory import Entry, Process
from deventlet.resolve.processes import Processes
from deventlet.resolve.processes.testing import is_test

_NAMED = 3
"""How many of the sites that come first are named."""

_SERVING = frozenset({"eventlet.wsgi.server", "eventlet.wsgi.Server", "eventlet.serve"})
"""What is of stage B itself, and runs green threads until it is replaced."""

_BEFORE = frozenset({"tpool", "servers"})
"""The patterns of stage B that go before ``monkey_patch`` does."""

_GREEN_COPIES = frozenset({
    "eventlet.import_patched", "eventlet.patcher.inject",
    "eventlet.patcher.patch_function", "eventlet.patcher.slurp_properties",
    "eventlet.patcher.SysModulesSaver", "eventlet.zipkin",
})  # fmt: skip
"""What makes modules green by itself."""


def comes_first(site: Site) -> bool:
    """Whether a site may run something green, so that stage B has to wait for it."""
    return catalog.entry(site.api).stage == "A" or site.api in _SERVING


def needs_patching(site: Site) -> bool:
    """Whether a site is only right while the process patches, or runs green code."""
    known = catalog.entry(site.api)
    waits = known.pattern in _BEFORE or known.name in _GREEN_COPIES
    return waits or comes_first(site)


@dataclass(eq=False)
class Stages:
    """Answers about the processes of one repository."""

    known: Processes

    def is_test(self, path: str) -> bool:
        """Whether a file belongs to the tests."""
        return is_test(path, self.known.texts[path])

    @cached_property
    def _reached(self) -> Mapping[str, frozenset[str]]:
        """The paths that each entry point may load, by its label."""
        by_name = self.known.project.by_name
        return {
            entry.label: frozenset(by_name[m] for m in modules if m in by_name)
            for entry, modules in self.known.closures.items()
        }

    def processes(self, entries: Iterable[Entry]) -> tuple[Process, ...]:
        """Every way in which the project's code is started, tests last."""
        every = [entry for entry in entries if entry.site.form != "import"]
        found = [self._process(label, every) for label in sorted(self._reached)]
        return (*found, *self._tests(every))

    def _process(self, label: str, entries: list[Entry]) -> Process:
        fact = self.known.facts[label]
        paths = self._reached[label]
        return Process(
            label, fact.path, fact.kind, fact.patches, fact.patched_by,
            _count(e for e in entries if e.site.path in paths and not e.test),
        )  # fmt: skip

    def _tests(self, entries: list[Entry]) -> Iterator[Process]:
        """The packages of tests that patch when they are imported."""
        for name, patched in sorted(self.known.patching.importing.items()):
            path = self.known.project.by_name[name]
            if self.is_test(path):
                folder = path.rpartition("/")[0]
                inside = (e for e in entries if e.site.path.startswith(folder + "/"))
                patches = tuple(sorted(patched))
                yield Process(path, path, "tests", patches, (name,), _count(inside))

    def blocked(self, entries: list[Entry]) -> Iterator[Entry]:
        """The entries, each of stage B with what comes first in its processes."""
        first = [
            e for e in entries if comes_first(e.site) and not e.test and _counts(e)
        ]
        for entry in entries:
            if entry.stage != "B" or entry.test or not _counts(entry):
                yield entry
                continue
            paths = self.together(entry.site.path)
            before = [
                e
                for e in first
                if (paths is None or e.site.path in paths)
                and (e.stage == "A" or e.codemod != entry.codemod)
            ]
            named = tuple(f"{e.site.path}:{e.site.line}" for e in before[:_NAMED])
            yield replace(entry, blocked_by=named, before=len(before))

    def together(self, path: str) -> frozenset[str] | None:
        """What the processes that load a file may load; None if none is known.

        A file that no entry point is known to load may be loaded by name in any.
        """
        if path not in self._joined:
            found = [
                paths
                for label, paths in self._reached.items()
                if path in paths and label not in self._demonstrations
            ]
            joined = self._unreached.union(*found) if found else None
            self._joined[path] = joined
        return self._joined[path]

    @cached_property
    def _demonstrations(self) -> frozenset[str]:
        """What says nothing of the other processes that import the same files."""
        return frozenset(entry.label for entry in self.known.demonstrations)

    @cached_property
    def _unreached(self) -> frozenset[str]:
        """The files that no entry point is known to load."""
        known = frozenset[str]().union(*self._reached.values())
        return frozenset(self.known.project.paths) - known

    @cached_property
    def _joined(self) -> dict[str, frozenset[str] | None]:
        return {}


def _counts(entry: Entry) -> bool:
    """An import is no use by itself."""
    return entry.site.form != "import"


def _count(entries: Iterable[Entry]) -> tuple[int, int]:
    stages = [entry.stage for entry in entries]
    return stages.count("A"), stages.count("B")
