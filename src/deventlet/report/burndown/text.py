"""A burn-down as a text: a chart of characters, and its numbers below.

Nothing in it depends on a terminal but the width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deventlet.burndown import Burndown, Point
from deventlet.report.burndown.bands import (
    Band,
    By,
    bands,
    ceiling,
    only,
    pattern_name,
    thinned,
)
from deventlet.report.text import counted, visible

HEIGHT, ROWS = 12, 14
_MARGIN, _WIDEST = 6, 8
_GLYPHS = {"place": "\u2588\u2592\u2591", "pattern": "1234567"}
Table = list[tuple[str, ...]]


def text(found: Burndown, by: By, width: int) -> str:
    """The chart, the points as a table, the patterns, and what is in flight.

    :param width: columns that the chart may have.
    """
    parts = [
        _heading(found),
        *_chart(only(found, thinned(len(found.points), width - _MARGIN)), by, width),
        "",
        *_aligned(_points(found)),
        "",
        *_aligned(_patterns(found)),
        *_flying(found),
        *_notes(found),
    ]
    return "".join(f"{line}\n" for line in parts)


def _heading(found: Burndown) -> str:
    ends = (found.points[0], found.points[-1])  # the same, of a single commit
    was = dict.fromkeys(f"{each.uses} on {each.date}" for each in ends)
    return f"Uses of Eventlet in {visible(found.project)}: {', '.join(was)}"


# The chart -----------------------------------------------------------------------


def _chart(found: Burndown, by: By, width: int) -> Iterator[str]:
    """Bars side by side, the axis, the dates, and what the characters mean."""
    parts = bands(found, by)
    top, step = ceiling(max(max(point.uses for point in found.points), 1))
    room = max((width - _MARGIN) // len(found.points), 1)
    bar = min(room - (room > 1), _WIDEST)
    for row in range(HEIGHT, 0, -1):
        level = top * row / HEIGHT
        tick = _tick(level, top / HEIGHT, step)
        cells = (
            _cell(parts, _GLYPHS[by], at, level - top / HEIGHT / 2) * bar
            for at in range(len(found.points))
        )
        yield f"{tick:>4} \u2502{(' ' if room > 1 else '').join(cells)}".rstrip()
    length = len(found.points) * (bar + (room > 1)) - (room > 1)
    yield f"{0:>4} \u2514{chr(0x2500) * length}"
    yield " " * _MARGIN + _dates(found.points, length)
    yield " " * _MARGIN + "   ".join(
        f"{glyph} {band.name}" for glyph, band in zip(_GLYPHS[by], parts, strict=False)
    )


def _tick(level: float, height: float, step: int) -> str:
    """The number on the axis that is within a row, if there is one."""
    number = int(level // step * step)
    return str(number) if number > level - height else ""


def _cell(parts: Sequence[Band], glyphs: str, at: int, level: float) -> str:
    """The character of the band that reaches over a level at a point."""
    height = 0
    for glyph, band in zip(glyphs, parts, strict=False):
        height += band.values[at]
        if height > level:
            return glyph
    return " "


def _dates(points: Sequence[Point], length: int) -> str:
    """The first and the last date below the axis, as far as there is room."""
    first, last = points[0].date, points[-1].date
    if length < len(first) + len(last) + 1:
        return last
    return first + last.rjust(length - len(first))


# The numbers ---------------------------------------------------------------------


def _points(found: Burndown) -> Table:
    """The points, evenly thinned; columns of which all are 0 are left out."""
    shown = [found.points[each] for each in thinned(len(found.points), ROWS)]
    columns = {
        "date": [point.date for point in shown],
        found.step: [visible(point.label) for point in shown],
        "uses": [str(point.uses) for point in shown],
    }
    numbers = {
        "production": [point.by_place()["production"] for point in shown],
        "tests": [point.by_place()["tests"] for point in shown],
        "shim": [point.by_place()["shim"] for point in shown],
        "through shim": [point.through for point in shown],
        "imports": [point.imports for point in shown],
        "files": [point.files for point in shown],
        "lines": [point.grep for point in shown],
    }
    kept = {k: [*map(str, v)] for k, v in numbers.items() if any(v)}
    every = columns | kept
    return [tuple(every), *zip(*every.values(), strict=True)]


def _patterns(found: Burndown) -> Table:
    first, last = found.points[0].by_pattern(), found.points[-1].by_pattern()
    names = [name for name in found.patterns if first.get(name) or last.get(name)]
    if not names:
        return []
    return [
        ("pattern", "first", "last"),
        *((pattern_name(n), str(first.get(n, 0)), str(last.get(n, 0))) for n in names),
    ]


def _flying(found: Burndown) -> Iterator[str]:
    for each in found.in_flight:
        what = ", ".join(f"{name} {number}" for name, number in each.removes.items())
        yield ""
        yield (
            f"in flight: {visible(each.name)}, {each.patches} "
            f"{'patch' if each.patches == 1 else 'patches'}, "
            f"{counted(each.uses, 'use')} fewer" + (f" ({what})" if what else "")
        )


def _notes(found: Burndown) -> Iterator[str]:
    yield ""
    if unread := found.points[-1].unread:
        yield (
            f"{counted(unread, 'file')} with the word cannot be parsed, and nothing in "
            f"{'it' if unread == 1 else 'them'} is counted."
        )
    yield (
        "uses: names of Eventlet's in code, and targets of mocks. lines: every line "
        "with the word,"
    )
    yield "in comments and documentation, too (grep -i; without release notes)."


def _aligned(rows: Table) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numeric = [rows[-1][at].isdigit() for at in range(len(widths))]
    for row in rows:
        cells = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        )
        yield "  ".join(cells).rstrip()
