"""python -m benchmarks.census TREE... [--assume REASON] [--json FILE] [--work DIR]

Checks each checkout, prints what was found, and exits with 1 if a check failed. A TREE
may also be a file that --json wrote: its results are shown again with the others.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.census.files import Failure, changes, pyflakes
from benchmarks.census.style import style
from benchmarks.census.tables import Result, by_api, by_tree, loaded, show
from benchmarks.census.tools import clone, repository, run, scan
from benchmarks.census.uses import count
from benchmarks.census.verdicts import MISSING, judge
from benchmarks.census.whole import patches, second_run, written


def verdicts(result: Result, original: Path, assume: Sequence[str]) -> None:
    """Whether every use has a verdict."""
    report, counted = scan(original, assume), count(original)
    result.judged = judge(counted.uses, report["sites"])
    named = {problem["path"] for problem in report["problems"]}
    for path in counted.unreadable:
        result.notes.append(f"{path} cannot be parsed here")
        if path not in named:
            why = "deventlet does not say that it cannot be parsed"
            result.failures.append(Failure("problem", path, why))
    for each in result.judged:
        if each.verdict == MISSING:
            where = f"{each.use.path}:{each.use.line}"
            result.failures.append(Failure("verdict", where, each.use.api))


def examine(tree: Path, work: Path, assume: Sequence[str], only_scan: bool) -> Result:
    """Count, run and check everything on one checkout."""
    start = time.monotonic()
    commit = run(["git", "rev-parse", "--short=10", "HEAD"], tree).stdout.strip()
    tree = repository(tree, work)
    original = clone(tree, work / "original")
    result = Result(tree.name, commit, only_scan=only_scan)
    verdicts(result, original, assume)
    if not only_scan:
        series(result, tree, original, work, [f"--assume={name}" for name in assume])
    result.seconds = time.monotonic() - start
    return result


def series(
    result: Result, tree: Path, original: Path, work: Path, options: Sequence[str]
) -> None:
    """Run the whole series, and check what it wrote."""
    place = written(tree, work, options)
    changed = changes(place, "HEAD^", "HEAD", None)
    result.files = len(changed)
    result.left = count(place).uses
    for change in changed:
        if change.path.endswith(".py"):
            result.failures += pyflakes(change)
    result.failures += style(changed, original, place, result.notes)
    result.failures += second_run(place, options)
    result.patches, wrong = patches(tree, place, work, options)
    result.failures += wrong


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


def listed(file: Path | None) -> dict[str, str]:
    """The commit of each checkout, by its name, off a list of commits and addresses."""
    if file is None:
        return {}
    rows = (row.split() for row in file.read_text().splitlines())
    return {address.rpartition("/")[2]: commit for commit, address in rows}


def results(options: argparse.Namespace) -> Iterator[Result]:
    """What is found of each checkout, and what was found before."""
    commits = listed(options.commits)
    for tree in options.trees:
        if tree.suffix == ".json":
            yield from map(loaded, json.loads(tree.read_text()))
            continue
        with scratch(options.work, tree.name) as work:
            found = examine(tree.resolve(), work, options.assume, options.scan)
        if not commits.get(found.tree, found.commit).startswith(found.commit):
            found.notes.append(f"{options.commits} has {commits[found.tree]}")
        yield found


def main() -> None:
    """Examine every checkout; status 1 if a check failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.census", description=__doc__.partition("\n")[2]
    )
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--assume", action="append", default=[], metavar="REASON")
    parser.add_argument("--scan", action="store_true", help="check verdicts only")
    parser.add_argument("--commits", type=Path, help="commits and addresses")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--work", type=Path, help="keep the clones in this folder")
    options = parser.parse_args()
    found = []
    for result in results(options):
        found.append(result)
        show(result)
        sys.stdout.flush()
    print("", *by_tree(found), "", *by_api(found), sep="\n")
    if options.json:
        text = json.dumps([asdict(result) for result in found], indent=1)
        options.json.write_text(text + "\n")
    sys.exit(any(result.failures for result in found))


if __name__ == "__main__":
    main()
