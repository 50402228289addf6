from __future__ import annotations

import builtins
import errno
import fcntl
import os
import pickle
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deventlet.source.write import (
    Change,
    Ledger,
    Recovery,
    WriteProblem,
    blocked,
    digest,
    recover,
    state_folder,
    write_changes,
)

BEFORE = {
    "a.py": b"import eventlet\r\neventlet.sleep(1)\n\r",
    "b c/-d.py": b"\xff\xfe no text\0",
    "b c/new\nline.py": b"",
    "b c/\udcff.py": b"x",
    "e" * 250 + ".py": b"long",
}
AFTER = {path: b"new\r\n" + text for path, text in BEFORE.items()}
CHANGES = [Change(path, BEFORE[path], AFTER[path]) for path in BEFORE]
FILES = tuple(BEFORE)


class Stop(BaseException):
    """An interruption at a step."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process loses nothing that it gave to the system: no need to wait."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "tree"
    for path, text in BEFORE.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(text)
    return top


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    (tmp_path / "git").mkdir()
    return tmp_path / "git" / "deventlet"


def content(root: Path) -> dict[str, bytes]:
    """Every file of a tree, so that anything left behind is seen."""
    return {
        os.path.relpath(os.path.join(folder, name), root): Path(
            folder, name
        ).read_bytes()
        for folder, _, names in os.walk(root)
        for name in names
    }


def left(journal: Path) -> set[str]:
    """What lies in the journal's folder beside the ledger."""
    return set(os.listdir(journal)) - {"ledger.json"} if journal.exists() else set()


def steps(run: Callable[[Callable[[str], None]], object]) -> list[str]:
    """The names of the steps that a run takes."""
    seen: list[str] = []
    run(seen.append)
    return seen


def stopping(after: int, how: Callable[[], object]) -> Callable[[str], None]:
    """A hook that does something at the step with a number, once."""
    count = 0

    def step(_: str) -> None:
        nonlocal count
        count += 1
        if count == after + 1:
            how()

    return step


def interrupt() -> None:
    raise Stop


def killed(run: Callable[[], object]) -> bool:
    """Run in a process of its own; whether it was killed (and did not end)."""
    child = os.fork()
    if child == 0:
        try:
            run()
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def write_dying_at(root: Path, journal: Path, number: int) -> bool:
    return killed(lambda: write_changes(root, CHANGES, journal, stopping(number, die)))


def step_count() -> int:
    """How many steps the writing of CHANGES takes."""
    return 6 * len(CHANGES) + 5


def test_all_files_are_written_and_nothing_is_left(root: Path, journal: Path) -> None:
    write_changes(root, CHANGES, journal)
    assert content(root) == AFTER
    assert left(journal) == set()
    assert recover(root, journal) is None


def test_the_number_of_steps_is_known(root: Path, journal: Path) -> None:
    taken = steps(lambda step: write_changes(root, CHANGES, journal, step))
    assert len(taken) == step_count()


@pytest.mark.parametrize("number", range(step_count()))
def test_a_killed_run_is_finished_or_undone(
    root: Path, journal: Path, number: int
) -> None:
    assert write_dying_at(root, journal, number)
    recovery = recover(root, journal)
    assert content(root) in (BEFORE, AFTER)
    assert left(journal) == set()
    assert recover(root, journal) is None
    finished = content(root) == AFTER
    outcome = Recovery("finished" if finished else "undone", FILES, ())
    assert recovery == (None if number == step_count() - 1 else outcome)
    assert bool(Ledger.load(journal).written) == finished
    rest = [Change(c.path, content(root)[c.path], c.after) for c in CHANGES]
    write_changes(root, rest, journal)
    assert content(root) == AFTER


def test_a_run_is_finished_once_the_journal_is_complete(
    root: Path, journal: Path
) -> None:
    taken = steps(lambda step: write_changes(root, CHANGES, journal, step))
    for number in range(step_count()):
        for path, text in BEFORE.items():
            (root / path).write_bytes(text)
        write_dying_at(root, journal, number)
        recover(root, journal)
        complete = number >= taken.index("renaming")
        assert content(root) == (AFTER if complete else BEFORE), taken[number]


