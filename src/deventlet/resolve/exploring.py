"""Which files can reach one of the names of interest, and what they pass on.

Begins with those that mention Eventlet. Only files that can reach a name, as far as
texts tell, are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module, with_parents
from deventlet.resolve.takers import last_part
from deventlet.resolve.tied import interesting, sources

_RENAMED = re.compile(rb"\b(\w+)[ \t]+as[ \t]+(\w+)")
_PACKAGES = re.compile(rb"(?:eventlet|greenlet)\b")
_TAKEN = re.compile(
    rb"from(?<=\bfrom)[ \t]+[.\w]*?(\w+)[ \t]+import\b[^\n]*"
    rb"\b(?:eventlet|greenlet)\b"
)
_OWNER = re.compile(rb"\b(\w+)\s*\.\s*\Z")
_ANY = b"*"
_ANYBODYS = re.compile(rb"(?:['\"}]|%s)\.\Z")
"""Before ``eventlet`` in a mock's target of which a constant says the start."""


def explore(names: Names) -> list[Module]:
    """Load every file that can reach one of the names; fill ``exports``.

    Files that mention Eventlet come first, then those that import a name
    which another file passes on, until nothing new is found. A file that is
    loaded already is asked again for what it passes on in its turn.
    """
    if names.explored is None:
        names.explored = _Exploring(names).files()
    return names.explored


@dataclass(eq=False)
class _Exploring:
    """The search through one project."""

    names: Names
    _relayed: set[tuple[str, str]] = field(default_factory=set)
    """Modules that import such a one for others, and what they call it."""

    def files(self) -> list[Module]:
        """The files that can reach a name, in order."""
        project, modules = self.names.project, dict[str, Module]()
        asked = self._first_wave()
        while asked:
            project.parse(asked)
            found = [m for path in asked if (m := project.module(path))]
            modules.update((module.path, module) for module in found)
            asked = sorted(self._affected(self._export(found), modules))
        return [modules[path] for path in sorted(modules)]

    def _first_wave(self) -> list[str]:
        """Files that mention Eventlet and can hold one of the names, by their text.

        A file without any word of the names' paths has neither a use nor a mock of
        them, but may pass ``eventlet`` itself on: it counts if another file takes
        it from there.
        """
        project, shims = self.names.project, self.names.shims
        triggers = chain(self.names.interest.triggers, map(last_part, shims))
        paths = self.names.takers.having(triggers)
        relevant = self.names.interest.text_test(shims)
        if relevant is None:
            return paths
        owners = (project.of_text(path, _owners_of_eventlet) for path in paths)
        takers = frozenset[bytes]().union(*owners)
        if _ANY in takers:
            return paths
        return [
            path
            for path in paths
            if last_part(project.names[path]) in takers
            or relevant.search(project.read(path))
        ]

    def _export(self, modules: list[Module]) -> dict[str, set[str]]:
        """Module-level names of these files that newly lead to a name of interest."""
        names, grown = self.names, dict[str, set[str]]()
        for module in modules:
            fresh = interesting(names, module) - names.exports.get(module.name, set())
            led = {name for name in fresh if self._is_led(module, name)}
            if led:
                passed = {name for name in led if self._brings_in(module, name)}
                grown.setdefault(module.name, set()).update(passed)
                names.exports.setdefault(module.name, set()).update(led)
                names.passing.update(with_parents(module.name))
        if grown:
            names.forget()
        return grown

    def _is_led(self, module: Module, name: str) -> bool:
        """Whether a module-level name leads to a name of interest."""
        relayed = (module.name, name) in self._relayed
        return relayed or any(map(self.names.leads, self.names.top(module, name)))

    def _brings_in(self, module: Module, name: str) -> bool:
        """Whether other files may reach a name of interest through this one.

        They import a library such as futurist themselves; nobody takes it from a
        file of the project that happens to import it.
        """
        return any(
            eventlet_api.is_eventlet(each) or self.names.match(each)
            for each in self.names.top(module, name)
        )

    def _affected(
        self, grown: Mapping[str, set[str]], loaded: Mapping[str, Module]
    ) -> set[str]:
        """Files for which it may matter that some modules pass on more than before.

        Eventlet's own name, which is what most files pass on, brings no file in
        that is not loaded: one that has it has been looked at. But one through which
        others take the module itself need not have it.
        """
        paths = {f"{owner}.{name}" for owner in grown for name in (*grown[owner], "*")}
        paths.update(*map(with_parents, grown))
        again = {
            path
            for path, module in loaded.items()
            if not paths.isdisjoint(module.of_tree(sources).paths)
        }
        takers, exports = self.names.takers, self.names.exports
        beyond = {owner: grown[owner] - eventlet_api.ROOTS for owner in grown}
        stars = (takers.by_star.get(owner, ()) for owner in grown)
        relays = takers.relays({owner: exports[owner] for owner in grown})
        self._relayed.update(relays)
        again.update(self.names.project.by_name[module] for module, _ in relays)
        more = takers.of(beyond).union(*stars, *relays.values())
        return again | more.difference(loaded)


def _owners_of_eventlet(text: bytes) -> frozenset[bytes]:
    """Last parts of the modules from which a text takes ``eventlet``.

    :data:`_ANY` among them where the text does not say from which.
    """
    owners = set[bytes]()
    for found in _PACKAGES.finditer(text):
        start, end = max(0, found.start() - 100), found.start()
        owner = _OWNER.search(text, start, end)
        if _ANYBODYS.search(text, start, end):
            owners.add(_ANY)
        elif owner is not None:
            owners.add(owner[1])
    owners |= {found[1] for found in _TAKEN.finditer(text)}
    renamed = _RENAMED.finditer(text) if owners else ()
    return frozenset({*owners, *(r[1] for r in renamed if r[2] in owners)})
