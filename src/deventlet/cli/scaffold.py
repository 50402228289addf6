"""``scaffold``: write the module that lets a project run both ways, once.

Never replaces a file, whatever it holds.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import finish_interrupted, refuse_interrupted
from deventlet.cli.terminal import notice, result
from deventlet.config import ConfigProblem, load
from deventlet.scaffold import Scaffold, ScaffoldProblem, scaffold
from deventlet.source.discover import PathProblem, discover
from deventlet.source.git import GitProblem
from deventlet.source.write import Change, WriteProblem, state_folder, write_changes


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    path: Path | None
    module: str | None
    dry_run: bool


def write_scaffold(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    try:
        _scaffold(options)
    except (PathProblem, ConfigProblem, GitProblem, ScaffoldProblem) as bad:
        raise Stop(str(bad)) from bad
    except WriteProblem as bad:
        raise Stop(f"{bad.message} [{bad.reason}]", Exit.PROBLEMS) from bad


def _scaffold(options: Options) -> None:
    tree = discover([options.path] if options.path else [])
    (refuse_interrupted if options.dry_run else finish_interrupted)(tree)
    asked = options.module or load(tree.root).concurrency_module
    made = scaffold(tree.root, tree.files, asked)
    if (tree.root / made.path).exists():
        raise Stop(f"{made.path} is there already; it is yours, and stays as it is")
    if options.dry_run:
        for line in _diff(made):
            result(line)
        return
    change = Change(made.path, None, made.text.encode())
    write_changes(tree.root, [change], state_folder(tree.root, tree.repository))
    result(f"wrote {made.path}")
    _say_what_is_next(made)


def _diff(made: Scaffold) -> list[str]:
    lines = made.text.splitlines()
    names = "/dev/null", f"b/{made.path}"
    return list(difflib.unified_diff([], lines, *names, lineterm=""))


def _say_what_is_next(made: Scaffold) -> None:
    notice("next: read it, and commit it. Then, for deventlet:")
    notice("  [tool.deventlet]")
    notice('  profile = "dual"')
    notice(f'  concurrency-module = "{made.module}"')
    package, _, name = made.module.rpartition(".")
    notice("and first of all in every command, in the place of monkey_patch(), where")
    notice("deventlet apply --codemod monkey-patch puts it:")
    notice(f"  from {package} import {name}")
    notice(f"  {name}.start()")
    for required in made.requires:
        notice(f"the requirements lack {required}")
    notice(f"{made.switch}=1 chooses native threads for a process")
