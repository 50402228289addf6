"""The functions that a test calls itself where its mock holds, and what they call.

A mock of ``eventlet.sleep`` that meets nothing there, such as one that is asserted not
to be called, would meet ``greenthread.sleep()`` as soon as both are ``time.sleep``.
Follows only calls whose function is certain, and no further; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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

    def calls(self, dotted: str) -> bool:
        """Whether one of the functions calls a name, spelled out as it is added."""
        name = re.escape(dotted)
        called = re.compile(rf"(?<![\w.])_?{name}\s*\(".encode())
        return any(called.search(text) for text in self._texts())

    def _texts(self) -> Iterator[bytes]:
        for path, function in self._functions:
            module = self.project.module(path)
            if module is not None:
                start, end = module.source.span(function)
                yield module.source.utf8[start:end]

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
