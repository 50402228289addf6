"""Reads the programs under ``programs`` and what their comments expect; runs nothing.

A page holds programs as Markdown, one under each heading; the first file of a program
is the one that is run. What is expected of a line stands in a comment behind it::

    ev.wait()  # Event.wait
    with lock:  # Semaphore.with
    value = gt.wait()  # GreenThread.wait (assigned)
    pool.spawn_n(ev.send)  # GreenPool.spawn_n, Event.send
    foreign(ev)  # escapes: value.passed
    pool = GreenPool()  # makes: GreenPool (created)
    self.gt.link(f)  # GreenThread.link; escapes: value.passed
    getattr(pool, "free")()  # GreenPool.free | nothing

A line without a comment expects that no member is attributed and nothing escapes there;
what it makes is only checked where ``makes:`` says so. Alternatives are parted by
``|``: both readings are right. A comment behind code that is not understood is an
error, so that a typo expects something.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.pages import Program, read_programs

PROGRAMS = Path(__file__).parent / "programs"
READ_ONLY = "read"
"""The page whose programs cannot be run."""

_ITEM = re.compile(r"(?P<what>[A-Za-z][\w.]*\w)(?: \((?P<note>\w+)\))?")
_REASON = re.compile(r"value\.[a-z-]+")


class ExpectationError(ValueError):
    """A comment that is not understood."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reading of what is to be found at a line.

    :param members: such as ``Event.wait``.
    :param results: how the result of a member's call is used, where that is said.
    :param made: kinds of the objects made here, and how where that is said.
    """

    members: frozenset[str] = frozenset()
    results: frozenset[tuple[str, str]] = frozenset()
    escapes: frozenset[str] = frozenset()
    made: frozenset[tuple[str, str]] = frozenset()


NOTHING = Line()


@dataclass(frozen=True, slots=True)
class Expected:
    """A program and the readings of its lines, by path and line."""

    name: str
    program: Program
    lines: dict[tuple[str, int], tuple[Line, ...]]

    @property
    def contents(self) -> dict[str, bytes]:
        """The files with an ``__init__.py`` for each folder, the main file first."""
        given = {path: text.encode() for path, text in self.program.files}
        folders = {path.rpartition("/")[0] for path in given if "/" in path}
        extra = {f"{folder}/__init__.py": b"" for folder in sorted(folders)}
        return given | {path: text for path, text in extra.items() if path not in given}

    @property
    def escaping(self) -> bool:
        """Whether any object of the program may escape."""
        return any(line.escapes for lines in self.lines.values() for line in lines)

    def readings(self, path: str, line: int) -> tuple[Line, ...]:
        """What may be expected at a line."""
        return self.lines.get((path, line), (NOTHING,))


def every_program() -> list[Expected]:
    """All programs of all pages.

    :raises ExpectationError: for a comment that is not understood.
    """
    return [
        read(f"{page.stem}-{program.name.replace(' ', '_')}", program)
        for page in sorted(PROGRAMS.glob("*.md"))
        for program in read_programs(page.stem, page.read_text(encoding="utf-8"))
    ]


def runnable() -> list[Expected]:
    """The programs that can be run."""
    return [
        program
        for program in every_program()
        if not program.name.startswith(f"{READ_ONLY}-")
    ]


def read(name: str, program: Program) -> Expected:
    """A program with the readings that its comments say."""
    lines = {
        (path, number): tuple(
            _line(f"{name} {path}:{number}", reading)
            for reading in comment.split(" | ")
        )
        for path, text in program.files
        for number, comment in _comments(text)
    }
    return Expected(name, program, lines)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each comment that stands behind code."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            yield token.start[0], token.string.removeprefix("# ")


def _line(where: str, reading: str) -> Line:
    if reading == "nothing":
        return NOTHING
    members: list[tuple[str, str]] = []
    escapes: list[str] = []
    made: list[tuple[str, str]] = []
    for clause in reading.split("; "):
        if clause.startswith("escapes: "):
            escapes += _reasons(where, clause.removeprefix("escapes: "))
        elif clause.startswith("makes: "):
            made += _items(where, clause.removeprefix("makes: "))
        else:
            members += _items(where, clause)
            _need_members(where, members)
    return Line(
        frozenset(what for what, _ in members),
        frozenset((what, note) for what, note in members if note),
        frozenset(escapes),
        frozenset(made),
    )


def _items(where: str, clause: str) -> Iterator[tuple[str, str]]:
    for item in clause.split(", "):
        found = _ITEM.fullmatch(item)
        if found is None:
            raise ExpectationError(f"{where}: {item!r}")
        yield found["what"], found["note"] or ""


def _need_members(where: str, members: list[tuple[str, str]]) -> None:
    for what, _ in members:
        if "." not in what or what.startswith("value."):
            raise ExpectationError(f"{where}: {what!r} is no member of a kind")


def _reasons(where: str, clause: str) -> Iterator[str]:
    for reason in clause.split(", "):
        if not _REASON.fullmatch(reason):
            raise ExpectationError(f"{where}: {reason!r} is no reason")
        yield reason
