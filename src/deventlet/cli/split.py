"""How the patches of a command are split, as the command line asks for it.

Apart from what every command begins with: a scan splits nothing, and what builds
patches takes a while to import.
"""

from __future__ import annotations

from deventlet.resolve.project import Project
from deventlet.series.chunks import By, Split
from deventlet.series.services import services_of
from deventlet.source.discover import Tree


def split_of(tree: Tree, by: By, max_lines: int | None) -> Split:
    """How patches are to be split, with what that takes to know of the project."""
    if by != "service":
        return Split(by, max_lines)
    return Split(by, max_lines, services_of(Project(tree.root, tree.files)))
