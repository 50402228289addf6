"""``plan``: the series that ``apply --all`` would make, without making it.

Writes nothing but the plan.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deventlet.cli.exits import Exit, Stop
from deventlet.cli.project import (
    check_assumptions,
    open_project,
    refuse_interrupted,
    split_of,
)
from deventlet.cli.report import show_problems
from deventlet.cli.terminal import console, notice, result, show_table, working
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


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    paths: tuple[Path, ...]
    form: Literal["table", "json", "markdown"]
    split: By
    max_lines: int | None
    assume: frozenset[str]
    profile: Literal["native", "dual"] | None


def plan_series(options: Options) -> None:
    """Run the command.

    :raises Stop: with the exit code, when it is not 0.
    """
    try:
        check_assumptions(options.assume)
        plan, outcomes = _plan(options)
    except (PathProblem, ConfigProblem, PageError, UnknownName, GitProblem) as bad:
        raise Stop(str(bad)) from bad
    _show(plan, options)
    problems = {
        path: (problem.reason, problem.message)
        for outcome in outcomes
        for path, problem in outcome.problems.items()
    }
    show_problems(problems)
    if problems:
        raise Stop("", Exit.PROBLEMS)


def _plan(options: Options) -> tuple[Plan, list[Outcome]]:
    tree, config = open_project(options.paths, refuse_interrupted, options.profile)
    split = split_of(tree, options.split, options.max_lines)
    return made(tree, config, options.assume, split)


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
            result(line)
        _say_what_is_next(plan)


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _say_what_is_next(plan: Plan) -> None:
    """A series is judged against the tests as they are before it."""
    if not plan.steps:
        return
    notice("run your unit tests first: they should be green before the series")
    notice("then: deventlet apply --all --commit")
