"""The project's tests as a question: which of them does a change break?

A run that fails is repeated before it is believed; a test that fails only sometimes is
named and counts for nothing. Knows no codemod.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from deventlet.verify.command import FILES, NO_REPORT, Command, Result, run_tests
from deventlet.verify.journal import Journal
from deventlet.verify.worktree import Worktree

_REPEATS = 2
_BROKEN = b"raise SystemError('broken by deventlet, to see whether a test notices')\n"
Texts = Mapping[str, bytes]


class CannotVerify(Exception):
    """Tests that cannot judge the patches; the message says why and what to do."""


@dataclass(eq=False)
class Tests:
    """Answers about one base commit.

    :param affected: the test files that a change of some files concerns.
    :param say: told in a few words what is being done.
    """

    tree: Worktree
    command: Command
    journal: Journal
    affected: Callable[[Iterable[str]], list[str]]
    say: Callable[[str], None]
    runs: int = 0
    flaky: set[str] = field(default_factory=set)
    _baseline: frozenset[str] = frozenset()

    def measure(self) -> Result:
        """Run the tests as they are; what fails now is not the patches' fault.

        :raises CannotVerify: if they fail, and the command does not say which.
        """
        result = self._run({}, {})
        if NO_REPORT in result.failed:
            raise CannotVerify(f"{NO_REPORT} in {self.command.junit}\n{result.tail}")
        if result.failed and self.command.junit is None:
            raise CannotVerify(
                "the tests fail before the series, and an exit status cannot tell a "
                "new failure from an old one; give --junit PATH if the command writes "
                f"such a report\n{result.tail}"
            )
        self._baseline = result.failed
        return result

    def see(self, texts: Texts, paths: Iterable[str]) -> bool:
        """Whether the tests notice that files are broken on purpose.

        :param texts: the contents that differ from the base otherwise.
        """
        broken = dict.fromkeys(paths, _BROKEN)
        found = self._run({**texts, **broken}, broken)
        return bool(found.failed - self._baseline)

    def broken_by(self, texts: Texts, changed: Texts) -> frozenset[str]:
        """The tests that fail with these contents, each time, and did not before.

        :param texts: the contents of every file that differs from the base.
        :param changed: those of them that the patch in question changes.
        """
        found = self._new(texts, changed, 0)
        for repeat in range(1, _REPEATS + 1):
            if not found:
                break
            again = self._new(texts, changed, repeat)
            self.flaky |= found - again
            found &= again
        return found

    def _new(self, texts: Texts, changed: Texts, nth: int) -> frozenset[str]:
        """What fails in the n-th run with these contents and not in the baseline."""
        return self._run(texts, changed, nth).failed - self._baseline - self.flaky

    def _run(self, texts: Texts, changed: Texts, nth: int = 0) -> Result:
        known = self.journal.results(texts)
        if nth < len(known):
            return known[nth]
        files = self.affected(changed) if FILES in self.command.line else []
        self.tree.put(texts)
        self.runs += 1
        self.say(f"running the tests ({self.runs})")
        result = run_tests(self.command, self.tree.root, files)
        self.journal.add(texts, result)
        return result
