"""Whether two versions of a file differ in statements that hold an edit, and no others.

A *piece* is a simple statement or the head of a compound one, without imports and
``pass``. The pieces of both versions are aligned. One that is gone has to hold an edit,
and one that is new has to be beside one that does; what is the same has to stand in the
same blocks, apart from those whose heads changed. Of a piece that an expression of is
edited, all names and constants outside of the edits have to be there still.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchmarks.census.steps import Edit, Span

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_WHOLE = frozenset({"Instead", "ReplaceAround", "Fold", "Import", "Unwrap"})
"""Actions that change more than the site: its statement, or the call around it."""
_WITH_BLOCKS = frozenset({"Fold", "Unwrap"})
"""Those of them that put something in the place of a statement and what is in it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement, or the head of one.

    :param text: its syntax, without places.
    :param parents: positions of the heads around it, and the names of their blocks.
    :param lines: first and last line.
    """

    node: ast.AST
    text: str
    parents: tuple[tuple[int, str], ...]
    lines: range
    edits: tuple[Edit, ...] = ()
    dropped: bool = False


def differences(
    old: ast.Module, new: ast.Module, edits: Sequence[Edit]
) -> Iterator[tuple[int, str]]:
    """What differs beside the edits: a line of the old file, and what it is."""
    yield from _block(old.body, new.body, edits)


def pieces(statements: Iterable[ast.AST], edits: Sequence[Edit]) -> list[Piece]:
    """The pieces of some statements, from the first line to the last."""
    found: list[Piece] = []
    _collect(statements, edits, (), False, found)
    return found


def only_imports(node: ast.AST) -> bool:
    """An import, a ``pass``, or a ``try`` that only chooses between imports.

    And a function that is kept beside them: ``real_sleep = time.sleep``.
    """
    if not isinstance(node, ast.Try):
        plain = isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)
        return plain or _keeps(node)
    handlers = [handler.body for handler in node.handlers]
    blocks = (node.body, node.orelse, node.finalbody, *handlers)
    return all(map(only_imports, [inner for block in blocks for inner in block]))


def _keeps(node: ast.AST) -> bool:
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Attribute(value=ast.Name(), attr=attribute),
        ):
            return name == f"real_{attribute}"
    return False


# Alignment -------------------------------------------------------------------------


def _block(
    old: Sequence[ast.AST], new: Sequence[ast.AST], edits: Sequence[Edit]
) -> Iterator[tuple[int, str]]:
    """Two blocks: statements that are the same are skipped, others looked into."""
    left, right = ([n for n in each if not only_imports(n)] for each in (old, new))
    texts = [[ast.dump(node) for node in each] for each in (left, right)]
    for tag, i, j, k, m in _opcodes(*texts):
        if tag == "equal":
            continue
        gone, come = left[i:j], right[k:m]
        if len(gone) == len(come) and all(map(_same_head, gone, come)):
            for one, two in zip(gone, come, strict=True):
                yield from _inside(one, two, edits)
        else:
            beside = [*left[max(i - 1, 0) : i], *left[j : j + 1]]
            yield from _region(gone, come, beside, edits)


def _same_head(one: ast.AST, two: ast.AST) -> bool:
    return bool(_blocks(one)) and _head(one) == _head(two)


def _inside(
    one: ast.AST, two: ast.AST, edits: Sequence[Edit]
) -> Iterator[tuple[int, str]]:
    for name in _blocks(one):
        yield from _block(getattr(one, name), getattr(two, name), edits)


def _region(
    gone: Sequence[ast.AST],
    come: Sequence[ast.AST],
    beside: Sequence[ast.AST],
    edits: Sequence[Edit],
) -> Iterator[tuple[int, str]]:
    """Statements that are not the same, piece by piece."""
    old, new = pieces(gone, edits), pieces(come, ())
    near = any(piece.edits for piece in pieces(beside, edits))
    texts = [[piece.text for piece in each] for each in (old, new)]
    same: dict[int, int] = {}
    for tag, i, j, k, m in _opcodes(*texts):
        if tag == "equal":
            same |= zip(range(i, j), range(k, m), strict=True)
            continue
        around = old[max(i - 1, 0) : j + 1]
        yield from _lost(old[i:j], new[k:m])
        if not (near or any(piece.edits for piece in around)):
            line = _line(around or old, beside)
            yield from ((line, f"new: {piece.text[:120]}") for piece in new[k:m])
    yield from _moved(old, new, same)


def _opcodes(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())


def _line(pieces: Sequence[Piece], beside: Sequence[ast.AST]) -> int:
    if pieces:
        return pieces[0].lines.start
    return next((int(getattr(node, "lineno", 1)) for node in beside), 1)


def _lost(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    """Pieces without an edit that are gone, and what is gone beside an edit."""
    for piece in old:
        if not piece.edits and not piece.dropped:
            yield piece.lines.start, f"gone: {piece.text[:120]}"
    there = Counter(leaf for piece in new for leaf in _leaves(piece.node, ()))
    for piece in old:
        if not any(edit.action in _WHOLE for edit in piece.edits) and piece.edits:
            gone = Counter(_leaves(piece.node, piece.edits)) - there
            if gone:
                said = ", ".join(sorted(gone))
                yield piece.lines.start, f"gone beside the edit: {said[:120]}"


def _moved(
    old: Sequence[Piece], new: Sequence[Piece], same: dict[int, int]
) -> Iterator[tuple[int, str]]:
    """Pieces that stand in another block, leaving out heads that changed."""
    kept = set(same.values())
    for here, there in same.items():
        before = [(same[n], name) for n, name in old[here].parents if n in same]
        after = [each for each in new[there].parents if each[0] in kept]
        if before != after:
            yield old[here].lines.start, f"in another block: {old[here].text[:120]}"


# Pieces ----------------------------------------------------------------------------


def _collect(
    statements: Iterable[ast.AST],
    edits: Sequence[Edit],
    parents: tuple[tuple[int, str], ...],
    dropped: bool,
    found: list[Piece],
) -> None:
    for node in statements:
        if only_imports(node):
            continue
        lines, own = _lines(node), _edits_of(node, edits)
        number = len(found)
        found.append(Piece(node, _head(node), parents, lines, own, dropped))
        folds = dropped or any(
            edit.action in _WITH_BLOCKS or (edit.action == "Instead" and _is_one(node))
            for edit in own
        )
        for name in _blocks(node):
            inner = (*parents, (number, name))
            _collect(getattr(node, name), edits, inner, folds, found)


def _is_one(node: ast.AST) -> bool:
    """Whether a block is one simple statement: a call that gets the block's timeout."""
    body = getattr(node, "body", [])
    return len(body) == 1 and not _blocks(body[0])


