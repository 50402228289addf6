"""``--verify``: what the project's tests break on is found, and nothing else is lost.

The projects are small, their tests are real processes in a real work tree.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import pty
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import libcst as cst
import pytest

from deventlet.codemod import Context, Decision, Replace, Rewrite, Subject
from deventlet.driver import decide
from deventlet.registry import decider
from deventlet.verify import tests
from tests.deventlet.cli.test_apply import content

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

FORTY = 40
BAD = 26
CHECK = f"{sys.executable} check.py"
COMMIT = ("apply", "--codemod", "sleep", "--commit", "--verify")
BRANCH = "eventlet-removal"

# Each run says that it ran; what a module sleeps for is what its test looks at.
CHECKED = """\
import hashlib, pathlib, sys
log = pathlib.Path(sys.argv[1] if sys.argv[1:] else {log!r})
with log.open('a') as file:
    texts = [p.read_bytes() for p in sorted(pathlib.Path('proj').glob('*.py'))]
    file.write(hashlib.sha256(b''.join(texts)).hexdigest() + '\\n')
import proj.worker
failed = []
for path in sorted(pathlib.Path('proj').glob('m*.py')):
    compile(path.read_text(), str(path), 'exec')
    if 'sleep(999)' in path.read_text():
        failed.append(path.stem)
if '--junit' in sys.argv:
    cases = ''.join(
        f"<testcase classname='proj' name='{{p.stem}}'>"
        + ("<failure/>" if p.stem in failed else "") + "</testcase>"
        for p in sorted(pathlib.Path('proj').glob('m*.py')))
    old = "<testcase classname='old' name='broken'><error/></testcase>"
    pathlib.Path('out.xml').write_text(f'<testsuite>{{old}}{{cases}}</testsuite>')
    sys.exit(1)
sys.exit(bool(failed))
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that nobody else uses."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def forty(make: Make, log: Path) -> Path:
    """A project with forty sites, one in each of as many modules."""
    nap = "import eventlet\n\n\ndef nap():\n    eventlet.sleep({n})\n"
    files = {f"proj/m{n:02}.py": nap.format(n=n) for n in range(1, FORTY)}
    check = CHECKED.format(log=str(log))
    return make({**files, "check.py": check, "proj/other.py": "import proj.worker\n"})


@pytest.fixture
def _planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rewrite of forty is wrong: it sleeps for longer."""

    def wrong(subject: Subject, context: Context) -> Decision:
        right = decider("sleep")(subject, context)
        if subject.origin.path != f"proj/m{BAD}.py":
            return right
        call = context.code.call(subject.origin)
        args = [cst.Arg(cst.Integer("999"))]
        node = call.with_changes(func=context.names.name_of("time", "sleep"), args=args)
        return Rewrite({subject.origin: Replace(node)})

    monkeypatch.setattr(decide, "decider", lambda name: wrong)


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def runs(log: Path) -> int:
    return len(log.read_text().split()) if log.exists() else 0


def nothing_is_left(root: Path, temporary: Path, git: GitIn) -> bool:
    """Whether no lock, journal, work tree or folder of ours is there any more."""
    trees = git(root, "worktree", "list").splitlines()
    ours = root / ".git/deventlet"
    return not ours.exists() and not any(temporary.iterdir()) and len(trees) == 1


def test_patches_whose_tests_pass_are_kept(
    forty: Path, deventlet: Run, git: GitIn, log: Path, temporary: Path
) -> None:
    before = content(forty)
    done = deventlet(forty, *COMMIT, CHECK)
    assert done.returncode == 0, said(done)
    assert content(forty) == before
    assert runs(log) == 3  # the baseline, one broken on purpose, and the patch
    assert git(forty, "diff", "--name-only", "master", BRANCH).count("\n") == FORTY
    assert nothing_is_left(forty, temporary, git)


@pytest.mark.usefixtures("_planted")
def test_one_wrong_site_of_forty_is_found_by_name_and_the_rest_is_kept(
    forty: Path, deventlet: Run, git: GitIn, log: Path
) -> None:
    done = deventlet(forty, *COMMIT, CHECK)
    assert done.returncode == 1
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert f"proj/m{BAD}.py" not in changed
    assert len(changed) == FORTY - 1
    out = done.stdout.decode()
    assert "verify.failed" in out
    assert f"proj/m{BAD}.py:5" in out
    # Without those that repeat what failed, to know that it does so each time.
    assert len(set(log.read_text().split())) <= 2 * math.log2(FORTY) + 4
    message = git(forty, "log", "-1", "--format=%B", BRANCH)
    assert "verify.failed: 1" in message


@pytest.mark.usefixtures("_planted")
def test_a_report_names_the_tests_and_forgives_what_failed_before(
    forty: Path, deventlet: Run, git: GitIn
) -> None:
    done = deventlet(forty, *COMMIT, f"{CHECK} '' --junit", "--junit", "out.xml")
    assert done.returncode == 2  # the first argument is no file to write to
    done = deventlet(forty, *COMMIT, f"{CHECK} /dev/null --junit", "--junit", "out.xml")
    assert done.returncode == 1
    assert "before the series: old.broken fails" in said(done)
    assert f"proj.m{BAD}" in done.stdout.decode()
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert len(changed) == FORTY - 1


# One test for each module, and one that has always failed.
UNITTESTS = """\
import pathlib
import unittest


