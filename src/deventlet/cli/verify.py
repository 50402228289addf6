"""``--verify``: the project's tests run before the series and after each patch.

Talks to people; what is kept and what is left out is decided in ``verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from deventlet.cli.terminal import notice
from deventlet.driver.run import Outcome
from deventlet.report.text import counted
from deventlet.resolve.processes.testing import is_test_path
from deventlet.resolve.project import Project
from deventlet.series.compute import Proven
from deventlet.source.discover import Tree
from deventlet.source.git import Git
from deventlet.source.write import locked, state_folder
from deventlet.verify.command import Command
from deventlet.verify.journal import Journal
from deventlet.verify.series import Verifier
from deventlet.verify.tests import Tests
from deventlet.verify.worktree import worktree


@contextmanager
def verifying(tree: Tree, command: Command) -> Iterator[Proven]:
    """The function that looks at each outcome, while there is a work tree for it.

    :param tree: the files of HEAD.
    :raises CannotVerify: if the tests cannot judge the patches.
    :raises WriteProblem: if another run is at work.
    """
    folder = state_folder(tree.root, True)
    base = Git(tree.root).run("rev-parse", "HEAD^{commit}").decode().strip()
    with locked(folder), worktree(tree.root, base) as place:
        journal = Journal(folder, base, command)
        if journal.size:
            notice(f"going on with {journal.size} runs of an earlier call")
        tests = Tests(place, command, journal, _affected(tree), notice)
        before = tests.measure()
        notice(f"before the series: {_said(before.failed)} ({before.seconds:.0f} s)")
        yield Verifier(tests, _concerned(tree), _report, _untested).proven
        if tests.flaky:
            names = ", ".join(sorted(tests.flaky))
            notice(f"failed only sometimes, and counted for nothing: {names}")
        journal.remove()


def _report(outcome: Outcome, broken: frozenset[str]) -> None:
    name = f"{outcome.page.name} {outcome.chunk}".strip()
    notice(f"{name}: {counted(len(outcome.changes), 'file')} changed, {_said(broken)}")


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
