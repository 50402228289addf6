"""What an import that its file does not use may be there for all the same.

An import also runs a module, and may be a file's gift to others. Reads the file, the
comments around the import and the other files of the repository; decides nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from deventlet.codemod import Site
from deventlet.driver.imports.wanted import Wanted
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.subjects.idle_imports import source_of
from deventlet.resolve.api import ROOTS, TRIGGERS, module_of
from deventlet.resolve.facts import Need
from deventlet.resolve.importing import Imported
from deventlet.resolve.names import Names
from deventlet.resolve.project import Module, Project, as_bytes
from deventlet.resolve.scopes import Binding, Scope, ScopeKind
from deventlet.resolve.takers import last_part
from deventlet.resolve.tree import ancestors
from deventlet.source.imports import is_meant_unused

_DEFINITIONS = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_NAMESPACES = ("globals", "locals", "vars", "eval", "exec")
_COMMENT = re.compile(rb"#[^\r\n]*")
_PRAGMA = re.compile(
    rb"#\s*(?:noqa|nosec|nopep8|pylint:|type:|ruff:|flake8:|pragma:|pyright:|mypy:)",
    re.IGNORECASE,
)
_OF_FILE = re.compile(
    rb"(?m)^[ \t]*#\s*(?:(?:flake8|ruff)\s*:\s*noqa"
    rb"|pylint:\s*disable[^#\n]*\b(?:unused-import|W0611|all)\b)[^\r\n]*",
    re.IGNORECASE,
)
"""The same for a whole file, on a line of its own."""
_ABOUT = re.compile(
    rb"eventlet|greenlet|\bimport|\bload|\bpatch|\bhub\b", re.IGNORECASE
)
"""What a comment line above an import says if it says what the import is for."""
_ASKS = re.compile(
    rb"['\"](?:eventlet|greenlet)[\w.]*['\"]\s*(?:not\s+)?in\s+(?:sys\s*\.\s*)?modules\b"
    rb"|\bmodules\s*(?:\.\s*(?:get|pop|setdefault)\s*\(|\[)\s*['\"](?:eventlet|greenlet)\b"
)
"""A question that has another answer once nothing imports Eventlet."""
_SETS = re.compile(
    rb"['\"]EVENTLET_(?:NO_GREENDNS|HUB|THREADPOOL_SIZE|DEPRECATED_EAI_NODATA)['\"]"
)
"""What Eventlet reads of the environment when it is first imported."""
_LOADED = frozenset(
    f"eventlet{name and '.' + name}"
    for name in """
    convenience event green green._socket_nodns green.os green.select green.socket
    green.ssl green.time greenio greenio.base greenio.py3 greenpool greenthread hubs
    hubs.hub hubs.timer patcher queue semaphore support support.greenlets timeout
    """.split()
)
"""The modules that ``import eventlet`` loads by itself (0.41)."""


@dataclass(eq=False)
class Needs:
    """Answers for the idle imports of one state of a repository."""

    names: Names
    findings: Findings
    _wanted: Wanted = field(init=False)

    def __post_init__(self) -> None:
        self._wanted = Wanted(self.names.project, self.findings.starred)

    def of(self, site: Site) -> Need | None:
        """The first need that is found; None if all that is known was looked at."""
        module, binding = self.findings.imports[site]
        questions: Mapping[str, Callable[[Module, Binding], str]] = {
            "said": _said, "branch": _branch, "bound": self._bound,
            "exported": self._exported, "patching": _patching, "spoken": self._spoken,
            "taken": self._taken, "loaded": self._lacking, "tested": self._tested,
        }  # fmt: skip
        for how, ask in questions.items():
            where = ask(module, binding)
            if where:
                return Need(how, where)  # type: ignore[arg-type]
        return None

    @property
    def _project(self) -> Project:
        return self.names.project

    def _bound(self, module: Module, binding: Binding) -> str:
        """Something else that binds the name."""
        for other in _owner(module, binding).bindings[binding.name]:
            if source_of(self.names, module, other) is None:
                line = getattr(other.node, "lineno", 0)
                return f"{binding.name} is bound again at {module.path}:{line}"
        return ""

    def _exported(self, module: Module, binding: Binding) -> str:
        """What makes the name one that is offered to other code."""
        if _owner(module, binding).kind is not ScopeKind.MODULE:
            return ""
        if PurePosixPath(module.path).stem == "__init__":
            return f"{module.path} is a package's own file"
        if f"{module.name}.{binding.name}" in self.findings.shims:
            return "the configuration names it as a spelling of Eventlet's"
        only = all(_is_import(statement) for statement in module.tree.body)
        return f"{module.path} does nothing but import" if only else ""

    def _spoken(self, module: Module, binding: Binding) -> str:
        """Text of the file that may mean the name."""
        said = self._wanted.inside(module, _owner(module, binding), binding.name)
        for name in () if said else _NAMESPACES:
            if module.scopes.loads(name):
                line = module.scopes.loads(name)[0].node.lineno
                said = f"{name}() at {module.path}:{line} may find it"
        return said

    def _taken(self, module: Module, binding: Binding) -> str:
        return self._wanted.outside(module, _owner(module, binding), binding.name)

    def _lacking(self, module: Module, binding: Binding) -> str:
        """A file that uses a module which it does not import itself."""
        dotted = module_of(source_of(self.names, module, binding) or "")
        if dotted is None or dotted in _LOADED or "." not in dotted:
            return ""
        paths = self._project.containing([last_part(dotted)])
        return next((p for p in paths if self._relies(p, module, dotted)), "")

    def _relies(self, path: str, module: Module, dotted: str) -> bool:
        """Whether a file has a path through a module and no import of it that stays.

        In the file of the import itself that is one whose name is the package's: that
        name is used, and ``eventlet.green.os`` may work by ``import … as os`` alone.
        """
        imports = self._project.imports(path)
        loading = [i for i in imports if _loads(i, dotted)]
        if any(path != module.path or i.bound == "eventlet" for i in loading):
            return False
        packages = (i for i in imports if not i.name and _is_package(i))
        tail = re.escape(as_bytes(dotted.partition(".")[2]))
        text = self._without_imports(path)
        return any(
            re.search(rb"\b%b\.%b\b" % (re.escape(as_bytes(item.bound)), tail), text)
            for item in packages
        )

    def _without_imports(self, path: str) -> bytes:
        """The text of a file but for its import statements."""
        text = self._project.read_or_empty(path)
        spans = self._project.import_spans(path)
        edges = [0, *(edge for span in spans for edge in span), len(text)]
        return b"".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))

    def _tested(self, module: Module, _: Binding) -> str:
        """A place where it matters whether, or when, Eventlet was imported."""
        if self._asking:
            return self._asking
        return next((p for p in self._setting if not self._comes_first(p, module)), "")

    @cached_property
    def _asking(self) -> str:
        """The first place that asks whether Eventlet was imported."""
        return next(self._matching(_ASKS), "")

    @cached_property
    def _setting(self) -> tuple[str, ...]:
        """The places that set what Eventlet reads when it is imported."""
        return tuple(self._matching(_SETS))

    def _matching(self, pattern: re.Pattern[bytes]) -> Iterator[str]:
        """Where a pattern first matches, in each file where it does."""
        words = (*TRIGGERS, *(word.upper() for word in TRIGGERS))
        for path in self._project.containing(words):
            text = self._project.read_or_empty(path)
            found = pattern.search(text)
            if found:
                line = text.count(b"\n", 0, found.start()) + 1
                yield f"{path}:{line}"

    def _comes_first(self, place: str, module: Module) -> bool:
        """Whether a place is in a package around a module: it runs before it does."""
        path = place.rpartition(":")[0]
        package = f"{self._project.names[path]}."
        is_package = PurePosixPath(path).stem == "__init__"
        return is_package and path != module.path and module.name.startswith(package)


def _owner(module: Module, binding: Binding) -> Scope:
    """The scope whose name a binding binds, which ``global`` may say."""
    return module.scopes.resolve(binding.name, binding.scope) or binding.scope


def _loads(item: Imported, dotted: str) -> bool:
    """Whether an import loads a module: it names it, or something in it."""
    full = f"{item.module}.{item.name}" if item.name else item.module
    return f"{full}.".startswith(f"{dotted}.")


def _is_package(item: Imported) -> bool:
    """Whether an import binds its name to the package ``eventlet`` itself."""
    return item.module == "eventlet" or (
        item.bound == "eventlet" and item.module.startswith("eventlet.")
    )


def _said(module: Module, binding: Binding) -> str:
    """What a comment says for the import."""
    whole = _OF_FILE.search(module.source.utf8)
    found = [*_comments(module, binding), *([whole.group()] if whole else [])]
    return found[0].decode().strip() if found else ""


def _comments(module: Module, binding: Binding) -> Iterator[bytes]:
    """The comments that speak for an import: on its lines, or right above it."""
    statement = binding.node
    assert isinstance(statement, ast.stmt)
    alias = binding.alias or statement
    last = statement.end_lineno or 0
    for line in sorted({statement.lineno, alias.lineno, last}):
        found = _COMMENT.search(module.source.line_bytes(line))
        if found and (is_meant_unused(found[0]) or not _PRAGMA.match(found[0])):
            yield found[0]
    line = statement.lineno - 1
    while line and module.source.line_bytes(line).lstrip().startswith(b"#"):
        if _ABOUT.search(module.source.line_bytes(line)):
            yield module.source.line_bytes(line)
        line -= 1


def _branch(module: Module, binding: Binding) -> str:
    """The statement around an import that makes it an attempt, or its block's all."""
    if binding.alias is None:
        return f"{module.path}:{getattr(binding.node, 'lineno', 0)} tries the import"
    above = [n for n in ancestors(module.tree, binding.node) if isinstance(n, ast.stmt)]
    for node in above:
        if not (isinstance(node, _DEFINITIONS) or _is_harmless(node)):
            word = type(node).__name__.lower()
            return f"it stands in the {word} at {module.path}:{node.lineno}"
    block = getattr(above[-1], "body", ()) if above else ()
    empty = _is_ours if above and isinstance(above[-1], ast.If) else _is_import
    if block and all(map(empty, block)):
        return f"the block at {module.path}:{above[-1].lineno} does nothing but import"
    return ""


def _is_harmless(node: ast.stmt) -> bool:
    """``if TYPE_CHECKING`` and ``if __name__ == "__main__"``, without an ``else``."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    test = ast.unparse(node.test)
    return test.rpartition(".")[2] == "TYPE_CHECKING" or test.startswith("__name__ ==")


def _is_ours(statement: ast.stmt) -> bool:
    """An import of Eventlet only; what types are for may be nothing but imports."""
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").partition(".")[0] in ROOTS
    return isinstance(statement, ast.Import) and all(
        alias.name.partition(".")[0] in ROOTS for alias in statement.names
    )


def _is_import(statement: ast.stmt) -> bool:
    """An import, a docstring or ``pass``."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    passes = isinstance(statement, (*_IMPORTS, ast.Pass))
    return passes or isinstance(value, ast.Constant)


def _patching(module: Module, _: Binding) -> str:
    """Something with ``monkey`` in its name, which the import may go before."""
    if b"monkey" not in module.source.utf8:
        return ""
    for node in ast.walk(module.tree):
        names = (getattr(node, key, None) for key in ("id", "attr", "name"))
        if any(isinstance(name, str) and "monkey" in name for name in names):
            return f"{module.path}:{getattr(node, 'lineno', 0)}"
    return ""
