"""In which processes a top-level definition can be reached: backwards, by words.

A definition is reached where module-level code, an entry point, a plug-in's entry
or another reached definition mentions its name as a word, in its own file or in one
that imports it. That names a mention too many, and follows no computed name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from deventlet.resolve.processes.entrypoints import EntryPoint
from deventlet.resolve.processes.texts import MAIN, Texts

Entries = frozenset[EntryPoint]
_NONE: Entries = frozenset()


class Reach:
    """Reachability in some processes.

    :param closures: for each entry point the modules that it may load.
    :param plugins: (module, definition) pairs that are loaded by name.
    """

    def __init__(
        self,
        texts: Texts,
        closures: Mapping[EntryPoint, frozenset[str]],
        plugins: frozenset[tuple[str, str]],
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
            found |= new & self._roots(owner, name)
            if new - found:
                waiting += ((*by, new - found) for by in self._mentions(owner, name))
        return found

    def _roots(self, module: str, name: str) -> Entries:
        """The processes in which a definition runs without being mentioned."""
        if name == MAIN:
            return frozenset(e for e in self.closures if e.module == module)
        text = self.texts.of(module)
        if not name or name in text.decorated or (module, name) in self.plugins:
            return self.loading(module)
        return frozenset(
            entry
            for entry in self.closures
            if entry.module == module and entry.function.partition(".")[0] == name
        )

    def _mentions(self, module: str, name: str) -> Iterator[tuple[str, str]]:
        """Definitions that mention a name, and names that modules give it anew."""
        if name in ("", MAIN):
            return
        for user in (module, *self._importers.get(module, ())):
            hits = set(self.texts.of(user).mentions(name))
            for definition, alias in sorted(hits):
                yield user, definition or alias