def _blocks(node: ast.AST) -> list[str]:
    """The names of a statement's blocks."""
    if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
        return []
    return [name for name in BLOCKS if isinstance(getattr(node, name, None), list)]


def _head(node: ast.AST) -> str:
    """A statement without its blocks; ``else`` and ``finally`` say that they exist."""
    blocks = _blocks(node)
    fields = {
        name: [] if name in blocks else value for name, value in ast.iter_fields(node)
    }
    there = [name for name in blocks if getattr(node, name) and name != "body"]
    return ast.dump(type(node)(**fields)) + "".join(there)


def _first(node: ast.AST) -> tuple[int, int]:
    """Where a statement starts, with its decorators."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.pattern.col_offset
    found = [node, *getattr(node, "decorator_list", [])]
    return min((each.lineno, each.col_offset) for each in found)


def _end(node: ast.AST) -> tuple[int, int]:
    """Where the head of a statement ends."""
    starts = [_first(each) for name in _blocks(node) for each in getattr(node, name)]
    if starts:
        return min(starts)
    return int(getattr(node, "end_lineno", 0)), int(getattr(node, "end_col_offset", 0))


def _lines(node: ast.AST) -> range:
    (start, _), (end, _) = _first(node), _end(node)
    return range(start, max(start + 1, end if _blocks(node) else end + 1))


def _edits_of(node: ast.AST, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    first, end = _first(node), _end(node)
    found = [edit for edit in edits if first <= edit.span[:2] < end]
    if isinstance(node, ast.Try):  # that goes with the block in it
        inner = [edit for edit in edits if edit.action == "Unwrap"]
        last = _end(node.body[0])
        found += [edit for edit in inner if end <= edit.span[:2] < last]
    if isinstance(node, ast.If) and not node.orelse:  # that goes with all in it
        whole = [edit for edit in edits if edit.action == "Instead"]
        within = [_edits_of(each, whole) for each in node.body]
        found += (edit for each in within for edit in each if all(within))
    return tuple(found)


def _leaves(node: ast.AST, edits: Sequence[Edit]) -> Iterator[str]:
    """The names and constants of a piece that are in no edit."""
    spans = [edit.span for edit in edits]
    moved = [edit.span for edit in edits if edit.action == "Retarget"]
    pending: list[ast.AST] = [node]
    skipped: set[ast.AST] = set()
    while pending:
        each = pending.pop()
        if _span(each) in spans or each in skipped:
            continue
        skipped.update(_names_of_mocks(each, moved))
        for name, value in ast.iter_fields(each):
            if name in BLOCKS and isinstance(each, ast.stmt | ast.ExceptHandler):
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.AST):
                    pending.append(item)
                elif item is not None and name not in ("kind", "type_comment"):
                    yield repr(item)


def _names_of_mocks(node: ast.AST, moved: Sequence[Span]) -> list[ast.expr]:
    """The ``"sleep"`` of ``patch.object(eventlet, "sleep")``, if the mock moves."""
    if isinstance(node, ast.Call) and node.args and _span(node.args[0]) in moved:
        return node.args[1:2]
    return []


def _span(node: ast.AST) -> Span | None:
    if not isinstance(node, ast.expr):
        return None
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0
