"""The project's test command: run in a folder, and what it says.

The command is the user's own, from the command line, and is run by the shell; nothing
of a repository is ever run but through it.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FILES = "{files}"
_SHOWN = 20
_WHOLE = "the command"
NO_REPORT = "the command left no report"
"""What fails where a report was promised and is not there."""


@dataclass(frozen=True, slots=True)
class Command:
    """How to run the tests.

    :param line: for the shell; ``{files}`` stands for the tests concerned.
    :param junit: where the command writes its report, from its folder; None to judge
        by the exit status alone.
    :param timeout: seconds after which it counts as failed.
    """

    line: str
    junit: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of the tests said.

    :param failed: the tests that failed; ``the command`` where only that is known.
    :param seconds: how long it took.
    :param tail: the last lines of its output.
    """

    failed: frozenset[str]
    seconds: float
    tail: str


def run_tests(command: Command, folder: Path, files: Sequence[str]) -> Result:
    """Run the tests in a folder.

    The folder is put first on the path of Python's modules.

    :param files: what ``{files}`` stands for.
    """
    report = folder / command.junit if command.junit is not None else None
    if report is not None:
        report.unlink(missing_ok=True)
    start = time.monotonic()
    with tempfile.TemporaryFile() as output:
        status = _run(command, folder, files, output.fileno())
        output.seek(0)
        tail = _tail(output.read())
    seconds = time.monotonic() - start
    return Result(_verdict(status, report), seconds, tail)


def _verdict(status: int | None, report: Path | None) -> frozenset[str]:
    """What failed, by the report if there is one."""
    if status is None:
        return frozenset({f"{_WHOLE} (timeout)"})
    if report is not None:
        return frozenset(_failed(report))
    return frozenset({_WHOLE} if status else ())


def _run(
    command: Command, folder: Path, files: Sequence[str], output: int
) -> int | None:
    """The exit status; None if it took too long. Nothing of it is left running."""
    line = command.line.replace(FILES, shlex.join(files))
    process = subprocess.Popen(
        line, shell=True, cwd=folder, env=_environment(folder),
        stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(command.timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever of the command is still there."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """The user's own, with the folder's modules before any that are installed."""
    places = [str(folder), *(str(src) for src in (folder / "src",) if src.is_dir())]
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([*places, *([known] if known else [])])
    # A hook or an alias of git may have started us.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def _failed(report: Path) -> Iterator[str]:
    """The tests of a JUnit report that failed or could not run."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        yield NO_REPORT
        return
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            yield ".".join(filter(None, (case.get("classname"), case.get("name"))))


def _tail(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").rstrip().split("\n")
    return "\n".join(lines[-_SHOWN:])
