"""Where a function uses what each thread has for itself: ``threading.local()``.

By words: the names and attributes that a thread-local object of the repository, or one
of a class derived from it, is assigned to, in their own file and those that import it;
and what is kept on the running thread itself, as in ``getcurrent().request``, or under
its identity, as in ``requests[get_ident()]``.
What a library keeps for each thread is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from deventlet.resolve.chains import last_name
from deventlet.resolve.project import Module, Project

_WORDS = (b"threading.local", b"corolocal", b"import local")
_CLASS = rb"(?:threading|corolocal)\.local"
_IMPORTED = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*from\s+[\w.]*(?:threading|corolocal)\s+import\s+[^\n]*\b(local)\b"
    rb"(?:\s+as\s+(\w+))?",
    re.M,
)
_DERIVED = (
    rb"^\s*class(?:\s|\\\r?\n)+(\w+)(?:\s|\\\r?\n)*\(\s*(?:[\w.]+\.)?(?:%s)\s*[,)]"
)
_ASSIGNED = rb"\b(\w+)\s*(?::[^=\n]+)?=\s*(?:[\w.]+\.)?(?:%s)\("
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
_CURRENT = frozenset({"getcurrent", "current_thread", "currentThread"})
_IDENTITIES = _CURRENT | {"get_ident", "get_native_id"}
_BY_KEY = frozenset({"get", "setdefault", "pop"})
_OF_EVERY_THREAD = frozenset(
    repr(name)
    for name in (
        *("name", "ident", "native_id", "daemon", "getName", "setName", "is_alive"),
        *("isDaemon", "setDaemon", "start", "run", "join"),
        *("dead", "parent", "throw", "switch", "gr_frame", "gr_context"),
        *("kill", "cancel", "wait", "link", "unlink"),
    )
)
"""What threads and greenlets have by themselves: nobody left it there."""
Kept: TypeAlias = tuple[str, str]
"""The name of a thread-local, and the text of what is kept in it; that may be empty."""


@dataclass(frozen=True)
class ThreadLocals:
    """The thread-local objects of one state of a repository."""

    project: Project

    def uses(
        self, node: ast.AST, module: Module, but: Collection[Kept] = ()
    ) -> Iterator[str]:
        """The places below a node that name one of them, as ``path:line``.

        :param but: what does not count.
        """
        for kept, each in self._uses(node, module):
            if kept not in but:
                yield f"{module.path}:{each.lineno}"

    def kept(self, node: ast.AST, module: Module) -> frozenset[Kept]:
        """What is read or stored in them below a node."""
        return frozenset(kept for kept, _ in self._uses(node, module) if kept[1])

    def _uses(self, node: ast.AST, module: Module) -> Iterator[tuple[Kept, ast.expr]]:
        yield from self._named_uses(node, module)
        if module.path in self._asking:
            yield from _on_thread(node)

    def _named_uses(
        self, node: ast.AST, module: Module
    ) -> Iterator[tuple[Kept, ast.expr]]:
        near = self.project.imported_modules(module.path)
        names = {
            name
            for path, each in self._names.items()
            if path == module.path or self.project.names[path] in near
            for name in each
        }
        given = {id(each) for found in _given_to_sessions(node) for each in found.args}
        keys = {id(owner): key for owner, key in _keys(node)} if names else {}
        for each in ast.walk(node) if names else ():
            if not isinstance(each, (ast.Name, ast.Attribute)) or id(each) in given:
                continue
            name = each.id if isinstance(each, ast.Name) else each.attr
            if name in names:
                yield (name, keys.get(id(each), "")), each

    @cached_property
    def _asking(self) -> frozenset[str]:
        """The files that ask for the running thread."""
        words = (word.encode() for word in _IDENTITIES)
        return frozenset(p for word in words for p in self.project.holding(word))

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        """What they are assigned to, for each file that makes any."""
        texts = {
            path: self.project.read_or_empty(path)
            for word in _WORDS
            for path in self.project.holding(word)
        }
        named = {path: frozenset(_assigned(raw)) for path, raw in texts.items()}
        return {path: names for path, names in named.items() if names}


def _keys(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What is asked of an object, with the object: ``x.key``, ``getattr(x, key)``."""
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=owner, attr=name):
                yield owner, repr(name)
            case ast.Call(func=ast.Name(id=name), args=[owner, key, *_]) if (
                name in _BY_NAME
            ):
                yield owner, ast.unparse(key)


def _on_thread(node: ast.AST) -> Iterator[tuple[Kept, ast.expr]]:
    """What is kept on the running thread, or under its identity."""
    names = dict(_named_identities(node))
    for owner, key in _keys(node):
        thread = names.get(owner.id) if isinstance(owner, ast.Name) else owner
        if _is_call_of(thread, _CURRENT) and key not in _OF_EVERY_THREAD:
            yield ("", key), owner
    for held, looked in _looked_up(node):
        if any(
            _is_identity(each) or (isinstance(each, ast.Name) and each.id in names)
            for each in ast.walk(looked)
        ):
            yield (ast.unparse(held), "thread"), held


def _named_identities(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """``me = getcurrent()``: the names of what tells threads apart, and what it is."""
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and _is_identity(each.value):
            for target in each.targets:
                if isinstance(target, ast.Name):
                    yield target.id, each.value


def _looked_up(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is looked for in what: ``x[key]``, ``x.get(key)``, ``key in x``."""
    for each in ast.walk(node):
        match each:
            case ast.Subscript(value=held, slice=key):
                yield held, key
            case ast.Call(
                func=ast.Attribute(value=held, attr=name), args=[key, *_]
            ) if name in _BY_KEY:
                yield held, key
            case ast.Compare(
                left=key, ops=[ast.In() | ast.NotIn()], comparators=[held]
            ):
                yield held, key


def _is_identity(expr: ast.AST | None) -> bool:
    """What tells threads apart: ``id(getcurrent())``, ``current_thread().ident``."""
    match expr:
        case ast.Attribute(value=thread):
            return _is_call_of(thread, _CURRENT)
        case ast.Call(func=ast.Name(id="id" | "str" | "hash"), args=[thread]):
            return _is_identity(thread)
    return _is_call_of(expr, _IDENTITIES)


def _is_call_of(expr: ast.AST | None, names: frozenset[str]) -> bool:
    """``eventlet.getcurrent()``, ``threading.current_thread()``."""
    return isinstance(expr, ast.Call) and last_name(expr.func) in names


def _given_to_sessions(node: ast.AST) -> Iterator[ast.Call]:
    """``reader.using(_CONTEXT)`` of oslo.db, whose scope leaves nothing behind."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") == "using":
            yield each


def _assigned(raw: bytes) -> Iterator[str]:
    """The names that a file assigns such objects to: ``x = …``, ``self.x = …``."""
    spelled = [found[2] or found[1] for found in _IMPORTED.finditer(raw)]
    classes = b"|".join([_CLASS, *spelled])
    derived: list[bytes] = re.findall(_DERIVED % classes, raw, re.M)
    for found in re.finditer(_ASSIGNED % b"|".join([classes, *derived]), raw):
        yield found[1].decode()
