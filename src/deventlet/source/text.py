"""One Python file as bytes, text and syntax tree; reading only, nothing is written.

Positions are byte offsets into the UTF-8 form of the *decoded* source, because
that is what ``ast`` columns count (measured: a BOM or a latin-1 cookie shifts
everything else). Line ends are never translated and never counted with
``str.splitlines``, which would split at form feeds.
"""

from __future__ import annotations

import ast
import codecs
import gc
import io
import re
import sys
import tokenize
import warnings
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

_LINE_END = re.compile(rb"\r\n|\r|\n")
_PYTHON2 = re.compile(
    rb"""^[ \t]*(?:print[ \t]+["'\w]|exec[ \t]+["'\w]|raise[ \t]+[\w.]+[ \t]*,|"""
    rb"""except[ \t]+[\w.()]+[ \t]*,[ \t]*\w+[ \t]*:)"""
    rb"""|\b0[0-7]+\b|\d[lL]\b|<>|\bur["']""",
    re.MULTILINE,
)
_NEWER_SYNTAX = re.compile(
    rb"^[ \t]*(?:type[ \t]+\w+.*=|except[ \t]+[\w.]+[ \t]*,[^:]*:"
    rb"|lazy[ \t]+(?:import|from)\b)"
    rb"|^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+\["
    rb"|\b[tT][rR]?[\"']",
    re.MULTILINE,
)

_TOO_DEEP = ("too many nested parentheses", "too many levels of indentation")


class SourceProblem(Exception):
    """A file that cannot be processed; the run names it and goes on.

    :param reason: a stable code such as ``file.syntax``.
    :param message: one plain sentence for a person, without the path.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes ``start:end`` of the UTF-8 source by ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A decoded Python file.

    :param path: POSIX path relative to the root of the run; for messages.
    :param raw: the bytes on disk.
    :param encoding: the codec that the cookie, the BOM or the default names.
    :param bom: whether the file starts with a UTF-8 byte order mark.
    """

    path: str
    raw: bytes
    encoding: str
    bom: bool

    @property
    def text(self) -> str:
        """The decoded source without the BOM, line ends untouched; made anew."""
        return self.raw.removeprefix(_mark(self.bom)).decode(self.encoding)

    @cached_property
    def utf8(self) -> bytes:
        """The decoded source as UTF-8; what every offset counts."""
        if self.encoding == "utf-8" and not self.bom:
            return self.raw
        return self.text.encode("utf-8")

    @cached_property
    def line_starts(self) -> array[int]:
        """Offset of each line's first byte, as Python counts lines."""
        lines = self.utf8.splitlines(keepends=True)  # of bytes: at LF, CR and CRLF only
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            lines.pop()
        return array("Q", accumulate(map(len, lines), initial=0))

    @cached_property
    def newline(self) -> str:
        r"""The line end that new lines get: the commonest one, ``\n`` if none."""
        found = Counter(match.group() for match in _LINE_END.finditer(self.utf8))
        return found.most_common(1)[0][0].decode() if found else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and a 0-based UTF-8 column."""
        return self.line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> tuple[int, int]:
        """Start and end offset of a node that has a position."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and 0-based UTF-8 column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1]

    def line_bytes(self, line: int) -> bytes:
        """One line without its line end; ``line`` is 1-based."""
        start = self.line_starts[line - 1]
        stop = (
            self.line_starts[line] if line < len(self.line_starts) else len(self.utf8)
        )
        return self.utf8[start:stop].rstrip(b"\r\n")

    def slice(self, start: int, end: int) -> str:
        """The source between two offsets."""
        return self.utf8[start:end].decode("utf-8")

    def encode(self, utf8: bytes) -> bytes:
        """Bytes for the disk: the new UTF-8 text in this file's own encoding.

        :raises SourceProblem: ``file.encoding`` if a new character does not fit.
        """
        try:
            body = utf8.decode("utf-8").encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceProblem(
                "file.encoding", f"the result does not fit the file's encoding: {error}"
            ) from error
        return _mark(self.bom) + body


def _mark(bom: bool) -> bytes:
    return codecs.BOM_UTF8 if bom else b""


def decode(path: str, raw: bytes) -> SourceFile:
    """Decode the bytes of a file.

    :raises SourceProblem: ``file.nul`` or ``file.encoding``.
    """
    if b"\0" in raw:
        raise SourceProblem("file.nul", "the file contains a NUL byte")
    bom = raw.startswith(codecs.BOM_UTF8)
    body = raw.removeprefix(_mark(bom))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        faithful = body.decode(encoding).encode(encoding) == body
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise SourceProblem(
            "file.encoding", f"the file is not in the encoding it declares: {error}"
        ) from error
    if not faithful:
        raise SourceProblem(
            "file.encoding", f"{encoding} does not give the same bytes back"
        )
    return SourceFile(path, raw, encoding, bom)


def parse(source: SourceFile) -> ast.Module:
    """The syntax tree of a file, as the running Python understands it.

    :raises SourceProblem: ``file.too-deep``, ``file.python2``,
        ``file.newer-python`` or ``file.syntax``.
    """
    try:
        with without_collection(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except (RecursionError, MemoryError) as error:
        raise SourceProblem(
            "file.too-deep",
            "an expression is nested more deeply than Python's own parser allows",
        ) from error
    except (SyntaxError, ValueError) as error:
        raise _syntax_problem(source, error) from error


@contextmanager
def without_collection() -> Iterator[None]:
    """Hold back cyclic garbage collection: trees have no cycles, only many nodes.

    Measured on Nova: a third of the time of parsing, and more of a whole run.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _syntax_problem(
    source: SourceFile, error: SyntaxError | ValueError
) -> SourceProblem:
    """Say what kind of code the running Python could not parse."""
    if not isinstance(error, SyntaxError):
        return SourceProblem("file.syntax", str(error))
    where = f"line {error.lineno}: {error.msg}"
    if str(error.msg).startswith(_TOO_DEEP):
        return SourceProblem("file.too-deep", where)
    lines = range(max(1, (error.lineno or 1) - 1), (error.lineno or 1) + 1)
    near = b"\n".join(
        source.line_bytes(n) for n in lines if n <= len(source.line_starts)
    )
    if _PYTHON2.search(near) or "Missing parentheses" in str(error.msg):
        return SourceProblem("file.python2", f"this is Python 2 code ({where})")
    running = ".".join(str(part) for part in sys.version_info[:2])
    if _NEWER_SYNTAX.search(near):
        return SourceProblem(
            "file.newer-python",
            f"this looks like code for a Python newer than {running}, which runs "
            f"deventlet; run it on a Python at least as new as the project's ({where})",
        )
    return SourceProblem("file.syntax", f"not valid Python {running}: {where}")


def splice(source: SourceFile, edits: Iterable[Edit]) -> bytes:
    """The UTF-8 source with the edits made; the bytes between them are the same.

    :raises ValueError: if two edits overlap.
    """
    parts: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position:
            raise ValueError(f"overlapping edits at byte {edit.start}")
        parts += (source.utf8[position : edit.start], edit.text.encode("utf-8"))
        position = edit.end
    parts.append(source.utf8[position:])
    return b"".join(parts)
