"""Which files patch a module if their conditions hold, and from which line on.

For who assumes that a process patches where nobody can tell whether it does: what comes
above every such call comes before the patch all the same. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from deventlet.resolve.processes.patch_calls import PatchCalls
from deventlet.resolve.project import Module

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Conditional:
    """The patch calls of a repository as if every one of them ran."""

    calls: PatchCalls
    _lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def patched_from(self, keyword: str, module: Module) -> int:
        """The line of the first call in a file's own code that may patch; 0 if none."""
        key = keyword, module.name
        if key not in self._lines:
            calls = _own_calls(module.tree)
            found = self.calls.leading(keyword, module, calls)
            self._lines[key] = min((call.lineno for call in found), default=0)
        return self._lines[key]

    def on_loading(self, keyword: str, module: str) -> list[str]:
        """The modules that may patch ``keyword`` when ``module`` is loaded."""
        loaded = self.calls.texts.loaded(module) | {module}
        files = sorted(self.calls.speaking & loaded)
        modules = filter(None, map(self.calls.project.named, files))
        return [each.name for each in modules if self.patched_from(keyword, each)]


def _own_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that a file may make while it is loaded."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _FUNCTIONS):
            if isinstance(child, ast.Call):
                yield child
            yield from _own_calls(child)