@pytest.mark.parametrize("number", range(step_count()))
def test_an_interrupted_run_cleans_up_itself(
    root: Path, journal: Path, number: int
) -> None:
    with pytest.raises(Stop):
        write_changes(root, CHANGES, journal, stopping(number, interrupt))
    if number < step_count() - len(CHANGES) - 2:
        assert content(root) == BEFORE
        assert left(journal) == set()
    else:
        recover(root, journal)
        assert content(root) == AFTER


@pytest.mark.parametrize("second", range(0, 14, 2))
@pytest.mark.parametrize("first", range(0, step_count(), 3))
def test_a_killed_recovery_is_recovered_from(
    root: Path, journal: Path, first: int, second: int
) -> None:
    write_dying_at(root, journal, first)
    killed(lambda: recover(root, journal, stopping(second, die)))
    recover(root, journal)
    assert content(root) in (BEFORE, AFTER)
    assert left(journal) == set()


@pytest.mark.parametrize("second", range(14))
def test_killed_while_undoing_everything_is_undone(
    root: Path, journal: Path, second: int
) -> None:
    number = step_count() - len(CHANGES) - 5  # all but the last file renamed

    def undo_and_die() -> None:
        write_changes(root, CHANGES, journal, both)

    inner = stopping(number + 1 + second, die)
    outer = stopping(number, interrupt)

    def both(name: str) -> None:
        inner(name)
        outer(name)

    assert killed(undo_and_die) == (second < 2 * len(CHANGES) + 2)
    recover(root, journal)
    assert content(root) == BEFORE
    assert left(journal) == set()


@pytest.mark.parametrize("renamed", range(1, len(CHANGES)))
@pytest.mark.parametrize("edited", range(len(CHANGES)))
@pytest.mark.parametrize("edit", [b"mine", None])
def test_a_file_edited_meanwhile_is_kept_and_the_others_are_undone(
    root: Path, journal: Path, renamed: int, edited: int, edit: bytes | None
) -> None:
    taken = steps(lambda step: write_changes(root, CHANGES, journal, step))
    for path, text in BEFORE.items():
        (root / path).write_bytes(text)
    assert write_dying_at(root, journal, taken.index("renaming") + renamed)
    path = FILES[edited]
    if edit is None:
        (root / path).unlink()
    else:
        (root / path).write_bytes(edit)
    assert recover(root, journal) == Recovery("undone", FILES, (path,))
    expected = {**BEFORE, path: edit}
    assert content(root) == {k: v for k, v in expected.items() if v is not None}
    assert left(journal) == set()


def test_a_folder_removed_meanwhile_does_not_stop_the_recovery(
    root: Path, journal: Path
) -> None:
    taken = steps(lambda step: write_changes(root, CHANGES, journal, step))
    for path, text in BEFORE.items():
        (root / path).write_bytes(text)
    write_dying_at(root, journal, taken.index("renaming") + 2)
    shutil.rmtree(root / "b c")
    recovery = recover(root, journal)
    assert recovery == Recovery("undone", FILES, FILES[1:4])
    assert content(root) == {path: BEFORE[path] for path in (FILES[0], FILES[4])}
    assert left(journal) == set()


def test_new_texts_that_were_removed_meanwhile_lead_to_an_undo(
    root: Path, journal: Path
) -> None:
    taken = steps(lambda step: write_changes(root, CHANGES, journal, step))
    for path, text in BEFORE.items():
        (root / path).write_bytes(text)
    write_dying_at(root, journal, taken.index("renaming") + 2)
    for name in set(content(root)) - set(FILES):
        if (root / name).read_bytes() == AFTER[FILES[3]]:
            (root / name).unlink()
    assert recover(root, journal) == Recovery("undone", FILES, ())
    assert content(root) == BEFORE


