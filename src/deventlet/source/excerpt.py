"""Lines of a file around a place, for people to look at; knows nothing of Python."""

from __future__ import annotations

import re
from collections.abc import Sequence

AROUND, MOST, WIDEST = 3, 15, 200
"""Lines before and after a place, lines in all, and characters of a line."""
_ENDS = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a text as Python counts them: a form feed ends none."""
    return _ENDS.split(text)


def around(lines: Sequence[str], line: int, last: int) -> tuple[int, tuple[str, ...]]:
    """The lines around some lines, and the number of the first, from 1.

    :param last: the last line that is meant; what is longer is cut.
    """
    first = max(1, line - AROUND)
    end = min(len(lines), last + AROUND, first + MOST - 1)
    return first, tuple(map(_cut, lines[first - 1 : end]))


def _cut(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}\u2026"
