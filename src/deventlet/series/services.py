"""Which service of a project a file belongs to, for patches that are made service by
service.

A service is a folder below the top package that a command is named after. Only the
names of commands, modules and folders are looked at, so that what a file imports today
does not move it, and a part keeps its Change-Id. Decides nothing about sites.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from deventlet.resolve.processes.entrypoints import EntryPoint, declared
from deventlet.resolve.project import Project

_COMMANDS = frozenset({"bin", "cli", "cmd", "command", "commands", "scripts"})
"""Folders that hold one module for each command, and are no service."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one project.

    :param folders: of each service, as ``nova/compute``.
    :param started: the folder of the service whose command a module is.
    """

    folders: frozenset[str] = frozenset()
    started: frozenset[tuple[str, str]] = frozenset()

    def of(self, path: PurePosixPath, folders: Sequence[str]) -> str:
        """The folder of the service, or the top package for what several share.

        :param path: of the file, without its suffix.
        :param folders: those of the code that the file is, or tests.
        """
        for module, folder in self.started:
            if module == str(path):
                return folder
        for depth in range(len(folders), 1, -1):
            if (name := "/".join(folders[:depth])) in self.folders:
                return name
        return folders[0] if folders else "."


def services_of(project: Project) -> Services:
    """The services that the commands of a project name."""
    known = {parent for path in project.paths for parent in _parents(path)}
    started: dict[str, str] = {}
    for command in declared(project).commands:
        folder = _folder(command, known)
        if folder:
            path = project.by_name[command.module].removesuffix(".py")
            started.setdefault(path, folder)
    return Services(frozenset(started.values()), frozenset(started.items()))


def _parents(path: str) -> Iterator[tuple[str, ...]]:
    """The folders below the top package that a file is in."""
    parts = PurePosixPath(path).parts[:-1]
    yield from (parts[:depth] for depth in range(2, len(parts) + 1))


def _folder(command: EntryPoint, known: Collection[tuple[str, ...]]) -> str:
    """The deepest folder below the top package whose names are all the command's."""
    top, *rest = command.module.split(".")
    words = {*_words(command.label), *_words(rest[-1] if rest else ""), *rest[:1]}
    words -= _COMMANDS
    found = [f for f in known if f[0] == top and words.issuperset(f[1:])]
    deepest = min(found, key=lambda folder: (-len(folder), folder), default=())
    return "/".join(deepest)


def _words(name: str) -> list[str]:
    return re.split(r"[-_.]", name)
