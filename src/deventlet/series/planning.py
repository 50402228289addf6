"""From the outcomes of a run in which nothing was written to the plan of a series.

The order is that of ``apply``: what the plan says is what the series will be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from deventlet.codemod import Refuse, Verdict
from deventlet.driver.run import Outcome
from deventlet.plan import Plan, Remainder, Risk, Service, Step
from deventlet.resolve.processes.testing import is_test_path
from deventlet.series.build import subject_of
from deventlet.series.patch import FileChange, line_counts, unified_diff


def plan_of(
    project: str, outcomes: Sequence[Outcome], services: Iterable[Service] = ()
) -> Plan:
    """The plan that outcomes make, one step for each that changes something.

    :param services: how the project's processes start and end.
    """
    steps: list[Step] = []
    for outcome in outcomes:
        if outcome.changes:
            steps.append(_step(outcome, steps))
    left = (_remainder(outcome) for outcome in outcomes)
    return Plan(
        project,
        tuple(steps),
        tuple(each for each in left if each.waiting or each.refused),
        tuple(services),
    )


def _step(outcome: Outcome, before: Sequence[Step]) -> Step:
    applied = [verdict for verdict in outcome.verdicts if verdict.applies]
    caveats, assumptions = _caveats(applied), _assumptions(applied)
    added, removed = _lines(outcome)
    files = tuple(sorted(outcome.changes))
    return Step(
        len(before) + 1, outcome.page.name, outcome.chunk, subject_of(outcome),
        outcome.page.stage, _risk(caveats, assumptions),
        sum(len(verdict.subject.sites) for verdict in applied),
        tuple(f for f in files if not is_test_path(f)),
        tuple(f for f in files if is_test_path(f)),
        added, removed, caveats, assumptions,
        tuple(_shared(files, before)),
    )  # fmt: skip


def _shared(files: Sequence[str], before: Sequence[Step]) -> Iterator[int]:
    """The patches that change one of the files, too."""
    for step in before:
        if not {*files}.isdisjoint((*step.files, *step.tests)):
            yield step.number


def _risk(caveats: Mapping[str, int], assumptions: Mapping[str, int]) -> Risk:
    if assumptions:
        return "assumed"
    return "look" if caveats else "low"


def _lines(outcome: Outcome) -> tuple[int, int]:
    counts = [
        line_counts(unified_diff(FileChange(path, *texts)))
        for path, texts in outcome.changes.items()
    ]
    return sum(added for added, _ in counts), sum(removed for _, removed in counts)


def _caveats(applied: Iterable[Verdict]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for verdict in applied:
        for code in set(verdict.rewrite.caveats if verdict.rewrite else ()):
            found[code] += len(verdict.subject.sites)
    return dict(sorted(found.items()))


def _assumptions(applied: Iterable[Verdict]) -> dict[str, int]:
    return _by_reason(each for each in applied if each.verdict == "assume")


def _remainder(outcome: Outcome) -> Remainder:
    left = [verdict for verdict in outcome.verdicts if not verdict.applies]
    return Remainder(
        outcome.page.name,
        outcome.page.stage,
        _by_reason(each for each in left if each.verdict == "assume"),
        _by_reason(each for each in left if each.verdict == "refuse"),
        _behind(left),
    )


def _behind(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The places that have to go before some verdicts can be others, each once."""
    decisions = (verdict.decision for verdict in verdicts)
    waiting = (each for each in decisions if isinstance(each, Refuse))
    return tuple(dict.fromkeys(place for each in waiting for place in each.behind))


def _by_reason(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Sites by reason, the most frequent first."""
    found: Counter[str] = Counter()
    for verdict in verdicts:
        found[verdict.reason] += len(verdict.subject.sites)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
