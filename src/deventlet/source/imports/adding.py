"""Where new imports go at module level.

A *block* is the part of a run of imports between blank lines. Only ever inserts
whole lines between lines; nothing that stands in the file moves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from deventlet.source.imports.layout import (
    Unit,
    below_section,
    blanks_above,
    blanks_below,
    comment_top,
    content_end,
    is_blank,
    kept_comments,
    line_start,
    trailing_comment,
)
from deventlet.source.imports.runs import (
    DEFINITION,
    Header,
    Run,
    choose,
    docstring,
    place,
    starts,
)
from deventlet.source.imports.style import ORDERS, PROJECT, STDLIB, ImportStyle
from deventlet.source.imports.writing import Statement, aligned
from deventlet.source.text import Edit, SourceFile

_OTHER_CODES = re.compile(rb"(#\s*noqa\s*:\s*)[^#]*\bE402\b[^#]*", re.IGNORECASE)
"""What a line is excepted from besides E402."""
_NOQA_E402 = re.compile(rb"#\s*noqa(?:(?!\s*:)|\s*:.*\bE402\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A line of a run: a unit of the file or a statement to be added."""

    category: int
    key: tuple[str, ...]
    unit: Unit | None
    lines: tuple[str, ...]
    block: int


_Blocks = list[list[_Entry]]


def add_statements(
    source: SourceFile,
    tree: ast.Module,
    style: ImportStyle,
    new: Sequence[Statement],
    gone: Collection[ast.stmt],
    above: int | None,
) -> tuple[list[Edit], set[ast.stmt]]:
    """Edits that insert statements at module level.

    :param gone: top-level statements that are deleted.
    :param above: offset above which the bindings are needed, None if anywhere.
    :returns: the edits, and the gone statements that the new ones replace.
    """
    header = Header(tree, gone)
    style = _as_written(source, header, style)
    wrap_aligned = aligned(tree)
    chosen: dict[int, list[Statement]] = {}
    runs = [r for r in header.runs if above is None or starts(source, r) <= above]
    behind: list[Statement] = []
    for statement in new:
        category = style.category(statement.specs[0].module)
        run = choose(header, runs, style, category)
        if category > STDLIB and run is not None and run.barriers < header.barriers:
            behind.append(statement)
            continue
        chosen.setdefault(-1 if run is None else header.runs.index(run), []).append(
            statement
        )
    edits: list[Edit] = []
    if behind:
        new_entries = [_new_entry(style, s, wrap_aligned) for s in behind]
        edits.append(_behind_barrier(source, header, new_entries))
    replaced: set[ast.stmt] = set()
    for index, group in sorted(chosen.items()):
        entries = [_new_entry(style, s, wrap_aligned) for s in group]
        if index < 0:
            edits.append(_without_run(source, header, entries))
            continue
        run = header.runs[index]
        if all(header.is_gone(unit) for unit in run.units):
            edits.append(_in_place(source, run, entries))
            replaced.update(run.units[0].statements)
            continue
        edits += _into_run(source, header, run, style, entries)
    return edits, replaced


def _as_written(source: SourceFile, header: Header, style: ImportStyle) -> ImportStyle:
    """The style with the order that the file keeps, if that is another one of ours.

    A file that has only one kind of import in a group says nothing.
    """
    for order in dict.fromkeys((style.order, *ORDERS)):
        found = replace(style, order=order)
        if all(
            a.key <= b.key
            for run in header.runs
            for block in _blocks_of(source, header, run, found)
            for a, b in pairwise(block)
            if a.category == b.category
        ):
            return found
    return style


def _behind_barrier(
    source: SourceFile, header: Header, entries: Sequence[_Entry]
) -> Edit:
    """A run of its own below the last ``monkey_patch()``.

    What is not of the standard library may import anything, and what it imports
    above the call would not be patched.
    """
    assert header.last_barrier is not None
    end = content_end(source, header.last_barrier.last)
    lines = _groups(entries, "  # noqa: E402")
    return Edit(end, end, source.newline * 2 + source.newline.join(lines))


