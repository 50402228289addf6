"""Import changes of one file as text edits.

Pure: source, tree and wanted changes in, edits out. What must be added or may be
removed is decided by the caller; nothing here knows why.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from deventlet.source.imports.adding import add_statements
from deventlet.source.imports.layout import (
    Unit,
    blocks,
    content_end,
    kept_comments,
    units,
)
from deventlet.source.imports.nested import Change, cut, edit_block, goes
from deventlet.source.imports.removing import ImportStatement, delete_statements
from deventlet.source.imports.runs import binding
from deventlet.source.imports.style import ImportSpec, ImportStyle
from deventlet.source.imports.writing import statements
from deventlet.source.text import Edit, SourceFile

_MISSING = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True, slots=True)
class Removal:
    """One name of one import statement, to be taken away."""

    statement: ImportStatement
    alias: ast.alias


def edit_imports(
    source: SourceFile,
    tree: ast.Module,
    style: ImportStyle,
    add: Collection[ImportSpec] = (),
    remove: Collection[Removal] = (),
    replace: Mapping[Removal, ImportSpec] | None = None,
    flatten: Mapping[ast.Try, Sequence[ImportSpec]] | None = None,
    above: int | None = None,
) -> list[Edit]:
    """The edits that make the changes, none of which overlap.

    :param add: bindings wanted at module level; one that the module makes already
        is left alone.
    :param remove: names to take away; a block left empty gets ``pass``.
    :param replace: names to take away for another binding, at the same place, or at
        its sorted place if the statement is at module level.
    :param flatten: fallbacks (see :func:`find_fallback`) to replace by imports.
    :param above: offset of the first use while the module is being imported; the
        added imports go to a run that starts above it.
    """
    flat = dict(flatten or {})
    changes = _by_statement(remove, dict(replace or {}), flat)
    edits: list[Edit] = []
    nested = not {*changes, *flat} <= set(tree.body)
    for block in blocks(tree) if nested else ():
        if block is tree.body or not any(s in changes or s in flat for s in block):
            continue
        edits += edit_block(source, block, style, changes, flat)
    edits += _edit_module(source, tree, style, add, changes, flat, above)
    return sorted(edits, key=lambda edit: (edit.start, edit.end))


def find_fallback(tree: ast.Module, statement: ImportStatement) -> ast.Try | None:
    """The ``try: import … except ImportError: import …`` that holds a statement.

    All branches must be nothing but imports, bind the same names, and the handlers
    must catch only a failed import; otherwise None.
    """
    if statement in tree.body:
        return None
    for block in blocks(tree):
        for node in block:
            if isinstance(node, ast.Try) and _is_fallback(node):
                branches = [node.body, *(handler.body for handler in node.handlers)]
                if any(statement in branch for branch in branches):
                    return node
    return None


def _is_fallback(node: ast.Try) -> bool:
    branches = [node.body, *(handler.body for handler in node.handlers)]
    if node.orelse or node.finalbody or not node.handlers:
        return False
    bound = [bound_by(branch) for branch in branches]
    return (
        bool(bound[0])
        and all(names == bound[0] for names in bound)
        and all(_catches_missing(handler.type) for handler in node.handlers)
    )


def bound_by(branch: Sequence[ast.stmt]) -> list[str]:
    """The names that a block of imports binds, sorted; none if it is anything else."""
    found: list[str] = []
    for statement in branch:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            return []
        for alias in statement.names:
            name = alias.name
            if isinstance(statement, ast.Import):
                name = name.partition(".")[0]
            found.append(alias.asname or name)
    return [] if "*" in found else sorted(found)


def _catches_missing(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return all(_catches_missing(item) for item in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in _MISSING)


def _by_statement(
    remove: Iterable[Removal],
    replace: Mapping[Removal, ImportSpec],
    flat: Mapping[ast.Try, Sequence[ImportSpec]],
) -> dict[ast.stmt, Change]:
    """Changes per statement, without statements that go with a whole ``try``."""
    inside = {node for whole in flat for node in ast.walk(whole)}
    changes: dict[ast.stmt, Change] = {}
    for removal in dict.fromkeys([*remove, *replace]):
        if removal.statement in inside:
            continue
        change = changes.setdefault(removal.statement, Change())
        change.gone.append(removal.alias)
        if removal in replace:
            change.specs.append(replace[removal])
    return changes


def _edit_module(
    source: SourceFile,
    tree: ast.Module,
    style: ImportStyle,
    add: Collection[ImportSpec],
    changes: Mapping[ast.stmt, Change],
    flat: Mapping[ast.Try, Sequence[ImportSpec]],
    above: int | None,
) -> list[Edit]:
    """Edits among the module's own statements."""
    wanted = set(add)
    gone: set[ast.stmt] = set()
    edits: list[Edit] = []
    for statement in tree.body:
        if isinstance(statement, ast.Try) and statement in flat:
            wanted.update(flat[statement])
            gone.add(statement)
        elif statement in changes:
            wanted.update(changes[statement].specs)
            if goes(statement, changes):
                gone.add(statement)
            else:
                edits += cut(source, statement, changes, style)
    new = statements(wanted - _bindings(tree, gone, changes), style)
    added, replaced = add_statements(source, tree, style, new, gone, above)
    gone -= replaced
    comments = _comments_of(source, units(tree.body), gone) if gone else []
    gone -= {statement for statement, _ in comments}
    edits += [*added, *(edit for _, edit in comments)]
    return [*edits, *delete_statements(source, tree.body, gone)]


def _comments_of(
    source: SourceFile, found: Sequence[Unit], gone: Collection[ast.stmt]
) -> list[tuple[ast.stmt, Edit]]:
    """For statements that go and have comments for people: put only those there."""
    edits: list[tuple[ast.stmt, Edit]] = []
    for unit in found:
        goes_whole = all(statement in gone for statement in unit.statements)
        lines = kept_comments(source, unit) if goes_whole else []
        if lines:
            start, end = (
                source.span(unit.statements[0])[0],
                content_end(source, unit.last),
            )
            text = source.newline.join(lines)
            edits.append((unit.statements[0], Edit(start, end, text)))
    return edits


def _bindings(
    tree: ast.Module, gone: Collection[ast.stmt], changes: Mapping[ast.stmt, Change]
) -> set[ImportSpec]:
    """What the module's own import statements bind after the removals."""
    found: set[ImportSpec] = set()
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or node in gone:
            continue
        cut = changes[node].gone if node in changes else []
        for alias in node.names:
            if alias in cut:
                continue
            found.add(binding(node, alias))
    return found
