"""What a command line loads by name: the commands whose group its code says.

An application of cliff's that says ``"proj.admin"`` loads what the packaging files name
under that group, and with ``"proj.%s" % api`` any group below ``proj``. By the words of
strings. Drivers, which others load by name, are not followed: to say their group in
code that a process has in it does not mean that this process runs them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.processes.texts import Texts

_CLIFF = "cliff"
_QUOTES = ('"', "'")
_OPEN = ("%", "{", *_QUOTES)
"""What stands behind ``proj.`` where the rest of a group is put in."""


@dataclass(frozen=True)
class Plugins:
    """Answers for the commands of one state of a repository.

    :param groups: by module and top-level name, the groups under which it is named.
    """

    texts: Texts
    groups: Mapping[tuple[str, str], frozenset[str]]

    def closure(self, module: str) -> frozenset[str]:
        """What running a module may load, sooner or later, by name as well."""
        loaded = self.texts.closure(module)
        while True:
            found = {
                each
                for loaders, modules in self._loaders
                if not loaders.isdisjoint(loaded)
                for each in modules
            }
            if found <= loaded:
                return loaded
            loaded = loaded.union(*map(self.texts.closure, found - loaded))

    @cached_property
    def _loaders(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        """The modules that say a group, and those of the commands in it."""
        members = defaultdict(set)
        for (module, _), groups in self.groups.items():
            for group in groups:
                members[group].add(module)
        return [
            (frozenset(self._saying(group)), frozenset(modules))
            for group, modules in sorted(members.items())
        ]

    def _saying(self, group: str) -> Iterator[str]:
        """The modules of cliff's users with a string that is, or becomes, the group."""
        above = group.rpartition(".")[0]
        words = [f"{quote}{group}{quote}" for quote in _QUOTES]
        words += [f"{q}{above}.{behind}" for q in _QUOTES for behind in _OPEN if above]
        project = self.texts.project
        if not project.holding(_CLIFF.encode()):
            return
        for path in project.containing(map(str.encode, words)):
            if any(_is_of_cliff(each.module) for each in project.imports(path)):
                yield project.names[path]


def _is_of_cliff(module: str) -> bool:
    return module.partition(".")[0] == _CLIFF
