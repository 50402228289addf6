"""What one file has for a check: its uses, what they look like, what is suppressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from deventlet import catalog
from deventlet.growth import Comment, Spot
from deventlet.source.keeping import MARK, Keep, keep_in
from deventlet.uses import Meaning, Use, find
from deventlet.uses.outline import comments

IMPORT = "import"
"""Stands for the pattern of what only imports."""

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Marked:
    """A use that counts, with what is the same wherever it moves."""

    spot: Spot
    fingerprint: str


@dataclass(frozen=True)
class Measured:
    """A file.

    :param uses: those that count, in order of place.
    :param problem: reason and message, if it cannot be read; then nothing counts.
    """

    path: str
    uses: tuple[Marked, ...] = ()
    comments: tuple[Comment, ...] = ()
    problem: tuple[str, str] | None = None

    def prints(self) -> dict[str, Counter[str]]:
        """How many uses of each look there are, by pattern."""
        found: dict[str, Counter[str]] = {}
        for use in self.uses:
            found.setdefault(use.spot.pattern, Counter())[use.fingerprint] += 1
        return found


def measure(path: str, raw: bytes, meaning: Meaning, today: date) -> Measured:
    """Look at one file.

    :param today: the day on which suppressions have to hold.
    """
    found = find(path, raw, meaning)
    if found.problem is not None:
        return Measured(path, problem=found.problem)
    keeps = dict(_keeps(raw)) if MARK in raw else {}
    uses: list[Marked] = []
    used: set[int] = set()
    for use in found.uses:
        if use.kind == "through":
            continue
        lines = [n for n in range(use.line, use.end_line + 1) if n in keeps]
        used.update(lines)
        remarks = [_remark(keeps[line], today) for line in lines]
        if all(remarks):  # no comment, or none that holds
            uses.append(_marked(path, use, "; ".join(remarks)))
    return Measured(path, tuple(uses), tuple(_ill(path, keeps, used, today)))


def pattern_of(api: str) -> str:
    """The pattern of a name: the codemod that it is for, or ``none``."""
    try:
        return catalog.entry(api).pattern
    except catalog.UnknownApi:
        return catalog.NO_CODEMOD


def _keeps(raw: bytes) -> Iterator[tuple[int, Keep]]:
    for line, comment in comments(raw):
        keep = keep_in(comment)
        if keep is not None:
            yield line, keep


def _marked(path: str, use: Use, remark: str) -> Marked:
    pattern = IMPORT if use.kind == "import" else pattern_of(use.api)
    look = f"{use.kind} {use.api} {use.text}".encode("utf-8", "surrogatepass")
    spot = Spot(path, use.line, use.column, pattern, use.api, use.text, remark)
    return Marked(spot, sha256(look).hexdigest()[:_DIGITS])


def _remark(keep: Keep, today: date) -> str:
    """Why a comment does not hold; empty if it does."""
    if keep.wrong_day:
        return f"its comment says until {keep.wrong_day}, which is no day"
    if keep.until is not None and keep.until < today:
        return f"its comment held until {keep.until}"
    return "" if keep.reason else "its comment gives no reason"


def _ill(
    path: str, keeps: dict[int, Keep], used: set[int], today: date
) -> Iterator[Comment]:
    """The comments that suppress nothing."""
    for line, keep in sorted(keeps.items()):
        if line not in used:
            said = "there is no use of Eventlet on its line: remove it"
            yield Comment(path, line, "unused", said)
        elif keep.wrong_day:
            said = f"{keep.wrong_day} is no day, and so nothing is suppressed"
            yield Comment(path, line, "no-date", said)
        elif keep.until is not None and keep.until < today:
            said = f"it held until {keep.until}, and suppresses nothing any more"
            yield Comment(path, line, "expired", said)
        elif not keep.reason:
            said = "it gives no reason, and so it suppresses nothing"
            yield Comment(path, line, "no-reason", said)
