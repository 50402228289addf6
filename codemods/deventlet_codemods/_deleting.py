"""Statements that say something to Eventlet only, and go with it. No codemod itself."""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Action, Context, Instead, Refuse, Site


def deleted(site: Site, context: Context, reason: str) -> Action | Refuse:
    """The call at a site taken out, if it is a statement of literals by itself.

    What computes an argument would stay behind without a use.

    :param reason: the code of the refusal.
    """
    where = f"{site.path}:{site.line}"
    if context.becomes(site) != "discarded" or context.statement(site) is None:
        return Refuse(reason, f"it is not a statement by itself at {where}")
    if not all(_is_literal(argument.value) for argument in context.call(site).args):
        return Refuse(reason, f"what computes its argument would stay at {where}")
    return Instead(())


def _is_literal(value: cst.BaseExpression) -> bool:
    if isinstance(value, (cst.List, cst.Tuple)):
        return all(_is_literal(each.value) for each in value.elements)
    literals = (cst.Integer, cst.Float, cst.SimpleString)
    named = isinstance(value, cst.Name) and value.value in ("True", "False", "None")
    return named or isinstance(value, literals)
