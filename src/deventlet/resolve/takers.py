"""Which files may take a name from a module of the repository, by their text.

Searching text costs far less than parsing: only the files found here are loaded.
It may find a file too many, never one too few, but for names that are computed.
Nothing here knows what a name means.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from deventlet.resolve.project import Project, as_bytes

IMPORTERS = frozenset({"try_import", "import_module", "__import__", "import_any"})
"""Functions that import the module that their first argument names."""

_STAR = re.compile(rb"import[ \t(\\\r\n]*\*")
_IMPORTED = re.compile(
    rb"(?:%b)\s*\(\s*['\"]([\w.]+)['\"]" % b"|".join(map(as_bytes, sorted(IMPORTERS)))
)
_HINTS = (b"_import", b"import_")
_WORD = re.compile(rb"[\w\x80-\xff]+")
_BEHIND_DOT = re.compile(rb"\.([\w\x80-\xff]+)")
_FEW = 100
"""Words that are each looked for; of more, all words of a file are taken first."""


@dataclass(eq=False)
class Takers:
    """Finds the files of one project that take names from given modules.

    :param frequent: parts that many names have in common and few files have.
    """

    project: Project
    frequent: Collection[bytes]

    def of(self, names: Mapping[str, Collection[str]]) -> set[str]:
        """Files that mention a name and import, or spell out, the module it is in."""
        modules: defaultdict[bytes, set[str]] = defaultdict(set)
        for module, each in names.items():
            for name in each:
                modules[as_bytes(name)].add(module)
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for word, paths in self._mentions(modules.keys()):
            for path in paths:
                wanted[path] |= modules[word]
        return {path for path, each in wanted.items() if self._takes(path, each, names)}

    def relays(
        self, names: Mapping[str, Collection[str]]
    ) -> dict[tuple[str, str], set[str]]:
        """Where a file takes one of the modules from another, which imports it.

        ``from middle import lib`` and ``middle.lib.name``: the other module, and what
        it calls the one, with the files that take it there and have a dot before one
        of the names. Others may take it from those in their turn.
        """
        found: dict[tuple[str, str], set[str]] = {}
        imported = self.project.importers
        waiting = [
            (module, self._behind_dots(each))
            for module, each in names.items()
            if each and module in imported
        ]
        while waiting:
            module, saying = waiting.pop()
            for path in imported.get(module, ()) if saying else ():
                middle = self.project.names[path]
                if saying.isdisjoint(imported.get(middle, ())):
                    continue
                for name in self._bound(path, module):
                    users = self._taking(middle, name, saying)
                    if users and (middle, name) not in found:
                        found[middle, name] = users
                        waiting.append((middle, saying))
        return found

    def _behind_dots(self, names: Collection[str]) -> frozenset[str]:
        """The files that have one of the names behind a dot."""
        if len(names) <= _FEW:
            return frozenset(self.having(as_bytes(f".{name}") for name in names))
        words = frozenset(map(as_bytes, names))
        return frozenset(
            path
            for path in self.project.paths
            if not words.isdisjoint(
                _BEHIND_DOT.findall(self.project.read_or_empty(path))
            )
        )

    def _bound(self, path: str, module: str) -> set[str]:
        """The names under which a file imports a module, but for its own submodule."""
        own = f"{self.project.names[path]}."
        imported = self.project.imports(path)
        whole = {each.bound for each in imported if each[:2] == (module, None)}
        owner, _, last = module.rpartition(".")
        found = {each.bound for each in imported if each[:2] == (owner, last)}
        found |= whole - {module.partition(".")[0]} if owner else whole
        return {name for name in found if own + name != module}

    def _taking(self, module: str, name: str, among: Collection[str]) -> set[str]:
        """The files that import a name from a module, or have it behind a dot.

        :param among: those that count.
        """
        project, found = self.project, set[str]()
        for path in project.importers.get(module, ()):
            if path not in among:
                continue
            raw = project.read_or_empty(path)
            if any(each[:2] == (module, name) for each in project.imports(path)) or any(
                as_bytes(f"{bound}.{name}") in raw
                for bound in (module, *self._bound(path, module))
            ):
                found.add(path)
        return found

    @cached_property
    def by_star(self) -> dict[str, set[str]]:
        """The files that take a module's names with a star, by module."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for path in self.project.paths:
            if self.project.of_text(path, _has_star):
                for item in self.project.imports(path):
                    if item.name == "*":
                        found[item.module].add(path)
        return dict(found)

    def having(self, words: Iterable[bytes]) -> list[str]:
        """The paths of files that have one of the words, in order."""
        found = set[str]().union(*map(self._having, words))
        return [path for path in self.project.paths if path in found]

    def _mentions(
        self, words: Collection[bytes]
    ) -> Iterator[tuple[bytes, Iterable[str]]]:
        """The words, each with files that have it."""
        if len(words) <= _FEW:
            yield from ((word, self._having(word)) for word in words)
            return
        for path in self.project.paths:
            found = set(_WORD.findall(self.project.read_or_empty(path)))
            yield from ((word, (path,)) for word in found.intersection(words))

    def _having(self, word: bytes) -> Sequence[str]:
        """The paths whose files contain a word."""
        for part in self.frequent:
            if part in word:
                self.project.holding(part)  # the word is looked for only where it is
        return self.project.holding(word)

    def _takes(
        self, path: str, modules: set[str], names: Mapping[str, Collection[str]]
    ) -> bool:
        """Whether a file imports one of the modules, or has the path of a name."""
        raw = self.project.read_or_empty(path)
        near = {module for module in modules if self._last(module) in raw}
        return bool(near) and (
            not near.isdisjoint(self.project.imported_modules(path))
            or any(_spells(raw, module, names[module]) for module in near)
            or not near.isdisjoint(_imported_by_call(raw))
        )

    def _last(self, module: str) -> bytes:
        """What a file must have that imports a module: the last part of its name.

        A package may be meant by dots alone: ``from . import sleep``.
        """
        path = self.project.by_name.get(module, "")
        return b"" if path.endswith("__init__.py") else last_part(module)


def _has_star(raw: bytes) -> bool:
    """Whether a text may import with a star."""
    return _STAR.search(raw) is not None


def last_part(dotted: str) -> bytes:
    """The last part of a dotted name, as a source has it."""
    return as_bytes(dotted.rpartition(".")[2])


def _spells(raw: bytes, module: str, names: Collection[str]) -> bool:
    """Whether a text has ``module.name``, as the strings of mocks do."""
    path = re.compile(re.escape(as_bytes(module)) + rb"\.([\w\x80-\xff]+)")
    known = {as_bytes(name) for name in names}
    return any(found[1] in known for found in path.finditer(raw))


def _imported_by_call(raw: bytes) -> Iterator[str]:
    """The modules that a text imports by a call with a literal name."""
    yield from (found[1].decode("utf-8", "replace") for found in importing_calls(raw))


def importing_calls(raw: bytes) -> Iterator[re.Match[bytes]]:
    """Where a text imports a module by a call; the first group is its literal name."""
    return _IMPORTED.finditer(raw) if any(hint in raw for hint in _HINTS) else iter(())
