"""Finds the lines of project files that go with Eventlet, and what comes after it.

Reads files and judges nothing: which line is what stands in the table of rules.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deventlet.codemod import Site, Subject
from deventlet.config import Config
from deventlet.driver import outside
from deventlet.driver.outside import Marked, text_files
from deventlet.driver.outside.files import read_raw
from deventlet.resolve.facts import Line
from deventlet.source.discover import matching
from deventlet.source.settings import NotUnderstood, form_of, required_lines
from deventlet.source.text import SourceProblem

_PACKAGE = re.compile(r"(?i)greenlet(?![\w-]*eventlet)")
_NOTES = "releasenotes/notes/"
_OF_DEVELOPERS = re.compile(r"(?i)(?<![a-z])(?:dev|docs?|lint|tests?|tox)(?![a-z])")
"""Lists of what is not required where the project is installed."""
_SLUG = "remove-eventlet"
_LINTED = ("tox.ini", "setup.cfg", ".flake8")
_ENABLED = re.compile(rb"(?m)^enable-extensions[ \t]*=[^\r\n]*\r?\n(?![ \t]+\S)")
_SECTION = re.compile(rb"(?m)^\[flake8\][ \t]*\r?\n(?P<body>(?:(?!\[)[^\n]*\n)*)")
_SETTING = re.compile(rb"(?m)^[^\s#;\[][^\n]*\n(?:[ \t]+[^\n]*\n)*")
_HACKING = re.compile(r"(?mi)^[^#\n]*?(?<![\w./-])(hacking\s*(?:[<>=!~][^#;\"'\n]*)?)")
_LISTING = re.compile(
    rb"(?:(?:install|setup)_requires|tests_require|deps)[ \t]*=[ \t]*\r?\n"
)
_CONTINUED = re.compile(rb"\\\r?\n\Z")
_NAMED = (
    ("setup.cfg", re.compile(r"(?m)^name\s*=\s*(\S+)")),
    ("pyproject.toml", re.compile(r"(?m)^name\s*=\s*[\"']([^\"']+)")),
)


@dataclass(eq=False)
class Lines:
    """What was found: the subjects, and the line that each site is.

    :param texts: the bytes of each file that holds a site.
    :param deployed: the places that start a service with Eventlet, or import it in
        code that is not read as Python.
    :param coming: subjects that are there only once nothing requires Eventlet.
    """

    subjects: list[Subject] = field(default_factory=list)
    lines: dict[Site, Line] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    deployed: list[str] = field(default_factory=list)
    coming: list[Subject] = field(default_factory=list)

    def add(self, path: str, span: tuple[int, int], line: Line) -> Subject:
        """Note a line as a subject of its own.

        :param span: where it starts and ends in the bytes of the file.
        """
        site = _site(path, self.texts.get(path, b""), span, line.text)
        self.lines[site] = line
        return Subject(site.api, "line", (site,))


def find(root: Path, overlay: Mapping[str, bytes], config: Config) -> Lines:
    """Every marked line of the files at a root.

    :param overlay: contents that stand for files on the disk.
    """
    listed = text_files(root, (root / ".git").exists())
    out = matching(listed, config.exclude)
    files = _Files(root, overlay, [path for path in listed if path not in out])
    found = Lines()
    for path in files.paths:
        text = files.read(path)
        for each in outside.marked(path, text):
            _add(found, path, text, each)
    lists = [s.path for s, line in found.lines.items() if line.what == "requirement"]
    if lists:
        found.coming = [*_lint(files, found)]
    if not all(map(_OF_DEVELOPERS.search, lists)):
        found.coming += _note(files, found)
    return found


@dataclass(frozen=True, slots=True)
class _Files:
    """The files that are not Python, as a series has left them."""

    root: Path
    overlay: Mapping[str, bytes]
    paths: Sequence[str]

    def read(self, path: str) -> bytes:
        """The bytes of a file; none if it cannot be searched, which a scan tells."""
        if path in self.overlay:
            return self.overlay[path]
        try:
            return read_raw(self.root / path)
        except SourceProblem:
            return b""

    def text(self, path: str) -> str:
        """The text of a file."""
        return self.read(path).decode("utf-8", "replace")


def _add(found: Lines, path: str, text: bytes, marked: Marked) -> None:
    if marked.what in ("worker", "code"):
        found.deployed.append(f"{path}:{marked.line}")
    if marked.what == "code":
        return
    form = form_of(path)
    start, end = marked.start, _end(text, marked.start, form)
    more = form == "ini" and _goes_on(text, end)
    what = marked.what
    if what == "requirement" and form == "ini" and not more:
        start = _start_of_value(text, start)
    elif what == "requirement" and form == "python":
        what = what if _is_required(text, marked.line) else "by-hand"
    found.texts[path] = text
    said = text[start:end].decode("utf-8", "replace").replace("\r\n", "\n")
    line = Line(what, said, form, marked.advice, marked.where, more)
    found.subjects.append(found.add(path, (start, end), line))


def _end(text: bytes, start: int, form: str) -> int:
    """Where a line ends; in a list, with the lines that continue it."""
    end = text.find(b"\n", start) + 1 or len(text)
    while form == "list" and _CONTINUED.search(text, start, end) and end < len(text):
        end = text.find(b"\n", end) + 1 or len(text)
    return end


def _goes_on(text: bytes, end: int) -> bool:
    """Whether the value of a key is not over at the end of a line."""
    return re.match(rb"[ \t]+\S", text[end:]) is not None


def _start_of_value(text: bytes, start: int) -> int:
    """Where the key above a line starts, if the line is all that its value says."""
    above = text.rfind(b"\n", 0, max(start - 1, 0)) + 1
    return above if start and _LISTING.fullmatch(text, above, start) else start


def _is_required(text: bytes, line: int) -> bool:
    """Whether a line of Python holds an item of a list of requirements."""
    try:
        return line in required_lines(text.decode())
    except (NotUnderstood, UnicodeDecodeError):
        return False


def _site(path: str, text: bytes, span: tuple[int, int], said: str) -> Site:
    start, end = span
    line = text.count(b"\n", 0, start) + 1
    last = line + max(text.count(b"\n", start, end) - 1, 0)
    api = "greenlet" if _PACKAGE.search(said) else "eventlet"
    spelling = said.strip().rpartition("\n")[2].strip()
    return Site(path, start, end, line, 0, last, 0, api, "line", spelling)


# -- what comes in Eventlet's place ------------------------------------------------


def _lint(files: _Files, found: Lines) -> Iterator[Subject]:
    """The setting that says which checks of hacking are on, if Eventlet's is off."""
    for path in (path for path in _LINTED if path in files.paths):
        text = files.read(path)
        section = _SECTION.search(text)
        hint = _hacking(files) if section and b"H905" not in section["body"] else ""
        if section is None or not hint or b"\nselect" in section[0]:
            continue
        place = _ENABLED.search(text, *section.span()) or _last_setting(text, section)
        if place is not None:
            found.texts[path] = text
            said = place[0].decode("utf-8", "replace").replace("\r\n", "\n")
            line = Line("lint", said, form_of(path), "", hint)
            yield found.add(path, place.span(), line)
            return


