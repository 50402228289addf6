"""``--verify``: the project's tests run before the series and after each patch.

Talks to people; what is kept and what is left out is decided in ``verify``.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deventlet.cli.exits import Stop
from deventlet.cli.terminal import live, notice
from deventlet.driver.run import Key, Outcome
from deventlet.report.text import counted
from deventlet.resolve.processes.testing import is_test_path
from deventlet.resolve.project import Project
from deventlet.source.discover import Tree
from deventlet.source.git import Git
from deventlet.source.write import locked, state_folder
from deventlet.verify.command import Command, Result, Run
from deventlet.verify.journal import Journal
from deventlet.verify.report import MISSING, Report
from deventlet.verify.series import Verifier, named
from deventlet.verify.tests import CannotVerify, Question, Tests
from deventlet.verify.worktree import worktrees

_TICK = 0.1
"""Seconds between two looks at a run that is under way."""


def command_for(
    line: str | None, junit: str | None, subunit: str | None, timeout: float | None
) -> Command | None:
    """The test command that options describe; None if there is none.

    :raises Stop: for options that contradict each other.
    """
    if junit and subunit:
        raise Stop("give --junit or --subunit, not both")
    if not line:
        if junit or subunit or timeout:
            raise Stop(
                "--junit, --subunit and --verify-timeout are about the command of "
                "--verify; give both"
            )
        return None
    path = junit or subunit
    report = Report("junit" if junit else "subunit", path) if path else None
    return Command(line, report, timeout)


def options_of(command: Command) -> str:
    """The options that describe a test command, as they are typed."""
    found = ["--verify", command.line]
    if command.report is not None:
        found += [f"--{command.report.form}", command.report.path]
    if command.timeout is not None:
        found += ["--verify-timeout", f"{command.timeout:g}"]
    return shlex.join(found)


def suggested(root: Path) -> str:
    """The options for the test runner that a project is set up for."""
    if (root / ".stestr.conf").is_file():
        line = "python -m stestr run --subunit > report.subunit"
        return options_of(Command(line, Report("subunit", "report.subunit")))
    return options_of(Command("python -m pytest -q"))


def is_green(tree: Tree, command: Command) -> bool:
    """Run the tests once as HEAD has them, say what they said, and remember nothing.

    :raises CannotVerify: if there is nothing to run them on.
    :raises WriteProblem: if another run is at work.
    """
    if not tree.repository or not Git(tree.root).head_exists():
        raise CannotVerify(
            "--verify runs the tests in a work tree of HEAD: commit first"
        )
    base = Git(tree.root).run("rev-parse", "HEAD^{commit}").decode().strip()
    with (
        locked(state_folder(tree.root, True)),
        worktrees(tree.root, base, 1) as places,
        Run(command, places[0].root, (), command.timeout) as run,
        live("the tests before the series", 0) as tick,
    ):
        while (result := run.result(_TICK)) is None:
            tick()
    for line in _baseline(command, result):
        notice(line)
    return not result.failed


def _baseline(command: Command, result: Result) -> Iterator[str]:
    took = f"({result.seconds:.0f} s)"
    if not result.failed:
        yield f"the tests pass before the series {took}"
    elif command.report is None or MISSING in result.failed:
        yield from result.tail.split("\n")
        yield f"the tests fail before the series {took}"
        yield (
            "mend them, or have the command write a report (--junit PATH or --subunit "
            "PATH), so that what fails already is forgiven"
        )
    else:
        failing = counted(len(result.failed), "test")
        yield f"before the series {failing} failed {took}: {named(result.failed)}"
        yield "mend them if you can; the series forgives what fails already"


@contextmanager
def verifying(
    tree: Tree, command: Command, jobs: int, expect: Callable[[], Sequence[Outcome]]
) -> Iterator[Verifier]:
    """What looks at each outcome, while there is a work tree for it.

    What the runs said is forgotten when this ends well, and kept otherwise.

    :param tree: the files of HEAD.
    :param jobs: how many work trees there are.
    :param expect: the outcomes that there would be without tests.
    :raises CannotVerify: if the tests cannot judge the patches.
    :raises WriteProblem: if another run is at work.
    """
    folder = state_folder(tree.root, True)
    base = Git(tree.root).run("rev-parse", "HEAD^{commit}").decode().strip()
    with locked(folder), worktrees(tree.root, base, jobs) as places:
        journal = Journal(folder, base, command)
        if journal.size:
            notice(f"going on with {counted(journal.size, 'run')} of an earlier call")
        screen = _Screen()
        tests = Tests(
            places, command, journal, _affected(tree), screen.watch, screen.ran
        )
        try:
            screen.usual = tests.measure().seconds
            expected = expect() if jobs > 1 else ()
            yield Verifier(tests, _concerned(tree), expected, _left_out, _untested)
        except CannotVerify:
            journal.remove()  # what is mended now lies outside of the repository
            raise
        journal.remove()


def say_flaky(verifier: Verifier) -> None:
    """Name the tests that failed only sometimes."""
    names = ", ".join(sorted(verifier.tests.flaky))
    if names:
        notice(f"failed only sometimes, and counted for nothing: {names}")


@dataclass(eq=False)
class _Screen:
    """What is seen of the runs: a line for each that ended, and those under way.

    :param usual: the seconds that the first run took.
    """

    usual: float = 0
    _number: int = 0

    @contextmanager
    def watch(self, questions: Sequence[Question]) -> Iterator[Callable[[], None]]:
        """Show what is being tested and for how long, if anybody can see it."""
        first, *more = questions
        also = f" (and {len(more)} more at the same time)" if more else ""
        with live(f"run {self._number + 1}: {first.about}{also}", self.usual) as tick:
            yield tick

    def ran(self, question: Question, result: Result, broken: frozenset[str]) -> None:
        """Say what a run has found."""
        self._number += 1
        same = result.failed and not broken
        found = "the same tests fail as before" if same else _said(broken)
        said = f"run {self._number}: {question.about}: {found}"
        notice(f"{said} ({result.seconds:.0f} s)")


def _left_out(outcome: Outcome, keys: Sequence[Key], broken: frozenset[str]) -> None:
    wanted = {(path, start) for path, _, _, start in keys}
    sites = (v.subject.origin for v in outcome.verdicts)
    places = [f"{s.path}:{s.line}" for s in sites if (s.path, s.start) in wanted]
    name = f"{outcome.page.name} {outcome.chunk}".strip()
    notice(f"{name}: left out {', '.join(places)}, because {_said(broken)}")


def _untested(outcome: Outcome) -> None:
    name = f"{outcome.page.name} {outcome.chunk}".strip()
    notice(f"{name}: no test loads what it changes, so that it is not tested")


def _concerned(tree: Tree) -> list[str]:
    """The code that speaks of Eventlet; tests, which prove themselves, left out."""
    mentioning = Project(tree.root, tree.files).containing([b"eventlet", b"greenlet"])
    return [path for path in mentioning if not is_test_path(path)]


def _said(failed: frozenset[str]) -> str:
    if not failed:
        return "the tests pass"
    first = min(failed)
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"{first}{more} fail{'' if more else 's'}"


def _affected(tree: Tree) -> Callable[[Iterable[str]], list[str]]:
    """The test files among some files, and those that import one of them."""
    project = Project(tree.root, tree.files)

    def affected(paths: Iterable[str]) -> list[str]:
        changed = frozenset(paths)
        modules = {project.names[path] for path in changed}
        return [
            path
            for path in tree.files
            if is_test_path(path)
            and (path in changed or modules & {*project.imported_modules(path)})
        ]

    return affected
