"""Checks what a series promises, on any repository.

    python benchmarks/series.py REPOSITORY... [--kills N --verify COMMAND] [--seed N]

In a clone of each, `apply --all --commit` is run. Each commit has to apply with
`git am` to its parent, compile, and bring no undefined name and no unused import, as
pyflakes sees them; the last tree has to be that of `apply --all` in place; a second run
has to change nothing; on top of an unrelated commit, the Change-Ids have to be the
same. With --kills, `apply --all --commit --verify` is also killed that many times at
random moments, each time followed by a call that finishes: the user's files and
branches have to be as before, and nothing of ours may be left.

Nothing is written to the repositories. The exit status is 1 if anything does not hold.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyflakes.api import check  # type: ignore[import-untyped]
from pyflakes.reporter import Reporter  # type: ignore[import-untyped]

BRANCH = "eventlet-removal"
_WATCHED = ("undefined name", "imported but unused", "redefinition of unused")
_WHO = ("-c", "user.name=A. Person", "-c", "user.email=person@example.org")


def main() -> None:
    """Check each repository and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", type=Path, nargs="+")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--verify", default="true", metavar="COMMAND")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = False
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as folder:
            root = cloned(repository.resolve(), Path(folder))
            problems = [*properties(root, Path(folder))]
            if options.kills:
                moments = random.Random(options.seed)
                problems += kills(root, options.kills, options.verify, moments)
            for problem in problems:
                print(f"  {problem}")
            failed |= bool(problems)
    sys.exit(failed)


def cloned(repository: Path, folder: Path) -> Path:
    """A clone of a repository, with an identity of its own."""
    root = folder / "clone" / repository.name
    git(folder, "clone", "-q", "--no-hardlinks", str(repository), str(root))
    git(root, "config", "user.name", "A. Person")
    git(root, "config", "user.email", "person@example.org")
    return root


# The series ----------------------------------------------------------------------


def properties(root: Path, folder: Path) -> Iterator[str]:
    """What does not hold of the series of a clone, a line each."""
    start = time.perf_counter()
    deventlet(root, "apply", "--all", "--commit")
    seconds = time.perf_counter() - start
    listed = git(root, "rev-list", "--reverse", f"HEAD..{BRANCH}").split()
    print(f"{root.name}: {len(listed)} commits in {seconds:.1f} s", flush=True)
    if not listed:
        return
    for commit in listed:
        yield from commit_problems(root, commit)
    yield from apply_problems(root, folder)
    deventlet(root, "apply", "--all", "--commit")
    if git(root, "rev-list", "--reverse", f"HEAD..{BRANCH}").split() != listed:
        yield "a second run makes other commits"
    yield from last_problems(root, folder)
    yield from rebase_problems(root)


def commit_problems(root: Path, commit: str) -> Iterator[str]:
    """What a commit breaks by itself."""
    changed = git(root, "diff", "--name-only", "-z", f"{commit}^", commit)
    for path in changed.split("\0")[:-1]:
        before, after = (blob(root, f"{c}:{path}") for c in (f"{commit}^", commit))
        new = said(after) - said(before)
        yield from (f"{commit[:10]} {path}: {line}" for line in sorted(new))


def said(source: str) -> Counter[str]:
    """What pyflakes says of a file, without where, or that it does not compile."""
    out, errors = io.StringIO(), io.StringIO()
    check(source, "file", Reporter(out, errors))
    lines = (line.split(" ", 1)[-1] for line in out.getvalue().splitlines())
    found = Counter(line for line in lines if any(w in line for w in _WATCHED))
    if errors.getvalue():
        found["does not compile"] += 1
    return found


def apply_problems(root: Path, folder: Path) -> Iterator[str]:
    """Whether the patches give the tree of the last commit with `git am`."""
    patches = folder / "patches"
    git(root, "format-patch", "-q", "--keep-subject", "-o", str(patches), f"..{BRANCH}")
    other = folder / "am"
    git(root, "worktree", "add", "-q", "--detach", str(other), "HEAD")
    names = map(str, sorted(patches.iterdir()))
    git(other, *_WHO, "am", "-q", "--keep-cr", "--keep", *names)
    if tree(other, "HEAD") != tree(root, BRANCH):
        yield "git am gives another tree"
    git(root, "worktree", "remove", "--force", str(other))


