"""Runs the sleep codemod on checkouts of real projects and checks what it did.

    python benchmarks/census.py TREE... [--sites FILE] [--json FILE] [--work DIR]

Nothing is written to the trees: each is cloned, at its HEAD, into a scratch folder
(kept if ``--work`` names one); one that is no repository, or half of one, is copied.
What deventlet says comes from processes of its own; what is checked is found out
here, with nothing of deventlet's, so that a mistake in its resolver or in its own
checks is not made twice.

The sites file holds uses of Eventlet that another analyser counted: ``{tree: {"sha":
commit, "uses": [[path, line, kind, api, form], ...]}}``. On that commit a use has to
be within a few lines of a site with a verdict; on another one, in the same file.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import difflib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pyflakes.checker import Checker  # type: ignore[import-untyped]

API = "eventlet.sleep"
KINDS = {"use": "use", "projuse": "use", "mockstr": "mock", "mockobj": "mock"}
STYLE = re.compile(r"E1|E2|E3|E501|W|H30")
ISOLATED = "--select=E1,E2,E3,E501,W,H301,H303,H304,H306"
NEAR, FAR = 3, 400
DUMP = """
import json
from pathlib import Path
from deventlet.config import load
from deventlet.driver.run import Request, run
from deventlet.registry import page
from deventlet.source.discover import discover

tree = discover([Path()])
config = load(tree.root)
request = Request(tree.root, tree.files, frozenset(tree.selected), config)
outcome = run(page("sleep"), request, {})
keys = ("path", "line", "column", "end_line", "end_column", "api", "form")
print(json.dumps({
    "changes": sorted(outcome.changes),
    "problems": {path: str(problem) for path, problem in outcome.problems.items()},
    "sites": [
        {key: getattr(site, key) for key in keys} | {
            "kind": verdict.subject.kind, "verdict": verdict.verdict,
            "reason": verdict.reason, "applies": verdict.applies,
        }
        for verdict in outcome.verdicts for site in verdict.subject.sites
    ],
}))
"""
_IMPORTS = (ast.Import, ast.ImportFrom, ast.Pass)


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that did not hold, in one line, and the hunk that shows it."""

    check: str
    where: str
    message: str
    hunk: str = ""


@dataclass(slots=True)
class Result:
    """What was found out about one tree."""

    tree: str
    files: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    census: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """One changed file."""

    path: str
    before: bytes
    after: bytes
    spans: frozenset[tuple[int, int, int, int]]
    hunks: tuple[tuple[range, range], ...]

    def hunk(self, line: int) -> str:
        """The part of the diff that holds a line of the new file, or all of it."""
        old, new = (text(each).splitlines() for each in (self.before, self.after))
        diff = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
        starts = [n for n, row in enumerate(diff) if row.startswith("@@")]
        for start, stop in zip(starts, [*starts[1:], len(diff)], strict=True):
            first, count = _new_range(diff[start])
            if first <= line <= first + count:
                return "\n".join(diff[start:stop])
        return "\n".join(diff)


def _new_range(header: str) -> tuple[int, int]:
    """First line and number of lines of a hunk in the new file."""
    found = re.search(r"\+(\d+)(?:,(\d+))?", header)
    assert found is not None
    return int(found[1]), int(found[2] or 1)


def text(content: bytes) -> str:
    """The decoded source."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding)


# Running things ------------------------------------------------------------------


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with an identity for git, whatever its status."""
    who = {"NAME": "Census", "EMAIL": "census@example.org"}
    roles = ("AUTHOR", "COMMITTER")
    identity = {f"GIT_{role}_{key}": who[key] for role in roles for key in who}
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | identity,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def must(command: Sequence[str], folder: Path) -> str:
    """The output of a command that may not fail."""
    done = run(command, folder)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} failed in {folder}:\n{done.stderr}")
    return done.stdout


def repository(tree: Path, work: Path) -> Path:
    """The tree, or a copy in a repository of its own if git cannot check it out."""
    trial = work / "trial"
    done = run(["git", "clone", "-q", "--shared", str(tree), str(trial)], work)
    shutil.rmtree(trial, ignore_errors=True)
    if done.returncode == 0:
        return tree
    copy = work / tree.name
    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "As it is")):
        must(["git", *command], copy)
    return copy


