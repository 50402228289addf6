"""Statements that say something to Eventlet only, and go with it. No codemod itself."""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Action, Context, Instead, Refuse, Site
from deventlet_codemods._nodes import is_name

_STARTED = frozenset({"sys.argv", "sys.platform", "os.name"})
"""How and where a process was started; to ask for it does nothing."""


def deleted(site: Site, context: Context, reason: str) -> Action | Refuse:
    """The call at a site taken out, if it is a statement by itself that does no more.

    What computes an argument must do nothing, and leave nothing behind without a use.

    :param reason: the code of the refusal.
    """
    where = f"{site.path}:{site.line}"
    if context.flow.becomes(site) != "discarded":
        return Refuse(reason, f"it is not a statement by itself at {where}")
    if not context.code.removable(site):
        return Refuse(reason, f"other code or a comment is on its line at {where}")
    values = [argument.value for argument in context.code.call(site).args]
    if not all(map(_is_silent, values)):
        return Refuse(reason, f"what computes its argument would stay at {where}")
    left = (
        () if all(map(_is_literal, values)) else sorted(context.code.only_there(site))
    )
    if left:
        return Refuse(reason, f"{left[0]} would be left without a use at {where}")
    return hollowed(site, context, reason) or Instead(())


def hollowed(site: Site, context: Context, reason: str) -> Refuse | None:
    """The refusal of a statement without which nothing is left of the ``if`` around it.

    None where it goes along, or something else is left in it.
    """
    left = context.code.hollow(site)
    return Refuse(reason, f"without it {left} would be for nothing") if left else None


def _is_silent(value: cst.BaseExpression) -> bool:
    """Whether nobody misses that it is evaluated: literals, chosen by the start."""
    if isinstance(value, cst.IfExp):
        return all(map(_is_silent, (value.test, value.body, value.orelse)))
    if isinstance(value, cst.UnaryOperation):
        return _is_silent(value.expression)
    if isinstance(value, cst.BooleanOperation):
        return _is_silent(value.left) and _is_silent(value.right)
    if isinstance(value, cst.Comparison):
        others = (each.comparator for each in value.comparisons)
        return _is_silent(value.left) and all(map(_is_silent, others))
    started = isinstance(value, cst.Attribute) and is_name(value, 1)
    said = cst.Module([]).code_for_node(value) if started else ""
    return said in _STARTED or _is_literal(value)


def _is_literal(value: cst.BaseExpression) -> bool:
    if isinstance(value, (cst.List, cst.Tuple)):
        return all(_is_literal(each.value) for each in value.elements)
    literals = (cst.Integer, cst.Float, cst.SimpleString)
    named = isinstance(value, cst.Name) and value.value in ("True", "False", "None")
    return named or isinstance(value, literals)
