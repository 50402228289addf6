"""The repository as modules: names, who imports whom, and lazily parsed files.

Who imports whom is read off the texts: only what is asked for is parsed. Knows
nothing of what names mean.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias, TypeVar

from deventlet.resolve.importing import (
    Imported,
    import_statements,
    resolve_relative,
    scan_imports,
)
from deventlet.resolve.scope_table import ScopeTable
from deventlet.source.text import SourceFile, SourceProblem, decode, parse

_APART = bytes(
    each if each >= 0x80 or each in b"_" or chr(each).isalnum() else ord(" ")
    for each in range(0x100)
)
"""Each byte, but a space for those that are in no name."""
_MANY = 24
"""Words that are looked for in the texts; for more, the words of those are taken.

That costs as much as thirty searches; `apply` for one codemod makes about fifteen.
"""


Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
_T = TypeVar("_T")


@dataclass(eq=False)
class Module:
    """One file of the repository, parsed when first asked for."""

    path: str
    name: str
    source: SourceFile

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        :raises SourceProblem: as :func:`deventlet.source.text.parse`.
        """
        return parse(self.source)

    @cached_property
    def scopes(self) -> ScopeTable:
        """The names of the file and where each is bound."""
        return ScopeTable(self.tree)

    @cached_property
    def definitions(self) -> dict[str, list[tuple[Definition, bool]]]:
        """The functions and classes by name, and whether each stands in a class."""
        found: defaultdict[str, list[tuple[Definition, bool]]] = defaultdict(list)
        waiting: deque[ast.AST] = deque([self.tree])
        while waiting:
            outer = waiting.popleft()
            below = [  # no expression holds a definition
                node for block in _BLOCKS for node in getattr(outer, block, ())
            ]
            waiting += below
            for node in below:
                if isinstance(node, DEFINITIONS):
                    found[node.name].append((node, isinstance(outer, ast.ClassDef)))
        return dict(found)

    @cached_property
    def _said(self) -> dict[Callable[[Module], Any], Any]:
        return {}

    def of_tree(self, read: Callable[[Module], _T]) -> _T:
        """What a function says of the file alone; remembered as long as its tree."""
        if read not in self._said:
            self._said[read] = read(self)
        found: _T = self._said[read]
        return found

    @cached_property
    def before_quotes(self) -> frozenset[bytes]:
        """What stands right before a quote, each once, back to a space or a quote.

        The last word of every string is among it; a file has most of them often.
        """
        parts = set(self.source.utf8.replace(b'"', b"'").split(b"'"))
        words = (part.rsplit(None, 1)[-1] for part in parts if part.strip())
        return frozenset(words)

    @property
    def is_parsed(self) -> bool:
        """Whether the tree is in memory."""
        return "tree" in self.__dict__

    @cached_property
    def package(self) -> str:
        """The package that relative imports of this file start from."""
        is_package = PurePosixPath(self.path).stem == "__init__"
        return self.name if is_package else self.name.rpartition(".")[0]

    def release(self) -> None:
        """Forget the tree and scopes; they are made again if asked for."""
        self.__dict__.pop("tree", None)
        self.__dict__.pop("definitions", None)
        self.__dict__.pop("_said", None)
        scopes: ScopeTable | None = self.__dict__.pop("scopes", None)
        if scopes is not None:
            scopes.dissolve()

    def absolute(self, statement: ast.ImportFrom) -> str:
        """The module that a ``from`` import names, relative dots resolved."""
        return resolve_relative(self.package, statement.module or "", statement.level)


INSTALLED = ("setup.py", "setup.cfg", "pyproject.toml")
"""What a folder has from which packages are installed."""


