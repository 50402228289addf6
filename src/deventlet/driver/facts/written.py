"""The strings that an argument of a call may be, as sites that may be given actions.

Asks where they are written, and whether a test may expect them. Decides nothing.
"""

from __future__ import annotations

from deventlet.codemod import Site, Strings
from deventlet.driver.subjects.findings import (
    Findings,
    expression_use,
    is_computed,
    site_of,
    strings_at,
)
from deventlet.resolve.project import Project
from deventlet.resolve.values.model import Place


def written_for(site: Site, findings: Findings, project: Project) -> Strings:
    """What the argument may be for which a call has to do with Eventlet.

    Two calls may take the same string, so that a mock of either is in the way.
    """
    computed = {each for each, use in findings.uses.items() if is_computed(use)}
    mocks = (s for s in findings.subjects if s.kind == "mock")
    mock = next((m for m in mocks if computed.intersection(m.intercepts)), None)
    if mock is not None:
        where = f"{mock.origin.path}:{mock.origin.line}"
        return Strings((), f"{where} may expect it as it is")
    found = strings_at(project, findings.uses.values(), findings.uses[site])
    sites = tuple(_site(findings, place) for place in found.places)
    return Strings(sites, found.lost, found.options)


def _site(findings: Findings, place: Place) -> Site:
    """A string as a site, the same for every call that takes it."""
    site = site_of(place.module, place.node, "", "string")
    findings.asked[site] = expression_use(place.module, place.node, place.parents, "")
    return site
