"""Prints results: a table for each checkout, one for all, and one by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.census.files import Failure
from benchmarks.census.uses import Use
from benchmarks.census.verdicts import MISSING, Judged

VERDICTS = ("rewrite", "assume", "refuse", MISSING)
_REASONS = 3
"""How many reasons a row names."""
_RARE = 3
"""Names with fewer uses share a row."""


@dataclass(slots=True)
class Result:
    """What was found out about one checkout.

    :param patches: the codemods that make one.
    :param left: what is left to count once all patches are applied.
    :param only_scan: that no patches were made.
    """

    tree: str
    commit: str
    judged: list[Judged] = field(default_factory=list)
    left: list[Use] = field(default_factory=list)
    patches: list[str] = field(default_factory=list)
    files: int = 0
    only_scan: bool = False
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def loaded(said: Mapping[str, Any]) -> Result:
    """A result as ``--json`` wrote it."""
    judged = [Judged(Use(*j["use"]), j["verdict"], j["reason"]) for j in said["judged"]]
    left = [Use(*use) for use in said["left"]]
    failures = [Failure(**failure) for failure in said["failures"]]
    return Result(**{**said, "judged": judged, "left": left, "failures": failures})


def show(result: Result) -> None:
    """One checkout: verdicts with their reasons, notes and failures."""
    print(f"\n{result.tree} {result.commit}: {_count(len(result.judged), 'use')}")
    words = Counter((each.verdict, each.reason) for each in result.judged)
    for (verdict, reason), count in sorted(words.items()):
        print(f"  {verdict + ' ' + reason:44} {count:6}")
    print(f"  patches: {', '.join(result.patches) or 'none'}")
    changed = _count(result.files, "changed file")
    print(f"  {changed}, {result.seconds:.0f} s; {len(result.left)} uses are left")
    for each in result.judged:
        if each.verdict == MISSING:
            print(f"  MISSED {_place(each.use)}: {each.use.kind} {each.use.api}")
    for note in result.notes:
        print(f"  note: {note}")
    for failure in result.failures:
        print(f"  FAILED {failure.check}: {failure.where}: {failure.message}")
        for row in failure.hunk.splitlines()[:40]:
            print(f"    | {row}")


def by_tree(results: Sequence[Result]) -> Iterator[str]:
    """A Markdown table with a row for each checkout and one for all."""
    yield from _head("checkout", "patches", "files", "left", "failures")
    for result in results:
        cells = (len(result.patches), result.files, len(result.left))
        shown = ["-"] * 3 if result.only_scan else cells
        yield _row(result.tree, result.judged, *shown, len(result.failures))
    every = [each for result in results for each in result.judged]
    yield _row(
        "all",
        every,
        sum(len(result.patches) for result in results),
        sum(result.files for result in results),
        sum(len(result.left) for result in results),
        sum(len(result.failures) for result in results),
    )


def by_api(results: Iterable[Result]) -> Iterator[str]:
    """A Markdown table with a row for each name, those with most uses first."""
    yield from _head("name", "why not")
    found: dict[str, list[Judged]] = {}
    for result in results:
        for each in result.judged:
            found.setdefault(family(each.use), []).append(each)
    rare = [name for name, judged in found.items() if len(judged) < _RARE]
    others = [each for name in rare for each in found.pop(name)]
    for name, judged in sorted(found.items(), key=lambda item: (-len(item[1]), item)):
        yield _row(f"`{name}`", judged, _reasons(judged))
    if others:
        yield _row(_count(len(rare), "other name"), others, _reasons(others))


def family(use: Use) -> str:
    """The name that a use is counted under: imports together, members by object."""
    if use.kind == "import":
        return "import"
    if use.kind == "method":
        return use.api.partition("#")[0] + "#…"
    parts = use.api.split(".")
    if parts[:2] == ["eventlet", "green"]:
        return "eventlet.green"
    return f"{_short(parts)} in a mock" if use.kind == "mock" else _short(parts)


_HOMES = frozenset(
    """convenience event greenpool greenthread patcher queue semaphore
    timeout""".split()
)
"""Modules whose names the package has, too; of ``patcher`` only these."""
_PATCHING = (["monkey_patch"], ["import_patched"])


def _short(parts: Sequence[str]) -> str:
    """``eventlet.sleep`` for ``eventlet.greenthread.sleep``; no more than the class."""
    exported = parts[1:2] != ["patcher"] or parts[2:] in _PATCHING
    if len(parts) > 2 and parts[1] in _HOMES and exported:
        parts = [parts[0], *parts[2:]]
    return ".".join(parts[: 3 if parts[1:] and parts[1].islower() else 2])


def _reasons(judged: Iterable[Judged]) -> str:
    words = Counter(each.reason for each in judged if each.verdict != "rewrite")
    shown = [f"{code} {count}" for code, count in words.most_common(_REASONS)]
    more = len(words) - _REASONS
    return ", ".join([*shown, f"{more} more"] if more > 0 else shown)


def _head(first: str, *last: str) -> Iterator[str]:
    yield _cells(first, "uses", "rewritten", "assumed", "refused", "without", *last)
    texts = ("why not",)
    marks = ["---" if name in texts else "--:" for name in last]
    yield _cells("---", *["--:"] * 5, *marks)


def _row(name: str, judged: Sequence[Judged], *last: object) -> str:
    words = Counter(each.verdict for each in judged)
    total = len(judged)
    share = f" ({100 * words['rewrite'] / total:.0f} %)" if total else ""
    counts = [words[verdict] for verdict in VERDICTS[1:]]
    return _cells(name, total, f"{words['rewrite']}{share}", *counts, *last)


def _cells(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"


def _place(use: Use) -> str:
    return f"{use.path}:{use.line}"
