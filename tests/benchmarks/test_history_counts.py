"""The burn-down benchmark, on a repository with two commits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "burndown.py"
HEAD = "import eventlet\neventlet.monkey_patch()\n\n\ndef f():\n"
FIRST = HEAD + "    eventlet.sleep(1)\n    eventlet.spawn(f)\n"
# What another file passes on is what only the scan sees.
PASSED_ON = {
    "one.py": "from eventlet import sleep\n\n\ndef f():\n    sleep(1)\n",
    "two.py": "import one\n\n\ndef f():\n    one.sleep(1)\n",
}


def git(root: Path, *args: str) -> str:
    who = ("-c", "user.name=N", "-c", "user.email=n@example.org")
    done = subprocess.run(
        ["git", *who, *args], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(root: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (root / path).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "A commit")
    return git(root, "rev-parse", "HEAD")


def test_equal_numbers_pass_and_others_fail(tmp_path: Path) -> None:
    root = tmp_path / "proj"
    root.mkdir()
    git(root, "init", "-q")
    first = commit(root, {"a.py": FIRST})
    second = commit(root, PASSED_ON)
    sites = tmp_path / "sites.json"
    uses = [["a.py", n, "use", "eventlet.x", "call"] for n in (2, 6, 7)]
    sites.write_text(json.dumps({"proj": {"sha": first, "uses": uses}}))
    command = [sys.executable, str(BENCHMARK), str(root), "--sites", str(sites)]
    same = subprocess.run([*command, first], capture_output=True, text=True)
    assert same.returncode == 0, same.stderr
    assert same.stdout.splitlines()[1].split()[2:] == ["3", "3", "3", "3"]
    other = subprocess.run([*command, second], capture_output=True, text=True)
    assert other.returncode == 1
    assert other.stdout.splitlines()[1].split()[2:] == ["4", "5", "4", "-"]
    assert other.stdout.splitlines()[2:] == ["  eventlet.sleep: 2 and 3"]
