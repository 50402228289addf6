"""How many threads each pool of a repository may hold, and what says so.

For people, who decide what that may cost: a bound is read off a constant, an option, a
default or a parameter, and where none of these is found there is none. Decides
nothing, and no verdict rests on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, TypeGuard

from deventlet.config import Config
from deventlet.driver.processes.stages import Stages
from deventlet.inventory import Pool
from deventlet.resolve.api import Argument, Named
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Module, Project
from deventlet.resolve.uses import Use, find_uses
from deventlet.source.text import without_collection

_DEPTH = 5
"""How many steps a size is followed: a longer way would not be believed either."""
_OPTION = re.compile(r"(?i)^_?(conf|cfg|config)$")
_Bound: TypeAlias = tuple[int | None, str]
"""A number of threads, None if there is none, and the words that say where from."""
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_NO_SIZE: _Bound = None, ""


class _Assignment(Protocol):
    """A statement that gives a value to something."""

    value: ast.expr


@dataclass(frozen=True, slots=True)
class _Maker:
    """How a call that makes a pool is given its size.

    :param default: what it is without: a number, or words for what is not one.
    """

    argument: Argument
    default: int | str


# Read off the signatures of eventlet 0.41, futurist 3.3 and CPython 3.11 to 3.14.
_MAKERS = {
    "eventlet.GreenPool": _Maker(Argument("size", 0), 1000),
    "eventlet.GreenPile": _Maker(Argument("size_or_pool", 0), 1000),
    "eventlet.wsgi.server": _Maker(Argument("max_size", 4), 1024),
    "eventlet.tpool.set_num_threads": _Maker(Argument("nthreads", 0), 20),
    "futurist.GreenThreadPoolExecutor": _Maker(Argument("max_workers", 0), 1000),
    "futurist.ThreadPoolExecutor": _Maker(
        Argument("max_workers", 0), "5 for each processor"
    ),
    "futurist.DynamicThreadPoolExecutor": _Maker(
        Argument("max_workers", 0), "5 for each processor"
    ),
    "concurrent.futures.ThreadPoolExecutor": _Maker(
        Argument("max_workers", 0), "4 more than processors, at most 32"
    ),
    "multiprocessing.pool.ThreadPool": _Maker(
        Argument("processes", 0), "one for each processor"
    ),
}
_OWN_POOL = "custom_pool"
_FOREIGN = {
    "wsgi_default_pool_size": (100, "oslo.service"),
    "executor_thread_pool_size": (64, "oslo.messaging"),
}
"""Options that libraries define (oslo.service 4.4, oslo.messaging 17)."""


def pools_of(
    root: Path, files: Sequence[str], selected: Collection[str], config: Config
) -> tuple[Pool, ...]:
    """Every call that makes a pool of threads, green or native, in order of place.

    :param files: every Python file of the project, relative to ``root``.
    :param selected: the files of which pools are shown.
    """
    with without_collection():
        project = Project(root, files)
        names = Names(project, Named(frozenset(_MAKERS)), config.spellings)
        stages = Stages(Processes(project, spellings=config.spellings))
        found = [
            _pool(project, use, call, stages.is_test)
            for module in explore(names)
            if module.path in selected
            for use in find_uses(names, module)
            if (call := use.call) is not None and use.api in _MAKERS
            if not any(keyword.arg == _OWN_POOL for keyword in call.keywords)
        ]
    return tuple(sorted(found))


def _pool(
    project: Project, use: Use, call: ast.Call, is_test: Callable[[str], bool]
) -> Pool:
    maker = _MAKERS[use.api]
    given = maker.argument.of(call)
    size, words = _default(maker)
    if given is not None:
        reader = _Reader(project, use.module, tuple(use.parents))
        size, words = reader.bound(given)
    elif call.args[:1] and isinstance(call.args[0], ast.Starred):
        size, words = None, ast.unparse(call.args[0])
    path = use.module.path
    return Pool(path, call.lineno, use.api, size, words, is_test(path))


def _default(maker: _Maker) -> _Bound:
    if isinstance(maker.default, str):
        return None, f"{maker.default}, the default"
    return maker.default, f"{maker.default}, the default"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what bounds a size in one place of one file."""

    project: Project
    module: Module
    parents: tuple[ast.AST, ...]
    seen: list[ast.AST] = field(default_factory=list)

    def bound(self, value: ast.expr) -> _Bound:
        """The number that an expression is, unless somebody configures another."""
        text = ast.unparse(value)
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            return value.value, text
        size, words = self._followed(value)
        last = words.rpartition(": ")[2]
        if not last or last.startswith(text):
            return size, last or text
        return size, f"{text}: {last}"

    def _followed(self, value: ast.expr) -> _Bound:
        if len(self.seen) >= _DEPTH or any(value is each for each in self.seen):
            return _NO_SIZE
        self.seen.append(value)
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            return self.bound(value.values[-1])
        if isinstance(value, ast.IfExp):
            return self.bound(value.orelse)
        if isinstance(value, ast.Name):
            return self._variable(value.id)
        if isinstance(value, ast.Attribute):
            return self._attribute(value)
        return _NO_SIZE

    def _attribute(self, value: ast.Attribute) -> _Bound:
        if any(_OPTION.match(part) for part in _parts(value.value)):
            size, words = _option(self.project, value.attr)
            return size, f"{ast.unparse(value)}, {words}"
        if isinstance(value.value, ast.Name) and value.value.id in ("self", "cls"):
            return self._own(value.attr)
        return _NO_SIZE

    def _variable(self, name: str) -> _Bound:
        """What a local name, a parameter or a name of the file is given."""
        for outer in reversed(self.parents):
            if not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            given = _given(outer, lambda target: _is_name(target, name))
            if given:
                return self._only(given)
            if name in _parameters(outer):
                default = _default_of(outer, name)
                return self.bound(default) if default is not None else _NO_SIZE
        return self._only(_given(self.module.tree, lambda t: _is_name(t, name)))

    def _own(self, name: str) -> _Bound:
        """What an attribute of the object or its class is given."""
        classes = [each for each in self.parents if isinstance(each, ast.ClassDef)]
        if not classes:
            return _NO_SIZE
        owner = classes[-1]
        for function in _methods(owner):
            given = _given(function, lambda target: _is_own(target, name))
            if given:
                parents = (*self.parents[: self.parents.index(owner) + 1], function)
                reader = _Reader(self.project, self.module, parents, self.seen)
                return reader._only(given)
        return self._only(_given(owner, lambda target: _is_name(target, name)))

    def _only(self, given: Sequence[ast.expr]) -> _Bound:
        """The bound of what is given once; of several, none can be told."""
        return self.bound(given[0]) if len(given) == 1 else _NO_SIZE


