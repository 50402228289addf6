"""Where code reads an attribute that an object lost from sight would not have.

By names and words only: whatever has such an attribute may be the object, unless the
code shows that it is something else. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import TypeAlias

from deventlet.codemod import Site
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import BindingKind

_Place: TypeAlias = tuple[str, int, int]
_OTHERS = frozenset({"sys.maxsize"})
_CLASSES = frozenset({
    "GreenPool", "Queue", "LightQueue", "LifoQueue", "PriorityQueue",
})  # fmt: skip
"""Classes of Eventlet's with members of such names."""


def asked_for(
    project: Project,
    near: Collection[str],
    attributes: Collection[str],
    word: str,
    made: Collection[Site] = (),
) -> str:
    """A place that reads one of the attributes of what may be a lost object.

    :param near: the files that make it, use it, or lose it.
    :param made: the calls that make it.
    :param word: in lower case; every other file that says it is looked at as well.
    :returns: ``path:line``, or nothing.
    """
    names = [f".{name}".encode() for name in attributes]
    own = frozenset((site.path, site.line, site.column) for site in made)
    speaking = {
        path
        for path in project.containing(names)
        if word.encode() in project.read_or_empty(path).lower()
    }
    words = [name.encode() for name in attributes]
    for path in sorted(speaking.union(near)):
        text = project.read_or_empty(path)
        module = project.module(path) if any(w in text for w in words) else None
        for node in ast.walk(module.tree) if module is not None else ():
            if not (isinstance(node, ast.Attribute) and node.attr in attributes):
                continue
            if not _is_other(node, project, own):
                return f"{path}:{node.lineno}"
    return ""


def _is_other(node: ast.Attribute, project: Project, own: frozenset[_Place]) -> bool:
    """Whether it is asked of something that is known to be another thing."""
    if ast.unparse(node) in _OTHERS:
        return True
    owner = node.value
    return isinstance(owner, ast.Attribute) and _holds_others(owner.attr, project, own)


def _holds_others(name: str, project: Project, own: frozenset[_Place]) -> bool:
    """Whether attributes of a name are given other objects, and nothing but such.

    They are green pools or queues that are made where they are assigned, None, or
    what was stored under the name before. Whoever stores something under it in another
    way would have to say the name in a string.
    """
    paths = list(project.containing([f".{name}".encode(), *_quoted(name)]))
    modules = [project.module(path) for path in paths]
    stores = [
        each is not None and (module.path, each.lineno, each.col_offset) not in own
        for module in modules
        if module is not None
        for each in _stores(module, name)
    ]
    return bool(stores) and all(stores)


def _quoted(name: str) -> Iterator[bytes]:
    for quote in "'\"":
        yield f"{quote}{name}{quote}".encode()


def _stores(module: Module, name: str) -> Iterator[ast.Call | None]:
    """For each place that stores something under a name, the call that makes it."""
    made: dict[ast.expr, ast.Call] = {}
    idle: set[ast.expr] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign) and _makes_one(node.value):
            assert isinstance(node.value, ast.Call)
            made |= dict.fromkeys(node.targets, node.value)
        elif isinstance(node, ast.Assign) and _is_idle(node.value, name, module):
            idle.update(node.targets)
        elif isinstance(node, ast.Attribute) and node.attr == name:
            if not (isinstance(node.ctx, ast.Load) or node in idle):
                yield made.get(node)
        elif isinstance(node, ast.Constant) and node.value == name:
            yield None


def _is_idle(value: ast.expr, name: str, module: Module) -> bool:
    """Whether a value is None, or what an attribute of the same name holds."""
    if isinstance(value, ast.Name):
        scope = module.scopes.scope_of(value)
        bound = module.scopes.bindings(value.id, scope)
        return bool(bound) and all(
            each.kind is BindingKind.ASSIGN and _is_same(each.value, name)
            for each in bound
        )
    return _is_same(value, name)


def _is_same(value: ast.expr | None, name: str) -> bool:
    if isinstance(value, ast.Attribute):
        return value.attr == name
    return isinstance(value, ast.Constant) and value.value is None


def _makes_one(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    return ast.unparse(value.func).rpartition(".")[2] in _CLASSES
