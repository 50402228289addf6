"""Runs programs under Eventlet and without it, many in one interpreter per world.

``green``
    Eventlet, with everything monkey-patched before the first program.
``bare``
    Eventlet, with nothing patched.
``native``
    An interpreter that cannot import Eventlet.
``switching``
    The same, with a switch of threads every 10 microseconds.

This file is also the script that runs inside: it may import nothing of the tests.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

World = Literal["green", "bare", "native", "switching"]
_TIMEOUT = 120.0
_SWITCHING = 1e-5


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did."""

    stdout: str
    stderr: str
    status: int

    @property
    def behaviour(self) -> tuple[str, int, bool]:
        """What has to stay the same: output, exit status, whether it complained."""
        return self.stdout, self.status, "Traceback" in self.stderr


def run_programs(
    world: World, programs: Mapping[str, Mapping[str, bytes]]
) -> dict[str, Ran]:
    """Run the first file of each program, all in one process.

    :param programs: the files of each program by its name.
    """
    with tempfile.TemporaryDirectory() as folder:
        mains = {}
        for index, (name, contents) in enumerate(programs.items()):
            root = Path(folder) / f"program{index}"
            for path, content in contents.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            mains[name] = [str(root), next(iter(contents))]
        done = subprocess.run(
            [sys.executable, "-B", __file__, world],
            cwd=folder,
            input=json.dumps(mains),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return {name: Ran(*ran) for name, ran in json.loads(done.stdout).items()}


def _main(world: str) -> None:
    """Inside: read the programs from stdin, run them, write what they did."""
    mains: dict[str, list[str]] = json.load(sys.stdin)
    if world == "green":
        import eventlet

        eventlet.monkey_patch()
    elif world in ("native", "switching"):
        sys.modules["eventlet"] = None  # type: ignore[assignment]
    if world == "switching":
        sys.setswitchinterval(_SWITCHING)
    results = {name: _run(Path(root), main) for name, (root, main) in mains.items()}
    json.dump(results, sys.stdout)


def _run(root: Path, main: str) -> tuple[str, str, int]:
    """Run one program as ``python main.py`` would; output, errors, exit status."""
    stdout, stderr = _Output(), io.StringIO()
    with (
        _importing_from(root),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        _complaints_of_futures_to(stderr),
    ):
        status = _status(root / main, _printing_to(stdout))
    return stdout.getvalue(), stderr.getvalue(), status


class _Output(io.StringIO):
    """What one program prints."""


def _printing_to(stdout: _Output) -> Callable[..., None]:
    """A ``print`` for one program, whose threads may outlive it in this process.

    What they print then would otherwise be said by the program that runs by now.
    """

    def own(*values: object, file: TextIO | None = None, **options: Any) -> None:
        here = stdout if isinstance(sys.stdout, _Output) else sys.stdout
        print(*values, file=here if file is None else file, **options)

    own.__name__ = own.__qualname__ = "print"
    return own


@contextlib.contextmanager
def _complaints_of_futures_to(stderr: io.StringIO) -> Iterator[None]:
    """The logger of futures keeps the stream that there was when it was made."""
    logger = logging.getLogger("concurrent.futures")
    handler = logging.StreamHandler(stderr)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _status(main: Path, own_print: Callable[..., None]) -> int:
    sys.argv = [str(main)]
    try:
        runpy.run_path(str(main), {"print": own_print}, run_name="__main__")
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return int(stop.code or 0)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _importing_from(root: Path) -> Iterator[None]:
    """The program's own modules can be imported, and are forgotten afterwards."""
    known = set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in set(sys.modules) - known:
            where = getattr(sys.modules[name], "__file__", None) or ""
            if where.startswith(str(root)):
                del sys.modules[name]
        sys.path_importer_cache.clear()


if __name__ == "__main__":
    _main(sys.argv[1])
