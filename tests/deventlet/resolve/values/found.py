"""What the value analysis says of some files, as plain data to compare with.

Besides that, what a run must not contradict: :func:`unknown_uses` and
:func:`uses_that_never_happened`. Nothing here is run.
"""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.resolve.values import Origin, Values
from tests.deventlet.resolve.values.expected import Line
from tests.support.tracing import Made, Trace, Used

Place = tuple[str, int]

WITHOUT_TRACE = frozenset({"original"})
"""Kinds whose objects are plain modules and classes: a run cannot tell all of them."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One object with its uses and escapes.

    :param by_class: whether it stands for whatever a class that is a value makes.
    :param members: path, line, name and use of the result.
    :param escapes: path, line and reason.
    """

    kind: str
    how: str
    place: Place
    by_class: bool
    members: tuple[tuple[str, int, str, str], ...]
    escapes: tuple[tuple[str, int, str], ...]

    def uses(self, use: Used) -> bool:
        """Whether a use that happened is one of its members."""
        return (use.path, use.line, use.member) in {
            member[:3] for member in self.members
        }


@dataclass(frozen=True, slots=True)
class Found:
    """All objects of a program."""

    things: tuple[Thing, ...]

    def line(self, path: str, line: int) -> Line:
        """What was found at one line, in the words of the expectations."""
        members = [
            (f"{thing.kind}.{name}", result)
            for thing in self.things
            for where, number, name, result in thing.members
            if (where, number) == (path, line)
        ]
        return Line(
            frozenset(what for what, _ in members),
            frozenset(members),
            frozenset(
                reason
                for thing in self.things
                for where, number, reason in thing.escapes
                if (where, number) == (path, line)
            ),
            frozenset(
                (thing.kind, thing.how)
                for thing in self.things
                if thing.place == (path, line)
            ),
        )

    def made(self, made: Made) -> list[Thing]:
        """The objects that one that ran was: by its class, or by where it was made."""
        return [
            thing
            for thing in self.things
            if thing.kind == made.kind
            and (
                thing.place == (made.path, made.line)
                or (made.subclass and thing.how == "subclass")
                or thing.by_class
            )
        ]


def analyse(contents: Mapping[str, bytes]) -> Found:
    """What the value analysis says of the files."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder), sorted(contents), dict(contents))
        names = Names(project, EVERYTHING)
        values = Values(names, explore(names))
        return Found(tuple(_thing(origin) for origin in values.objects))


def _thing(origin: Origin) -> Thing:
    return Thing(
        origin.kind,
        origin.how,
        (origin.module.path, _line(origin.node)),
        origin.how == "created" and not isinstance(origin.node, ast.Call),
        tuple(
            (member.module.path, _line(member.node), member.name, member.result)
            for member in origin.members
        ),
        tuple(
            (escape.module.path, _line(escape.node), escape.reason)
            for escape in origin.escapes
        ),
    )


def _line(node: object) -> int:
    line = getattr(node, "lineno", 0)
    assert isinstance(line, int)
    return line


def fits(found: Line, reading: Line) -> bool:
    """Whether what was found is what a reading expects."""
    return (
        found.members == reading.members
        and found.escapes == reading.escapes
        and reading.results <= found.results
        and all(
            (kind, how) in found.made
            if how
            else kind in {made for made, _ in found.made}
            for kind, how in reading.made
        )
    )


def objects_not_found(trace: Trace, found: Found) -> Iterator[str]:
    """Objects that a call to Eventlet made, and that the analysis knows nothing of."""
    for made in trace.made:
        if made.direct and made.kind not in WITHOUT_TRACE and not found.made(made):
            yield f"{made.path}:{made.line} makes a {made.kind}"


def objects_not_made(trace: Trace, found: Found) -> Iterator[str]:
    """Objects said to be made at a place that made another kind and not this."""
    for thing in found.things:
        kinds = {
            made.kind
            for made in trace.made
            if (made.path, made.line) == thing.place and made.direct
        }
        if thing.how == "created" and kinds and thing.kind not in kinds:
            yield f"{thing.place} makes {sorted(kinds)}, not a {thing.kind}"


def unknown_uses(trace: Trace, found: Found) -> Iterator[str]:
    """Uses that happened and that no owner of the object knows or lets escape.

    An object that came out of no call of the program's (a factory of the standard
    library made it) only needs to be known of under its kind; one that was raised
    may be known where it was caught.
    """
    for use in trace.used:
        if not use.own or use.maker < 0:
            continue
        made = trace.made[use.maker]
        if made.kind not in WITHOUT_TRACE and not _is_known(use, made, found):
            yield (
                f"{use.path}:{use.line} {made.kind}.{use.member}"
                f" of the one made at {made.path}:{made.line}"
            )


def _is_known(use: Used, made: Made, found: Found) -> bool:
    alike = [thing for thing in found.things if thing.kind == made.kind]
    owners = found.made(made) or alike
    if any(thing.escapes or thing.uses(use) for thing in owners):
        return True
    return any(thing.how == "caught" and thing.uses(use) for thing in alike)


def uses_that_never_happened(trace: Trace, found: Found) -> Iterator[str]:
    """Members attributed to a line that ran, where nothing of the kind was used."""
    seen = {(use.path, use.line, use.member, trace.kind(use)) for use in trace.used}
    ran = {use[:3] for use in seen}
    for thing in found.things:
        for path, line, name, _ in thing.members:
            if thing.kind in WITHOUT_TRACE or (path, line, name) not in ran:
                continue
            if (path, line, name, thing.kind) not in seen:
                yield f"{path}:{line} {thing.kind}.{name}"
