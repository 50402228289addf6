"""The repository as text: which files have a word, and who loads whom.

Nothing is parsed. What a module may load is told apart from what it loads when it is
imported, and from what it loads then on any condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property

from deventlet.resolve.processes.decorators import only_wraps
from deventlet.resolve.processes.text import Text, find_word
from deventlet.resolve.project import Project, with_parents

_TESTING = re.compile(r"(?:^|/)tests?(?:/|_|\.py$)")
"""Paths of tests, which name in strings what they mock."""


class Texts:
    """Every file's text and imports, read once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        # A second view, in which files end at their module-level code: what it
        # says about imports is what happens when a module is loaded.
        self._loading = Project(project.root, project.paths)
        self._loading.names = project.names
        self._loading.by_name = project.by_name
        self._words: dict[str, list[str]] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._eager: dict[str, frozenset[str]] = {}
        self._certain: dict[str, frozenset[str]] = {}
        self._sure = Project(project.root, project.paths)
        self._sure.names = project.names
        self._sure.by_name = project.by_name
        self._wrapping: dict[str, bool] = {}

    def __getitem__(self, path: str) -> Text:
        return self.project.of_text(path, Text)

    def of(self, module: str) -> Text:
        """The text of a module of the repository by its name."""
        return self[self.project.by_name[module]]

    def containing(self, words: frozenset[str]) -> list[str]:
        """Paths of the files in which one of the words stands."""
        found = set[str]().union(*(self._with(word) for word in words))
        return sorted(found)

    def _with(self, word: str) -> list[str]:
        if word not in self._words:
            self._words[word] = [
                path
                for path in self.project.holding(word.encode())
                if any(True for _ in find_word(self[path].raw, word.encode()))
            ]
        return self._words[word]

    def handed(self, module: str, name: str) -> bool:
        """Whether a decorator may hand a definition to somebody who calls it.

        One that only wraps tells nothing where the module, or the definition, is
        loaded by its name: who calls what is in there cannot be seen.
        """
        decorators = self.of(module).decorators.get(name, frozenset())
        if not decorators:
            return False
        return self._is_named(module, name) or not all(
            map(self._only_wraps, decorators)
        )

    def _is_named(self, module: str, name: str) -> bool:
        """Whether a string names a module or a definition in it; mocks are left out."""
        path = re.escape(module.encode())
        named = re.compile(rb"['\"]%b(?:[.:]%b)?['\"]" % (path, name.encode()))
        paths = self.project.holding(module.encode())
        users = (path for path in paths if not _TESTING.search(path))
        return any(named.search(self[path].raw) for path in users)

    def _only_wraps(self, decorator: str) -> bool:
        """Whether all that the repository defines of that name only wraps."""
        if decorator not in self._wrapping:
            found = [
                text.of(decorator)
                for text in map(self.__getitem__, self._with(decorator))
                if decorator in text.definitions
            ]
            self._wrapping[decorator] = bool(found) and all(map(only_wraps, found))
        return self._wrapping[decorator]

    def imports(self, module: str) -> frozenset[str]:
        """The modules that a module may ever load, wherever it does.

        It may load what it imports, and what it has loaded by name, as Pecan loads
        the root of an API; tests import so what they replace.
        """
        if module not in self._imports:
            path = self.project.by_name[module]
            text = self[path]
            silent = _TESTING.search(path) or not text.may_load_by_name
            named = () if silent else self._named_by(text)
            self._imports[module] = self.project.imported_modules(path).union(named)
        return self._imports[module]

    def _named_by(self, text: Text) -> Iterator[str]:
        """The modules that a file has loaded by name."""
        for package in self._packages:
            for found in text.loaded_below(package):
                yield from self._meant(found)

    def _meant(self, dotted: str) -> Iterator[str]:
        """The module of a dotted path with the packages above it, if it has what is
        named in it."""
        for name in reversed([*with_parents(dotted)]):
            if name in self.project.by_name:
                inside = dotted[len(name) + 1 :].partition(".")[0]
                if not inside or any(find_word(self.of(name).raw, inside.encode())):
                    yield from self.project.by_name.keys() & {*with_parents(name)}
                return

    @cached_property
    def _packages(self) -> frozenset[str]:
        """The top-level packages that have modules in them."""
        names = self.project.by_name
        return frozenset(n.partition(".")[0] for n in names if "." in n)

    def users(self, name: str) -> Iterator[str]:
        """The paths of the other modules that import a module."""
        last = name.rpartition(".")[2]
        for path in self.containing(frozenset({last})):
            user = self.project.names[path]
            if user != name and name in self.imports(user):
                yield path

    def loads(self, module: str) -> frozenset[str]:
        """The modules that loading a module loads: by its module-level imports."""
        if module not in self._eager:
            path = self.project.by_name[module]
            self._loading.overlay[path] = self[path].loading
            self._eager[module] = self._loading.imported_modules(path)
        return self._eager[module]

    def surely_loads(self, module: str) -> frozenset[str]:
        """Those of them that are loaded on no condition."""
        if module not in self._certain:
            path = self.project.by_name[module]
            whole, certain = self[path].loading, self[path].surely_loading
            self._sure.overlay[path] = certain
            same = certain.count(b"import") == whole.count(b"import")
            known = self.loads if same else self._surely_imported
            self._certain[module] = known(module)
        return self._certain[module]

    def _surely_imported(self, module: str) -> frozenset[str]:
        return self._sure.imported_modules(self.project.by_name[module])

    def closure(self, module: str) -> frozenset[str]:
        """What running ``module`` may load, sooner or later."""
        return self._reachable(module, self.imports)

    def loaded(self, module: str) -> frozenset[str]:
        """What loading ``module`` may have loaded when it returns."""
        return self._reachable(module, self.loads)

    def surely_loaded(
        self, module: str, among: Set[str] | None = None
    ) -> frozenset[str]:
        """What it has loaded then whatever the conditions are.

        :param among: the modules that are asked for, with all that may have one of
            them loaded; None for every module, which takes long in a large project.
        """
        return self._reachable(module, self.surely_loads, among)

    def leading_to(self, modules: Iterable[str]) -> frozenset[str]:
        """The modules that may have one of these loaded, with themselves."""
        waiting = list(modules)
        found = set(waiting)
        while waiting:
            for path in self.project.importers.get(waiting.pop(), ()):
                name = self.project.names[path]
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return frozenset(found)

    def _reachable(
        self,
        module: str,
        edges: Callable[[str], frozenset[str]],
        among: Set[str] | None = None,
    ) -> frozenset[str]:
        known = self.project.by_name.keys() if among is None else among
        waiting = known & {*with_parents(module)}
        seen: set[str] = set()
        while waiting:
            seen |= waiting
            waiting = set[str]().union(*map(edges, waiting)) - seen
            if among is not None:
                waiting &= among
        return frozenset(seen)
