"""``apply --interactive``: each change is asked about, at a terminal, and once only.

The command runs in a terminal of its own, and what it asks is answered there.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deventlet.cli.test_apply import content

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

PROMPT = b"Make this change? "
SLEEP = ("apply", "--codemod", "sleep", "--interactive")
BOTH = ("apply", "--codemod", "sleep", "--codemod", "queue", "--interactive")
BRANCH = "eventlet-removal"
THREE = {
    "proj/worker.py": "import eventlet\n\n\ndef one():\n    eventlet.sleep(1)\n\n\n"
    "def two():\n    eventlet.sleep(2)\n\n\ndef three():\n    eventlet.sleep(3)\n",
    "proj/cmd.py": "import eventlet\neventlet.monkey_patch()\n\n"
    "from proj import worker\n\n\ndef main():\n    worker.one()\n",
}
QUEUE = {
    "proj/line.py": "from eventlet import queue\nfrom proj import worker\n\n\n"
    "def more():\n    worker.one()\n    return queue.Queue()\n"
}


@dataclass(frozen=True, slots=True)
class Talk:
    """What a run said at the terminal, and where it ended."""

    code: int
    shown: str
    out: str

    @property
    def asked(self) -> int:
        """How often it asked."""
        return self.shown.count(PROMPT.decode())


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Callable[..., Talk]]:
    """Run the command in a folder, and type an answer whenever it asks.

    What is typed is one letter a time; ``^C`` stands for the interruption, and
    ``^D`` for the end of what is typed.
    """
    processes: list[subprocess.Popen[bytes]] = []

    def run(folder: Path, answers: str, *args: str) -> Talk:
        ours, theirs = pty.openpty()
        out = tmp_path / "out"
        with out.open("wb") as file:
            process = subprocess.Popen(
                (sys.executable, "-m", "deventlet", *args),
                cwd=folder, stdin=theirs, stdout=file, stderr=theirs,
                env={**os.environ, "TERM": "dumb"},
            )  # fmt: skip
        processes.append(process)
        os.close(theirs)
        shown = _answered(ours, process, iter(answers.split()))
        os.close(ours)
        text = shown.decode().replace("\r\n", "\n")
        return Talk(process.wait(), text, out.read_text())

    yield run
    for process in processes:
        process.kill()
        process.wait()


def _answered(
    terminal: int, process: subprocess.Popen[bytes], answers: Iterator[str]
) -> bytes:
    shown, asked = b"", 0
    with contextlib.suppress(OSError):  # how Linux says that nobody is there
        while part := os.read(terminal, 4096):
            shown += part
            while asked < shown.count(b",?] "):
                asked += 1
                answer = next(answers)
                if answer == "^C":
                    process.send_signal(signal.SIGINT)
                else:
                    raw = b"\x04" if answer == "^D" else f"{answer}\n".encode()
                    os.write(terminal, raw)
    return shown


def text(root: Path, path: str = "proj/worker.py") -> str:
    return (root / path).read_text()


def slept(source: str) -> list[str]:
    """What sleeps in each function."""
    return re.findall(r"(\w+)\.sleep", source)


def test_what_is_declined_stays(make: Make, talk: Callable[..., Talk]) -> None:
    root = make(THREE)
    said = talk(root, "y n y", *SLEEP)
    assert said.code == 0, said.shown
    assert said.asked == 3
    assert slept(text(root)) == ["time", "eventlet", "time"]
    assert "keep.declined" in said.out
    assert "proj/worker.py:9: eventlet.sleep(2)" in said.out


def test_a_question_shows_the_diff_the_verdict_and_why(
    make: Make, talk: Callable[..., Talk]
) -> None:
    said = talk(make(THREE), "y n q", *SLEEP, "--dry-run")
    first = said.shown.partition(PROMPT.decode())[0]
    assert "sleep 1 of 3: proj/worker.py:5: rewrite\n" in first
    assert "Proven: proj.cmd patches time" in first
    assert "\n-    eventlet.sleep(1)\n+    time.sleep(1)\n" in first
    assert "time.sleep(2)" not in first


def test_the_diff_of_a_dry_run_goes_to_the_pipe_and_questions_do_not(
    make: Make, talk: Callable[..., Talk], git: GitIn, tmp_path: Path
) -> None:
    root = make(THREE)
    before = content(root)
    said = talk(root, "n y n", *SLEEP, "--dry-run")
    assert said.code == 0
    assert content(root) == before
    assert "Make this change" not in said.out
    diff = tmp_path / "some.diff"
    diff.write_text(said.out[: said.out.index("\ncodemod")])
    git(root, "apply", str(diff))
    assert slept(text(root)) == ["eventlet", "time", "eventlet"]


def test_answers_are_remembered(make: Make, talk: Callable[..., Talk]) -> None:
    root = make(THREE)
    first = talk(root, "y n y", *SLEEP, "--dry-run")
    again = talk(root, "", *SLEEP, "--dry-run")
    assert (again.code, again.asked) == (0, 0)
    assert again.out == first.out
    assert "3 answers of an earlier call" in again.shown


def test_an_answer_counts_after_a_rebase_and_a_new_site_is_asked_about(
    make: Make, talk: Callable[..., Talk], git: GitIn
) -> None:
    root = make(THREE)
    talk(root, "y n y", *SLEEP, "--dry-run")
    first = "import eventlet\n\n\ndef zero():\n    eventlet.sleep(2)\n\n"
    (root / "proj/worker.py").write_text(first + text(root).partition("\n\n")[2])
    git(root, "commit", "-q", "-a", "-m", "Meanwhile")
    said = talk(root, "y", *SLEEP)
    assert (said.code, said.asked) == (0, 1)
    assert "sleep 1 of 4: proj/worker.py:5" in said.shown
    assert slept(text(root)) == ["time", "time", "eventlet", "time"]


def test_all_of_a_codemod_asks_no_more_about_it(
    make: Make, talk: Callable[..., Talk]
) -> None:
    root = make({**THREE, **QUEUE})
    said = talk(root, "n a n", *BOTH)
    assert said.code == 0, said.shown
    assert slept(text(root)) == ["eventlet", "time", "time"]
    assert "queue 1 of 1" in said.shown
    assert "from eventlet import queue" in text(root, "proj/line.py")


def test_quit_does_what_was_accepted_and_the_next_call_goes_on(
    make: Make, talk: Callable[..., Talk]
) -> None:
    root = make({**THREE, **QUEUE})
    said = talk(root, "y q", *BOTH)
    assert (said.code, said.asked) == (0, 2)
    assert slept(text(root)) == ["time", "eventlet", "eventlet"]
    assert "keep.unanswered" in said.out
    again = talk(root, "y y y", *BOTH)
    assert (again.code, again.asked) == (0, 3)
    assert slept(text(root)) == ["time", "time", "time"]
    assert "import queue" in text(root, "proj/line.py").split("\n")


@pytest.mark.parametrize("way", ["^C", "^D"])
def test_an_interruption_changes_nothing_and_keeps_the_answers(
    make: Make, talk: Callable[..., Talk], way: str
) -> None:
    root = make(THREE)
    before = content(root)
    said = talk(root, f"n {way}", *SLEEP)
    assert said.code == 130
    assert "nothing is half done" in said.shown
    assert content(root) == before
    again = talk(root, "y y", *SLEEP)
    assert (again.code, again.asked) == (0, 2)
    assert slept(text(root)) == ["eventlet", "time", "time"]


def test_what_is_no_answer_is_answered_with_help(
    make: Make, talk: Callable[..., Talk]
) -> None:
    said = talk(make(), "? maybe yes", *SLEEP, "--dry-run")
    assert (said.code, said.asked) == (0, 3)
    assert said.shown.count("q  leave this one") == 2
    assert "time.sleep(1)" in said.out


def test_a_mock_goes_with_what_it_intercepts(
    make: Make, talk: Callable[..., Talk]
) -> None:
    root = make({
        **THREE,
        "proj/tests/__init__.py": "import eventlet\neventlet.monkey_patch()\n",
        "proj/tests/test_worker.py": "from unittest import mock\n\n"
        "from proj import worker\n\n\n@mock.patch('eventlet.sleep')\n"
        "def test_one(sleep):\n    worker.one()\n    sleep.assert_called_once()\n",
    })  # fmt: skip
    before = content(root)
    said = talk(root, "n n n", *SLEEP)
    assert said.asked == 3
    assert "Goes with: proj/tests/test_worker.py:6.\n" in said.shown
    assert content(root) == before


def test_commits_and_patches_hold_what_was_accepted(
    make: Make, talk: Callable[..., Talk], git: GitIn, tmp_path: Path
) -> None:
    root = make(THREE)
    patches = tmp_path / "patches"
    said = talk(root, "y n y", *SLEEP, "--commit", "--patch-dir", str(patches))
    assert said.code == 0, said.shown
    committed = git(root, "show", f"{BRANCH}:proj/worker.py")
    assert slept(committed) == ["time", "eventlet", "time"]
    assert "keep.declined: 1" in git(root, "log", "-1", "--format=%b", BRANCH)
    git(root, "am", "-q", *map(str, sorted(patches.glob("*.patch"))))
    assert text(root) == committed


def test_tests_run_once_everything_is_answered(
    make: Make, talk: Callable[..., Talk], git: GitIn
) -> None:
    root = make({**THREE, **QUEUE})
    line = f"{sys.executable} -c 'import proj.worker, proj.line'"
    call = (*BOTH, "--commit", "--verify", line)
    said = talk(root, "n a y", *call)
    assert said.code == 0, said.shown
    questions, _, runs = said.shown.rpartition(PROMPT.decode())
    assert "deventlet: run 1" in runs
    assert "deventlet: run " not in questions
    committed = git(root, "show", f"{BRANCH}:proj/worker.py")
    assert slept(committed) == ["eventlet", "time", "time"]


def test_parts_of_a_patch_leave_what_was_declined(
    make: Make, talk: Callable[..., Talk], git: GitIn
) -> None:
    more = {f"proj/m{n}.py": THREE["proj/worker.py"] for n in range(3)}
    root = make({**THREE, **more})
    split = ("--commit", "--max-lines", "8")
    said = talk(root, "n y y " * 4, *SLEEP, *split)
    assert said.code == 0, said.shown
    assert git(root, "log", "--format=%h", f"master..{BRANCH}").count("\n") == 4
    for path in (*more, "proj/worker.py"):
        committed = git(root, "show", f"{BRANCH}:{path}")
        assert slept(committed) == ["eventlet", "time", "time"]


def test_without_a_terminal_it_refuses(make: Make) -> None:
    root = make(THREE)
    before = content(root)
    done = subprocess.run(
        (sys.executable, "-m", "deventlet", *SLEEP),
        cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"is no terminal" in done.stderr.replace(b"\n", b" ")
    assert content(root) == before
