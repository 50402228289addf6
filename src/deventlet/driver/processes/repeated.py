"""Whether a call of ``monkey_patch`` in tests comes where all has been patched before.

Then it does nothing, as Eventlet patches each module once: whoever loads its file has
run another call that patches as much. Reads one state of a repository's texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deventlet.codemod import Site
from deventlet.resolve.processes import Processes
from deventlet.resolve.processes.monkey_patch import PATCH, PATCHABLE, switched_on
from deventlet.resolve.processes.order import Order
from deventlet.resolve.processes.testing import is_test
from deventlet.resolve.processes.text import MAIN
from deventlet.resolve.uses import Use

_ENVIRONMENT = re.compile(rb"\b(?:environ|getenv)\b")
"""What is asked whether to patch does not always patch."""

_FOUND = re.compile(r"(?:test|conftest|__init__)[^/]*\Z|[^/]*_test\.py\Z")
"""The names of files that test runners load by themselves."""

_Keywords = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Repeated:
    """Answers about the calls in one state of a repository.

    :param uses: what is used of Eventlet; all calls of ``monkey_patch`` among it.
    """

    processes: Processes
    uses: Mapping[Site, Use]

    def is_repeated(self, use: Use) -> bool:
        """Whether a call finds everything patched that it asks for."""
        path = use.module.path
        text = self.processes.texts[path]
        keywords = _said(use)
        statement = len(use.parents) == len(("module", "statement", "call"))
        if keywords is None or not statement or not is_test(path, text):
            return False
        if any(segment.name == MAIN for segment in text.segments):
            return False  # then no package around it is loaded first
        starts = self._users(use)
        alone = _FOUND.match(path.rpartition("/")[2]) is not None
        return self._is_before(use.module.name, use, keywords) or bool(
            starts
            and not alone
            and all(self._is_before(s, use, keywords) for s in starts)
        )

    def _users(self, use: Use) -> list[str]:
        """The modules that import a file, or have its name in a string."""
        project, name = self.processes.project, use.module.name
        tail = name.rpartition(".")[2]
        others = (each for each in project.paths if each != use.module.path)
        return [
            project.names[path]
            for path in others
            if tail.encode() in project.read_or_empty(path)
            and (
                name in self.processes.texts.imports(project.names[path])
                or name.encode() in project.read_or_empty(path)
            )
        ]

    def _is_before(self, start: str, use: Use, keywords: _Keywords) -> bool:
        """Whether loading a module patches all that a call asks for before it."""
        texts, patching = self.processes.texts, self.processes.patching
        loaded = texts.surely_loaded(start)
        others = [each for each in self._calls(use) if each.module.name in loaded]
        if not all(_patches_for_all(each, keywords) for each in others):
            return False
        name, line = use.module.name, use.node.lineno
        return all(
            Order(texts, patching, keyword).is_first(start, name, line)
            for keyword in switched_on({**keywords})
        )

    def _calls(self, but: Use) -> Iterator[Use]:
        """The other calls of the repository."""
        for use in self.uses.values():
            if use.api == PATCH and use.call is not None and use.node is not but.node:
                yield use


def _patches_for_all(use: Use, wanted: _Keywords) -> bool:
    """Whether a call depends on nothing, and patches drivers of databases if wanted.

    These are no modules that are followed here, and patched unless others are named.
    """
    keywords = _said(use)
    if keywords is None or _ENVIRONMENT.search(use.module.source.raw):
        return False
    return _has_default(keywords) or not _has_default(wanted)


def _has_default(keywords: _Keywords) -> bool:
    """Whether a call patches what it does not name."""
    return keywords.get("all", True not in keywords.values())


def _said(use: Use) -> _Keywords | None:
    """The keywords of a call, each said outright; None if they are not."""
    call = use.call
    if call is None or call.args:
        return None
    said = {
        str(each.arg): each.value.value
        for each in call.keywords
        if isinstance(each.value, ast.Constant)
    }
    known = all(isinstance(value, bool) for value in said.values())
    plain = len(said) == len(call.keywords) and said.keys() <= {*PATCHABLE, "all"}
    return {k: bool(v) for k, v in said.items()} if known and plain else None
