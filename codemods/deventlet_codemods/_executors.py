"""The class of native threads that a project wants. No codemod itself."""

from __future__ import annotations

import libcst as cst

from deventlet.codemod import Context, Site

MANY = 100
"""As many native threads, with a stack each, as nobody should get unannounced."""
_DYNAMIC = "DynamicThreadPoolExecutor"


def configured(site: Site, context: Context) -> cst.BaseExpression | None:
    """What the configuration names, if it names something.

    Under the profile ``dual`` the project's own function comes first, which makes an
    executor of futurist's for the mode that the process runs in.
    """
    own = (
        context.names.helper("executor_factory", site)
        if context.project.is_dual()
        else None
    )
    return own if own is not None else context.names.helper("executor", site)


def native(count: float | None, site: Site, context: Context) -> cst.BaseExpression:
    """What is configured, or futurist's plain class where there may be one worker.

    ``DynamicThreadPoolExecutor(max_workers=1)`` raises ValueError.
    """
    dynamic = _of_futurist(_DYNAMIC, context)
    chosen = configured(site, context) or dynamic
    if chosen.deep_equals(dynamic) and (count is None or count < 2):
        return _of_futurist("ThreadPoolExecutor", context)
    return chosen


def is_concurrent(site: Site, context: Context) -> bool:
    """Whether the configured class is of the standard library, with fewer members."""
    chosen = configured(site, context)
    plain = context.names.name_of("concurrent.futures", "ThreadPoolExecutor")
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
        return context.names.number(value.value, site)
    return None


def _of_futurist(name: str, context: Context) -> cst.BaseExpression:
    return context.names.name_of("futurist", name)
