r"""Unified diffs and patch files as bytes; nothing is read or written here.

A line ends at ``\n`` and nowhere else, as in git: a carriage return, a form
feed or a byte that is not UTF-8 is part of its line and is kept. The same input
gives the same bytes, whatever git's version or configuration; git's own
documentation of ``format-patch`` and of the diff format is the specification.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from typing import NamedTuple

from deventlet import __version__
from deventlet.series.message import check_subject_survives, escape_body

Lines = Sequence[bytes]

_NAME_LENGTH = 63 - len(".patch")
_STAT_WIDTH = 72
_HEADING_LENGTH = 80

# difflib is quadratic at best, so it only sees what is between two anchors, and
# of that only what is small; a larger stretch is replaced as a whole.
_SMALL = 20_000

_DEFINITION = re.compile(rb"[ \t]*((?:class|(?:async[ \t]+)?def)[ \t][^\r\n]*)")
_NEEDS_QUOTES = re.compile('[\0-\x1f"\\\\\x7f\ud800-\udfff]')
_ESCAPES = dict(zip(b'\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True))


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after a patch; it exists on both sides, or is new.

    :param path: POSIX path relative to the root of the repository.
    :param before: all bytes of the file, without a NUL.
    :param after: the same, after the patch.
    :param mode: git's mode of the file, which the patch does not change.
    :param new: whether there was no file before.
    """

    path: str
    before: bytes
    after: bytes
    mode: str = "100644"
    new: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """What one codemod did to one repository, ready for review.

    :param codemod: name of the codemod.
    :param subject: first line of the message.
    :param message: the whole message, with subject and footers.
    :param changes: the changed files, in the order in which they are printed.
    :param author: name and e-mail address.
    :param date: RFC 2822; from the base commit, so that it is reproducible.
    """

    codemod: str
    subject: str
    message: str
    changes: tuple[FileChange, ...]
    author: tuple[str, str]
    date: str


class Run(NamedTuple):
    """Lines ``before[start:end]`` stand where ``after[new_start:new_end]`` do."""

    start: int
    end: int
    new_start: int
    new_end: int


# Patch files


def format_patch(patch: Patch, number: int, total: int) -> bytes:
    """One mail that ``git am`` takes (with ``--keep-cr`` if `needs_keep_cr`).

    :param number: position in the series, from 1.
    :param total: length of the series.
    :raises ValueError: if the patch changes nothing, a file has a NUL, or the
        message begins with something other than its subject.
    """
    diffs = [(change.path, unified_diff(change)) for change in patch.changes]
    if not any(diff for _, diff in diffs):
        raise ValueError(f"the patch changes nothing: {patch.subject}")
    stat = _diffstat([(path, *line_counts(diff)) for path, diff in diffs if diff])
    parts = (
        f"{_body(patch)}\n---\n{stat}\n".encode(),
        *(diff for _, diff in diffs),
        f"-- \ndeventlet {__version__}\n".encode(),
    )
    content = b"".join(parts)
    return _headers(patch, number, total, content.isascii()) + content


def needs_keep_cr(patch: Patch) -> bool:
    """Whether ``git am`` needs ``--keep-cr``: a line of the diff ends in CR."""
    return any(
        b"\r" in change.before + change.after and b"\r\n" in unified_diff(change)
        for change in patch.changes
    )


def file_name(patch: Patch, number: int) -> str:
    """The name that ``git format-patch`` gives: ``0001-Some-subject.patch``."""
    title = re.sub(r"\.+", ".", re.sub(r"[^A-Za-z0-9._]+", "-", patch.subject))
    stem = f"{number:04}-{title.lstrip('-').rstrip('-.')}"
    return f"{stem[:_NAME_LENGTH]}.patch"


def _headers(patch: Patch, number: int, total: int, ascii_only: bool) -> bytes:
    """The header of the mail, up to and with the empty line."""
    place = f" {number:0{len(str(total))}}/{total}" if total > 1 else ""
    lines = [
        f"From {'0' * 40} Mon Sep 17 00:00:00 2001",
        f"From: {formataddr(patch.author)}",
        f"Date: {patch.date}",
        f"Subject: {_header_text('Subject', f'[PATCH{place}] {patch.subject}')}",
    ]
    if not ascii_only:
        lines += (
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: 8bit",
        )
    return "\n".join((*lines, "", "")).encode()


