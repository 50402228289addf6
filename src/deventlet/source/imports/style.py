"""How a project writes its imports: groups, order inside a group, line length.

Reads configuration text that the caller hands it; touches neither files nor
Python source.
"""

from __future__ import annotations

import configparser
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Place = tuple[int, tuple[str, ...]]
Order = Literal["hacking", "isort", "isort-force-sort-within-sections"]
ORDERS: tuple[Order, ...] = get_args(Order)

FUTURE, STDLIB, THIRD_PARTY, PROJECT = range(4)

_LEFT_STDLIB = frozenset(
    {"aifc", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk"}
    | {"crypt", "distutils", "formatter", "imghdr", "imp", "lib2to3", "mailcap"}
    | {"msilib", "nis", "nntplib", "ossaudiodev", "parser", "pipes", "smtpd", "sndhdr"}
    | {"spwd", "sunau", "symbol", "telnetlib", "uu", "xdrlib"}
)
"""Modules that newer Pythons dropped: the groups must not depend on who runs us."""

_STDLIB = sys.stdlib_module_names | _LEFT_STDLIB

_ISORT_PROFILES: dict[str, dict[str, object]] = {
    "black": {"line_length": 88},
    "wemake": {"line_length": 80},
    "google": {
        "force_single_line": True,
        "force_sort_within_sections": True,
        "lexicographical": True,
    },
    "open_stack": {
        "force_single_line": True,
        "force_sort_within_sections": True,
        "lexicographical": True,
    },
    "plone": {
        "force_single_line": True,
        "force_alphabetical_sort": True,
        "line_length": 88,
    },
    "django": {"line_length": 79},
    "hug": {"line_length": 100},
    "appnexus": {"force_sort_within_sections": True, "line_length": 88},
}
"""What the profiles of isort set, as far as it matters here (isort's own table)."""


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """One binding made by an import statement.

    :param module: dotted module, ``concurrent.futures``.
    :param name: the name taken from it, None for ``import module``.
    :param alias: the name after ``as``.
    :param comment: what stands behind the statement, ``# noqa``; no part of the
        binding.
    """

    module: str
    name: str | None = None
    alias: str | None = None
    comment: str = field(default="", compare=False)

    def __lt__(self, other: ImportSpec) -> bool:
        return self._parts() < other._parts()

    def _parts(self) -> tuple[str, str, str]:
        return self.module, self.name or "", self.alias or ""

    @property
    def bound(self) -> str:
        """The name that the statement binds in its namespace."""
        return self.alias or self.name or self.module.partition(".")[0]

    def statement(self) -> str:
        """The statement on one line, without a line end."""
        start = f"from {self.module} import {self.name}" if self.name else ""
        start = start or f"import {self.module}"
        return f"{start} as {self.alias}" if self.alias else start


@dataclass(frozen=True, slots=True)
class ImportStyle:
    """What decides where an import goes and how it is written.

    :param project: top-level packages of the project itself.
    :param order: inside a group: ``hacking`` sorts by the full dotted path whatever
        the keyword (H306), ``isort`` puts every ``import x`` before every ``from x``,
        ``isort-force-sort-within-sections`` sorts by module, then by keyword.
    :param force_single_line: one name per ``from`` statement (H301).
    :param line_length: in characters, for lines that we write.
    """

    project: frozenset[str] = frozenset()
    order: Order = "hacking"
    force_single_line: bool = True
    line_length: int = 79

    def category(self, module: str) -> int:
        """The group of a module; relative modules start with a dot."""
        top = module.partition(".")[0]
        if top == "__future__":
            return FUTURE
        if not top or top in self.project:
            return PROJECT
        return STDLIB if top in _STDLIB else THIRD_PARTY

    def place(self, spec: ImportSpec) -> Place:
        """The group of an import and what it sorts by inside the group."""
        return self.category(spec.module), self._key(spec)

    def _key(self, spec: ImportSpec) -> tuple[str, ...]:
        name, last = spec.name or "", spec.alias or ""
        path, rest = spec.module.lower(), name.lower()
        if self.order == "hacking":
            return (f"{path}.{rest}" if rest else path, last)
        if self.order == "isort":
            return ("from" if rest else "", path, *name_key(name), last)
        return path, rest, last


def name_key(name: str) -> tuple[str, str]:
    """The order of names in one statement: constants, classes, the rest (isort)."""
    if name.isupper() and len(name) > 1:
        return "A", name.lower()
    return "B" if name[:1].isupper() else "C", name.lower()


def detect_style(
    read: Callable[[str], str | None], project: frozenset[str]
) -> ImportStyle:
    """The import style that a repository's configuration asks for.

    An isort section decides first, then ruff if it selects ``I``, then the style of
    flake8-import-order; without any of them the order is that of hacking. Files that
    cannot be parsed count as absent.

    :param read: text of a file at the root of the repository, None if there is none.
    :param project: top-level packages known to be the project's own.
    """
    flake8 = _flake8_options(read)
    isort = _isort_options(read)
    ruff = _ruff_options(read)
    options = isort if isort is not None else _ruff_isort(ruff)
    if options is None:
        options = _flake8_isort(flake8)
    order = _order(options)
    return ImportStyle(
        project | _words(options, "known_first_party") | _app_names(flake8),
        order,
        order == "hacking" or _true(options, "force_single_line"),
        own_length(read) or 79,
    )


def own_length(read: Callable[[str], str | None]) -> int | None:
    """The columns that the settings in a folder allow, the least of several.

    :param read: text of a file of the folder, None if there is none.
    """
    lengths = (
        _length(_flake8_options(read), "max_line_length"),
        _length(_ruff_options(read), "line_length"),
        _length(_isort_options(read), "line_length"),
        _length(_toml(read("pyproject.toml"), "tool", "black"), "line_length"),
    )
    return min((n for n in lengths if n), default=None)


def _flake8_options(read: Callable[[str], str | None]) -> _Options:
    """The settings of flake8, from the first file that has some."""
    return _first(_ini(read(name), "flake8") for name in _FLAKE8_FILES)


_FLAKE8_FILES = ("setup.cfg", "tox.ini", ".flake8")
_Options = Mapping[str, Any]


def _order(options: _Options) -> Order:
    """The order behind isort's options; an empty mapping means none were set."""
    if not options or _true(options, "lexicographical"):
        return "hacking"
    names = ("force_sort_within_sections", "force_alphabetical_sort")
    if any(_true(options, name) for name in names):
        return "isort-force-sort-within-sections"
    return "isort"


def _isort_options(read: Callable[[str], str | None]) -> _Options | None:
    """isort's settings, from the file that isort itself would take."""
    found = (
        _ini(read(".isort.cfg"), "settings", "isort")
        or _toml(read("pyproject.toml"), "tool", "isort")
        or _ini(read("setup.cfg"), "isort", "tool:isort")
        or _ini(read("tox.ini"), "isort", "tool:isort")
    )
    if not found:
        return None
    profile = _ISORT_PROFILES.get(str(found.get("profile", "")), {})
    return {**profile, **found}


def _ruff_options(read: Callable[[str], str | None]) -> _Options:
    """ruff's settings: its own files go before pyproject.toml."""
    return (
        _toml(read(".ruff.toml"))
        or _toml(read("ruff.toml"))
        or _toml(read("pyproject.toml"), "tool", "ruff")
    )


def _ruff_isort(ruff: _Options) -> _Options | None:
    """ruff's isort settings if it checks imports at all."""
    lint = _table({**ruff, **_table(ruff.get("lint"))})
    selected = [*lint.get("select", ()), *lint.get("extend_select", ())]
    if not any(code == "ALL" or code[:2] in ("I", "I0") for code in selected):
        return None
    return {"selected": True, **_table(lint.get("isort"))}


def _flake8_isort(flake8: _Options) -> _Options:
    """A style of flake8-import-order in isort's words."""
    style = str(flake8.get("import_order_style", ""))
    if style in ("google", "appnexus", "cryptography"):
        return {"force_sort_within_sections": True, "force_single_line": False}
    return {"force_single_line": False} if style in ("smarkets", "edited") else {}


def _app_names(flake8: _Options) -> frozenset[str]:
    return _words(flake8, "application_import_names")


def _ini(text: str | None, *sections: str) -> _Options:
    """The first of some sections of an INI file; empty if none is there."""
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, allow_no_value=True
    )
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return {}
    return _first(_table(parser[name]) for name in sections if name in parser)


def _toml(text: str | None, *path: str) -> _Options:
    """A table of a TOML file; empty if it is not there."""
    try:
        table: Any = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}
    for name in path:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return _table(table)


def _first(found: Iterator[_Options]) -> _Options:
    return next((options for options in found if options), {})


def _table(value: Any) -> dict[str, Any]:
    """A mapping with its keys spelled with underscores; empty for anything else."""
    if not isinstance(value, Mapping):
        return {}
    return {key.replace("-", "_"): item for key, item in value.items()}


def _true(options: _Options, name: str) -> bool:
    return str(options.get(name)).lower() in ("true", "1", "yes", "on")


def _words(options: _Options, name: str) -> frozenset[str]:
    """A list, or a string of names parted by commas or white space."""
    value = options.get(name) or ""
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    return frozenset(str(word).partition(".")[0] for word in words)


def _length(options: _Options | None, name: str) -> int | None:
    value = str((options or {}).get(name, ""))
    return int(value) if value.isdecimal() else None
