"""The copy of a project that its tests may import in place of the one under test.

Asks the Python of the test command where it would find the package; no package is
imported for that, and nothing is changed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_ASK = """\
import importlib.util, sys
for name in sys.argv[1:]:
    spec = importlib.util.find_spec(name)
    for place in (spec.submodule_search_locations or [spec.origin]) if spec else ():
        print(place)
"""
_SECONDS = 10


def installed(line: str, packages: Iterable[str]) -> str:
    """The folder in which a test command finds one of some packages, outside of any.

    :param line: the command, for the shell.
    :param packages: names without dots.
    :returns: empty if there is none, or if that cannot be told.
    """
    python = _python(line)
    named = [name for name in sorted(packages) if name.isidentifier()]
    if python is None or not named:
        return ""
    own = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    try:
        done = subprocess.run(
            (python, "-c", _ASK, *named),
            cwd="/", env=own, capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.fsdecode(done.stdout).partition("\n")[0]


def _python(line: str) -> str | None:
    """The interpreter that a command names, or that lies beside its program."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    for word in words:
        found = shutil.which(word)
        if found is None:
            continue
        if re.fullmatch(r"python[\d.]*", Path(word).name):
            return found
        beside = Path(found).with_name("python")
        if beside.exists():
            return str(beside)
    return shutil.which("python3")
