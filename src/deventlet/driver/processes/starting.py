"""What a call of ``monkey_patch`` is for, and what its processes are without it.

Reads one state of a repository's texts; decides nothing. Of oslo.service it knows that
the first import of its services selects a backend for good.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import PurePosixPath

from deventlet.codemod import Site
from deventlet.driver.processes.remaining import Remaining
from deventlet.driver.processes.repeated import Repeated
from deventlet.driver.text.statements import attempt, block_of, holder
from deventlet.resolve.api import ROOTS, WORK_AROUND
from deventlet.resolve.facts import Patching
from deventlet.resolve.processes.testing import (
    has_tests,
    is_test,
    is_test_name,
    is_test_path,
)
from deventlet.resolve.project import Module
from deventlet.resolve.uses import Use

_SAVED = b"__original_module_"
"""What the modules are called that ``monkey_patch`` puts aside in ``sys.modules``."""

_AROUND = "current_thread.__globals__['_active'] = "
"""The work-around that comes with the call."""

_SERVICES = "oslo_service"
_HARMLESS = "oslo_service.backend"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(eq=False)
class Starting:
    """Answers about the calls in one state of a repository.

    :param uses: what is used of Eventlet, by its sites.
    """

    remaining: Remaining
    uses: Mapping[Site, Use]

    def of(self, use: Use) -> Patching:
        """What is known of one call."""
        path = use.module.path
        together = self.remaining.together(path)
        remains = self.remaining.unpatched(path)
        needed = self._needs_backend(path, together)
        return Patching(
            remains.places,
            remains.doubt,
            within(use),
            self._saved(together),
            needed,
            self._selected(use) if needed and not remains.places else "",
            self._begins(path),
            self._begun(path),
            Repeated(self.remaining.processes, self.uses).is_repeated(use),
        )

    def _saved(self, together: frozenset[str] | None) -> str:
        """A file of the processes that takes what ``monkey_patch`` puts aside."""
        project = self.remaining.project
        found = (
            each
            for each in project.containing([_SAVED])
            if together is None or each in together
        )
        return next((each for each in sorted(found) if self._hides(each)), "")

    def _hides(self, path: str) -> bool:
        """Whether a file names a module put aside in another way than by an import."""
        module = self.remaining.project.module(path)
        if module is None:
            return True
        aliases = [n for n in ast.walk(module.tree) if isinstance(n, ast.alias)]
        imported = sum(each.name == WORK_AROUND for each in aliases)
        return module.source.utf8.count(_SAVED) > imported

    def _needs_backend(self, path: str, together: frozenset[str] | None) -> bool:
        """Whether a process has services of oslo.service, and no native backend yet."""
        paths = (
            frozenset(self.remaining.project.paths) if together is None else together
        )
        services = self.remaining.services & paths
        return bool(services) and not self.remaining.is_native(path, paths)

    def _begins(self, path: str) -> bool:
        """Whether a process begins with a file: an entry point, or a package around it.

        Test runners import the packages of the tests first.
        """
        processes, project = self.remaining.processes, self.remaining.project
        if is_test(path, processes.texts[path]):
            return True
        name = project.names[path]
        inside = name + "." if path.endswith("/__init__.py") else "\0"
        return any(
            entry.module == name or entry.module.startswith(inside)
            for entry in processes.entry_points
        )

    def _begun(self, path: str) -> bool:
        """Whether every process that loads a file begins with another one's call."""
        processes, project = self.remaining.processes, self.remaining.project
        loading = [
            processes.facts[entry.label].patched_by
            for entry, modules in processes.closures.items()
            if project.names[path] in modules
        ]
        return (
            bool(loading)
            and not self._begins(path)
            and all(
                any(self._begins(project.by_name[name]) for name in patching)
                for patching in loading
            )
        )

    # -- what is imported before ----------------------------------------------

    def _selected(self, use: Use) -> str:
        """An import before the call that may select a backend; empty if none does."""
        module = use.module
        for statement in _imports_before(use):
            for name in _imported(module, statement):
                if self._may_select(name):
                    return f"{module.path}:{statement.lineno}"
        parents = accumulate(module.name.split(".")[:-1], "{}.{}".format)
        found = (each for each in parents if self._loads_services(each))
        package = self.remaining.project.by_name.get(next(found, ""), "")
        return package or self._selected_by_tests(module)

    def _selected_by_tests(self, module: Module) -> str:
        """Which services tests may load before they load a file; empty if none.

        All tests of a run are loaded in one process, in whichever order.
        """
        unset = [path for path in self._tests if not self._is_set(path)]
        if module.name not in self._loaded_by(unset):
            return ""
        by_name = self.remaining.project.by_name
        choosing = frozenset(
            name for name in self._patching if not is_test_path(by_name[name])
        )
        loaded = self._loaded_by(unset, choosing) - choosing
        found = sorted({by_name[each] for each in loaded} & self._services)
        return f"{found[0]}, which tests may load before this file" if found else ""

    def waits_for(self, path: str, other: str) -> bool:
        """Whether a file may choose a backend only if the tests that load it do.

        :param other: a file whose call of ``monkey_patch`` may be the tests' first.
        """
        if not (_comes_first(other) and is_test_path(other)) or is_test_path(path):
            return False
        if self.remaining.unpatched(path).places or not self._needs_backend(
            path, self.remaining.together(path)
        ):
            return False
        folder = str(PurePosixPath(other).parent)
        below = [test for test in self._tests if folder in _folders(test)]
        return self.remaining.project.names[path] in self._loaded_by(below)

    def _loaded_by(
        self, paths: Iterable[str], choosing: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """The modules that files may load.

        :param choosing: modules that choose a backend: what they load comes after.
        """
        texts, names = self.remaining.processes.texts, self.remaining.project.names
        found, waiting = frozenset[str](), {names[path] for path in paths}
        while waiting:
            found |= waiting
            waiting = set[str]().union(*map(texts.imports, waiting - choosing)) - found
        return found

    @cached_property
    def _tests(self) -> list[str]:
        """The files that a run of tests loads by itself; helpers come behind these."""
        texts = self.remaining.processes.texts
        return [
            path
            for path in self.remaining.project.paths
            if is_test_name(path) or (is_test_path(path) and has_tests(texts[path]))
        ]

    def _is_set(self, path: str) -> bool:
        """Whether the tests of a file begin by choosing a backend, now or then."""
        return not _folders(path).isdisjoint(self._set_folders)

    @cached_property
    def _set_folders(self) -> frozenset[str]:
        by_name = self.remaining.project.by_name
        choosing = {by_name[name] for name in self._patching}
        first = filter(_comes_first, choosing | self.remaining.native_backend)
        return frozenset(str(PurePosixPath(path).parent) for path in first)

    @property
    def _patching(self) -> frozenset[str]:
        """The modules that patch when they are loaded."""
        return frozenset(self.remaining.processes.patching.importing)

    def _may_select(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ROOTS or _is_in(name, _HARMLESS):
            return False
        project = self.remaining.project
        own = name if name in project.by_name else name.rpartition(".")[0]
        return own not in project.by_name or self._loads_services(own)

    def _loads_services(self, name: str) -> bool:
        """Whether importing one of the project's modules imports services."""
        project = self.remaining.project
        if name not in project.by_name:
            return False
        loaded = self.remaining.processes.texts.loaded(name) | {name}
        return any(project.by_name.get(each) in self._services for each in loaded)

    @cached_property
    def _services(self) -> frozenset[str]:
        return self.remaining.services


def _comes_first(path: str) -> bool:
    """Whether a file is loaded before the others of its folder, if they are tests."""
    return PurePosixPath(path).name in ("__init__.py", "conftest.py")


def _folders(path: str) -> frozenset[str]:
    return frozenset(map(str, PurePosixPath(path).parents))


def _is_in(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def _imports_before(use: Use) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a file that run before a call does."""
    later = any(isinstance(node, _FUNCTIONS) for node in use.parents)
    every = ast.walk(use.module.tree)
    imports = (n for n in every if isinstance(n, (ast.Import, ast.ImportFrom)))
    yield from (n for n in imports if later or n.lineno < use.node.lineno)


def _imported(module: Module, node: ast.Import | ast.ImportFrom) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = module.absolute(node)
    return [f"{base}.{alias.name}" for alias in node.names]


def within(use: Use) -> str:
    """In what a call stands, in the words of :class:`Patching`."""
    held = holder(use)
    around = [node for node in use.parents[1:] if isinstance(node, ast.stmt)]
    tried = held and attempt(use, held)
    around = [node for node in around if node not in (held, tried)]
    if not around:
        return "module"
    if len(around) == 1 and isinstance(around[0], ast.If) and _is_main(around[0]):
        return "module"
    inner = around[-1]
    if held is None or not isinstance(inner, _FUNCTIONS) or len(around) > 2:
        return "branch"
    if len(around) == 2 and not isinstance(around[0], ast.ClassDef):
        return "branch"
    whole = tried or held
    rest = [each for each in block_of(use, whole) if each is not whole]
    return "function" if any(map(_does, rest)) else "wrapper"


def _is_main(node: ast.If) -> bool:
    return "__name__" in ast.unparse(node.test) and not node.orelse


def _does(statement: ast.stmt) -> bool:
    """Whether a statement does anything: a docstring does not, nor does an import.

    Nor does the work-around for the module that the call puts aside.
    """
    text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    if text or isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return False
    return not isinstance(statement, ast.Assign) or _AROUND not in ast.unparse(
        statement
    )
