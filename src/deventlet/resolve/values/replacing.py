"""Where something is put in the place of what has some name, by whatever does it.

``patch.object(W, "work", fake)``, ``stub_out("pkg.m.W.work", fake)``,
``w.work = fake``, ``m.work.side_effect = fake``, ``patch.multiple(m, work=fake)``,
``Mock(**{"work.side_effect": fake})``: what is put there, and whose it is, as far as
that is said. Asks texts before it asks trees, and follows nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from deventlet.resolve.chains import last_name
from deventlet.resolve.constants import text_of
from deventlet.resolve.mock_targets import (
    SAYS_PATCHING,
    Target,
    entries,
    given_by_name,
    is_patching,
)
from deventlet.resolve.mock_uses import is_mock, set_later
from deventlet.resolve.offsets import literal_at, node_at
from deventlet.resolve.project import Module, as_bytes
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.bound import whole
from deventlet.resolve.values.words import before_dot

if TYPE_CHECKING:
    from deventlet.resolve.values.program import Program

How: TypeAlias = Literal["itself", "run", "given"]
"""Whether it stands there itself, or a mock does which calls it or gives it."""
Owner: TypeAlias = ast.expr | str | None

_PATCHING = re.compile(SAYS_PATCHING.encode())
_KEYWORD = re.compile(rb"[ \t]*=(?!=)")
_CALLED = re.compile(rb"[\w.]*\Z")
_BEFORE = (b"'", b'"', b".")
_BACK = 300
"""How many bytes before a word are searched for what gets it."""
_NEW = frozenset({"new", "value"})
_OF_MOCKS: dict[str, How] = {
    "side_effect": "run",
    "wraps": "run",
    "return_value": "given",
    "": "run",
}
"""What a mock does with its arguments; not known of what is spread."""
OF_FUNCTIONS = ("side_effect",)
OF_CLASSES = ("side_effect", "return_value")
"""What a mock in the place of one may be given later that matters."""


@dataclass(frozen=True, slots=True)
class Put:
    """One expression that stands in the place of a function or class.

    :param owner: whose it is, as an expression or as a dotted path; None where that is
        computed.
    :param with_object: a mock that gives on the object of a method, too.
    """

    module: Module
    owner: Owner
    value: ast.expr
    how: How = "itself"
    with_object: bool = False


def puts(program: Program, name: str, later: tuple[str, ...]) -> Iterator[Put]:
    """What is put in the place of anything of a name.

    :param later: the attributes of a mock that matter where they are set.
    """
    found = _Finder(program, name, later)
    for path in program.words.holding(name):
        yield from found.in_file(path)


@cache
def _quoted(later: tuple[str, ...]) -> re.Pattern[bytes]:
    """What stands behind a word that ends a string; and a bracket, if one does."""
    return re.compile(rb"(?:\.(?:%b))?['\"]\s*(\)?)" % "|".join(later).encode())


@cache
def _set(later: tuple[str, ...]) -> re.Pattern[bytes]:
    """What stands behind what is assigned, or a mock's attributes."""
    stored = rb"(?:\.(?:%b))?[ \t]*(?::[^=\n]*)?=(?!=)|\.configure_mock\("
    return re.compile(stored % "|".join(later).encode())


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds what is put in the place of one name."""

    program: Program
    name: str
    later: tuple[str, ...]

    def in_file(self, path: str) -> Iterator[Put]:
        """What a file puts there."""
        raw, word = self.program.project.read_or_empty(path), as_bytes(self.name)
        spots = any(self._may_put(raw, *each) for each in whole(raw, word))
        module = self.program.project.module(path) if spots else None
        if module is not None:
            yield from self._by_word(module)
            yield from self._stored(module)

    # -- by the text ---------------------------------------------------------------

    def _may_put(self, raw: bytes, start: int, end: int) -> bool:
        """Whether the word between two offsets may be the name of what is replaced."""
        stored = _set(self.later).match(raw, end)
        return (
            self._is_said(raw, start, end)
            or _is_keyword(raw, start, end)
            or (stored is not None and before_dot(raw, start) is not None)
        )

    def _is_said(self, raw: bytes, start: int, end: int) -> bool:
        """Whether a word ends a string that something may get which replaces."""
        found = _quoted(self.later).match(raw, end)
        if found is None or raw[start - 1 : start] not in _BEFORE:
            return False
        later = any(each.encode() in raw for each in self.later)
        return _is_near_patching(raw, start) and (later or not found[1])

    # -- by a word that says the name ------------------------------------------------

    def _by_word(self, module: Module) -> Iterator[Put]:
        text = module.source.utf8
        for start, end in whole(text, as_bytes(self.name)):
            if self._is_said(text, start, end):
                path = literal_at(module, start)
                yield from self._by_string(module, path) if path else ()
            elif _is_keyword(text, start, end):
                match node_at(module, start)[-2:]:
                    case [ast.Call() as call, ast.keyword(value=value)]:
                        yield from self._by_argument(module, call, value)

    def _by_string(self, module: Module, path: list[ast.AST]) -> Iterator[Put]:
        while isinstance(path[-2], (ast.BinOp, ast.JoinedStr, ast.FormattedValue)):
            path.pop()
        match path[-4:]:
            case [*_, ast.Call() as call, node] if node in call.args:
                index = call.args.index(node)
                owner = call.args[index - 1] if index else None
                yield from self._by_call(module, call, path, owner, index + 1)
            case [*_, ast.Call() as call, ast.keyword(arg="target"), _]:
                yield from self._by_call(module, call, path, None, len(call.args))
            case [*_, ast.Call() as call, ast.keyword(arg="attribute"), _]:
                targets = [each.value for each in call.keywords if each.arg == "target"]
                owner = next(iter((*targets, *call.args)), None)
                yield from self._by_call(module, call, path, owner, len(call.args))
            case [above, spread, ast.Dict() as given, node] if node in given.keys:
                value = given.values[given.keys.index(node)]
                attribute = getattr(node, "value", "").rpartition(".")[2]
                if attribute in self.later:
                    yield Put(module, None, value, _OF_MOCKS[attribute])
                elif isinstance(spread, ast.keyword) and isinstance(above, ast.Call):
                    yield from self._by_argument(module, above, value)

    def _by_argument(
        self, module: Module, call: ast.Call, value: ast.expr
    ) -> Iterator[Put]:
        """``patch.multiple(m, work=fake)``, ``Mock(work=fake)``."""
        if is_patching(call):
            owner: Owner = None
            if last_name(call.func) == "multiple" and call.args:
                owner = text_of(call.args[0], module, self.program.project)
                owner = owner or call.args[0]
            yield from self._given(module, owner, value)

    def _by_call(
        self,
        module: Module,
        call: ast.Call,
        path: list[ast.AST],
        apart: ast.expr | None,
        behind: int,
    ) -> Iterator[Put]:
        """What a call puts there that is given the name.

        :param apart: whose name it is, where the string does not say that, too.
        :param behind: the first argument behind those.
        """
        node = path[-1]
        if not is_patching(call):
            return
        assert isinstance(node, ast.expr)
        said = text_of(node, module, self.program.project) or ""
        owner = apart or said.rpartition(".")[0] or None
        named = list(_named(module, call))
        new = [value for name, value in named if name in _NEW]
        for value in (*call.args[behind : behind + 1], *new):
            yield from self._given(module, owner, value)
        form: Literal["object", "string"] = "object" if apart else "string"
        target = Target(module, node, path[:-1], call, form, "", "", "")
        later = [(each, v) for each in self.later for v in set_later(target, each)]
        with_object = any(name == "autospec" for name, _ in named)
        for name, value in (*named, *later):
            if name in _OF_MOCKS:
                yield Put(module, owner, value, _OF_MOCKS[name], with_object)

    # -- by an assignment ----------------------------------------------------------

    def _stored(self, module: Module) -> Iterator[Put]:
        """``w.work = fake``, ``w.work.side_effect = fake``."""
        for place in self.program.places.attributes_in(module, self.name):
            assert isinstance(place.node, ast.Attribute)
            owner = place.node.value
            match place.parents[-2:]:
                case [_, ast.Assign(value=value) as statement] if (
                    place.node in statement.targets
                ):
                    yield from self._given(module, owner, value)
                case [above, ast.Attribute() as attribute]:
                    yield from self._set(module, owner, attribute, above)

    def _set(
        self, module: Module, owner: Owner, attribute: ast.Attribute, above: ast.AST
    ) -> Iterator[Put]:
        """What is set of a mock there: ``m.side_effect = fake``, ``configure_mock``."""
        named: list[tuple[str, ast.expr]] = []
        if isinstance(above, ast.Assign) and attribute in above.targets:
            named = [(attribute.attr, above.value)]
        elif isinstance(above, ast.Call) and attribute.attr == "configure_mock":
            named = list(_named(module, above))
        for name, value in named:
            if name in _OF_MOCKS:
                yield Put(module, owner, value, _OF_MOCKS[name])

    def _given(self, module: Module, owner: Owner, value: ast.expr) -> Iterator[Put]:
        """What is put there itself, or what a mock calls that is put there."""
        mocks = [each for each in _bound(module, value) if is_mock(each)]
        if not mocks:
            yield Put(module, owner, value)
        for made in mocks:
            named = _named(module, made) if isinstance(made, ast.Call) else ()
            for name, each in named:
                if name in _OF_MOCKS:
                    yield Put(module, owner, each, _OF_MOCKS[name])
        if mocks and isinstance(value, ast.Name):
            for node, _ in module.scopes.loads(value.id):  # however it is reached
                match ancestors(module.tree, node)[-2:]:
                    case [above, ast.Attribute() as attribute]:
                        yield from self._set(module, owner, attribute, above)


def _is_keyword(raw: bytes, start: int, end: int) -> bool:
    """Whether a word names an argument of something that replaces."""
    if not (_KEYWORD.match(raw, end) and _is_near_patching(raw, start)):
        return False
    depth = 0
    for at in range(start - 1, max(0, start - _BACK), -1):
        depth += (raw[at] in b")]}") - (raw[at] in b"([{")
        if depth < 0:
            called = _CALLED.search(raw, max(0, at - _BACK), at)
            return called is not None and _PATCHING.search(called[0]) is not None
    return False


def _is_near_patching(raw: bytes, start: int) -> bool:
    return _PATCHING.search(raw, max(0, start - _BACK), start) is not None


def _named(module: Module, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call that have a name, those of a dict with a name as well."""
    for name, value in given_by_name(call):
        if name:
            yield name, value
        else:
            for each in _bound(module, value) or [value]:
                yield from entries(each)


def _bound(module: Module, value: ast.expr) -> list[ast.expr]:
    """An expression, or all that a name is bound to."""
    if not isinstance(value, ast.Name):
        return [value]
    found = module.scopes.bindings(value.id, module.scopes.scope_of(value))
    return [each.value for each in found if each.value is not None]
