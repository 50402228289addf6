"""What comes first while modules are loaded: a patch, or the code of a file.

A name that is taken from a module, or a lock that is made, before ``monkey_patch()``
runs stays as it was. Follows the statements of modules in the order in which Python
runs them; where that cannot be told, the code comes first. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from typing import Protocol

from deventlet.resolve.processes.conditions import may_not_run
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module, with_parents

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Patches(Protocol):
    """What is known of patching: for certain, or if every condition holds."""

    def patched_from(self, keyword: str, module: Module) -> int:
        """The line of a file's own code that patches; 0 if there is none."""
        ...

    def on_loading(self, keyword: str, module: str) -> list[str]:
        """The modules that patch ``keyword`` when ``module`` is loaded."""
        ...


@dataclass(frozen=True)
class Order:
    """Answers for one module that ``monkey_patch()`` may patch.

    :param keyword: as ``monkey_patch`` calls it, such as ``thread``.
    """

    texts: Texts
    patching: Patches
    keyword: str
    _known: dict[tuple[str, str, bool], bool | None] = field(default_factory=dict)
    _lines: dict[str, float] = field(default_factory=dict)

    def is_first(self, start: str, name: str, line: int) -> bool | None:
        """Whether loading ``start`` patches before it runs a line of a file.

        :param name: the module of the file, which may be ``start`` itself.
        :returns: None if loading ``start`` does neither.
        """
        patched = self._first(name) < line
        key = start, name, patched
        if key not in self._known:
            self._known[key] = self._load(start, name, patched, set())
        return self._known[key]

    def _first(self, name: str) -> float:
        """The first line of a file after which the module is patched."""
        if name not in self._lines:
            self._lines[name] = min(self._patched_at(name), default=inf)
        return self._lines[name]

    # -- following -----------------------------------------------------------

    def _load(
        self, start: str, name: str, patched: bool, seen: set[str]
    ) -> bool | None:
        """True if the patch is first, False if the file is; None if neither comes.

        :param patched: whether the file itself patches before the line in question.
        """
        for module in self._chain(start):
            if module in seen:
                continue
            seen.add(module)
            answer = self._run(module, name, patched, seen)
            if answer is not None:
                return answer
        return None

    def _run(
        self, module: str, name: str, patched: bool, seen: set[str]
    ) -> bool | None:
        if module == name:
            return patched
        if not (self._patches(module) or self._brings(module, name)):
            return None
        for _, target, certain in self._events(module):
            if not target:
                return True
            patches = certain and self._patches(target)
            brings = self._brings(target, name)
            if patches and not brings:
                return True
            around = seen if certain else set(seen)
            answer = self._load(target, name, patched, around) if brings else None
            if answer is False or (certain and answer):
                return answer
        return None

    def _patched_at(self, name: str) -> Iterator[int]:
        """The lines of a file after which the module is patched.

        What a part of a package loads, it does while the package is being loaded: the
        package's own call comes at its own line.
        """
        for line, target, certain in self._events(name):
            if not target or (certain and self._patches_without(name, target)):
                yield line

    def _patches_without(self, name: str, target: str) -> bool:
        """Whether loading a module patches, where a file is being loaded already."""
        patches = self._patches(target)
        return patches and self._load(target, name, False, {name}) is True

    def _events(self, name: str) -> list[tuple[int, str, bool]]:
        """Lines that load a module of the repository, and, without one, that patch.

        With whether they run on no condition. What one statement imports is loaded in
        the order of its names; on one line, imports come before the patch.
        """
        module = self.texts.project.module(self.texts.project.by_name[name])
        if module is None:
            return []
        own = self.patching.patched_from(self.keyword, module)
        own_line = [(own, "", True)] if own else []
        return sorted([*self._imports(module), *own_line], key=itemgetter(0))

    def _imports(self, module: Module) -> Iterator[tuple[int, str, bool]]:
        known = self.texts.project.by_name
        for line, full, certain in module.of_tree(_asked_for):
            for name in with_parents(full):
                if name in known and name != module.name:
                    yield line, name, certain

    # -- facts ---------------------------------------------------------------

    def _patches(self, module: str) -> bool:
        return bool(self.patching.on_loading(self.keyword, module))

    def _brings(self, module: str, name: str) -> bool:
        return name in self.texts.loaded(module)

    def _chain(self, name: str) -> list[str]:
        """The packages of a module, outermost first, and the module."""
        known = self.texts.project.by_name
        return [each for each in sorted(with_parents(name), key=len) if each in known]


def _asked_for(module: Module) -> list[tuple[int, str, bool]]:
    """The dotted names that a file asks for while it is loaded, each with its line.

    With whether it asks on no condition.
    """
    return [
        (node.lineno, full, certain)
        for node, certain in _eager(module.tree, module.source.raw)
        for full in _imported(node, module)
    ]


def _eager(
    node: ast.AST, text: bytes, certain: bool = True
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The imports that may run while a file is loaded, in the order of the text.

    With whether they run on no condition.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, certain
        elif not isinstance(child, (*_SCOPES, ast.expr)):
            yield from _eager(child, text, certain and not may_not_run(child, text))


def _imported(node: ast.Import | ast.ImportFrom, module: Module) -> Iterator[str]:
    """The dotted names that an import asks for, relative ones made absolute."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    package = module.name.split(".")
    if not module.path.endswith("__init__.py"):
        package = package[:-1]
    above = package[: len(package) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    yield from (f"{base}.{alias.name}".strip(".") for alias in node.names)