def test_nothing_is_renamed_that_may_not_survive_a_power_cut(
    root: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable: set[tuple[int, int]] = set()
    renamed: list[str] = []
    waiting: set[tuple[int, int]] = set()  # folders with new names
    real = os.replace

    def identity(path: Path) -> tuple[int, int]:
        return path.stat().st_dev, path.stat().st_ino

    def sync(file: int) -> None:
        durable.add((os.fstat(file).st_dev, os.fstat(file).st_ino))
        waiting.discard((os.fstat(file).st_dev, os.fstat(file).st_ino))

    def replace(old: Path, new: Path) -> None:
        renamed.append(new.name)
        if new.name in ("preparing.json", "ledger.json") or new.suffix == ".py":
            assert identity(old) in durable, new
        assert new.suffix != ".py" or identity(new.parent) in durable, new
        assert identity(journal) in durable or not renamed[1:], new
        assert new.name != "finished.json" or not waiting
        if new.suffix == ".py":
            waiting.add(identity(new.parent))
        real(old, new)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    write_changes(root, CHANGES, journal)
    names = [Path(path).name for path in FILES]
    phases = ["preparing.json", "renaming.json", "ledger.json", "finished.json"]
    assert renamed == [*phases[:2], *names, *phases[2:]]


def test_a_file_that_changed_before_the_run_stops_it(root: Path, journal: Path) -> None:
    (root / "a.py").write_bytes(b"mine")
    with pytest.raises(WriteProblem, match=r"a\.py has changed") as caught:
        write_changes(root, CHANGES[::-1], journal)
    assert (caught.value.reason, caught.value.path) == ("file.changed", "a.py")
    assert content(root) == {**BEFORE, "a.py": b"mine"}
    assert left(journal) == set()


@pytest.mark.parametrize("remove", [True, False])
def test_a_file_that_changes_during_the_run_stops_and_undoes_it(
    root: Path, journal: Path, remove: bool
) -> None:
    last = root / FILES[-1]

    def edit(name: str) -> None:
        if name == f"renamed {FILES[1]}":
            last.unlink(missing_ok=True) if remove else last.write_bytes(b"mine")

    with pytest.raises(WriteProblem) as caught:
        write_changes(root, CHANGES, journal, edit)
    assert (caught.value.reason, caught.value.path) == ("file.changed", FILES[-1])
    mine = {} if remove else {FILES[-1]: b"mine"}
    assert content(root) == {**dict(list(BEFORE.items())[:-1]), **mine}
    assert left(journal) == set()


def test_a_file_that_is_gone_counts_as_changed(root: Path, journal: Path) -> None:
    (root / "a.py").unlink()
    with pytest.raises(WriteProblem) as caught:
        write_changes(root, CHANGES, journal)
    assert caught.value.reason == "file.changed"


def test_a_change_that_changes_nothing_is_not_written(
    root: Path, journal: Path
) -> None:
    before = os.stat(root / "a.py")
    write_changes(root, [Change("a.py", BEFORE["a.py"], BEFORE["a.py"])], journal)
    assert os.stat(root / "a.py") == before
    assert not journal.exists()


def test_two_changes_of_one_file_are_a_mistake(root: Path, journal: Path) -> None:
    (root / "link.py").symlink_to("a.py")
    twice = [CHANGES[0], Change("link.py", BEFORE["a.py"], b"other")]
    with pytest.raises(ValueError, match="two changes"):
        write_changes(root, twice, journal)
    assert (root / "a.py").read_bytes() == BEFORE["a.py"]


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444, 0o4755])
def test_the_mode_stays(root: Path, journal: Path, mode: int) -> None:
    (root / "a.py").chmod(mode)
    write_changes(root, CHANGES, journal)
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays_when_root_writes(root: Path, journal: Path) -> None:
    os.chown(root / "a.py", 1234, 2345)
    (root / "a.py").chmod(0o6755)
    write_changes(root, CHANGES, journal)
    status = (root / "a.py").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)
    assert stat.S_IMODE(status.st_mode) == 0o6755


def test_a_link_stays_a_link_and_its_target_is_written(
    root: Path, journal: Path
) -> None:
    (root / "link.py").symlink_to("b c/-d.py")
    before, after = BEFORE["b c/-d.py"], AFTER["b c/-d.py"]
    write_changes(root, [Change("link.py", before, after)], journal)
    assert os.readlink(root / "link.py") == "b c/-d.py"
    assert (root / "b c" / "-d.py").read_bytes() == after


