"""Requirements that a patch needs: what its new imports name, in the project's list.

A patch that makes the code import futurist adds it to the list, too, or raises the
version that is asked for. One line changes, in the style of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from deventlet.resolve.processes.testing import is_test_path
from deventlet.source.settings import NotUnderstood, form_of, strays


@dataclass(frozen=True, slots=True)
class _Needed:
    """What a patch needs.

    :param minimum: the oldest version that has what is used.
    """

    name: str
    minimum: str
    licence: str
    extra: str = ""


_FUTURIST = _Needed("futurist", "1.2.0", "Apache-2.0")
_FIRST = "pbr"
"""What stands first in lists of OpenStack, whatever their order is."""

_ORDERED = 0.7
"""The share of neighbours in order from which on a list counts as sorted."""

_NEEDED = (
    (
        re.compile(rb"DynamicThreadPoolExecutor"),
        _Needed("futurist", "3.2.1", "Apache-2.0"),
    ),
    (re.compile(rb"(?m)^[ \t]*(?:import|from)[ \t]+futurist\b"), _FUTURIST),
    (
        re.compile(rb"(?m)^[ \t]*(?:import|from)[ \t]+cheroot\b"),
        _Needed("cheroot", "10.0.0", "BSD"),
    ),
    (
        re.compile(rb"BackendType\.THREADING"),
        _Needed("oslo.service", "4.2.0", "Apache-2.0", "threading"),
    ),
)
"""What in a text needs what: the dynamic executors of futurist 3.2.0 lose work that is
queued, and oslo.service has its backend of threads, as an extra, from 4.2.0 on."""

_LISTS = ("requirements.txt", "setup.cfg", "pyproject.toml")
_TESTS = ("test-requirements.txt", "requirements-test.txt", *_LISTS)
_OTHERS = ("requirements/*.txt", "*requirements*.txt", "*requirements*.in", "setup.py")
_GENERATED = re.compile(
    r"(?i)\A(?:#[^\n]*\n)*#[^\n]*"
    r"\b(?:auto-?generated|generated automatically|do(?:n.t| not) edit)\b"
)
_START = {
    "ini": re.compile(r"(?m)^install_requires[ \t]*=[ \t]*\r?\n"),
    "toml": re.compile(
        r"(?m)^\[project\][ \t]*\r?\n(?:(?!\[)[^\n]*\n)*?"
        r"dependencies[ \t]*=[ \t]*\[[ \t]*\r?\n"
    ),
}
_ENTRY = re.compile(
    r"(?P<indent>[ \t]*)(?P<quote>[\"']?)(?P<name>[A-Za-z0-9][\w.-]*)"
    r"(?P<extras>\[[^\]\n]*\])?(?P<version>(?:[ \t]*[<>=!~][^#;\"'\n]*?)?)"
    r"(?P<marker>[ \t]*;[^#\n]*?)?(?P=quote)(?P<comma>,?)"
    r"(?P<comment>[ \t]*#[^\n]*?)?[ \t]*(?P<end>\r?\n|\Z)"
)
_BLANK = re.compile(r"(?m)^[ \t]*\r?\n")
_AT_LEAST = re.compile(r">=[ \t]*([\w.]+)")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the lists: new texts by path, and one sentence for each need."""

    changes: Mapping[str, tuple[bytes, bytes]]
    notes: tuple[str, ...] = ()


