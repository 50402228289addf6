"""Import changes of one file as text edits.

Pure: source, tree and wanted changes in, edits out. What must be added or may be
removed is decided by the caller; nothing here knows why.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from deventlet.source.imports.adding import add_statements
from deventlet.source.imports.layout import (
    Unit,
    blocks,
    comment_lines,
    content_end,
    indentation,
    line_start,
    trailing_comment,
    units,
)
from deventlet.source.imports.removing import (
    ImportStatement,
    cut_names,
    delete_statements,
)
from deventlet.source.imports.runs import binding
from deventlet.source.imports.style import ImportSpec, ImportStyle
from deventlet.source.imports.writing import Statement, statements
from deventlet.source.text import Edit, SourceFile

_MISSING = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True, slots=True)
class Removal:
    """One name of one import statement, to be taken away."""

    statement: ImportStatement
    alias: ast.alias


@dataclass(slots=True)
class _Change:
    """What happens to one import statement."""

    gone: list[ast.alias] = field(default_factory=list)
    specs: list[ImportSpec] = field(default_factory=list)


def edit_imports(
    source: SourceFile,
    tree: ast.Module,
    style: ImportStyle,
    add: Collection[ImportSpec] = (),
    remove: Collection[Removal] = (),
    replace: Mapping[Removal, ImportSpec] | None = None,
    flatten: Mapping[ast.Try, ImportSpec] | None = None,
    above: int | None = None,
) -> list[Edit]:
    """The edits that make the changes, none of which overlap.

    :param add: bindings wanted at module level; one that the module makes already
        is left alone.
    :param remove: names to take away; a block left empty gets ``pass``.
    :param replace: names to take away for another binding, at the same place, or at
        its sorted place if the statement is at module level.
    :param flatten: fallbacks (see :func:`find_fallback`) to replace by one import.
    :param above: offset of the first use while the module is being imported; the
        added imports go to a run that starts above it.
    """
    flat = dict(flatten or {})
    changes = _by_statement(remove, dict(replace or {}), flat)
    edits: list[Edit] = []
    for block in blocks(tree):
        if block is tree.body or not any(s in changes or s in flat for s in block):
            continue
        edits += _edit_block(source, block, style, changes, flat)
    edits += _edit_module(source, tree, style, add, changes, flat, above)
    return sorted(edits, key=lambda edit: (edit.start, edit.end))


def find_fallback(tree: ast.Module, statement: ImportStatement) -> ast.Try | None:
    """The ``try: import … except ImportError: import …`` that holds a statement.

    All branches must be one import of one name, bind the same name, and the handlers
    must catch only a failed import; otherwise None.
    """
    for block in blocks(tree):
        for node in block:
            if isinstance(node, ast.Try) and _is_fallback(node):
                branches = [node.body, *(handler.body for handler in node.handlers)]
                if any(branch[0] is statement for branch in branches):
                    return node
    return None


def _is_fallback(node: ast.Try) -> bool:
    branches = [node.body, *(handler.body for handler in node.handlers)]
    if node.orelse or node.finalbody or not node.handlers:
        return False
    bound = {_only_name(branch) for branch in branches}
    return (
        len(bound) == 1
        and None not in bound
        and all(_catches_missing(handler.type) for handler in node.handlers)
    )


def _only_name(branch: Sequence[ast.stmt]) -> str | None:
    """The name that a block binds if it is one import of one name."""
    if len(branch) != 1 or not isinstance(branch[0], ast.Import | ast.ImportFrom):
        return None
    aliases = branch[0].names
    if len(aliases) != 1 or aliases[0].name == "*":
        return None
    name = aliases[0].name
    if isinstance(branch[0], ast.Import):
        name = name.partition(".")[0]
    return aliases[0].asname or name


def _catches_missing(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return all(_catches_missing(item) for item in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in _MISSING)


def _by_statement(
    remove: Iterable[Removal],
    replace: Mapping[Removal, ImportSpec],
    flat: Mapping[ast.Try, ImportSpec],
) -> dict[ast.stmt, _Change]:
    """Changes per statement, without statements that go with a whole ``try``."""
    inside = {node for whole in flat for node in ast.walk(whole)}
    changes: dict[ast.stmt, _Change] = {}
    for removal in dict.fromkeys([*remove, *replace]):
        if removal.statement in inside:
            continue
        change = changes.setdefault(removal.statement, _Change())
        change.gone.append(removal.alias)
        if removal in replace:
            change.specs.append(replace[removal])
    return changes


def _goes(statement: ast.stmt, changes: Mapping[ast.stmt, _Change]) -> bool:
    """Whether all names of a statement go."""
    change = changes.get(statement)
    return (
        change is not None
        and isinstance(statement, ast.Import | ast.ImportFrom)
        and all(alias in change.gone for alias in statement.names)
    )


def _edit_module(
    source: SourceFile,
    tree: ast.Module,
    style: ImportStyle,
    add: Collection[ImportSpec],
    changes: Mapping[ast.stmt, _Change],
    flat: Mapping[ast.Try, ImportSpec],
    above: int | None,
) -> list[Edit]:
    """Edits among the module's own statements."""
    wanted = set(add)
    gone: set[ast.stmt] = set()
    edits: list[Edit] = []
    for statement in tree.body:
        if isinstance(statement, ast.Try) and statement in flat:
            wanted.add(flat[statement])
            gone.add(statement)
        elif statement in changes:
            wanted.update(changes[statement].specs)
            if _goes(statement, changes):
                gone.add(statement)
            else:
                edits += _cut(source, statement, changes, style)
    new = statements(wanted - _bindings(tree, gone, changes), style)
    added, replaced = add_statements(source, tree, style, new, gone, above)
    gone -= replaced
    comments = _comments_of(source, units(tree.body), gone)
    gone -= {statement for statement, _ in comments}
    edits += [*added, *(edit for _, edit in comments)]
    return [*edits, *delete_statements(source, tree.body, gone)]


