"""What a project says about a distribution that it needs; reads its lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_LISTS = (
    "requirements.txt", "requirements/*.txt", "*requirements*.txt",
    "requirements*.in", "pyproject.toml", "setup.cfg", "setup.py",
)  # fmt: skip
_CHECKS = (
    "tox.ini", "test-requirements.txt", "setup.cfg", "pyproject.toml",
    ".pre-commit-config.yaml",
)  # fmt: skip
_HACKING = re.compile(r"(?m)^[^#\n]*?(?<![\w./-])hacking\b(?![\w.-]*\])")
_BOUND = re.compile(r"(?:>=?|==|~=)\s*(\d+(?:\.\d+)*)")


def requires(root: Path, name: str) -> bool:
    """Whether a list of requirements names a distribution, or there is no list.

    :param name: as it is written in such lists, in lower case.
    """
    texts = _lists(root)
    return not texts or any(map(_line(name).search, texts))


def allows_before(root: Path, name: str, version: tuple[int, ...]) -> bool:
    """Whether a list asks for a distribution from an older version on.

    Where none of them has a lower bound, the list of the oldest versions that are
    tested says it; without such a list the newest is installed, and the answer is no.

    :param name: as it is written in such lists, in lower case.
    """
    oldest = root / "lower-constraints.txt"
    tested = [oldest.read_text("utf-8", "replace")] if oldest.is_file() else []
    bounds = _bounds(_lists(root), name) or _bounds(tested, name)
    return any(bound < version for bound in bounds)


def _bounds(texts: Iterable[str], name: str) -> list[tuple[int, ...]]:
    """The lower bounds of a distribution in some lists."""
    found = (line[1] for text in texts for line in _line(name).finditer(text))
    bounds = (bound[1] for line in found for bound in _BOUND.finditer(line))
    return [tuple(map(int, bound.split("."))) for bound in bounds]


def uses_hacking(root: Path) -> bool:
    """Whether OpenStack's style is checked: a list of tools or tests names hacking."""
    paths = [path for name in _CHECKS if (path := root / name).is_file()]
    texts = (path.read_text("utf-8", "replace") for path in paths)
    return any(map(_HACKING.search, texts))


def _lists(root: Path) -> list[str]:
    paths = {path for pattern in _LISTS for path in root.glob(pattern)}
    return [path.read_text("utf-8", "replace") for path in sorted(paths)]


def _line(name: str) -> re.Pattern[str]:
    """A line that names a distribution, and what it says of it."""
    pattern = rf"(?mi)^[^#\n]*?(?<![\w.-]){re.escape(name)}(?![\w.-])([^#\n\"';]*)"
    return re.compile(pattern)
