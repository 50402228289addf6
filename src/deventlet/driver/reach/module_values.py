"""Whether a module itself is put anywhere, so that an object's attribute may be its.

``self.tools = tools`` makes ``self.tools.run()`` a call of the module's function. Looks
at texts first, and parses only what may say so. Decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from deventlet.resolve.chains import root
from deventlet.resolve.mock_targets import is_patching
from deventlet.resolve.offsets import path_at
from deventlet.resolve.project import Module, Project
from deventlet.resolve.receivers import imported_path

_OWN = re.compile(rb"(?<!\bin )sys\.modules")
"""How a module gets hold of itself, unless that only asks what is loaded."""
_OPERATORS = b"and|as|async|else|for|from|if|import|in|is|not|or"
"""The words that may follow an expression."""


def is_value(project: Project, home: Module, paths: Collection[str]) -> bool:
    """Whether one of some files does more with a module than to ask it for names.

    A mock of a name of the module is no more than that.
    """
    if _OWN.search(home.source.utf8):
        return True
    names = called(project, home, paths)
    alone = {name: _alone(name.encode()) for name in sorted(names)}
    return any(
        _is_put(project, path, home, names, pattern)
        for name, pattern in alone.items()
        for path in project.holding(name.encode())
        if path in paths and _says(project, path, pattern)
    )


def _alone(name: bytes) -> re.Pattern[bytes]:
    """A word that is not asked for a name; it is searched for by its first letters.

    Nor does another word follow it that no operator is, as in prose.
    """
    word = re.escape(name)
    return re.compile(
        rb"%b\b(?<=\b%b)(?![ \t]*\.[ \t]*\w|[ \t]+(?!(?:%b)\b)[^\W\d])"
        % (word, word, _OPERATORS)
    )


def called(project: Project, home: Module, paths: Collection[str]) -> frozenset[str]:
    """The names that a module, or one of the same name, has where it is imported."""
    last = home.name.rpartition(".")[2]
    word = re.escape(last.encode())
    pattern = re.compile(rb"%b(?<=\b%b)[ \t]+as[ \t]+(\w+)" % (word, word))
    texts = (
        project.read_or_empty(path)
        for path in project.containing([last.encode()])
        if path in paths
    )
    found = (name.decode() for text in texts for name in pattern.findall(text))
    return frozenset({last, *found})


def _says(project: Project, path: str, pattern: re.Pattern[bytes]) -> bool:
    """Whether a pattern is found in a text, but for its imports."""
    imports = project.import_spans(path)
    return any(
        not any(start <= found.start() < end for start, end in imports)
        for found in pattern.finditer(project.read_or_empty(path))
    )


def _is_put(
    project: Project,
    path: str,
    home: Module,
    names: Collection[str],
    alone: re.Pattern[bytes],
) -> bool:
    module = project.module(path)
    return module is None or any(
        _may_be(node, module, home, names, project)
        for found in alone.finditer(module.source.utf8)
        for node in _values_at(module, found.start())
    )


def _values_at(module: Module, offset: int) -> list[ast.AST]:
    """What stands at an offset of a file and is not only asked for a name.

    All of an f-string: its parts are not where they say on Python 3.11.
    """
    path = path_at(module, offset)
    string = next((n for n in path if isinstance(n, ast.JoinedStr)), None)
    if string is not None:
        return list(ast.walk(string))
    above = path[-2] if len(path) > 1 else None
    first = above.args[:1] if isinstance(above, ast.Call) and is_patching(above) else []
    return [] if isinstance(above, ast.Attribute) or path[-1] in first else [path[-1]]


def _may_be(
    node: ast.AST,
    module: Module,
    home: Module,
    names: Collection[str],
    project: Project,
) -> bool:
    """Whether an expression may be the module: by an import, or another's attribute."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in names:
            paths = imported_paths(node, module)
            return any(may_lead(project, path, home) for path in paths)
        case ast.Attribute(attr=name) if name in names:
            return "" not in imported_paths(root(node), module)
        case ast.Constant(value=str(text)):
            return text == home.name
    return False


def may_lead(project: Project, path: str, home: Module) -> bool:
    """Whether an import of a path may give a module, or what another one has of it."""
    if path in project.by_name:
        return path == home.name
    return path.partition(".")[0] in project.top_level


def imported_paths(name: ast.expr, module: Module) -> list[str]:
    """The dotted paths of what a name may be; empty ones for what is no import."""
    if not isinstance(name, ast.Name):
        return [""]
    found = module.scopes.bindings(name.id, module.scopes.scope_of(name))
    return [imported_path(module, b) if b.alias else "" for b in found] or [""]
