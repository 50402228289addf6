"""Which methods nothing calls in the tests of a file, whatever else of a class runs.

Told by words: nothing that the tests load has the method's name outside of methods of
that name. That holds for a name of several words of a class whose bases are all the
repository's; libraries may call ``start`` or what a base of theirs has. No verdicts.
"""

from __future__ import annotations

import ast
import re

from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module
from deventlet.resolve.receivers import class_of, is_plain

_OWN = re.compile(r"_?[a-z0-9]+(?:_[a-z0-9]+)+")
"""Several words, and no special name: nobody but the repository speaks of it."""
_BY_TESTS = ("test", "setup_", "teardown_")
"""How the names begin of what a test runner calls by itself."""
_BASES = 8
"""How far up bases are followed."""


class Uncalled:
    """Answers for the tests of one repository."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.project = texts.project
        self._memo: dict[tuple[str, str], bool] = {}

    def is_uncalled(self, name: str, owner: str, method: str, user: str) -> bool:
        """Whether a test module and all that it loads never call a method.

        :param name: the module of the top-level class ``owner``.
        :param user: the module of the tests.
        """
        if not _OWN.fullmatch(method) or method.startswith(_BY_TESTS):
            return False
        if (user, method) not in self._memo:
            self._memo[user, method] = self._is_unnamed(method, user)
        module = self.project.named(name)
        return (
            self._memo[user, method]
            and module is not None
            and self._is_plain(module, owner, method)
        )

    def _is_unnamed(self, method: str, user: str) -> bool:
        loaded = self.texts.closure(user) | {user}
        paths = self.texts.containing(frozenset({method}))
        return all(
            _only_defines(self.project.module(path), method)
            for path in paths
            if self.project.names[path] in loaded
        )

    def _is_plain(self, module: Module, owner: str, method: str) -> bool:
        """Whether no decorator and no base of others can know of a method."""
        classes = [
            node
            for node in module.tree.body
            if isinstance(node, ast.ClassDef) and node.name == owner
        ]
        methods = [
            node
            for each in classes
            for node in each.body
            if isinstance(node, ast.FunctionDef) and node.name == method
        ]
        return (
            len(classes) == len(methods) == 1
            and not methods[0].decorator_list
            and self._is_ours(module, classes[0], _BASES)
        )

    def _is_ours(self, module: Module, owner: ast.ClassDef, depth: int) -> bool:
        """Whether a class and all its bases are the repository's own."""
        if not (depth and is_plain(owner)):
            return False
        for base in owner.bases:
            if isinstance(base, ast.Name) and base.id == "object":
                continue
            found = class_of(self.project, module, base)
            if found is None or not self._is_ours(*found, depth - 1):
                return False
        return True


def _only_defines(module: Module | None, method: str) -> bool:
    """Whether a file has a word only in and as definitions of that name."""
    if module is None:
        return False
    text = bytearray(module.source.utf8)
    for node, _ in module.definitions.get(method, ()):
        start, end = module.source.span(node)
        text[start:end] = b" " * (end - start)
    return re.search(rb"\b" + method.encode() + rb"\b", text) is None
