"""Everything that can be said about one changed file by itself."""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyflakes.checker import Checker  # type: ignore[import-untyped]

from benchmarks.census.pieces import differences, only_imports, pieces
from benchmarks.census.steps import Edit, Step
from benchmarks.census.tools import blob, git


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that did not hold, in one line, and the hunk that shows it."""

    check: str
    where: str
    message: str
    hunk: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed file.

    :param edits: what the patch says it does there.
    :param beside: whether it says that the file changes without a site.
    :param hunks: the lines that went and those that came, as git sees them.
    """

    path: str
    before: bytes
    after: bytes
    edits: tuple[Edit, ...] = ()
    beside: bool = False
    hunks: tuple[tuple[range, range], ...] = ()

    def hunk(self, line: int) -> str:
        """The part of the diff that holds a line of the new file, or all of it."""
        old, new = (_text(each).splitlines() for each in (self.before, self.after))
        diff = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
        starts = [n for n, row in enumerate(diff) if row.startswith("@@")]
        for start, stop in zip(starts, [*starts[1:], len(diff)], strict=True):
            _, new_range = ranges(diff[start])
            if line in new_range:
                return "\n".join(diff[start:stop])
        return "\n".join(diff)


def changes(folder: Path, before: str, after: str, step: Step | None) -> list[Change]:
    """The files in which two commits differ.

    :param step: what the patch between them says; None if it is many.
    """
    listed = git(folder, "diff", "--no-renames", "--name-only", "-z", before, after)
    hunks = _hunks(folder, before, after)
    edits = step.edits if step else ()
    return [
        Change(
            path,
            blob(folder, f"{before}:{path}"),
            blob(folder, f"{after}:{path}"),
            tuple(edit for edit in edits if edit.path == path),
            step is not None and path in step.beside,
            tuple(hunks.get(path, ())),
        )
        for path in listed.split("\0")[:-1]
    ]


def _hunks(
    folder: Path, before: str, after: str
) -> dict[str, list[tuple[range, range]]]:
    """The hunks between two commits, by the path."""
    options = ("-c", "core.quotePath=false", "diff", "-U0", "--no-color")
    diff = git(folder, *options, "--no-renames", before, after)
    found: dict[str, list[tuple[range, range]]] = {}
    path = ""
    for row in diff.split("\n"):
        if row.startswith("diff --git "):
            path = row.rpartition(" b/")[2]
        elif row.startswith("@@ "):
            found.setdefault(path, []).append(ranges(row))
    return found


def ranges(header: str) -> tuple[range, range]:
    """The lines of a hunk in the old file and in the new one."""
    found = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", header)
    assert found is not None
    first, count, new, more = (int(1 if n is None else n) for n in found.groups())
    return range(first, first + count), range(new, new + more)


# Checks ----------------------------------------------------------------------------


def right(change: Change) -> Iterator[Failure]:
    """What is wrong with one file."""
    if not change.path.endswith(".py"):
        yield from _same_other_lines(change)
        return
    try:
        _parsed(change.after)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        yield Failure("compile", change.path, str(error), change.hunk(line))
        return
    yield from pyflakes(change)
    if not change.beside:
        for check in (_same_elsewhere, _same_lines, _keeps_comments):
            yield from check(change)


def pyflakes(change: Change) -> Iterator[Failure]:
    """No message that was not there before, such as an undefined or unused name."""
    old = Counter(message for message, _ in _messages(change.before))
    for message, line in _messages(change.after):
        if old[message]:
            old[message] -= 1
        else:
            where = f"{change.path}:{line}"
            yield Failure("pyflakes", where, message, change.hunk(line))


def _messages(content: bytes) -> list[tuple[str, int]]:
    """What pyflakes says, without line numbers in the words, and the line."""
    return [
        (re.sub(r" line \d+", "", each.message % each.message_args), each.lineno)
        for each in Checker(_parsed(content)).messages
    ]


def _same_elsewhere(change: Change) -> Iterator[Failure]:
    """Without imports, only statements that hold an edit differ."""
    before, after = _parsed(change.before), _parsed(change.after)
    for line, said in differences(before, after, change.edits):
        yield Failure("tree", f"{change.path}:{line}", said, _old_hunk(change, line))


def _same_lines(change: Change) -> Iterator[Failure]:
    """Only lines of imports, of statements with an edit, and blank ones differ.

    Lines whose indentation changes are the same, too.
    """
    before, after = (_parsed(each) for each in (change.before, change.after))
    old, new = (_text(each).split("\n") for each in (change.before, change.after))
    edited = {
        line
        for piece in pieces(before.body, change.edits)
        if piece.edits or piece.dropped
        for line in piece.lines
    } | {line for edit in change.edits for line in _lines_of(edit)}
    removable = edited | _imports(before) | _blank(old)
    addable = _imports(after) | _blank(new)
    for gone, come in change.hunks:
        left = Counter(new[line - 1].lstrip() for line in come)
        bad = [n for n in gone if n not in removable and not _take(left, old[n - 1])]
        near = range(gone.start - 1, gone.stop + 1) if gone else _around(gone.start)
        if not edited.intersection(near):
            bad += set(come) - addable
        if bad:
            where = f"{change.path}:{min(bad)}"
            why = "changed outside of edits and imports"
            yield Failure("lines", where, why, change.hunk(come.start))


def _take(left: Counter[str], line: str) -> bool:
    """Whether a line is there still but for its indentation, once for each."""
    found = left[line.lstrip()] > 0
    left[line.lstrip()] -= found
    return found


def _around(line: int) -> range:
    """The lines beside a place between two: after the one that git names."""
    return range(line, line + 2)


def _lines_of(edit: Edit) -> range:
    return range(edit.span[0], edit.span[2] + 1)


def _imports(tree: ast.Module) -> set[int]:
    """The lines of statements that only import."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and only_imports(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _blank(lines: list[str]) -> set[int]:
    return {number for number, line in enumerate(lines, 1) if not line.strip()}


def _same_other_lines(change: Change) -> Iterator[Failure]:
    """Of a file that is not Python, only lines that the patch names differ."""
    edited = {line for edit in change.edits for line in _lines_of(edit)}
    for gone, come in change.hunks:
        bad = set(gone) - edited
        if (bad or not gone) and not change.beside:
            where = f"{change.path}:{come.start}"
            yield Failure("lines", where, "not said", change.hunk(come.start))


def _keeps_comments(change: Change) -> Iterator[Failure]:
    """Every comment is still there, but for those of an import that is gone."""
    kept = {line.split("#")[0].strip() for line in _text(change.after).split("\n")}
    lost = _comments(change.before) - _comments(change.after)
    for comment, line in lost:
        code = line.split("#")[0].strip()
        if code in kept or not re.match(r"import\b|from\b", code):
            yield Failure("comment", change.path, f"lost: {comment}", change.hunk(0))


def _comments(content: bytes) -> Counter[tuple[str, str]]:
    """Comments, those on the line of an import with the line."""
    found = tokenize.tokenize(io.BytesIO(content).readline)
    return Counter(
        (
            token.string,
            token.line if re.match(r"\s*(import|from)\b", token.line) else "",
        )
        for token in found
        if token.type == tokenize.COMMENT
    )


def _old_hunk(change: Change, line: int) -> str:
    """The hunk nearest to a line of the old file."""
    nearest = min(
        change.hunks, key=lambda each: abs(each[0].start - line), default=None
    )
    return change.hunk(nearest[1].start if nearest else 0)


def _parsed(content: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(content)


def _text(content: bytes) -> str:
    """The decoded source; of a file that is no Python, whatever its bytes are."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return content.decode(errors="surrogateescape")
