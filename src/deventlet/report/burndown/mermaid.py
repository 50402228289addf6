"""A burn-down as a Mermaid ``xychart-beta``, which GitHub and many blogs render.

Bars of such a chart are drawn over each other, not stacked: what is in flight stands
in front of what remains, and is a part of it. The axis has a word for each bar, so
that only so many points are shown as can be read.
"""

from __future__ import annotations

from deventlet.burndown import Burndown
from deventlet.report.burndown.bands import ceiling, stepped
from deventlet.report.text import visible

MOST = 16
"""Bars whose words do not overlap at the usual width."""


def text(found: Burndown) -> str:
    """The chart without a fence around it, a newline at its end."""
    points = [found.points[at] for at in stepped(len(found.points), MOST)]
    remaining = [point.uses for point in points]
    lines = [point.grep for point in points]
    flying = [0] * (len(points) - 1) + [max(found.flying, 0)]
    top, _ = ceiling(max(*remaining, *lines, 1))
    rows = [
        "xychart-beta",
        f"    title {_quoted(f'Eventlet in {found.project}')}",
        f"    x-axis [{', '.join(_quoted(point.label) for point in points)}]",
        f'    y-axis "uses (bars), lines with the word (line)" 0 --> {top}',
        f'    bar "remaining" {remaining}',
    ]
    if found.in_flight:
        rows.append(f'    bar "in flight" {flying}')
    rows.append(f'    line "lines" {lines}')
    return "\n".join(rows) + "\n"


def _quoted(words: str) -> str:
    return f'"{visible(words).replace(chr(34), chr(39))}"'
