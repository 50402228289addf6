"""What is left of green threads in the processes that run a site: stage B waits for it.

Reads one state of a repository's texts, in a series those that the patches before left.
Decides nothing; what of Eventlet comes first is said by the catalogue's stages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.codemod import Site, Subject
from deventlet.driver.processes.stages import Stages, comes_first, needs_patching
from deventlet.driver.subjects.find import find
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.packages import packages
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.facts import Remains
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project

_HIDING = frozenset({"name.computed", "name.getattr", "name.star-import"})
"""Where it is out of sight which of Eventlet's names is used."""

NO_MOCK = frozenset({"string.unknown", "mock.unknown-helper"})
"""The reasons of a string that may be no name at all."""

_SERVICES = "oslo_service"
"""Its services run in green threads, unless the backend is said to be another one."""

_GREEN_LIBRARIES = frozenset({"nameko", "os_ken", "ryu"})
"""Frameworks that run what they are given in green threads."""

_GREEN_SERVERS = {b"UnixDomainWSGIServer": "neutron"}
"""Classes of other projects that serve in green threads, and whose they are."""

_CHOSEN = re.compile(
    rb"\b(?:async_mode|worker_pool|worker_class|executor)\s*=\s*['\"]eventlet['\"]"
)
"""How Socket.IO, Celery, gunicorn and oslo.messaging are told to run on Eventlet.

The last by whatever passes it on: a class that inherits from a server, or a function
of the project's own.
"""

_NATIVE = b"BackendType.THREADING"
_DOCUMENTATION = re.compile(r"(?:.*/)?docs?/(?:.*/)?conf\.py")
"""The configuration of Sphinx, which starts nothing."""


@dataclass(eq=False)
class Every:
    """All of Eventlet's names in one state of a repository, looked for when asked."""

    names: Names

    @classmethod
    def of(cls, names: Names) -> Every:
        """All of them, where maybe only some are looked for, as in a scan all are."""
        if names.interest is EVERYTHING:
            return cls(names)
        return cls(Names(names.project, EVERYTHING, names.shims))

    @cached_property
    def findings(self) -> Findings:
        """Where they are used."""
        return find(self.names, {})


