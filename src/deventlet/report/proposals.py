"""A proposal as lines of plain text, for whatever shows it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deventlet.codemod import Proposal, Term

_NOTHING = "nothing"


def arguments(proposal: Proposal) -> Iterator[str]:
    """Each argument of the code with what takes its place."""
    return _lines(proposal.arguments)


def changes(proposals: Iterable[Proposal]) -> dict[str, tuple[str, ...]]:
    """What is different in any case, once for each thing that is proposed."""
    return {e.target: tuple(_lines(e.changes)) for e in proposals if e.changes}


def _lines(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        given = f"{term.name}={term.value}" if term.value else term.name
        becomes = term.counterpart or _NOTHING
        yield f"{given} -> {becomes}{f': {term.note}' if term.note else ''}"
