"""All sites of a subject change or none: what each becomes, or the first refusal.

No codemod itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deventlet.codemod import Action, Keep, Refuse, Site, Subject

Found = tuple[Action, tuple[str, ...]] | Refuse
"""What one site becomes with the caveats that come with it, or why it does not."""


def actions_by_site(
    subject: Subject, site_of: Callable[[Site], Action | Refuse]
) -> dict[Site, Action] | Refuse:
    """What each site of a subject becomes, or the first refusal.

    An import goes by itself with the last of its uses.

    :param site_of: what one site that runs becomes.
    """
    actions: dict[Site, Action] = {}
    for site in subject.sites:
        found = Keep() if site.form == "import" else site_of(site)
        if isinstance(found, Refuse):
            return found
        actions[site] = found
    return actions


def actions_with_caveats(
    sites: Iterable[Site], site_of: Callable[[Site], Found]
) -> tuple[dict[Site, Action], list[str]] | Refuse:
    """What each of some sites becomes with all caveats, or the first refusal.

    :param site_of: what one site becomes; asked for an import, too.
    """
    actions: dict[Site, Action] = {}
    caveats: list[str] = []
    for site in sites:
        found = site_of(site)
        if isinstance(found, Refuse):
            return found
        actions[site], noted = found
        caveats += noted
    return actions, caveats


def running(subject: Subject) -> list[Site]:
    """The sites that run, as opposed to those that only bind a name."""
    return [site for site in subject.sites if site.form != "import"]
