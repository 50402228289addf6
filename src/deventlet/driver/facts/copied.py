"""Whether an object is copied deeply, which nothing that has a native lock can be.

Eventlet's are plain objects: ``copy.deepcopy(self)`` copies the queue that an attribute
of the instance is, and raises a ``TypeError`` for ``queue.Queue``. Follows what an
instance is copied by itself; decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from deventlet.codemod import Site, Subject
from deventlet.resolve.chains import called_name
from deventlet.resolve.functions import where_is
from deventlet.resolve.names import Use
from deventlet.resolve.values import Origin
from deventlet.resolve.values.definitions import Definition, first_parameter
from deventlet.resolve.values.program import Program

_COPIES = "deepcopy"
_OWN_WAYS = frozenset({"__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__"})
"""Methods by which a class says what a copy has."""


def copied(
    subject: Subject,
    origins: Iterable[Origin],
    uses: dict[Site, Use],
    program: Program,
) -> str:
    """The place of a call that copies an object, or all that it is in; maybe empty.

    :param origins: where the object comes from.
    :param uses: what is known of each site.
    """
    for origin in origins:
        for escape in origin.escapes:
            if f"{_COPIES}()" in escape.detail:
                return where_is(escape.module, escape.node)
    calls = (site for site in subject.sites if site.form == "call" and site in uses)
    made = calls if subject.kind == "object" else ()
    owners = (owner for site in made for owner in _holders(uses[site]))
    return next(filter(None, (_by_itself(each, program) for each in owners)), "")


def _holders(use: Use) -> Iterator[Definition]:
    """The class of whose instances an attribute is what a call makes."""
    kept = any(
        isinstance(target, ast.Attribute)
        for node in use.parents
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in getattr(node, "targets", None) or [getattr(node, "target", None)]
    )
    classes = [node for node in use.parents if isinstance(node, ast.ClassDef)]
    if kept and classes:
        yield Definition(use.module, classes[-1])


def _by_itself(owner: Definition, program: Program) -> str:
    """Where a class, or one that shares its attributes, copies its own instance."""
    related = sorted(
        program.classes.related(owner), key=lambda c: (c.module.path, c.node.lineno)
    )
    methods = [(each.module, node) for each in related for node in _methods(each)]
    if any(node.name in _OWN_WAYS for _, node in methods):
        return ""
    for module, method in methods:
        itself = first_parameter(method)
        for call in ast.walk(method):
            match call:
                case ast.Call(args=[ast.Name(id=name), *_]) if (
                    name == itself and called_name(call) == _COPIES
                ):
                    return where_is(module, call)
    return ""


def _methods(owner: Definition) -> Iterator[ast.FunctionDef]:
    assert isinstance(owner.node, ast.ClassDef)
    return (node for node in owner.node.body if isinstance(node, ast.FunctionDef))