def _new_entry(style: ImportStyle, statement: Statement, wrap_aligned: bool) -> _Entry:
    first = statement.specs[0]
    lines = tuple(statement.render(style, "", aligned=wrap_aligned))
    return _Entry(*style.place(first), None, lines, -1)


def _blocks_of(
    source: SourceFile, header: Header, run: Run, style: ImportStyle
) -> _Blocks:
    """The lines of a run that stay, parted where blank lines part them."""
    found: _Blocks = [[]]
    number = 0
    for before, unit in pairwise([None, *run.units]):
        assert unit is not None
        if before and any(
            is_blank(source, line) for line in range(before.last + 1, unit.first)
        ):
            number += 1
        if header.is_gone(unit):
            continue
        if found[-1] and found[-1][-1].block != number:
            found.append([])
        found[-1].append(_Entry(*place(unit, style), unit, (), number))
    return found


def _into_run(
    source: SourceFile,
    header: Header,
    run: Run,
    style: ImportStyle,
    entries: Sequence[_Entry],
) -> Iterator[Edit]:
    """Insert into a run of which something stays."""
    blocks = _blocks_of(source, header, run, style)
    gap = _usual_gap(source, blocks)
    suffix = _shared_noqa(source, run, blocks)
    for entry in entries:
        blocks = _place(blocks, entry)
    flat = [(number, e) for number, block in enumerate(blocks) for e in block]
    floor = header.units.index(run.units[0])
    above = header.units[floor - 1].last if floor else 0
    for stretch in _stretches(flat):
        yield stretch.edit(source, gap, suffix, above)


def _stretches(flat: Sequence[tuple[int, _Entry]]) -> Iterator[_Stretch]:
    """The new entries between each two old lines.

    Where blank lines part the two, entries that belong to the lower block stand
    below those lines, and the others above them.
    """
    before: tuple[int, _Entry] | None = None
    new: list[tuple[int, _Entry]] = []
    for item in [*flat, None]:
        if item and not item[1].unit:
            new.append(item)
            continue
        low = [n for n in new if before and item and _parted(before, item, n)]
        for part in ([n for n in new if n not in low], low):
            if part:
                yield _Stretch(before, part, item)
        before, new = item, []


def _parted(
    before: tuple[int, _Entry], after: tuple[int, _Entry], new: tuple[int, _Entry]
) -> bool:
    """Whether a new entry belongs below the blank lines between two old ones."""
    return before[1].block != after[1].block and new[0] == after[0]


def _usual_gap(source: SourceFile, blocks: _Blocks) -> int:
    """How many blank lines part the first two groups of a run; one if unknown."""
    for upper, lower in pairwise(blocks):
        assert upper[-1].unit
        assert lower[0].unit
        top = comment_top(source, lower[0].unit.first, upper[-1].unit.last)
        return blanks_above(source, top) or 1
    return 1


def _shared_noqa(source: SourceFile, run: Run, blocks: _Blocks) -> str:
    """The ``# noqa`` that all imports of a run below other code carry for E402."""
    if run.first:
        return ""
    kept = [entry.unit for entry in chain(*blocks) if entry.unit] or run.units
    found = [_noqa(source, unit) for unit in kept]
    if all(found):
        return "  " + _OTHER_CODES.sub(rb"\1E402", found[0]).decode()
    return ""


def _noqa(source: SourceFile, unit: Unit) -> bytes:
    """The ``# noqa`` for E402 of a line, or the first of several; maybe empty."""
    _, behind = trailing_comment(source, source.span(unit.statements[-1])[1])
    first = source.line_bytes(unit.first)
    comments = (behind, first[first.find(b"#") :].rstrip() if b"#" in first else b"")
    return next((each for each in comments if _NOQA_E402.match(each)), b"")


def _place(blocks: _Blocks, new: _Entry) -> _Blocks:
    """Put one entry into its sorted place, or into a block of its own."""
    sizes = [sum(e.category == new.category for e in block) for block in blocks]
    if not any(sizes):
        return _new_block(blocks, new)
    home = sizes.index(max(sizes))
    parts = _into_block(blocks[home], new)
    return [*blocks[:home], *parts, *blocks[home + 1 :]]


