"""What a check found against a baseline: plain data for its reports.

It holds data only, and imports nothing that reads files or decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Ill: TypeAlias = Literal["unused", "expired", "no-reason", "no-date"]
"""What is wrong with a comment that suppresses: a use is not, or no longer, kept."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A use that counts, or that a comment is about.

    :param line: from 1; ``column`` in characters from 0.
    :param text: the source, on one line.
    :param remark: what there is to say of the comment beside it; mostly empty.
    """

    path: str
    line: int
    column: int
    pattern: str
    api: str
    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Growth:
    """A file that has more uses of a pattern than the baseline allows.

    :param was: how many it may have.
    :param now: how many it has.
    :param moved: how many of them came from another file, and are no growth.
    :param spots: the uses that were not there; more than have come, where others
        were changed as well, and nobody can say which is which.
    """

    path: str
    pattern: str
    was: int
    now: int
    moved: int
    spots: tuple[Spot, ...]

    @property
    def more(self) -> int:
        """By how many it grew."""
        return self.now - self.was - self.moved


@dataclass(frozen=True, slots=True, order=True)
class Comment:
    """A comment that suppresses and does not do so well."""

    path: str
    line: int
    ill: Ill
    message: str


@dataclass(frozen=True)
class Checked:
    """Everything that a check found, in order of place.

    :param grown: what is more than in the baseline.
    :param banned: the uses of patterns that are to have none.
    :param comments: those with which something is wrong.
    :param uses: how many there are in the files that were looked at, imports and
        suppressed ones left out.
    :param allowed: how many the baseline has for these files.
    :param problems: files that could not be read: reason and message.
    """

    grown: tuple[Growth, ...]
    banned: tuple[Spot, ...]
    comments: tuple[Comment, ...]
    uses: int
    allowed: int
    problems: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def fails(self) -> bool:
        """Whether there is anything that should not be."""
        return bool(self.grown or self.banned)
