"""Which files may read a name of another file's module, by their texts alone.

Asked before a file is parsed. It may name a file too many, never one too few: what
the text does not say, is read off the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deventlet.resolve.importing import Imported
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module
from deventlet.resolve.values.words import ANYTHING, Words, dotted_name


@dataclass(frozen=True, slots=True)
class Taking:
    """Answers about one state of a repository.

    :param names: after :meth:`Names.explore`.
    """

    names: Names
    words: Words

    def files(self, module: Module, name: str) -> Iterator[Module]:
        """The other files that may read a name of a module, parsed."""
        project = self.names.project
        for path in project.importers.get(module.name, ()):
            if path != module.path and self._may_read(path, module.name, name):
                user = project.module(path)
                if user is not None:
                    yield user

    def _may_read(self, path: str, module: str, name: str) -> bool:
        if not any(True for _ in self.words.ends(path, name)):
            return False
        return (
            any(
                each.module == module and each.name in (name, "*")
                for each in self.names.project.imports(path)
            )
            or self._has(path, self.words.owners(path, name), module)
            or self._has(path, self.words.looked_into(path), module)
        )

    def _has(self, path: str, owners: Iterator[bytes], module: str) -> bool:
        return any(self._may_be(path, o, module) for o in dict.fromkeys(owners))

    def _may_be(self, path: str, owner: bytes, module: str) -> bool:
        """Whether what stands before a dot in a file may be a module."""
        if owner == ANYTHING:
            return True
        name = dotted_name(owner)
        if name is None:
            return False
        root, *attributes = name.split(".")
        bound = self.words.bound
        return (
            bound.is_open(path, root)
            or any(
                module in self._paths(each, attributes)
                for each in bound.imports(path, root)
            )
            or bound.is_assigned(path, root)
        )

    def _paths(self, imported: Imported, attributes: list[str]) -> frozenset[str]:
        """What the attributes of an imported name may be."""
        found = frozenset({imported.module, imported.bound})
        if imported.name is not None:
            found = self.names.member(imported.module, imported.name)
        for name in attributes:
            found = frozenset().union(*(self.names.member(o, name) for o in found))
        return found
