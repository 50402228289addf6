"""When the code at a site runs: while its file is imported, or later.

Reads the code only; which process has patched by then is for the processes to say.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from deventlet.codemod import Site
from deventlet.driver.imports.naming import runs_later
from deventlet.driver.subjects.findings import Findings
from deventlet.resolve.roles import Roles
from deventlet.resolve.scopes import ScopeKind
from deventlet.resolve.taken import taken
from deventlet.resolve.uses import Use
from deventlet.resolve.values import kinds

_IMPORTS = ast.Import, ast.ImportFrom


@dataclass(frozen=True, slots=True)
class When:
    """Answers for the sites of one codemod."""

    findings: Findings
    roles: Roles

    def runs_on_import(self, site: Site) -> bool:
        """Whether a call runs while its file is imported, not as a script."""
        use = self.findings.uses.get(site)
        if use is None or runs_later(use.scope):
            return False
        called = site.form == "call" or (
            _has_attribute(use) and taken(use, self.roles).how == "called"
        )
        if not called:
            return False
        return not any(
            isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
            for node in use.parents
        )

    def from_line(self, site: Site) -> int:
        """The first line on which what stands at a site may be after a rewrite.

        An import may be written anywhere among those that it stands with, but not
        into a line that something else begins.
        """
        if site not in self.findings.imports:
            return site.line
        line = site.line
        module, _ = self.findings.imports[site]
        above = [each for each in module.tree.body if each.lineno <= site.line]
        while above:
            statement = above.pop()
            here = site.line <= (statement.end_lineno or 0)
            if not here and not _begins_imports(statement, above):
                break
            line = statement.lineno
        return line

    def makes_on_import(self, site: Site) -> bool:
        """Whether an object is made while the file is imported, for later."""
        return site.api in kinds.CONSTRUCTORS and self.runs_on_import(site)

    def binds_on_import(self, site: Site) -> bool:
        """Whether a name of a module is taken while the file is imported, for later."""
        if site in self.findings.imports:
            return self.findings.imports[site][1].scope.kind is ScopeKind.MODULE
        use = self.findings.uses.get(site)
        return use is not None and self.reads_on_import(site) and _has_attribute(use)

    def reads_on_import(self, site: Site) -> bool:
        """Whether a reference is evaluated while the file is imported, for later.

        As a default argument, in the body of a class, or to be bound to a name.
        """
        use = self.findings.uses.get(site)
        return (
            use is not None and site.form == "reference" and not runs_later(use.scope)
        )

    def definition(self, site: Site) -> str | None:
        """The top-level definition that holds the site."""
        use = self.findings.uses.get(site)
        parents = use.parents if use is not None else []
        top = parents[1] if len(parents) > 1 else None
        if isinstance(top, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return top.name
        return None

    def method(self, site: Site) -> str:
        """The method of a top-level class that holds the site; maybe empty."""
        use = self.findings.uses.get(site)
        match use.parents[1:3] if use is not None else []:
            case [ast.ClassDef(), ast.FunctionDef(name=name)]:
                return name
        return ""


def _has_attribute(use: Use) -> bool:
    """Whether something is taken of what a use denotes: ``socket.socket``."""
    return isinstance(use.parents[-1], ast.Attribute)


def _begins_imports(statement: ast.stmt, above: Sequence[ast.stmt]) -> bool:
    """Whether an import may be written above a statement: one that begins its line."""
    begun = (each for each in above if (each.end_lineno or 0) >= statement.lineno)
    return all(isinstance(each, _IMPORTS) for each in (statement, *begun))
