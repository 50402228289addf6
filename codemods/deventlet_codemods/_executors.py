"""The class of native threads that a project wants. No codemod itself."""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Context, Site

MANY = 100
"""As many native threads, with a stack each, as nobody should get unannounced."""
_DYNAMIC = "DynamicThreadPoolExecutor"


def configured(site: Site, context: Context) -> cst.Attribute | None:
    """The class that the configuration names, if it names one."""
    chosen = context.helper("executor", site)
    assert chosen is None or isinstance(chosen, cst.Attribute)
    return chosen


def native(count: float | None, site: Site, context: Context) -> cst.Attribute:
    """The configured class, or futurist's plain one where there may be one worker.

    ``DynamicThreadPoolExecutor(max_workers=1)`` raises ValueError.
    """
    chosen = configured(site, context) or _of_futurist(_DYNAMIC, context)
    if chosen.attr.value == _DYNAMIC and (count is None or count < 2):
        return _of_futurist("ThreadPoolExecutor", context)
    return chosen


def is_concurrent(site: Site, context: Context) -> bool:
    """Whether the configured class is of the standard library, with fewer members."""
    chosen = configured(site, context)
    plain = context.name_of("concurrent.futures", "ThreadPoolExecutor")
    return chosen is not None and chosen.deep_equals(plain)


def number(value: cst.BaseExpression, site: Site, context: Context) -> float | None:
    """What a literal is, or a name that is bound to one number only."""
    if isinstance(value, (cst.Integer, cst.Float)):
        return float(value.evaluated_value)
    if isinstance(value, cst.UnaryOperation):
        inner = number(value.expression, site, context)
        minus = isinstance(value.operator, cst.Minus)
        return -inner if minus and inner is not None else None
    if isinstance(value, cst.Name):
        return context.number(value.value, site)
    return None


def _of_futurist(name: str, context: Context) -> cst.Attribute:
    found = context.name_of("futurist", name)
    assert isinstance(found, cst.Attribute)
    return found
