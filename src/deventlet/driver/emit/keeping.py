"""What a file keeps under a name of its own below its imports: ``real = time.sleep``.

Finds the place, a name and the text; whether it is right to do so is for others.
"""

from __future__ import annotations

import ast
from itertools import chain, count

from deventlet.driver.emit.draft import Draft
from deventlet.driver.imports.naming import Chosen
from deventlet.driver.text import statements
from deventlet.driver.text.placeholders import KEPT
from deventlet.resolve.project import Module
from deventlet.source.text import Edit


def own_name(module: Module, wanted: str) -> Chosen:
    """A name of the file's own: ``real_sleep`` for ``time.sleep=``."""
    first = f"real_{wanted.removesuffix(KEPT).rpartition('.')[2]}"
    names = chain((first,), (f"{first}_{n}" for n in count(2)))
    taken = module.scopes.identifiers
    return Chosen(next(name for name in names if name not in taken), None)


def kept_edits(draft: Draft) -> list[Edit]:
    """What puts the assignments below the imports, a blank line apart."""
    held, lines = _held(draft)
    if held is None:
        return []
    source = draft.module.source
    span = statements.extent(source, held)
    assert span is not None
    return [Edit(span[1], span[1], source.newline.join(("", "", *lines)))]


def kept_trees(draft: Draft) -> dict[tuple[int, int], list[ast.stmt]]:
    """The assignments as what is put where the import is; imports are not compared."""
    held, lines = _held(draft)
    if held is None:
        return {}
    return {draft.module.source.span(held): statements.tree_of("\n".join(lines), "")}


def _held(draft: Draft) -> tuple[ast.stmt | None, list[str]]:
    """The import below which they go, if there are any."""
    found = ((w, c) for w, c in draft.names.items() if w.endswith(KEPT))
    parts = ((c.name, *w.removesuffix(KEPT).rpartition(".")) for w, c in found)
    lines = [
        f"{name} = {draft.names[module].name}.{attribute}"
        for name, module, _, attribute in parts
    ]
    module = draft.module
    held = statements.last_import(module.source, module.tree) if lines else None
    return held, lines
