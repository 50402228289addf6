"""What a name or attribute was made by, as far as the repository says it plainly.

Looks at the file of the site, and for an attribute of ``self`` at the class around it;
another file that assigns to an attribute of that name makes it unknown. Follows no
value any further: what is not plain has no answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from deventlet.driver.subjects import imported_path
from deventlet.resolve.api import canonical
from deventlet.resolve.names import Use
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind, Scope

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM_IMPORT)
_Made = frozenset[str]
_UNKNOWN: _Made = frozenset()


def makers(project: Project, use: Use, expression: str) -> _Made:
    """The dotted names of what an expression at a use was called to be made.

    :param expression: a name, or an attribute of ``self``, as the source has it.
    :returns: ``{"queue.Queue"}``; empty if any value of it is not known.
    """
    node = ast.parse(expression, mode="eval").body
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
    if not values or _is_set_elsewhere(project, use.module, attribute, len(values)):
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
    for node in ast.walk(around):
        if isinstance(node, ast.Attribute) and node.attr == attribute:
            if isinstance(node.ctx, ast.Load):
                continue
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
    project: Project, home: Module, attribute: str, inside: int
) -> bool:
    """Whether anything but the class may assign to an attribute of that name."""
    word = re.compile(rb"\.%s\s*(?::[^=\n]+)?=[^=]" % re.escape(attribute.encode()))
    by_name = re.compile(rb"setattr\([^)]*['\"]%s['\"]" % re.escape(attribute.encode()))
    for path in project.containing([attribute.encode()]):
        text = project.read_or_empty(path)
        allowed = inside if path == home.path else 0
        if len(word.findall(text)) > allowed or by_name.search(text):
            return True
    return False
