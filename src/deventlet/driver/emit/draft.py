"""One file on its way: what replaces what, before names are chosen.

Filled by the actions, read by everything behind them. Nothing is decided here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from deventlet.codemod import Site
from deventlet.driver.imports.naming import Chosen, Place, runs_later
from deventlet.driver.text.heads import Part
from deventlet.resolve.project import Module
from deventlet.resolve.scope_table import ScopeTable
from deventlet.resolve.scopes import Binding, Scope
from deventlet.source.imports import ImportSpec, Removal

NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """A statement to be replaced: what is cut out, and where its tree says it is."""

    held: ast.stmt
    cut: tuple[int, int]
    statement: tuple[int, int]
    indent: str


@dataclass(eq=False, slots=True)
class Draft:
    """One file on its way: what replaces what, before names are chosen."""

    module: Module
    texts: dict[Site, str] = field(default_factory=dict)
    stretches: dict[Site, Stretch] = field(default_factory=dict)
    heads: dict[Site, Part] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    roots: set[int] = field(default_factory=set)
    loaded: set[tuple[str, Scope | None]] = field(default_factory=set)
    swaps: dict[Removal, ImportSpec] = field(default_factory=dict)
    flatten: dict[ast.Try, dict[Removal, ImportSpec]] = field(default_factory=dict)
    lifted: dict[Removal, ImportSpec] = field(default_factory=dict)
    dropped: list[Removal] = field(default_factory=list)
    bound: list[tuple[ast.stmt, ImportSpec]] = field(default_factory=list)
    names: dict[str, Chosen] = field(default_factory=dict)
    above: int | None = None
    one_line: set[Site] = field(default_factory=set)
    freed: frozenset[str] = frozenset()

    def need(self, offset: int) -> None:
        """Note that an import must stand above an offset, where it is needed."""
        self.above = min(offset, self.above or offset)

    def cut(self, site: Site) -> tuple[int, int]:
        """From where to where the text of a site takes the place of the old one."""
        cut = self.stretches.get(site) or self.heads.get(site)
        return cut.cut if cut else (site.start, site.end)

    def inside(self, site: Site) -> Iterator[Site]:
        """The other sites that are in what the text of a site takes the place of."""
        first, last = self.cut(site)
        for other in self.texts:
            start, end = self.cut(other)
            if other != site and first <= start and end <= last:
                yield other


def innermost(draft: Draft) -> tuple[list[Site], list[Site]]:
    """Sites that hold no other site, and those that must wait for another round."""
    ordered = sorted(draft.texts, key=lambda s: (draft.cut(s)[0], -draft.cut(s)[1]))
    kept: list[Site] = []
    late: list[Site] = []
    for site, following in zip_longest(ordered, ordered[1:]):
        start, end = draft.cut(following) if following else (NEVER, NEVER)
        first, last = draft.cut(site)
        holds = first <= start and end <= last
        (late if holds else kept).append(site)
    return kept, late


def removal_of(binding: Binding) -> Removal:
    """The part of an import statement that makes a binding."""
    assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
    assert binding.alias is not None
    return Removal(binding.node, binding.alias)


def early_loads(scopes: ScopeTable, name: str) -> list[ast.Name]:
    """The reads of a module's name that run while the module is imported."""
    return [
        node
        for node, scope in scopes.loads(name)
        if not runs_later(scope) and scopes.resolve(name, scope) is scopes.module
    ]
