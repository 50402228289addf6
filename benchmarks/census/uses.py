"""Counts the uses of Eventlet in a checkout, without deventlet.

A use is an expression that stands for a name of Eventlet's, or for one of the names of
other libraries in `RELATED`; an import of one; a string or a call by which a test
replaces one; or a member of an object that Eventlet made, where the object is the only
thing that a variable, or an attribute of ``self``, is ever bound to. What no import
leads to (names from strings at run time, objects that are passed on) is not seen.
"""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from benchmarks.census.names import Exports, Names, exported, last_name, text_of

ROOTS = ("eventlet", "greenlet")
RELATED = (
    "futurist.GreenThreadPoolExecutor",
    "futurist.GreenFuture",
    "oslo_utils.eventletutils",
    "oslo_service.eventlet_backdoor",
    "oslo_service.wsgi.Server",
)
ONLY_WITH = {
    "futurist.SynchronousExecutor": ("green", 0, None),
    "oslo_messaging.get_rpc_server": ("executor", 3, "eventlet"),
    "oslo_messaging.get_notification_listener": ("executor", 3, "eventlet"),
    "oslo_messaging.get_batch_notification_listener": ("executor", 3, "eventlet"),
    "oslo_messaging.rpc.server.RPCServer": ("executor", 3, "eventlet"),
    "oslo_messaging.notify.listener.NotificationServer": ("executor", 3, "eventlet"),
    "oslo_messaging.notify.listener.BatchNotificationServer": (
        "executor",
        3,
        "eventlet",
    ),
}
"""Names that mean Eventlet only with an argument: keyword, position, value if any."""

MADE = {
    "Event": "Event",
    "GreenPool": "GreenPool",
    "GreenPile": "GreenPile",
    "Queue": "Queue",
    "LightQueue": "Queue",
    "LifoQueue": "Queue",
    "PriorityQueue": "Queue",
    "Semaphore": "Semaphore",
    "BoundedSemaphore": "Semaphore",
    "Timeout": "Timeout",
    "spawn": "GreenThread",
    "spawn_after": "GreenThread",
    "spawn_n": "GreenThread",
}
"""What a call of a name gives, by its last part."""

_WORDS = re.compile(
    rb"eventlet|greenlet|GreenThreadPool|GreenFuture|SynchronousExecutor|oslo_service"
)
_PATCHING = frozenset(
    """patch object MockPatch MockPatchObject MonkeyPatch setattr stub_out StubOut Set
    mock_object _mock_object patchobject patch_object""".split()
)


class Use(NamedTuple):
    """A place where Eventlet is used.

    :param line: from 1; ``column`` is in UTF-8 bytes from 0.
    :param kind: ``use``, ``import``, ``mock`` or ``method``.
    :param api: the dotted name in full, or one such as ``GreenPool#waitall``.
    """

    path: str
    line: int
    column: int
    kind: str
    api: str


class Counted(NamedTuple):
    """The uses of a checkout, and the files that cannot be parsed."""

    uses: list[Use]
    unreadable: list[str]


def count(root: Path) -> Counted:
    """Every use in the Python files that git knows."""
    found, trees, unreadable = [], {}, []
    exports: dict[str, frozenset[str]] = {}
    contents = {path: (root / path).read_bytes() for path in python_files(root)}
    for path in contents:
        if _WORDS.search(contents[path]) is None:
            continue
        tree = _parsed(contents[path])
        if tree is None:
            unreadable.append(path)
            continue
        trees[path] = tree
        home = module(root, path)
        names = Names(tree, home, _is_package(path), {})
        if home.rpartition(".")[2] in ROOTS:
            exports[home] = frozenset([home])
        exports |= {
            name: stands
            for name, stands in exported(names, home)
            if any(is_eventlets(full) for full in stands)
        }
    passed_on = _PassedOn(exports)
    for path, content in contents.items():
        if path not in trees and passed_on.is_in(content):
            tree = _parsed(content)
            if tree is not None:
                trees[path] = tree
    for path, tree in trees.items():
        names = Names(tree, module(root, path), _is_package(path), exports)
        found += uses_of(path, tree, names, exports)
    return Counted(sorted(set(found)), unreadable)


