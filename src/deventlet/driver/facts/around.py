"""The call around a site, where the site is all that it is given.

``list(pool.imap(f, xs))`` is replaced as a whole. Reads one expression.
"""

from __future__ import annotations

import ast

from deventlet.codemod import Site
from deventlet.driver.subjects.findings import site_of
from deventlet.resolve.uses import Use


def around(use: Use) -> ast.Call | None:
    """The call that has a use, or the call of it, as its only argument."""
    parents = use.parents if use.call is None else use.parents[:-1]
    outer = parents[-1] if parents else None
    if not isinstance(outer, ast.Call) or outer.keywords:
        return None
    return outer if outer.args == [use.call or use.node] else None


def site_around(site: Site, use: Use) -> Site:
    """The place of the call around a site, for its text to be replaced."""
    outer = around(use)
    assert outer is not None
    return site_of(use.module, outer, site.api, site.form)
