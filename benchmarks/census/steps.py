"""What each patch of a series says that it changes, from a process of its own.

The checks hold the files against this: what changes beside it is a failure.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.census.tools import must

Span = tuple[int, int, int, int]
"""First line, byte column, last line and byte column of an expression."""

_SAY = """
import json, sys
from pathlib import Path
from deventlet.cli.project import open_project, refuse_interrupted
from deventlet.driver.run import Request
from deventlet.registry import pages
from deventlet.series.chunks import Split
from deventlet.series.compute import compute

tree, config = open_project([Path()], refuse_interrupted)
files, selected = tree.files, frozenset(tree.selected)
request = Request(tree.root, files, selected, config, frozenset(sys.argv[1:]))
never = lambda outcome, known: frozenset()
print(json.dumps([
    {
        "codemod": outcome.page.name,
        "changes": sorted(outcome.changes),
        "beside": sorted(outcome.beside | outcome.created),
        "edits": [
            [site.path, site.line, site.column, site.end_line, site.end_column,
             type(action).__name__]
            for verdict in outcome.verdicts if verdict.applies
            for site, action in verdict.rewrite.actions.items()
        ],
    }
    for outcome in compute(list(pages().values()), request, {}, Split(), never)
]))
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that a patch does, by the name of the action in the contract."""

    path: str
    span: Span
    action: str


@dataclass(frozen=True, slots=True)
class Step:
    """One codemod of a series.

    :param changes: every file that changes.
    :param beside: of these, the ones that change without a site, or are new.
    """

    codemod: str
    changes: tuple[str, ...]
    beside: frozenset[str]
    edits: tuple[Edit, ...]


def steps(folder: Path, assume: Sequence[str]) -> list[Step]:
    """The codemods that change something in a checkout, in their order."""
    said = json.loads(must([sys.executable, "-c", _SAY, *assume], folder))
    return [_step(each) for each in said if each["changes"]]


def _step(said: Any) -> Step:
    edits = (Edit(path, tuple(span), action) for path, *span, action in said["edits"])
    return Step(
        said["codemod"],
        tuple(said["changes"]),
        frozenset(said["beside"]),
        tuple(edits),
    )
