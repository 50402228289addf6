"""Where something is put in the place of a function of some name, by whatever does it.

``patch.object(W, "work", fake)``, ``stub_out("pkg.m.W.work", fake)``, ``w.work = fake``
and ``m.work.side_effect = fake``: what is put there, and whose function it is, as far
as that is said. Asks texts before it asks trees, and follows nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deventlet.resolve.constants import text_of
from deventlet.resolve.mock_targets import SAYS_PATCHING, Target, is_patching
from deventlet.resolve.mock_uses import called_later, is_mock
from deventlet.resolve.offsets import literal_at
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.words import before_dot

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

_PATCHING = re.compile(SAYS_PATCHING.encode())
_STORED = re.compile(rb"(?:\.side_effect)?[ \t]*(?::[^=\n]*)?=(?!=)")
_LATER = b"side_effect"
_QUOTES = (b"'", b'"')
_BEFORE = (b"'", b'"', b".")
_BACK = 300
"""How many bytes before a string are searched for what gets it."""
_NEW = ("new", "value")
_RUN = ("side_effect", "wraps")
"""The arguments of a mock that it calls."""


@dataclass(frozen=True, slots=True)
class Put:
    """One expression that stands in the place of a function.

    :param owner: whose function it is, as an expression or as a dotted path; None
        where that is computed.
    :param by_mock: a mock gets the call, and calls it.
    :param with_object: such a one that gives on the object of a method, too.
    """

    module: Module
    owner: ast.expr | str | None
    value: ast.expr
    by_mock: bool = False
    with_object: bool = False


def puts(program: Program, name: str) -> Iterator[Put]:
    """What is put in the place of any function of a name."""
    word = as_bytes(name)
    for path in program.words.holding(name):
        raw = program.project.read_or_empty(path)
        spots = any(_may_put(raw, *each) for each in whole(raw, word))
        module = program.project.module(path) if spots else None
        if module is not None:
            yield from _named(program, module, name)
            yield from _stored(program, module, name)


def _may_put(raw: bytes, start: int, end: int) -> bool:
    """Whether the word between two offsets may be the name of what is replaced."""
    if raw[end : end + 1] in _QUOTES:
        is_text = raw[start - 1 : start] in _BEFORE
        if not is_text or _PATCHING.search(raw, max(0, start - _BACK), start) is None:
            return False
        is_last = raw[end + 1 : end + 20].lstrip().startswith(b")")
        return not is_last or _LATER in raw
    return _STORED.match(raw, end) is not None and before_dot(raw, start) is not None


# -- by a string that says the name ------------------------------------------------


def _named(program: Program, module: Module, name: str) -> Iterator[Put]:
    text = module.source.utf8
    for start, end in whole(text, as_bytes(name)):
        is_it = text[end : end + 1] in _QUOTES and _may_put(text, start, end)
        path = literal_at(module, start) if is_it else None
        if path is None:
            continue
        while isinstance(path[-2], (ast.BinOp, ast.JoinedStr, ast.FormattedValue)):
            path.pop()
        call = path[-2]
        if isinstance(call, ast.Call) and path[-1] in call.args and is_patching(call):
            yield from _by_call(program, module, call, path)


def _by_call(
    program: Program, module: Module, call: ast.Call, path: list[ast.AST]
) -> Iterator[Put]:
    node = path[-1]
    assert isinstance(node, ast.expr)
    index = call.args.index(node)
    said = text_of(node, module, program.project) or ""
    owner = call.args[index - 1] if index else said.rpartition(".")[0] or None
    known = {each.arg: each.value for each in call.keywords}
    for new in (*call.args[index + 1 : index + 2], *map(known.get, _NEW)):
        if new is not None:
            yield from _given(module, owner, new)
    target = Target(
        module, node, path[:-1], call, "object" if index else "string", "", "", ""
    )
    for run in (*map(known.get, _RUN), *called_later(target)):
        if run is not None:
            yield Put(module, owner, run, True, "autospec" in known)


# -- by an assignment ----------------------------------------------------------------


def _stored(program: Program, module: Module, name: str) -> Iterator[Put]:
    """``w.work = fake``, ``w.work.side_effect = fake``."""
    for place in program.places.attributes_in(module, name):
        assert isinstance(place.node, ast.Attribute)
        owner = place.node.value
        match place.parents[-2:]:
            case [_, ast.Assign(value=value) as statement] if (
                place.node in statement.targets
            ):
                yield from _given(module, owner, value)
            case [ast.Assign(value=value), ast.Attribute(attr=attr, ctx=ast.Store())]:
                if attr in _RUN:
                    yield Put(module, owner, value, True)


def _given(
    module: Module, owner: ast.expr | str | None, value: ast.expr
) -> Iterator[Put]:
    """What is put there itself, or what a mock calls that is put there."""
    mocks = [each for each in _bound(module, value) if is_mock(each)]
    if not mocks:
        yield Put(module, owner, value)
    for made in mocks:
        for each in made.keywords if isinstance(made, ast.Call) else ():
            if each.arg in _RUN:
                yield Put(module, owner, each.value, True)
    name = value.id if mocks and isinstance(value, ast.Name) else ""
    for run in _run_later(module, name) if name else ():
        yield Put(module, owner, run, True)


def _bound(module: Module, value: ast.expr) -> list[ast.expr]:
    """An expression, or all that a name is bound to."""
    if not isinstance(value, ast.Name):
        return [value]
    found = module.scopes.bindings(value.id, module.scopes.scope_of(value))
    return [each.value for each in found if each.value is not None]


def _run_later(module: Module, name: str) -> Iterator[ast.expr]:
    """``fake.side_effect = run``, of any name of the file that is spelled so."""
    for node, _ in module.scopes.loads(name):
        match ancestors(module.tree, node)[-2:]:
            case [ast.Assign(value=value), ast.Attribute(attr=attr, ctx=ast.Store())]:
                if attr in _RUN:
                    yield value
