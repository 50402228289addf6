"""What must hold of the imports of a file before they are edited.

Each proof raises :class:`ValueError` with the reason; none of them changes a thing.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from deventlet.driver.emit.draft import NEVER, Draft, early_loads
from deventlet.driver.imports.naming import runs_later
from deventlet.resolve.around import catches_missing
from deventlet.resolve.tree import ancestors
from deventlet.source.imports import Removal
from deventlet.source.text import Edit


def check_free(draft: Draft) -> None:
    """Prove that the imports which take the place of assignments may stand higher up.

    A module of others may look at what the code above has set up for it.

    :raises ValueError: if that code does anything.
    """
    body = draft.module.tree.body
    for held, spec in draft.bound:
        if spec.module.partition(".")[0] in sys.stdlib_module_names:
            continue
        acting = next(filter(_acts, body[: body.index(held)]), None)
        if acting is not None:
            line = acting.lineno
            raise ValueError(f"{spec.module} may look at what line {line} has done")


def _acts(statement: ast.stmt) -> bool:
    """Whether a statement does more than to name something, but for patching."""
    if isinstance(statement, ast.Assign):
        return not all(isinstance(each, ast.Name) for each in statement.targets)
    if isinstance(statement, ast.Expr):
        called = isinstance(statement.value, ast.Call)
        return called and "monkey_patch" not in ast.unparse(statement)
    return isinstance(statement, (ast.For, ast.While, ast.With, ast.Delete))


def check_attempts(draft: Draft, remove: Collection[Removal]) -> None:
    """Prove that no ``except ImportError`` is left with nothing to catch.

    :raises ValueError: if the last import of such a ``try`` goes, and it does more.
    """
    gone = {removal.alias for removal in remove}
    lifted = {removal.alias for removal in draft.lifted}
    for removal in remove:
        above = ancestors(draft.module.tree, removal.statement)[-1]
        if not isinstance(above, ast.Try) or removal.statement not in above.body:
            continue
        names = {
            alias
            for each in above.body
            if isinstance(each, (ast.Import, ast.ImportFrom))
            for alias in each.names
        }
        if names <= gone and not names & lifted and catches_missing(above):
            raise ValueError(f"the try at line {above.lineno} would import nothing")


def check_order(draft: Draft, import_edits: Sequence[Edit]) -> None:
    """Prove that no new import stands below a use that runs before it.

    Compares offsets in the source, where the edits are, so that nothing is parsed
    again.

    :raises ValueError: if one does.
    """
    for name, first in _first_uses(draft):
        word = re.compile(rf"\bimport\b[^\n]*\b{re.escape(name)}\b")
        put = [edit.start for edit in import_edits if word.search(edit.text)]
        if put and min(put) > first:
            raise ValueError(f"the import of {name} would come after its first use")


def _first_uses(draft: Draft) -> Iterator[tuple[str, int]]:
    """Each newly imported name and the offset of its first use on import."""
    for wanted, chosen in draft.names.items():
        if chosen.needed is not None:
            places = draft.places[wanted]
            offsets = [p.offset for p in places if not runs_later(p.scope)]
            yield chosen.needed.bound, min(offsets, default=NEVER)
    scopes, source = draft.module.scopes, draft.module.source
    flat = chain.from_iterable(specs.values() for specs in draft.flatten.values())
    own = (spec for _, spec in draft.bound)
    for spec in chain(draft.swaps.values(), draft.lifted.values(), flat, own):
        offsets = [source.span(node)[0] for node in early_loads(scopes, spec.bound)]
        yield spec.bound, min(offsets, default=NEVER)
