"""Where a site is in its code: its call, an argument of that, its dotted path.

Shared by the answers beside it; nothing is concluded here.
"""

from __future__ import annotations

import ast

from deventlet.codemod import Site
from deventlet.driver.facts.objects import place_of
from deventlet.driver.subjects.findings import Findings, imported_path
from deventlet.resolve.api import Argument, canonical
from deventlet.resolve.values.model import Place


def call_at(findings: Findings, site: Site) -> Place:
    """The call, or the reference, at a site."""
    place = place_of(findings.uses[site])
    return place.up() if place.call is not None else place


def argument_at(
    findings: Findings, site: Site, position: int, keyword: str
) -> ast.expr | None:
    """An argument of the call at a site, by its name or its place."""
    call = call_at(findings, site).node
    assert isinstance(call, ast.Call)
    return Argument(keyword, position).of(call)


def path_at(findings: Findings, site: Site) -> str:
    """The dotted path of the attribute chain at a reference or a mock."""
    target = findings.targets.get(site)
    if target is not None:
        return canonical(f"{target.owner}.{target.attribute}")
    if site in findings.imports:
        module, binding = findings.imports[site]
        return imported_path(module, binding)
    use = findings.uses[site]
    path, node = use.dotted, use.node
    for above in reversed(use.parents):
        if not (isinstance(above, ast.Attribute) and above.value is node):
            break
        path, node = f"{path}.{above.attr}", above
    return canonical(path)
