"""``history``: the use of Eventlet over the git history, as a chart or as data.

Writes nothing but the chart, and counts by blob in the git folder, which spare the
next run the work.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from deventlet.burndown import Burndown, Step
from deventlet.cli.exits import Exit, Stop
from deventlet.cli.terminal import check_output, console, deliver, notice, working
from deventlet.config import Config, ConfigProblem, load
from deventlet.history import (
    FlightProblem,
    Stepping,
    StepProblem,
    Wanted,
    read_history,
)
from deventlet.report.burndown import as_json, mermaid, svg, text
from deventlet.report.burndown.bands import By
from deventlet.source.git import Git, GitProblem, find_bare, find_root

_NARROWEST, _PIPE_WIDTH = 40, 80
"""Columns of a chart at least, and in a pipe, unless COLUMNS says more."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    path: Path
    per: str
    since: str
    revision: str
    in_flight: tuple[str, ...]
    by: By
    form: str
    output: Path | None


@dataclass(frozen=True, slots=True)
class _Repository:
    """Where the history is.

    :param folder: the part of it that counts; empty for all of it.
    """

    git: Git
    folder: str
    config: Config


def show_history(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    if options.form == "mermaid" and options.by == "pattern":
        raise Stop("--by pattern: Mermaid's charts have no stacked bars; use svg")
    check_output(options.output)
    stepping = _stepping(options)
    try:
        found = _read(options, stepping)
    except (ConfigProblem, FlightProblem, GitProblem, StepProblem) as bad:
        raise Stop(str(bad)) from bad
    if found.begins_late:
        notice(
            f"this clone is shallow: its history begins on {found.points[0].date}; "
            "git fetch --unshallow gets the rest"
        )
    for folder in found.copies:
        notice(f"{folder} is a copy of Eventlet itself, and is not counted")
    deliver(_written(found, options), options.output)
    for path in found.missing:
        notice(f"{path}: some content is not in this clone, and is not counted")
    if found.missing:
        raise Stop("", Exit.PROBLEMS)


def _stepping(options: Options) -> Stepping:
    """What ``--per`` and ``--since`` say.

    :raises Stop: for a word that is none.
    """
    steps: dict[str, Step] = {"week": "week", "month": "month", "tag": "tag"}
    if options.per in steps:
        return Stepping(steps[options.per], since=options.since)
    if options.per.isdecimal() and int(options.per):
        return Stepping("commit", int(options.per), options.since)
    raise Stop(f"--per {options.per}: give week, month, tag or a number of commits")


def _read(options: Options, stepping: Stepping) -> Burndown:
    here = _open(options.path)
    wanted = Wanted(options.revision, here.folder, stepping, options.in_flight)
    with working("reading the history"):
        return read_history(
            here.git, here.git.root.name.removesuffix(".git"), wanted, here.config
        )


def _open(path: Path) -> _Repository:
    """The repository that holds a folder, or is one without a work tree.

    :raises Stop: if there is none.
    """
    if not path.is_dir():
        raise Stop(f"{path} is not a folder")
    root = find_root(path)
    if root is not None:
        folder = path.resolve().relative_to(root.resolve()).as_posix()
        return _Repository(Git(root), "" if folder == "." else folder, load(root))
    bare = find_bare(path)
    if bare is None:
        raise Stop(f"{path} is not in a git repository, and only one has a history")
    return _Repository(Git(bare), "", Config())


def _written(found: Burndown, options: Options) -> bytes:
    if options.form == "json":
        return as_json.encode(found)
    if options.form == "mermaid":
        return mermaid.text(found).encode()
    if options.form == "svg":
        return svg.text(found, options.by).encode()
    return text.text(found, options.by, _width()).encode()


def _width() -> int:
    """The columns of the terminal; in a pipe, what COLUMNS says."""
    to = console()
    piped = not to.is_terminal and "COLUMNS" not in os.environ
    return _PIPE_WIDTH if piped else max(to.width, _NARROWEST)