def _header_text(name: str, text: str) -> str:
    """A header's value, folded, and encoded after RFC 2047 where it must be."""
    plain = text.isascii() and "=?" not in text
    charset = "us-ascii" if plain else "utf-8"
    return Header(text, charset, header_name=name).encode(linesep="\n")


def _body(patch: Patch) -> str:
    """The message without its subject, as it survives ``git am``."""
    check_subject_survives(patch.subject)
    first, _, rest = patch.message.partition("\n")
    if first != patch.subject:
        raise ValueError(f"the message does not begin with {patch.subject!r}")
    return escape_body(rest.strip("\n"))


def _diffstat(rows: Sequence[tuple[str, int, int]]) -> str:
    """One line per file with its added and removed lines, and the sums."""
    names = [_shortened(_quoted(path), _STAT_WIDTH * 5 // 8) for path, _, _ in rows]
    width = max(map(len, names))
    most = max(added + removed for _, added, removed in rows)
    digits = len(str(most))
    bar = min(most, _STAT_WIDTH - width - digits - len("  |  "))
    lines = [
        f" {name:{width}} | {added + removed:{digits}} "
        f"{'+' * _scaled(added, bar, most)}{'-' * _scaled(removed, bar, most)}"
        for name, (_, added, removed) in zip(names, rows, strict=True)
    ]
    return "\n".join((*lines, _summary(rows), ""))


def _summary(rows: Sequence[tuple[str, int, int]]) -> str:
    """The last line of a diffstat."""
    counted = (
        (len(rows), "file", " changed"),
        (sum(added for _, added, _ in rows), "insertion", "(+)"),
        (sum(removed for _, _, removed in rows), "deletion", "(-)"),
    )
    return " " + ", ".join(
        f"{count} {noun}{'' if count == 1 else 's'}{suffix}"
        for count, noun, suffix in counted
        if count
    )


def _scaled(count: int, bar: int, most: int) -> int:
    """Characters for ``count`` lines; at least one if there is any line."""
    return max(count * bar // most, 1) if count else 0


def _shortened(name: str, width: int) -> str:
    return name if len(name) <= width else f"...{name[3 - width :]}"


# Diffs


def unified_diff(change: FileChange, context: int = 3) -> bytes:
    """The change as git prints it; empty if nothing changes.

    The blob ids are whole, so that ``git am -3`` finds the blobs in a repository
    of any size. The heading of a hunk is the nearest class or function above it.

    :param context: unchanged lines around each change.
    :raises ValueError: if the file has a NUL: git would take it for binary.
    """
    if b"\0" in change.before or b"\0" in change.after:
        raise ValueError(f"a binary file cannot be patched: {change.path}")
    if change.before == change.after:
        return b""
    before, after = _lines(change.before), _lines(change.after)
    is_python = change.path.endswith(".py")
    parts = [_diff_header(change)]
    heading, above = b"", 0
    for runs in _grouped(_changed(before, after), context):
        whole = _with_context(runs, context, len(before))
        if is_python:
            heading = _heading(before[above : whole.start]) or heading
            above = whole.start
        parts.append(_hunk_header(whole, heading))
        parts += _hunk_lines(before, after, whole, runs)
    return b"".join(parts)


def line_counts(diff: bytes) -> tuple[int, int]:
    """How many lines a file's diff adds and removes."""
    hunks = diff[diff.find(b"\n@@ ") :] if diff else b""
    return hunks.count(b"\n+"), hunks.count(b"\n-")


def blob_id(data: bytes) -> str:
    """The id that git gives to a file with these bytes, 40 hexadecimal digits."""
    framed = b"blob %d\0%b" % (len(data), data)
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest()


def _diff_header(change: FileChange) -> bytes:
    """The lines above the first hunk."""
    old, new = _quoted(f"a/{change.path}"), _quoted(f"b/{change.path}")
    tab = "\t" if " " in change.path else ""  # where the name ends, for patch(1)
    if change.new:
        return (
            f"diff --git {old} {new}\n"
            f"new file mode {change.mode}\n"
            f"index {'0' * 40}..{blob_id(change.after)}\n"
            "--- /dev/null\n"
            f"+++ {new}{tab}\n"
        ).encode()
    ids = f"{blob_id(change.before)}..{blob_id(change.after)}"
    return (
        f"diff --git {old} {new}\n"
        f"index {ids} {change.mode}\n"
        f"--- {old}{tab}\n"
        f"+++ {new}{tab}\n"
    ).encode()


def _quoted(path: str) -> str:
    """A path as git writes it: in C quotes if it has an odd character."""
    if not _NEEDS_QUOTES.search(path):
        return path
    raw = path.encode("utf-8", "surrogateescape")
    return f'"{"".join(map(_escaped, raw))}"'


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return f"\\{_ESCAPES[byte]}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _lines(data: bytes) -> list[bytes]:
    r"""The lines with their ends; only ``\n`` ends a line."""
    *lines, last = data.split(b"\n")
    lines = [line + b"\n" for line in lines]
    return [*lines, last] if last else lines


def _heading(lines: Lines) -> bytes:
    """What is defined last in some lines, as the heading of a hunk below them."""
    found = next(filter(None, map(_DEFINITION.match, reversed(lines))), None)
    return b" " + found[1][:_HEADING_LENGTH].rstrip() if found else b""


def _with_context(runs: Sequence[Run], context: int, length: int) -> Run:
    """The lines of a hunk: from before its first run to after its last."""
    first, last = runs[0], runs[-1]
    above = min(context, first.start)
    below = min(context, length - last.end)
    return Run(
        first.start - above,
        last.end + below,
        first.new_start - above,
        last.new_end + below,
    )


def _hunk_header(hunk: Run, heading: bytes) -> bytes:
    old = _range(hunk.start, hunk.end)
    new = _range(hunk.new_start, hunk.new_end)
    return f"@@ -{old} +{new} @@".encode() + heading + b"\n"


def _range(start: int, end: int) -> str:
    """Lines as the format counts them: from 1, an empty range by the line above."""
    if end - start == 1:
        return str(end)
    return f"{start + (end > start)},{end - start}"


def _hunk_lines(
    before: Lines, after: Lines, hunk: Run, runs: Sequence[Run]
) -> Iterator[bytes]:
    """The lines of a hunk, each with its sign."""
    position = hunk.start
    for run in runs:
        yield from _signed(b" ", before[position : run.start])
        yield from _signed(b"-", before[run.start : run.end])
        yield from _signed(b"+", after[run.new_start : run.new_end])
        position = run.end
    yield from _signed(b" ", before[position : hunk.end])


def _signed(sign: bytes, lines: Lines) -> Iterator[bytes]:
    for line in lines:
        yield sign + line
        if not line.endswith(b"\n"):
            yield b"\n\\ No newline at end of file\n"


def _grouped(runs: Iterable[Run], context: int) -> Iterator[list[Run]]:
    """The runs of each hunk: hunks whose contexts would touch are one."""
    group: list[Run] = []
    for run in runs:
        if group and run.start - group[-1].end > 2 * context:
            yield group
            group = []
        group.append(run)
    if group:
        yield group


# Comparing

_STEP = 64
"""How many lines are compared at once, to begin with."""
_AHEAD = 64
"""How many lines, on both sides together, a change may have to be a small one."""
_ENOUGH = 4
"""How many equal lines end a small change."""


def _changed(before: Lines, after: Lines) -> Iterator[Run]:
    """The runs of lines that differ, in order; what is between them is equal.

    Small changes in a long file are found by skipping what is equal and looking a
    little ahead; only what does not come together again soon is compared in full.
    """
    small = _small_runs(before, after)
    for run in [Run(0, len(before), 0, len(after))] if small is None else small:
        yield from _compared(before, after, run)


def _small_runs(before: Lines, after: Lines) -> list[Run] | None:
    """The runs of small changes; None if there are others, or it cannot be told."""
    runs: list[Run] = []
    start = new_start = 0
    while True:
        start, new_start = _equal_until(before, after, start, new_start)
        if start == len(before) and new_start == len(after):
            return runs
        again = _together_again(before, after, start, new_start)
        if again is None:
            return None
        runs.append(Run(start, again[0], new_start, again[1]))
        start, new_start = again


def _equal_until(
    before: Lines, after: Lines, start: int, new_start: int
) -> tuple[int, int]:
    """The first lines from two places on that differ; slices make it fast."""
    step = _STEP
    while step:
        old = before[start : start + step]
        if old and len(old) == step and old == after[new_start : new_start + step]:
            start, new_start, step = start + step, new_start + step, step * 2
        else:
            step //= 2
    return start, new_start


def _together_again(
    before: Lines, after: Lines, start: int, new_start: int
) -> tuple[int, int] | None:
    """The nearest places from which some lines are equal again, if they are near."""
    for distance in range(1, _AHEAD):
        for ahead in range(distance + 1):
            old, new = start + ahead, new_start + distance - ahead
            lines = before[old : old + _ENOUGH]
            if len(lines) == _ENOUGH and lines == after[new : new + _ENOUGH]:
                return old, new
    return None


def _compared(before: Lines, after: Lines, whole: Run) -> Iterator[Run]:
    """The runs that differ inside a run.

    Lines that occur equally often on both sides anchor the comparison, so that
    its cost grows with the length of the files and not with its square.
    """
    middle = _trimmed(before, after, whole)
    start, new_start = middle.start, middle.new_start
    for anchor, new_anchor in (
        *_anchors(before, after, middle),
        (middle.end, middle.new_end),
    ):
        gap = _trimmed(before, after, Run(start, anchor, new_start, new_anchor))
        yield from _small_changes(before, after, gap)
        start, new_start = anchor + 1, new_anchor + 1


def _trimmed(before: Lines, after: Lines, run: Run) -> Run:
    """A run without the equal lines at its start and its end."""
    start, end, new_start, new_end = run
    while start < end and new_start < new_end and before[start] == after[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and before[end - 1] == after[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    return Run(start, end, new_start, new_end)


def _anchors(before: Lines, after: Lines, run: Run) -> list[tuple[int, int]]:
    """Pairs of equal lines, ascending on both sides.

    The n-th of a line on one side is paired with the n-th on the other if both
    sides have as many; of these pairs, the longest ascending sequence is kept.
    """
    old, new = before[run.start : run.end], after[run.new_start : run.new_end]
    counts, new_counts = Counter(old), Counter(new)
    places = dict(zip(_numbered(new), range(run.new_start, run.new_end), strict=True))
    pairs = [
        (index, places[key])
        for index, key in enumerate(_numbered(old), run.start)
        if counts[key[0]] == new_counts[key[0]]
    ]
    return _longest_ascending(pairs)


def _numbered(lines: Lines) -> Iterator[tuple[bytes, int]]:
    """Each line with how many equal lines are before it."""
    seen: Counter[bytes] = Counter()
    for line in lines:
        yield line, seen[line]
        seen[line] += 1


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members ascend, by patience sorting."""
    tops: list[int] = []  # the smallest last value of a sequence of each length
    ends: list[int] = []  # index of the pair that holds it
    previous: list[int] = []
    for index, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        previous.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [value]
        ends[pile : pile + 1] = [index]
    chosen = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = previous[index]
    return chosen[::-1]


def _small_changes(before: Lines, after: Lines, run: Run) -> Iterator[Run]:
    """The runs that differ within one gap between anchors."""
    start, end, new_start, new_end = run
    old, new = end - start, new_end - new_start
    if not (old and new) or old * new > _SMALL:
        return iter([run] if old or new else [])
    matcher = difflib.SequenceMatcher(
        None, before[start:end], after[new_start:new_end], autojunk=False
    )
    return (
        Run(start + i, start + j, new_start + k, new_start + m)
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    )
