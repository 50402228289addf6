"""Reads cases and programs out of Markdown pages; runs nothing and judges nothing.

Every fenced block of a page is part of a case, and a fence that is not understood is
an error: a typo must not leave a case out in silence. The blocks under one heading are
one case; their info strings are::

    python before [run] [path=proj/x.py]
    python after [run] [path=proj/x.py]
    python unchanged [path=proj/x.py]
    python refused: <reason code> [path=proj/x.py]
    text before path=requirements.txt
    text after path=requirements.txt
    text unchanged path=requirements.txt
    text refused: <reason code> path=requirements.txt
    toml config
    python program [path=main.py]

A ``text`` block that is ``after`` without a ``before`` is a file that is made.
``program`` blocks stand on pages of programs only: what they become is not written
down, it is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

DEFAULT_PATH = "example.py"

_PART = re.compile(
    r"^```(?P<info>[^`\n]*)\n(?P<text>(?:.*\n)*?)```[ \t]*$|^#{1,6} +(?P<title>.+)$",
    re.MULTILINE,
)
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)
_INFO = re.compile(
    r"(?:python (?P<kind>before|after|unchanged|program|refused: (?P<reason>[a-z.-]+))"
    r"(?P<run> run)?(?: path=(?P<path>[\w./-]+\.py))?|toml (?P<config>config)"
    r"|text (?P<text_kind>before|after|unchanged|refused: (?P<text_reason>[a-z.-]+))"
    r" path=(?P<text_path>[\w./-]+))"
)
_RUNNABLE = ("before", "after")


class CaseError(ValueError):
    """A block that cannot be understood; the message names the page and the line."""

    def __init__(self, page: str, line: int, message: str) -> None:
        super().__init__(f"{page}.md:{line}: {message}")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    :param heading: title of the nearest heading above.
    :param section: line of that heading, from 1.
    :param line: line of the opening fence, from 1.
    :param kind: ``before``, ``after``, ``unchanged``, ``refused``, ``program`` or
        ``config``.
    :param reason: the reason code of a ``refused`` block.
    """

    heading: str
    section: int
    line: int
    kind: str
    reason: str
    run: bool
    path: str
    text: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """One file of a case; ``reasons`` are codes that must refuse something in it.

    :param new: whether it is the codemod that makes it.
    :param is_python: whether it is looked at as Python, and not as a project file.
    """

    path: str
    before: str
    after: str
    reasons: tuple[str, ...] = ()
    new: bool = False
    is_python: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """What one codemod must make of some files.

    :param page: name of the page, which is the name of its codemod.
    :param line: line of the heading.
    :param config: text of ``deventlet.toml``, None if there is none.
    :param runs: whether the files are a program, whose first file is run.
    """

    page: str
    heading: str
    line: int
    files: tuple[File, ...]
    config: str | None = None
    runs: bool = False

    @property
    def name(self) -> str:
        """Page, heading and line: the id of its tests."""
        return f"{self.page}-{self.heading.replace(' ', '_')}-{self.line}"

    @property
    def changes(self) -> bool:
        """Whether any file may change."""
        return any(file.before != file.after for file in self.files)


@dataclass(frozen=True, slots=True)
class Program:
    """Some files of which the first is run; what they become is not written down."""

    name: str
    files: tuple[tuple[str, str], ...]


def read_cases(page: str, text: str) -> list[Case]:
    """The cases of a page, in order.

    :raises CaseError: for a block that cannot be understood or does not fit.
    """
    return [_case(page, blocks) for blocks in _by_heading(read_blocks(page, text))]


def read_programs(page: str, text: str) -> list[Program]:
    """The programs of a page, in order.

    :raises CaseError: for any other block than a program's.
    """
    programs = []
    for blocks in _by_heading(read_blocks(page, text)):
        for block in blocks:
            if block.kind != "program":
                raise CaseError(page, block.line, "not a program")
        files = tuple((block.path, block.text) for block in blocks)
        programs.append(Program(blocks[0].heading, files))
    return programs


