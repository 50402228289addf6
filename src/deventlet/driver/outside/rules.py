"""What to say about a line that names Eventlet, as a table; reads no project file.

Which sort of file a path is, which rule speaks of a line of it, and the advice: all
of it is data in ``rules.toml``, which describes its own form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal[
    "requirements",
    "packaging",
    "test-setup",
    "coverage",
    "ci",
    "logging",
    "configuration",
    "service",
    "docs",
    "release-note",
    "script",
    "translation",
    "other",
]
What: TypeAlias = Literal[
    "",
    "requirement",
    "bound",
    "extra",
    "pulls",
    "generated",
    "entry-point",
    "worker",
    "concurrency",
    "variable",
    "by-hand",
    "code",
]
HEAD = 1000  # bytes of a file that say what it is


def _any(names: list[str]) -> re.Pattern[str]:
    """What matches one of the shell patterns; nothing if there are none."""
    return re.compile("|".join(map(translate, names)) or r"(?!)")


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A sort of file; the fields are described in ``rules.toml``."""

    name: str
    kind: Kind
    when: str
    advice: str
    names: tuple[str, ...] = ()
    starts: str = ""
    once: bool = False
    outline: bool = False
    hash: bool = False
    what: What = ""

    @cached_property
    def _names(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """The patterns of whole paths, with a slash in front, and of last parts."""
        whole = [f"*/{name}" for name in self.names if "/" in name]
        last = [name for name in self.names if "/" not in name]
        return _any(whole), _any(last)

    @cached_property
    def _start(self) -> re.Pattern[bytes]:
        return re.compile(self.starts.encode())

    def holds(self, path: str, head: bytes) -> bool:
        """Whether a file is of this sort, by its path and its first bytes."""
        return self._named(path.lower()) and self._start.search(head) is not None

    def _named(self, path: str) -> bool:
        whole, last = self._names
        name = path.rpartition("/")[2]
        return not self.names or bool(whole.match(f"/{path}") or last.match(name))


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What to say about some lines; the fields are described in ``rules.toml``."""

    when: str
    advice: str
    areas: tuple[str, ...] = ()
    where: str = ""
    text: str = ""
    comment: bool | None = None
    kind: Kind | None = None
    what: What = ""

    @cached_property
    def _where(self) -> re.Pattern[str]:
        return re.compile(self.where, re.IGNORECASE)

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return re.compile(self.text, re.IGNORECASE)

    def holds(self, area: Area, line: Line) -> bool:
        """Whether the rule speaks of a line of a file of this sort."""
        return (
            (not self.areas or area.name in self.areas)
            and self.comment in (None, line.comment)
            and self._where.search(line.where) is not None
            and self._text.search(line.text) is not None
        )


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of ``rules.toml``."""

    times: dict[str, str]
    areas: tuple[Area, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that names Eventlet, as rules see it.

    :param text: without surrounding space, and cut if it is very long.
    :param where: the section and keys that hold it, ``section/key/key``.
    :param comment: whether the word stands in a comment.
    """

    text: str
    where: str = ""
    comment: bool = False


@cache
def table() -> Table:
    """The table as it is delivered."""
    raw = files(__package__).joinpath("rules.toml").read_bytes()
    return msgspec.toml.decode(raw, type=Table)


def area_of(path: str, head: bytes) -> Area:
    """The sort of file that a path is.

    :param head: the first bytes of the file.
    """
    return next(area for area in table().areas if area.holds(path, head))


def judge(area: Area, line: Line) -> tuple[Kind, str, What]:
    """The kind, the advice and the mark for one line of a file."""
    rules = () if area.once else table().rules
    rule = next((rule for rule in rules if rule.holds(area, line)), None)
    if rule is None:
        return area.kind, _advice(area), area.what
    return rule.kind or area.kind, _advice(rule), rule.what


def _advice(said: Area | Rule) -> str:
    """When to act, and what to do."""
    return f"{table().times[said.when]}: {said.advice}"
