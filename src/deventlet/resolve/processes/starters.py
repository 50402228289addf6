"""Which top-level definitions start a green thread or a timer.

Of Eventlet by resolved name; of the libraries that do it on the caller's behalf by
the words of their interface.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from deventlet.resolve import api
from deventlet.resolve.names import Names
from deventlet.resolve.processes.text import Text
from deventlet.resolve.processes.texts import Texts
from deventlet.resolve.project import Module
from deventlet.resolve.scopes import Scope
from deventlet.resolve.tied import interesting
from deventlet.resolve.tree import ancestors

_WORDS = re.compile(
    b"|".join(sorted({name.rpartition(".")[2].encode() for name in api.STARTERS}))
)


_Libraries = tuple[tuple[bytes, tuple[re.Pattern[bytes], ...]], ...]


def _patterns(*patterns: bytes) -> tuple[re.Pattern[bytes], ...]:
    """Each for itself: one that begins with plain text is found many times as fast."""
    return tuple(map(re.compile, patterns))


_LOOPS = (
    b"oslo_service",
    _patterns(
        rb"LoopingCall(?<=\wLoopingCall)\b",
        rb"ThreadGroup(?<=\bThreadGroup)\b",
        rb"ProcessLauncher(?<=\bProcessLauncher)\b",
        rb"ServiceLauncher(?<=\bServiceLauncher)\b",
        rb"service\.(?<=\bservice\.)(?:launch|Launcher|Services?)\b",
        rb"import(?<=\bimport)[ \t]+Service\b",
    ),
)
"""Read in oslo.service 3.6; native threads where a process chooses these."""

_LIBRARIES = (
    (b"oslo_service", _patterns(rb"wsgi\.Server(?<=\bwsgi\.Server)\b")),
    (
        b"futurist",
        _patterns(rb"GreenThreadPoolExecutor(?<=\bGreenThreadPoolExecutor)\b"),
    ),
    (b"oslo_messaging", _patterns(rb"executor[ \t]*=[ \t]*['\"]eventlet['\"]")),
)
"""The same in oslo.service 3.6 and futurist 3.5; the last names Eventlet itself."""

_STARTERS = api.Named(api.STARTERS)
_WAITING = re.compile(
    rb"\b(?:eventlet|greenthread)\.sleep[ \t]*\("
    rb"|from[ \t]+eventlet(?:\.greenthread)?[ \t]+import\b[ \t]*"
    rb"(?:\([^)]*|[^\n]*)\bsleep\b"
)


_DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


class Starters:
    """Answers per module, each worked out once."""

    def __init__(
        self,
        texts: Texts,
        names: Names | None = None,
        libraries: _Libraries = (_LOOPS, *_LIBRARIES),
    ) -> None:
        self.texts = texts
        self.names = names or Names(texts.project, _STARTERS)
        self._libraries = libraries
        self._memo: dict[str, frozenset[str]] = {}
        self._running: dict[str, frozenset[str]] = {}

    def __getitem__(self, module: str) -> frozenset[str]:
        """Definitions of a module that start something.

        The empty name stands for module-level code. A module-level name that is a
        starter itself (``Timeout = eventlet.Timeout``) counts as a definition.
        """
        return frozenset(name.partition(".")[0] for name in self.inner(module))

    @cached_property
    def natively(self) -> Starters:
        """The same where the loops of oslo.service run on native threads."""
        return Starters(self.texts, self.names, _LIBRARIES)

    def inner(self, module: str) -> frozenset[str]:
        """The same, with the method where it is one: ``Server.start``."""
        if module not in self._memo:
            named = frozenset(self._aliases(module))
            self._memo[module] = self.running(module) | named
        return self._memo[module]

    def running(self, module: str) -> frozenset[str]:
        """Those of them whose code does it, without mere names for what does."""
        if module not in self._running:
            self._running[module] = frozenset(self._users(module))
        return self._running[module]

    def are_quiet_in(self, name: str) -> bool:
        """Whether nothing that a module may load starts a green thread."""
        return not any(self[each] for each in self.texts.closure(name))

    def are_quiet_on_loading(self, name: str) -> bool:
        """Whether nothing that a module loads starts a green thread.

        A name for what starts one, which only those take that load the module
        themselves, starts nothing by then.
        """
        loaded = self.texts.closure(name)
        if not any(self.running(each) for each in loaded):
            named = {each for each in loaded if self[each]}
            return not any(named & self.texts.imports(each) - {each} for each in loaded)
        return False

    def _parsed(self, name: str) -> Module | None:
        """A module that may have a name of a starter, by its text."""
        return self.texts.project.named(name) if self._is_spoken(name) else None

    def _is_spoken(self, name: str) -> bool:
        raw = self.texts.of(name).raw
        spoken = any(word in raw for word in api.TRIGGERS) and _WORDS.search(raw)
        return bool(spoken)

    def _aliases(self, home: str) -> Iterator[str]:
        module = self._parsed(home)
        for name in interesting(self.names, module) if module else ():
            assert module is not None
            for binding in module.scopes.module.bindings.get(name, ()):
                if any(map(_is_starter, self.names.binding(module, binding))):
                    yield name

    def _users(self, home: str) -> Iterator[str]:
        yield from self._library_users(self.texts.of(home))
        module = self._parsed(home)
        if module is None and self._is_spoken(home):
            yield ""  # a file that cannot be parsed: it may be for another Python
        for name in interesting(self.names, module) if module else ():
            assert module is not None
            for node, scope in module.scopes.loads(name):
                path = ancestors(module.tree, node)
                if self._starts(module, node, path, scope):
                    yield _definition(path)

    def _library_users(self, text: Text) -> Iterator[str]:
        for library, words in self._libraries:
            if library in text.raw and any(w.search(text.raw) for w in words):
                for segment in text.segments:
                    here = text.raw, segment.start, segment.end
                    if any(w.search(*here) for w in words):
                        yield segment.name

    def _starts(
        self, module: Module, node: ast.expr, path: list[ast.AST], scope: Scope
    ) -> bool:
        """Whether the chain of attributes that begins here starts something."""
        above = len(path)
        while not any(map(_is_starter, self.names.denote(node, scope, module))):
            above -= 1
            parent = path[above]
            if not isinstance(parent, ast.Attribute):
                return False
            node = parent
        return not _only_named(node, path[:above])


def waits(text: bytes) -> bool:
    """Whether a file gives green threads their turn, by what it says."""
    return _WAITING.search(text) is not None


def _is_starter(dotted: str) -> bool:
    return _STARTERS.match(dotted) is not None


def _only_named(node: ast.AST, path: list[ast.AST]) -> bool:
    """Whether a name is caught, tested for or passed on under another name."""
    if _is_tested_for(node, path):
        return True
    if isinstance(path[-1], ast.Assign):
        return not any(isinstance(outer, _DEFINITION) for outer in path)
    inner = node
    for outer in reversed(path):
        if isinstance(outer, ast.ExceptHandler):
            return inner is outer.type
        if isinstance(outer, ast.stmt):
            return False
        inner = outer
    return False


def _is_tested_for(node: ast.AST, path: list[ast.AST]) -> bool:
    """``isinstance(thread, GreenThread)``, alone or in a tuple."""
    outer = [each for each in path if not isinstance(each, ast.Tuple)][-1]
    return (
        isinstance(outer, ast.Call)
        and outer.func is not node
        and isinstance(outer.func, ast.Name)
        and outer.func.id in ("isinstance", "issubclass")
    )


def _definition(path: list[ast.AST]) -> str:
    """The top-level definition that a path leads into, with the method of a class."""
    match path[1:3]:
        case [ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name), *_]:
            return name
        case [
            ast.ClassDef(name=name),
            ast.FunctionDef(name=method) | ast.AsyncFunctionDef(name=method),
        ]:
            return f"{name}.{method}"
        case [ast.ClassDef(name=name), *_]:
            return name
    return ""
