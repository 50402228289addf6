"""The single changes of a codemod, for whoever looks at them one by one.

A change is what is taken or left as a whole: a subject, and the mocks that intercept it
with whatever else they intercept. Imports that go with the last use belong to none, nor
does an object that is right as it stands once another has changed.
Decides nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deventlet.codemod import Page, Refuse, Subject, Verdict
from deventlet.driver.run import Key, Request, Round, key_of, run
from deventlet.source.text import without_collection

_OTHER = Refuse("keep.unanswered")


@dataclass(frozen=True, slots=True)
class Change:
    """What is taken or left as a whole.

    :param verdicts: those of its subjects; mocks come last, or else by place.
    :param files: path to bytes before and after, if nothing else changes.
    :param created: the paths in ``files`` where there was no file before.
    """

    verdicts: tuple[Verdict, ...]
    files: Mapping[str, tuple[bytes, bytes]]
    created: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[Key, ...]:
        """What tells its subjects from the others."""
        return tuple(key_of(verdict.subject) for verdict in self.verdicts)


def apart(page: Page, request: Request, texts: Mapping[str, bytes]) -> list[Change]:
    """The changes that a codemod would make, by place.

    What waits for the text that another one leaves is shown with that one's files as
    all changes together leave them.

    :param texts: contents that stand for files on disk, from earlier patches.
    """
    if page.about == "files":  # one decision for all of them
        outcome = run(page, request, texts)
        verdicts = tuple(v for v in outcome.verdicts if v.applies)
        change = Change(verdicts, outcome.changes, outcome.created)
        return [change] if outcome.changes else []
    with without_collection():
        return _apart(Round(page, request, texts))


def _apart(state: Round) -> list[Change]:
    verdicts, emitted = state.settled(state.request.left)
    applied = [
        verdict
        for subject, verdict in verdicts.items()
        if verdict.applies and subject not in state.findings.followers
    ]
    whole = state.changes(emitted)
    found: list[Change] = []
    for group in _groups(applied, state.mocking.together(verdicts)):
        files = _alone(group, applied, state)
        if files is None:
            files = _touched(group, whole)
        found.append(Change(tuple(group), files))
    return [change for change in found if change.files]


def _alone(
    group: Sequence[Verdict], applied: Iterable[Verdict], state: Round
) -> dict[str, tuple[bytes, bytes]] | None:
    """What changes without the other groups; None if this one needs them."""
    own = {verdict.subject for verdict in group}
    others = (v.subject for v in applied if v.subject not in own)
    left = {**state.request.left, **{key_of(subject): _OTHER for subject in others}}
    verdicts, emitted = state.settled(left)
    if not all(verdicts[subject].applies for subject in own):
        return None
    if emitted.postponed:  # sites inside other ones of this group take more rounds
        only = replace(state.request, left=left)
        return dict(run(state.page, only, state.texts).changes)
    return state.changes(emitted)


def _touched(
    group: Iterable[Verdict], whole: Mapping[str, tuple[bytes, bytes]]
) -> dict[str, tuple[bytes, bytes]]:
    """What becomes of the files of a group when everything changes."""
    paths = {site.path for verdict in group for site in verdict.subject.sites}
    return {path: texts for path, texts in whole.items() if path in paths}


def _groups(
    applied: Sequence[Verdict], links: Mapping[Subject, Iterable[Subject]]
) -> list[list[Verdict]]:
    """The verdicts, those together that links lead between; by place."""
    group = {verdict.subject: {verdict.subject} for verdict in applied}
    for one, other in _pairs(links):
        if one in group and other in group and group[one] is not group[other]:
            group[one] |= group[other]
            for each in group[other]:
                group[each] = group[one]
    found: dict[int, list[Verdict]] = {}
    for verdict in sorted(applied, key=_order):
        found.setdefault(id(group[verdict.subject]), []).append(verdict)
    return sorted(found.values(), key=lambda each: each[0].subject.origin)


def _pairs(
    links: Mapping[Subject, Iterable[Subject]],
) -> Iterator[tuple[Subject, Subject]]:
    for one, others in links.items():
        yield from ((one, other) for other in others)


def _order(verdict: Verdict) -> tuple[bool, object]:
    return verdict.subject.kind == "mock", verdict.subject.origin
