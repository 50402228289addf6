"""Whether the base classes of a file's tests mock a library's function for them.

Their ``setUp`` may stand in another file, and runs before the tests of this one all the
same. Told by words, as :mod:`mocked` does: yes too often and never too rarely; texts
are asked before trees. Answers by class; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from deventlet.driver.mocks.intercepts import directly_imported
from deventlet.driver.mocks.mocked import classes_with, is_mocked_for, may_mock
from deventlet.resolve.project import Module, Project

_Class = tuple[str, bytes]
_WORD = re.compile(rb"\w+")


def is_mocked_by_base(
    project: Project, module: Module, dotted: str, parents: Sequence[ast.AST]
) -> bool:
    """Whether a base, of another file, of what runs with a site mocks a function.

    :param dotted: such as ``time.sleep``.
    :param parents: the path from the module down to the site.
    """
    name = dotted.rpartition(".")[2].encode()
    homes = {
        path
        for path in project.holding(name)
        if path != module.path and project.of_text(path, may_mock(dotted))
    }
    reached = {project.by_name[each] for each in project.closure(module.name)}
    if homes.isdisjoint(reached):
        return False
    classes = (each.encode() for each in classes_with(module, parents))
    return any(
        _mocks(project, path, base.decode(), dotted)
        for path, base in _with_bases(project, [(module.path, c) for c in classes])
        if path in homes
    )


def _mocks(project: Project, path: str, name: str, dotted: str) -> bool:
    home = project.module(path)
    return home is not None and is_mocked_for(home, name, dotted)


def _with_bases(project: Project, classes: Sequence[_Class]) -> Iterator[_Class]:
    """Classes, and what may be their bases, each with the file that defines it."""
    waiting, known = list(classes), set(classes)
    while waiting:
        path, name = waiting.pop()
        yield path, name
        header = _header(project.read_or_empty(path), name)
        found = {
            (home, word)
            for word in set(_WORD.findall(header or b""))
            for home in _files(project, path, word)
        }
        waiting += sorted(found - known)
        known |= found


def _files(project: Project, path: str, name: bytes) -> Iterator[str]:
    """Of a file and those that it imports, those that define a class.

    Itself, or through a package that has the class from another file.
    """
    direct = _imported(project, path)
    packages = [each for each in direct if each.endswith("__init__.py")]
    further = chain.from_iterable(_imported(project, each) for each in packages)
    for each in dict.fromkeys([path, *direct, *further]):
        text = project.read_or_empty(each)
        if name in text and _header(text, name) is not None:
            yield each


def _imported(project: Project, path: str) -> list[str]:
    return [project.by_name[name] for name in directly_imported(project, path)]


def _header(text: bytes, name: bytes) -> bytes | None:
    """The bases that a class of a name is said to have; None for no such class."""
    found = re.search(rb"^class[ \t]+%b\b([^:]*):" % name, text, re.MULTILINE)
    return found[1] if found else None
