"""Where Eventlet is named outside of Python code: requirements, CI, comments, docs.

Finds lines by words in their bytes, at the speed of a search, and looks closer only
at files that have one. It changes nothing and knows no file format by its grammar:
the sections and keys above a line are enough to say what the line is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from deventlet.driver.outside.files import read, text_files
from deventlet.driver.outside.rules import HEAD, Area, Line, What, area_of, judge
from deventlet.inventory import Mention
from deventlet.source.text import SourceProblem

__all__ = ["COMMENT_WORDS", "MAX_TEXT", "Marked", "Outside", "comments", "marked",
           "mentions", "search", "text_files", "variables"]  # fmt: skip

MAX_TEXT = 200  # characters of a line that are shown
_BEFORE = 60  # of these, in front of the word

_HINTS = (b"eventlet", b"green")  # in lower case, one of them is in every word
# Not `deventlet`; not `eventletter` and `greenletter`, which happen in other trades.
_WORD = re.compile(
    rb"(?<!(?<![A-Za-z])[Dd])(?i:eventlet)(?!(?i:ter))"
    rb"|(?<![A-Za-z])(?i:greenlet)(?:(?i:s?)(?![A-Za-z])|(?=[A-Z][a-z]|wsgi))"
    rb"|(?<=[a-z])Greenlets?(?![a-z])"
    rb"|(?<![A-Za-z])(?i:green[ _-]?thread|green_?pool|green_?pile)"
)
_SECTION = re.compile(r"\[+\s*([^\[\]]*(?:\[[^\]]*\][^\[\]]*)?)\]+\s*(?:[#;].*)?$")
_KEY = re.compile(r"(?:-\s+)?[\"']?([\w.{},+ -]*[\w}])[\"']?\s*[=:](?![=:])")
_COMMENT = re.compile(r"(?:^\s*;|(?:^|\s)(?://)?#)")


_TOLD = frozenset({"docs", "release-note", "translation"})
"""What only speaks of what is done elsewhere."""

COMMENT_WORDS = tuple(
    word.encode()
    for word in (
        *("ventlet", "VENTLET", "reenlet", "REENLET", "reenthread", "reenThread"),
        *("reen thread", "reen-thread", "reen_thread", "reenpool", "reenPool"),
    )
)
"""One of these is in every Python file that has such a comment."""

_COMMENTS = re.compile(
    rb"(?P<comment>#[^\r\n]*)|"
    + rb"|".join(rb"%b(?:[^\\]|\\.)*?%b" % (q, q) for q in (b'"""', b"'''"))
    + rb"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
    re.DOTALL,
)
_COMMENT_ADVICE = (
    "With the patch that changes the code it speaks of: a comment, which deventlet "
    "leaves as it is"
)
_VARIABLE = re.compile(
    rb"\b(?:environ[ \t]*\[|(?:setdefault|putenv|setenv)[ \t]*\()[ \t]*"
    rb"[\"'](?P<name>EVENTLET_[A-Z_]+)[\"']"
)
_VARIABLE_ADVICE = (
    "In the last patch of the series: only Eventlet reads EVENTLET_* variables; delete "
    "the statement, and its imports if nothing else uses them"
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a search found.

    :param mentions: by place.
    :param problems: files that could not be searched, by path: reason code and
        message, as in :class:`~deventlet.inventory.Inventory`.
    """

    mentions: tuple[Mention, ...]
    problems: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A line with the word: its 1-based number, the word's byte column, the bytes.

    ``start`` is the offset of the line.
    """

    start: int
    line: int
    column: int
    raw: bytes


def mentions(root: Path, files: Sequence[str]) -> tuple[Mention, ...]:
    """Every line of the files that names Eventlet, by place.

    As :func:`search`, for a caller that does not show which files were unreadable.
    """
    return search(root, files).mentions


def search(root: Path, files: Iterable[str]) -> Outside:
    """Find and judge every line that names Eventlet; one mention for a line.

    Of a file whose lines need no looking at one by one (history, translations, lock
    files, what a build made) there is one mention with the number of lines. Lines
    end with a line feed; a column counts the bytes of the UTF-8 text, from 0.

    :param files: relative to ``root``, as :func:`text_files` gives them.
    """
    found: list[Mention] = []
    problems: dict[str, tuple[str, str]] = {}
    for path in files:
        try:
            text = read(root / path)
        except SourceProblem as problem:
            problems[path] = (problem.reason, problem.message)
        else:
            found += _mentions(path, text)
    return Outside(tuple(sorted(found)), dict(sorted(problems.items())))


def comments(path: str, text: bytes) -> Iterator[Mention]:
    """Every comment of a Python file that names Eventlet, by place."""
    lines = {hit.start: hit for hit in _hits(text) if b"#" in hit.raw}
    if not lines:
        return
    last = _line_end(text, max(lines))
    for found in takewhile(lambda each: each.start() < last, _COMMENTS.finditer(text)):
        start = text.rfind(b"\n", 0, found.start()) + 1 if found["comment"] else -1
        word = _WORD.search(found["comment"]) if start in lines else None
        if word:
            shown = _shown(found["comment"].decode("utf-8", "replace"), word.start())
            column = found.start() + word.start() - start
            line = lines[start].line
            yield Mention(path, line, column, "comment", shown, _COMMENT_ADVICE)


def variables(path: str, text: bytes) -> Iterator[Mention]:
    """Every place of a Python file that names a variable of the environment for it."""
    for hit in _hits(text) if b"EVENTLET_" in text else ():
        found = None if hit.raw.lstrip().startswith(b"#") else _VARIABLE.search(hit.raw)
        if found is not None:
            column = found.start("name")
            shown = _shown(hit.raw.decode("utf-8", "replace"), column)
            advice = _VARIABLE_ADVICE
            yield Mention(path, hit.line, column, "configuration", shown, advice)


@dataclass(frozen=True, slots=True)
class Marked:
    """A line that a codemod about project files decides about.

    :param start: the offset of the line in the bytes of the file.
    :param line: counted from 1.
    :param where: the section and keys that hold it, ``section/key/key``.
    :param advice: one line: what to do about it, and when.
    """

    start: int
    line: int
    what: What
    where: str
    advice: str


def marked(path: str, text: bytes) -> Iterator[Marked]:
    """The lines of a file with a mark in the table of rules, in order of place."""
    hits = list(_hits(text))
    area = area_of(path, text[:HEAD]) if hits else None
    if area is None:
        return
    places = _outline(text, {hit.line for hit in hits}) if area.outline else {}
    for hit in hits[:1] if area.once else hits:
        line = _line(area, hit, places.get(hit.line, ""))
        _, advice, what = judge(area, line)
        if what and not line.comment and area.kind not in _TOLD:
            yield Marked(hit.start, hit.line, what, line.where, advice)


def _mentions(path: str, text: bytes) -> list[Mention]:
    """The mentions of one file."""
    hits = list(_hits(text))
    if not hits:
        return []
    area = area_of(path, text[:HEAD])
    if area.once:
        return [_once(path, area, hits)]
    places = _outline(text, {hit.line for hit in hits}) if area.outline else {}
    return [_mention(path, area, hit, places.get(hit.line, "")) for hit in hits]


def _hits(text: bytes) -> Iterator[_Hit]:
    """The lines that have the word, each with its first."""
    lower = text.lower()
    starts = sorted({start for hint in _HINTS for start in _lines_with(lower, hint)})
    line, counted = 1, 0
    for start in starts:
        raw = text[start : _line_end(text, start)]
        word = _WORD.search(raw)
        if word:
            line += text.count(b"\n", counted, start)
            counted = start
            yield _Hit(start, line, word.start(), raw)


def _lines_with(text: bytes, hint: bytes) -> Iterator[int]:
    """Where the lines start that hold some bytes."""
    found = text.find(hint)
    while found >= 0:
        yield text.rfind(b"\n", 0, found) + 1
        found = text.find(hint, _line_end(text, found))


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    return len(text) if end < 0 else end


# One mention ---------------------------------------------------------------------


def _once(path: str, area: Area, hits: list[_Hit]) -> Mention:
    """The one mention of a file of such an area, at its first line."""
    first = _mention(path, area, hits[0], "")
    if len(hits) == 1:
        return first
    advice = f"{first.advice} ({len(hits)} lines)"
    return Mention(path, first.line, first.column, first.kind, first.text, advice)


def _mention(path: str, area: Area, hit: _Hit, where: str) -> Mention:
    """The mention of one line, judged by what is shown of it."""
    line = _line(area, hit, where)
    kind, advice, _ = judge(area, line)
    return Mention(path, hit.line, hit.column, kind, line.text, advice)


def _line(area: Area, hit: _Hit, where: str) -> Line:
    """A line as the rules see it."""
    before = hit.raw[: hit.column].decode("utf-8", "replace")
    comment = area.hash and _COMMENT.search(before) is not None
    text = _shown(hit.raw.decode("utf-8", "replace"), len(before))
    return Line(text, where, comment)


def _shown(line: str, word: int) -> str:
    """The line without surrounding space, or the part of it around the word.

    :param word: where the word starts.
    """
    text = line.strip()
    if len(text) > MAX_TEXT:
        start = max(0, word - (len(line) - len(line.lstrip())) - _BEFORE)
        start = min(start, len(text) - MAX_TEXT)
        cut = text[start : start + MAX_TEXT]
        text = f"{'…' if start else ''}{cut}{'…' if cut != text[start:] else ''}"
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


# Sections and keys ---------------------------------------------------------------


def _outline(text: bytes, wanted: set[int]) -> dict[int, str]:
    """``section/key/key`` for each of the wanted lines.

    Reads INI, TOML, YAML and JSON alike, by brackets and indentation.
    """
    found: dict[int, str] = {}
    section, keys = "", list[tuple[int, str]]()
    for number, raw in enumerate(text.split(b"\n"), 1):
        line = raw[:1000].decode("utf-8", "replace").rstrip()
        bare = line.lstrip()
        if bare and bare[0] not in "#;":
            header = _SECTION.match(line)
            if header:
                section, keys = header[1].strip(), []
            else:
                _nest(keys, len(line) - len(bare), bare)
        if number in wanted:
            found[number] = "/".join((section, *(key for _, key in keys)))
    return found


def _nest(keys: list[tuple[int, str]], indent: int, bare: str) -> None:
    """Bring the keys that hold a line up to date, its own included."""
    key = _KEY.match(bare)
    dash = bare[0] == "-"  # may stand as far left as the key that its list belongs to
    while keys and keys[-1][0] >= indent + dash:
        keys.pop()
    if key:
        keys.append((indent + (key.start(1) if dash else 0), key[1]))
