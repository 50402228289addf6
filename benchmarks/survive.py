"""Runs every analysis over folders of any Python code, to see that none crashes.

    python benchmarks/survive.py FOLDER... [--limit SECONDS]

Most of such code does not know Eventlet, so that little would happen. Therefore each
step also runs with names of the standard library standing in for Eventlet's, as a
project's configuration may say of wrappers, and every name and attribute of every
file is asked for its meaning. Nothing is written to the folders. The exit status is
1 if anything crashed or took too long.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import FrameType

from deventlet.config import Config
from deventlet.driver.run import Request, run
from deventlet.inventory import Inventory
from deventlet.registry import pages
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.exploring import explore
from deventlet.resolve.mocks import Mocks
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Module, Project
from deventlet.resolve.uses import find_uses
from deventlet.resolve.values.analysis import Values
from deventlet.source.text import SourceProblem, without_collection

STAND_INS = {
    "time.sleep": "eventlet.sleep",
    "threading.Thread": "eventlet.spawn",
    "threading.Event": "eventlet.Event",
    "threading.Lock": "eventlet.Semaphore",
    "threading.local": "eventlet.corolocal.local",
    "queue.Queue": "eventlet.Queue",
    "concurrent.futures.ThreadPoolExecutor": "eventlet.GreenPool",
    "subprocess.Popen": "eventlet.GreenPile",
    "socket.timeout": "eventlet.Timeout",
}
"""Common names of the standard library, in the place of Eventlet's."""

Files = Sequence[str]


class TooLong(Exception):
    """A step did not end within the limit."""


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception that came out of a step: what it was, where, for which files."""

    step: str
    said: str
    where: str
    files: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What was found in one folder."""

    seconds: dict[str, float] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    crashes: list[Crash] = field(default_factory=list)


Step = Callable[[Path, Files, Mapping[str, str]], int]
"""Analyses files of a folder with stand-ins; how many things it found."""


# -- steps ----------------------------------------------------------------------------


def meanings(root: Path, files: Files, shims: Mapping[str, str]) -> int:
    """Ask for the meaning of each name and attribute, and for the mocks."""
    names = Names(Project(root, files), EVERYTHING, shims)
    modules = explore(names)
    mocks = Mocks(names)
    asked = 0
    for path in files:
        module = names.project.module(path)
        if module is None:
            continue
        for node, _ in chain.from_iterable(module.scopes.uses.values()):
            names.denote(node, module.scopes.scope_of(node), module)
            asked += 1
        asked += sum(1 for _ in attributes(names, module))
        asked += len(mocks.of(module, find_uses(names, module)))
        if module not in modules:
            module.release()
    return asked


def attributes(names: Names, module: Module) -> Iterator[frozenset[str]]:
    """What each attribute of a name in a file denotes."""
    for node in ast.walk(module.tree):
        root: ast.expr | None = node if isinstance(node, ast.Attribute) else None
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and isinstance(node, ast.Attribute):
            yield names.denote(node, module.scopes.scope_of(root), module)


def objects(root: Path, files: Files, shims: Mapping[str, str]) -> int:
    """Follow every object to its end."""
    names = Names(Project(root, files), EVERYTHING, shims)
    return len(Values(names, explore(names)).objects)


def processes(root: Path, files: Files, shims: Mapping[str, str]) -> int:
    """Ask of every file whether its threads are patched."""
    asked = Processes(Project(root, files))
    return sum(asked.patched("time", path, None).proven for path in files)


def codemod(root: Path, files: Files, shims: Mapping[str, str]) -> int:
    """Run the codemod sleep; nothing is written."""
    config = Config(spellings=dict(shims))
    request = Request(
        root, files, frozenset(files), config, frozenset({"process-patched"})
    )
    return len(run(pages()["sleep"], request, {}).verdicts)


def inventory(root: Path, files: Files, shims: Mapping[str, str]) -> int:
    """Take the inventory that ``deventlet scan`` shows."""
    driver = importlib.import_module("deventlet.driver.inventory")
    config = Config(spellings=dict(shims))
    taken: Inventory = driver.take_inventory(
        root, files, frozenset(files), config, frozenset()
    )
    return len(taken.entries)


STEPS: dict[str, Step] = {
    "meanings": meanings,
    "objects": objects,
    "processes": processes,
    "codemod": codemod,
    "inventory": inventory,
}


# -- running -------------------------------------------------------------------------


def main() -> None:
    """Analyse each folder and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=900, metavar="SECONDS")
    parser.add_argument("--step", choices=STEPS, action="append")
    options = parser.parse_args()
    crashed = False
    for folder in options.folders:
        report = survive(folder.resolve(), options.step or list(STEPS), options.limit)
        crashed |= bool(report.crashes)
    sys.exit(crashed)


def survive(root: Path, steps: Sequence[str], limit: int) -> Report:
    """Run the steps over one folder, without and with stand-ins."""
    files = python_files(root)
    print(f"{root}: {len(files)} files, Python {sys.version.split()[0]}", flush=True)
    report = Report()
    report.problems.update(problems(root, files))
    for reason, count in report.problems.most_common():
        print(f"  {reason:24} {count:8}")
    for name in steps:
        for kind, shims in (("", {}), (" with stand-ins", STAND_INS)):
            if name == "inventory" and not available("deventlet.driver.inventory"):
                continue
            attempt(report, name, name + kind, (root, files, shims), limit)
    return report


def python_files(root: Path) -> list[str]:
    """The Python files of a folder; of a standard library, without what is added."""
    found = (path.relative_to(root) for path in root.rglob("*.py"))
    return sorted(str(path) for path in found if path.parts[0] != "site-packages")


def available(module: str) -> bool:
    """Whether this state of deventlet has the module."""
    return importlib.util.find_spec(module) is not None


def problems(root: Path, files: Files) -> Iterator[str]:
    """The reasons for which files are refused, one for each of those files."""
    for path in files:
        project = Project(root, [path])
        module = project.module(path)
        if module is not None:
            module.release()
        yield from (problem.reason for problem in project.problems.values())


def attempt(
    report: Report,
    step: str,
    label: str,
    given: tuple[Path, Files, Mapping[str, str]],
    limit: int,
) -> None:
    """Run one step on all files; if it crashes, on each of them by itself."""
    start = time.perf_counter()
    try:
        with at_most(limit), without_collection():
            report.found[label] = STEPS[step](*given)
    except Exception as error:
        late = isinstance(error, TooLong)
        files = () if late else culprits(step, given, error)
        crash = Crash(label, said(error), where(error), files)
        report.crashes.append(crash)
        print(f"  {label:24} CRASHED: {crash.said}\n{crash.where}")
        print(f"    by itself: {', '.join(crash.files) or 'no file'}", flush=True)
        return
    report.seconds[label] = time.perf_counter() - start
    print(
        f"  {label:24} {report.found[label]:8} found {report.seconds[label]:8.1f} s",
        flush=True,
    )


def culprits(
    step: str, given: tuple[Path, Files, Mapping[str, str]], error: Exception
) -> tuple[str, ...]:
    """The files that fail in the same way when they are all there is."""
    root, files, shims = given
    found = []
    for path in files:
        try:
            with at_most(20):
                STEPS[step](root, [path], shims)
        except SourceProblem:
            continue
        except Exception as own:
            if type(own) is type(error):
                found.append(path)
    return tuple(found)


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Interrupt what takes longer.

    :raises TooLong: then.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def said(error: Exception) -> str:
    """The exception on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def where(error: Exception) -> str:
    """The last calls before it, without those that only repeat."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return "\n".join(
        f"      {Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in frames
    )


if __name__ == "__main__":
    main()
