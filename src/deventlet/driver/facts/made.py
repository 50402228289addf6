"""What a name or attribute was made by, as far as the repository says it plainly.

Looks at the file of the site, and for an attribute of ``self`` at the class around it;
whoever else assigns to an attribute of that name makes it unknown, but for methods of
classes that have nothing to do with it. Follows no value any further: what is not plain
has no answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from deventlet.driver.subjects.findings import imported_path
from deventlet.driver.text.printing import syntax_of
from deventlet.resolve.api import canonical
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind, Scope
from deventlet.resolve.uses import Use

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM_IMPORT)
_Made = frozenset[str]
_UNKNOWN: _Made = frozenset()


def makers(project: Project, use: Use, expression: str) -> _Made:
    """The dotted names of what an expression at a use was called to be made.

    :param expression: a name, or an attribute of ``self``, as the source has it.
    :returns: ``{"queue.Queue"}``; empty if any value of it is not known.
    """
    node = syntax_of(expression)
    if isinstance(node, ast.Name):
        return _of_name(use.module, node.id, use.scope)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _of_attribute(project, use, node.value.id, node.attr)
    return _UNKNOWN


def dotted(module: Module, node: ast.expr, scope: Scope) -> str:
    """What a chain of attributes means through the imports of its file; maybe empty."""
    if isinstance(node, ast.Attribute):
        above = dotted(module, node.value, scope)
        return f"{above}.{node.attr}" if above else ""
    if not isinstance(node, ast.Name):
        return ""
    bindings = module.scopes.bindings(node.id, scope)
    paths = {_bound(module, binding) for binding in bindings}
    return paths.pop() if len(paths) == 1 else ""


def _bound(module: Module, binding: Binding) -> str:
    """What an import makes a name mean: of ``import a.b``, ``a`` means ``a``."""
    if binding.kind not in _IMPORTS or binding.alias is None:
        return ""
    path = imported_path(module, binding)
    plain = binding.kind is BindingKind.IMPORT and not binding.alias.asname
    return path.partition(".")[0] if plain else path


def _of_name(module: Module, name: str, scope: Scope) -> _Made:
    found = module.scopes.bindings(name, scope)
    values = [
        None if binding.kind is BindingKind.PARAMETER else binding.value
        for binding in found
    ]
    return _all_made(module, values, scope)


def _all_made(module: Module, values: Iterable[ast.expr | None], scope: Scope) -> _Made:
    """What the values are the calls of; one that is None says nothing."""
    made = [
        _made(module, value, scope)
        for value in values
        if not (isinstance(value, ast.Constant) and value.value is None)
    ]
    return frozenset(made) if all(made) else _UNKNOWN


def _made(module: Module, value: ast.expr | None, scope: Scope) -> str:
    """What a value is the call of."""
    if not isinstance(value, ast.Call):
        return ""
    name = dotted(module, value.func, scope)
    return canonical(name) if name else ""


def _of_attribute(project: Project, use: Use, owner: str, attribute: str) -> _Made:
    """What ``self.attribute`` is in the class around a use."""
    classes = [node for node in use.parents if isinstance(node, ast.ClassDef)]
    functions = [node for node in use.parents if isinstance(node, ast.FunctionDef)]
    if not (classes and functions) or not _is_self(functions, owner, classes[-1]):
        return _UNKNOWN
    if len(use.module.scopes.bindings(owner, use.scope)) != 1:
        return _UNKNOWN
    values = list(_assigned(classes[-1], attribute))
    if not values or _is_set_elsewhere(project, use.module, classes[-1], attribute):
        return _UNKNOWN
    return _all_made(use.module, values, use.scope)


def _is_self(
    functions: list[ast.FunctionDef], owner: str, around: ast.ClassDef
) -> bool:
    """Whether a name is the first parameter of the method of a class."""
    method = next((f for f in functions if f in around.body), None)
    return (
        method is not None
        and bool(method.args.args)
        and method.args.args[0].arg == owner
        and not method.decorator_list
    )


def _assigned(around: ast.ClassDef, attribute: str) -> Iterator[ast.expr | None]:
    """What is assigned to an attribute of that name anywhere in a class."""
    for node in _stores(around, attribute):
        yield _value_for(around, node)


def _value_for(around: ast.ClassDef, target: ast.Attribute) -> ast.expr | None:
    """The value of the assignment of which the attribute is the only target."""
    for node in ast.walk(around):
        if isinstance(node, ast.Assign) and node.targets == [target]:
            return node.value
        if isinstance(node, ast.AnnAssign) and node.target is target:
            return node.value
    return None


def _is_set_elsewhere(
    project: Project, home: Module, around: ast.ClassDef, attribute: str
) -> bool:
    """Whether anything but the class may assign to an attribute of that name in it."""
    word = re.compile(rb"\.%s\s*(?::[^=\n]+)?=[^=]" % re.escape(attribute.encode()))
    by_name = re.compile(rb"setattr\([^)]*['\"]%s['\"]" % re.escape(attribute.encode()))
    inside = len(list(_assigned(around, attribute)))
    others: list[str] = []
    for path in project.containing([attribute.encode()]):
        text = project.read_or_empty(path)
        allowed = inside if path == home.path else 0
        if by_name.search(text):
            return True
        if len(word.findall(text)) > allowed:
            others.append(path)
    return bool(others) and not (
        _has_no_base(around)
        and _heirs(project, around.name).isdisjoint({*others, _ANYWHERE})
        and all(_is_of_others(project, path, around, attribute) for path in others)
    )


def _has_no_base(around: ast.ClassDef) -> bool:
    """Whether a class gets nothing from any other one."""
    bases = map(ast.unparse, around.bases)
    return not around.keywords and all(base == "object" for base in bases)


_CLASS = re.compile(
    rb"\bclass(?:\s|\\\r?\n)+(\w+)(?:\s|\\\r?\n)*\(((?:[^()]|\([^()]{0,500}\)){0,2000}+)\)"
)
"""A class with bases, and the name of it and the text of them."""
_ANYWHERE = ""
"""In the place of a file: a class may be derived where it is not looked for."""


def _heirs(project: Project, name: str) -> frozenset[str]:
    """The files with classes that are derived from one of that name, and from no other.

    With :data:`_ANYWHERE` where one has more bases, or the name is given another one.
    """
    waiting, known, found = [name.encode()], set[bytes](), set[str]()
    while waiting:
        each = waiting.pop()
        known.add(each)
        base = re.compile(rb"\b%s\b" % each)
        renamed = re.compile(rb"\b%s\s+as\b|=\s*(?:\w+\.)*%s\s*$" % (each, each), re.M)
        for path in project.containing([each]):
            text = project.read_or_empty(path)
            heirs = [c for c in _CLASS.findall(text) if base.search(c[1])]
            if renamed.search(text) or any(b"," in bases for _, bases in heirs):
                found.add(_ANYWHERE)
            found |= {path for _ in heirs}
            waiting += [heir for heir, _ in heirs if heir not in known]
    return frozenset(found)


def _is_of_others(
    project: Project, path: str, around: ast.ClassDef, attribute: str
) -> bool:
    """Whether a file assigns to an attribute only of ``self``, in other classes."""
    module = project.module(path)
    if module is None:
        return False
    stores = [*_stores(module.tree, attribute)]
    own = {id(node) for node in _stores(around, attribute)}
    inside = {
        id(store)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for store in _stores(node, attribute)
    }
    return all(
        id(store) in own or (id(store) in inside and ast.unparse(store.value) == "self")
        for store in stores
    )


def _stores(tree: ast.AST, attribute: str) -> Iterator[ast.Attribute]:
    """Where an attribute of that name is assigned to, in whatever way, or deleted."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == attribute
            and not isinstance(node.ctx, ast.Load)
        ):
            yield node
