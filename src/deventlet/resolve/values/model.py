"""What is known of a value: where it comes from, its uses, and where it is lost.

Data only; the flow fills it in.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from deventlet.resolve.project import Module

How: TypeAlias = Literal[
    "created", "subclass", "annotated", "caught", "product", "mock"
]
Shape: TypeAlias = tuple[str, ...]
"""How a value is wrapped where it is, outermost first: ``item`` of a container,
``at:2`` of a tuple, ``key`` and ``value`` of a dict, ``slot`` of what may be a dict or
a list, ``call`` the result of a function, ``enter`` of a ``with``."""


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """An expression in the repository, with the path of nodes down to it."""

    module: Module
    node: ast.expr
    parents: list[ast.AST]

    @property
    def parent(self) -> ast.AST:
        """The node that holds the expression."""
        return self.parents[-1]

    def up(self) -> Place:
        """The expression around this one."""
        above = self.parents[-1]
        assert isinstance(above, ast.expr)
        return Place(self.module, above, self.parents[:-1])

    @property
    def call(self) -> ast.Call | None:
        """The call whose function this is."""
        above = self.parents[-1]
        return (
            above if isinstance(above, ast.Call) and above.func is self.node else None
        )


@dataclass(frozen=True, eq=False, slots=True)
class Member:
    """A use of an object: a method or attribute, ``iter``, ``with`` or ``raise``.

    :param place: the expression that is the use: ``ev.wait``, the iterated or
        entered expression.
    :param result: what becomes of what the use gives: ``discarded``, ``assigned``,
        ``returned``, ``argument``, ``condition``, ``iterated``, ``collected``,
        ``stored`` (the attribute is assigned to), ``reference`` (not called),
        ``mocked`` (a test puts a mock in its place; the use is then the object, as
        what does that gets it).
    :param function: the innermost function that holds the use, if any.
    """

    place: Place
    name: str
    result: str
    function: ast.AST | None

    @property
    def module(self) -> Module:
        """The file of the use."""
        return self.place.module

    @property
    def node(self) -> ast.expr:
        """The expression of the use."""
        return self.place.node


@dataclass(frozen=True, eq=False, slots=True)
class Escape:
    """A place where a value goes on to where it is not followed, and the reason.

    :param is_beside: all uses are known; something else may be there as well, which
        only what is changed at a use would touch.
    """

    module: Module
    node: ast.AST
    reason: str
    detail: str
    is_beside: bool = False


@dataclass(eq=False, slots=True)
class Origin:
    """One object of Eventlet's, told apart by the place that makes it.

    :param kind: such as ``GreenThread``.
    :param node: the expression that makes it, or that says what it is.
    :param how: ``created`` by a call, instance of a ``subclass``, ``annotated``,
        ``caught`` by an ``except``, the ``product`` of a method of another, or what
        a ``mock`` stands in for.
    :param api: the API through which it is made.
    :param own: the members that the repository's subclass defines itself.
    :param result: what becomes of the expression that makes it; see :class:`Member`.
    """

    kind: str
    module: Module
    node: ast.AST
    how: How
    api: str
    result: str = ""
    own: frozenset[str] = frozenset()
    members: list[Member] = field(default_factory=list)
    escapes: list[Escape] = field(default_factory=list)
    tests: dict[ast.expr, Module] = field(default_factory=dict)
    """Classes that places ask it for (``isinstance(event, Event)``), with the file."""
    sorted_by: dict[ast.Call, Module] = field(default_factory=dict)
    """Calls on which its class decides and that do not say for which, with the file:
    ``KINDS[type(event)]``, or one of a function that dispatches on it."""
    held: dict[str, None] = field(default_factory=dict)
    """Names and attributes that hold it, in the order in which they were found."""
    passed: int = 0
    """The most arguments of a call that it is one of, or that may be spread there."""
    source: Origin | None = None
    """The object whose method gave it, for a product."""
    fates: set[str] = field(default_factory=set)
    """What is done with what ``getcurrent()`` gives: ``text``, ``number`` where it is
    the argument of ``id``, ``compared``, ``key``, ``dropped``."""
    is_shared: bool = False
    """Whether a pool, or what it gives, may be in more than variables of calls."""
    circle: int = 0
    """The number of those of its kind that it meets; zero for any other kind."""


Token: TypeAlias = tuple[Origin, Shape]
