"""What all codemods of stage B ask of the processes in which their sites run.

What they put in a place is right only where no green thread is left. No codemod itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from deventlet.codemod import (
    Action,
    Assume,
    Context,
    Decision,
    Refuse,
    Rewrite,
    Site,
)

_NAMED = 3
"""How many of the places that come first are named."""

_PROOF = "nothing green is left in the processes that run this"


def where_nothing_is_green(
    sites: Iterable[Site],
    context: Context,
    actions: Mapping[Site, Action],
    caveats: Iterable[str] = (),
    besides: Collection[str] = (),
) -> Decision:
    """Hold actions against what is left in the processes that the sites run in.

    :param sites: those that run.
    :param besides: places, ``path:line``, that go with the actions.
    """
    if context.project.is_dual():
        return Refuse("profile.dual")
    answers = [context.processes.remains(site) for site in sites]
    left = dict.fromkeys(place for each in answers for place in each.places)
    places = tuple(place for place in left if place not in besides)
    if places:
        return behind("stage.blocked", places)
    doubts = [each.doubt for each in answers if each.doubt]
    proofs = () if doubts else (_PROOF,)
    rewrite = Rewrite(actions, tuple(dict.fromkeys(caveats)), proofs)
    return Assume("green-free", doubts[0], rewrite) if doubts else rewrite


def behind(reason: str, places: tuple[str, ...]) -> Refuse:
    """What waits until some places have gone."""
    return Refuse(reason, _named(places), behind=places)


def _named(places: tuple[str, ...]) -> str:
    """The first places, and how many more there are."""
    more = len(places) - _NAMED
    said = ", ".join(places[:_NAMED])
    return f"{said} and {more} more" if more > 0 else said
