"""Taking statements, or some names of one, out of a block.

Comments of what stays are kept, and so are comment lines above what goes; the
comment behind a removed name goes with it. Returns edits; decides
nothing about what is removed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from deventlet.source.imports.layout import (
    Unit,
    blanks_above,
    blanks_below,
    content_end,
    line_count,
    line_start,
    rest_of_line,
    trailing_comment,
    units,
)
from deventlet.source.text import Edit, SourceFile

ImportStatement = ast.Import | ast.ImportFrom

_COMMENT = re.compile(rb"#[^\r\n]*")
_OWN_LINE_COMMENT = re.compile(rb"[\r\n][ \t\f]*#")
_COMMA = re.compile(rb"(?:[ \t\f\r\n\\]|#[^\r\n]*)*,")


def delete_statements(
    source: SourceFile,
    body: Sequence[ast.stmt],
    gone: Collection[ast.stmt],
) -> list[Edit]:
    """Delete statements of one block with their lines and superfluous blank lines.

    Of the blank lines around what goes, the longest run stays, so two groups stay
    apart and a function keeps its two blank lines.

    :param gone: some of the statements, not all unless the block is a module.
    """
    if not gone:
        return []
    found = units(body)
    edits = [edit for unit in found for edit in _shared_line(source, unit, gone)]
    for stretch in _stretches(source, found, gone):
        opens = stretch[0] is found[0] and blanks_above(source, stretch[0].first) == 0
        keep = _kept_gap(source, stretch, opens=opens)
        edits += _delete_lines(source, stretch, keep)
    return edits


def _shared_line(
    source: SourceFile, unit: Unit, gone: Collection[ast.stmt]
) -> Iterator[Edit]:
    """Deletions in ``a; b; c`` where something stays."""
    kept = [s for s in unit.statements if s not in gone]
    if not kept:
        return
    last_kept = source.span(kept[-1])[1]
    ranges = []
    for index, statement in enumerate(unit.statements):
        start, end = source.span(statement)
        if statement in gone and start > last_kept:
            ranges.append((last_kept, end))
        elif statement in gone:
            ranges.append((start, source.span(unit.statements[index + 1])[0]))
    yield from deletions(ranges)


def _stretches(
    source: SourceFile, found: Sequence[Unit], gone: Collection[ast.stmt]
) -> Iterator[list[Unit]]:
    """Whole units that go, those with only blank lines between them together."""
    stretch: list[Unit] = []
    for unit in found:
        goes = all(statement in gone for statement in unit.statements)
        if stretch and not (goes and _adjacent(source, stretch[-1], unit)):
            yield stretch
            stretch = []
        if goes:
            stretch.append(unit)
    if stretch:
        yield stretch


def _adjacent(source: SourceFile, upper: Unit, lower: Unit) -> bool:
    """Whether only blank lines part two units; a form feed is no blank."""
    near = upper.last + blanks_below(source, upper.last) == lower.first - 1
    return near and not source.line_bytes(lower.first).startswith(b"\f")


def _gaps(source: SourceFile, stretch: Sequence[Unit]) -> list[tuple[int, int]]:
    """The blank lines above, between and below some units: first line and count."""
    above = blanks_above(source, stretch[0].first)
    below = ((u.last + 1, blanks_below(source, u.last)) for u in stretch)
    return [(stretch[0].first - above, above), *below]


def _kept_gap(source: SourceFile, stretch: Sequence[Unit], *, opens: bool) -> int:
    """The index of the gap that stays; at either end of the file, the outer one."""
    gaps = _gaps(source, stretch)
    if opens or gaps[0][0] == 1:
        return 0
    if sum(gaps[-1]) > line_count(source):
        return len(gaps) - 1
    sizes = [size for _, size in gaps]
    return sizes.index(max(sizes))


def _delete_lines(
    source: SourceFile, stretch: Sequence[Unit], keep: int
) -> Iterator[Edit]:
    """Delete a stretch and all its gaps but one."""
    gaps = _gaps(source, stretch)
    if keep > 0:
        yield delete_lines(source, gaps[0][0], gaps[keep][0] - 1)
    if keep < len(stretch):
        first, size = gaps[keep]
        yield delete_lines(source, first + size, sum(gaps[-1]) - 1)


def delete_lines(source: SourceFile, first: int, last: int) -> Edit:
    """Delete whole lines; a file without a final line end stays without one."""
    start, end = line_start(source, first), line_start(source, last + 1)
    ended = source.utf8.endswith((b"\n", b"\r"))
    if end == len(source.utf8) and not ended and first > 1:
        start = content_end(source, first - 1)
    while source.utf8[start : start + 1] == b"\f":
        start += 1
    return Edit(start, end, "")


def deletions(ranges: Iterable[tuple[int, int]]) -> list[Edit]:
    """Edits that delete ranges which may touch or overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return [Edit(start, end, "") for start, end in merged]


def cut_names(
    source: SourceFile,
    node: ImportStatement,
    gone: Collection[ast.alias],
    line_length: int,
) -> list[Edit]:
    """Take some, not all, names out of an import statement.

    A statement left with one name is put on one line without parentheses where it
    fits; else the lines that stay are left as they are.
    """
    joined = _on_one_line(source, node, gone, line_length)
    return [joined] if joined else _Names(source, node, gone).edits()


