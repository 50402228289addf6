"""A Python environment of a test's own, made of what is installed here, offline.

It holds what a project requires and nothing else, so that a distribution that nobody
requires is not there, and one that is uninstalled is gone.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from shutil import copyfile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def environment(folder: Path, required: Iterable[str]) -> Path:
    """Make an environment; its Python.

    :param required: lines of requirements; each has to be installed here, too.
    """
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    place = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run(
        [python, "-I", "-c", place], check=True, capture_output=True, text=True
    )
    for each in _with_dependencies(required):
        _copy(each, Path(found.stdout.strip()))
    return python


def uninstall(python: Path, *names: str) -> None:
    """Let pip uninstall distributions, which have to be there."""
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    done = subprocess.run(
        [*pip, "uninstall", "--yes", "--disable-pip-version-check", *names],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in names:
        assert f"Successfully uninstalled {name}-" in done.stdout, done


def _with_dependencies(required: Iterable[str]) -> Iterator[Distribution]:
    """What is installed of the requirements, and of theirs, each once."""
    waiting, known = [*required], set[str]()
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        asked = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if asked and name not in known:
            known.add(name)
            found = distribution(name)
            assert requirement.specifier.contains(found.version), requirement
            waiting += found.requires or ()
            yield found


def _copy(found: Distribution, packages: Path) -> None:
    """Copy the files of a distribution, but for those outside of the packages."""
    for file in found.files or ():
        if ".." not in file.parts:
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            copyfile(str(file.locate()), target)
