"""The project's own settings: ``[tool.deventlet]`` or ``deventlet.toml``, checked.

Reads two files and nothing else; unknown keys are errors, because a misspelt
setting that is silently ignored would rewrite on a wrong premise.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec


class ConfigProblem(Exception):
    """A configuration file that cannot be used; the message names it."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a project tells deventlet about itself.

    :param profile: ``native`` (Eventlet gone at the end) or ``dual``.
    :param yield_helper: dotted path of the project's own cooperative yield, used
        for ``sleep(0)``.
    :param spellings: other names for Eventlet's: ``{"proj.hub.nap" =
        "eventlet.sleep"}``.
    :param assume: reason codes of assumptions that hold for this project.
    :param exclude: gitignore patterns of files that are never looked at.
    :param line_length: columns of a changed line; read from the project if absent.
    :param ignore_branches: words in a condition around ``monkey_patch`` that mark
        a branch for debugging, which proves nothing about production.
    """

    profile: Literal["native", "dual"] = "native"
    yield_helper: str | None = None
    spellings: dict[str, str] = {}
    assume: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    line_length: int | None = None
    ignore_branches: tuple[str, ...] = ("debugger",)


def load(root: Path) -> Config:
    """The configuration of the tree at ``root``; defaults if it has none.

    :raises ConfigProblem: for TOML that does not parse or a setting that is wrong.
    """
    own = root / "deventlet.toml"
    if own.is_file():
        return _convert(own, _table(own))
    shared = root / "pyproject.toml"
    if shared.is_file():
        return _convert(shared, _table(shared).get("tool", {}).get("deventlet", {}))
    return Config()


def _table(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigProblem(f"{path.name}: {error}") from error


def _convert(path: Path, table: object) -> Config:
    try:
        return msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise ConfigProblem(f"{path.name}: [tool.deventlet]: {error}") from error
