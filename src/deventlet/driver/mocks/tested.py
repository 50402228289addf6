"""The functions that a test calls itself where its mock holds, and what they call.

A mock of ``eventlet.sleep`` that meets nothing there, such as one that is asserted not
to be called, would meet ``greenthread.sleep()`` as soon as both are ``time.sleep``.
Follows only calls whose function is certain, and no further; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.codemod import Site
from deventlet.driver.reach.holding import held
from deventlet.resolve.mocks import Target
from deventlet.resolve.names import Use
from deventlet.resolve.project import Project
from deventlet.resolve.receivers import function_of, method_of


@dataclass(eq=False)
class Tested:
    """What the test of one mock calls."""

    project: Project
    target: Target

    def has(self, use: Use) -> bool:
        """Whether a use is in one of the functions."""
        return any(function in use.parents for _, function in self._functions)

    def calls(self, dotted: str, known: Iterable[Site]) -> bool:
        """Whether one of the functions calls a name, spelled out as it is added.

        :param known: sites of Eventlet's, some of which may be spelled the same.
        """
        name = re.escape(dotted)
        called = re.compile(rf"(?<![\w.])_?{name}\s*\(".encode())
        ours = {(site.path, site.start) for site in known}
        return any(place not in ours for place in self._matching(called))

    def _matching(self, called: re.Pattern[bytes]) -> Iterator[tuple[str, int]]:
        """Where the functions have a text: the file, and the offset in it."""
        for path, function in self._functions:
            module = self.project.module(path)
            if module is not None:
                start, end = module.source.span(function)
                for found in called.finditer(module.source.utf8, start, end):
                    yield path, found.start()

    @cached_property
    def _functions(self) -> list[tuple[str, ast.FunctionDef]]:
        module, holder = self.target.module, held(self.target)
        found: list[tuple[str, ast.FunctionDef] | None] = []
        for node in ast.walk(holder) if holder is not None else ():
            if isinstance(node, ast.Call):
                found.append(function_of(self.project, module, node.func))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found.append(method_of(self.project, module, node.func))
        return [each for each in found if each is not None]
