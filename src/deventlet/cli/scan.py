"""``scan``: take the inventory of a project, and write it in one of four formats.

Writes nothing but the report. The analysis always sees the whole project; the
paths choose what of it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import check_assumptions, open_project, refuse_interrupted
from deventlet.cli.terminal import check_output, console, deliver, working
from deventlet.config import ConfigProblem
from deventlet.inventory import Inventory
from deventlet.registry import PageError, UnknownName, reasons
from deventlet.source.discover import PathProblem
from deventlet.source.git import GitProblem


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    paths: tuple[Path, ...]
    form: Literal["table", "json", "sarif", "markdown"]
    output: Path | None
    assume: frozenset[str]
    profile: Literal["native", "dual"] | None
    exit_code: bool
    verbose: bool


def scan_project(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    try:
        _check(options)
        found = _inventory(options)
    except (PathProblem, ConfigProblem, PageError, UnknownName, GitProblem) as bad:
        raise Stop(str(bad)) from bad
    _deliver(found, options)
    if found.problems:
        from deventlet.cli.report import show_problems

        show_problems(found.problems)
        raise Stop("", Exit.PROBLEMS)
    if options.exit_code and (found.entries or found.mentions):
        raise Stop("", Exit.FINDINGS)


def _check(options: Options) -> None:
    """Refuse what would only fail once all the work is done.

    :raises Stop: for an output that no file can be.
    """
    check_assumptions(options.assume)
    check_output(options.output)


def _inventory(options: Options) -> Inventory:
    from deventlet.driver.inventory import take_inventory

    tree, config = open_project(options.paths, refuse_interrupted, options.profile)
    with working(f"looking through {len(tree.files)} files"):
        return take_inventory(
            tree.root, tree.files, frozenset(tree.selected), config, options.assume
        )


def _deliver(found: Inventory, options: Options) -> None:
    """Write the report to the file, the terminal or the pipe."""
    if options.output is None and options.form == "table":
        from deventlet.report import table

        to = console()
        if to.is_terminal:
            table.show(to, found, reasons(), options.verbose)
            return
    deliver(_report(found, options), options.output)


def _report(found: Inventory, options: Options) -> bytes:
    """The report as bytes, the same wherever they go.

    Only the format that is asked for is imported: each takes a while.
    """
    if options.form == "json":
        from deventlet.report import as_json

        return as_json.encode(found)
    if options.form == "sarif":
        from deventlet.report import sarif

        return sarif.encode(found, reasons())
    if options.form == "markdown":
        from deventlet.report import markdown

        return markdown.text(found, reasons()).encode()
    from deventlet.report import table

    return table.text(found, reasons(), options.verbose).encode()
