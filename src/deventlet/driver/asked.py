"""Where code reads an attribute that an object lost from sight would not have.

By names and words only: whatever has such an attribute may be the object, unless the
code shows that it is something else. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from deventlet.resolve.project import Module, Project

_OTHERS = frozenset({"sys.maxsize"})
_OTHER_CLASS = "GreenPool"


def asked_for(
    project: Project, near: Collection[str], attributes: Collection[str], word: str
) -> str:
    """A place that reads one of the attributes of what may be a lost object.

    :param near: the files that make it, use it, or lose it.
    :param word: in lower case; every other file that says it is looked at as well.
    :returns: ``path:line``, or nothing.
    """
    names = [f".{name}".encode() for name in attributes]
    speaking = {
        path
        for path in project.containing(names)
        if word.encode() in project.read_or_empty(path).lower()
    }
    for path in sorted(speaking.union(near)):
        module = project.module(path)
        for node in ast.walk(module.tree) if module is not None else ():
            if not (isinstance(node, ast.Attribute) and node.attr in attributes):
                continue
            if not _is_other(node, project):
                return f"{path}:{node.lineno}"
    return ""


def _is_other(node: ast.Attribute, project: Project) -> bool:
    """Whether it is asked of something that is known to be another thing."""
    if ast.unparse(node) in _OTHERS:
        return True
    owner = node.value
    return isinstance(owner, ast.Attribute) and _holds_pools(owner.attr, project)


def _holds_pools(name: str, project: Project) -> bool:
    """Whether attributes of a name are only ever given green pools, and are given one.

    A pool has a ``resize`` of its own. Whoever stores something under the name in
    another way than by assigning it would have to say the name in a string.
    """
    paths = list(project.containing([f".{name}".encode(), *_quoted(name)]))
    modules = [project.module(path) for path in paths]
    stores = [
        each
        for module in modules
        if module is not None
        for each in _stores(module, name)
    ]
    return bool(stores) and all(stores)


def _quoted(name: str) -> Iterator[bytes]:
    for quote in "'\"":
        yield f"{quote}{name}{quote}".encode()


def _stores(module: Module, name: str) -> Iterator[bool]:
    """For each place that stores something under a name, whether it is a pool."""
    pools = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign) and _makes_pool(node.value):
            pools |= set(node.targets)
        elif isinstance(node, ast.Attribute) and node.attr == name:
            if not isinstance(node.ctx, ast.Load):
                yield node in pools
        elif isinstance(node, ast.Constant) and node.value == name:
            yield False


def _makes_pool(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    return ast.unparse(value.func).rpartition(".")[2] == _OTHER_CLASS
