"""Which functions are handed to a pool or an executor, as far as it can be seen.

By words: what is given to ``pool.spawn`` or ``executor.submit``, and the functions of
the same file that it names. What goes there on other ways is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

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


def place_that_pools(project: Project, module: Module, names: Collection[str]) -> str:
    """A place that hands one of some functions of a file to a pool; maybe empty.

    :param names: the functions, as they are called in the file.
    """
    wanted = {name.encode() for name in _callers(module, names)}
    words = [b"." + method + b"(" for method in _METHODS] + [b"run_in_executor("]
    for path in project.containing(words):
        near = path == module.path or module.name in project.imported_modules(path)
        text = project.read_or_empty(path) if near else b""
        for offset, name in _given(text):
            if name in wanted:
                line = text.count(b"\n", 0, offset) + 1
                return f"{path}:{line}"
    return ""


def _given(text: bytes) -> Iterator[tuple[int, bytes]]:
    """What a file gives to pools by name, with the place."""
    pools = {name for pair in _NAMED.findall(text) for name in pair if name}
    for found in _GIVEN.finditer(text):
        receiver, name, other = found.groups()
        if other or receiver in pools or _POOL.search(receiver):
            yield found.start(), other or name


def _callers(module: Module, names: Collection[str]) -> set[str]:
    """Some functions of a file, and those of its functions that name them."""
    mentions = {
        node.name: {
            getattr(each, "attr", getattr(each, "id", ""))
            for each in ast.walk(node)
            if isinstance(each, (ast.Name, ast.Attribute))
        }
        for node in ast.walk(module.tree)
        if isinstance(node, _FUNCTIONS)
    }
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        found |= waiting
        waiting = {name for name, words in mentions.items() if words & found} - found
    return found
