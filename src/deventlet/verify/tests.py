"""The project's tests as a question: which of them does a change break?

A run that fails is repeated before it is believed; a test that fails only sometimes is
named and counts for nothing. Knows no codemod.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace

from deventlet.verify.command import WHOLE, Command, Result, Run
from deventlet.verify.journal import Journal
from deventlet.verify.report import MISSING
from deventlet.verify.worktree import Worktree

_REPEATS = 2
_TICK = 0.1
"""Seconds between two looks at the runs that are under way."""

_PATIENCE = 10
"""How many times the first run's duration a later run may take, if nobody said."""

SHORTEST = 60.0
"""Seconds that it may take in any case: a test or two say little of the machine."""

_BROKEN = b"raise SystemError('broken by deventlet, to see whether a test notices')\n"
Texts = Mapping[str, bytes]


class CannotVerify(Exception):
    """Tests that cannot judge the patches; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """What do the tests say of these contents?

    :param about: what is tried, in a few words.
    :param texts: the contents of every file that differs from the base.
    :param changed: the files of them that the patch in question changes.
    :param nth: how many runs with these contents are there already.
    """

    about: str
    texts: Texts
    changed: frozenset[str]
    nth: int = 0


Watch = Callable[[Sequence[Question]], AbstractContextManager[Callable[[], None]]]


@dataclass(eq=False)
class Tests:
    """Answers about one base commit.

    :param trees: where the tests run, in each of them one at a time.
    :param affected: the test files that a change of some files concerns.
    :param watch: shows what is being run; what it gives is called all the time.
    :param ran: told what a run said, and of the tests what fails newly.
    """

    trees: Sequence[Worktree]
    command: Command
    journal: Journal
    affected: Callable[[Iterable[str]], list[str]]
    watch: Watch
    ran: Callable[[Question, Result, frozenset[str]], None]
    flaky: set[str] = field(default_factory=set)
    _baseline: frozenset[str] = frozenset()
    _usual: float | None = None

    def measure(self) -> Result:
        """Run the tests as they are; what fails now is not the patches' fault.

        :raises CannotVerify: if they fail, and the command does not say which.
        """
        result = self._answer(Question("before the series", {}, frozenset()))
        report = self.command.report
        if report is not None and MISSING in result.failed:
            raise CannotVerify(f"{MISSING} in {report.path}\n{result.tail}")
        if result.failed and report is None:
            raise CannotVerify(
                "the tests fail before the series, and an exit status cannot tell a "
                "new failure from an old one; give --junit PATH or --subunit PATH if "
                f"the command writes such a report\n{result.tail}"
            )
        self._baseline = result.failed
        self._usual = result.seconds
        return result

    @property
    def limit(self) -> float | None:
        """Seconds that a run may take; None for the first, if nobody said.

        What goes wrong without green threads waits for ever more often than it fails.
        A call that goes on has the duration from the journal, and so the same limit.
        """
        if self.command.timeout is not None or self._usual is None:
            return self.command.timeout
        return max(SHORTEST, _PATIENCE * self._usual)

    def see(self, about: str, texts: Texts, paths: Iterable[str]) -> bool:
        """Whether the tests notice that files are broken on purpose.

        :param texts: the contents that differ from the base otherwise.
        """
        broken = dict.fromkeys(paths, _BROKEN)
        question = Question(about, {**texts, **broken}, frozenset(broken))
        return bool(self._answer(question).failed - self._baseline)

    def broken_by(
        self, question: Question, likely: Sequence[Question] = ()
    ) -> frozenset[str]:
        """The tests that fail with these contents, each time, and did not before.

        :param likely: what may be asked next, found out at the same time if there are
            work trees to spare.
        """
        found = self._new(question, likely)
        again = [*_repeats(question)]
        while found and again:
            there = self._new(again[0], again[1:])
            self.flaky |= found - there
            found &= there
            del again[0]
        return found

    def _new(self, question: Question, likely: Sequence[Question]) -> frozenset[str]:
        """What fails in this run and neither in the baseline nor only sometimes.

        A whole command that failed only sometimes with one change is believed of
        another: it says nothing of what is wrong.
        """
        known = self._baseline | (self.flaky - WHOLE)
        return self._answer(question, likely).failed - known

    def _answer(self, question: Question, likely: Sequence[Question] = ()) -> Result:
        known = self.journal.results(question.texts)
        if question.nth >= len(known):
            self._run(self._fitting([question, *likely]))
        return self.journal.results(question.texts)[question.nth]

    def _fitting(self, questions: Sequence[Question]) -> list[Question]:
        """Those without an answer, each once, as many as there are work trees."""
        asked = {
            (self.journal.name(each.texts), each.nth): each
            for each in reversed(questions)
            if each.nth >= len(self.journal.results(each.texts))
        }
        return list(reversed(asked.values()))[: len(self.trees)]

    def _run(self, questions: Sequence[Question]) -> None:
        """Find out some answers at the same time, and remember them."""
        with ExitStack() as stack:
            tick = stack.enter_context(self.watch(questions))
            running = [
                (each, stack.enter_context(self._started(tree, each)))
                for tree, each in zip(self.trees, questions, strict=False)
            ]
            while running:
                tick()
                running = [pair for pair in running if not self._ended(*pair)]

    def _started(self, tree: Worktree, question: Question) -> Run:
        needed = self.command.names_tests
        files = self.affected(question.changed) if needed else []
        tree.put(question.texts)
        return Run(self.command, tree.root, files, self.limit)

    def _ended(self, question: Question, run: Run) -> bool:
        result = run.result(_TICK)
        if result is None:
            return False
        self.journal.add(question.texts, result)
        self.ran(question, result, result.failed - self._baseline)
        return True


def _repeats(question: Question) -> Iterator[Question]:
    for nth in range(1, _REPEATS + 1):
        yield replace(question, about=f"{question.about}, time {nth + 1}", nth=nth)