def _last_setting(text: bytes, section: re.Match[bytes]) -> re.Match[bytes] | None:
    """The last setting of a section that does not say which checks are on."""
    if b"enable-extensions" in section["body"]:
        return None
    return max(
        _SETTING.finditer(text, *section.span("body")),
        key=lambda each: each.start(),
        default=None,
    )


def _hacking(files: _Files) -> str:
    """The requirement of hacking as the project writes it; empty if there is none."""
    for path in files.paths:
        listed = "requirements" in path or path in _LINTED or path == "pyproject.toml"
        if listed and "/" not in path.removeprefix("requirements/"):
            required = _HACKING.search(files.text(path))
            if required is not None and not _is_section(files.text(path), required):
                return required[1].strip()
    return ""


def _is_section(text: str, found: re.Match[str]) -> bool:
    """Whether a word is a part of ``[hacking]``, or of a path."""
    before = text[: found.start(1)][-1:]
    return before in ("[", ":") or text[found.end(1) :][:1] in ("]", "/", ".")


def _note(files: _Files, found: Lines) -> Iterator[Subject]:
    """The release note that is not there yet, where the project has some."""
    if any(path.startswith(_NOTES) for path in files.paths):
        unique = hashlib.sha256(f"{_SLUG} {_name(files)}".encode()).hexdigest()[:16]
        path = f"{_NOTES}{_SLUG}-{unique}.yaml"
        if path not in files.paths:
            yield found.add(path, (0, 0), Line("note", "", "other", ""))


def _name(files: _Files) -> str:
    """What the project calls itself."""
    for path, pattern in _NAMED:
        found = pattern.search(files.text(path)) if path in files.paths else None
        if found:
            return found[1]
    return ""