def _comments_of(
    source: SourceFile, found: Sequence[Unit], gone: Collection[ast.stmt]
) -> list[tuple[ast.stmt, Edit]]:
    """For flattened statements with comment lines inside: put only those there."""
    edits: list[tuple[ast.stmt, Edit]] = []
    for unit in found:
        lines = comment_lines(source, unit) if unit.statements[0] in gone else []
        if lines and isinstance(unit.statements[0], ast.Try):
            start, end = (
                source.span(unit.statements[0])[0],
                content_end(source, unit.last),
            )
            text = source.newline.join(lines)
            edits.append((unit.statements[0], Edit(start, end, text)))
    return edits


def _cut(
    source: SourceFile,
    statement: ast.stmt,
    changes: Mapping[ast.stmt, _Change],
    style: ImportStyle,
) -> list[Edit]:
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    return cut_names(source, statement, changes[statement].gone, style.line_length)


def _bindings(
    tree: ast.Module, gone: Collection[ast.stmt], changes: Mapping[ast.stmt, _Change]
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


def _edit_block(
    source: SourceFile,
    block: Sequence[ast.stmt],
    style: ImportStyle,
    changes: Mapping[ast.stmt, _Change],
    flat: Mapping[ast.Try, ImportSpec],
) -> list[Edit]:
    """Edits in the block of a function, class, ``if`` or ``try``."""
    edits: list[Edit] = []
    gone: list[ast.stmt] = []
    for unit in units(block):
        for statement in unit.statements:
            if isinstance(statement, ast.Try) and statement in flat:
                edits.append(_flattened(source, statement, flat[statement], style))
            elif _goes(statement, changes) and not changes[statement].specs:
                gone.append(statement)
            elif statement in changes:
                edits += _swap(source, unit, statement, style, changes)
    if len(gone) == len(block):
        edits.append(_emptied(source, units(block)[0]))
        gone = gone[1:]
    return [*edits, *delete_statements(source, block, gone)]


def _emptied(source: SourceFile, unit: Unit) -> Edit:
    """``pass`` for the first statement of a block in which nothing else stays."""
    start, end = source.span(unit.statements[0])
    if len(unit.statements) == 1:
        end = trailing_comment(source, end)[0]
    return Edit(start, end, "pass")


def _swap(
    source: SourceFile,
    unit: Unit,
    statement: ast.stmt,
    style: ImportStyle,
    changes: Mapping[ast.stmt, _Change],
) -> list[Edit]:
    """Put other imports in the place of some or all names of a statement."""
    new = statements(changes[statement].specs, style)
    if not _goes(statement, changes):
        return [
            *_cut(source, statement, changes, style),
            *_beside(source, unit, statement, new, style, changes),
        ]
    start, end = source.span(statement)
    indent = indentation(source, statement)
    if indent is None or len(unit.statements) > 1:
        return [Edit(start, end, "; ".join(_inline(s, style) for s in new))]
    return [Edit(start, end, _indented(source, new, indent, style).lstrip(" \t"))]


def _inline(statement: Statement, style: ImportStyle) -> str:
    """A statement for a line that it shares; never wrapped."""
    wide = changed(style, line_length=sys.maxsize)
    return statement.render(wide, "", aligned=False)[0]


def _indented(
    source: SourceFile, new: Sequence[Statement], indent: str, style: ImportStyle
) -> str:
    lines = [line for s in new for line in s.render(style, indent, aligned=False)]
    return source.newline.join(lines)


def _beside(
    source: SourceFile,
    unit: Unit,
    statement: ast.stmt,
    new: Sequence[Statement],
    style: ImportStyle,
    changes: Mapping[ast.stmt, _Change],
) -> list[Edit]:
    """New statements next to one that keeps some of its names, in sorted order."""
    if not new:
        return []
    indent = indentation(source, statement)
    if indent is None or len(unit.statements) > 1:
        end = source.span(statement)[1]
        return [Edit(end, end, "".join("; " + _inline(s, style) for s in new))]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    kept = next(a for a in statement.names if a not in changes[statement].gone)
    before = [s for s in new if _sorts_before(s, statement, kept, style)]
    after = [s for s in new if s not in before]
    start = line_start(source, unit.first)
    end = content_end(source, unit.last)
    texts = [_indented(source, part, indent, style) for part in (before, after)]
    return [
        *([Edit(start, start, texts[0] + source.newline)] if before else []),
        *([Edit(end, end, source.newline + texts[1])] if after else []),
    ]


def _sorts_before(
    new: Statement, statement: ImportStatement, kept: ast.alias, style: ImportStyle
) -> bool:
    return style.place(new.specs[0]) < style.place(binding(statement, kept))


def _flattened(
    source: SourceFile, node: ast.Try, keep: ImportSpec, style: ImportStyle
) -> Edit:
    """One import, below the comment lines of the ``try`` statement it replaces."""
    start, end = source.span(node)
    indent = indentation(source, node) or ""
    comments = [indent + text for text in comment_lines(source, units([node])[0])]
    lines = [*comments, _indented(source, statements([keep], style), indent, style)]
    return Edit(start, end, source.newline.join(lines).lstrip(" \t"))
