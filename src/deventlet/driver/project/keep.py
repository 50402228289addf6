"""What the project asks to be left as it is: on a line of its code, or by path.

``# deventlet: keep`` at the end of a line keeps every subject with a site there, in
whichever files its other sites are; what stands behind it is the project's own reason.
Decides nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from deventlet.codemod import Site
from deventlet.config import Config
from deventlet.resolve.project import Project
from deventlet.source.discover import matching
from deventlet.source.keeping import MARK, keep_in


@dataclass(eq=False)
class Keeping:
    """Answers for the subjects of one state of a repository."""

    project: Project
    config: Config

    def place(self, sites: Iterable[Site]) -> str:
        """The place that asks for some sites to stay, with its reason; maybe empty."""
        return next(self._places(sites), "")

    def _places(self, sites: Iterable[Site]) -> Iterator[str]:
        for site in sites:
            if site.path in self._paths:
                yield f"{site.path}, by the setting `keep`"
            elif site.path in self._commented:
                yield from self._said(site)

    def _said(self, site: Site) -> Iterator[str]:
        module = self.project.module(site.path)
        assert module is not None
        for line in range(site.line, site.end_line + 1):
            found = keep_in(module.source.line_bytes(line))
            if found is not None:
                yield f"{site.path}:{line}" + (f", {found.said}" if found.said else "")

    @cached_property
    def _paths(self) -> frozenset[str]:
        """The files that the settings keep."""
        return frozenset(matching(self.project.paths, self.config.keep))

    @cached_property
    def _commented(self) -> frozenset[str]:
        """The files that have such a comment at all."""
        return frozenset(
            path
            for path in self.project.holding(MARK)
            if keep_in(self.project.read_or_empty(path))
        )
