"""Which expressions are uses of Eventlet's names, in one file.

A use that may be two things is reported as ambiguous, never dropped. What is done
about it is for others.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.names import Alias, Names, dynamic_import, union
from deventlet.resolve.offsets import path_at
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope
from deventlet.resolve.takers import importing_calls
from deventlet.resolve.tied import interesting
from deventlet.resolve.tree import all_ancestors

_SPACE = rb"(?:\s|\\\r?\n|#[^\r\n]*[\r\n])*"
_NEXT_ATTRIBUTE = re.compile(_SPACE + rb"\." + _SPACE + rb"(\w+)")
_ENDING = re.compile(_SPACE + rb"(?:[),]|(?:or|and|if|else)\b)")


@dataclass(eq=False, slots=True)
class Use:
    """One expression that denotes an Eventlet name.

    :param node: the shortest expression that is the name (``eventlet.sleep``).
    :param api: the canonical name; empty where a whole module is used.
    :param parents: the path from the module down to, not including, ``node``.
    :param owner: what the part before the last dot denotes; empty for a bare name.
    :param aliases: the bindings through which a bare or re-exported name gets it.
    :param others: what else the expression may denote.
    """

    module: Module
    node: ast.expr
    parents: list[ast.AST]
    dotted: str
    api: str
    owner: str
    aliases: tuple[Alias, ...]
    others: frozenset[str]
    scope: Scope

    @property
    def call(self) -> ast.Call | None:
        """The call that the name is the function of, if it is one."""
        parent = self.parents[-1]
        if isinstance(parent, ast.Call) and parent.func is self.node:
            return parent
        return None

    @property
    def stored(self) -> bool:
        """Whether the expression is assigned to or deleted."""
        context = getattr(self.node, "ctx", None)
        return isinstance(context, (ast.Store, ast.Del))


def find_uses(names: Names, module: Module) -> list[Use]:
    """Every expression of a file that denotes one of the names, in order."""
    return names.said(module, _find_uses)


def _find_uses(names: Names, module: Module) -> list[Use]:
    loads = {
        load: denoted
        for name in sorted(interesting(names, module))
        for load in module.scopes.loads(name)
        if _may_lead(names, module, load.node, denoted := names.denote(*load, module))
    }
    paths = all_ancestors(module.tree, [node for node, _ in loads]) if loads else {}
    found: dict[int, Use] = {}
    starts = [(*load, paths[load.node], loads[load]) for load in loads]
    for node, scope, path, denoted in (*starts, *module.of_tree(_called_modules)):
        use = _use(names, module, node, path, denoted, scope)
        if use is not None and eventlet_api.is_meant(use.api, use.call):
            found.setdefault(id(use.node), use)
    return sorted(found.values(), key=lambda use: module.source.span(use.node))


def _use(
    names: Names,
    module: Module,
    node: ast.expr,
    parents: list[ast.AST],
    denoted: frozenset[str],
    scope: Scope,
) -> Use | None:
    """The use that begins at a node: the shortest chain that is an API."""
    owner: frozenset[str] = frozenset()
    while True:
        if any(map(names.match, denoted)):
            return _api_use(names, module, node, parents, denoted, scope, owner)
        depth = _above(parents, node)
        if depth is None:
            return _module_use(names, module, node, parents, denoted, scope)
        above = parents[depth]
        assert isinstance(above, ast.Attribute)
        owner = names.denote(above.value, scope, module)
        node, parents = above, parents[:depth]
        denoted = union(names.member(each, above.attr) for each in owner)


def _api_use(
    names: Names,
    module: Module,
    node: ast.expr,
    parents: list[ast.AST],
    denoted: frozenset[str],
    scope: Scope,
    owner: frozenset[str],
) -> Use:
    """A use of the first of the names; any other one makes it ambiguous."""
    hits = {dotted: names.match(dotted) for dotted in denoted}
    api = min(filter(None, hits.values()))
    dotted = min(path for path, hit in hits.items() if hit == api)
    name = eventlet_api.canonical(dotted)
    return Use(
        module, node, parents, dotted, api,
        _owner(names, node, dotted, owner),
        tuple(names.aliases(node, scope, module)),
        frozenset(p for p in denoted if eventlet_api.canonical(p) != name),
        scope,
    )  # fmt: skip


def _owner(names: Names, node: ast.expr, dotted: str, owners: frozenset[str]) -> str:
    """What an attribute is taken of, which may be a module of the project.

    A spelling that the project says it has stands for Eventlet's own.
    """
    home = dotted.rpartition(".")[0]
    if home in owners or not isinstance(node, ast.Attribute):
        return home if owners else ""
    through = {o for o in owners if dotted in names.member(o, node.attr)}
    shims = {o for o in through if f"{o}.{node.attr}" in names.shims}
    return home if shims else min(through, default=home)


def _may_lead(
    names: Names, module: Module, name: ast.Name, denoted: frozenset[str]
) -> bool:
    """Whether the chain that begins at a name can reach one of the names.

    Follows the text, which is much cheaper than finding the node's place in
    the tree, and true for most names of a file that imports its own package.
    """
    if any(names.leads(each) for each in denoted):
        return True
    if not any(names.passes(each) for each in denoted):
        return False
    text = module.source.utf8
    position = module.source.span(name)[1]
    while True:
        found = _NEXT_ATTRIBUTE.match(text, position)
        if found is None:
            return _ENDING.match(text, position) is not None
        attribute = found[1].decode()
        denoted = union(names.member(each, attribute) for each in denoted)
        if any(names.leads(each) or each in names.exports for each in denoted):
            return True
        if not any(names.passes(each) for each in denoted):
            return False
        position = found.end()


def _module_use(
    names: Names,
    module: Module,
    node: ast.expr,
    parents: list[ast.AST],
    denoted: frozenset[str],
    scope: Scope,
) -> Use | None:
    """A use of the whole module: passed on, tested, patched by name."""
    leading = sorted(d for d in denoted if names.leads(d) or d in names.exports)
    if not leading:
        return None
    others = denoted - set(leading)
    return Use(module, node, parents, leading[0], "", "", (), others, scope)


def _above(parents: list[ast.AST], node: ast.AST) -> int | None:
    """Which of the parents takes an attribute of what may be the value of ``node``."""
    for depth in range(len(parents) - 1, -1, -1):
        above = parents[depth]
        if isinstance(above, ast.Attribute):
            return depth
        if not isinstance(above, ast.IfExp | ast.BoolOp | ast.NamedExpr) or (
            isinstance(above, ast.IfExp) and above.test is node
        ):
            return None
        node = above
    return None


def _called_modules(
    module: Module,
) -> tuple[tuple[ast.expr, Scope, list[ast.AST], frozenset[str]], ...]:
    """``import_module("eventlet").sleep``: the calls of which an attribute is taken.

    Each with its scope, its path, and what it gives.
    """
    found: list[tuple[ast.expr, Scope, list[ast.AST], frozenset[str]]] = []
    for each in importing_calls(module.source.utf8):
        path = path_at(module, each.start(1))
        call = path[-2]
        if isinstance(call, ast.Call) and isinstance(path[-3], ast.Attribute):
            names = (n for n in ast.walk(call.func) if isinstance(n, ast.Name))
            scope = module.scopes.scope_of(next(names))
            found.append((call, scope, path[:-2], dynamic_import(call)))
    return tuple(found)
