"""Whether an object may be asked for a class that it is only once it is rewritten.

Where the code says for which class, by that; where it does not, by whether the
repository ever names such a class other than to make something of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deventlet.resolve.chains import last_name
from deventlet.resolve.names import UNKNOWN
from deventlet.resolve.project import Module
from deventlet.resolve.tree import ancestors
from deventlet.resolve.values.model import Origin
from deventlet.resolve.values.program import Program

_TAKING = {
    "Queue": {"queue.Queue", "queue.LifoQueue", "queue.PriorityQueue"},
    "Semaphore": {"threading.Semaphore", "threading.BoundedSemaphore"},
    "Event": {"threading.Event", "concurrent.Future", "futurist.Future"},
    "GreenThread": {"threading.Thread", "threading.Timer", "concurrent.Future"},
    "GreenPool": {
        "concurrent.Executor", "concurrent.ThreadPoolExecutor",
        "futurist.GreenThreadPoolExecutor", "futurist.ThreadPoolExecutor",
        "futurist.DynamicThreadPoolExecutor",
    },
    "GreenThreadPoolExecutor": {
        "concurrent.ThreadPoolExecutor", "futurist.ThreadPoolExecutor",
        "futurist.DynamicThreadPoolExecutor",
    },
}  # fmt: skip
"""What the names of kinds end with, and what may take their place: package and name."""
_TESTS = frozenset({
    "isinstance", "issubclass", "assertIsInstance", "assertNotIsInstance",
})  # fmt: skip
_MAKING = frozenset({"defaultdict", "object", "cast", "TypeVar", "suppress", "partial"})
"""What is given a class, and asks nothing for it; ``object`` of ``patch.object``."""
_MAKING_BY = frozenset(
    {"spec", "spec_set", "default_factory", "factory", "return_value"}
)
_CLASS = rb"\b%s\b(?![ \t]*\()"
"""A name that is not called there."""


def asked_natively(origin: Origin, program: Program, is_lost: bool) -> str:
    """Where an object is asked for a class that it is only afterwards.

    :param is_lost: whether it may be asked anything, where it is not followed.
    :returns: ``path:line``, with what may be asked for; empty if nothing can be.
    """
    taking = _taking(origin.kind)
    if not taking:
        return ""
    open_at = [_where(module, call) for call, module in origin.sorted_by.items()]
    for asked, module in origin.tests.items():
        for each in _each(asked, module):
            if _is_one_of(each, module, taking, program):
                return _where(module, each)
            if not _is_plain(each, module, program):
                open_at.append(_where(module, each))
    if not (open_at or is_lost):
        return ""
    named = next(_named(taking, program, is_lost), "")
    at = open_at[0] if open_at else "where it is lost from sight"
    return named and f"{at}, maybe for the class at {named}"


def _taking(kind: str) -> frozenset[str]:
    """The classes that may take the place of a kind."""
    found = (taking for end, taking in _TAKING.items() if kind.endswith(end))
    return frozenset[str]().union(*found)


def _each(asked: ast.expr, module: Module) -> list[ast.expr]:
    """The classes of a tuple or union, also of one that has a name in its file."""
    if isinstance(asked, ast.Name):
        found = module.scopes.bindings(asked.id, module.scopes.scope_of(asked))
        tuples = [b.value for b in found if isinstance(b.value, ast.Tuple)]
        return [each for value in tuples for each in value.elts] or [asked]
    if isinstance(asked, ast.BinOp):
        return [*_each(asked.left, module), *_each(asked.right, module)]
    return asked.elts if isinstance(asked, ast.Tuple) else [asked]


def _is_one_of(
    expr: ast.expr, module: Module, taking: frozenset[str], program: Program
) -> bool:
    """Whether an expression may be one of some classes."""
    found = program.names.denoted(expr, module)
    return any(_short(each) in taking for each in _imported(found, program))


def _imported(found: frozenset[str], program: Program) -> frozenset[str]:
    """Names of the project's own modules as what those import under them."""
    seen, waiting = set[str](), list(found)
    while waiting:
        dotted = waiting.pop()
        owner, _, name = dotted.rpartition(".")
        home = program.project.named(owner) if dotted not in seen else None
        seen.add(dotted)
        if home is not None:
            for binding in home.scopes.bindings(name, home.scopes.module):
                waiting += program.names.binding(home, binding)
    return frozenset(seen)


