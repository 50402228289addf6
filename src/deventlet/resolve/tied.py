"""Where the names of a file can come from, and which of them may be Eventlet's.

Reads what binds them, by name alone: whatever has the name of one that may be, may be.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deventlet.resolve import api as eventlet_api
from deventlet.resolve.names import VALUE_KINDS, Names, dynamic_import, leaves
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Binding, BindingKind

_BY_CALL = "import "
"""Begins the root of a value that a call imports: no name can be spelt so."""
_ROOTLESS = frozenset({ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.BinOp})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the names of a file can come from.

    :param imports: the bindings that import.
    :param values: the names that get their values from a name, or by a call.
    :param paths: what the imports bind; ``.*`` ends what a star takes.
    """

    imports: list[Binding]
    values: dict[str, list[str]]
    paths: frozenset[str]


def interesting(names: Names, module: Module) -> frozenset[str]:
    """Identifiers of a file that some binding may tie to Eventlet."""
    return names.said(module, _interesting)


def _interesting(names: Names, module: Module) -> frozenset[str]:
    read = module.of_tree(sources)
    found = {b.name for b in read.imports if _imports_eventlet(names, module, b)}
    for base in names.starred_by(module, module.scopes.module):
        found |= names.exports.get(base, set())
        if eventlet_api.is_eventlet(base):
            found.add("*")
    called = {root for root in read.values if _is_dynamic(names, root)}
    return frozenset(_spread(found | called, read.values) - called)


def _is_dynamic(names: Names, root: str) -> bool:
    """Whether a root is a call that imports what a name may come from."""
    dotted = root.removeprefix(_BY_CALL)
    return dotted != root and (eventlet_api.is_eventlet(dotted) or names.passes(dotted))


def _imports_eventlet(names: Names, module: Module, binding: Binding) -> bool:
    assert binding.alias is not None
    if binding.kind is BindingKind.IMPORT:
        name = binding.alias.name
        return (
            eventlet_api.is_eventlet(name)
            or names.leads(name)
            or names.passes(name.partition(".")[0])
        )
    assert isinstance(binding.node, ast.ImportFrom)
    base = module.absolute(binding.node)
    full = f"{base}.{binding.alias.name}"
    return (
        eventlet_api.is_eventlet(base)
        or names.leads(full)
        or full in names.shims
        or names.passes(full)
        or binding.alias.name in names.exports.get(base, ())
    )


def sources(module: Module) -> Sources:
    """What the bindings of a file say, each by itself."""
    imports: list[Binding] = []
    values: defaultdict[str, list[str]] = defaultdict(list)
    for scope in module.scopes.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.alias is not None:
                    imports.append(binding)
                elif binding.value is not None and binding.kind in VALUE_KINDS:
                    for root in _roots(binding.value):
                        values[root].append(name)
    stars = module.scopes.module.star_imports
    paths = {_imported(module, binding) for binding in imports}
    paths.update(f"{base}.*" for base in map(module.absolute, stars))
    called = (root for root in values if root.startswith(_BY_CALL))
    paths.update(root.removeprefix(_BY_CALL) for root in called)
    return Sources(imports, dict(values), frozenset(paths))


def _imported(module: Module, binding: Binding) -> str:
    """The path that an import binds a name to."""
    assert binding.alias is not None
    name = binding.alias.name
    if isinstance(binding.node, ast.ImportFrom):
        return f"{module.absolute(binding.node)}.{name}"
    return name if binding.alias.asname else name.partition(".")[0]


def _roots(value: ast.expr) -> Iterator[str]:
    """Names that a value may take its meaning from, and the modules that it imports."""
    if value.__class__ in _ROOTLESS:
        return
    for leaf, _ in leaves(value):
        if isinstance(leaf, ast.Name):
            yield leaf.id
        elif isinstance(leaf, ast.Call):
            for dotted in dynamic_import(leaf):
                yield _BY_CALL + dotted


def _spread(found: set[str], values: Mapping[str, Iterable[str]]) -> set[str]:
    """With the names that get their value from a found name, and so on."""
    reached, waiting = set(found), list(found)
    while waiting:
        for name in values.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached
