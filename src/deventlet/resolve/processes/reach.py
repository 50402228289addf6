"""In which processes a top-level definition can be reached: backwards, by words.

A definition is reached where module-level code, an entry point, a plug-in's entry
or another reached definition mentions its name as a word, in its own file or in one
that imports it. That names a mention too many, and follows no computed name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from deventlet.resolve.processes.entrypoints import FACTORIES, EntryPoint
from deventlet.resolve.processes.text import MAIN
from deventlet.resolve.processes.texts import Texts

Entries = frozenset[EntryPoint]
_NONE: Entries = frozenset()


class Reach:
    """Reachability in some processes.

    :param closures: for each entry point the modules that it may load.
    :param plugins: for (module, definition) pairs the groups of entry points under
        which they can be loaded by name.
    """

    def __init__(
        self,
        texts: Texts,
        closures: Mapping[EntryPoint, frozenset[str]],
        plugins: Mapping[tuple[str, str], frozenset[str]],
    ) -> None:
        self.texts = texts
        self.closures = closures
        self.plugins = plugins
        self._memo: dict[tuple[str, str], Entries] = {}

    @cached_property
    def _entries(self) -> dict[str, Entries]:
        """The processes that may load each module."""
        found = defaultdict(set)
        for entry, modules in self.closures.items():
            for module in modules:
                found[module].add(entry)
        return {module: frozenset(entries) for module, entries in found.items()}

    @cached_property
    def _importers(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for module in sorted(self._entries):
            for imported in self.texts.imports(module):
                found[imported].append(module)
        return dict(found)

    def loading(self, module: str) -> Entries:
        """The processes that may load a module."""
        return self._entries.get(module, _NONE)

    def reached(self, module: str, definition: str) -> Entries:
        """The processes in which a definition can be reached.

        The empty name is module-level code.
        """
        key = (module, definition)
        if key not in self._memo:
            self._memo[key] = self._search(module, definition)
        return self._memo[key]

    def _search(self, module: str, definition: str) -> Entries:
        """Backwards; with each name go the processes on all of the way so far."""
        wanted = self.loading(module)
        found = _NONE
        seen: dict[tuple[str, str], Entries] = defaultdict(frozenset)
        waiting = [(module, definition, wanted)]
        while waiting and found != wanted:
            owner, name, entries = waiting.pop()
            key = (owner, name)
            new = (entries & self.loading(owner)) - seen[key] - found
            if not new:
                continue
            seen[key] |= new
            if key in self._memo:
                found |= new & self._memo[key]
                continue
            found |= new & self.roots(owner, name)
            if new - found:
                waiting += ((*by, new - found) for by in self.mentions(owner, name))
        return found

    def roots(self, module: str, name: str) -> Entries:
        """The processes in which a definition runs without being mentioned."""
        if name == MAIN:
            return frozenset(e for e in self.closures if e.module == module)
        factory = any(g in FACTORIES for g in self.plugins.get((module, name), ()))
        if not name or factory or self.texts.handed(module, name):
            return self.loading(module)
        return frozenset(
            entry
            for entry in self.closures
            if entry.module == module and entry.function.partition(".")[0] == name
        )

    def mentions(self, module: str, name: str) -> Iterator[tuple[str, str]]:
        """Definitions that mention a name, and names that modules give it anew."""
        if name in ("", MAIN):
            return
        tail = module.rpartition(".")[2]
        for user in (module, *self._importers.get(module, ())):
            bare = user == module or self._imports_name(user, name)
            for by in sorted(set(self.texts.of(user).mentions(name, bare, tail))):
                yield user, by
        for group in self.plugins.get((module, name), ()):
            yield from self._loaders(group)

    def _imports_name(self, user: str, name: str) -> bool:
        """Whether a file imports something of that name that is no module."""
        modules = self.texts.project.by_name
        return any(
            item.name in (name, "*") and f"{item.module}.{name}" not in modules
            for item in self.texts.project.imports(modules[user])
        )

    def _loaders(self, group: str) -> list[tuple[str, str]]:
        """Definitions that name a group of plug-ins, or all but its last part."""
        if group not in self._loading:
            words = group.rpartition(".")[0].encode() or group.encode()
            self._loading[group] = [
                (module, name)
                for module in sorted(self._entries)
                for name in sorted(set(self.texts.of(module).names_string(words)))
            ]
        return self._loading[group]

    @cached_property
    def _loading(self) -> dict[str, list[tuple[str, str]]]:
        return {}
