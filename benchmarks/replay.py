"""Replays commits that took Eventlet out by hand, and compares.

    python benchmarks/replay.py REPLAY NAME=REPOSITORY... [--json FILE] [--only SHA]

For each commit of the replay file whose repository is given: a clone of its parent,
the series of its codemods on that, and the files that the commit changed, as it left
them and as deventlet does. Nothing is written to the repositories. The comparison
imports nothing of deventlet's.

The replay file is a list of ``{"repo": "openstack/neutron", "sha": commit, …}``:

- ``codemods``: the names of those to run. Without it they are taken from
  ``patterns``, by `PATTERNS`; a pattern that is not there stands for all codemods.
- ``settings``: what a user would write into ``pyproject.toml``, such as
  ``{"assume": ["process-patched"]}``.
- ``parent``: the commit to start from, if it is not the first parent.
- ``redesign``: the commit did more than a codemod can; what is refused is shown, and
  the files do not count. So does the ``grade`` C.
- ``explained``: why a file differs in its calls, by its path: ``{"as": word, "why":
  text}``, the word being one of `EXPLAINED`. It counts once all the codemods are there.

Other keys are for the reader. ``grade`` groups the totals.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from deventlet.codemod import Page, Verdict
from deventlet.config import load
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import pages, reasons
from deventlet.source.discover import discover

PATTERNS = {
    "sleep": ("sleep",),
    "queue": ("queue",),
    "semaphore/lock": ("semaphore",),
    "green.* imports": ("green-imports",),
    "spawn/threads": ("spawn",),
    "greenpool/executor": ("greenpool", "executor-native"),
    "event": ("event", "eventletutils"),
    "timeout": ("timeout",),
    "greenlet": ("current-thread",),
    "oslo backend/libs": ("rpc-executor", "eventletutils"),
    "tests/mock": (),
    "deps/docs": (),
}
"""Codemods for the words of REPLAY.md; mocks move with what they replace."""

SAME = ("exact", "layout", "calls")
EXPLAINED = ("better", "beyond", "refused")
"""Deventlet's calls are as right as the commit's, or more so; the commit does more in
the file than take Eventlet out; deventlet leaves what the commit changes."""
LISTS = (
    "*requirements*.txt", "*constraints*.txt", "setup.cfg", "tox.ini", "pyproject.toml",
    ".coveragerc",
)  # fmt: skip
"""Files that are compared by their lines: what is required, and settings of tools."""

LEVELS = (*SAME, *EXPLAINED, "differs", "unreadable")
"""How near a file is to the commit's: those of `SAME` have the same calls."""


@dataclass(frozen=True, slots=True)
class Commit:
    """An entry of the replay file."""

    repo: str
    sha: str
    parent: str
    grade: str
    codemods: tuple[str, ...]
    absent: tuple[str, ...]
    settings: Mapping[str, Any]
    redesign: bool
    explained: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that the commit changed.

    :param missing: calls and names of the commit that deventlet does not arrive at.
    :param extra: those of deventlet that the commit does not have.
    """

    path: str
    level: str
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    explanation: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A subject that stays in a file of the commit, and why."""

    place: str
    codemod: str
    api: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Replay:
    """One commit, replayed.

    :param elsewhere: files that deventlet changes and the commit does not.
    """

    commit: Commit
    subject: str
    files: tuple[File, ...]
    refused: tuple[Refused, ...] = ()
    elsewhere: tuple[str, ...] = ()


# The replay file -----------------------------------------------------------------


def commits(entries: Iterable[Mapping[str, Any]]) -> Iterator[Commit]:
    """The entries, with the codemods that are installed."""
    known = pages()
    for entry in entries:
        wanted = entry.get("codemods") or _by_pattern(entry.get("patterns", ()))
        grade = entry.get("grade", "")
        yield Commit(
            entry["repo"],
            entry["sha"],
            entry.get("parent") or f"{entry['sha']}^",
            grade,
            tuple(name for name in known if name in wanted),
            tuple(name for name in wanted if name not in known),
            entry.get("settings", {}),
            bool(entry.get("redesign", grade == "C")),
            entry.get("explained", {}),
        )


def _by_pattern(patterns: Iterable[str]) -> list[str]:
    every = tuple(pages())
    found = [name for word in patterns for name in PATTERNS.get(word, every)]
    return list(dict.fromkeys(found))


