"""The text of a site, with the chosen names, in the layout of its file, as edits.

Knows lines and widths; knows nothing of what a text means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from deventlet.codemod import Site
from deventlet.driver.emit.draft import Draft
from deventlet.driver.text.placeholders import PLACEHOLDER, placeholder
from deventlet.source.imports import ImportStyle
from deventlet.source.text import Edit, SourceFile
from deventlet.source.wrap import aligned, broken, hangs_at, is_held, joined

_BUILTIN = re.compile(rf"{placeholder('builtins')}\.(\w+)")


def edits_for(draft: Draft, site: Site, style: ImportStyle) -> Iterator[Edit]:
    """The smallest edits that turn the site's old text into its new one.

    One for each line where both have as many, so that what hangs under a bracket in
    between is seen to move with it.
    """
    source = draft.module.source
    first, last = draft.cut(site)
    text = named(draft, draft.texts[site])
    old = source.slice(first, last)
    text = text.replace("\n", source.newline)
    wrap = _wrapped_lines if site in draft.stretches else _wrapped
    text = wrap(draft, site, text, style)
    before, after = old.split(source.newline), text.split(source.newline)
    if len(before) != len(after):
        before, after = [old], [text]
    for one, two in zip(before, after, strict=True):
        yield from _smallest(first, one, two)
        first += len(f"{one}{source.newline}".encode())


def _smallest(first: int, old: str, text: str) -> Iterator[Edit]:
    """The smallest edit that puts a text in place of another one at an offset."""
    start = 0
    while start < min(len(old), len(text)) and old[start] == text[start]:
        start += 1
    end = 0
    while end < min(len(old), len(text)) - start and old[-1 - end] == text[-1 - end]:
        end += 1
    head = len(old[:start].encode("utf-8"))
    tail = len(old[len(old) - end :].encode("utf-8"))
    if head + tail < len(old.encode("utf-8")) or len(text) > start + end:
        yield Edit(first + head, first + len(old.encode("utf-8")) - tail,
                   text[start : len(text) - end])  # fmt: skip


def named(draft: Draft, text: str) -> str:
    """The text with the chosen names in place of placeholders."""
    if "builtins" not in draft.names:
        text = _BUILTIN.sub(r"\1", text)

    def name(found: re.Match[str]) -> str:
        return draft.names[bytes.fromhex(found.group(1)).decode()].name

    return PLACEHOLDER.sub(name, text)


def _wrapped(draft: Draft, site: Site, text: str, style: ImportStyle) -> str:
    """A call that got too long, broken at the commas of its arguments.

    One on several lines stays as it is laid out as long as each of them fits.
    """
    source = draft.module.source
    if site in draft.one_line or not text.endswith(")"):
        return text
    first = source.line_bytes(site.line).decode("utf-8")
    before = source.slice(source.offset(site.line, 0), site.start)
    after = _after(source, site.end, site.end_line)
    if source.newline in text:
        old = source.slice(site.start, site.end)
        was, now = (f"{before}{each}{after}" for each in (old, text))
        one = joined(text.replace(source.newline, "\n"))
        if one is None or not _outgrows(was, now, source.newline, style.line_length):
            return text
        text = one
    had = len(first) if site.line == site.end_line else 0
    if len(before) + len(text) + len(after) <= max(style.line_length, had):
        return text
    behind = "_" * len(after.partition("#")[0].rstrip())  # leaves the room for it
    room, width = text + behind, style.line_length
    lines = room
    if is_held(before, after):
        lines = aligned(room, width, source.newline, len(before))
    if lines == room:
        indent = first[: len(first) - len(first.lstrip())]
        if after.endswith(":"):
            indent += "    "  # further in than the block below it
        lines = broken(room, indent, width, source.newline, len(before))
    return lines.removesuffix(behind)


def _outgrows(before: str, after: str, newline: str, limit: int) -> bool:
    """Whether a line gets too long, with those that move as the first one's bracket."""
    old, new = before.split(newline), after.split(newline)
    columns = hangs_at(new[0]), hangs_at(old[0])
    moved = columns[0] - columns[1] if all(columns) else 0
    widths = [len(new[0]), *(len(line) + moved for line in new[1:])]
    pairs = zip_longest(widths, map(len, old), fillvalue=0)
    return any(width > max(limit, was) for width, was in pairs)


def _after(source: SourceFile, offset: int, line: int) -> str:
    """What stands behind an offset on its line."""
    end = source.offset(line, 0) + len(source.line_bytes(line))
    return source.slice(offset, end).rstrip()


def _wrapped_lines(draft: Draft, site: Site, text: str, style: ImportStyle) -> str:
    """New statements, each line that got too long broken at its commas."""
    newline, indent = draft.module.source.newline, draft.stretches[site].indent
    lines = f"{indent}{text}".split(newline)
    for number, line in enumerate(lines):
        inner = line[: len(line) - len(line.lstrip())]
        whole = line.endswith(")") and line.count("(") == line.count(")")
        if len(line) > style.line_length and whole:
            lines[number] = broken(line, inner, style.line_length, newline)
    return newline.join(lines).removeprefix(indent)
