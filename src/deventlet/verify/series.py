"""Keeps of each patch what the tests pass with, and leaves out what breaks them.

A patch with no new failure stays. Of one with a new failure, the smallest set of
subjects that fails is found and left out, until the rest passes; the series goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deventlet.codemod import Refuse
from deventlet.driver.run import Key, Outcome, Request, key_of, run
from deventlet.report.text import counted
from deventlet.resolve.processes.testing import is_test_path
from deventlet.series.compute import FAILED
from deventlet.verify.search import smallest_failing
from deventlet.verify.tests import CannotVerify, Tests

_NAMED = 3


@dataclass(eq=False)
class Verifier:
    """Looks at the outcomes of a series, one after the other.

    :param concerned: the files of the project that the series may change.
    :param report: told what became of each patch.
    :param untested: told of a patch whose files no test loads.
    """

    tests: Tests
    concerned: Sequence[str]
    report: Callable[[Outcome, frozenset[str]], None]
    untested: Callable[[Outcome], None]
    _seen: bool = field(default=False)

    def proven(
        self, outcome: Outcome, request: Request, texts: Mapping[str, bytes]
    ) -> Outcome:
        """The outcome, or what is left of it once its tests pass.

        :param request: what the outcome was made of.
        :param texts: the contents that it was made on, where they are not the base's.
        :raises CannotVerify: if the command tests something else.
        """
        if not outcome.changes:
            return outcome
        self._check(outcome, texts)
        left: dict[Key, Refuse] = {}
        while outcome.changes:
            broken = self._broken(outcome, texts)
            self.report(outcome, broken)
            if not broken:
                break
            for key in self._culprits(outcome, request, texts, left):
                left[key] = Refuse(FAILED, _named(broken))
            outcome = _without(outcome, request, texts, left)
        return outcome

    def _check(self, outcome: Outcome, texts: Mapping[str, bytes]) -> None:
        """See once that the command tests our files, and not an installed copy.

        :raises CannotVerify: if it does not.
        """
        if self._seen:
            return
        self._seen = True
        code = [path for path in outcome.changes if not is_test_path(path)]
        if code and self.tests.see(texts, code):
            return
        if not self.tests.see(texts, self.concerned):
            raise CannotVerify(
                "the command does not test the patches: it passes although "
                f"{counted(len(self.concerned), 'file')} that speak of Eventlet are "
                f"broken on purpose in {self.tests.tree.root}. It may test an "
                "installed copy, such as an editable install of another folder. Make "
                "it import the project from the folder that it runs in, as `python -m "
                "pytest` and `python -m stestr run` do"
            )
        self.untested(outcome)

    def _broken(self, outcome: Outcome, texts: Mapping[str, bytes]) -> frozenset[str]:
        changed = {path: after for path, (_, after) in outcome.changes.items()}
        return self.tests.broken_by({**texts, **changed}, changed)

    def _culprits(
        self,
        outcome: Outcome,
        request: Request,
        texts: Mapping[str, bytes],
        left: Mapping[Key, Refuse],
    ) -> list[Key]:
        """The fewest subjects of a failing outcome that fail by themselves."""
        applied = [key_of(v.subject) for v in outcome.verdicts if v.applies]

        def fails(some: Sequence[Key]) -> bool:
            rest = {key: Refuse(FAILED) for key in _except(applied, some)}
            part = _without(outcome, request, texts, {**left, **rest})
            return bool(part.changes) and bool(self._broken(part, texts))

        return smallest_failing(applied, fails)


def _except(keys: Sequence[Key], some: Collection[Key]) -> list[Key]:
    chosen = frozenset(some)
    return [key for key in keys if key not in chosen]


def _without(
    outcome: Outcome,
    request: Request,
    texts: Mapping[str, bytes],
    left: Mapping[Key, Refuse],
) -> Outcome:
    """The outcome of the same codemod when some subjects are left alone."""
    found = run(outcome.page, replace(request, left=left), texts)
    return replace(found, chunk=outcome.chunk)


def _named(broken: frozenset[str]) -> str:
    """The tests that fail, the first of many."""
    names = sorted(broken)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
