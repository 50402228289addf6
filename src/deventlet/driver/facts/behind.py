"""What would be left where the statement of a site goes: an empty ``if``, a lone name.

Reads the file of the site, and knows the uses that go with it. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from deventlet.driver.subjects.findings import Findings, imported_path
from deventlet.driver.text import statements
from deventlet.driver.text.emptied import hollow, outermost
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.scopes import Binding, BindingKind, Scope, ScopeKind
from deventlet.resolve.uses import Use


def removable(use: Use) -> bool:
    """Whether the simple statement that holds a use can go by itself."""
    source, held = use.module.source, statements.holder(use)
    if held is None or isinstance(held, (ast.With, ast.AsyncWith)):
        return False
    block = statements.block_of(use, held)
    alone = statements.extent(source, held) is not None
    return alone or bool(statements.neighbours(source, held, block))


def left_behind(use: Use, findings: Findings) -> str:
    """The ``if`` that would be left with an empty branch, or an unused name.

    :returns: the place of the ``if``, or the name; empty for neither.
    """
    held = statements.branch(use) or statements.holder(use)
    assert held is not None
    held = statements.attempt(use, held) or held
    beside = (each for each in findings.uses.values() if each.module is use.module)
    also = (statements.holder(each) for each in beside)
    gone = {id(held), *(id(each) for each in also if each is not None)}
    left = hollow(use, held, gone)
    if left is not None:
        return f"{use.module.path}:{left.lineno}"
    whole = outermost(use, held, gone)
    alone = sorted(_read_only_in(whole, use, findings)) if whole is not held else ()
    return alone[0] if alone else ""


def only_there(use: Use, findings: Findings) -> frozenset[str]:
    """The names that nothing reads but the ``if`` of a use, or its statement."""
    held = statements.branch(use) or statements.holder(use)
    return _read_only_in(held, use, findings) if held is not None else frozenset()


def _read_only_in(held: ast.stmt, use: Use, findings: Findings) -> frozenset[str]:
    """The names of a statement that a checker would miss uses of, were it gone."""
    inside = [*ast.walk(held)]
    here = {id(node) for node in inside}
    names = {node.id for node in inside if isinstance(node, ast.Name)}
    scopes = use.module.scopes
    return frozenset(
        name
        for name in names
        if (owner := scopes.resolve(name, use.scope)) is not None
        and _would_be_missed(name, owner, use, here, findings)
        and all(
            id(node) in here
            for node, where in scopes.loads(name)
            if scopes.resolve(name, where) is owner
        )
    )


def _would_be_missed(
    name: str, owner: Scope, use: Use, here: Collection[int], findings: Findings
) -> bool:
    """Whether a name stays that a checker wants to be used: an import, or a variable.

    :param here: the nodes that go, by their identity.
    """
    found = [each for each in owner.bindings.get(name, []) if id(each.node) not in here]
    imports = [each for each in found if each.alias is not None]
    if not found or any(_goes(each, use, findings) for each in imports):
        return False
    is_parameter = any(each.kind is BindingKind.PARAMETER for each in found)
    return bool(imports) or (not is_parameter and owner.kind is ScopeKind.FUNCTION)


def _goes(binding: Binding, use: Use, findings: Findings) -> bool:
    """Whether an import is one of Eventlet's, which goes with its last use."""
    path = imported_path(use.module, binding)
    return findings.is_source(path) or EVERYTHING.leads(path)