# Running -------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    """The output of git.

    :raises SystemExit: if it fails.
    """
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return done.stdout.decode(errors="surrogateescape")


def replayed(commit: Commit, repository: Path, folder: Path) -> Replay:
    """Run the codemods on the parent in an empty folder, and compare."""
    git(folder, "clone", "-q", "--shared", "--no-checkout", str(repository), "tree")
    tree = folder / "tree"
    git(tree, "checkout", "-q", "--detach", commit.parent)
    outcomes = series(tree, commit)
    ours = {path: new for each in outcomes for path, (_, new) in each.changes.items()}
    changed = changed_files(tree, commit)
    files = [
        compare(path, (tree / path).read_bytes(), theirs, ours.get(path), commit)
        for path, theirs in changed.items()
    ]
    return Replay(
        commit,
        git(tree, "show", "-s", "--format=%s", commit.sha).strip(),
        tuple(files),
        tuple(refused(outcomes, changed)),
        tuple(sorted(ours.keys() - changed.keys())),
    )


def series(tree: Path, commit: Commit) -> list[Outcome]:
    """What the codemods make of a tree, each of what the one before left."""
    known: Mapping[str, Page] = pages()
    given = {key.replace("-", "_"): _frozen(v) for key, v in commit.settings.items()}
    config = msgspec.structs.replace(load(tree), **given)
    found = discover([tree], config.exclude)
    request = Request(found.root, found.files, frozenset(found.selected), config)
    overlay: dict[str, bytes] = {}
    outcomes = []
    for name in commit.codemods:
        outcome = run(known[name], request, overlay)
        overlay.update({path: new for path, (_, new) in outcome.changes.items()})
        outcomes.append(outcome)
    return outcomes


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def changed_files(tree: Path, commit: Commit) -> dict[str, bytes]:
    """The Python files and lists that a commit changed and kept, as it left them."""
    names = git(
        *(tree, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=M"),
        *(commit.parent, commit.sha, "--", "*.py", *LISTS),
    )
    return {
        name: git(tree, "show", f"{commit.sha}:{name}").encode(errors="surrogateescape")
        for name in names.split("\0")[:-1]
    }


def refused(
    outcomes: Iterable[Outcome], paths: Mapping[str, bytes]
) -> Iterator[Refused]:
    """What stays in the commit's files."""
    for outcome in outcomes:
        for verdict in outcome.verdicts:
            site = verdict.subject.origin
            if not verdict.applies and site.path in paths:
                place = f"{site.path}:{site.line}"
                yield Refused(
                    *(place, verdict.codemod, site.api, verdict.reason),
                    _message(verdict),
                )


def _message(verdict: Verdict) -> str:
    known = reasons().get(verdict.reason)
    said = known.summary if known else verdict.reason
    return f"{said}: {verdict.detail}" if verdict.detail else said


# Comparing -----------------------------------------------------------------------


def compare(
    path: str, before: bytes, theirs: bytes, ours: bytes | None, commit: Commit
) -> File:
    """How near deventlet came to what the commit made of a file.

    :param ours: None if deventlet leaves the file as it is.
    """
    read = Code if path.endswith(".py") else Listed
    try:
        left, right = read(theirs), read(before if ours is None else ours)
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        return File(path, "unreadable", explanation=str(error))
    diff = "".join(
        difflib.unified_diff(
            left.text.splitlines(keepends=True),
            right.text.splitlines(keepends=True),
            f"the commit/{path}",
            f"deventlet/{path}",
        )
    )
    missing, extra = left.uses - right.uses, right.uses - left.uses
    level, why = _level(left, right), ""
    if level == "differs" and not commit.absent and path in commit.explained:
        level, why = (commit.explained[path][key] for key in ("as", "why"))
    return File(
        path,
        level,
        tuple(sorted(missing.elements())),
        tuple(sorted(extra.elements())),
        why,
        diff,
    )


def _level(left: Code | Listed, right: Code | Listed) -> str:
    if left.uses != right.uses:
        return "differs"
    if left.imported == right.imported and left.lines == right.lines:
        return "exact"
    return "layout" if left.tree == right.tree else "calls"


class Listed:
    """A list of requirements or a file of settings: its lines are what it says."""

    imported: frozenset[str] = frozenset()
    tree = ""

    def __init__(self, source: bytes) -> None:
        self.text = source.decode()
        self.lines = [line.strip() for line in self.text.split("\n") if line.strip()]
        self.uses = Counter(self.lines)


