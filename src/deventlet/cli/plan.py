"""``plan``: the series that ``apply --all`` would make, without making it.

Writes nothing but the plan. Runs the project's tests only where that is asked for.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import (
    check_assumptions,
    open_project,
    refuse_interrupted,
)
from deventlet.cli.report import show_problems
from deventlet.cli.split import split_of
from deventlet.cli.terminal import console, notice, show_line, show_table, working
from deventlet.cli.verify import is_green, options_of, suggested
from deventlet.config import Config, ConfigProblem
from deventlet.driver.run import Outcome, Request
from deventlet.driver.services import services
from deventlet.plan import Plan
from deventlet.registry import PageError, UnknownName, pages
from deventlet.report import plan as report
from deventlet.series.chunks import By, Split
from deventlet.series.compute import compute
from deventlet.series.planning import plan_of
from deventlet.source.discover import PathProblem, Tree
from deventlet.source.git import GitProblem
from deventlet.source.write import WriteProblem
from deventlet.verify.command import Command
from deventlet.verify.tests import CannotVerify


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    paths: tuple[Path, ...]
    form: Literal["table", "json", "markdown"]
    split: By
    max_lines: int | None
    assume: frozenset[str]
    profile: Literal["native", "dual"] | None
    verify: Command | None


def plan_series(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    try:
        check_assumptions(options.assume)
        tree, config = open_project(options.paths, refuse_interrupted, options.profile)
        split = split_of(tree, options.split, options.max_lines)
        plan, outcomes = made(tree, config, options.assume, split)
        _show(plan, options)
        green = _baseline(tree, plan, options)
    except (
        *(PathProblem, ConfigProblem, PageError, UnknownName),
        *(GitProblem, CannotVerify),
    ) as bad:
        raise Stop(str(bad)) from bad
    except WriteProblem as bad:
        raise Stop(f"{bad.message} [{bad.reason}]", Exit.PROBLEMS) from bad
    problems = {
        path: (problem.reason, problem.message)
        for outcome in outcomes
        for path, problem in outcome.problems.items()
    }
    show_problems(problems)
    if problems:
        raise Stop("", Exit.PROBLEMS)
    if not green:
        raise Stop("", Exit.FINDINGS)


def made(
    tree: Tree, config: Config, assume: frozenset[str], split: Split
) -> tuple[Plan, list[Outcome]]:
    """The series of a project that is open, with what each codemod found."""
    selected = frozenset(tree.selected)
    request = Request(tree.root, tree.files, selected, config, assume)
    outcomes = compute(
        list(pages().values()), request, {}, split,
        lambda outcome, known: frozenset(), working,
    )  # fmt: skip
    alike = services(request, outcomes)
    return plan_of(tree.root.name, outcomes, alike), outcomes


def _show(plan: Plan, options: Options) -> None:
    if options.form == "json":
        _write(report.as_json(plan))
    elif options.form == "markdown":
        _write(report.markdown(plan).encode())
    else:
        if plan.steps:
            show_table(console(), report.rows(plan))
        for line in report.text(plan):
            show_line(console(), line)


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _baseline(tree: Tree, plan: Plan, options: Options) -> bool:
    """Run the tests as they are before the series, or say how, and what comes then.

    :returns: False if they were run and fail.
    :raises CannotVerify: if they cannot be run.
    """
    tests = options.verify
    if not plan.steps or (tests is None and options.form != "table"):
        return True
    said = f"{_same(options)}{options_of(tests) if tests else suggested(tree.root)}"
    if tests is None:
        notice("before the series, your unit tests should be green; to see that:")
        notice(f"  deventlet plan {said}")
    green = tests is None or is_green(tree, tests)
    notice("then:")
    notice(f"  deventlet apply --all --commit {said}")
    return green


def _same(options: Options) -> str:
    """What makes another command speak of the same series; ends with a space."""
    said = [
        *map(str, options.paths),
        *(["--split", options.split] if options.split != "none" else []),
        *(["--max-lines", str(options.max_lines)] if options.max_lines else []),
        *(word for name in sorted(options.assume) for word in ("--assume", name)),
        *(["--profile", options.profile] if options.profile else []),
    ]
    return "".join(f"{shlex.quote(word)} " for word in said)
