"""What every command on a project begins with: its files and its settings.

Writes nothing but what an interrupted run left half done, and that only when asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import get_args

import msgspec

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.terminal import notice
from deventlet.config import Config, ConfigProblem, load, settings_file
from deventlet.driver.project.extras import only_extra
from deventlet.driver.project.profile import with_profile
from deventlet.registry import UnknownName, reasons
from deventlet.resolve.processes.entrypoints import unread
from deventlet.source.discover import PathProblem, Tree, copies, discover, matching
from deventlet.source.write import Phase, recover, state_folder

Settle = Callable[[Tree], None]
_SPECIAL = re.compile(r"([\\*?\[\]!# ])")
_ESCAPED = r"\\\1"
"""What a pattern of a ``.gitignore`` does not take as it is."""

_UNREAD = "the commands that it declares are not known"
_AS_EXTRA = "code that is there for it alone is better dropped whole than rewritten"


def check_assumptions(names: Iterable[str]) -> None:
    """Refuse names that no assumption has.

    :raises UnknownName: with the nearest.
    """
    known = [code for code, reason in reasons().items() if reason.verdict == "assume"]
    for name in sorted(set(names).difference(known)):
        raise UnknownName("assumption", name, known)


def open_project(
    paths: Sequence[Path], settle: Settle, profile: str | None = None
) -> tuple[Tree, Config]:
    """The files and the settings of the project that holds the paths.

    :param settle: what to do, before anything is read, about an interrupted run:
        `finish_interrupted`, or `refuse_interrupted` if nothing may be written.
    :param profile: the one that the command line asks for.
    :raises PathProblem: for a path that a run cannot work on.
    :raises ConfigProblem: for settings that are wrong.
    """
    tree = discover(paths)
    settle(tree)
    config = load(tree.root)
    try:
        check_assumptions(config.assume)
    except UnknownName as bad:
        raise _wrong_setting(tree, "assume", bad) from bad
    config = without_copies(tree, config)
    if config.exclude:
        try:
            tree = discover(paths, config.exclude)
        except PathProblem as bad:  # the paths were right a moment ago
            raise _wrong_setting(tree, "exclude", bad) from bad
    try:
        matching((), config.keep)
    except PathProblem as bad:
        raise _wrong_setting(tree, "keep", bad) from bad
    if not tree.selected:
        notice("there are no Python files here")
    config, dual = with_profile(config, tree.root, tree.files, profile)
    if dual:
        notice(f"profile dual, by {dual}; --profile native says otherwise")
    line = unread(tree.root)
    if line:
        notice(f"setup.cfg:{line} cannot be parsed: {_UNREAD}")
    extra = only_extra(tree.root)
    if extra:
        notice(f"Eventlet is only an extra here ({extra}): {_AS_EXTRA}")
    return tree, config


def without_copies(tree: Tree, config: Config) -> Config:
    """The settings that exclude what the repository holds of Eventlet itself.

    A copy is no use of Eventlet, and a rewritten one would be broken. The user is told.
    """
    found = copies(tree.files)
    for folder in found:
        notice(f"{folder} is a copy of Eventlet itself, and is not looked at")
    patterns = (f"/{_SPECIAL.sub(_ESCAPED, folder)}" for folder in found)
    return msgspec.structs.replace(config, exclude=(*config.exclude, *patterns))


def _wrong_setting(tree: Tree, key: str, bad: Exception) -> ConfigProblem:
    return ConfigProblem(f"{settings_file(tree.root)}: `{key}`: {bad}")


def refuse_interrupted(tree: Tree) -> None:
    """A run that writes nothing here cannot tidy up, nor trust what it reads.

    :raises Stop: if an interrupted run has left something.
    """
    folder = state_folder(tree.root, tree.repository)
    if any((folder / f"{phase}.json").exists() for phase in get_args(Phase)):
        raise Stop(
            "an interrupted run has left files half done; "
            "run deventlet apply without --dry-run and --patch-dir to finish it",
            Exit.PROBLEMS,
        )


def finish_interrupted(tree: Tree) -> None:
    """Finish or undo what an interrupted run left, before anything is read."""
    recovery = recover(tree.root, state_folder(tree.root, tree.repository))
    if recovery is None:
        return
    notice(f"an interrupted run was {recovery.outcome}: {len(recovery.files)} files")
    for path in recovery.edited:
        notice(f"{path} was edited meanwhile and left as it is")
