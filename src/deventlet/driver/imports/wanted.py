"""Where a name that a file imports is still wanted, although its own code drops it.

By ``__all__``, by code in strings, by a star import, by other files and by the strings
of mocks. Reads text and says one place; removes nothing, and rather finds a place too
many than one too few.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from deventlet.driver.imports.mentions import listed_in_all, says_all, speaks_of, taken
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import Scope, ScopeKind

Texts = Mapping[str, bytes]
_AS_THEY_ARE: Texts = MappingProxyType({})
_COMPUTED = rb"(?:['\"}]|%%s|%%\(\w+\)s)%s\b"
"""The rest of a path whose beginning is computed: ``MODULE + '.eventlet.sleep'``."""


@dataclass(eq=False)
class Wanted:
    """Answers for the names of one state of a repository.

    :param starred: the modules of which some file takes every name with a star.
    :param moved: by file, the paths of the modules whose mocks there have moved away.
    """

    project: Project
    starred: frozenset[str]
    moved: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _words: dict[str, Sequence[str]] = field(default_factory=dict)

    def inside(self, module: Module, scope: Scope, name: str) -> str:
        """How the file itself wants a name, beside its expressions; empty if not."""
        if scope.kind is ScopeKind.CLASS:
            return "it is an attribute of its class"
        if speaks_of(module, name):
            return "a string or a type comment of the file is code that uses it"
        if scope.kind is ScopeKind.MODULE and listed_in_all(module, name):
            return "__all__ lists it"
        return ""

    def outside(
        self, module: Module, scope: Scope, name: str, texts: Texts = _AS_THEY_ARE
    ) -> str:
        """A file that takes a name of a module; empty if none does.

        :param texts: what stands for the text of some files.
        """
        if scope.kind is not ScopeKind.MODULE:
            return ""
        if module.name in self.starred and not says_all(module):
            return "a star import"
        found = (p for p in self._mentioning(name) if self._has(p, module, name, texts))
        return next(found, "")

    def _mentioning(self, name: str) -> Sequence[str]:
        """The files of the repository that have a word: only they can take it."""
        if name not in self._words:
            self._words[name] = list(self.project.containing([as_bytes(name)]))
        return self._words[name]

    def _has(self, path: str, module: Module, name: str, texts: Texts) -> bool:
        """Whether a file spells the name with its module, or takes it from there."""
        text = texts.get(path) or self.project.read_or_empty(path)
        full = as_bytes(f"{module.name}.{name}")
        if full in text and re.search(re.escape(full) + rb"\b", text):
            return True
        if path == module.path:
            return _completes(text, name)
        spelled = "." in module.name and as_bytes(module.name) in text
        near = spelled or module.name in self.project.imported_modules(path)
        return near and (
            _completes(text, name) or self._takes(path, module.name, name, text)
        )

    def _takes(self, path: str, module: str, name: str, text: bytes) -> bool:
        """Whether a file takes the name from a module that it imports or names."""
        imports = self.project.imports(path)
        if any(item.module == module and item.name == name for item in imports):
            return True
        others = {
            item.name
            for item in imports
            if item.name is not None
            and f"{item.module}.{item.name}" in self.project.by_name
            and not f"{module}.".startswith(f"{item.module}.{item.name}.")
        }
        others.discard(module.rpartition(".")[2])
        return taken(self._without_moved(path, name, text), module, name, others)

    def _without_moved(self, path: str, name: str, text: bytes) -> bytes:
        """A file's text without the mocks that have moved away from a name."""
        for owner in self.moved.get(path, ()):
            mock = rf"\b{re.escape(owner)}(?:\.|,\s*['\"]){re.escape(name)}\b"
            text = re.sub(mock.encode(), b"", text)
        return text


def _completes(text: bytes, name: str) -> bool:
    """Whether a string of a text ends a path with the name."""
    last = as_bytes(f".{name}")  # searched for first, which is quick
    pattern = _COMPUTED % re.escape(last)
    return last in text and re.search(pattern, text) is not None
