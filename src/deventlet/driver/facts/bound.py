"""What a name is bound to where a site is, if that is one thing only.

Reads the scopes of one file; what is bound twice, or given by a caller, has no answer.
"""

from __future__ import annotations

import ast
from typing import Literal

from deventlet.codemod import Site
from deventlet.resolve.scopes import Binding, BindingKind
from deventlet.resolve.uses import Use
from deventlet.resolve.values.definitions import Function
from deventlet.resolve.values.model import Place
from deventlet.resolve.values.program import Program

Stars = Literal["*", "**", ""]


def is_builtin(name: str, use: Use) -> bool:
    """Whether a name means Python's built-in function there."""
    star = use.module.scopes.module.star_imports
    return not star and use.module.scopes.is_free(name, use.scope)


def value_of(name: str, use: Use) -> ast.expr | None:
    """What is assigned to a name that is no parameter."""
    found = _only_binding(name, use)
    is_parameter = found is not None and found.kind is BindingKind.PARAMETER
    return None if found is None or is_parameter else found.value


def default_of(name: str, use: Use) -> ast.expr | None:
    """What a parameter is where it is not given; None for any other name."""
    found = _only_binding(name, use)
    is_parameter = found is not None and found.kind is BindingKind.PARAMETER
    return found.value if found is not None and is_parameter else None


def number_of(name: str, use: Use) -> float | None:
    """The number that a name is bound to: ``DELAY = 2``."""
    value = value_of(name, use)
    number = value.value if isinstance(value, ast.Constant) else None
    return float(number) if isinstance(number, (int, float)) else None


def stars_of(name: str, site: Site, place: Place, program: Program) -> Stars:
    """Whether a name is ``*args`` or ``**kwargs``, and a site reads it last.

    No inner function reads it either, and nothing else is ever bound to it.

    :param place: the site in its file.
    """
    own = program.places.function_of(place)
    stars = _star_parameters(own) if own else {}
    if own is None or name not in stars:
        return ""
    scopes, scope = place.module.scopes, program.places.scope(place.module, own)
    loads = [n for n, at in scopes.loads(name) if scopes.resolve(name, at) is scope]
    later = any(node.lineno > site.end_line for node in loads)
    inner = any(scopes.scope_of(node) is not scope for node in loads)
    once = len(scope.bindings[name]) == 1
    return stars[name] if once and not (later or inner) else ""


def _star_parameters(function: Function) -> dict[str, Stars]:
    """The names of ``*args`` and ``**kwargs``."""
    found: dict[str, Stars] = {}
    if function.args.vararg is not None:
        found[function.args.vararg.arg] = "*"
    if function.args.kwarg is not None:
        found[function.args.kwarg.arg] = "**"
    return found


def _only_binding(name: str, use: Use) -> Binding | None:
    found = use.module.scopes.bindings(name, use.scope)
    return found[0] if len(found) == 1 else None