def python_files(root: Path) -> list[str]:
    """The Python files of a checkout that are files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.py"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode(errors="surrogateescape").split("\0")[:-1]
    return [name for name in names if (root / name).is_file()]


def module(root: Path, path: str) -> str:
    """The dotted name of a file: from the outermost folder that is a package."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    start = len(parts) - 1
    while start and (root.joinpath(*parts[:start]) / "__init__.py").exists():
        start -= 1
    return ".".join(parts[start:]).removesuffix(".__init__")


def is_eventlets(full: str) -> bool:
    """Whether a dotted name is one of those that are counted."""
    return full.partition(".")[0] in ROOTS or any(
        full == name or full.startswith(f"{name}.") for name in RELATED
    )


def uses_of(path: str, tree: ast.Module, names: Names, exports: Exports) -> list[Use]:
    """The uses of one file."""
    mocks = list(_mocks(tree, names, exports))
    targets = {at for at, _, _ in mocks}
    found = [*_imports(tree, names), *mocks, *_methods(tree, names)]
    found += (each for each in _expressions(tree, names) if each[0] not in targets)
    return [Use(path, at.lineno, at.col_offset, kind, api) for at, kind, api in found]


_Found = tuple[ast.expr | ast.alias, str, str]


# Names -----------------------------------------------------------------------------


def _imports(tree: ast.Module, names: Names) -> Iterator[_Found]:
    """What is imported of Eventlet's, by any of its names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, full in names.imports(node):
                if is_eventlets(full):
                    yield alias, "import", full


def _expressions(tree: ast.Module, names: Names) -> Iterator[_Found]:
    """The longest dotted names that stand for Eventlet's, and calls that mean it."""
    for node, called in _outermost(tree):
        for full in sorted(names.of(node)):
            if is_eventlets(full) or _means_it(full, called):
                yield node, "use", full
                break


def _outermost(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.Call | None]]:
    """The names and dotted names that are no part of a longer one, and their call."""
    nodes = list(ast.walk(tree))
    inner = {node.value for node in nodes if isinstance(node, ast.Attribute)}
    calls = {node.func: node for node in nodes if isinstance(node, ast.Call)}
    named = [node for node in nodes if isinstance(node, ast.Name | ast.Attribute)]
    for node in named:
        if node not in inner and isinstance(node.ctx, ast.Load):
            yield node, calls.get(node)


def _means_it(full: str, call: ast.Call | None) -> bool:
    if full not in ONLY_WITH or call is None:
        return False
    keyword, position, value = ONLY_WITH[full]
    given = [each.value for each in call.keywords if each.arg == keyword]
    given += call.args[position : position + 1]
    return any(value is None or text_of(each) == value for each in given)


# Mocks -----------------------------------------------------------------------------