@dataclass(eq=False)
class Remaining:
    """Answers about one state of a repository.

    :param names: those that are looked for; here all of Eventlet's count.
    :param every: these, if they are known already of the same texts.
    """

    names: Names
    processes: Processes
    every: Every | None = None

    @property
    def project(self) -> Project:
        """The files."""
        return self.names.project

    def of(self, path: str) -> Remains:
        """What remains in the processes that load a file, in order of place."""
        if path not in self._known:
            places = self._places(path, comes_first)
            doubt = self._doubt(path, self.together(path))
            self._known[path] = Remains(places, doubt)
        return self._known[path]

    def unpatched(self, path: str) -> Remains:
        """What does not work in these processes once nothing is patched there.

        Tests patch as the processes do that they are for.
        """
        places = self._places(path, needs_patching)
        patching = any(fact.patches for fact in self.processes.facts.values())
        together = self.together(path)
        known = patching if self._stages.is_test(path) else together
        unknown = f"no entry point of this repository is known to load {path}"
        return Remains(places, self._other_library(together) if known else unknown)

    def together(self, path: str) -> frozenset[str] | None:
        """What the processes that load a file may load; None if none is known."""
        return None if self._stages.is_test(path) else self._stages.together(path)

    def shares(self, path: str, other: str) -> bool:
        """Whether what runs in one file runs with the other, or is a test of it.

        A test is not held back by a tool beside the packages, such as one for the
        documentation, nor is what it tests by the test.
        """
        together = self.together(path)
        if together is None:
            return "." in self.project.names[other]
        return other in together and not self._stages.is_test(other)

    def _places(self, path: str, counts: Callable[[Site], bool]) -> tuple[str, ...]:
        """What may run in a process that loads a file, of what counts or is hidden."""
        together, test = self._stages.together(path), self._stages.is_test(path)
        places = (
            f"{site.path}:{site.line}"
            for site, hidden in self._sites
            if (hidden or counts(site))
            and (together is None or site.path in together)
            and (test or not self._stages.is_test(site.path))
        )
        return tuple(dict.fromkeys(places))

    def anywhere(self) -> tuple[str, ...]:
        """The places of the repository that need Eventlet, tests and imports, too.

        And the first file with a library that runs on it, if there is one.
        """
        findings = self._findings
        sites = {
            site
            for subject in findings.subjects
            for site in subject.sites
            if not _is_word(subject, findings)
        }
        for module in findings.modules:
            found = packages(self._every.names, module)
            sites.update(package.site for package in found)
        places = (
            f"{site.path}:{site.line}" for site in sorted({*sites, *self._unread()})
        )
        library = self._other_library(None)
        return tuple(dict.fromkeys([*places, *([library] if library else [])]))

    @cached_property
    def _every(self) -> Every:
        return self.every or Every.of(self.names)

    @cached_property
    def _findings(self) -> Findings:
        """All uses; whoever found them first, their files are in sight here, too."""
        found, first = self._every.findings, self._every.names.project
        for path in {site.path for each in found.subjects for site in each.sites}:
            self.project.module(path)
        self.project.problems.update(first.problems)
        return found

    @cached_property
    def _known(self) -> dict[str, Remains]:
        return {}

    @cached_property
    def _stages(self) -> Stages:
        return Stages(self.processes)

    @cached_property
    def _sites(self) -> list[tuple[Site, bool]]:
        """Every site that runs, and whether it is out of sight what it does."""
        running = _running(self._findings)
        unread = ((site, True) for site in self._unread())
        return sorted({*running, *unread})

    def _unread(self) -> Iterator[Site]:
        """The first byte of each file that speaks of Eventlet and cannot be parsed."""
        for path in self.project.problems:
            if b"eventlet" in self.project.read_or_empty(path):
                yield Site(path, 0, 0, 1, 0, 1, 0, "eventlet", "reference", "")

    # -- what no site shows ------------------------------------------------

    def _doubt(self, path: str, together: frozenset[str] | None) -> str:
        """Why it is not certain that nothing green is left but for the sites."""
        if self._stages.is_test(path) or together is None:
            return f"no entry point of this repository is known to load {path}"
        patching = sorted(self._patching & together)
        if patching:
            return f"{patching[0]} calls monkey_patch, which has to go along"
        services = sorted(self.services & together)
        if services and not self.is_native(path, together):
            return f"{services[0]} imports {_SERVICES}, which has a backend of its own"
        return self._other_library(together)

    def _other_library(self, together: frozenset[str] | None) -> str:
        """A library in these processes that starts green threads by itself."""
        found = (
            f"{path} {what}, which runs on Eventlet"
            for path, what in self._running_on_eventlet
            if together is None or path in together
        )
        return next(found, "")

    @cached_property
    def _running_on_eventlet(self) -> list[tuple[str, str]]:
        """The files that use a library which may run on Eventlet, and how."""
        found: list[tuple[str, str]] = []
        foreign = _GREEN_LIBRARIES - self.project.top_level
        for path in self.project.containing(sorted(map(str.encode, foreign))):
            for item in self.project.imports(path):
                if item.module.partition(".")[0] in foreign:
                    found.append((path, f"imports {item.module}"))
        for name, owner in _GREEN_SERVERS.items():
            if owner not in self.project.top_level:
                for path in self.project.containing([name]):
                    found.append((path, f"uses {owner}'s {name.decode()}"))
        for path in self.project.containing([b"'eventlet'", b'"eventlet"']):
            said = _CHOSEN.search(self.project.read_or_empty(path))
            if said is not None:
                found.append((path, f"says {said[0].decode()}"))
        return sorted(found)

    @cached_property
    def _patching(self) -> frozenset[str]:
        """The files whose code patches, when it is imported or called."""
        known, by_name = self.processes.patching, self.project.by_name
        functions = (f for found in known.calls.functions.values() for f in found)
        scripts = (fact.path for fact in self.processes.facts.values() if fact.patches)
        loading = (by_name[name] for name in known.importing)
        return frozenset({*(f.module.path for f in functions), *scripts, *loading})

    @cached_property
    def services(self) -> frozenset[str]:
        """The files that import something of oslo.service."""
        return frozenset(
            path
            for path in self.project.containing([_SERVICES.encode()])
            if any(
                f"{item.module}.".startswith(f"{_SERVICES}.")
                for item in self.project.imports(path)
            )
        )

    def is_native(self, path: str, together: frozenset[str]) -> bool:
        """Whether a process names the native backend; its tests do not speak for it.

        What makes the documentation is as the commands are.

        :param together: what the processes that load the path may load.
        """
        named = self.native_backend
        if not _DOCUMENTATION.fullmatch(path):
            named &= together
        test = self._stages.is_test(path)
        return any(test or not self._stages.is_test(each) for each in named)

    @cached_property
    def native_backend(self) -> frozenset[str]:
        """The files that name the native backend of oslo.service."""
        return frozenset(self.project.containing([_NATIVE]))


def _running(findings: Findings) -> Iterator[tuple[Site, bool]]:
    """The sites of one state of a repository that run; mocks run nothing."""
    for subject in findings.subjects:
        hidden = findings.refused.get(subject, ("", ""))[0] in _HIDING
        for site in subject.sites if subject.kind != "mock" else ():
            if hidden or _is_code(site):
                yield site, hidden


def _is_word(subject: Subject, findings: Findings) -> bool:
    """Whether a string only looks like a name of Eventlet's: a logger's, or a key."""
    target = findings.targets.get(subject.origin)
    reason, _ = findings.refused.get(subject, ("", ""))
    problem = target.problem if target is not None else reason
    return problem in NO_MOCK and (target is None or target.through is None)


def _is_code(site: Site) -> bool:
    """An import is no use by itself, and a string may be any word."""
    return site.form not in ("import", "string")
