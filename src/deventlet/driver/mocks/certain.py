"""Whether what runs a use says the name of its function, where a test can be seen to.

Only then it proves something that the names in a test do not lead to a use: somebody
else may make the object for the test, and a base class, a decorator or a table of
functions may call without a name. Reads one file and the words of those that the test
loads; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deventlet.driver.reach.running import name_of
from deventlet.resolve.mock_targets import Target
from deventlet.resolve.processes.methods import derives_from_nothing
from deventlet.resolve.processes.testing import is_test_path
from deventlet.resolve.project import DEFINITIONS, Module, Project, as_bytes
from deventlet.resolve.uses import Use
from deventlet.resolve.values.definitions import decorator_names

_PLAIN = frozenset({"staticmethod", "classmethod", "property"})


def is_run_by_name(use: Use, target: Target, project: Project) -> bool:
    """Whether all that may run a use says names of its file, as far as a test loads.

    :param target: the mock around which a test may run it.
    """
    loaded = project.closure(target.module.name) | {target.module.name}
    if use.module.name not in loaded:
        return False
    names = _leading_to(name_of([*use.parents]), use.module)
    others = (project.by_name[each] for each in loaded - {use.module.name})
    return not (
        any(_is_handed_on(name, use.module) for name in names)
        or any(_says(project, path, names) for path in others if not is_test_path(path))
    )


def _leading_to(name: str, module: Module) -> frozenset[str]:
    """A definition of a file, and those there that lead to it by their words."""
    words = {
        known: frozenset(word for node, _ in found for word in _words(node))
        for known, found in module.definitions.items()
    }
    names, fresh = {name}, {name}
    while fresh:
        fresh = {each for each in words.keys() - names if words[each] & fresh}
        names |= fresh
    return frozenset(names)


def _is_handed_on(name: str, module: Module) -> bool:
    """Whether somebody may run a definition who does not say its name."""
    if not name:
        return True
    found = {id(node) for node, _ in module.definitions.get(name, ())}
    for nodes in module.definitions.values():
        for node, _ in nodes:
            is_own = id(node) in found
            if isinstance(node, ast.ClassDef):
                is_own = is_own or any(id(each) in found for each in node.body)
                if is_own and not derives_from_nothing(node):
                    return True
            elif is_own and decorator_names(node) - _PLAIN:
                return True
    return any(name in _words(each) for each in _statements(module.tree))


def _statements(outer: ast.AST) -> Iterator[ast.AST]:
    """What runs of a file when it is loaded, but for definitions."""
    for node in ast.iter_child_nodes(outer):
        if isinstance(node, ast.ClassDef):
            yield from _statements(node)
        elif isinstance(node, DEFINITIONS):
            yield from node.decorator_list
        else:
            yield node


def _words(code: ast.AST) -> Iterator[str]:
    """The names, attributes and strings of a piece of code."""
    for node in ast.walk(code):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Constant(value=str(word)):
                yield word


def _says(project: Project, path: str, names: frozenset[str]) -> bool:
    """Whether a file has one of some words."""
    raw = project.read_or_empty(path)
    return any(re.search(rb"\b%b\b" % as_bytes(each), raw) for each in names)
