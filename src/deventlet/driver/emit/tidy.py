"""What the edits of a file leave around them: blank lines, and words about a place.

Takes the edits of sites and of imports together; changes nothing but deletions, and
comments that were for what is gone. Knows nothing of Eventlet.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from deventlet.source.text import Edit, SourceFile

_BLANK_ABOVE = re.compile(rb"(?:^[ \t]*\r?\n)*\Z", re.MULTILINE)
_BLANK_BELOW = re.compile(rb"(?:[ \t]*\r?\n)*")
_OPENING = re.compile(rb":[ \t]*\r?\n\Z|\A(?:[ \t]*#[^\n]*\n|[ \t]*\r?\n)*\Z")
_PLACED = re.compile(rb"[ \t]*#[ \t]*noqa:[ \t]*E402[ \t]*(?=\r?$)", re.MULTILINE)
"""What says no more than that an import stands below other code."""
_LISTED = re.compile(
    r"[ \t]*#[ \t]*noqa:[ \t]*((?:[A-Z]+\d+)(?:[ \t]*,[ \t]*[A-Z]+\d+)*)[ \t]*\Z"
)
"""A comment that says nothing but which checks a line is excepted from."""


def united(source: SourceFile, edits: Iterable[Edit]) -> list[Edit]:
    """Edits in order, with deletions that overlap or touch as one.

    An import and a statement below it may both take the blank lines between them, or
    leave those around. At the beginning of a file the blank lines below go along, at
    its end those above.
    """
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        last = found[-1] if found else Edit(0, 0, "-")
        if edit.start <= last.end and not (edit.text or last.text):
            joined = replace(last, end=max(edit.end, last.end))
            inside = _is_in_line(source, joined)
            tidied = _without_semicolon if inside else _without_gap
            found[-1] = tidied(source, joined)
        else:
            found.append(edit)
    if found and not found[-1].text and found[-1].end == len(source.utf8):
        found[-1] = replace(found[-1], start=_content_end(source, found[-1].start))
    opens = found and not found[0].text and found[0].start == 0
    if opens and not _is_in_line(source, found[0]):
        limit = found[1].start if len(found) > 1 else len(source.utf8)
        end = _content_start(source, found[0].end)
        found[0] = replace(found[0], end=min(end, limit))
    return found


def _is_in_line(source: SourceFile, edit: Edit) -> bool:
    """Whether a deletion begins, or ends, beside something that stays on its line."""
    line, column = source.position(edit.start)
    before = source.line_bytes(line)[:column].strip()
    if before and source.utf8[edit.start : edit.start + 1] not in b"\r\n":
        return True
    line, column = source.position(edit.end)
    return bool(column and source.line_bytes(line)[column:].strip())


def _without_semicolon(source: SourceFile, edit: Edit) -> Edit:
    """A deletion of the last statements of a line, with what parts them from others."""
    before = source.utf8[: edit.start].rstrip(b" \t")
    line = source.position(edit.end)[0]
    end = source.offset(line, 0) + len(source.line_bytes(line))
    last = not source.utf8[edit.end : end].strip() and before.endswith(b";")
    start = len(before[:-1].rstrip(b" \t")) if last else edit.start
    return replace(edit, start=start)


def _without_gap(source: SourceFile, edit: Edit) -> Edit:
    """A deletion that leaves as many blank lines as there were on one of its sides.

    None at the beginning of a block.
    """
    text = source.utf8
    inside = text[edit.start : edit.end]
    start = edit.start + len(inside) - len(inside.lstrip(b" \t\r\n"))
    start = source.offset(source.position(start)[0], 0)
    last = len(text[: edit.end].rstrip(b" \t\r\n"))
    end = _lines_below(text, last, 1)
    above = _BLANK_ABOVE.search(text[:start])
    below = _BLANK_BELOW.match(text, end)
    assert above is not None
    assert below is not None
    lines = below[0].splitlines(keepends=True)
    gone = len(lines)
    if above[0] or not _OPENING.search(text[:start]):
        gone = min(gone, len(above[0].splitlines()))
    return Edit(start, end + len(b"".join(lines[:gone])), "")


def _lines_below(text: bytes, offset: int, count: int) -> int:
    """The offset a number of lines further down, or the end."""
    for _ in range(count):
        offset = text.find(b"\n", offset) + 1 or len(text)
    return offset


def _content_end(source: SourceFile, offset: int) -> int:
    """Where the blank lines above an offset begin, at which a file is to end."""
    end = len(source.utf8[:offset].rstrip(b" \t\r\n"))
    if end and source.utf8.endswith(b"\n"):
        return source.offset(source.position(end)[0] + 1, 0)
    return end


def _content_start(source: SourceFile, offset: int) -> int:
    """The beginning of the first line at or below an offset that is not blank."""
    rest = source.utf8[offset:]
    first = offset + len(rest) - len(rest.lstrip(b" \t\r\n"))
    return source.offset(source.position(first)[0], 0) if rest.strip() else offset


# -- words about what is gone ------------------------------------------------------


def explained(
    source: SourceFile,
    tree: ast.Module,
    edits: Sequence[Edit],
    module: str,
    word: bytes,
) -> list[Edit]:
    """The edits that take a comment with the import below it, which it is about.

    :param module: what is imported.
    :param word: what the comment has to say.
    """
    found: list[Edit] = []
    for node in ast.walk(tree) if word in source.utf8 else ():
        named = isinstance(node, ast.Import) and node.names[0].name == module
        if named and isinstance(node, ast.stmt) and _is_deleted(source, node, edits):
            end = source.offset(node.lineno, 0)
            start = _comment_start(source, node.lineno)
            if word in source.utf8[start:end]:
                found.append(Edit(start, end, ""))
    return found


def _comment_start(source: SourceFile, line: int) -> int:
    """Where the comment lines directly above a line begin."""
    while line > 1 and source.line_bytes(line - 1).lstrip().startswith(b"#"):
        line -= 1
    return source.offset(line, 0)


# -- words about a place ------------------------------------------------------------


def freed(source: SourceFile, tree: ast.Module, edits: Sequence[Edit]) -> list[Edit]:
    """The edits that take ``# noqa: E402`` from imports that no code stands above now.

    Only for those below a statement that is deleted: others said so before.
    """
    found: list[Edit] = []
    below = False
    for statement in tree.body:
        if _is_deleted(source, statement, edits):
            below = below or not isinstance(statement, _IMPORTS)
        elif isinstance(statement, _IMPORTS):
            found += _said(source, statement, edits) if below else ()
        elif not _is_text(statement):
            break
    return found


_IMPORTS = (ast.Import, ast.ImportFrom)


def _is_deleted(source: SourceFile, node: ast.stmt, edits: Sequence[Edit]) -> bool:
    start, end = source.span(node)
    return any(not e.text and e.start <= start and end <= e.end for e in edits)


def _said(source: SourceFile, node: ast.stmt, edits: Sequence[Edit]) -> Iterator[Edit]:
    """The comments on the lines of a statement that nothing else changes."""
    start = source.offset(node.lineno, 0)
    last = node.end_lineno or node.lineno
    end = source.offset(last, 0) + len(source.line_bytes(last))
    if any(edit.start <= end and start <= edit.end for edit in edits if edit.text):
        return
    if any(edit.start < end and start < edit.end for edit in edits):
        return
    for match in _PLACED.finditer(source.utf8, start, end):
        yield Edit(match.start(), match.end(), "")


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def outgrown(source: SourceFile, edits: Iterable[Edit], length: int) -> list[Edit]:
    """The edits that take from ``# noqa: E501, H301`` what a line needs no more.

    Only of lines that change: E501 where the line is short enough now and was not,
    H301 where an import is left with one name.

    :param length: the columns that a line of the project may have.
    """
    inside: dict[int, list[Edit]] = defaultdict(list)
    for edit in edits:
        first, last = (source.position(at)[0] for at in (edit.start, edit.end))
        for line in range(first, last + 1):
            inside[line].append(edit)
    found = (_excepted(source, line, inside[line], length) for line in sorted(inside))
    return [edit for edit in found if edit is not None]


def _excepted(
    source: SourceFile, number: int, edits: Sequence[Edit], length: int
) -> Edit | None:
    """The shorter comment of a line, if it has one that says too much now."""
    line = source.line_bytes(number).decode().rstrip("\r\n")
    said = _LISTED.search(line)
    start = source.offset(number, 0)
    if said is None:
        return None
    old = line[: said.start()]
    end = start + len(old.encode())
    if any(edit.start < start or edit.end > end or "\n" in edit.text for edit in edits):
        return None
    new = _put(old.encode(), [(e.start - start, e.end - start, e.text) for e in edits])
    codes = [code.strip() for code in said[1].split(",")]
    left = [code for code in codes if not (code == "H301" and _has_one_name(old, new))]
    short = _comment(said[0], [code for code in left if code != "E501"])
    if len(old) > length >= len(new + short):
        left = [code for code in left if code != "E501"]
    text = _comment(said[0], left)
    return Edit(end, end + len(said[0].encode()), text) if left != codes else None


def _put(text: bytes, edits: Iterable[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return text.decode()


def _comment(said: str, codes: Sequence[str]) -> str:
    """A comment with fewer codes, parted as they were; nothing without any."""
    (head,) = re.findall(r".*?:[ \t]*", said)
    return head + (", " if ", " in said else ",").join(codes) if codes else ""


def _has_one_name(old: str, new: str) -> bool:
    """Whether an import of several names is one of a single name now."""
    return _names(old) > 1 == _names(new)


def _names(text: str) -> int:
    """How many names an import on one line has; 0 for anything else."""
    try:
        (statement,) = ast.parse(text.strip()).body
    except (SyntaxError, ValueError):
        return 0
    return len(statement.names) if isinstance(statement, _IMPORTS) else 0
