"""Runs a codemod on the files of a case, as they are and in other encodings.

Writes into folders of its own only. What comes out is not judged here.
"""

from __future__ import annotations

import codecs
import io
import tempfile
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from deventlet.codemod import Page
from deventlet.config import load
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import driver_page, pages
from deventlet.source.discover import discover
from tests.pages import Case, File, folders, read_cases

SHOWN_WITH = "sleep"
"""The codemod that the driver's own page shows its reasons with."""

ASSUMED = frozenset({"process-patched", "green-free", "server.cheroot"})
LATIN_1 = "# -*- coding: latin-1 -*-\n# Gew\xe4chshaus\n"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The bytes of every file of a case before and after, and the outcome."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    outcome: Outcome


def every_case() -> list[Case]:
    """The cases of every page: those of the codemods, then those of the driver."""
    found: list[Case] = []
    for name, page in pages().items():
        package, _, stem = page.module.rpartition(".")
        found += read_cases(name, _text(package, f"{stem}.md"))
    return [*found, *read_cases(driver_page().name, _text("deventlet", "reasons.md"))]


def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def codemod_of(case: Case) -> Page:
    """The page of the codemod that a case is run with."""
    return pages().get(case.page) or pages()[SHOWN_WITH]


def assumptions(case: Case) -> frozenset[str]:
    """What is assumed for a case: nothing if it says itself what is patched."""
    speaks = any("monkey_patch(" in file.before for file in case.files)
    return frozenset() if speaks or case.config is not None else ASSUMED


@cache
def rewrite(case: Case, variant: str = "plain") -> Rewritten:
    """Run the case's codemod on its files in one of the `VARIANTS`."""
    before = {
        file.path: encoded(file, file.before, variant)
        for file in case.files
        if not file.new
    }
    return rewrite_again(case, before)


def encoded(file: File, text: str, variant: str) -> bytes:
    """A text of a file in a variant; what is not Python has line ends at most."""
    plain = not file.is_python and (file.new or variant != "crlf")
    return VARIANTS["plain" if plain else variant](text)


def rewrite_again(case: Case, before: Mapping[str, bytes]) -> Rewritten:
    """Run the case's codemod on the given contents of its files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(case, before, root)
        outcome = run(codemod_of(case), request(case, root), {})
    changed = {path: after for path, (_, after) in outcome.changes.items()}
    return Rewritten(before, {**before, **changed}, outcome)


def request(case: Case, root: Path) -> Request:
    """A request for the case's files at ``root``, all of which may change."""
    tree = discover([root])
    return Request(
        root, tree.files, frozenset(tree.selected), load(root), assumptions(case)
    )


def write(case: Case, contents: Mapping[str, bytes], root: Path) -> None:
    """Put the files of a case on disk; their folders become packages."""
    write_files(contents, root)
    if case.config is not None:
        (root / "deventlet.toml").write_text(case.config, encoding="utf-8")


def write_files(contents: Mapping[str, bytes], root: Path) -> None:
    """Put files on disk; their folders become packages."""
    packages = {f"{folder}/__init__.py": b"" for folder in folders(contents)}
    for path, content in {**packages, **contents}.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def tabbed(text: str) -> str:
    r"""The text with one tab for each four spaces that a statement is indented by.

    Lines inside of strings stay as they are; a continuation line gets the tabs of
    its statement and keeps what it is indented further.
    """
    lines = text.split("\n")
    kept, opened_by = _lines_of_statements(text)
    for number, line in enumerate(lines, start=1):
        if number in kept:
            continue
        first = text.split("\n")[opened_by.get(number, number) - 1]
        depth = (len(first) - len(first.lstrip(" "))) // 4
        if line.startswith(" " * 4 * depth):
            lines[number - 1] = "\t" * depth + line[4 * depth :]
    return "\n".join(lines)


def _lines_of_statements(text: str) -> tuple[set[int], dict[int, int]]:
    """Lines that begin inside a string, and the first line of each statement's."""
    inside: set[int] = set()
    opened_by: dict[int, int] = {}
    first: int | None = None
    for token, start, end in _tokens(text):
        if token == tokenize.STRING:
            inside.update(range(start + 1, end + 1))
        if token == tokenize.NEWLINE and first is not None:
            opened_by.update(dict.fromkeys(range(first, end + 1), first))
            first = None
        elif first is None and token not in _BETWEEN:
            first = start
    return inside, opened_by


_BETWEEN = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
    | {tokenize.NEWLINE, tokenize.ENDMARKER}
)


def _tokens(text: str) -> Iterator[tuple[int, int, int]]:
    """Kind, first and last line of each token; an f-string counts as one string."""
    begin = getattr(tokenize, "FSTRING_START", None)
    stop = getattr(tokenize, "FSTRING_END", None)
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == begin:
            opened.append(token.start[0])
        if token.type == stop:
            yield tokenize.STRING, opened.pop(), token.end[0]
        elif not opened:
            yield token.type, token.start[0], token.end[0]


VARIANTS: Mapping[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "tabs": lambda text: tabbed(text).encode(),
    "bom": lambda text: codecs.BOM_UTF8 + text.encode(),
    "latin-1": lambda text: (LATIN_1 + text).encode("latin-1"),
    "no-final-newline": lambda text: text.removesuffix("\n").encode(),
}
"""Other bytes for the same program; each is applied to both sides of a case."""