def test_a_link_out_of_the_tree_is_not_followed(
    root: Path, journal: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs.py").write_bytes(b"x")
    (root / "link.py").symlink_to("../theirs.py")
    with pytest.raises(WriteProblem, match=r"link\.py leads out of") as caught:
        write_changes(root, [Change("link.py", b"x", b"y")], journal)
    assert caught.value.reason == "file.outside"
    assert (tmp_path / "theirs.py").read_bytes() == b"x"


def call_count(monkeypatch: pytest.MonkeyPatch, name: str, fail_at: int) -> list[int]:
    """Make the n-th call of a function of ``os`` fail; the calls are counted."""
    calls = [0]
    real = getattr(os, name)

    def counted(*args: object, **options: object) -> object:
        calls[0] += 1
        if calls[0] == fail_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args, **options)

    monkeypatch.setattr(os, name, counted)
    return calls


@pytest.mark.parametrize("name", ["fsync", "replace", "fchmod"])
def test_a_failure_of_any_call_leaves_all_or_nothing(
    root: Path, journal: Path, name: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        calls = call_count(patch, name, fail_at=0)
        write_changes(root, CHANGES, journal)
    assert calls[0] >= len(CHANGES)
    for fail_at in range(1, calls[0] + 1):
        for path, text in BEFORE.items():
            (root / path).write_bytes(text)
        with pytest.MonkeyPatch.context() as patch:
            call_count(patch, name, fail_at)
            with pytest.raises(WriteProblem, match="No space left"):
                write_changes(root, CHANGES, journal)
        recover(root, journal)
        assert content(root) in (BEFORE, AFTER), fail_at
        assert left(journal) == set()


def test_a_full_disk_is_named_and_changes_nothing(root: Path, journal: Path) -> None:
    """A real refusal in the middle of a text: files may not grow beyond a limit."""
    large = Change("a.py", BEFORE["a.py"], b"x" * 200_000)
    script = (
        "import resource, sys, pickle, pathlib\n"
        "from deventlet.source.write import *\n"
        "root, journal, changes = pickle.load(sys.stdin.buffer)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    write_changes(root, changes, journal)\n"
        "except WriteProblem as problem:\n"
        "    print(problem.reason, problem.path)\n"
    )
    done = subprocess.run(
        (sys.executable, "-c", script),
        input=pickle.dumps((root, journal, [*CHANGES[1:], large])),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"file.unwritable a.py\n"
    assert content(root) == BEFORE
    assert left(journal) == set()


def test_a_folder_that_may_not_be_written_is_named(
    root: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = open

    def refuse(path: Path, mode: str = "r") -> object:
        if path.parent.name == "b c" and "x" in mode:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, mode)

    monkeypatch.setattr(builtins, "open", refuse)
    with pytest.raises(WriteProblem, match=r"b c/-d\.py cannot be written: Permission"):
        write_changes(root, CHANGES, journal)
    monkeypatch.undo()
    assert content(root) == BEFORE
    assert left(journal) == set()


def test_a_failing_undo_says_so_and_the_next_run_goes_on(
    root: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def fail(old: Path, new: Path) -> None:
        if renamed and new.suffix == ".py":
            raise OSError(errno.EIO, "Input/output error")
        real(old, new)

    renamed: list[str] = []

    def step(name: str) -> None:
        if name.startswith("renamed"):
            renamed.append(name)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WriteProblem, match="the next run") as caught:
        write_changes(root, CHANGES, journal, step)
    assert caught.value.reason == "run.unfinished"
    monkeypatch.undo()
    with pytest.raises(WriteProblem, match="unfinished") as caught:
        write_changes(root, CHANGES, journal)
    assert caught.value.reason == "run.unfinished"
    assert recover(root, journal) == Recovery("undone", FILES, ())
    assert content(root) == BEFORE


def test_a_second_run_is_refused_while_the_first_writes(
    root: Path, journal: Path
) -> None:
    problems: list[WriteProblem] = []

    def second(_: str) -> None:
        with pytest.raises(WriteProblem) as caught:
            write_changes(root, CHANGES, journal)
        problems.append(caught.value)
        with pytest.raises(WriteProblem) as caught:
            recover(root, journal)
        problems.append(caught.value)

    write_changes(root, CHANGES, journal, second)
    assert {problem.reason for problem in problems} == {"run.locked"}
    assert f"process {os.getpid()}" in problems[0].message
    assert content(root) == AFTER


def test_the_lock_of_a_dead_process_is_no_lock(root: Path, journal: Path) -> None:
    journal.mkdir()
    (journal / "lock").write_text("1\n")  # a process that lives, but holds nothing
    write_changes(root, CHANGES, journal)
    assert content(root) == AFTER
    (journal / "lock").write_text("1\n")
    assert recover(root, journal) is None
    assert left(journal) == set()


def test_a_lock_that_was_removed_while_it_was_taken_is_not_taken(
    root: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[int] = []
    real = fcntl.flock

    def late(file: int, operation: int) -> None:
        if not others:  # the run before ends here, and another one begins
            (journal / "lock").unlink()
            others.append(os.open(journal / "lock", os.O_RDWR | os.O_CREAT))
            os.write(others[0], b"4711\n")
            real(others[0], operation)
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(WriteProblem, match="process 4711"):
        write_changes(root, CHANGES, journal)
    assert content(root) == BEFORE
    os.close(others[0])
    write_changes(root, CHANGES, journal)
    assert content(root) == AFTER


def test_of_many_runs_at_once_one_writes(root: Path, journal: Path) -> None:
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            code = 9
            try:
                changes = [Change("a.py", BEFORE["a.py"], b"%d" % number)]
                write_changes(root, changes, journal, lambda _: time.sleep(0.005))
                code = 0
            except WriteProblem as problem:
                code = {"run.locked": 1, "file.changed": 2}.get(problem.reason, 9)
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children]
    assert sorted(set(codes) - {1, 2}) == [0]
    assert codes.count(0) == 1
    assert (root / "a.py").read_bytes() == b"%d" % codes.index(0)
    assert left(journal) == set()


def test_a_damaged_journal_is_named_and_kept(root: Path, journal: Path) -> None:
    journal.mkdir()
    (journal / "renaming.json").write_text("{")
    with pytest.raises(WriteProblem, match=r"renaming\.json cannot be read"):
        recover(root, journal)
    assert (journal / "renaming.json").exists()


def test_looking_for_an_interrupted_run_writes_nothing(
    root: Path, journal: Path
) -> None:
    assert recover(root, journal) is None
    assert not journal.exists()


def test_without_a_repository_nothing_stays_in_the_tree(root: Path) -> None:
    folder = state_folder(root, repository=False)
    assert folder == root / ".deventlet-journal"
    write_changes(root, CHANGES, folder)
    assert content(root) == AFTER
    assert not folder.exists()


def test_with_a_repository_the_state_is_in_the_git_directory(root: Path) -> None:
    subprocess.run(("git", "init", "-q"), cwd=root, check=True)
    assert state_folder(root, repository=True) == root / ".git" / "deventlet"
    write_changes(root, CHANGES, root / ".git" / "deventlet")
    assert Ledger.load(root / ".git" / "deventlet").holds("a.py", AFTER["a.py"])


def test_only_the_user_s_own_work_blocks() -> None:
    changes = [Change(path, path.encode(), b"new") for path in ("d", "c", "b", "a")]
    ledger = Ledger().record({"a": digest(b"a"), "b": digest(b"older")})
    assert blocked(changes, {"a", "b", "c", "x"}, ledger) == ["b", "c"]
    assert blocked(changes, set(), Ledger()) == []


def test_the_ledger_keeps_odd_names_and_earlier_entries(tmp_path: Path) -> None:
    Ledger().record({"\udcff\n.py": digest(b"1"), "b": digest(b"1")}).save(tmp_path)
    Ledger.load(tmp_path).record({"b": digest(b"2")}).save(tmp_path)
    ledger = Ledger.load(tmp_path)
    assert ledger.holds("\udcff\n.py", b"1")
    assert ledger.holds("b", b"2")
    assert not ledger.holds("b", b"1")
    assert not ledger.holds("c", b"1")
    assert os.listdir(tmp_path) == ["ledger.json"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"written": 3}', b"\xff"])
def test_a_damaged_ledger_vouches_for_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "ledger.json").write_bytes(damage)
    assert Ledger.load(tmp_path) == Ledger()


def test_an_older_run_s_text_may_be_written_over(root: Path, journal: Path) -> None:
    write_changes(root, CHANGES, journal)
    ledger = Ledger.load(journal)
    again = [Change(path, AFTER[path], b"third") for path in FILES]
    assert blocked(again, set(FILES), ledger) == []
    (root / "a.py").write_bytes(b"mine")
    again[0] = Change("a.py", b"mine", b"third")
    assert blocked(again, set(FILES), ledger) == ["a.py"]