def _mocks(tree: ast.Module, names: Names, exports: Exports) -> Iterator[_Found]:
    """``patch("eventlet.sleep")``, ``patch.object(eventlet, "sleep")`` and the like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in _PATCHING:
            for target in _replaced(node, names):
                found = _targets(target, exports)
                if found:
                    yield node.args[0], "mock", found
                    break


def _replaced(call: ast.Call, names: Names) -> list[str]:
    """The dotted names that a call may replace."""
    first, second = (*call.args, ast.Constant(None), ast.Constant(None))[:2]
    if text_of(first):
        return [text_of(first)]
    if not text_of(second):
        return []
    return [f"{base}.{text_of(second)}" for base in sorted(names.of(first))]


def _targets(target: str, exports: Exports) -> str:
    """The name of Eventlet's that a target is; empty for none.

    A project may have a module of that name (``celery.concurrency.eventlet``), and
    the libraries of `RELATED` are projects, too.
    """
    parts = target.split(".")
    for start in range(len(parts)):
        path = ".".join(parts[: start + 1])
        if parts[start] in ROOTS and not any(
            f"{own}.".startswith(f"{path}.") for own in exports
        ):
            return ".".join(parts[start:])
    for end in range(len(parts), 1, -1):
        for full in sorted(exports.get(".".join(parts[:end]), ())):
            if is_eventlets(full):
                return ".".join([full, *parts[end:]])
    return target if is_eventlets(target) else ""


# Members of objects ----------------------------------------------------------------


def _methods(tree: ast.Module, names: Names) -> Iterator[_Found]:
    """Members of what is bound to nothing but one kind of object."""
    kinds = _variables(tree, names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            kind = kinds.get(_variable(node.value, names))
            if kind:
                yield node, "method", f"{kind}#{node.attr}"


_Variable = tuple[ast.AST, str] | None


def _variables(tree: ast.Module, names: Names) -> dict[_Variable, str]:
    """The variables and attributes that are only ever one kind of object."""
    kinds: dict[_Variable, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        for target, value in _bindings(node):
            kinds[_variable(target, names)].add(_kind(value, names))
    for variable, found in kinds.items():
        if variable is not None and _is_other(variable, names):
            found.add("")
    return {
        variable: next(iter(found))
        for variable, found in kinds.items()
        if variable is not None and len(found) == 1 and found != {""}
    }


def _is_other(variable: tuple[ast.AST, str], names: Names) -> bool:
    """Whether a name is a parameter, a loop variable or the like as well."""
    node, name = variable
    scope = names.scopes[node]
    return name in scope.other or name in scope.imported


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of an assignment or a ``with``, and the values.

    What is not one of these may be anything: it is a value that makes no object.
    """
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.AugAssign(target=target, value=value):
            yield target, value
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield target, value


def _variable(node: ast.expr, names: Names) -> _Variable:
    """The variable that a name is, or the attribute of ``self`` in its class."""
    match node:
        case ast.Name(id=name):
            home = names.scope_of[node].home(name)
            return None if home is None else (home.node, name)
        case ast.Attribute(value=ast.Name(id="self") as base, attr=attr):
            scope = names.scope_of[base].home("self")
            while scope is not None and not scope.is_class:
                scope = scope.parent
            return None if scope is None else (scope.node, f"self.{attr}")
    return None


def _kind(value: ast.expr, names: Names) -> str:
    """The kind of object that an expression makes; empty for none or not known."""
    if not isinstance(value, ast.Call):
        return ""
    for full in sorted(names.of(value.func)):
        if full.partition(".")[0] in ROOTS:
            return MADE.get(full.rpartition(".")[2], "")
    return ""


# Reading ---------------------------------------------------------------------------


def _parsed(content: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(content)
        except (SyntaxError, ValueError, RecursionError):
            return None


def _is_package(path: str) -> bool:
    return PurePosixPath(path).name == "__init__.py"


class _PassedOn:
    """Tells whether a file may use a name that another file passes on.

    One that has the word of Eventlet itself is read anyway.
    """

    def __init__(self, exports: Exports) -> None:
        self._modules: dict[bytes, set[bytes]] = defaultdict(set)
        for full in exports:
            path, _, name = full.encode().rpartition(b".")
            if _WORDS.search(name) is None:
                self._modules[name].add(path.rpartition(b".")[2])
        words = sorted(map(re.escape, self._modules))
        self._names = re.compile(rb"\b(" + b"|".join(words or [rb"(?!)"]) + rb")\b")

    def is_in(self, content: bytes) -> bool:
        """Whether both the name and its module stand there."""
        return any(
            re.search(rb"\b" + re.escape(module) + rb"\b", content)
            for name in set(self._names.findall(content))
            for module in self._modules[name]
        )
