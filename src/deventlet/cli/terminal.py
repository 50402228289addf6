"""The terminal, or the pipe in its place: how a line or a table is written.

Nothing here knows what is being said. Source text and paths never pass through
terminal markup, and what could steer a terminal is shown, not sent. Imports no
LibCST, because ``list`` and ``explain`` write with it.
"""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.padding import Padding
from rich.status import Status
from rich.table import Table
from rich.text import Text

from deventlet.cli.exits import Stop
from deventlet.report.text import visible as visible


class _Console(Console):
    """A console that leaves it to the command what a closed pipe means."""

    def on_broken_pipe(self) -> NoReturn:
        """Hand the error on; rich's own answer is to exit with 1."""
        raise BrokenPipeError


def console(wrap: bool = False) -> Console:
    """Standard output; nothing is ever cut at its width.

    :param wrap: break lines between words on a terminal; never done in a pipe.
    """
    found = _Console(highlight=False, markup=False, emoji=False)
    found.soft_wrap = not (wrap and found.is_terminal)
    return found


def errors() -> Console:
    """Standard error, for what is shown to a person who is asked something."""
    return Console(
        stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True
    )


def notice(message: str) -> None:
    """Say something on standard error."""
    sys.stderr.write(f"deventlet: {visible(message)}\n")


def result(line: str) -> None:
    """One line of result on standard output."""
    sys.stdout.write(f"{visible(line)}\n")


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show on a terminal that something is being done."""
    with _status(message):
        yield


@contextmanager
def live(message: str, usual: float) -> Iterator[Callable[[], None]]:
    """Show on a terminal what is being done, and for how long already.

    :param usual: the seconds that it took before; 0 if that is not known.
    :returns: what brings the time up to date, however often it is called.
    """
    start = time.monotonic()
    about = f" of about {_clock(usual)}" if usual else ""
    with _status(message) as status:

        def tick() -> None:
            seconds = time.monotonic() - start
            if status is not None:
                status.update(Text(f"{message}, {_clock(seconds)}{about}"))

        yield tick


@contextmanager
def _status(message: str) -> Iterator[Status | None]:
    """A line that changes in place; None where that would be many lines.

    A pipe or a CI log is no terminal, whatever colours it asks for.
    """
    errors = Console(stderr=True, highlight=False)
    if not sys.stderr.isatty() or errors.is_dumb_terminal:
        yield None
        return
    with errors.status(Text(message)) as status:
        yield status


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def show_text(to: Console, text: Text, indent: int) -> None:
    """A paragraph; on a terminal its lines are broken between words."""
    if to.is_terminal:
        to.print(Padding(text, (0, 0, 0, indent), expand=False), soft_wrap=False)
    else:
        to.print(Text(" " * indent) + text)


def show_line(to: Console, line: str) -> None:
    """A line that begins with its indentation; broken on a terminal, further in."""
    words = line.lstrip()
    indent = len(line) - len(words)
    if not to.is_terminal or indent + len(words) <= to.width:
        to.print(Text(line))
        return
    hanging = indent + 2 if indent else 0
    for each in textwrap.wrap(
        words, to.width, initial_indent=" " * indent, subsequent_indent=" " * hanging,
        break_long_words=False, break_on_hyphens=False,
    ):  # fmt: skip
        to.print(Text(each))


def show_table(to: Console, rows: Sequence[Sequence[str]]) -> None:
    """Rows of text below a heading; on a terminal the last column is wrapped."""
    if not to.is_terminal:
        for line in aligned(rows):
            to.print(Text(line))
        return
    table = Table(box=None, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading, overflow="fold")
    for row in rows[1:]:
        table.add_row(*map(Text, row))
    to.print(table, soft_wrap=False)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as one line, its cells below each other."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def check_output(path: Path | None) -> None:
    """Refuse an output that would only fail once all the work is done.

    :raises Stop: for what no file can be.
    """
    if path is None:
        return
    if path.is_dir():
        raise Stop(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise Stop(f"cannot write {path}: there is no folder {path.parent}")


def deliver(report: bytes, path: Path | None) -> None:
    """Write a report to its file, or to standard output as the bytes it is.

    :raises Stop: if it cannot be written.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(report)
        sys.stdout.buffer.flush()
        return
    try:
        path.write_bytes(report)
    except OSError as error:
        raise Stop(f"cannot write {path}: {error.strerror}") from error
