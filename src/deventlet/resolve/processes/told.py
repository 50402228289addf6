"""What ``conftest.py`` files tell the code that pytest runs: attributes of ``sys``.

``sys._called_from_test = True`` in ``pytest_configure`` is what pytest's own manual
recommends. What is set on a condition does not count, nor what other code says of it
but to read it, nor what may be asked for before it is set.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module

CONFTEST_HOOKS = frozenset({"pytest_configure", "pytest_sessionstart"})
"""The functions of a ``conftest.py`` that pytest calls before it loads any test."""

_LAST_HOOKS = frozenset({"pytest_sessionfinish", "pytest_unconfigure"})
"""Those that it calls when all tests are over."""
_PLAIN = (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom)


def told_above(path: str, texts: Texts, tests: Collection[str]) -> frozenset[str]:
    """The attributes of ``sys`` that are True wherever the tests of a file run.

    :param tests: the files that pytest loads by itself; one that is not below the
        same ``conftest.py`` may load what asks for them before it tells so.
    """
    folders = PurePosixPath(path).parents
    paths = (str(folder / "conftest.py") for folder in folders)
    known = [each for each in paths if each in texts.project.names]
    return frozenset(
        name
        for each in known
        for name in _set_by(each, texts)
        if all(PurePosixPath(each).parent in PurePosixPath(t).parents for t in tests)
        and not _is_asked_early(name, known, texts)
        and not any(
            _is_changed(name, other, each, texts)
            for other in texts.containing(frozenset({name}))
        )
    )


def _set_by(path: str, texts: Texts) -> Iterator[str]:
    """What a ``conftest.py`` sets for certain."""
    if b"sys." not in texts[path].raw:
        return
    module = texts.project.module(path)
    if module is None or not _has_sys(module):
        return
    yield from _assigned(module.tree.body)
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in CONFTEST_HOOKS:
            yield from _assigned(node.body)


def _has_sys(module: Module) -> bool:
    """Whether ``sys`` is the module in all of a file."""
    return all(
        isinstance(node, ast.Import) and alias.name == "sys"
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
        if (alias.asname or alias.name) == "sys"
    )


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """What plain statements set, up to the first that may do anything else."""
    for node in body:
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="sys"), attr=name)],
                value=ast.Constant(value=True),
            ):
                yield name
            case ast.FunctionDef() | ast.ClassDef():
                continue
            case _ if not isinstance(node, _PLAIN):
                return


def _is_asked_early(name: str, conftests: Collection[str], texts: Texts) -> bool:
    """Whether what some ``conftest.py`` files load themselves says an attribute."""
    project = texts.project
    loaded = {
        project.by_name[module]
        for each in conftests
        for module in texts.closure(project.names[each])
    }
    return not loaded.isdisjoint({*texts.containing(frozenset({name}))} - {*conftests})


def _is_changed(name: str, path: str, home: str, texts: Texts) -> bool:
    """Whether a file says an attribute otherwise than to read it.

    But the one file that sets it, once, and takes it back when the tests are over.
    """
    module = texts.project.module(path)
    if module is None:
        return True
    nodes = list(ast.walk(module.tree))
    is_own = path == home
    known = {
        id(part)
        for node in nodes
        for part in (*_read(node, name), *(_taken_back(node) if is_own else ()))
    }
    said = [each for each in nodes if id(each) not in known and _says(each, name)]
    return len(said) > is_own


def _read(node: ast.AST, name: str) -> Iterator[ast.AST]:
    """``sys.name`` and the string of ``hasattr(sys, "name")``."""
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr=attr, ctx=ast.Load()):
            if attr == name:
                yield node
        case ast.Call(
            func=ast.Name(id="hasattr" | "getattr"),
            args=[ast.Name(id="sys"), ast.Constant() as said, *_],
        ):
            yield said


def _taken_back(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef) and node.name in _LAST_HOOKS:
        yield from ast.walk(node)


def _says(node: ast.AST, name: str) -> bool:
    """Whether a node has a name, or a string that is no prose does."""
    match node:
        case ast.Constant(value=str(text)) if not re.search(r"\s", text):
            return re.search(rf"\b{re.escape(name)}\b", text) is not None
        case ast.Name(id=said) | ast.Attribute(attr=said) | ast.keyword(arg=said):
            return said == name
        case ast.alias(name=said):
            return said == name
    return False
