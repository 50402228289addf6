"""Whether a comment goes with the code that an action takes away.

Compares what stands there with what is put in its place. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

import libcst as cst

from deventlet.codemod import (
    Action,
    Import,
    Instead,
    Replace,
    ReplaceAround,
    Site,
    Unwrap,
)
from deventlet.driver.facts.around import site_around
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text import statements
from deventlet.driver.text.printing import comments, print_expression
from deventlet.driver.text.statements import Statement
from deventlet.resolve.uses import Use

_PRAGMA = re.compile(r"#\s*(?:noqa\b|nosec\b|nopep8\b|pylint:|type:)[^#]*\Z")


_Taking: TypeAlias = Replace | ReplaceAround | Unwrap | Instead | Import
"""The actions that may take a comment away."""


def loses_comment(site: Site, action: Action, findings: Findings) -> bool:
    """Whether a comment of what an action replaces is in nothing that follows.

    :raises CannotPrint: if LibCST would not print a statement as it stands.
    """
    if not isinstance(action, _Taking):
        return False
    use = findings.use(site)
    if isinstance(action, Replace):
        return _loses_of_expression(use, site, action.node)
    if isinstance(action, ReplaceAround):
        return _loses_of_expression(use, site_around(site, use), action.node)
    if isinstance(action, Unwrap):
        attempt = statements.node_of(use, statements.around(use))
        return _loses_of_statement(attempt, action.statements)
    if isinstance(action, Instead):
        held = statements.node_of(use, statements.holder(use))
        if held is None and not action.statements:
            return False  # there is no comment on lines that it shares
        return _loses_of_statement(held, action.statements)
    held = statements.node_of(use, statements.holder(use))
    is_at_top = statements.holder(use) in use.module.tree.body
    return is_at_top and _loses_of_statement(held, ())


def _loses_of_expression(use: Use, place: Site, new: cst.BaseExpression) -> bool:
    old = use.module.source.slice(place.start, place.end)
    return "#" in old and comments(f"({old}\n)") != comments(
        f"({print_expression(new)}\n)"
    )


def _loses_of_statement(held: Statement | None, put: Sequence[Statement]) -> bool:
    """Whether statements in the place of one have other comments than that.

    What is said to a checker is about the line, and goes with it.
    """
    assert held is not None
    old = statements.printed_in("", [held])
    new = statements.printed_in("", put)
    said = comments(old)
    if not put:
        said = [each for each in said if not _PRAGMA.match(each)]
    return "#" in old and said != comments(new)
