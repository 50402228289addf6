"""What a scope is, what binds a name in it, and what uses a name; data only.

:mod:`deventlet.resolve.scope_walk` finds them in a tree, and
:class:`deventlet.resolve.scope_table.ScopeTable` tells what belongs to what.
"""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class ScopeKind(enum.Enum):
    """What opens a scope; ``FUNCTION`` is ``def``, ``async def`` and ``lambda``."""

    MODULE = enum.auto()
    CLASS = enum.auto()
    FUNCTION = enum.auto()
    COMPREHENSION = enum.auto()
    TYPE_PARAMETERS = enum.auto()


class BindingKind(enum.Enum):
    """How a name is bound.

    ``UNPACK`` is a tuple, list or starred target of an assignment; such a target of
    ``for``, ``with`` or a comprehension keeps that kind. ``ANNOTATION`` is ``x: int``
    without a value: it binds nothing when run, yet makes the name local.
    """

    IMPORT = enum.auto()
    FROM_IMPORT = enum.auto()
    ASSIGN = enum.auto()
    UNPACK = enum.auto()
    ANNOTATION = enum.auto()
    AUGMENTED = enum.auto()
    WALRUS = enum.auto()
    PARAMETER = enum.auto()
    FUNCTION = enum.auto()
    CLASS = enum.auto()
    FOR = enum.auto()
    WITH = enum.auto()
    EXCEPT = enum.auto()
    MATCH = enum.auto()
    DELETE = enum.auto()
    COMPREHENSION = enum.auto()
    TYPE_PARAMETER = enum.auto()
    TYPE_ALIAS = enum.auto()


@dataclass(slots=True, eq=False)
class Binding:
    """One place that binds a name.

    :param node: the statement, ``NamedExpr``, ``arg``, ``ExceptHandler``, pattern or
        type parameter that binds; for a comprehension the whole target.
    :param value: the expression whose value the name gets exactly: of an assignment
        to a plain name, a walrus, or the default of a parameter; else ``None``.
    :param alias: for the two kinds of import.
    :param scope: where the binding stands. The list it is found in belongs to the
        scope that owns the name; the two differ after ``global`` and ``nonlocal`` and
        for a walrus in a comprehension. ``value`` is evaluated here too, except the
        default of a parameter, which the scope around the function evaluates.
    """

    name: str
    kind: BindingKind
    node: ast.AST
    value: ast.expr | None
    alias: ast.alias | None
    scope: Scope = field(repr=False)


@dataclass(slots=True, eq=False)
class Scope:
    """One scope and the names that it owns.

    :param bindings: every binding of each name, those made from elsewhere through
        ``global`` and ``nonlocal`` included and those that this scope makes for
        another one excluded; in the order of the source.
    :param global_names: the names declared ``global`` here.
    :param nonlocal_names: the names declared ``nonlocal`` here.
    :param star_imports: ``from x import *`` in this scope: may bind any name.
    """

    kind: ScopeKind
    node: ast.AST
    parent: Scope | None = field(repr=False)
    bindings: dict[str, list[Binding]] = field(default_factory=dict, repr=False)
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    star_imports: tuple[ast.ImportFrom, ...] = ()


class Use(NamedTuple):
    """An ``ast.Name`` in any context, and the scope that evaluates it."""

    node: ast.Name
    scope: Scope
