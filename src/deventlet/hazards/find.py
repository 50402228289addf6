"""All hazards of a repository, and those that a patch makes matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deventlet.codemod import Site
from deventlet.hazards import atomicity, fork, order, shutdown, unbounded
from deventlet.inventory import Hazard
from deventlet.resolve.threads import Threads

_KINDS = (atomicity.find, fork.find, order.find, shutdown.find, unbounded.find)


def find(threads: Threads, is_test: Callable[[str], bool]) -> tuple[Hazard, ...]:
    """Every hazard in the files that are parsed, in order of place.

    :param is_test: whether a path is test code.
    """
    return tuple(sorted({each for kind in _KINDS for each in kind(threads, is_test)}))


def matter(hazards: Iterable[Hazard], sites: Iterable[Site]) -> tuple[Hazard, ...]:
    """The hazards of which a cause is on a line of one of the sites, by their kind."""
    lines = {
        f"{site.path}:{line}"
        for site in sites
        for line in range(site.line, site.end_line + 1)
    }
    found = [each for each in hazards if not lines.isdisjoint(each.causes)]
    return tuple(sorted(found, key=lambda each: (each.code, each)))
