"""A class by its new name, or by the project's own, which changes where it is given.

``Queue = eventlet.queue.LightQueue`` in a module that others take the name from: the
one assignment changes, and what says ``hub.Queue`` stays. No codemod itself.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from deventlet.codemod import Action, Context, Keep, Replace, Site


def is_name(site: Site, context: Context) -> bool:
    """Whether a site is the class where an assignment names it."""
    member = context.objects.member(site)
    return member is not None and member.name == "named"


def named_class(
    site: Site, said: cst.BaseExpression, module: str, name: str, context: Context
) -> cst.BaseExpression:
    """What stands for a class at a site: ``module.name``, or what is ``said`` there."""
    return (
        said if context.objects.renamed(site) else context.names.name_of(module, name)
    )


def replaced(call: cst.Call, **changes: Any) -> Action:
    """A call with changes, if that makes it another one."""
    return kept_or(call, call.with_changes(**changes))


def kept_or(old: cst.BaseExpression, new: cst.BaseExpression) -> Action:
    """The new expression in the place of the old one, unless they are the same."""
    return Keep() if new.deep_equals(old) else Replace(new)