def _new_block(blocks: _Blocks, new: _Entry) -> _Blocks:
    """A new block in front of the first member of a later group, else at the end."""
    for index, block in enumerate(blocks):
        for at, entry in enumerate(block):
            if entry.category > new.category:
                parts = [part for part in (block[:at], [new], block[at:]) if part]
                return [*blocks[:index], *parts, *blocks[index + 1 :]]
    return [*blocks, [new]]


def _into_block(block: list[_Entry], new: _Entry) -> _Blocks:
    """One or two blocks with the new entry.

    The place is behind the last line that sorts before it. A block that mixes groups
    and is sorted as a whole stays sorted as a whole, unless that would put the new
    line behind the project's own imports, and they are the last ones. In any other
    mixture it stays in its own group; if that would break an order there, a blank line
    parts the group from the rest, or, where groups are interleaved, the nearest place
    in order is taken.
    """
    whole = _behind_last(block, new)
    own = [i for i, entry in enumerate(block) if entry.category == new.category]
    limit = _limit(block, new)
    ordered = all(a.key <= b.key for a, b in pairwise(block))
    grouped = all(a.category <= b.category for a, b in pairwise(block))
    if len(own) == len(block) or (ordered and (whole <= limit or not grouped)):
        return [[*block[:whole], new, *block[whole:]]]
    place = _among_own(block, own, new)
    breaks = _breaks(block, place, new)
    if grouped and breaks and place == own[-1] + 1:
        return [[*block[:place], new], block[place:]]
    if breaks:
        fitting = [i for i in range(limit + 1) if _fits(block, i, new)]
        place = min(fitting, key=lambda i: abs(i - place), default=place)
    return [[*block[:place], new, *block[place:]]]


def _limit(block: Sequence[_Entry], new: _Entry) -> int:
    """The index that no entry of an earlier group may pass: the project's imports."""
    own = (i for i, entry in enumerate(block) if entry.category == PROJECT)
    return len(block) if new.category == PROJECT else next(own, len(block))


def _among_own(block: Sequence[_Entry], own: Sequence[int], new: _Entry) -> int:
    """The index next to a member of the new entry's group, in order if there is one.

    Behind the member that sorts nearest: one that stands apart does not lead away.
    """
    below = ((block[i].key, i + 1) for i in own if block[i].key <= new.key)
    wanted = max(below, default=((), own[0]))[1]
    beside = {*own, *(i + 1 for i in own)}
    fitting = [i for i in beside if _fits(block, i, new)]
    return wanted if wanted in fitting else max(fitting, default=wanted)


def _breaks(block: Sequence[_Entry], index: int, new: _Entry) -> bool:
    """Whether a new entry parts two neighbours that are in order, and is not."""
    seam = block[max(index - 1, 0) : index + 1]
    return seam[0].key <= seam[-1].key and not _fits(block, index, new)


def _fits(block: Sequence[_Entry], index: int, new: _Entry) -> bool:
    """Whether a new entry would be in order between its neighbours."""
    above, below = block[max(index - 1, 0) : index], block[index : index + 1]
    return all(e.key <= new.key for e in above) and all(e.key >= new.key for e in below)


def _behind_last(block: Sequence[_Entry], new: _Entry) -> int:
    """The index behind the last entry that does not sort after the new one."""
    return max((i + 1 for i, e in enumerate(block) if e.key <= new.key), default=0)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """New entries between two lines of a run, each with the number of its block."""

    before: tuple[int, _Entry] | None
    new: list[tuple[int, _Entry]]
    after: tuple[int, _Entry] | None

    def edit(self, source: SourceFile, gap: int, suffix: str, floor: int) -> Edit:
        """One insertion; a gap that is there already parts one side of it."""
        opens = self.before is not None and self.before[0] != self.new[0][0]
        closes = self.after is not None and self.after[0] != self.new[-1][0]
        parted = bool(
            self.before and self.after and self.before[1].block != self.after[1].block
        )
        lines = _spaced(self.new, gap, suffix)
        if self.before and (closes or not parted):
            opening = [""] * gap if opens else []
            closing = [""] * gap if closes and not parted else []
            return _below(source, self.before[1], [*opening, *lines, *closing])
        assert self.after
        closing = [""] * gap if closes else []
        return _above(source, self.after[1], [*lines, *closing], floor, closes=closes)