class Slept(unittest.TestCase):
    def test_old(self):
        self.fail()


def look(path):
    return lambda self: self.assertNotIn('sleep(999)', path.read_text())


for path in sorted(pathlib.Path('proj').glob('m*.py')):
    setattr(Slept, f'test_{path.stem}', look(path))
"""


@pytest.mark.usefixtures("_planted")
def test_a_stream_of_subunit_does_it_as_well(
    forty: Path, deventlet: Run, git: GitIn
) -> None:
    (forty / "proj/checks.py").write_text(f"import proj.worker\n{UNITTESTS}")
    git(forty, "add", "-A")
    git(forty, "commit", "-q", "-m", "Test it")
    line = f"{sys.executable} -m subunit.run proj.checks > out.subunit"
    done = deventlet(forty, *COMMIT, line, "--subunit", "out.subunit")
    assert done.returncode == 1, said(done)
    assert "before the series: proj.checks.Slept.test_old fails" in said(done)
    assert f"proj.checks.Slept.test_m{BAD}" in done.stdout.decode()
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert len(changed) == FORTY - 1
    assert f"proj/m{BAD}.py" not in changed


@pytest.mark.parametrize(
    "options",
    [("--verify", "true", "--junit", "a", "--subunit", "b"), ("--subunit", "b")],
)
def test_options_about_reports_that_mean_nothing_are_refused(
    make: Make, deventlet: Run, options: tuple[str, ...]
) -> None:
    done = deventlet(make(), "apply", "--all", "--commit", *options)
    assert done.returncode == 2
    assert "--subunit" in said(done)


def test_tests_that_fail_before_the_series_stop_it(
    forty: Path, deventlet: Run, git: GitIn, temporary: Path
) -> None:
    done = deventlet(forty, *COMMIT, "echo 17 wrong; exit 1")
    assert done.returncode == 2
    assert "fail before the series" in said(done)
    assert "17 wrong" in said(done)
    assert git(forty, "branch", "--list", BRANCH) == ""
    assert len(git(forty, "worktree", "list").splitlines()) == 1


def test_tests_that_do_not_see_the_patch_stop_it(
    forty: Path, deventlet: Run, git: GitIn
) -> None:
    installed = f"cd {forty} && PYTHONPATH={forty} {CHECK}"
    done = deventlet(forty, *COMMIT, installed)
    assert done.returncode == 2
    assert "does not test the patches" in said(done)
    assert "installed copy" in said(done)
    assert git(forty, "branch", "--list", BRANCH) == ""


def test_the_copy_that_was_tested_is_named(
    forty: Path, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    """As after `pip install -e` of another clone, found without its folder's help."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(forty), str(other))
    venv = tmp_path / "venv"
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", venv), check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "__editable__.proj.pth").write_text(f"{other}\n")
    line = f"cd / && PYTHONPATH= {venv}/bin/python -c 'import proj'"
    done = deventlet(forty, *COMMIT, line)
    assert done.returncode == 2
    assert f"the installed copy in {other}/proj" in said(done)