def add(
    root: Path,
    overlay: Mapping[str, bytes],
    changes: Mapping[str, tuple[bytes, bytes]],
    may_change: Callable[[str], bool],
) -> Added:
    """The lists of requirements, with what changed files have come to need.

    :param overlay: contents that stand for files on the disk.
    :param changes: the bytes of each file before and after.
    :param may_change: whether a list may be changed.
    """
    texts = _Texts(root, {**overlay})
    found: dict[str, tuple[bytes, bytes]] = {}
    notes: list[str] = []
    for needed, tests in _needs(changes):
        path, after, note = _listed(needed, tests, texts, may_change)
        notes += [note] if note else []
        if after is not None:
            before = found[path][0] if path in found else texts.read(path)
            found[path] = before, after
            texts.overlay[path] = after
    return Added(found, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Texts:
    root: Path
    overlay: dict[str, bytes]

    def read(self, path: str) -> bytes:
        """The bytes of a file; none if there is no such file."""
        if path in self.overlay:
            return self.overlay[path]
        file = self.root / path
        return file.read_bytes() if file.is_file() else b""

    def text(self, path: str) -> str:
        """The text of a file, with the line ends that it has."""
        return self.read(path).decode("utf-8", "surrogateescape")

    def others(self) -> Iterator[str]:
        """The texts of further lists, which are read but not changed."""
        paths = {path for pattern in _OTHERS for path in self.root.glob(pattern)}
        for path in sorted(paths):
            yield self.text(path.relative_to(self.root).as_posix())


def _needs(
    changes: Mapping[str, tuple[bytes, bytes]],
) -> Iterator[tuple[_Needed, bool]]:
    """What the new texts need that the old ones did not; and whether only in tests."""
    seen: set[str] = set()
    for word, needed in _NEEDED:
        new = [
            path
            for path, (before, after) in changes.items()
            if word.search(after) and not word.search(before)
        ]
        if new and needed.name not in seen:
            seen.add(needed.name)
            yield needed, all(map(is_test_path, new))


def _listed(
    needed: _Needed, tests: bool, texts: _Texts, may_change: Callable[[str], bool]
) -> tuple[str, bytes | None, str]:
    """The list that gets a requirement, its new bytes, and what to say of it."""
    places = [path for path in (_TESTS if tests else _LISTS) if texts.read(path)]
    for path in places:
        for entry in _entries(path, texts.text(path)):
            if _is(entry, needed.name):
                return _raised(path, entry, needed, texts, may_change)
    wanted = _spelled(needed)
    if any(_names(text, needed.name) for text in texts.others()):
        return "", None, ""  # in a list that is not looked at line by line
    for path in places:
        text = texts.text(path)
        after = None if _GENERATED.search(text) else _with_entry(path, text, needed)
        if after is not None and may_change(path):
            return path, after, f"{wanted} is added to {path}, which did not list it."
    if not places:
        return "", None, ""
    return "", None, f"{wanted} has to be added to the requirements, which lack it."


def _names(text: str, name: str) -> bool:
    word = rf"(?mi)^[^#\n]*?(?<![\w.-]){re.escape(name)}(?![\w.-])"
    return re.search(word, text) is not None


def _is(entry: re.Match[str], name: str) -> bool:
    return canonicalize_name(entry["name"]) == canonicalize_name(name)


def _spelled(needed: _Needed) -> str:
    extra = f"[{needed.extra}]" if needed.extra else ""
    return f"{needed.name}{extra}>={needed.minimum}"


# -- reading a list ----------------------------------------------------------------


def _entries(path: str, text: str) -> list[re.Match[str]]:
    """The lines of a list that are one requirement each, in order."""
    form = form_of(path)
    start, end = 0, len(text)
    if form != "list":
        head = _START[form].search(text) if form in _START else None
        if head is None:
            return []
        start, end = head.end(), _end_of(form, text, head.end())
    found: list[re.Match[str]] = []
    for line in re.finditer(r"[^\n]*(?:\n|\Z)", text[start:end]):
        entry = _ENTRY.match(text, start + line.start(), start + line.end())
        if entry is not None and entry.end() == start + line.end() and line[0].strip():
            found.append(entry)
    return found


def _end_of(form: str, text: str, start: int) -> int:
    """Where the value ends whose first line starts at an offset."""
    last = re.compile(r"(?m)^[ \t]*\]" if form == "toml" else r"(?m)^(?=\S)")
    found = last.search(text, start)
    return len(text) if found is None else found.start()


# -- changing a line ---------------------------------------------------------------


def _raised(
    path: str,
    entry: re.Match[str],
    needed: _Needed,
    texts: _Texts,
    may_change: Callable[[str], bool],
) -> tuple[str, bytes | None, str]:
    """A list whose requirement asks for a version that is new enough."""
    text, wanted = texts.text(path), _spelled(needed)
    line = _enough(entry, needed)
    if line == entry[0]:
        return path, None, ""
    after = text[: entry.start()] + (line or "") + text[entry.end() :]
    proven = line is not None and _proven(path, text, after, entry[0], line)
    if proven and may_change(path):
        return path, _bytes(after), f"{path} asks for {wanted} now, which this needs."
    return path, None, f"{path} has to ask for {wanted}, which this needs."


def _enough(entry: re.Match[str], needed: _Needed) -> str | None:
    """The line with the version and extra that are needed; None if it cannot be."""
    version, extras = entry["version"], entry["extras"] or ""
    try:
        asked = Requirement(f"{entry['name']}{extras}{version}")
    except InvalidRequirement:
        return None
    if needed.extra and needed.extra not in asked.extras:
        listed = ",".join(sorted({*asked.extras, needed.extra}))
        extras = f"[{listed}]"
    least = _AT_LEAST.search(version)
    pinned = any(each.operator in ("==", "===") for each in asked.specifier)
    if least is None and not pinned:
        others = f",{version.strip()}" if version.strip() else ""
        version = f">={needed.minimum}{others}"
    elif least is not None and Version(least[1]) < Version(needed.minimum):
        version = version.replace(least[0], f">={needed.minimum}", 1)
    fits = needed.minimum in Requirement(f"x{version}").specifier
    if not fits and not _newer(version, needed):
        return None
    head = f"{entry['indent']}{entry['quote']}{entry['name']}{extras}{version}"
    return head + entry[0][entry.end("version") - entry.start() :]


def _newer(version: str, needed: _Needed) -> bool:
    """Whether what is asked for is newer than what is needed."""
    found = [
        each.version
        for each in Requirement(f"x{version}").specifier
        if each.operator in (">=", "==", "===", "~=")
    ]
    return any(Version(each) > Version(needed.minimum) for each in found)


# -- adding a line -----------------------------------------------------------------


def _with_entry(path: str, text: str, needed: _Needed) -> bytes | None:
    """The list with one more line; None if it cannot be proven right."""
    entries = _block(_entries(path, text), text)
    if not entries:
        return None
    names = [canonicalize_name(entry["name"]) for entry in entries]
    index = _place(names, canonicalize_name(needed.name))
    near = entries[index - 1] if index else entries[0]
    line = _line(entries, near, needed)
    if index == len(entries) and not near["end"]:
        return None  # the last line has no end: a neighbour would change, too
    if form_of(path) == "toml" and index == len(entries) and not near["comma"]:
        index, near = index - 1, entries[index - 1]
    at = entries[index].start() if index < len(entries) else near.end()
    after = text[:at] + line + text[at:]
    return _bytes(after) if _proven(path, text, after, "", line) else None


def _block(entries: list[re.Match[str]], text: str) -> list[re.Match[str]]:
    """The lines up to the next blank ones around Eventlet's; all if it has none."""
    blocks: list[list[re.Match[str]]] = []
    for before, entry in zip([None, *entries], entries, strict=False):
        if before is None or _BLANK.search(text, before.end(), entry.start()):
            blocks.append([])
        blocks[-1].append(entry)
    named = (b for b in blocks if any(_is(entry, "eventlet") for entry in b))
    return next(named, entries)


def _place(names: Sequence[str], name: str) -> int:
    """Where a name goes: in its order, or at the end of a list that has none."""
    start = 1 if names[0] == _FIRST else 0
    pairs = [first <= second for first, second in pairwise(names[start:])]
    if sum(pairs) < _ORDERED * len(pairs):
        return len(names)
    wrong = {
        index: sum(other > name for other in names[start:index])
        + sum(other < name for other in names[index:])
        for index in range(start, len(names) + 1)
    }
    return max(i for i, count in wrong.items() if count == min(wrong.values()))


def _line(
    entries: Sequence[re.Match[str]], near: re.Match[str], needed: _Needed
) -> str:
    """The line for a requirement, as its neighbours are written."""
    quote, end = near["quote"], near["end"] or "\n"
    comma = "," if quote else ""
    head = f"{near['indent']}{quote}{_spelled(needed)}{quote}{comma}"
    commented = [entry for entry in entries if entry["comment"]]
    if 2 * len(commented) <= len(entries):
        return f"{head}{end}"
    gap = _gap(commented, near if near["comment"] else commented[0], head)
    return f"{head}{gap}# {needed.licence}{end}"


def _gap(commented: Sequence[re.Match[str]], near: re.Match[str], head: str) -> str:
    """The white space in front of a comment: to the column of the others, if one."""
    columns = {_column(entry) for entry in commented}
    if len(commented) > 1 and len(columns) == 1:
        return " " * max(1, columns.pop() - len(head))
    return " " * (len(near["comment"]) - len(near["comment"].lstrip()))


def _column(entry: re.Match[str]) -> int:
    """The column of the hash sign of a line."""
    blank = len(entry["comment"]) - len(entry["comment"].lstrip())
    return entry.start("comment") - entry.start() + blank


def _proven(path: str, before: str, after: str, old: str, new: str) -> bool:
    """Whether nothing but one line has changed."""
    try:
        return not strays(form_of(path), before, after, [old], [new])
    except NotUnderstood:
        return False


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