class Code:
    """A source file with every imported name written out in full.

    An alias of an import counts for what is imported, so that ``import queue as q``
    and ``import queue`` are the same; a name that the function around it binds in
    another way counts for itself.

    :raises SyntaxError: if it is not Python.
    """

    def __init__(self, source: bytes) -> None:
        self.text = source.decode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._tree = ast.parse(source)
        self.imported = frozenset(full for _, full in _imports(self._tree))
        names = _names(self._tree)
        self._was = {node: node.id for node in _references(self._tree, names)}
        self.lines = self._lines(names)
        for node, name in self._was.items():
            node.id = names[name]
        self.uses = Counter([*self._calls(), *self._chains()])

    def _lines(self, names: Mapping[str, str]) -> list[str]:
        """The lines without imports and blank ones, imported names in full."""
        rows = [line.encode() for line in self.text.split("\n")]
        for node in sorted(self._was, key=lambda each: -each.col_offset):
            row, start = rows[node.lineno - 1], node.col_offset
            end = start + len(node.id.encode())
            if row[start:end] == node.id.encode():  # not so in some f-strings
                name = names[node.id].encode()
                rows[node.lineno - 1] = row[:start] + name + row[end:]
        for statement in _import_statements(self._tree):
            first, last = statement.lineno, statement.end_lineno or 0
            rows[first - 1 : last] = [b""] * (last - first + 1)
        return [row.decode() for row in rows if row.strip()]

    @cached_property
    def tree(self) -> str:
        """The syntax without imports, imported names in full."""
        return ast.dump(_WithoutImports().visit(self._tree))

    def _calls(self) -> Iterator[str]:
        """Every call: the name in full of what is imported; of a method, its own."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                given = ", ".join(map(ast.unparse, [*node.args, *node.keywords]))
                yield f"{self._callee(node.func)}({given})"

    def _callee(self, node: ast.expr) -> str:
        method = f".{node.attr}" if isinstance(node, ast.Attribute) else ""
        return self._chain(node) or method or ast.unparse(node)

    def _chains(self) -> Iterator[str]:
        """The longest dotted names that begin with something imported."""
        nodes = list(ast.walk(self._tree))
        inner = {node.value for node in nodes if isinstance(node, ast.Attribute)}
        for node in nodes:
            chain = None if node in inner else self._chain(node)
            if chain:
                yield chain

    def _chain(self, node: ast.AST) -> str | None:
        """``a.b.c`` from an imported ``a``, in full."""
        if isinstance(node, ast.Attribute):
            base = self._chain(node.value)
            return base and f"{base}.{node.attr}"
        return node.id if isinstance(node, ast.Name) and node in self._was else None


def _imports(tree: ast.Module) -> Iterator[tuple[ast.alias, str]]:
    """What is imported, by its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            prefix = ""
            if isinstance(node, ast.ImportFrom):
                prefix = f"{'.' * node.level}{node.module or ''}."
            for alias in node.names:
                yield alias, prefix + alias.name


def _names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for; of alternatives, all."""
    found: dict[str, dict[str, None]] = {}
    for local, full in _bindings(tree):
        found.setdefault(local, {})[full] = None
    return {local: " or ".join(each) for local, each in found.items()}


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that imports bind, each with what it stands for."""
    for alias, full in _imports(tree):
        if alias.asname:
            yield alias.asname, full
        elif full == alias.name:
            yield full.partition(".")[0], full.partition(".")[0]
        else:
            yield alias.name, full


def _references(
    node: ast.AST, names: Mapping[str, str], hidden: frozenset[str] = frozenset()
) -> Iterator[ast.Name]:
    """Where names of imports are used, or bound outside of functions."""
    if isinstance(node, ast.Name) and node.id in names and node.id not in hidden:
        yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        hidden |= frozenset(_bound(node))
    for child in ast.iter_child_nodes(node):
        yield from _references(child, names, hidden)


