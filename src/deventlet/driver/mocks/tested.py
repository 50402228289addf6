"""What runs for certain while a mock holds: its test, and the functions that calls.

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
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Project
from deventlet.resolve.receivers import function_of, method_of
from deventlet.resolve.uses import Use


@dataclass(eq=False)
class Tested:
    """The test of one mock, from where it holds, with what it calls."""

    project: Project
    target: Target

    def has(self, use: Use) -> bool:
        """Whether a use is in the test where the mock holds, or in such a function."""
        return any(node in use.parents for _, node in self._running)

    def calls(self, dotted: str, known: Iterable[Site]) -> bool:
        """Whether it is called there by its name, spelled out as it is added.

        :param known: sites of Eventlet's, some of which may be spelled the same.
        """
        name = re.escape(dotted)
        called = re.compile(rf"(?<![\w.])_?{name}\s*\(".encode())
        ours = {(site.path, site.start) for site in known}
        return any(place not in ours for place in self._matching(called))

    def _matching(self, called: re.Pattern[bytes]) -> Iterator[tuple[str, int]]:
        """Where a text is in what runs: the file, and the offset in it."""
        for path, node in self._running:
            module = self.project.module(path)
            if module is not None:
                start, end = module.source.span(node)
                for found in called.finditer(module.source.utf8, start, end):
                    yield path, found.start()

    @cached_property
    def _running(self) -> list[tuple[str, ast.stmt]]:
        """The statements of the test, and the functions that they call."""
        module = self.target.module
        body: list[ast.stmt] = getattr(held(self.target), "body", [])
        calls = [n for each in body for n in ast.walk(each) if isinstance(n, ast.Call)]
        called = [self._function(call.func) for call in calls]
        own = [(module.path, each) for each in body]
        return [*own, *(each for each in called if each is not None)]

    def _function(self, func: ast.expr) -> tuple[str, ast.FunctionDef] | None:
        module = self.target.module
        found = function_of(self.project, module, func)
        if found is None and isinstance(func, ast.Attribute):
            found = method_of(self.project, module, func)
        return found
