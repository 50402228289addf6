"""Checks a series as a whole: what is written where, and that it is the end."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.census.files import Failure, changes, right
from benchmarks.census.steps import Step, write_patches
from benchmarks.census.tools import clone, deventlet, git, run


def written(tree: Path, work: Path, options: Sequence[str]) -> Path:
    """A clone in which ``apply --all`` was run and committed."""
    place = clone(tree, work / "in-place")
    deventlet(place, "apply", "--all", *options)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "In place", "--no-verify", "--allow-empty")
    return place


def second_run(place: Path, options: Sequence[str]) -> Iterator[Failure]:
    """A run on the result changes nothing."""
    again = deventlet(place, "apply", "--all", "--dry-run", *options).stdout
    for line in again.splitlines():
        if line.startswith("diff --git "):
            path = line.rpartition(" b/")[2]
            yield Failure("second run", path, "changes again", again)


def patches(
    tree: Path, place: Path, work: Path, options: Sequence[str]
) -> tuple[list[str], list[Failure]]:
    """The codemods that make a patch, and what is wrong with the patches."""
    source = clone(tree, work / "source")
    told, steps = write_patches(source, work / "patches", options)
    found = []
    if git(source, "status", "--porcelain"):
        found.append(Failure("patches", "", "writing patches changed the work tree"))
    target = clone(tree, work / "target")
    base = git(target, "rev-parse", "HEAD").strip()
    found += _applied(target, work / "patches", told)
    found += _each(target, base, steps)
    one, two = (git(each, "rev-parse", "HEAD^{tree}") for each in (place, target))
    if one != two:
        difference = run(["git", "diff", "--no-index", str(place), str(target)], work)
        why = "not the tree of in place"
        found.append(Failure("patches", "", why, difference.stdout))
    return [step.codemod for step in steps], found


def _applied(target: Path, folder: Path, told: str) -> Iterator[Failure]:
    """The lines that say how to apply the patches, done in a fresh clone."""
    commands = [row for row in told.splitlines() if row.startswith("git am")]
    if not commands and list(folder.glob("*.patch")):
        yield Failure("patches", "", "no line says how to apply them", told)
    for command in commands:
        done = run(shlex.split(command), target)
        if done.returncode or done.stderr:
            yield Failure("patches", command, done.stderr or done.stdout)


def _each(target: Path, base: str, said: Sequence[Step]) -> Iterator[Failure]:
    """Each commit against what its patch says that it changes."""
    commits = git(target, "rev-list", "--reverse", f"{base}..HEAD").split()
    if len(commits) != len(said):
        yield Failure("patches", "", f"{len(commits)} commits for {len(said)} codemods")
        return
    for commit, step in zip(commits, said, strict=True):
        found = changes(target, f"{commit}^", commit, step)
        actual = {change.path for change in found}
        for path in sorted(actual.symmetric_difference(step.changes)):
            why = "changed" if path in actual else "did not change"
            yield Failure("files", f"{step.codemod}: {path}", why)
        sites = {edit.path for edit in step.edits} | step.beside
        for path in sorted(actual - sites):
            yield Failure("files", f"{step.codemod}: {path}", "has no site")
        for change in found:
            for failure in right(change):
                where = f"{step.codemod}: {failure.where}"
                yield Failure(failure.check, where, failure.message, failure.hunk)
