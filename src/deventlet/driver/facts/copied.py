"""Whether an object is copied deeply, which nothing that has a native lock can be.

Eventlet's are plain objects: ``copy.deepcopy(self)`` copies the queue that an attribute
of the instance is, and raises a ``TypeError`` for ``queue.Queue``; so does a pickle.
Follows what an instance is copied by itself; decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from deventlet.codemod import Site, Subject
from deventlet.resolve.chains import last_name
from deventlet.resolve.functions import where_is
from deventlet.resolve.project import Module
from deventlet.resolve.uses import Use
from deventlet.resolve.values import Origin
from deventlet.resolve.values.definitions import Definition, first_parameter
from deventlet.resolve.values.model import Escape
from deventlet.resolve.values.program import Program

_COPIES = frozenset({"copy.deepcopy", "pickle.dump", "pickle.dumps"})
_WORDS = (b"copy", b"pickle")
_OWN_WAYS = frozenset({"__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__"})
"""Methods by which a class says what a copy has."""


def copied(
    subject: Subject,
    origins: Iterable[Origin],
    uses: dict[Site, Use],
    program: Program,
) -> str:
    """The call that copies an object, or all that it is in, with its place; or nothing.

    :param origins: where the object comes from.
    :param uses: what is known of each site.
    """
    for origin in origins:
        for escape in origin.escapes:
            found = _copying(_passing(escape, program), escape.module, program)
            if found:
                return found
    calls = (site for site in subject.sites if site.form == "call" and site in uses)
    made = calls if subject.kind == "object" else ()
    owners = (owner for site in made for owner in _holders(uses[site]))
    return next(filter(None, (_by_itself(each, program) for each in owners)), "")


def _passing(escape: Escape, program: Program) -> ast.AST | None:
    """The call that an object is passed to where it escapes."""
    if escape.reason != "value.passed" or not isinstance(escape.node, ast.expr):
        return None
    parents = program.places.place(escape.module, escape.node).parents
    return next((n for n in reversed(parents) if isinstance(n, ast.Call)), None)


def _copying(node: ast.AST | None, module: Module, program: Program) -> str:
    """The copying function that a node calls, by any name, and where; maybe empty."""
    if not isinstance(node, ast.Call):
        return ""
    names = {*program.names.denoted(node.func, module), f"copy.{last_name(node.func)}"}
    found = sorted(names & _COPIES)
    name = found[0].rpartition(".")[2] if found else ""
    return f"{name}() at {where_is(module, node)}" if found else ""


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
    """How a class, or one that shares its attributes, copies its own instance."""
    related = sorted(
        program.classes.related(owner), key=lambda c: (c.module.path, c.node.lineno)
    )
    methods = [(each.module, node) for each in related for node in _methods(each)]
    if any(node.name in _OWN_WAYS for _, node in methods):
        return ""
    for module, method in methods:
        itself = first_parameter(method)
        for node in ast.walk(method) if _may_copy(module) else ():
            match node:
                case ast.Call(args=[ast.Name(id=name), *_]) if name == itself:
                    found = _copying(node, module, program)
                    if found:
                        return found
    return ""


def _may_copy(module: Module) -> bool:
    return any(word in module.source.utf8 for word in _WORDS)


def _methods(owner: Definition) -> Iterator[ast.FunctionDef]:
    assert isinstance(owner.node, ast.ClassDef)
    return (node for node in owner.node.body if isinstance(node, ast.FunctionDef))