def _on_one_line(
    source: SourceFile,
    node: ImportStatement,
    gone: Collection[ast.alias],
    line_length: int,
) -> Edit | None:
    """The statement with its only name left, if no comment stands in the way."""
    kept = [alias for alias in node.names if alias not in gone]
    start, end = source.span(node)
    old = source.utf8[start:end]
    after, _ = trailing_comment(source, end)
    inner = _surviving_comments(source, node, gone)
    alone = len(inner) < 2 and not (inner and rest_of_line(source, end))
    if len(kept) > 1 or _OWN_LINE_COMMENT.search(old) or not alone:
        return None
    head = source.slice(start, source.span(node.names[0])[0]).split("(")[0]
    words = (head + source.slice(*source.span(kept[0]))).replace("\\", " ").split()
    text = "  ".join([" ".join(words), *inner])
    width = node.col_offset + len(text) + len(source.slice(end, after))
    return Edit(start, end, text) if width <= line_length else None


def _surviving_comments(
    source: SourceFile, node: ImportStatement, gone: Collection[ast.alias]
) -> list[str]:
    """Comments in a statement, except those on lines where every name goes."""
    start, end = source.span(node)
    lines = {alias.lineno: False for alias in node.names}
    for alias in node.names:
        lines[alias.lineno] |= alias not in gone
    found = (
        (source.position(m.start())[0], m.group().decode())
        for m in _COMMENT.finditer(source.utf8, start, end)
    )
    return [text for line, text in found if lines.get(line, True)]


class _Names:
    """The names of one statement and where their commas are."""

    def __init__(
        self, source: SourceFile, node: ImportStatement, gone: Collection[ast.alias]
    ) -> None:
        self.source = source
        self.names = node.names
        self.gone = [alias in gone for alias in node.names]
        self.spans = [source.span(alias) for alias in node.names]
        self.end = source.span(node)[1]
        self.parenthesised = source.utf8[self.end - 1 : self.end] == b")"
        self.last_kept = max(i for i, goes in enumerate(self.gone) if not goes)

    def edits(self) -> list[Edit]:
        """The edits that leave the statement without the names that go."""
        if self.last_kept == len(self.names) - 1:
            return deletions(self._by_line())
        closing = self.source.position(self.end)[0]
        if self.parenthesised and closing > (self.names[-1].end_lineno or 0):
            trimmed = [] if self._comma(-1) else [self._comma_span(self.last_kept)]
            return deletions([*self._by_line(), *trimmed])
        return self._cut_tail()

    def _comma(self, index: int) -> int | None:
        """The offset after the comma behind a name."""
        match = _COMMA.match(self.source.utf8, self.spans[index][1], self.end)
        return match.end() if match else None

    def _comma_span(self, index: int) -> tuple[int, int]:
        end = self.spans[index][1]
        return end, self._comma(index) or end

    def _line(self, index: int) -> int:
        return self.names[index].lineno

    def _by_line(self, stop: int | None = None) -> Iterator[tuple[int, int]]:
        """What to delete for each line that loses a name, up to a name's index."""
        lines: dict[int, list[int]] = {}
        for index in range(len(self.names) if stop is None else stop):
            lines.setdefault(self._line(index), []).append(index)
        for indexes in lines.values():
            if all(self.gone[i] for i in indexes):
                yield self._whole_line(indexes)
            else:
                yield from self._within_line(indexes)

    def _whole_line(self, indexes: list[int]) -> tuple[int, int]:
        """All names of a line go: the line too, unless the statement starts on it."""
        first, last = indexes[0], indexes[-1]
        start = self.spans[first][0]
        begins = line_start(self.source, self._line(first))
        if not self.source.utf8[begins:start].strip(b" \t\f"):
            ends = self.names[last].end_lineno or self._line(last)
            return begins, line_start(self.source, ends + 1)
        after = next((i for i in range(last, len(self.gone)) if not self.gone[i]), None)
        if after is not None:
            until = self.spans[after][0]
            if not _OWN_LINE_COMMENT.search(self.source.utf8, start, until):
                return start, until
        return start, self._comma_span(last)[1]

    def _within_line(self, indexes: list[int]) -> Iterator[tuple[int, int]]:
        """Some names of a line go."""
        kept = max(i for i in indexes if not self.gone[i])
        for index in indexes:
            if self.gone[index] and index < kept:
                yield self.spans[index][0], self.spans[index + 1][0]
            elif self.gone[index]:
                yield self._comma_span(kept)[1], self._comma_span(index)[1]

    def _cut_tail(self) -> list[Edit]:
        """The last names go and nothing but ``)`` follows them on their line."""
        end, last = self.spans[self.last_kept][1], self.spans[-1][1]
        line = self._line(self.last_kept)
        edge = max(i for i in range(len(self.names)) if self._line(i) == line)
        list_end = self._comma_span(edge)[1]
        line_end, comment = trailing_comment(self.source, list_end)
        if _OWN_LINE_COMMENT.search(self.source.utf8, end, last):
            return self._leave_parenthesis()
        head = deletions(self._by_line(self.last_kept + 1))
        if not comment or edge == len(self.names) - 1:
            return [*head, Edit(end, last, "")]
        if rest_of_line(self.source, self.end):
            return self._leave_parenthesis()
        return [*head, Edit(end, list_end, ")"), Edit(line_end, self.end, "")]

    def _leave_parenthesis(self) -> list[Edit]:
        """Of the last line only the names go; its ``)`` stays where it is."""
        line = self._line(-1)
        first = next(i for i in range(len(self.names)) if self._line(i) == line)
        end = self._comma_span(len(self.names) - 1)[1]
        return deletions([*self._by_line(first), (self.spans[first][0], end)])
