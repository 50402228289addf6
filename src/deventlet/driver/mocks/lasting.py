"""Which mocks hold for all tests of a package, and which library's functions they mock.

What its ``__init__.py`` or ``conftest.py`` puts in the place while it is loaded, or in
a fixture for every test, is there for each test below it and for the code that these
run. Told by words, as :mod:`mocked` does; texts before trees. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from deventlet.driver.mocks.mocked import is_mocked_on_loading, may_mock
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.project import Project

_LOADED_BEFORE = ("__init__.py", "conftest.py")
"""The files of a folder that are loaded before the tests below it."""


def is_for_all(target: Target) -> bool:
    """Whether a mock stands where it may hold for all tests of a package.

    In a class it is the business of those that derive from that.
    """
    inside = any(isinstance(node, ast.ClassDef) for node in target.parents)
    return _is_loaded_before(target.module.path) and not inside


def loaded_below(project: Project, path: str) -> frozenset[str]:
    """The modules that the tests of a file's folder may load, their own as well."""
    below = (each for each in project.paths if _is_below(each, path))
    names = frozenset(project.names[each] for each in below)
    return names.union(*map(project.closure, names))


def mocked_for_all(project: Project, path: str, dotted: str) -> str:
    """The file that mocks a function for all tests that may run another, if any.

    :param dotted: such as ``time.sleep``.
    """
    homes = list(_homes(project, dotted))
    if not homes:
        return ""
    running = _leading_to(project, path)
    below = (home for home in homes if any(_is_below(each, home) for each in running))
    return next(below, "")


def _homes(project: Project, dotted: str) -> Iterator[str]:
    name = dotted.rpartition(".")[2].encode()
    for path in project.holding(name):
        if not _is_loaded_before(path):
            continue
        if project.of_text(path, may_mock(dotted)):
            home = project.module(path)
            if home is not None and is_mocked_on_loading(home, dotted):
                yield path


def _is_loaded_before(path: str) -> bool:
    return PurePosixPath(path).name in _LOADED_BEFORE


def _is_below(path: str, home: str) -> bool:
    return PurePosixPath(path).is_relative_to(PurePosixPath(home).parent)


def _leading_to(project: Project, path: str) -> set[str]:
    """A file, and those that import it, one way or another."""
    found, waiting = {path}, [path]
    while waiting:
        users = project.importers.get(project.names[waiting.pop()], ())
        waiting += (new := set(users) - found)
        found |= new
    return found