def read_blocks(page: str, text: str) -> Iterator[Block]:
    """Every fenced block of a page.

    :raises CaseError: for an unknown info string, an indented or an open fence.
    """
    heading, section = "", 1
    end = 0
    for part in _PART.finditer(text):
        _no_fence_in(page, text, end, part.start())
        end = part.end()
        line = text.count("\n", 0, part.start()) + 1
        if part["title"]:
            heading, section = part["title"].strip(), line
        else:
            yield _block(page, part, heading, section, line)
    _no_fence_in(page, text, end, len(text))


def folders(paths: Iterable[str]) -> list[str]:
    """Every folder above the paths, sorted; the top is not one of them."""
    found = {str(up) for path in paths for up in PurePosixPath(path).parents}
    return sorted(found - {"."})


def _no_fence_in(page: str, text: str, start: int, end: int) -> None:
    """What is between two understood parts must hold no fence."""
    found = _FENCE.search(text[start:end])
    if found:
        line = text.count("\n", 0, start + found.start()) + 1
        raise CaseError(page, line, "a fence that is indented or not closed")


def _block(
    page: str, part: re.Match[str], heading: str, section: int, line: int
) -> Block:
    info = _INFO.fullmatch(part["info"])
    if info is None:
        raise CaseError(page, line, f"unknown info string {part['info']!r}")
    said = info["kind"] or info["text_kind"]
    kind = "config" if info["config"] else said.partition(":")[0]
    if info["run"] and kind not in _RUNNABLE:
        raise CaseError(page, line, f"a block that is {kind} cannot be run")
    return Block(
        heading, section, line, kind, info["reason"] or info["text_reason"] or "",
        bool(info["run"]), info["path"] or info["text_path"] or DEFAULT_PATH,
        part["text"], info["text_path"] is not None,
    )  # fmt: skip


def _by_heading(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    for _, group in groupby(blocks, key=lambda block: block.section):
        yield list(group)


def _case(page: str, blocks: list[Block]) -> Case:
    """The blocks under one heading as a case."""
    sources: dict[str, Block] = {}
    results: dict[str, Block] = {}
    configs: list[str] = []
    for block in blocks:
        if block.kind == "config":
            configs.append(block.text)
            continue
        if block.kind == "program":
            raise CaseError(page, block.line, "a program needs a page of programs")
        table = results if block.kind == "after" else sources
        if block.path in table:
            raise CaseError(page, block.line, f"{block.path} stands here twice")
        table[block.path] = block
    _check(page, blocks[0], sources, results, configs)
    files = tuple(_file(block, results.get(path)) for path, block in sources.items())
    made = (block for path, block in results.items() if path not in sources)
    files += tuple(
        File(block.path, "", block.text, new=True, is_python=False) for block in made
    )
    config = configs[0] if configs else None
    runs = any(block.run for block in blocks)
    return Case(page, blocks[0].heading, blocks[0].section, files, config, runs)


def _check(
    page: str,
    first: Block,
    sources: dict[str, Block],
    results: dict[str, Block],
    configs: list[str],
) -> None:
    """Refuse blocks that do not make a case together."""
    if not sources or len(configs) > 1:
        raise CaseError(page, first.line, "a case needs files, and one config at most")
    for path, result in results.items():
        source = sources.get(path)
        if source is None and result.is_text:
            continue
        if source is None or source.kind != "before":
            raise CaseError(page, result.line, f"no block is {path} before")
        if source.run != result.run:
            raise CaseError(page, result.line, "one is run, the other is not")


def _file(source: Block, result: Block | None) -> File:
    after = source.text if result is None else result.text
    return File(
        source.path, source.text, after, (source.reason,) if source.reason else (),
        is_python=not source.is_text,
    )  # fmt: skip
