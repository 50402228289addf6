"""The project's own settings: ``[tool.deventlet]`` or ``deventlet.toml``, checked.

Reads two files and nothing else; unknown keys are errors, because a misspelt
setting that is silently ignored would rewrite on a wrong premise.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


_DOTTED_KEYS = (
    "concurrency-module", "yield-helper", "tpool-wrapper", "executor-factory",
    "blocking-executor",
)  # fmt: skip
_SCAFFOLDED = {
    "yield_helper": "cooperative_yield",
    "tpool_wrapper": "tpool_wrap",
    "executor_factory": "executor",
    "start": "start",
}
"""The functions of a module that ``deventlet scaffold`` wrote, by setting."""


class ConfigProblem(Exception):
    """A configuration file that cannot be used; the message names it."""


class Config(msgspec.Struct, frozen=True, rename="kebab"):
    """What a project tells deventlet about itself.

    In the file, a key may be written with dashes or underscores.

    :param profile: ``native`` (Eventlet gone at the end) or ``dual`` (the code runs
        both ways); if it is not given, what the project looks like.
    :param concurrency_module: dotted path of the project's own module that chooses
        between the two, as ``deventlet scaffold`` writes it.
    :param yield_helper: dotted path of the project's own cooperative yield, used
        for ``sleep(0)``.
    :param tpool_wrapper: dotted path of the project's own function that wraps what
        blocks where it runs under Eventlet, and gives it back otherwise.
    :param executor_factory: dotted path of the project's own function that makes an
        executor of green or of native threads, for ``max_workers``.
    :param spellings: other names for Eventlet's: ``{"proj.hub.nap" =
        "eventlet.sleep"}``.
    :param shims: dotted paths of the project's own modules, functions and classes
        that wrap Eventlet; what they use is counted apart, and so are their users.
    :param executor: the class of native threads that takes the place of a green
        executor, by default futurist's dynamic one, which starts threads as the work
        comes and ends idle ones. If it is given, pools get it as well, in one step.
    :param blocking_executor: dotted path of the project's own executor whose
        ``submit`` waits while all workers are busy, as a pool does.
    :param assume: reason codes of assumptions that hold for this project.
    :param exclude: gitignore patterns of files that are never looked at.
    :param keep: gitignore patterns of files that are analysed and never changed.
    :param line_length: columns of a changed line; if absent that of the project, or of
        the nearest folder above a file that says one.
    :param message_template: the file, relative to the settings', that says what stands
        in the messages of commits, between the subject and the paragraph that names
        the codemod.
    :param ignore_branches: words in a condition around ``monkey_patch`` that mark
        a branch for debugging, which proves nothing about production.
    :param ignore_entry_points: commands and scripts, by name or path, in which what
        is rewritten does not run, as the project knows and the code does not show.
    """

    profile: Literal["native", "dual"] | None = None
    concurrency_module: str | None = None
    yield_helper: str | None = None
    tpool_wrapper: str | None = None
    executor_factory: str | None = None
    spellings: dict[str, str] = {}
    shims: tuple[str, ...] = ()
    executor: (
        Literal[
            "futurist.DynamicThreadPoolExecutor",
            "futurist.ThreadPoolExecutor",
            "concurrent.futures.ThreadPoolExecutor",
        ]
        | None
    ) = None
    blocking_executor: str | None = None
    assume: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    line_length: Annotated[int, msgspec.Meta(ge=1)] | None = None
    message_template: str | None = None
    ignore_branches: tuple[str, ...] = ("debugger",)
    ignore_entry_points: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that could mean nothing.

        :raises ValueError: naming the key.
        """
        for key in _DOTTED_KEYS:
            name = getattr(self, key.replace("-", "_"))
            if name is not None:
                _check_dotted(key, name)
        for name in self.shims:
            _check_dotted("shims", name)
        for name, meant in self.spellings.items():
            _check_dotted("spellings", name)
            if not _DOTTED.fullmatch(meant) or not meant.startswith("eventlet."):
                raise ValueError(f"`spellings`: {meant!r} is not a name of Eventlet's")

    @property
    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet."""
        return self.profile == "dual"

    def helper(self, option: str) -> str | None:
        """The dotted path of a function of the project's own.

        Under ``dual`` those of its module have the names that a scaffold gives them.

        :param option: the name of the setting, such as ``yield_helper``; or ``start``,
            which has none.
        """
        given: str | None = getattr(self, option, None)
        usual = _SCAFFOLDED.get(option)
        if given is None and usual and self.is_dual and self.concurrency_module:
            return f"{self.concurrency_module}.{usual}"
        return given


def _check_dotted(key: str, name: str) -> None:
    if not _DOTTED.fullmatch(name):
        raise ValueError(
            f"`{key}`: {name!r} is not a dotted name such as proj.mod.name"
        )


def load(root: Path) -> Config:
    """The configuration of the tree at ``root``; defaults if it has none.

    :raises ConfigProblem: for TOML that does not parse, a setting that is wrong, or
        settings in both places.
    """
    own, shared = root / "deventlet.toml", root / "pyproject.toml"
    tool = _table(shared).get("tool", {}) if shared.is_file() else {}
    inside = tool.get("deventlet") if isinstance(tool, dict) else None
    if not own.is_file():
        return Config() if inside is None else _convert(f"{shared.name}: ", inside)
    if inside is not None:
        raise ConfigProblem(
            "there are settings in deventlet.toml and in [tool.deventlet] of "
            "pyproject.toml; keep one of them"
        )
    return _convert(f"{own.name}: ", _table(own))


def settings_file(root: Path) -> str:
    """The name of the file that the settings of a tree with settings are in."""
    own = root / "deventlet.toml"
    return own.name if own.is_file() else "pyproject.toml"


def _table(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigProblem(f"{path.name}: {error}") from error


def _convert(where: str, table: object) -> Config:
    """The settings of a table whose keys and values are right."""
    if not isinstance(table, dict):
        raise ConfigProblem(f"{where}tool.deventlet is not a table")
    try:
        return msgspec.convert(_with_dashes(table), Config)
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigProblem(f"{where}{_plain(str(error))}") from error


def _with_dashes(table: Mapping[str, object]) -> dict[str, object]:
    """The table with each key as it is documented.

    :raises ValueError: for a key that there is not, or that stands there twice.
    """
    known = [field.encode_name for field in msgspec.structs.fields(Config)]
    found: dict[str, object] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in known:
            raise ValueError(f"there is no key `{key}`{_nearest(name, known)}")
        if name in found:
            raise ValueError(f"the key `{name}` is given twice")
        found[name] = value
    return found


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _plain(message: str) -> str:
    """A message of msgspec with the key in front: ``Expected … - at `$.key```."""
    said, _, place = message.partition(" - at `$.")
    return f"`{place.removesuffix('`')}`: {said}" if place else said
