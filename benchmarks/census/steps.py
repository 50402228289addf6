"""What each patch of a series says that it changes, by the run that writes the patches.

The checks hold the files against this: what changes beside it is a failure.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.census.tools import checked

Span = tuple[int, int, int, int]
"""First line, byte column, last line and byte column of an expression."""

_NOTING = """
import json, sys
from pathlib import Path
from deventlet.cli import apply, main

def said(outcome):
    return {
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

def noting(*args, **kwargs):
    outcomes = compute(*args, **kwargs)
    note.write_text(json.dumps([said(outcome) for outcome in outcomes]))
    return outcomes

compute, apply.compute = apply.compute, noting
note = Path(sys.argv.pop(1))
main()
"""
"""The command line, which also notes what it has computed in the file named first."""


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


def write_patches(
    folder: Path, patches: Path, options: Sequence[str]
) -> tuple[str, list[Step]]:
    """Run ``apply --all --patch-dir`` in a checkout.

    :returns: what it says, and the codemods that change something, in their order.
    """
    note = patches.with_suffix(".said.json")
    arguments = ["apply", "--all", f"--patch-dir={patches}", *options]
    done = checked([sys.executable, "-c", _NOTING, str(note), *arguments], folder)
    steps = map(_step, json.loads(note.read_text()))
    return done.stdout, [step for step in steps if step.changes]


def _step(said: Any) -> Step:
    edits = (Edit(path, tuple(span), action) for path, *span, action in said["edits"])
    return Step(
        said["codemod"],
        tuple(said["changes"]),
        frozenset(said["beside"]),
        tuple(edits),
    )
