"""Import changes inside functions, classes, branches and ``try`` statements.

What replaces an import stays where the import was, unless the imports right next to
it are sorted and would no longer be.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from deventlet.source.imports.layout import (
    Unit,
    comment_lines,
    content_end,
    indentation,
    line_start,
    trailing_comment,
    units,
)
from deventlet.source.imports.removing import (
    cut_names,
    delete_lines,
    delete_statements,
)
from deventlet.source.imports.runs import binding
from deventlet.source.imports.style import ImportSpec, ImportStyle
from deventlet.source.imports.writing import Statement, statements
from deventlet.source.text import Edit, SourceFile


@dataclass(slots=True)
class Change:
    """What happens to one import statement: names that go, bindings that come."""

    gone: list[ast.alias] = field(default_factory=list)
    specs: list[ImportSpec] = field(default_factory=list)


Changes = Mapping[ast.stmt, Change]


def goes(statement: ast.stmt, changes: Changes) -> bool:
    """Whether all names of a statement go."""
    change = changes.get(statement)
    return (
        change is not None
        and isinstance(statement, ast.Import | ast.ImportFrom)
        and all(alias in change.gone for alias in statement.names)
    )


def cut(
    source: SourceFile, statement: ast.stmt, changes: Changes, style: ImportStyle
) -> list[Edit]:
    """Take some names out of a statement."""
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    return cut_names(source, statement, changes[statement].gone, style.line_length)


def edit_block(
    source: SourceFile,
    block: Sequence[ast.stmt],
    style: ImportStyle,
    changes: Changes,
    flat: Mapping[ast.Try, Sequence[ImportSpec]],
) -> list[Edit]:
    """The edits in one block that is not the module's own.

    :param flat: fallbacks to replace by imports.
    """
    edits: list[Edit] = []
    gone: list[ast.stmt] = []
    found = units(block)
    changes = _without_repeats(block, changes)
    for unit in found:
        for statement in unit.statements:
            if isinstance(statement, ast.Try) and statement in flat:
                edits.append(_flattened(source, statement, flat[statement], style))
            elif goes(statement, changes) and not changes[statement].specs:
                gone.append(statement)
            elif statement in changes:
                change = _Local(source, style, changes, found, unit, statement)
                edits += change.edits()
    if len(gone) == len(block):
        edits.append(_emptied(source, found[0]))
        gone = gone[1:]
    return [*edits, *delete_statements(source, block, gone)]


def _without_repeats(block: Sequence[ast.stmt], changes: Changes) -> Changes:
    """The changes without bindings that a statement above in the block makes."""
    made: set[ImportSpec] = set()
    found = dict(changes)
    for node in block:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        change = changes.get(node, Change())
        if node in changes:
            specs = [spec for spec in change.specs if spec not in made]
            found[node] = Change(change.gone, specs)
        made.update(change.specs)
        made.update(binding(node, a) for a in node.names if a not in change.gone)
    return found


def _emptied(source: SourceFile, unit: Unit) -> Edit:
    """``pass`` for the first statement of a block in which nothing else stays."""
    start, end = source.span(unit.statements[0])
    if len(unit.statements) == 1:
        end = trailing_comment(source, end)[0]
    return Edit(start, end, "pass")


def _flattened(
    source: SourceFile, node: ast.Try, keep: Sequence[ImportSpec], style: ImportStyle
) -> Edit:
    """Its imports, below the comment lines of the ``try`` statement it replaces."""
    start, end = source.span(node)
    indent = indentation(source, node) or ""
    comments = [indent + text for text in comment_lines(source, units([node])[0])]
    lines = [*comments, *_lines(statements(keep, style), indent, style)]
    return Edit(start, end, source.newline.join(lines).lstrip(" \t"))


def _lines(new: Sequence[Statement], indent: str, style: ImportStyle) -> list[str]:
    return [line for s in new for line in s.render(style, indent, aligned=False)]


@dataclass(frozen=True, slots=True)
class _Local:
    """Some or all names of one statement give way to other imports."""

    source: SourceFile
    style: ImportStyle
    changes: Changes
    found: Sequence[Unit]
    unit: Unit
    statement: ast.stmt

    def edits(self) -> list[Edit]:
        """The edits at the statement and, if others are to stay sorted, next to it."""
        new = statements(self.changes[self.statement].specs, self.style)
        whole = goes(self.statement, self.changes)
        kept = (
            [] if whole else cut(self.source, self.statement, self.changes, self.style)
        )
        indent = indentation(self.source, self.statement)
        if indent is None or len(self.unit.statements) > 1:
            return [*kept, self._on_shared_line(new, whole=whole)]
        order = self._neighbours()
        here = order.index(self.unit)
        if whole:
            order.remove(self.unit)
        slots: dict[int, list[Statement]] = {}
        for statement in new:
            slots.setdefault(self._slot(order, statement, here), []).append(statement)
        if not whole:
            return [*kept, *self._insert(order, slots, indent)]
        at_place = slots.pop(here, [])
        comment = "" if at_place else self._comment()
        moved = self._insert(order, slots, indent, comment)
        return [self._at_place(at_place, indent), *moved]

    def _on_shared_line(self, new: Sequence[Statement], *, whole: bool) -> Edit:
        """Beside other statements on one line, or behind ``if x:``."""
        wide = replace(self.style, line_length=sys.maxsize)
        texts = _lines(new, "", wide)
        start, end = self.source.span(self.statement)
        if whole:
            return Edit(start, end, "; ".join(texts))
        return Edit(end, end, "".join(f"; {text}" for text in texts))

    def _neighbours(self) -> list[Unit]:
        """The imports on the lines right above and below that stay, and this one.

        Only this one if they are not sorted.
        """
        at = self.found.index(self.unit)
        above = takewhile(self._stays, pairwise(reversed(self.found[: at + 1])))
        below = takewhile(self._stays, pairwise(self.found[at:]))
        upper, lower = [u for _, u in above], [u for _, u in below]
        order = [*reversed(upper), self.unit, *lower]
        keys = [self._key(unit) for unit in order]
        return order if keys == sorted(keys) else [self.unit]

    def _stays(self, pair: tuple[Unit, Unit]) -> bool:
        """Whether the second unit is an import, unchanged, next to the first."""
        near, unit = pair
        return (
            unit.first in (near.last + 1, near.first - (unit.last - unit.first) - 1)
            and len(unit.statements) == 1
            and isinstance(unit.statements[0], ast.Import | ast.ImportFrom)
            and unit.statements[0] not in self.changes
        )

    def _key(self, unit: Unit) -> tuple[str, ...]:
        """What a unit sorts by: its first name that stays, if any does."""
        node = unit.statements[0]
        assert isinstance(node, ast.Import | ast.ImportFrom)
        gone = self.changes[node].gone if node in self.changes else []
        names = [alias for alias in node.names if alias not in gone] or node.names
        return self.style.place(binding(node, names[0]))[1]

    def _slot(self, order: Sequence[Unit], new: Statement, here: int) -> int:
        """The index in the order at which a new statement goes."""
        if not order:
            return here
        key = self.style.place(new.specs[0])[1]
        return sum(self._key(unit) <= key for unit in order)

    def _comment(self) -> str:
        """What a statement that moves takes along: the comment behind it."""
        _, comment = trailing_comment(self.source, self.source.span(self.statement)[1])
        return f"  {comment.decode()}" if comment else ""

    def _at_place(self, new: Sequence[Statement], indent: str) -> Edit:
        """New statements where the old one was; its lines go if there are none."""
        if not new:
            return delete_lines(self.source, self.unit.first, self.unit.last)
        start, end = self.source.span(self.statement)
        lines = self.source.newline.join(_lines(new, indent, self.style))
        return Edit(start, end, lines.lstrip(" \t"))

    def _insert(
        self,
        order: Sequence[Unit],
        slots: Mapping[int, Sequence[Statement]],
        indent: str,
        comment: str = "",
    ) -> Iterator[Edit]:
        """New statements next to neighbours; a comment goes behind each."""
        newline = self.source.newline
        for slot, new in slots.items():
            lines = [line + comment for line in _lines(new, indent, self.style)]
            if slot:
                end = content_end(self.source, order[slot - 1].last)
                yield Edit(end, end, "".join(newline + line for line in lines))
            else:
                start = line_start(self.source, order[0].first)
                yield Edit(start, start, "".join(line + newline for line in lines))