def _spaced(new: Sequence[tuple[int, _Entry]], gap: int, suffix: str) -> list[str]:
    """The lines of new entries, with blank lines between blocks."""
    lines: list[str] = []
    for index, (number, entry) in enumerate(new):
        if index and new[index - 1][0] != number:
            lines += [""] * gap
        last = entry.lines[-1]
        lines += [*entry.lines[:-1], last if "  #" in last else last + suffix]
    return lines


def _below(source: SourceFile, entry: _Entry, lines: Sequence[str]) -> Edit:
    assert entry.unit
    end = content_end(source, entry.unit.last)
    return Edit(end, end, "".join(source.newline + line for line in lines))


def _above(
    source: SourceFile, entry: _Entry, lines: Sequence[str], floor: int, *, closes: bool
) -> Edit:
    """Insert above the comments of a line; in its own block, below a section header."""
    assert entry.unit
    top = comment_top(source, entry.unit.first, floor)
    if not closes:
        top = below_section(source, top, entry.unit.first)
    start = line_start(source, top)
    return Edit(start, start, "".join(line + source.newline for line in lines))


def _groups(entries: Sequence[_Entry], suffix: str = "") -> list[str]:
    """The lines of a run made of new entries only."""
    return _spaced([(entry.category, entry) for entry in entries], 1, suffix)


def _in_place(source: SourceFile, run: Run, entries: Sequence[_Entry]) -> Edit:
    """New entries in the place of a run's first line, as all its lines go."""
    unit = run.units[0]
    start = source.span(unit.statements[0])[0]
    lines = [
        *kept_comments(source, unit),
        *_groups(entries, _shared_noqa(source, run, [])),
    ]
    return Edit(start, content_end(source, unit.last), source.newline.join(lines))


def _without_run(source: SourceFile, header: Header, entries: Sequence[_Entry]) -> Edit:
    """The first imports of a file: below docstring, ``__future__`` and header."""
    lead = [unit for i, unit in enumerate(header.units) if _leads(unit, i)]
    later = header.units[len(lead) :]
    floor = lead[-1].last if lead else 0
    top = _first_code(source, later, floor)
    anchor = top - 1 - blanks_above(source, top)
    lines = _groups(entries)
    if anchor < 1:
        start = line_start(source, top)
        text = [*lines, *[""] * _wanted_gap(later)]
        return Edit(start, start, "".join(line + source.newline for line in text))
    missing = max(0, _wanted_gap(later) - blanks_below(source, anchor))
    end = content_end(source, anchor)
    text = ["", *lines, *[""] * missing]
    return Edit(end, end, "".join(source.newline + line for line in text))


def _leads(unit: Unit, index: int) -> bool:
    """Whether nothing may stand above a unit: the docstring, ``__future__``."""
    if index == 0 and docstring(Unit(unit.statements[:1], unit.first, unit.last)):
        return True
    return any(
        isinstance(s, ast.ImportFrom) and s.module == "__future__"
        for s in unit.statements
    )


def _first_code(source: SourceFile, later: Sequence[Unit], floor: int) -> int:
    """The line of the first statement's comments; behind the last line if none."""
    if later:
        return comment_top(source, later[0].first, floor)
    return len(source.line_starts) + (not source.utf8.endswith((b"\n", b"\r")))


def _wanted_gap(later: Sequence[Unit]) -> int:
    """Blank lines below the imports (PEP 8): two above a definition."""
    if not later:
        return 0
    return 2 if isinstance(later[0].statements[0], DEFINITION) else 1
