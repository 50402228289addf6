"""Keeps of each patch what the tests pass with, and leaves out what breaks them.

A patch with no new failure stays. Of one with a new failure, the smallest set of
subjects that fails is found and left out, until the rest passes; the series goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath

from deventlet.codemod import Refuse
from deventlet.driver.run import Key, Outcome, Request, key_of, run
from deventlet.report.text import counted
from deventlet.resolve.processes.testing import is_test_path
from deventlet.series.compute import FAILED
from deventlet.verify.installed import installed
from deventlet.verify.search import smallest_failing
from deventlet.verify.tests import CannotVerify, Question, Tests, Texts

_NAMED = 3


@dataclass(eq=False)
class Verifier:
    """Looks at the outcomes of a series, one after the other.

    :param concerned: the files of the project that the series may change.
    :param expected: the outcomes that there would be without tests; with work trees to
        spare, the tests run with the next ones, too. Empty if there are none to spare.
    :param left_out: told which subjects of an outcome stay, and the tests they break.
    :param untested: told of a patch whose files no test loads.
    """

    tests: Tests
    concerned: Sequence[str]
    expected: Sequence[Outcome]
    left_out: Callable[[Outcome, Sequence[Key], frozenset[str]], None]
    untested: Callable[[Outcome], None]
    _seen: bool = field(default=False)

    def proven(self, outcome: Outcome, request: Request, texts: Texts) -> Outcome:
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
            asked = _question(_name(outcome), outcome, texts)
            broken = self.tests.broken_by(asked, [*self._coming(outcome, texts)])
            if not broken:
                break
            culprits = self._culprits(outcome, request, texts, left)
            self.left_out(outcome, culprits, broken)
            left.update(dict.fromkeys(culprits, Refuse(FAILED, named(broken))))
            outcome = _without(outcome, request, texts, left)
        return outcome

    def _coming(self, outcome: Outcome, texts: Texts) -> Iterator[Question]:
        """What will be asked about the next outcomes, if this one stays as it is."""
        names = [_name(each) for each in self.expected]
        if _name(outcome) not in names:
            return
        texts = _after(outcome, texts)
        for each in self.expected[names.index(_name(outcome)) + 1 :]:
            before = {path: old for path, (old, _) in each.changes.items()}
            if any(texts.get(path, old) != old for path, old in before.items()):
                return
            if before:
                yield _question(_name(each), each, texts)
            texts = _after(each, texts)

    def _check(self, outcome: Outcome, texts: Texts) -> None:
        """See once that the command tests our files, and not an installed copy.

        :raises CannotVerify: if it does not.
        """
        if self._seen or not any(path.endswith(".py") for path in outcome.changes):
            return
        self._seen = True
        about = f"{_name(outcome)}, broken on purpose"
        code = [path for path in outcome.changes if not is_test_path(path)]
        if code and self.tests.see(about, texts, code):
            return
        if not self.tests.see("all of it broken on purpose", texts, self.concerned):
            raise CannotVerify(_unseen(self.tests.command.line, self.concerned))
        if code:  # of tests alone, the tests are what is tested
            self.untested(outcome)

    def _culprits(
        self,
        outcome: Outcome,
        request: Request,
        texts: Texts,
        left: Mapping[Key, Refuse],
    ) -> list[Key]:
        """The fewest subjects of a failing outcome that fail by themselves."""
        applied = [key_of(v.subject) for v in outcome.verdicts if v.applies]

        @cache
        def asked(some: tuple[Key, ...]) -> Question:
            rest = {key: Refuse(FAILED) for key in _except(applied, some)}
            part = _without(outcome, request, texts, {**left, **rest})
            about = f"{_name(outcome)}, {len(some)} of {len(applied)} changes"
            return _question(about, part, texts)

        def fails(parts: Sequence[list[Key]]) -> bool:
            first, *likely = (asked(tuple(part)) for part in parts)
            return bool(first.changed) and bool(
                self.tests.broken_by(first, [each for each in likely if each.changed])
            )

        return smallest_failing(applied, fails, len(self.tests.trees))


def _unseen(line: str, concerned: Sequence[str]) -> str:
    """Why the tests cannot judge, and how to run them right."""
    parts = [PurePosixPath(path).parts for path in concerned]
    packages = {p[1] if p[0] == "src" and p[1:] else p[0] for p in parts}
    place = installed(line, (name.removesuffix(".py") for name in packages))
    copy = f"the installed copy in {place}" if place else "an installed copy"
    return (
        "the command does not test the patches: it passes although "
        f"{counted(len(concerned), 'file')} that speak of Eventlet are "
        "broken on purpose in the work tree that it runs in. It may test "
        f"{copy}, such as an editable install of another folder. Make "
        "it import the project from the folder that it runs in, as `python -m "
        "pytest` and `python -m stestr run` do"
    )


def _name(outcome: Outcome) -> str:
    return f"{outcome.page.name} {outcome.chunk}".strip()


def _after(outcome: Outcome, texts: Texts) -> Texts:
    """The contents once an outcome is there."""
    return {**texts, **{path: new for path, (_, new) in outcome.changes.items()}}


def _question(about: str, outcome: Outcome, texts: Texts) -> Question:
    return Question(about, _after(outcome, texts), frozenset(outcome.changes))


def _except(keys: Sequence[Key], some: Collection[Key]) -> list[Key]:
    chosen = frozenset(some)
    return [key for key in keys if key not in chosen]


def _without(
    outcome: Outcome,
    request: Request,
    texts: Texts,
    left: Mapping[Key, Refuse],
) -> Outcome:
    """The outcome of the same codemod when some subjects are left alone."""
    kept = {**request.left, **left}
    found = run(outcome.page, replace(request, left=kept), texts)
    return replace(found, chunk=outcome.chunk)


def named(broken: frozenset[str]) -> str:
    """The tests that fail, the first of many."""
    names = sorted(broken)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
