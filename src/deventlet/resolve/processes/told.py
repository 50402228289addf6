"""What ``conftest.py`` files tell the code that pytest runs: attributes of ``sys``.

``sys._called_from_test = True`` in ``pytest_configure`` is what pytest's own manual
recommends. What is set on a condition does not count, nor what other files change.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from deventlet.resolve.processes.texts import Texts

CONFTEST_HOOKS = frozenset({"pytest_configure", "pytest_sessionstart"})
"""The functions of a ``conftest.py`` that pytest calls before it loads any test."""

_PLAIN = (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom)


def told_above(path: str, texts: Texts) -> frozenset[str]:
    """The attributes of ``sys`` that are True wherever the tests of a file run."""
    folders = PurePosixPath(path).parents
    paths = (str(folder / "conftest.py") for folder in folders)
    known = (each for each in paths if each in texts.project.names)
    found = frozenset(name for each in known for name in _set_by(each, texts))
    return frozenset(name for name in found if not _is_changed(name, texts))


def _set_by(path: str, texts: Texts) -> Iterator[str]:
    """What a ``conftest.py`` sets for certain."""
    if b"sys." not in texts[path].raw:
        return
    module = texts.project.module(path)
    body = module.tree.body if module is not None else []
    yield from _assigned(body)
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name in CONFTEST_HOOKS:
            yield from _assigned(node.body)


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


def _is_changed(name: str, texts: Texts) -> bool:
    """Whether anything but one line of a ``conftest.py`` changes an attribute.

    It takes it back itself when the tests are over.
    """
    word = re.escape(name.encode())
    sets = re.compile(rb"\bsys\.%b[ \t]*=(?!=)" % word)
    changes = re.compile(
        rb"\bsys\.%b[ \t]*=(?!=)|\bdel[ \t][^\n]*\b%b\b"
        rb"|(?:set|del)attr\(\s*sys\s*,\s*['\"]%b\b" % (word, word, word)
    )
    for path in texts.containing(frozenset({name})):
        if PurePosixPath(path).name == "conftest.py":
            if len(sets.findall(texts[path].raw)) > 1:
                return True
        elif changes.search(texts[path].raw):
            return True
    return False
