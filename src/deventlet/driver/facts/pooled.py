"""Whether a pool or an executor is given a function that holds a site.

Asks the files of the sites for the functions by their names. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from deventlet.codemod import Site
from deventlet.resolve.pools import Named, place_that_pools
from deventlet.resolve.project import Project
from deventlet.resolve.uses import Use

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef)
_Home: TypeAlias = tuple[str, Named | None]
"""The file of some functions, and the outermost one where they are inside of one."""


def place_that_runs(
    project: Project, sites: Iterable[Site], uses: Mapping[Site, Use]
) -> str:
    """A place that gives a pool or an executor a function that holds one of some sites.

    :returns: empty if there is none.
    """
    wanted: dict[_Home, set[str]] = {}
    for site in sites:
        use = uses.get(site)
        around = [n for n in use.parents if isinstance(n, _NAMED)] if use else []
        for depth, node in enumerate(around):
            key = site.path, around[0] if depth else None
            wanted.setdefault(key, set()).add(node.name)
    found = (
        place_that_pools(project, module, names, function)
        for (path, function), names in sorted(wanted.items(), key=_by_place)
        if (module := project.module(path)) is not None
    )
    return next(filter(None, found), "")


def _by_place(item: tuple[_Home, set[str]]) -> tuple[str, int]:
    """The order of functions by file and line."""
    (path, function), _ = item
    return path, function.lineno if function else 0
