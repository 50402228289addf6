"""What a repository starts as a process of its own, read off its packaging files.

``setup.py`` is parsed, never run: what it computes is not seen. The groups and
keys are those of the entry points specification of the packaging guide, and pbr's
``wsgi_scripts``.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deventlet.resolve.project import Project
from deventlet.source.text import SourceProblem

SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts", "wsgi_scripts"})
"""Entry points of these groups are processes; all others are plug-ins."""

FACTORIES = frozenset(
    f"paste.{kind}"
    for kind in (
        *("app_factory", "composite_factory", "filter_factory", "server_factory"),
        *("filter_app_factory", "app_install", "server_runner"),
    )
)
"""Groups and keys of paste.deploy, which calls these wherever they are loaded."""

_FACTORY = re.compile(r"^[ \t]*(paste\.\w+)[ \t]*=[ \t]*([\w.]+:[\w.]+)", re.MULTILINE)
_TARGET = re.compile(r"([\w.]+)\s*(?::\s*([\w.]+))?")
_Groups = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class EntryPoint:
    """One way to start a process.

    :param label: how a person calls it: the command, or the path of a script.
    :param module: name of the repository's module that is loaded first.
    :param function: what is called in it; empty for a script.
    """

    label: str
    module: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """The entry points that packaging files name, sorted.

    ``plugins`` has the groups of every other entry point by its module and
    top-level name: what somebody may load by name.
    """

    commands: tuple[EntryPoint, ...]
    plugins: Mapping[tuple[str, str], frozenset[str]]


def declared(project: Project) -> Declared:
    """What the packaging files at the root and beside each ``setup.py`` name."""
    commands: set[EntryPoint] = set()
    plugins: dict[tuple[str, str], set[str]] = {}
    for group, name, target in (*_listed(project), *_factories(project)):
        found = _TARGET.match(target.strip())
        if found is None or found[1] not in project.by_name:
            continue
        function = found[2] or ""
        if group in SCRIPT_GROUPS:
            commands.add(EntryPoint(name, found[1], function))
        elif function:
            key = found[1], function.partition(".")[0]
            plugins.setdefault(key, set()).add(group)
    frozen = {key: frozenset(groups) for key, groups in sorted(plugins.items())}
    return Declared(tuple(sorted(commands)), frozen)


def unread(root: Path) -> int:
    """The first line of the root's ``setup.cfg`` that no parser takes; 0 for none.

    Of such a file none of the commands is known.
    """
    path = root / "setup.cfg"
    try:
        _setup_cfg(path.read_text("utf-8", "replace") if path.is_file() else "")
    except configparser.ParsingError as found:  # one kind says a line, the others all
        errors: list[tuple[int, str]] = getattr(found, "errors", [])
        return errors[0][0] if errors else int(getattr(found, "lineno", 1))
    return 0


def _listed(project: Project) -> Iterator[tuple[str, str, str]]:
    """Group, name and target of every entry point."""
    names = {str(PurePosixPath(p).parent) for p in project.paths if _is_setup(p)}
    for folder in sorted({".", *names}):
        for name, reader in _READERS.items():
            path = str(PurePosixPath(folder) / name)
            try:
                text = project.read(path).decode("utf-8", "replace")
                groups = reader(text)
            except (SourceProblem, *_BROKEN):
                continue  # absent, or not what its name says: nothing is declared
            for group, entries in groups.items():
                yield from ((group, *entry) for entry in _entries(entries))


def _factories(project: Project) -> Iterator[tuple[str, str, str]]:
    """What the paste configuration under ``etc`` names."""
    for path in sorted((project.root / "etc").rglob("*.ini*")):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            for key, target in _FACTORY.findall(text):
                yield key, "", target


def _is_setup(path: str) -> bool:
    return PurePosixPath(path).name == "setup.py"


def _entries(value: object) -> Iterator[tuple[str, str]]:
    """Name and target: of a table, of a list of lines, or of lines in one string."""
    if isinstance(value, dict):
        yield from ((str(k), v) for k, v in value.items() if isinstance(v, str))
        return
    lines = value.splitlines() if isinstance(value, str) else value
    for line in lines if isinstance(lines, list | tuple) else ():
        name, equals, target = str(line).partition("=")
        if equals:
            yield name.strip(), target.strip()


def _ini(text: str, delimiters: tuple[str, ...]) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=delimiters)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


def _setup_cfg(text: str) -> _Groups:
    """``[entry_points]`` is pbr's section, ``[options.entry_points]`` setuptools'.

    Both read ``project_urls:`` as well as ``project_urls =``.
    """
    parser = _ini(text, ("=", ":"))
    found: dict[str, str] = {}
    for section in ("entry_points", "options.entry_points"):
        if parser.has_section(section):
            found.update(parser.items(section))
    return found


def _pyproject(text: str) -> _Groups:
    data = tomllib.loads(text)
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {})
    scripts = {**project.get("scripts", {}), **poetry.get("scripts", {})}
    return {
        **project.get("entry-points", {}),
        **poetry.get("plugins", {}),
        "gui_scripts": project.get("gui-scripts", {}),
        "console_scripts": scripts,
    }


def _setup_py(text: str) -> _Groups:
    tree = ast.parse(text)
    constants = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg == "entry_points":
                return _literal_groups(keyword.value, constants)
    return {}


def _literal_groups(value: ast.expr, constants: Mapping[str, ast.expr]) -> _Groups:
    if isinstance(value, ast.Name):
        value = constants.get(value.id, value)
    groups = ast.literal_eval(value)
    if isinstance(groups, str):
        parser = _ini(groups, ("=",))
        return {name: dict(parser.items(name)) for name in parser.sections()}
    return groups if isinstance(groups, dict) else {}


_BROKEN = (ValueError, SyntaxError, RecursionError, AttributeError, configparser.Error)
_READERS = {
    "setup.cfg": _setup_cfg,
    "pyproject.toml": _pyproject,
    "setup.py": _setup_py,
}
