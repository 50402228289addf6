"""The runs of import statements at module level, and which one a group belongs in.

A *run* is a stretch of import statements with nothing else between them. Only looks;
makes no edits.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from deventlet.source.imports.layout import Unit, line_start, units
from deventlet.source.imports.style import FUTURE, ImportSpec, ImportStyle, Place
from deventlet.source.text import SourceFile

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True, eq=False)
class Run:
    """A stretch of import statements at module level.

    :param barriers: how many calls of ``monkey_patch`` stand above it.
    :param first: whether nothing but the docstring and comments stands above it.
    """

    barriers: int
    first: bool
    units: list[Unit] = field(default_factory=list)


class Header:
    """The module's statements above its first definition, cut into runs."""

    def __init__(self, tree: ast.Module, gone: Collection[ast.stmt]) -> None:
        self.units = units(tree.body)
        self.gone = gone
        self.barriers = 0
        self.last_barrier: Unit | None = None
        self.runs: list[Run] = []
        self._read()

    def _read(self) -> None:
        run: Run | None = None
        first = True
        for index, unit in enumerate(self.units):
            if any(isinstance(s, DEFINITION) for s in unit.statements):
                return
            if not self.imports(unit):
                if _patches(unit):
                    self.barriers, self.last_barrier = self.barriers + 1, unit
                first = first and index == 0 and docstring(unit)
                run = None
                continue
            if run is None:
                run = Run(self.barriers, first)
                self.runs.append(run)
            run.units.append(unit)
            if len(run.units) == 1 and _patches(unit) and not self.is_gone(unit):
                self.barriers, self.last_barrier = self.barriers + 1, unit
                first, run = False, None

    def imports(self, unit: Unit) -> bool:
        """Whether a unit holds imports only, or goes as a whole."""
        return self.is_gone(unit) or all(
            isinstance(s, ast.Import | ast.ImportFrom) for s in unit.statements
        )

    def is_gone(self, unit: Unit) -> bool:
        """Whether all statements of a unit are deleted."""
        return all(statement in self.gone for statement in unit.statements)


def docstring(unit: Unit) -> bool:
    """Whether a unit is a string, alone on its lines."""
    statement = unit.statements[0]
    return (
        len(unit.statements) == 1
        and isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _patches(unit: Unit) -> bool:
    """Whether a unit calls or imports something called ``monkey_patch``."""
    return any(
        "monkey_patch" in name
        for statement in unit.statements
        for node in ast.walk(statement)
        for name in _mentioned(node)
    )


def _mentioned(node: ast.AST) -> Iterator[str]:
    """The names in an import, or in the name of what a call calls."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for spec in (binding(node, alias) for alias in node.names):
            yield from (spec.module, spec.name or "")
    called = node.func if isinstance(node, ast.Call) else None
    while isinstance(called, ast.Attribute):
        yield called.attr
        called = called.value
    if isinstance(called, ast.Name):
        yield called.id


def starts(source: SourceFile, run: Run) -> int:
    """The offset of a run's first line."""
    return line_start(source, run.units[0].first)


def choose(
    header: Header, runs: Sequence[Run], style: ImportStyle, category: int
) -> Run | None:
    """The run for a group: behind ``monkey_patch()``, with most of its members.

    Without any member: the first run with a later group, else the last run.
    """
    below = [run for run in runs if run.barriers == header.barriers] or runs
    if not below:
        return None

    def categories(run: Run) -> list[int]:
        kept = [unit for unit in run.units if not header.is_gone(unit)]
        return [place(unit, style)[0] for unit in kept]

    members = [categories(run).count(category) for run in below]
    if any(members):
        return below[members.index(max(members))]
    later = (run for run in below if max(categories(run), default=FUTURE) > category)
    return next(later, below[-1])


def place(unit: Unit, style: ImportStyle) -> Place:
    """The group and the sort key of an existing line, by the first name on it."""
    node = unit.statements[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)
    return style.place(binding(node, node.names[0]))


def binding(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ImportSpec:
    """What one name of a statement binds; relative modules keep their dots."""
    if isinstance(node, ast.Import):
        return ImportSpec(alias.name, None, alias.asname)
    return ImportSpec("." * node.level + (node.module or ""), alias.name, alias.asname)
