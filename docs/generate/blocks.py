"""Shows the tested blocks of a page: what each is, and which of its lines change.

The blocks of a page are those that the tests execute (``python before path=x.py``).
Each becomes a block with a caption; lines that differ between ``before`` and ``after``
are marked.
"""

from __future__ import annotations

import difflib
import re

_FENCE = re.compile(
    r"^```(?P<language>python|text|toml) (?P<kind>before|after|unchanged|config"
    r"|refused: (?P<reason>[a-z.-]+))(?P<run> run)?(?: path=(?P<path>\S+))?\n"
    r"(?P<text>(?:.*\n)*?)```$",
    re.MULTILINE,
)
_ANY = re.compile(r"^```.*\n(?:.*\n)*?```$", re.MULTILINE)
_HEADING = re.compile(r"^#{2,4} .+$", re.MULTILINE)
_TITLES = {"unchanged": "stays as it is", "config": "deventlet.toml"}


def shown(text: str) -> str:
    """The text of a page with each of its blocks as a fence with a title."""
    return "".join(_case(part) for part in _parts(text))


def outside(text: str) -> list[tuple[bool, str]]:
    """The text in pieces, each with whether it is a fenced block."""
    pieces, end = [], 0
    for found in _ANY.finditer(text):
        pieces.append((False, text[end : found.start()]))
        pieces.append((True, found[0]))
        end = found.end()
    return [*pieces, (False, text[end:])]


def _parts(text: str) -> list[str]:
    """The text by headings; a line of code that begins with # is none."""
    starts = [0]
    position = 0
    for fenced, piece in outside(text):
        if not fenced:
            starts += [position + m.start() for m in _HEADING.finditer(piece)]
        position += len(piece)
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _case(text: str) -> str:
    """One case, whose blocks of one path are compared with each other."""
    sides: dict[tuple[str, str], list[str]] = {}
    for found in _FENCE.finditer(text):
        sides[found["kind"], found["path"] or ""] = found["text"].splitlines()
    return _FENCE.sub(lambda found: _fence(found, sides), text)


def _fence(found: re.Match[str], sides: dict[tuple[str, str], list[str]]) -> str:
    path, kind = found["path"] or "", found["kind"]
    other = {"before": "after", "after": "before"}.get(kind, "")
    lines = _changed(sides[kind, path], sides.get((other, path), []))
    marked = f":emphasize-lines: {','.join(map(str, lines))}\n" if lines else ""
    if kind == "after" and ("before", path) not in sides:
        marked, kind = "", "a new file"
    said = _TITLES.get(kind, kind)
    title = f"{said}: {path}" if path else said
    head = f'```{{code-block}} {found["language"]}\n:caption: "{title}"\n{marked}'
    return f"{_refusal(found['reason'])}{head}\n{found['text']}```"


def _refusal(reason: str | None) -> str:
    return f"Refused with `{reason}`:\n\n" if reason else ""


def _changed(lines: list[str], others: list[str]) -> list[int]:
    """The lines, from 1, that the other side does not have."""
    if not others:
        return []
    matcher = difflib.SequenceMatcher(None, lines, others, autojunk=False)
    return [
        number + 1
        for tag, first, last, _, _ in matcher.get_opcodes()
        if tag != "equal"
        for number in range(first, last)
    ]
