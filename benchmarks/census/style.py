"""Whether changed files are still in the project's own style, as flake8 sees it."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.census.files import Change, Failure
from benchmarks.census.tools import run

_STYLE = re.compile(r"E1|E2|E3|E501|W|H30")
_HACKING = ("*requirements*.txt", "tox.ini", "setup.cfg", "*.toml", ".pre-commit*")
"""Where a project that uses hacking, whose checks are H30x, says so."""
_ISOLATED = "--select=E1,E2,E3,E501,W,H301,H303,H304,H306"
_Messages = list[tuple[str, int, str]]


def style(
    changes: Sequence[Change], original: Path, place: Path, notes: list[str]
) -> Iterator[Failure]:
    """No more messages of a code in a file than before, as the project runs flake8.

    :param notes: gets a line if the project's settings cannot be used.
    """
    changes = [change for change in changes if change.path.endswith(".py")]
    hacks = run(["git", "grep", "-qw", "hacking", "--", *_HACKING], original)
    names = [change.path for change in changes]
    before, after = _flake8(names, original), _flake8(names, place)
    if before is None or after is None:
        options = [
            "--isolated",
            _ISOLATED,
            f"--max-line-length={_line_length(original)}",
        ]
        notes.append(f"the project's flake8 needs what is not here; {options}")
        before, after = (_flake8(names, each, options) for each in (original, place))
    assert before is not None
    assert after is not None
    for change in changes:
        for failure in _new_messages(change, before, after):
            if hacks.returncode == 0 or not failure.message.startswith("H"):
                yield failure


def _new_messages(
    change: Change, before: _Messages, after: _Messages
) -> Iterator[Failure]:
    old, new = (
        [each for each in messages if each[0] == change.path]
        for messages in (before, after)
    )
    counts = Counter(said.split()[0] for _, _, said in old)
    lines = Counter(said for _, _, said in old)
    grown = Counter(said.split()[0] for _, _, said in new) - counts
    for path, line, said in new:
        if lines[said]:
            lines[said] -= 1
        elif said.split()[0] in grown:
            yield Failure("flake8", f"{path}:{line}", said, change.hunk(line))


def _flake8(
    names: Sequence[str], folder: Path, options: Sequence[str] = ()
) -> _Messages | None:
    """Path, line and words of the messages about style; None if flake8 fails."""
    names = [name for name in names if (folder / name).exists()]
    if not names:
        return []
    form = "--format=%(path)s\t%(row)d\t%(code)s %(text)s"
    command = [sys.executable, "-m", "flake8", "-j1", form, "--no-show-source"]
    done = run([*command, *options, "--", *names], folder)
    if done.returncode > 1 or done.stderr:
        return None
    rows = (row.split("\t", 2) for row in done.stdout.splitlines())
    return [
        (os.path.normpath(row[0]), int(row[1]), row[2])
        for row in rows
        if len(row) == 3 and _STYLE.match(row[2])
    ]


def _line_length(folder: Path) -> int:
    """The project's line length, as flake8 would read it."""
    for name in ("setup.cfg", "tox.ini", ".flake8"):
        parser = configparser.RawConfigParser()
        parser.read(folder / name)
        for key in ("max-line-length", "max_line_length"):
            if parser.has_option("flake8", key):
                return parser.getint("flake8", key)
    return 79