@dataclass(eq=False)
class Project:
    """The Python files of a repository under their module names.

    :param root: the top of the tree.
    :param paths: POSIX paths of every Python file, relative to ``root``.
    :param overlay: texts that replace what is on disk, by path.
    """

    root: Path
    paths: Sequence[str]
    overlay: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, SourceProblem] = field(default_factory=dict)
    _raw: dict[str, bytes] = field(default_factory=dict)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    _aside: dict[str, Module] = field(default_factory=dict)
    """Files that are parsed, but were not asked for, or for nothing."""
    _imports: dict[str, tuple[Imported, ...]] = field(default_factory=dict)
    _imported: dict[str, frozenset[str]] = field(default_factory=dict)
    _holding: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _said: dict[str, dict[Callable[[bytes], Any], Any]] = field(default_factory=dict)

    def parsed(self) -> Project:
        """The same repository as far as it is parsed now: nothing else is in sight.

        For what may look at a file only if that costs no parsing.
        """
        known = {p: m for p, m in sorted(self._modules.items()) if m and m.is_parsed}
        seen = _Parsed(
            self.root, [*known], self.overlay, self.problems,
            self._raw, {**known}, {}, self._imports, _said=self._said,
        )  # fmt: skip
        seen.__dict__.update(names=self.names, by_name=self.by_name)
        return seen

    def after(self, overlay: dict[str, bytes]) -> Project:
        """The same files with other texts in the place of some.

        What is known of the files that stay as they are here is not found out again.
        """
        both = self.overlay.keys() | overlay.keys()
        changed = {p for p in both if self.overlay.get(p) != overlay.get(p)}
        asked = {path: module for path, module in self._modules.items() if module}
        result = Project(
            self.root, self.paths, overlay,
            _raw=self._raw,
            _aside=_without({**self._aside, **asked}, changed),
            _imports=_without(self._imports, changed),
            _imported=_without(self._imported, changed),
            _spans=_without(self._spans, changed),
            _said=_without(self._said, changed),
        )  # fmt: skip
        result.__dict__.update(names=self.names, by_name=self.by_name)
        for word, paths in self._holding.items():
            held = {path for path in changed if word in result.read_or_empty(path)}
            held |= set(paths) - changed
            result._holding[word] = tuple(p for p in self.paths if p in held)
        return result

    @cached_property
    def names(self) -> dict[str, str]:
        """Module name of each path."""
        packages = {
            folder
            for folder, files in self._folders.items()
            if "__init__.py" in files and not self._holds_a_project(folder, files)
        }
        above = _packages_above(self.root)
        packages |= self._namespaces(packages, above)
        return {
            path: ".".join([*above, name] if name else above)
            for path, name in (
                (path, _module_name(path, packages, bool(above))) for path in self.paths
            )
        }

    def _namespaces(self, packages: set[str], above: list[str]) -> set[str]:
        """Folders between packages that have no ``__init__.py`` (PEP 420).

        Something imports what is below by the name that goes through them: where
        nothing does, or something imports its modules without, it may as well be
        found by a path of its own.
        """
        found: set[str] = set()
        for folder in sorted(packages):
            between = _between(folder, packages)
            if between and not between <= found:
                whole = packages | between
                name = ".".join([*above, _module_name(f"{folder}/_", whole, True)])
                through = as_bytes(name.removesuffix("._"))
                if self._is_imported(through) and not self._is_imported_alone(folder):
                    found |= between
        return found

    def _is_imported_alone(self, folder: str) -> bool:
        """Whether a statement imports a module of a package by its last name only.

        A library may have that name, too, but no module of the same.
        """
        name = as_bytes(PurePosixPath(folder).name)
        modules = b"|".join(
            re.escape(as_bytes(PurePosixPath(each).stem))
            for each in sorted(self._folders[folder] - {"__init__.py"})
        )
        said = re.compile(
            rb"\n[ \t]*(?:import|from)[ \t]+%b"
            rb"(?:\.|[ \t]+import\b(?:[^\n#(]|\([^)]*)*?\b)(?:%b)\b"
            % (re.escape(name), modules)
        )
        return bool(modules) and any(
            said.search(b"\n" + self.read_or_empty(p)) for p in self.holding(name)
        )

    def _is_imported(self, name: bytes) -> bool:
        """Whether a statement imports a module, or from one below it, by its name."""
        said = re.compile(rb"\n[ \t]*(?:from|import)[ \t]+%b\b" % re.escape(name))
        texts = map(self.read_or_empty, self.holding(name))
        return any(said.search(b"\n" + text) for text in texts)

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        """The names of the Python files in each folder."""
        found: dict[str, set[str]] = {}
        for path in self.paths:
            pure = PurePosixPath(path)
            found.setdefault(str(pure.parent), set()).add(pure.name)
        return found

    def _holds_a_project(self, folder: str, files: set[str]) -> bool:
        """Whether what is imported are the packages in a folder, and not the folder.

        It has an ``__init__.py`` for nothing: there is no other module in it, and it
        is what is installed.
        """
        return files <= {"__init__.py", "setup.py"} and any(
            (self.root / folder / name).is_file() for name in INSTALLED
        )

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Path of each module name; of two claims the shorter path wins."""
        table: dict[str, str] = {}
        for path in sorted(self.paths, key=lambda p: (-len(p), p), reverse=False):
            table[self.names[path]] = path
        return table

    @cached_property
    def top_level(self) -> frozenset[str]:
        """The project's own top-level package and module names."""
        return frozenset(name.partition(".")[0] for name in self.by_name)

    def read(self, path: str) -> bytes:
        """The bytes of a file, from the overlay if it has the path.

        :raises SourceProblem: ``file.unreadable``.
        """
        if path in self.overlay:
            return self.overlay[path]
        if path not in self._raw:
            self._raw[path] = self._from_disk(path)
        return self._raw[path]

    def _from_disk(self, path: str) -> bytes:
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise SourceProblem(
                "file.unreadable", error.strerror or str(error)
            ) from error

    def read_or_empty(self, path: str) -> bytes:
        """The bytes of a file; a file that cannot be read is noted and empty."""
        try:
            return self.read(path)
        except SourceProblem as problem:
            self.problems.setdefault(path, problem)
            return b""

    def of_text(self, path: str, read: Callable[[bytes], _T]) -> _T:
        """What a function says of the bytes of a file; remembered while they stay.

        :param read: it looks at the bytes alone, and nobody changes what it gives.
        """
        said = self._said.setdefault(path, {})
        if read not in said:
            said[read] = read(self.read_or_empty(path))
        found: _T = said[read]
        return found

    def module(self, path: str) -> Module | None:
        """The decoded and parsed file, or None with an entry in ``problems``."""
        if path not in self._modules:
            self._modules[path] = self._aside.pop(path, None) or self._load(path)
        return self._modules[path]

    def parse(self, paths: Iterable[str]) -> None:
        """Have some files parsed, the largest first.

        What the parser takes for a while is then there for the trees of the others.
        """
        for path in sorted(paths, key=lambda path: -len(self.read_or_empty(path))):
            self.module(path)

    def is_parsed(self, path: str) -> bool:
        """Whether the tree of a file is in memory."""
        module = self._modules.get(path)
        return module is not None and module.is_parsed

    def put_aside(self, module: Module) -> None:
        """Have a file out of sight until it is asked for again."""
        self._modules.pop(module.path, None)
        self._aside[module.path] = module

    def _load(self, path: str) -> Module | None:
        try:
            loaded = Module(path, self.names[path], decode(path, self.read(path)))
            _ = loaded.tree
        except SourceProblem as problem:
            self.problems[path] = problem
            return None
        return loaded

    def named(self, name: str) -> Module | None:
        """The file of a module name, if it is one of the repository's."""
        path = self.by_name.get(name)
        return self.module(path) if path is not None else None

    def containing(self, words: Iterable[bytes]) -> Iterator[str]:
        """Paths whose bytes contain one of the words."""
        found = set[str]().union(*map(self.holding, words))
        return (path for path in self.paths if path in found)

    @cached_property
    def _texts(self) -> dict[str, bytes]:
        """The bytes of every file: asking for each by itself takes a while, too."""
        return {path: self.read_or_empty(path) for path in self.paths}

    @cached_property
    def _vocabularies(self) -> dict[str, bytes]:
        """The words of every file, each once: a sixth of the texts (on Nova)."""
        return {path: self.of_text(path, _vocabulary) for path in self.paths}

    def holding(self, word: bytes) -> tuple[str, ...]:
        """Paths whose bytes contain a word, maybe as part of another; remembered.

        What has a word that was looked for before can only stand where that does.
        """
        if word not in self._holding:
            parts = (paths for known, paths in self._holding.items() if known in word)
            among = min(parts, key=len, default=self.paths)
            is_name = word.translate(_APART).split() == [word]
            many = is_name and len(self._holding) >= _MANY
            texts = self._vocabularies if many else self._texts
            self._holding[word] = tuple(path for path in among if word in texts[path])
        return self._holding[word]

    def imports(self, path: str) -> tuple[Imported, ...]:
        """What a file imports, by text; relative names are made absolute."""
        if path not in self._imports:
            raw = self.read_or_empty(path)
            self._imports[path] = tuple(scan_imports(raw, self._package(path)))
        return self._imports[path]

    def _package(self, path: str) -> str:
        name = self.names[path]
        return name if path.endswith("__init__.py") else name.rpartition(".")[0]

    def import_spans(self, path: str) -> list[tuple[int, int]]:
        """Start and end of the import statements of a file, by text."""
        if path not in self._spans:
            found = import_statements(self.read_or_empty(path))
            self._spans[path] = [each.span() for each in found]
        return self._spans[path]

    def imported_modules(self, path: str) -> frozenset[str]:
        """Names of the repository's modules that a file imports, packages too."""
        if path not in self._imported:
            self._imported[path] = frozenset(self._find_imported(path))
        return self._imported[path]

    def _find_imported(self, path: str) -> Iterator[str]:
        known = self.by_name
        for item in self.imports(path):
            full = item.module if item.name is None else f"{item.module}.{item.name}"
            for name in with_parents(full):
                if name in known:
                    yield name
                elif name in self._in_namespaces:
                    yield self._in_namespaces[name]

    @cached_property
    def _in_namespaces(self) -> dict[str, str]:
        """``folder.file`` for files whose folder has no ``__init__.py`` (PEP 420).

        Where such a tree starts cannot be seen, so that the file is named by itself;
        an import that says its folder means it all the same.
        """
        found: dict[str, str] = {}
        for path in self.paths:
            name = self.names[path]
            folder = PurePosixPath(path).parent.name
            if folder and "." not in name and name != folder:
                found[f"{folder}.{name}"] = name
        return found

    def closure(self, name: str) -> frozenset[str]:
        """Every module of the repository that importing ``name`` may load."""
        known = self.by_name
        seen: set[str] = set()
        waiting = [part for part in with_parents(name) if part in known]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            waiting += self.imported_modules(known[current])
        return frozenset(seen)

    @cached_property
    def importers(self) -> dict[str, list[str]]:
        """The paths that import each module, in order."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            for name in self.imported_modules(path):
                found[name].append(path)
        return dict(found)


class _Parsed(Project):
    """Answers with what is parsed already."""

    def module(self, path: str) -> Module | None:
        return self._modules.get(path)


def _without(known: Mapping[str, _T], changed: Collection[str]) -> dict[str, _T]:
    return {path: value for path, value in known.items() if path not in changed}


def _vocabulary(raw: bytes) -> bytes:
    """The words of a text, each once and in no order."""
    return b" ".join({*raw.translate(_APART).split()})


def as_bytes(name: str) -> bytes:
    """A module or file name as it stands in a source; names need not be text."""
    return name.encode("utf-8", "surrogateescape")


def with_parents(name: str) -> Iterator[str]:
    """``a``, ``a.b``, ``a.b.c`` for ``a.b.c``: what importing it runs."""
    end = name.find(".")
    while end != -1:
        yield name[:end]
        end = name.find(".", end + 1)
    yield name


def _packages_above(root: Path) -> list[str]:
    """The packages that a root stands in, when it is a package of a larger tree."""
    names: list[str] = []
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    return names


def _between(folder: str, packages: set[str]) -> set[str]:
    """The folders from a package up to the next one that are none themselves."""
    found: list[str] = []
    for each in map(str, PurePosixPath(folder).parents):
        if each in packages:
            return set(found)
        found.append(each)
    return set()


def _module_name(path: str, packages: set[str], inside: bool) -> str:
    """The dotted name under which a file is imported from its source root.

    :param inside: whether the root is itself a package, so that its own
        ``__init__`` has no name of its own here.
    """
    pure = PurePosixPath(path)
    parts = [] if pure.stem == "__init__" else [pure.stem]
    folders = [folder for folder in pure.parents if folder.name]
    known = [index for index, folder in enumerate(folders) if str(folder) in packages]
    if known:  # a folder without __init__ inside a package is a package, too
        last = known[0]
        while last + 1 in known:
            last += 1
        parts = [*(folder.name for folder in reversed(folders[: last + 1])), *parts]
    return ".".join(parts) or ("" if inside else pure.stem)
