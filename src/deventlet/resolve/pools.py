"""Which functions are handed to a pool or an executor, as far as it can be seen.

By words: what is given to ``pool.spawn`` or ``executor.submit``, and the functions of
the same file that it names. What goes there on other ways is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module, Project

_METHODS = (
    b"submit",
    b"spawn",
    b"spawn_n",
    b"imap",
    b"starmap",
    b"map",
    b"apply_async",
)
_GIVEN = re.compile(
    rb"(\w+)(?:\(\))?\.(?:" + b"|".join(_METHODS) + rb")\(\s*(?:[\w.]+\.)?(\w+)"
    rb"|\brun_in_executor\([^,]*,\s*(?:[\w.]+\.)?(\w+)"
)
_POOL = re.compile(rb"(?i)pool|executor")
_NAMED = re.compile(
    rb"(\w+)\s*=\s*[\w.]*(?:Pool|Executor)\(|(?:Pool|Executor)\([^()]*\)\s*as\s+(\w+)"
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Named: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
"""A function that has a name."""


def place_that_pools(
    project: Project,
    module: Module,
    names: Collection[str],
    function: Named | None = None,
) -> str:
    """A place that hands one of some functions of a file to a pool; maybe empty.

    :param names: the functions, as they are called in the file.
    :param function: the function in which they are defined; elsewhere their names mean
        nothing, unless an attribute has such a name, too.
    """
    if function is not None and not _is_attribute(module, names):
        wanted = {name.encode() for name in _callers(function, names)}
        own = range(function.lineno, (function.end_lineno or 0) + 1)
        found = _handed(project, module.path, wanted)
        return next((f"{module.path}:{line}" for line in found if line in own), "")
    wanted = {name.encode() for name in _callers(module.tree, names)}
    words = [b"." + method + b"(" for method in _METHODS] + [b"run_in_executor("]
    for path in project.containing(words):
        if path == module.path or module.name in project.imported_modules(path):
            for line in _handed(project, path, wanted):
                return f"{path}:{line}"
    return ""


def _is_attribute(module: Module, names: Collection[str]) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in names
        for node in ast.walk(module.tree)
    )


def _handed(project: Project, path: str, wanted: Collection[bytes]) -> Iterator[int]:
    """The lines of a file that hand a function of these names to a pool."""
    text = project.read_or_empty(path)
    for offset, name in _given(text):
        if name in wanted:
            yield text.count(b"\n", 0, offset) + 1


def _given(text: bytes) -> Iterator[tuple[int, bytes]]:
    """What a file gives to pools by name, with the place."""
    pools = {name for pair in _NAMED.findall(text) for name in pair if name}
    for found in _GIVEN.finditer(text):
        receiver, name, other = found.groups()
        if other or receiver in pools or _POOL.search(receiver):
            yield found.start(), other or name


def _callers(root: ast.AST, names: Collection[str]) -> set[str]:
    """Some functions, and those below a node that name them."""
    mentions = {
        node.name: {
            last_name(each)
            for each in ast.walk(node)
            if isinstance(each, (ast.Name, ast.Attribute))
        }
        for node in ast.walk(root)
        if isinstance(node, _FUNCTIONS)
    }
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        found |= waiting
        waiting = {name for name, words in mentions.items() if words & found} - found
    return found
