"""Runs on a repository of very many files, made for that, and looks at what changed.

    python benchmarks/many.py [--files 100000] [--using 100]

Makes a repository in a folder for temporary files, in which some of the Python files
use Eventlet. Prints the seconds and the peak memory of each command; the exit status
is 1 if one fails, changes another file, or leaves one that it should change.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOOL = Path(sys.executable).with_name("deventlet")
USING = "import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n"
OTHER = "import os\n\n\ndef work(n):\n    return os.sep * n\n"
FOLDER = 100  # files in a folder
COMMANDS = {
    "scan": ("scan", "--format", "json"),
    "preview": ("apply", "--codemod", "sleep", "--dry-run"),
    "commit": ("apply", "--codemod", "sleep", "--commit"),
    "in place": ("apply", "--codemod", "sleep"),
    "again": ("apply", "--codemod", "sleep"),
}


def make(root: Path, files: int, using: int) -> set[str]:
    """The repository; the paths of the files that use Eventlet."""
    every = max(files // using, 1)
    found = set[str]()
    for number in range(files):
        path = f"proj/p{number // FOLDER}/m{number}.py"
        target = root / path
        if number % FOLDER == 0:
            target.parent.mkdir(parents=True)
            (target.parent / "__init__.py").touch()
        uses = number % every == 0 and len(found) < using
        target.write_text(USING if uses else OTHER)
        found |= {path} if uses else set()
    (root / "deventlet.toml").write_text('assume = ["process-patched"]\n')
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    return found


def git(root: Path, *words: str) -> str:
    """What git says, as somebody."""
    who = ("-c", "user.name=A. Person", "-c", "user.email=person@example.org")
    done = subprocess.run(["git", *who, *words], cwd=root, check=True, stdout=-1)
    return done.stdout.decode()


def measured(root: Path, *words: str) -> tuple[int, float, int]:
    """Exit status, seconds and peak memory in megabytes of a run."""
    names = ("GIT_AUTHOR", "GIT_COMMITTER")
    who = {f"{name}_NAME": "A. Person" for name in names}
    who |= {f"{name}_EMAIL": "person@example.org" for name in names}
    started = time.monotonic()
    with subprocess.Popen(
        [TOOL, *words],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **who},
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    return process.returncode, seconds, usage.ru_maxrss // 1024


def failures(root: Path, using: set[str]) -> list[str]:
    """Run every command; what does not hold."""
    found = []
    for name, words in COMMANDS.items():
        status, seconds, memory = measured(root, *words)
        print(f"{name:<10}{seconds:7.1f} s {memory:6d} MB", flush=True)
        if status:
            found.append(f"{name}: exit status {status}")
        changed = set(git(root, "diff", "--name-only").split())
        wanted = using if name in ("in place", "again") else set()
        if changed != wanted:
            found.append(
                f"{name}: {len(changed ^ wanted)} files are not as they should"
            )
    branch = set(git(root, "diff", "--name-only", "HEAD", "eventlet-removal").split())
    if branch != using:
        found.append(f"commit: {len(branch ^ using)} files are not as they should")
    return found


def main() -> None:
    """Make the repository and run on it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=100_000, metavar="N")
    parser.add_argument("--using", type=int, default=100, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "many")
        using = make(root, options.files, options.using)
        found = failures(root, using)
    print("\n".join(found) or "only what should has changed")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