def _bound(function: ast.AST) -> Iterator[str]:
    """Parameters and variables of a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _import_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and _only_imports(node):
            yield node


def _only_imports(node: ast.stmt) -> bool:
    """An import, or a ``try`` that chooses between imports."""
    if not isinstance(node, ast.Try):
        return isinstance(node, ast.Import | ast.ImportFrom)
    handlers = [handler.body for handler in node.handlers]
    blocks = (node.body, node.orelse, node.finalbody, *handlers)
    return all(_only_imports(inner) for block in blocks for inner in block)


class _WithoutImports(ast.NodeTransformer):
    """Takes imports out of a tree."""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt) and _only_imports(node):
            return None
        return super().visit(node)


# Showing -------------------------------------------------------------------------


def show(done: Replay) -> None:
    """A line for the commit, one for each file, and what differs."""
    commit = done.commit
    print(f"\n{commit.repo} {commit.sha[:10]} {done.subject}")
    print(f"  {', '.join(commit.codemods)}{_absent(commit)}")
    for file in done.files:
        print(f"  {file.level:10} {file.path}")
        if file.explanation:
            print(f"    because {file.explanation}")
        if file.level in (*EXPLAINED, "differs"):
            show_difference(file)
    for path in stale(done):
        print(f"  stale      {path}: it does not differ")
    for each in done.refused:
        print(f"  refused    {each.place}: {each.api} [{each.reason}]")
        print(f"    {each.message}")
    if done.elsewhere:
        print(f"  elsewhere  {len(done.elsewhere)} other files change")


def _absent(commit: Commit) -> str:
    return f" (not there: {', '.join(commit.absent)})" if commit.absent else ""


def show_difference(file: File) -> None:
    """What the commit has and deventlet has not, the other way round, and the diff."""
    for sign, names in (("commit", file.missing), ("deventlet", file.extra)):
        for name in names:
            print(f"    only {sign}: {name}")
    for row in file.diff.splitlines():
        print(f"    | {row}")


def show_totals(done: Sequence[Replay]) -> None:
    """Files by level, for each grade; redesigns do not count."""
    grades: dict[str, Counter[str]] = {}
    for each in done:
        if not each.commit.redesign:
            levels = Counter(file.level for file in each.files)
            grades.setdefault(each.commit.grade or "-", Counter()).update(levels)
    print(f"\n{'grade':6}{'files':>6}" + "".join(f"{word:>11}" for word in LEVELS))
    for grade, levels in sorted(grades.items()):
        counts = "".join(f"{levels[word]:11}" for word in LEVELS)
        print(f"{grade:6}{levels.total():6}{counts}")
    every = sum(grades.values(), Counter())
    right = sum(every[word] for word in (*SAME, "better", "beyond"))
    share = f" ({100 * right / every.total():.0f} %)" if every else ""
    print(f"the same calls, better or beyond: {right} of {every.total()}{share}")


def stale(done: Replay) -> list[str]:
    """The files whose difference is explained and that have the same calls."""
    same = {file.path for file in done.files if file.level in SAME}
    return sorted(same.intersection(done.commit.explained))


def unexplained(done: Iterable[Replay]) -> bool:
    """Whether a file that counts differs, and nothing says why, or the reverse."""
    return any(
        stale(each) or any(file.level == "differs" for file in each.files)
        for each in done
        if not each.commit.redesign
    )


def repositories(arguments: Iterable[str]) -> dict[str, Path]:
    """``NAME=PATH`` or ``PATH``, by the last part of a repository's name."""
    found = {}
    for argument in arguments:
        name, _, path = argument.rpartition("=")
        folder = Path(path).resolve()
        found[name or folder.name.removesuffix(".git")] = folder
    return found


def main() -> None:
    """Replay every commit whose repository is given; status 1 if one differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("replay", type=Path, metavar="REPLAY")
    parser.add_argument("repositories", nargs="+", metavar="NAME=REPOSITORY")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--only", default="", help="commits that begin with this")
    options = parser.parse_args()
    given = repositories(options.repositories)
    done = []
    for commit in commits(json.loads(options.replay.read_text())):
        repository = given.get(commit.repo.rpartition("/")[2])
        if repository is None or not commit.sha.startswith(options.only):
            continue
        with tempfile.TemporaryDirectory() as folder:
            done.append(replayed(commit, repository, Path(folder)))
        show(done[-1])
        sys.stdout.flush()
    show_totals(done)
    if options.json:
        options.json.write_text(json.dumps(list(map(asdict, done)), indent=2) + "\n")
    sys.exit(unexplained(done))


if __name__ == "__main__":
    main()
