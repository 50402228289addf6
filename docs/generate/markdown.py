"""Puts Markdown together: tables, anchors, code that may hold any character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown themselves; empty without rows."""
    lines = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
    return "".join(lines) if len(lines) > 2 else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()) for cell in cells)} |\n"


def code(text: str) -> str:
    """A text as code; nothing for an empty one."""
    return f"`{text}`" if text else ""


def sentence(clause: str) -> str:
    """A clause as a sentence; what is code at its beginning stays as it is."""
    first = clause.split(" ", 1)[0]
    start = clause[0].upper() if first.isalpha() else clause[0]
    return f"{start}{clause[1:]}."


def escaped(text: str) -> str:
    """A plain text in which no character means anything to Markdown.

    What stands between backticks is code already.
    """
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([\\<*_\[\]{}|])", r"\\\1", part)
        for part in parts
    )


def slug(title: str) -> str:
    """The anchor that code hosts make of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