def clone(tree: Path, target: Path) -> Path:
    """A fresh clone of a repository at its HEAD; it borrows the objects."""
    must(["git", "clone", "-q", "--shared", str(tree), str(target)], tree)
    return target


def dump(folder: Path) -> Any:
    """Verdicts and changes of a run that writes nothing."""
    return json.loads(must([sys.executable, "-c", DUMP], folder))


def apply(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command line; 3 says that some file cannot be read, which is no failure.

    :raises SystemExit: if it fails in any other way.
    """
    command = [sys.executable, "-m", "deventlet", "apply", "--codemod", "sleep"]
    done = run([*command, *options], folder)
    if done.returncode not in (0, 3) or "Traceback" in done.stderr:
        sys.exit(f"apply {shlex.join(options)} failed in {folder}:\n{done.stderr}")
    return done


# One tree ------------------------------------------------------------------------


def examine(tree: Path, census: Mapping[str, Any] | None, work: Path) -> Result:
    """Run on one tree and check everything."""
    result = Result(tree.name)
    tree = repository(tree, work)
    original = clone(tree, work / "original")
    place = clone(tree, work / "in-place")
    found = dump(original)
    result.verdicts = shares(found["sites"])
    result.notes += [f"{path}: {said}" for path, said in found["problems"].items()]
    if census:
        result.failures += compare(census, found["sites"], original, result)
    apply(place)
    changes = changed(original, place, found["sites"])
    result.files = len(changes)
    for change in changes:
        result.failures += right(change)
    result.failures += style(changes, original, place, result)
    result.failures += only_what_was_said(changes, found)
    result.failures += second_run(place)
    result.failures += patches(tree, place, work)
    return result


def changed(original: Path, place: Path, sites: Iterable[Any]) -> list[Change]:
    """The files that git says are different, with the sites that apply in them."""
    spans: dict[str, set[tuple[int, int, int, int]]] = {}
    keys = ("line", "column", "end_line", "end_column")
    for site in sites:
        if site["applies"]:
            line, column, end, stop = (site[key] for key in keys)
            spans.setdefault(site["path"], set()).add((line, column, end, stop))
    names = must(["git", "diff", "--name-only", "-z"], place).split("\0")[:-1]
    return [
        Change(
            name,
            (original / name).read_bytes(),
            (place / name).read_bytes(),
            frozenset(spans.get(name, ())),
            tuple(hunks(name, place)),
        )
        for name in names
    ]


def hunks(name: str, place: Path) -> Iterator[tuple[range, range]]:
    """The lines that went and those that came, as git sees them."""
    diff = must(["git", "diff", "-U0", "--no-color", "--", name], place)
    for found in re.finditer(r"^@@ -(\S+) \+(\S+) @@", diff, re.MULTILINE):
        old, new = (
            [int(part) for part in f"{numbers},1".split(",")[:2]]
            for numbers in found.groups()
        )
        yield range(old[0], sum(old)), range(new[0], sum(new))


def shares(sites: Iterable[Any]) -> dict[str, int]:
    """Sites by verdict and reason."""
    words = Counter(word(site) for site in sites)
    return dict(sorted(words.items()))


def word(site: Any) -> str:
    """A verdict with its reason, in one word or two."""
    return f"{site['verdict']} {site['reason']}".strip()


# Does every counted use have a verdict? ------------------------------------------


def compare(
    census: Mapping[str, Any], sites: Iterable[Any], folder: Path, result: Result
) -> Iterator[Failure]:
    """Match uses with sites of the same file and kind, the nearest first."""
    exact = must(["git", "rev-parse", "HEAD"], folder).strip() == census["sha"]
    reach = NEAR if exact else FAR
    if not exact:
        result.notes.append("not the commit that was counted: lines matched roughly")
    uses = [use for use in census["uses"] if use[3] == API and use[2] in KINDS]
    free = [site for site in sites if site["form"] != "import"]
    pairs = sorted(
        (distance, n, m)
        for n, use in enumerate(uses)
        for m, site in enumerate(free)
        if (distance := _distance(use, site)) <= reach
    )
    matched: dict[int, int] = {}
    for _, n, m in pairs:
        if n not in matched and m not in matched.values():
            matched[n] = m
    result.census = shares(free[m] for m in matched.values())
    for n, use in enumerate(uses):
        if n in matched:
            continue
        moved = not exact and not (folder / use[0]).exists()
        why = "not in this tree" if moved else "no verdict"
        result.census[why] = result.census.get(why, 0) + 1
        if not moved:
            line = _source_line(folder / use[0], use[1]) if exact else ""
            yield Failure(
                "verdict", f"{use[0]}:{use[1]}", f"{use[2]} without one", line
            )


def _distance(use: Sequence[Any], site: Any) -> int:
    """Lines between a counted use and a site; far away if they cannot be the same."""
    path, line, kind = use[:3]
    if (path, KINDS[kind]) != (site["path"], _kind(site)):
        return FAR + 1
    return int(max(site["line"] - line, line - site["end_line"], 0))


def _kind(site: Any) -> str:
    return "mock" if site["kind"] == "mock" else "use"


def _source_line(path: Path, line: int) -> str:
    lines = text(path.read_bytes()).splitlines() if path.exists() else []
    return lines[line - 1].strip() if line <= len(lines) else "(no such line)"


# Is a changed file right? --------------------------------------------------------


def right(change: Change) -> Iterator[Failure]:
    """Everything that can be said about one file by itself."""
    try:
        parsed(change.after)
    except SyntaxError as error:
        yield Failure(
            "compile", change.path, str(error), change.hunk(error.lineno or 1)
        )
        return
    for check in (pyflakes, same_elsewhere, same_lines, keeps_comments):
        yield from check(change)


def parsed(content: bytes) -> ast.Module:
    """The syntax tree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(content)


def pyflakes(change: Change) -> Iterator[Failure]:
    """No message that was not there before, such as an undefined or unused name."""
    old = Counter(message for message, _ in _messages(change.before))
    for message, line in _messages(change.after):
        if old[message]:
            old[message] -= 1
        else:
            yield Failure(
                "pyflakes", f"{change.path}:{line}", message, change.hunk(line)
            )


def _messages(content: bytes) -> list[tuple[str, int]]:
    """What pyflakes says, without line numbers in the words, and the line."""
    found = Checker(parsed(content)).messages
    return [
        (re.sub(r" line \d+", "", each.message % each.message_args), each.lineno)
        for each in found
    ]


def same_elsewhere(change: Change) -> Iterator[Failure]:
    """Without imports and with the sites masked, the trees are the same."""
    pending: list[tuple[Any, Any, int]] = [
        (parsed(change.before), parsed(change.after), 1)
    ]
    while pending:
        old, new, line = pending.pop()
        if _span(old) in change.spans:
            continue
        line = getattr(old, "lineno", line)
        if isinstance(old, list):
            old, new = (without_imports(each) for each in (old, new))
        if type(old) is not type(new) or len(_parts(old)) != len(_parts(new)):
            yield Failure(
                "tree", f"{change.path}:{line}", _shown(old, new), change.hunk(line)
            )
        elif not isinstance(old, ast.AST | list):
            if old != new:
                yield Failure(
                    "tree", f"{change.path}:{line}", _shown(old, new), change.hunk(line)
                )
        else:
            pending += zip(
                _parts(old), _parts(new), [line] * len(_parts(old)), strict=True
            )


def _span(node: Any) -> tuple[int, int, int, int] | None:
    if not isinstance(node, ast.expr):
        return None
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _parts(node: Any) -> list[Any]:
    """The items of a list, the fields of a node, nothing of anything else."""
    if isinstance(node, ast.AST):
        return [getattr(node, name, None) for name in node._fields]
    return list(node) if isinstance(node, list) else []


def _shown(old: Any, new: Any) -> str:
    return " became ".join(
        ast.dump(each)[:120] if isinstance(each, ast.AST) else repr(each)[:120]
        for each in (old, new)
    )


def without_imports(nodes: list[Any]) -> list[Any]:
    """A block without its imports, and without what only holds imports."""
    return [node for node in nodes if not _only_imports(node)]


def _only_imports(node: Any) -> bool:
    if not isinstance(node, ast.Try):
        return isinstance(node, _IMPORTS)
    handlers = [handler.body for handler in node.handlers]
    blocks = (node.body, node.orelse, node.finalbody, *handlers)
    return all(map(_only_imports, [inner for block in blocks for inner in block]))


def same_lines(change: Change) -> Iterator[Failure]:
    """Only imports, statements that hold a site, and blank lines differ."""
    before, after = parsed(change.before), parsed(change.after)
    sites = _lines(before, lambda node: _holds(node, change.spans))
    removable = sites | _lines(before, _only_imports) | _blank(change.before)
    addable = _lines(after, _only_imports) | _blank(change.after)
    for gone, come in change.hunks:
        bad = set(gone) - removable
        if not sites.intersection(gone):
            bad |= set(come) - addable
        if bad:
            where = f"{change.path}:{min(bad)}"
            why = "changed outside of sites and imports"
            yield Failure("lines", where, why, change.hunk(come.start))


def _lines(tree: ast.Module, wanted: Callable[[ast.stmt], bool]) -> set[int]:
    """The lines of the statements that are wanted; of compound ones, the header."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and wanted(node)
        for line in range(_first_line(node), _last_line(node) + 1)
    }


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(int(each.lineno) for each in decorators)])


def _last_line(node: ast.stmt) -> int:
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and not _only_imports(node):
        return max(node.lineno, int(body[0].lineno) - 1)
    return node.end_lineno or node.lineno


def _holds(node: ast.stmt, spans: Iterable[tuple[int, int, int, int]]) -> bool:
    """Whether a site is in a statement: in the header, if it is a compound one."""
    lines = range(_first_line(node), _last_line(node) + 1)
    return any(span[0] in lines for span in spans)


def _blank(content: bytes) -> set[int]:
    lines = text(content).split("\n")
    return {number for number, line in enumerate(lines, 1) if not line.strip()}


def keeps_comments(change: Change) -> Iterator[Failure]:
    """Every comment is still there, but for those of an import that is gone."""
    kept = {line.split("#")[0].strip() for line in text(change.after).split("\n")}
    lost = _comments(change.before) - _comments(change.after)
    for comment, line in lost:
        code = line.split("#")[0].strip()
        if code in kept or not re.match(r"import\b|from\b", code):
            yield Failure("comment", change.path, f"lost: {comment}", change.hunk(0))


def _comments(content: bytes) -> Counter[tuple[str, str]]:
    """Comments, those on the line of an import with the line."""
    found = tokenize.tokenize(io.BytesIO(content).readline)
    comments = (token for token in found if token.type == tokenize.COMMENT)
    return Counter(
        (
            token.string,
            token.line if re.match(r"\s*(import|from)\b", token.line) else "",
        )
        for token in comments
    )


# Is the style still the project's? -----------------------------------------------


def style(
    changes: Sequence[Change], original: Path, place: Path, result: Result
) -> Iterator[Failure]:
    """No more messages of a code in a file than before, as the project runs flake8."""
    names = [change.path for change in changes]
    options: list[str] = []
    before, after = flake8(names, original), flake8(names, place)
    if before is None or after is None:
        options = ["--isolated", ISOLATED, f"--max-line-length={line_length(original)}"]
        said = f"the project's flake8 settings need more than is here; {options}"
        result.notes.append(said)
        before, after = (flake8(names, each, options) for each in (original, place))
    assert before is not None
    assert after is not None
    for change in changes:
        yield from _new_messages(change, before, after)


_Messages = list[tuple[str, int, str]]


def _new_messages(
    change: Change, before: _Messages, after: _Messages
) -> Iterator[Failure]:
    old, new = (
        [each for each in messages if each[0] == change.path]
        for messages in (before, after)
    )
    counts = Counter(said.split()[0] for _, _, said in old)
    lines = Counter(said for _, _, said in old)
    grown = Counter(said.split()[0] for _, _, said in new) - counts
    for path, line, said in new:
        if lines[said]:
            lines[said] -= 1
        elif said.split()[0] in grown:
            yield Failure("flake8", f"{path}:{line}", said, change.hunk(line))


def flake8(
    names: Sequence[str], folder: Path, options: Sequence[str] = ()
) -> _Messages | None:
    """Path, line and words of the messages about style; None if flake8 fails."""
    if not names:
        return []
    form = "--format=%(path)s\t%(row)d\t%(code)s %(text)s"
    command = [sys.executable, "-m", "flake8", form, "--no-show-source"]
    done = run([*command, *options, *names], folder)
    if done.returncode > 1 or done.stderr:
        return None
    rows = (row.split("\t", 2) for row in done.stdout.splitlines())
    return [
        (os.path.normpath(row[0]), int(row[1]), row[2])
        for row in rows
        if len(row) == 3 and STYLE.match(row[2])
    ]


def line_length(folder: Path) -> int:
    """The project's line length, as flake8 would read it."""
    for name in ("setup.cfg", "tox.ini", ".flake8"):
        parser = configparser.RawConfigParser()
        parser.read(folder / name)
        for key in ("max-line-length", "max_line_length"):
            if parser.has_option("flake8", key):
                return parser.getint("flake8", key)
    return 79


# Is the run right as a whole? ----------------------------------------------------


def only_what_was_said(changes: Sequence[Change], found: Any) -> Iterator[Failure]:
    """The files that changed are those with a site that applies, and no others."""
    said = {site["path"] for site in found["sites"] if site["applies"]}
    actual = {change.path for change in changes}
    for path in sorted(said ^ actual):
        yield Failure("files", path, "changed" if path in actual else "did not change")


def second_run(place: Path) -> Iterator[Failure]:
    """A run on the result changes nothing."""
    must(["git", "commit", "-qam", "In place", "--no-verify", "--allow-empty"], place)
    again = apply(place, "--dry-run").stdout
    for line in again.splitlines():
        if line.startswith("diff --git "):
            yield Failure(
                "second run", line.rpartition(" b/")[2], "changes again", again
            )


def patches(tree: Path, place: Path, work: Path) -> Iterator[Failure]:
    """The patches apply with ``git am`` to a fresh clone, and give the same tree."""
    source, target = clone(tree, work / "source"), clone(tree, work / "target")
    folder = work / "patches"
    said = apply(source, "--patch-dir", str(folder)).stdout
    if must(["git", "status", "--porcelain"], source):
        yield Failure("patches", "", "writing patches changed the work tree")
    commands = [row for row in said.splitlines() if row.startswith("git am")]
    if not commands and list(folder.glob("*.patch")):
        yield Failure("patches", "", "no line says how to apply them", said)
    for command in commands:
        done = run(shlex.split(command), target)
        if done.returncode or done.stderr:
            yield Failure("patches", command, done.stderr or done.stdout)
    one, two = (
        must(["git", "rev-parse", "HEAD^{tree}"], each) for each in (place, target)
    )
    if one != two:
        difference = run(["git", "diff", "--no-index", str(place), str(target)], work)
        yield Failure("patches", "", "not the tree of in place", difference.stdout)


# Showing -------------------------------------------------------------------------


def show(result: Result) -> None:
    """A table, and a line per failure."""
    print(f"\n{result.tree}: {result.files} files changed")
    counted = sum(result.census.values())
    print(f"  {'verdict':40} {'sites':>6}" + (f" {'census':>7}" if counted else ""))
    for name in sorted(result.verdicts | result.census):
        share = f" {result.census.get(name, 0):7}" if counted else ""
        print(f"  {name:40} {result.verdicts.get(name, 0):6}{share}")
    for note in result.notes:
        print(f"  note: {note}")
    for failure in result.failures:
        print(f"  FAILED {failure.check}: {failure.where}: {failure.message}")
        for row in failure.hunk.splitlines()[:40]:
            print(f"    | {row}")
    if not result.failures:
        print("  every check passed")


@contextmanager
def scratch(kept: Path | None, name: str) -> Iterator[Path]:
    """A folder for the clones of one tree: removed at the end, or kept and emptied."""
    if kept is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    own = kept.resolve() / name
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    yield own


def main() -> None:
    """Examine every tree; status 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--sites", type=Path, help="uses that were counted elsewhere")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--work", type=Path, help="keep the clones in this folder")
    options = parser.parse_args()
    counted = json.loads(options.sites.read_text()) if options.sites else {}
    results = []
    for tree in options.trees:
        with scratch(options.work, tree.name) as work:
            results.append(examine(tree.resolve(), counted.get(tree.name), work))
        show(results[-1])
        sys.stdout.flush()
    if options.json:
        listed = [asdict(result) for result in results]
        options.json.write_text(json.dumps(listed, indent=2) + "\n")
    sys.exit(any(result.failures for result in results))


if __name__ == "__main__":
    main()