def test_a_test_that_fails_only_sometimes_is_named_and_counts_for_nothing(
    forty: Path, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    once = tmp_path / "once"
    script = (
        f"{CHECK} && if grep -q time.sleep proj/m01.py && ! test -e {once}; "
        f"then touch {once}; exit 1; fi"
    )
    done = deventlet(forty, *COMMIT, script)
    assert done.returncode == 0
    assert "failed only sometimes" in said(done)
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert len(changed) == FORTY


def test_a_run_that_takes_too_long_fails_and_is_ended(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    hangs = (
        f"if grep -q time.sleep proj/worker.py; then sleep 60 & echo $! > {pid}; wait"
    )
    line = f"{hangs}; fi; {sys.executable} -c 'import proj.worker'"
    done = deventlet(make(), *COMMIT, line, "--verify-timeout", "6")
    assert done.returncode == 1
    assert "timeout" in done.stdout.decode()
    assert is_gone(pid)


def test_a_run_may_take_ten_times_as_long_as_the_first_if_nobody_said(
    make: Make, deventlet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tests, "SHORTEST", 2.0)
    pid = tmp_path / "pid"
    hangs = f"if grep -q time.sleep proj/worker.py; then sleep 999 & echo $! > {pid}"
    line = f"{hangs}; wait; fi; {sys.executable} -c 'import proj.worker'"
    done = deventlet(make(), *COMMIT, line)
    assert done.returncode == 1
    assert "because the command (timeout) fails" in said(done)
    assert is_gone(pid)


@pytest.mark.parametrize(
    ("word", "named_as"),
    [
        ("{files}", "proj/tests/test_worker.py"),
        ("{modules}", "proj.tests.test_worker"),
    ],
)
def test_only_the_tests_concerned_are_named(
    make: Make, deventlet: Run, tmp_path: Path, word: str, named_as: str
) -> None:
    out = tmp_path / "named"
    files = {
        "proj/tests/__init__.py": "import eventlet\neventlet.monkey_patch()\n",
        "proj/tests/test_worker.py": "from proj import worker\n",
        "proj/tests/test_other.py": "import proj.cmd\n",
    }
    line = f"echo {word} >> {out}; {sys.executable} -c 'import proj.worker'"
    assert deventlet(make(files), *COMMIT, line).returncode == 0
    named = out.read_text().split("\n")
    assert named[0] == ""
    assert named[1:-1] == [named_as] * 2


def test_a_patch_of_tests_alone_is_not_said_to_be_untested(
    make: Make, deventlet: Run
) -> None:
    files = {
        "proj/worker.py": "import eventlet\n",
        "proj/tests/__init__.py": "import eventlet\neventlet.monkey_patch()\n",
        "proj/tests/test_a.py": "import eventlet\n\n\ndef nap():\n"
        "    eventlet.sleep(1)\n",
    }
    line = f"{sys.executable} -c 'import proj.worker'"
    done = deventlet(make(files), *COMMIT, line)
    assert done.returncode == 0, said(done)
    assert "run 3: sleep: the tests pass" in said(done)
    assert "not tested" not in said(done)


def test_without_commits_there_is_nothing_to_verify(make: Make, deventlet: Run) -> None:
    done = deventlet(make(), "apply", "--codemod", "sleep", "--verify", "true")
    assert done.returncode == 2
    assert "give both" in said(done)


@pytest.mark.usefixtures("_planted")
def test_parts_leave_out_what_an_earlier_part_failed_with(
    forty: Path, deventlet: Run, git: GitIn
) -> None:
    done = deventlet(forty, *COMMIT, CHECK, "--max-lines", "60")
    assert done.returncode == 1
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert f"proj/m{BAD}.py" not in changed
    assert len(changed) == FORTY - 1
    assert len(git(forty, "log", "--format=%h", f"master..{BRANCH}").split()) > 2


# -- killed ---------------------------------------------------------------------------


@pytest.fixture
def started(
    forty: Path, tmp_path: Path, temporary: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the command in a process of its own."""
    own = {**os.environ, "TMPDIR": str(temporary), "HOME": str(tmp_path)}
    command = (sys.executable, "-m", "deventlet", *COMMIT, CHECK)
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        devnull = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=forty, env=own, stdout=devnull, stderr=devnull
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_a_second_call_finishes_the_work(
    forty: Path,
    started: Callable[[], subprocess.Popen[bytes]],
    deventlet: Run,
    git: GitIn,
    temporary: Path,
    seed: int,
) -> None:
    before, head = content(forty), git(forty, "rev-parse", "HEAD")
    process = started()
    time.sleep(random.Random(seed).uniform(0.2, 3.5))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert content(forty) == before
    assert git(forty, "rev-parse", "HEAD") == head
    done = deventlet(forty, *COMMIT, CHECK)
    assert done.returncode == 0, said(done)
    changed = git(forty, "diff", "--name-only", "master", BRANCH).split()
    assert len(changed) == FORTY
    assert nothing_is_left(forty, temporary, git)


def test_a_run_that_is_told_to_end_leaves_no_work_tree(
    forty: Path,
    started: Callable[[], subprocess.Popen[bytes]],
    git: GitIn,
    temporary: Path,
    log: Path,
) -> None:
    process = started()
    while not runs(log):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    assert not any(temporary.iterdir())
    assert len(git(forty, "worktree", "list").splitlines()) == 1


def test_a_second_call_goes_on_where_the_first_was_killed(
    forty: Path, deventlet: Run, git: GitIn, log: Path, temporary: Path
) -> None:
    killed, pid = log.with_name("killed"), log.with_name("pid")
    dies = f"echo $$ > {pid}; touch {killed}; kill -9 $PPID; sleep 600"
    once = f"if grep -q time.sleep proj/m01.py && ! test -e {killed}; then {dies}; fi"
    line = f"{once}; {CHECK}"
    command = (sys.executable, "-m", "deventlet", *COMMIT, line)
    done = subprocess.run(command, cwd=forty, check=False)
    assert done.returncode == -signal.SIGKILL
    lines = (forty / ".git/deventlet/verify.jsonl").read_text().splitlines()
    assert [bool(json.loads(each)["failed"]) for each in lines] == [False, True]
    assert is_gone(pid)  # the tests ended with who had started them
    again = deventlet(forty, *COMMIT, line)
    assert again.returncode == 0, said(again)
    assert "going on with 2 runs" in said(again)
    assert runs(log) == 3
    assert nothing_is_left(forty, temporary, git)


def test_what_the_tests_said_is_kept_until_the_branch_is_there(
    make: Make, deventlet: Run, git: GitIn, log: Path, temporary: Path
) -> None:
    root = make({"check.py": CHECKED.format(log=str(log))})
    # Somebody else makes the branch while the tests run.
    meanwhile = f"{CHECK} && git -C {root} branch -f {BRANCH}"
    done = deventlet(root, *COMMIT, meanwhile)
    assert done.returncode == 2
    assert "cannot be moved" in said(done)
    ran = runs(log)
    done = deventlet(root, *COMMIT, meanwhile)
    assert done.returncode == 0, said(done)
    assert f"going on with {ran} runs" in said(done)
    assert runs(log) == ran
    assert nothing_is_left(root, temporary, git)


def is_gone(pid: Path) -> bool:
    """Whether a process ends soon."""
    stat = Path(f"/proc/{pid.read_text().strip()}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


# -- several at once ------------------------------------------------------------------


@pytest.mark.usefixtures("_planted")
def test_any_number_of_jobs_gives_the_same_commits(
    forty: Path, deventlet: Run, git: GitIn, temporary: Path
) -> None:
    tips = set()
    for jobs in ("1", "3"):
        done = deventlet(forty, *COMMIT, CHECK, "--jobs", jobs, "--branch", f"b{jobs}")
        assert done.returncode == 1, said(done)
        assert f"left out proj/m{BAD}.py:5" in said(done)
        tips.add(git(forty, "rev-parse", f"b{jobs}"))
        assert nothing_is_left(forty, temporary, git)
    assert len(tips) == 1


def test_jobs_test_the_next_patches_at_the_same_time(
    forty: Path, deventlet: Run, git: GitIn
) -> None:
    parts = ("--max-lines", "60")
    done = deventlet(forty, *COMMIT, CHECK, *parts, "--jobs", "4")
    assert done.returncode == 0, said(done)
    order = [line.split(": ")[2] for line in said(done).split("\n") if ": run " in line]
    assert len(order) == len(set(order))
    assert git(forty, "log", "--format=%h", f"master..{BRANCH}").count("\n") > 2


def test_jobs_without_tests_mean_nothing(forty: Path, deventlet: Run) -> None:
    done = deventlet(forty, "apply", "--all", "--commit", "--jobs", "2")
    assert done.returncode == 2
    assert "give both" in said(done)


def test_tests_that_cannot_judge_are_run_anew_by_the_next_call(
    forty: Path, deventlet: Run, tmp_path: Path
) -> None:
    mended = tmp_path / "mended"
    line = f"test -e {mended} && {CHECK}"
    assert deventlet(forty, *COMMIT, line).returncode == 2
    mended.touch()
    done = deventlet(forty, *COMMIT, line)
    assert done.returncode == 0, said(done)


# -- the screen -----------------------------------------------------------------------


def test_a_terminal_shows_what_is_tested_and_a_log_only_what_was(make: Make) -> None:
    root = make()
    line = f"sleep 0.5; {sys.executable} -c 'import proj.worker'"
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "deventlet", *COMMIT, line)
    own = {**os.environ, "TERM": "xterm-256color", "FORCE_COLOR": "1"}
    with subprocess.Popen(
        command, cwd=root, env=own, stdout=subprocess.DEVNULL, stderr=theirs
    ):
        os.close(theirs)
        parts = []
        with contextlib.suppress(OSError):  # how Linux says that nobody is there
            while part := os.read(ours, 4096):
                parts.append(part)
    os.close(ours)
    shown = b"".join(parts)
    assert b"run 3: sleep, 0:00 of about 0:0" in shown
    assert b"1 commit on branch" in shown
    log = subprocess.run(
        (*command, "--branch", "b"), cwd=root, env=own, capture_output=True, check=True
    ).stderr
    assert b"\x1b" not in log
    assert b"\r" not in log
    events = [line for line in log.splitlines() if line.startswith(b"deventlet: run ")]
    assert len(events) == 3