def _parts(value: ast.expr) -> Iterator[str]:
    """The names of a dotted expression, whatever they are called on."""
    while isinstance(value, ast.Attribute):
        yield value.attr
        value = value.value
    if isinstance(value, ast.Name):
        yield value.id


def _is_name(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _is_own(target: ast.expr, name: str) -> bool:
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
        and target.attr == name
    )


def _given(owner: ast.AST, wanted: Callable[[ast.expr], bool]) -> list[ast.expr]:
    """The values that statements directly of a body, or below its blocks, assign."""
    found = []
    for node in _own_statements(owner):
        if isinstance(node, ast.AugAssign) and wanted(node.target):
            found += [node.value, node.value]  # more than one value, for sure
        elif _assigns(node, wanted):
            found.append(node.value)
    return found


def _assigns(
    node: ast.stmt, wanted: Callable[[ast.expr], bool]
) -> TypeGuard[_Assignment]:
    if isinstance(node, ast.Assign):
        return any(map(wanted, node.targets))
    return isinstance(node, ast.AnnAssign) and bool(node.value) and wanted(node.target)


def _own_statements(owner: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a scope, those of functions and classes in it left out."""
    for node in ast.iter_child_nodes(owner):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            yield from _own_statements(node)


def _methods(owner: ast.ClassDef) -> list[_Function]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [each for each in owner.body if isinstance(each, kinds)]


def _parameters(function: _Function) -> set[str]:
    given = function.args
    return {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def _default_of(function: _Function, name: str) -> ast.expr | None:
    given = function.args
    plain = [*given.posonlyargs, *given.args][::-1]
    pairs = [
        *zip(plain, given.defaults[::-1], strict=False),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    return next((value for each, value in pairs if each.arg == name), None)


# Options -------------------------------------------------------------------------


def _option(project: Project, name: str) -> _Bound:
    """The default of an oslo.config option of the project, by its name."""
    spelled = re.compile(rb"['\"]" + name.encode().replace(b"_", b"[-_]") + rb"['\"]")
    defaults = {
        ast.unparse(default): default
        for path in project.containing([b"IntOpt"])
        if spelled.search(project.read_or_empty(path))
        if (module := project.module(path)) is not None
        for default in _option_defaults(module.tree, name)
    }
    if not defaults and name in _FOREIGN:
        size, owner = _FOREIGN[name]
        return size, f"an option of {owner}, {size} by default"
    if len(defaults) != 1:
        return None, "an option" if defaults else "an option of another project"
    text, value = defaults.popitem()
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return value.value, f"an option, {text} by default"
    return None, f"an option, {text} by default"


def _option_defaults(tree: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_option(node, name):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            yield given.get("default", ast.Constant(None))


def _is_option(call: ast.Call, name: str) -> bool:
    first = call.args[0] if call.args else None
    return (
        next(_parts(call.func), "") == "IntOpt"
        and isinstance(first, ast.Constant)
        and isinstance(first.value, str)
        and first.value.replace("-", "_") == name
    )
