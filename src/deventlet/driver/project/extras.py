"""Whether a project has Eventlet only as an extra: for who asks for it, and no other.

Reads what the packaging files say, each in its own words, and runs none of them. A
file that is not what its name says counts as one that says nothing.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

_EVENTLET = re.compile(r"(?i)\s*eventlet(?![\w.-])")
_NEEDED = ("requirements.txt", "requirements/*.txt", "requirements/*.in")
_OFFERED = ("requirements/extras/eventlet.txt", "requirements/extras.txt")
_TESTS = re.compile(r"(?i)test|dev|doc|lint|ci|extras")
"""Words in the names of lists that nobody needs to run the project."""
_BROKEN = (
    ValueError, SyntaxError, RecursionError, AttributeError, TypeError,
    configparser.Error,
)  # fmt: skip


class _Said(NamedTuple):
    """Whether a packaging file needs Eventlet, and whether it offers it."""

    needs: bool
    offers: bool


def only_extra(root: Path) -> str:
    """The file by which Eventlet is an extra; empty if it is needed, or is nowhere."""
    said = {name: _read(root / name, read) for name, read in _READERS.items()}
    lists = (path for pattern in _NEEDED for path in sorted(root.glob(pattern)))
    listed = any(_lists(path) for path in lists if not _TESTS.search(path.stem))
    if listed or any(each.needs for each in said.values()):
        return ""
    offers = [name for name, each in said.items() if each.offers]
    offers += [name for name in _OFFERED if _lists(root / name)]
    return next(iter(offers), "")


def _lists(path: Path) -> bool:
    """Whether a list of requirements has Eventlet."""
    if not path.is_file():
        return False
    return _names(path.read_text("utf-8", "replace").splitlines())


def _names(lines: Iterable[object]) -> bool:
    return any(isinstance(each, str) and _EVENTLET.match(each) for each in lines)


def _read(path: Path, read: Callable[[str], _Said]) -> _Said:
    if not path.is_file():
        return _Said(False, False)
    try:
        return read(path.read_text("utf-8", "replace"))
    except _BROKEN:
        return _Said(False, False)


def _pyproject(text: str) -> _Said:
    data = tomllib.loads(text)
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {})
    extras: Mapping[str, Any] = project.get("optional-dependencies", {})
    own = poetry.get("eventlet")
    is_optional = isinstance(own, dict) and own.get("optional") is True
    return _Said(
        _names(project.get("dependencies", ())) or (bool(own) and not is_optional),
        any(_names(each) for name, each in extras.items() if not _TESTS.search(name))
        or is_optional,
    )


def _setup_cfg(text: str) -> _Said:
    """``[options.extras_require]`` is setuptools' section, ``[extras]`` pbr's."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    needed = parser.get("options", "install_requires", fallback="")
    offered = [
        value
        for section in ("options.extras_require", "extras")
        if parser.has_section(section)
        for name, value in parser.items(section)
        if not _TESTS.search(name)
    ]
    lines = (line for value in offered for line in value.splitlines())
    return _Said(_names(needed.splitlines()), _names(lines))


def _setup_py(text: str) -> _Said:
    tree = ast.parse(text)
    said = {"install_requires": False, "extras_require": False}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in said:
            said[node.arg] |= _names(_strings(node.value, tree))
    return _Said(said["install_requires"], said["extras_require"])


def _strings(value: ast.expr, tree: ast.Module) -> Iterator[object]:
    """The strings of an expression, and of what its names are assigned at the top."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    values = [value]
    for each in tree.body:
        if isinstance(each, ast.Assign):
            targets = {getattr(target, "id", "") for target in each.targets}
            values += [] if names.isdisjoint(targets) else [each.value]
    for each_value in values:
        for node in ast.walk(each_value):
            if isinstance(node, ast.Constant):
                yield node.value


_READERS: Mapping[str, Callable[[str], _Said]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
