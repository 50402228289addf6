"""Answer which names a rewrite may write, and what names mean at a site.

A name that a codemod asks for is a placeholder until every subject of a file is
decided.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import chain, count

import libcst as cst

from deventlet import codemod
from deventlet.codemod import (
    Site,
)
from deventlet.config import Config
from deventlet.driver.context.places import path_at
from deventlet.driver.facts.bound import (
    default_of,
    is_builtin,
    number_of,
    value_of,
)
from deventlet.driver.facts.made import makers
from deventlet.driver.facts.means import is_error_class, meaning
from deventlet.driver.imports.naming import is_unused, shadow, where_statements_bind
from deventlet.driver.imports.needs import Needs
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text import statements
from deventlet.driver.text.placeholders import KEPT, meant, placeholder
from deventlet.driver.text.printing import print_expression
from deventlet.resolve.facts import (
    Need,
)
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project
from deventlet.resolve.scopes import BindingKind

_GREEN = "eventlet.green."


@dataclass(frozen=True, slots=True)
class NamesContext(codemod.Names):
    """Names to write, and the meaning of those that stand there."""

    findings: Findings
    project: Project
    processes: Processes
    needs: Needs
    config: Config

    def name_of(self, module: str, attribute: str) -> cst.BaseExpression:
        return cst.Attribute(self.module(module), cst.Name(attribute))

    def module(self, name: str) -> cst.BaseExpression:
        return cst.Name(placeholder(name))

    def itself(self, module: str, attribute: str) -> cst.BaseExpression:
        return self.module(f"{module}.{attribute}")

    def kept(
        self, module: str, attribute: str, site: Site
    ) -> cst.BaseExpression | None:
        home = self.findings.use(site).module
        held = statements.last_import(home.source, home.tree)
        if held is None or home.scopes.module.star_imports:
            return None
        if b"eventlet" in home.source.utf8[slice(*home.source.span(held))]:
            return None  # it may go
        line = (held.end_lineno or 0) + 1
        if site.line < line or self.processes.early(module, site.path, line):
            return None
        return cst.Name(placeholder(f"{module}.{attribute}{KEPT}"))

    def helper(self, option: str, site: Site) -> cst.BaseExpression | None:
        # What a green module gives becomes what the standard module gives, whichever
        # codemod comes first.
        dotted, use = self.config.helper(option), self.findings.uses.get(site)
        if dotted is None or (use is not None and use.dotted.startswith(_GREEN)):
            return None
        module, _, name = dotted.rpartition(".")
        own = self.project
        home = own.by_name.get(module)
        if home == site.path:
            return None if self._is_inside(name, site) else cst.Name(name)
        if home is not None and own.names[site.path] in own.closure(module):
            return None  # importing the helper here would be a circular import
        return self.name_of(module, name)

    def dotted(self, named: cst.BaseExpression) -> str:
        return meant(print_expression(named))

    def local_name(self, name: str, site: Site) -> str:
        use, owner = self.findings.uses[site], self.findings.owners[site]
        scope = where_statements_bind(use.scope)
        for each in chain((name,), (f"{name}_{n}" for n in count(2))):
            given = self.findings.given.get((scope, each))
            if given == owner or (given is None and is_unused(use, each, scope)):
                self.findings.given[scope, each] = owner
                return each
        raise AssertionError("there is no end of names")

    def shadow(self, module: str, site: Site) -> str | None:
        home = self.project.module(site.path)
        return shadow(self.project, home, module) if home is not None else None

    def imports(self, module: str, site: Site) -> bool:
        home, own = self.findings.imports[site]
        return any(
            binding.kind is BindingKind.IMPORT
            and binding.alias is not None
            and binding.alias.name == module
            and binding.name != own.name
            for binding in chain.from_iterable(home.scopes.module.bindings.values())
        )

    def need(self, site: Site) -> Need | None:
        return self.needs.of(site)

    def builtin(self, name: str, site: Site) -> bool:
        return is_builtin(name, self.findings.uses[site])

    def number(self, name: str, site: Site) -> float | None:
        return number_of(name, self.findings.uses[site])

    def value(self, name: str, site: Site) -> cst.BaseExpression | None:
        return _as_node(value_of(name, self.findings.uses[site]))

    def default(self, name: str, site: Site) -> cst.BaseExpression | None:
        return _as_node(default_of(name, self.findings.uses[site]))

    def meaning(self, expression: str, site: Site) -> str:
        return meaning(self.findings.uses[site], expression)

    def is_error_class(self, expression: str, site: Site) -> bool:
        use = self.findings.uses[site]
        return is_error_class(self.project, use, expression)

    def made_by(self, expression: str, site: Site) -> frozenset[str]:
        return makers(self.project, self.findings.uses[site], expression)

    def path(self, site: Site) -> str:
        return path_at(self.findings, site)

    def _is_inside(self, name: str, site: Site) -> bool:
        """Whether a site is part of the function of that name."""
        parents = self.findings.uses[site].parents
        return any(getattr(node, "name", None) == name for node in parents)


def _as_node(expr: ast.expr | None) -> cst.BaseExpression | None:
    return cst.parse_expression(ast.unparse(expr)) if expr is not None else None
