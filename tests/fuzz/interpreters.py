"""Interpreters that wait for programs, one for each world, and run each in a child.

``green``
    Eventlet, with everything monkey-patched.
``native``
    An interpreter that cannot import Eventlet.
``calls``
    Eventlet, with nothing patched; what is noted is which lines of the program call a
    function or a class of Eventlet's.

A child runs the first file as ``python main.py`` would, to the end of its threads, and
is killed after some seconds, which a busy machine may need for any program. Nothing is
judged here. This file is also the script that runs inside: it may import nothing of
the tests.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Literal

World = Literal["green", "native", "calls"]

HUNG = -14
"""The status of a program that did not end."""
SECONDS = 6
PATIENCE = 60
"""Seconds that one gets on any machine."""
_CALLS = "calls.json"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did.

    :param calls: in the world ``calls``, path and line of each call to Eventlet's, and
        what is called: ``sleep``, ``Queue.__init__``.
    """

    stdout: str
    stderr: str
    status: int
    calls: tuple[tuple[str, int, str], ...] = ()

    @property
    def behaviour(self) -> tuple[str, int, bool]:
        """What has to stay the same: output, exit status, whether it complained."""
        return self.stdout, self.status, "Traceback" in self.stderr


@cache
def interpreter(world: World) -> Interpreter:
    """The one interpreter of a world, which lives as long as the tests do."""
    return Interpreter(world)


class Interpreter:
    """A process in one world, for one program after the other."""

    def __init__(self, world: World) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, world],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, files: Mapping[str, bytes], seconds: int = SECONDS) -> Ran:
        """Run the first of the files; the others can be imported.

        :param seconds: after which it is killed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            for path, content in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            request = json.dumps([str(root), next(iter(files)), seconds])
            self._process.stdin.write(request.encode() + b"\n")
            self._process.stdin.flush()
            status = json.loads(self._process.stdout.readline())
            out, err = (
                file.read_text(errors="replace") if file.exists() else ""
                for file in (root / "stdout", root / "stderr")
            )
            return Ran(out, err, status, _calls(root / _CALLS, status))


def _calls(file: Path, status: int) -> tuple[tuple[str, int, str], ...]:
    """What was written about calls; nothing if the program was killed."""
    if status == HUNG or not file.exists():
        return ()
    return tuple(map(tuple, json.loads(file.read_text())))


# What follows runs inside.


def _main(world: str) -> None:
    """Answer each line of standard input with the status of its program."""
    waitpid = os.waitpid  # patching gives another one, which asks again and again
    _load(world)
    for line in sys.stdin:
        root, main, seconds = json.loads(line)
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
            _in_the_child(Path(root), main, world)
        _, status = waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _load(world: str) -> None:
    """Import, before any program, what most of them need."""
    if world == "native":
        os.environ["OS_OWN_DISABLE_EVENTLET_PATCHING"] = "1"  # where it runs both ways
        sys.modules["eventlet"] = None  # type: ignore[assignment]
        sys.modules["greenlet"] = None  # type: ignore[assignment]
    else:
        import warnings

        warnings.simplefilter("ignore")
        import eventlet
        import eventlet.green.socket
        import eventlet.green.subprocess
        import eventlet.tpool

        if world == "green":
            eventlet.monkey_patch()
        # Looking for locks in all that is loaded takes half a second of each program
        # that patches; those that there are, nobody holds.
        eventlet.patcher._green_existing_locks = lambda: None
    import concurrent.futures.thread
    import logging
    import queue
    import runpy
    import threading
    import traceback
    import unittest.mock

    import futurist

    del concurrent, futurist, logging, queue, runpy, threading, traceback, unittest


def _in_the_child(root: Path, main: str, world: str) -> None:
    """Run the program and end this process as an interpreter ends."""
    for number in (1, 2):
        name = ("stdout", "stderr")[number - 1]
        file = os.open(root / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(root)
    sys.path.insert(0, str(root))
    status = 1
    try:
        status = _status(root, main) if world != "calls" else _noting(root, main)
        import threading

        threading._shutdown()  # type: ignore[attr-defined]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _status(root: Path, main: str) -> int:
    import runpy
    import traceback

    sys.argv = [str(root / main)]
    try:
        runpy.run_path(str(root / main), run_name="__main__")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _noting(root: Path, main: str) -> int:
    """The same, writing down from where Eventlet's functions and classes are called."""
    import eventlet

    home = str(Path(eventlet.__file__).parent) + os.sep
    own = str(root) + os.sep
    seen: set[tuple[str, int, str]] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        code, caller = frame.f_code, frame.f_back
        if event != "call" or caller is None or not code.co_filename.startswith(home):
            return
        path = caller.f_code.co_filename
        if path.startswith(own) and _is_public(code.co_qualname):
            place = path.removeprefix(own), caller.f_lineno
            seen.add((*place, code.co_qualname))

    sys.setprofile(note)
    try:
        return _status(root, main)
    finally:
        sys.setprofile(None)
        (root / _CALLS).write_text(json.dumps(sorted(seen)))


def _is_public(name: str) -> bool:
    """Whether a function can be called by a name of its module: ``f``, ``C.__init__``.

    A method belongs to an object, which may be lost from sight.
    """
    owner, _, function = name.rpartition(".")
    return not function.startswith("_") if not owner else function == "__init__"


if __name__ == "__main__":
    _main(sys.argv[1])