def _short(dotted: str) -> str:
    """The package of a class and its name."""
    return f"{dotted.partition('.')[0]}.{dotted.rpartition('.')[2]}"


def _is_plain(expr: ast.expr, module: Module, program: Program) -> bool:
    """Whether it is certain which class an expression is: built in, or by its name."""
    if isinstance(expr, ast.Constant):
        return True
    if isinstance(expr, ast.Name):
        scopes = module.scopes
        if scopes.is_free(expr.id, scopes.scope_of(expr)):
            return not scopes.module.star_imports
    ours = program.meanings.definitions(expr, module)
    if all(each is not None and isinstance(each.node, ast.ClassDef) for each in ours):
        return True
    found = _imported(program.names.denoted(expr, module), program)
    known = program.project.top_level
    return bool(found) and not any(
        each == UNKNOWN or each.partition(".")[0] in known for each in found
    )


# -- classes that are named and not called -------------------------------------------


def _named(taking: frozenset[str], program: Program, is_lost: bool) -> Iterator[str]:
    """The places that name one of some classes, and make nothing of it there.

    :param is_lost: whether those count where something else is asked for a class.
    """
    for name in sorted({each.rpartition(".")[2] for each in taking}):
        word = re.compile(_CLASS % name.encode())
        for path in program.project.containing([name.encode()]):
            text = program.project.read_or_empty(path)
            module = program.project.module(path) if word.search(text) else None
            for node in _spelled(name, module) if module is not None else ():
                assert module is not None
                if _is_one_of(node, module, taking, program) and _is_value(
                    node, module, is_lost
                ):
                    yield _where(module, node)


def _spelled(name: str, module: Module) -> Iterator[ast.expr]:
    """The expressions of a file that a name may be: also by another one it gets."""
    scopes = module.scopes
    locals_ = {name, *(binding.name for _, binding in scopes.taken(name))}
    for each in sorted(locals_):
        yield from (use.node for use in scopes.loads(each))
    yield from scopes.attributes.get(name, ())


def _is_value(node: ast.expr, module: Module, is_lost: bool) -> bool:
    """Whether a class goes on as a value there: into a table, a call, a name."""
    parents = ancestors(module.tree, node)
    above = parents[-1]
    if isinstance(above, (ast.Attribute, ast.ClassDef, ast.Expr)):
        return isinstance(above, ast.ClassDef) and node in above.decorator_list
    if isinstance(above, ast.keyword):
        return above.arg not in _MAKING_BY
    if isinstance(above, ast.Call):
        called = last_name(above.func)
        is_asked = called in _TESTS and not is_lost
        return not (above.func is node or called in _MAKING or is_asked)
    return not _is_annotation(parents, node)


def _is_annotation(parents: list[ast.AST], node: ast.AST) -> bool:
    """Whether an expression says what something is, and nothing is chosen by it."""
    below = node
    for index, above in reversed(list(enumerate(parents))):
        if isinstance(above, ast.arg):
            function = parents[index - 2]
            return not any(map(_registers, getattr(function, "decorator_list", ())))
        if getattr(above, "returns", None) is below:
            return True
        if isinstance(above, ast.stmt):
            return getattr(above, "annotation", None) is below
        below = above
    return False


def _registers(decorator: ast.expr) -> bool:
    """``@f.register``, which reads the annotation of the first parameter."""
    return last_name(decorator) == "register"


def _where(module: Module, node: ast.expr) -> str:
    return f"{module.path}:{node.lineno}"
