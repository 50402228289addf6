"""The project's test command: run in a folder, and what it says.

The command is the user's own, from the command line, and is run by the shell; nothing
of a repository is ever run but through it.
"""

from __future__ import annotations

import math
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deventlet.verify.report import MISSING, Report

_FILES, _MODULES = "{files}", "{modules}"
_SHOWN = 20
_WHOLE = "the command"
_TIMEOUT = f"{_WHOLE} (timeout)"
WHOLE = frozenset({_WHOLE, _TIMEOUT, MISSING})
"""What fails where no test is named: nothing is known of one run by another."""


# Ends the tests when we are gone, even killed: then the pipe that is standard input at
# first has no other end. What waits for that is no job of the command's own shell.
_GUARDED = """\
exec 3<&0 </dev/null
{ read -r _; kill -9 0; } <&3 >/dev/null 2>&1 &
exec 3<&-
exec /bin/sh -c "$1"
"""


@dataclass(frozen=True, slots=True)
class Command:
    """How to run the tests.

    :param line: for the shell; ``{files}`` stands for the tests concerned, as paths,
        and ``{modules}`` for the same as dotted names.
    :param report: what the command writes; None to judge by the exit status alone.
    :param timeout: seconds after which a run counts as failed; None if nobody said.
    """

    line: str
    report: Report | None = None
    timeout: float | None = None

    @property
    def names_tests(self) -> bool:
        """Whether it is told which tests are concerned."""
        return _FILES in self.line or _MODULES in self.line

    def naming(self, files: Sequence[str]) -> str:
        """The line that runs the tests in some files."""
        line = self.line.replace(_FILES, shlex.join(files))
        return line.replace(_MODULES, shlex.join(map(_module, files)))


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


@dataclass(eq=False)
class Run:
    """The tests, running in a folder; ended with everything they started at the end.

    The folder is put first on the path of Python's modules.

    :param files: the test files that are concerned.
    :param limit: seconds after which it counts as failed; None to wait for ever.
    """

    command: Command
    folder: Path
    files: Sequence[str]
    limit: float | None

    def __enter__(self) -> Run:
        """Start them."""
        if self.command.report is not None:
            self.command.report.remove(self.folder)
        self._output = tempfile.TemporaryFile()
        line = self.command.naming(self.files)
        self._process = subprocess.Popen(
            ("/bin/sh", "-c", _GUARDED, "sh", line),
            cwd=self.folder, env=_environment(self.folder), start_new_session=True,
            stdin=subprocess.PIPE, stdout=self._output, stderr=self._output,
        )  # fmt: skip
        self._start = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        """End what is still there."""
        _end(self._process)
        self._output.close()

    def result(self, wait: float) -> Result | None:
        """What they say; None if they take longer than these seconds from now on."""
        limit = math.inf if self.limit is None else self.limit
        left = max(limit - self.seconds, 0)
        try:
            status = self._process.wait(min(wait, left))
        except subprocess.TimeoutExpired:
            if self.seconds < limit:
                return None
            status = None
        seconds = self.seconds
        _end(self._process)  # nothing may write to the report any more
        self._output.seek(0)
        tail = _tail(self._output.read())
        return Result(self._failed(status), seconds, tail)

    @property
    def seconds(self) -> float:
        """How long they have been running."""
        return time.monotonic() - self._start

    def _failed(self, status: int | None) -> frozenset[str]:
        """What failed, by the report if there is one."""
        if status is None:
            return frozenset({_TIMEOUT})
        if self.command.report is not None:
            return self.command.report.failed(self.folder)
        return frozenset({_WHOLE} if status else ())


def _module(path: str) -> str:
    """The dotted name of a test file, as stestr and unittest take it."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[parts[0] == "src" : len(parts) - (parts[-1] == "__init__")])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever of the command is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _environment(folder: Path) -> dict[str, str]:
    """The user's own, with the folder's modules before any that are installed."""
    places = [str(folder), *(str(src) for src in (folder / "src",) if src.is_dir())]
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([*places, *([known] if known else [])])
    # A hook or an alias of git may have started us.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def _tail(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").rstrip().split("\n")
    return "\n".join(lines[-_SHOWN:])
