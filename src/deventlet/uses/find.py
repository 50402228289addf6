"""Finds the uses of one file: by its own imports, or by the names of a shim.

A *use* is an expression that is one of Eventlet's names (``eventlet.sleep``,
``futurist.GreenThreadPoolExecutor``), called or not, or a target of a mock that is
one. It is what :mod:`deventlet.driver.inventory` calls a site that is neither an
import nor a member of an object (``pool.waitall()``). Every spelling counts:
aliases, guarded and late imports, ``try_import``, ``getattr(eventlet, "sleep")``.

No other file is read, so that ``utils.eventlet.sleep`` counts whatever ``utils`` is,
and a name that another file passes on under a name of its own counts only if the
settings say so (``spellings``, ``shims``); it is then a use *through* the shim.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from deventlet.driver.subjects.expectations import expectations, is_concerned
from deventlet.resolve import api as eventlet_api
from deventlet.resolve.api import EVERYTHING, RELATED, ROOTS, OneOf, spelled_out
from deventlet.resolve.exploring import explore
from deventlet.resolve.importing import Imported
from deventlet.resolve.mock_targets import is_patching
from deventlet.resolve.mocks import Mocks
from deventlet.resolve.names import UNKNOWN, Names
from deventlet.resolve.offsets import literal_at
from deventlet.resolve.project import Module, Project
from deventlet.resolve.scopes import Binding, BindingKind
from deventlet.resolve.tied import interesting
from deventlet.resolve.uses import Use as NameUse
from deventlet.resolve.uses import find_uses
from deventlet.source.text import SourceProblem
from deventlet.uses.outline import Outline

Kind: TypeAlias = Literal["use", "mock", "import", "through"]

_WITHIN = re.compile(r"(?:^|\.)((?:eventlet|greenlet)(?:\.\w+)*)\Z")
_PACKAGE = re.compile(rb"(?:eventlet|greenlet)\b")
_CHAIN = re.compile(rb"(\w+)\s*\.\s*(?:\w+\s*\.\s*)*\Z")
_PACKAGE_NAME = re.compile(rb"""((?<=[,=\s])['"](eventlet|greenlet)['"])""")
_NOWHERE = Path("/dev/null/nowhere")
"""A root below which no file can be."""
_UNCERTAIN = frozenset({"string.unknown", "mock.unknown-helper"})
_SOURCES = frozenset({"src", "lib"})


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One place in a file.

    :param kind: ``use`` of a name, target of a ``mock``, ``import`` of a name or a
        package, or a use of one of the project's own names ``through`` which it uses
        Eventlet.
    :param api: the canonical name; for ``through`` the project's own.
    :param line: of its first byte; ``end_line`` of its last one. From 1.
    :param column: characters before it in its line.
    :param text: the source, its white space made single.
    """

    line: int
    column: int
    end_line: int
    kind: Kind
    api: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a file has.

    :param problem: reason code and message, if it cannot be parsed; what there is in
        it is then not known, and not counted.
    """

    uses: tuple[Use, ...] = ()
    problem: tuple[str, str] | None = None


@dataclass(frozen=True)
class Meaning:
    """What the settings say of the project's own names.

    :param spellings: names that are one of Eventlet's: path to canonical name.
    :param shims: modules, functions and classes that wrap Eventlet.
    """

    spellings: Mapping[str, str] = field(default_factory=dict)
    shims: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name of the project's own that stands before Eventlet's."""
        return self.shims.union(self.spellings)

    @cached_property
    def words(self) -> re.Pattern[bytes]:
        """What the text of a file must have to have a use."""
        triggers = {word.decode() for word in EVERYTHING.triggers}
        own = {name.rpartition(".")[2] for name in self.names}
        return _any_of(triggers | own)

    @cached_property
    def telling(self) -> frozenset[str]:
        """Parts of words of which a function has one, if it uses its own imports."""
        triggers = {word.decode() for word in EVERYTHING.triggers}
        last = {name.rpartition(".")[2] for name in self.names.union(RELATED)}
        return frozenset(triggers | last)

    # -- which names an analysis is for: see deventlet.resolve.api.Interest ----

    @property
    def triggers(self) -> tuple[bytes, ...]:
        """Of which words one has to be there; asked for one file, that has one."""
        return (b"",)

    def match(self, dotted: str) -> str | None:
        """Eventlet's name, or the project's own that a path is or is in."""
        found = EVERYTHING.match(dotted)
        if found is None and self.names:
            own = self.names.intersection(_prefixes(dotted))
            return max(own, key=len, default=None)
        return found

    @cached_property
    def _ways(self) -> frozenset[str]:
        """The modules above the project's own names."""
        parts = (name.split(".") for name in self.names)
        return frozenset(".".join(p[:n]) for p in parts for n in range(1, len(p)))

    def leads(self, dotted: str) -> bool:
        """Whether a path is one of the names or on the way to one."""
        return (
            EVERYTHING.leads(dotted)
            or dotted in self._ways
            or self.match(dotted) is not None
        )

    def endings(self, exported: Iterable[str]) -> bytes:
        """A pattern for the end of a string that names one of Eventlet's.

        Only of one that says so: what is put together may lead into other files.
        """
        return spelled_out(exported)

    def text_test(self, shims: Iterable[str]) -> OneOf | None:
        """The one file was looked at before it came here."""
        return None


def find(path: str, raw: bytes, meaning: Meaning) -> Found:
    """Every use in a file, in order.

    :param path: POSIX, below the top of the repository; relative imports need it.
    :param raw: the file's bytes, in whatever encoding it declares.
    """
    if meaning.words.search(raw) is None:
        return Found()
    try:
        return Found(tuple(_found_quickly(path, raw, meaning)))
    except SourceProblem:
        pass
    try:  # the whole file says what is wrong with it, if it is not the outline
        return Found(tuple(OneFile.of(path, raw, meaning).found()))
    except SourceProblem as problem:
        return Found(problem=(problem.reason, problem.message))


def _found_quickly(path: str, raw: bytes, meaning: Meaning) -> list[Use]:
    """What is found in the functions that have a word, or a name that leads there.

    :raises SourceProblem: if the outline of the file does not parse.
    """
    whole = Outline(raw)
    names = frozenset(_led(path, raw, meaning))
    while True:
        file = OneFile.of(path, whole.keeping(meaning.telling, names), meaning)
        more = interesting(file.names, file.module).difference(names, "*")
        if not more:
            return file.found()
        file.forget()
        names |= more


def _led(path: str, raw: bytes, meaning: Meaning) -> Iterator[str]:
    """Names that a file imports and that lead to a use, as its text says."""
    for imported in _project(path, raw).imports(_placed(path)[0]):
        if meaning.leads(_full(imported)):
            yield imported.bound


@dataclass(frozen=True, eq=False)
class OneFile:
    """One file, all by itself."""

    module: Module
    names: Names
    meaning: Meaning

    @classmethod
    def of(cls, path: str, text: bytes, meaning: Meaning) -> OneFile:
        """Load a text.

        :raises SourceProblem: if it cannot be parsed.
        """
        project = _project(path, text)
        path = _placed(path)[0]
        module = project.module(path)
        if module is None:
            raise project.problems[path]
        return cls(module, _Alone(project, path, meaning), meaning)

    def found(self) -> list[Use]:
        """Every use, in order; nothing can be asked after that."""
        explore(self.names)
        names = find_uses(self.names, self.module)
        targets = [
            target
            for target in _Targets(self.names).of(self.module, names)
            if target.problem not in _UNCERTAIN and is_concerned(target)
        ]
        claimed = {id(target.node) for target in targets if target.form == "object"}
        every = chain(
            (
                self._use(use)
                for use in names
                if use.api and id(use.node) not in claimed
            ),
            (self._at(target.node, "mock", target.api) for target in targets),
            map(self._expected, chain.from_iterable(map(expectations, targets))),
            self._computed(names),
            self._replaced(),
            self._imports(),
        )
        uses = sorted(set(every))
        self.forget()
        return uses

    def forget(self) -> None:
        """Take the circles apart that would keep tree and text in memory.

        The command line runs without the collector; measured on Nova's history, it
        would be 870 MB.
        """
        self.module.release()
        vars(self.names).clear()

    def _use(self, use: NameUse) -> Use:
        kind: Kind = "through" if use.api in self.meaning.names else "use"
        api = self.meaning.spellings.get(use.api, use.api)
        return self._at(use.call or use.node, kind, api)

    def _expected(self, use: NameUse) -> Use:
        """What a test expects a mocked name to be called with."""
        return self._at(use.call or use.node, "mock", use.api)

    def _computed(self, uses: Iterable[NameUse]) -> Iterator[Use]:
        """``getattr(eventlet, name)``."""
        for use in uses:
            call = use.parents[-1]
            if not use.api and _is_getattr(call, use.node):
                assert isinstance(call, ast.Call)
                yield self._at(call, "use", use.dotted)

    def _replaced(self) -> Iterator[Use]:
        """``patch.object(utils, 'eventlet')``: a package, under another's name."""
        for found in _PACKAGE_NAME.finditer(self.module.source.utf8):
            path = literal_at(self.module, found.start(1))
            if path is not None and _replaces(path[-2], path[-1]):
                assert isinstance(path[-1], ast.expr)
                yield self._at(path[-1], "mock", found[2].decode())

    def _imports(self) -> Iterator[Use]:
        for scope in self.module.scopes.scopes:
            for binding in chain.from_iterable(scope.bindings.values()):
                dotted = self._imported(binding)
                if eventlet_api.is_eventlet(dotted) and self._is_meant(dotted):
                    assert binding.alias is not None
                    yield self._at(binding.alias, "import", dotted)
        for statement in self.module.scopes.module.star_imports:
            base = self.module.absolute(statement)
            if eventlet_api.is_eventlet(base):
                yield self._at(statement, "import", base)

    def _imported(self, binding: Binding) -> str:
        """The path that a binding imports; empty for any other."""
        if binding.alias is None:
            return ""
        if binding.kind is BindingKind.IMPORT:
            return binding.alias.name
        assert isinstance(binding.node, ast.ImportFrom)
        return f"{self.module.absolute(binding.node)}.{binding.alias.name}"

    @staticmethod
    def _is_meant(dotted: str) -> bool:
        return eventlet_api.is_meant(eventlet_api.canonical(dotted), None)

    def _at(self, node: ast.expr | ast.stmt | ast.alias, kind: Kind, api: str) -> Use:
        source = self.module.source
        start, end = source.span(node)
        line, column = source.position(start)
        characters = len(source.line_bytes(line)[:column].decode("utf-8"))
        text = " ".join(source.slice(start, end).split())
        return Use(line, characters, source.position(end)[0], kind, api, text)


class _Alone(Names):
    """Names of a file whose project is not there."""

    def __init__(self, project: Project, path: str, meaning: Meaning) -> None:
        super().__init__(project, meaning)
        owners = set(_owners(project.read(path)))
        for imported in project.imports(path):
            if imported.bound in owners:
                self.passing.update(_prefixes(_full(imported)))

    def _member(self, owner: str, name: str) -> frozenset[str]:
        """``eventlet`` of whatever is imported is Eventlet."""
        if name in ROOTS and owner != UNKNOWN and not eventlet_api.is_eventlet(owner):
            return frozenset({name})
        return super()._member(owner, name)


class _Targets(Mocks):
    """Mocks of a file whose project is not there."""

    def _split(self, text: str) -> tuple[Module | None, str, str, bool]:
        """``'proj.mod.eventlet.sleep'`` is Eventlet's, whatever the module is."""
        found = _WITHIN.search(text)
        return super()._split(found[1] if found else text)


def _placed(path: str) -> tuple[str, list[str]]:
    """A path as if it were in a package, and the files that make it one."""
    parts = PurePosixPath(path).parts
    if len(parts) > 1 and parts[0] in _SOURCES:
        parts = parts[1:]
    folders = ["/".join(parts[:n]) for n in range(1, len(parts))]
    own = "/".join(parts)
    packages = [f"{folder}/__init__.py" for folder in folders]
    return own, [each for each in packages if each != own]


def _project(path: str, text: bytes) -> Project:
    """A project that has one file, and what makes the folders above it packages."""
    path, packages = _placed(path)
    files = {**dict.fromkeys(packages, b""), path: text}
    return Project(_NOWHERE, [*files], files)


def _full(imported: Imported) -> str:
    """The path that is imported."""
    return ".".join(filter(None, (imported.module, imported.name)))


def _owners(text: bytes) -> Iterator[str]:
    """The first names of chains through a package: ``utils`` of ``utils.eventlet``."""
    for found in _PACKAGE.finditer(text):
        before = _CHAIN.search(text, max(0, found.start() - 200), found.start())
        if before is not None:
            yield before[1].decode()


def _prefixes(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def _any_of(words: Iterable[str]) -> re.Pattern[bytes]:
    alternatives = "|".join(map(re.escape, sorted(words)))
    return re.compile(alternatives.encode())


def _is_getattr(call: ast.AST, node: ast.expr) -> bool:
    """Whether a call takes an attribute of an expression by its name."""
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "getattr"
        and node in call.args[:1]
    )


def _replaces(call: ast.AST, name: ast.AST) -> bool:
    """Whether a call mocks what an object has under a name."""
    if not isinstance(call, ast.Call) or len(call.args) < 2 or call.args[1] is not name:
        return False
    of_name = isinstance(call.args[0], (ast.Name, ast.Attribute))
    return of_name and is_patching(call)