def last_problems(root: Path, folder: Path) -> Iterator[str]:
    """Whether a run in place gives the same, and one on the result nothing."""
    other = folder / "place" / root.name
    git(root, "worktree", "add", "-q", "--detach", str(other), "HEAD")
    deventlet(other, "apply", "--all")
    if git(other, "diff", "--name-only", BRANCH).strip():
        yield "a run in place gives another tree"
    git(other, "checkout", "-q", "-f", "--detach", BRANCH)
    deventlet(other, "apply", "--all")
    again = git(other, "diff", "--name-only").split()
    yield from (f"a run on the result changes {path}" for path in again)
    git(root, "worktree", "remove", "--force", str(other))


def rebase_problems(root: Path) -> Iterator[str]:
    """Whether a series on top of an unrelated commit updates the same reviews."""
    base, before = git(root, "rev-parse", "HEAD").strip(), change_ids(root)
    (root / "unrelated.txt").write_text("Something else\n")
    git(root, "add", "unrelated.txt")
    git(root, "commit", "-q", "-n", "-m", "Do something else")
    deventlet(root, "apply", "--all", "--commit")
    if git(root, "merge-base", "HEAD", BRANCH) != git(root, "rev-parse", "HEAD"):
        yield "the series does not stand on the new commit"
    if change_ids(root) != before:
        yield "other Change-Ids on top of an unrelated commit"
    git(root, "reset", "-q", "--hard", base)
    git(root, "branch", "-q", "-D", BRANCH)
    deventlet(root, "apply", "--all", "--commit")


def change_ids(root: Path) -> list[str]:
    """Those of the series, in order."""
    trailer = "--format=%(trailers:key=Change-Id,valueonly)"
    return git(root, "log", trailer, f"HEAD..{BRANCH}").split()


# Killed --------------------------------------------------------------------------


def kills(root: Path, count: int, command: str, moments: random.Random) -> list[str]:
    """What is not as it was once a killed run was finished by a second call."""
    call = ("apply", "--all", "--commit", "--verify", command)
    git(root, "branch", "-q", "-D", BRANCH)
    start = time.perf_counter()
    deventlet(root, *call)
    whole = time.perf_counter() - start
    tip = git(root, "rev-parse", BRANCH)
    problems, killed = [], 0
    for number in range(count):
        git(root, "branch", "-q", "-D", BRANCH)
        before = state(root)
        killed += killed_at(root, call, moments.uniform(0, whole))
        if {**state(root), **before} != state(root):
            problems.append(f"kill {number}: something of the user's is not as before")
        deventlet(root, *call)
        if git(root, "rev-parse", BRANCH) != tip:
            problems.append(f"kill {number}: the second call makes something else")
        problems += [f"kill {number}: {each} is left" for each in leftovers(root)]
        print(f"  {number + 1}: {len(problems)} problems", flush=True)
    print(f"  killed {killed} of {count} runs of {whole:.1f} s", flush=True)
    return problems


def killed_at(root: Path, call: Sequence[str], seconds: float) -> bool:
    """Kill a run after some seconds; whether it was still there."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        (sys.executable, "-m", "deventlet", *call), cwd=root, stdout=quiet, stderr=quiet
    )
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def state(root: Path) -> dict[str, str]:
    """The user's files, index, HEAD and refs."""
    refs = git(root, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    found = dict(line.split(" ", 1) for line in refs)
    found["HEAD"] = (root / ".git/HEAD").read_text()
    found["status"] = git(root, "status", "--porcelain", "--ignored")
    found["stash"] = git(root, "stash", "list")
    return found


def leftovers(root: Path) -> list[str]:
    """Locks, journals, work trees and folders of ours."""
    trees = git(root, "worktree", "list", "--porcelain").split("\n\n")
    held = [str(path) for path in (root / ".git").rglob("*.lock")]
    ours = [str(path) for path in (root / ".git").glob("deventlet/*")]
    return [*held, *ours, *(each for each in trees[1:] if each.strip())]


# Tools ---------------------------------------------------------------------------


def git(folder: Path, *args: str) -> str:
    """What git answers."""
    done = subprocess.run(("git", *args), cwd=folder, check=True, capture_output=True)
    return os.fsdecode(done.stdout)


def blob(root: Path, name: str) -> str:
    """The text of a file of a commit."""
    done = subprocess.run(
        ("git", "cat-file", "blob", name), cwd=root, check=True, capture_output=True
    )
    return done.stdout.decode("utf-8", "replace")


def tree(root: Path, commit: str) -> str:
    """The id of the files of a commit."""
    return git(root, "rev-parse", f"{commit}^{{tree}}")


def deventlet(root: Path, *args: str) -> None:
    """Run the command; files that cannot be processed are no matter here.

    :raises RuntimeError: if it is used wrongly, or fails.
    """
    done = subprocess.run(
        (sys.executable, "-m", "deventlet", *args), cwd=root, capture_output=True
    )
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
