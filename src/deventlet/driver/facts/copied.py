"""Whether an object is copied deeply, which nothing that has a native lock can be.

Eventlet's are plain objects: ``copy.deepcopy(self)`` copies the queue that an attribute
of the instance is, and raises a ``TypeError`` for ``queue.Queue``; so does a pickle.
Looks at copies of an instance by itself, and by files that name its class; decides
nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from deventlet.codemod import Site, Subject
from deventlet.resolve.chains import last_name
from deventlet.resolve.functions import where_is
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.uses import Use
from deventlet.resolve.values import Origin
from deventlet.resolve.values.definitions import Definition, by_place, first_parameter
from deventlet.resolve.values.model import Escape
from deventlet.resolve.values.program import Program

_COPIES = frozenset({"copy.deepcopy", "pickle.dump", "pickle.dumps"})
_LAST = frozenset(each.rpartition(".")[2] for each in _COPIES)
_WORDS = (b"deepcopy", b"pickle")
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
    return next(filter(None, (_as_a_whole(each, program) for each in owners)), "")


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


def _as_a_whole(owner: Definition, program: Program) -> str:
    """How an instance of a class is copied, if the class does not say it otherwise."""
    related = sorted(program.classes.related(owner), key=by_place)
    if any(node.name in _OWN_WAYS for each in related for node in _methods(each)):
        return ""
    return _by_itself(related, program) or _by_others(owner, program)


def _by_itself(related: Iterable[Definition], program: Program) -> str:
    """How a class, or one that shares its attributes, copies its own instance."""
    for module, method in ((e.module, node) for e in related for node in _methods(e)):
        itself = first_parameter(method)
        for node in ast.walk(method) if _may_copy(module) else ():
            match node:
                case ast.Call(args=[ast.Name(id=name), *_]) if name == itself:
                    found = _copying(node, module, program)
                    if found:
                        return found
    return ""


def _by_others(owner: Definition, program: Program) -> str:
    """How a file that names a class, or one that derives from it, copies an object.

    One that surely may be of that class.
    """
    family = {owner, *program.classes.below(owner)}
    names = {as_bytes(getattr(each.node, "name", "")) for each in family}
    near = set(program.project.containing(names))
    for path in program.project.containing(_WORDS):
        module = program.project.module(path) if path in near else None
        for call in module.of_tree(_calls) if module is not None else ():
            if module is not None and _copying(call, module, program):
                receiver = program.receivers.receiver(call.args[0], module)
                if receiver.classes & family:
                    return _copying(call, module, program)
    return ""


def _calls(module: Module) -> list[ast.Call]:
    """The calls of a file that may copy an argument, by a name of its own or not."""
    return [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and node.args
        and (isinstance(node.func, ast.Name) or last_name(node.func) in _LAST)
    ]


def _may_copy(module: Module) -> bool:
    return any(word in module.source.utf8 for word in _WORDS)


def _methods(owner: Definition) -> Iterator[ast.FunctionDef]:
    assert isinstance(owner.node, ast.ClassDef)
    return (node for node in owner.node.body if isinstance(node, ast.FunctionDef))
