"""The replay benchmark, on a small repository that took Eventlet out by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "replay.py"

BEFORE = """\
import eventlet
eventlet.monkey_patch()


def wait(queue):
    eventlet.sleep(1)
    return queue.get(), eventlet.Queue()
"""
AFTER = {
    "exact": """\
import queue as pqueue
import time
import eventlet
eventlet.monkey_patch()

def wait(queue):

    time.sleep(1)
    return queue.get(), pqueue.Queue()
""",
    "layout": """\
import queue as pqueue
import time

import eventlet
eventlet.monkey_patch()


def wait(queue):
    # Others have their turn.
    time.sleep(1)
    return (queue.get(), pqueue.Queue())
""",
    "calls": """\
import queue as pqueue
import time

import eventlet
eventlet.monkey_patch()


def wait(queue):
    '''Wait for something.'''
    time.sleep(1)
    return queue.get(), pqueue.Queue()
""",
    "differs": """\
import queue as pqueue
import time

import eventlet
eventlet.monkey_patch()


def wait(queue):
    time.sleep(0.5)
    return queue.get(), pqueue.Queue()
""",
    "unreadable": "print 'Python 2'\n",
}


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A. Person", "-c", "user.email=person@example.org")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def proj(tmp_path: Path) -> Path:
    folder = tmp_path / "proj"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "By hand")
    return git(folder, "rev-parse", "HEAD")


def replay(folder: Path, **entry: Any) -> tuple[int, str, dict[str, Any]]:
    """Exit status, output, and what is written about the only commit."""
    file, result = folder.parent / "replay.json", folder.parent / "result.json"
    file.write_text(json.dumps([{"repo": "some/proj", **entry}]))
    command = [sys.executable, str(BENCHMARK), str(file), f"proj={folder}"]
    done = subprocess.run(
        [*command, "--json", str(result)], capture_output=True, text=True, check=False
    )
    assert not done.stderr
    (only,) = json.loads(result.read_text())
    return done.returncode, done.stdout, only


@pytest.mark.parametrize("level", AFTER)
def test_a_file_is_as_near_as_it_is(proj: Path, level: str) -> None:
    commit(proj, {"app.py": BEFORE})
    sha = commit(proj, {"app.py": AFTER[level]})
    status, shown, found = replay(proj, sha=sha, codemods=["sleep", "queue"])
    assert [file["level"] for file in found["files"]] == [level]
    assert status == (level == "differs")
    assert f"{level:10} app.py" in shown


def test_the_calls_that_differ_are_named_in_full(proj: Path) -> None:
    commit(proj, {"app.py": BEFORE})
    sha = commit(proj, {"app.py": AFTER["exact"]})
    _, _, found = replay(proj, sha=sha, patterns=["sleep"])
    (file,) = found["files"]
    assert file["missing"] == ["queue.Queue", "queue.Queue()"]
    assert file["extra"] == ["eventlet.Queue", "eventlet.Queue()"]


@pytest.mark.parametrize(
    ("word", "right"), [("better", 1), ("beyond", 1), ("refused", 0)]
)
def test_a_difference_may_be_explained_once_every_codemod_is_there(
    proj: Path, word: str, right: int
) -> None:
    commit(proj, {"app.py": BEFORE})
    sha = commit(proj, {"app.py": AFTER["differs"]})
    why = {"app.py": {"as": word, "why": "the commit sleeps less"}}
    names = ["sleep", "queue"]
    status, shown, found = replay(proj, sha=sha, codemods=names, explained=why)
    assert (status, found["files"][0]["level"]) == (0, word)
    assert "because the commit sleeps less" in shown
    assert f"same calls, better or beyond: {right} of 1 ({right * 100} %)" in shown
    names.append("rocket")
    status, _, found = replay(proj, sha=sha, codemods=names, explained=why)
    assert (status, found["files"][0]["level"]) == (1, "differs")


def test_an_explanation_of_what_does_not_differ_is_named(proj: Path) -> None:
    commit(proj, {"app.py": BEFORE})
    sha = commit(proj, {"app.py": AFTER["exact"]})
    why = {"app.py": {"as": "better", "why": "it was once"}}
    names = ["sleep", "queue"]
    status, shown, _ = replay(proj, sha=sha, codemods=names, explained=why)
    assert status == 1
    assert "stale      app.py: it does not differ" in shown


def test_an_alternative_that_stays_is_not_the_same_name(proj: Path) -> None:
    guarded = "try:\n    from eventlet import sleep\nexcept ImportError:\n"
    commit(proj, {"app.py": f"{guarded}    from time import sleep\n\nsleep(1)\n"})
    sha = commit(proj, {"app.py": "from time import sleep\n\nsleep(1)\n"})
    _, _, found = replay(proj, sha=sha, codemods=["queue"])
    assert found["files"][0]["level"] == "differs"


def test_a_redesign_shows_what_is_refused_and_does_not_count(proj: Path) -> None:
    library = BEFORE.replace("eventlet.monkey_patch()", "")
    commit(proj, {"app.py": library, "other.py": BEFORE})
    sha = commit(proj, {"app.py": "import asyncio\n"})
    status, shown, found = replay(proj, sha=sha, grade="C", codemods=["sleep"])
    assert status == 0
    assert found["elsewhere"] == ["other.py"]
    (refused,) = found["refused"]
    assert refused["place"] == "app.py:6"
    assert refused["reason"] in shown


def test_settings_are_those_of_the_user(proj: Path) -> None:
    library = BEFORE.replace("eventlet.monkey_patch()\n", "")
    commit(proj, {"app.py": library})
    sha = commit(
        proj, {"app.py": AFTER["exact"].replace("eventlet.monkey_patch()\n", "")}
    )
    given = {"assume": ["process-patched"]}
    _, _, found = replay(proj, sha=sha, codemods=["sleep", "queue"], settings=given)
    assert [file["level"] for file in found["files"]] == ["layout"]


def test_a_codemod_that_is_not_there_is_named(proj: Path) -> None:
    commit(proj, {"app.py": BEFORE})
    sha = commit(proj, {"app.py": AFTER["exact"]})
    _, shown, found = replay(proj, sha=sha, codemods=["sleep", "rocket"])
    assert found["commit"]["absent"] == ["rocket"]
    assert "sleep (not there: rocket)" in shown


@pytest.mark.parametrize(
    ("after", "level", "missing", "extra"),
    [
        ("six\n", "exact", [], []),
        ("six\n\n", "exact", [], []),
        ("six>=1\n", "differs", ["six>=1"], ["six"]),
        ("eventlet\nsix\nzip\n", "differs", ["eventlet", "zip"], []),
    ],
)
def test_requirements_are_compared_by_their_lines(
    proj: Path, after: str, level: str, missing: list[str], extra: list[str]
) -> None:
    commit(proj, {"app.py": "", "requirements.txt": "eventlet>=0.33 # MIT\nsix\n"})
    sha = commit(proj, {"requirements.txt": after})
    _, _, found = replay(proj, sha=sha, codemods=["project-files"])
    (file,) = found["files"]
    assert (file["path"], file["level"]) == ("requirements.txt", level)
    assert (file["missing"], file["extra"]) == (missing, extra)
