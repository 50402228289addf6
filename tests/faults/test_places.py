"""Runs in odd places: submodules, work trees, names, several runs at once, kills."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

TOOL = Path(sys.executable).with_name("deventlet")
SLEEP = ("apply", "--codemod", "sleep")
HEAD = "import eventlet\neventlet.sleep(1)\n"
ASSUME = 'assume = ["process-patched"]\n'
AFTER = "import time\ntime.sleep(1)\n"
ODD = "a b/gr\u00fc\u00dfe \u65e5\u672c '\"$(x)"


def texts(root: Path) -> dict[str, bytes]:
    """The Python files below a folder."""
    found = sorted(root.rglob("*.py"))
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def leftovers(root: Path) -> Iterator[Path]:
    """What a run may not leave behind."""
    for pattern in (".*deventlet-*", "*.lock", "journal*", "preparing*", "*.tmp"):
        yield from (path for path in root.rglob(pattern) if path.name != "lock")


# -- kinds of repositories -----------------------------------------------------------


@pytest.fixture
def nested(make: Make, git: GitIn) -> Path:
    """A repository with another one as a submodule."""
    inner, outer = make(name="inner"), make({"proj/more.py": HEAD}, name="outer")
    allowed = ("-c", "protocol.file.allow=always")
    git(outer, *allowed, "submodule", "add", "-q", str(inner), "third party")
    git(outer, "commit", "-q", "-m", "Add a submodule")
    git(outer / "third party", "config", "user.name", "A. Person")
    git(outer / "third party", "config", "user.email", "person@example.org")
    return outer


def test_a_submodule_stays_out_of_the_run_on_its_parent(
    nested: Path, deventlet: Run, git: GitIn
) -> None:
    before = texts(nested / "third party")
    assert deventlet(nested, *SLEEP).returncode == 0
    assert texts(nested / "third party") == before
    assert (nested / "proj" / "more.py").read_text() == AFTER
    changed = git(nested, "status", "--porcelain").splitlines()
    assert changed == [" M proj/more.py", " M proj/worker.py"]


@pytest.mark.parametrize("way", [(), ("--commit",), ("--patch-dir", "../../out")])
def test_a_run_in_a_submodule_changes_it_alone(
    way: tuple[str, ...], nested: Path, deventlet: Run, git: GitIn
) -> None:
    inner = nested / "third party"
    before = texts(nested / "proj")
    done = deventlet(inner, *SLEEP, *way)
    assert done.returncode == 0, done.stderr
    assert texts(nested / "proj") == before
    here = git(inner, "for-each-ref", "--format=%(refname:short)", "refs/heads")
    assert ("eventlet-removal" in here) == ("--commit" in way)
    assert b"time.sleep" in (inner / "proj" / "worker.py").read_bytes() or way
    assert not list(leftovers(nested))


@pytest.mark.parametrize("way", [(), ("--commit",), ("--patch-dir", "../out")])
def test_a_run_in_a_linked_work_tree_changes_it_alone(
    way: tuple[str, ...], make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root, tree = make(), tmp_path / "linked tree"
    git(root, "worktree", "add", "-q", "-b", "linked", str(tree))
    before, head = texts(root), git(root, "rev-parse", "HEAD", "linked")
    done = deventlet(tree, *SLEEP, *way)
    assert done.returncode == 0, done.stderr
    assert texts(root) == before
    assert git(root, "rev-parse", "HEAD", "linked") == head
    assert git(root, "status", "--porcelain") == ""
    assert (texts(tree) == before) == bool(way)
    assert not list(leftovers(tmp_path))


@pytest.mark.parametrize("way", ["in-place", "commit", "patches", "history", "report"])
def test_a_path_with_spaces_quotes_and_other_letters(
    way: str, make: Make, deventlet: Run, git: GitIn
) -> None:
    files = {f"{ODD}/\u00fcbung x.py": HEAD, "deventlet.toml": ASSUME}
    root = make(files, name=ODD)
    words = {
        "in-place": SLEEP,
        "commit": (*SLEEP, "--commit"),
        "patches": (*SLEEP, "--patch-dir", "../p q"),
        "history": ("history",),
        "report": ("report", "--output", "../p q.html"),
    }
    done = deventlet(root, *words[way])
    assert done.returncode == 0, done.stderr
    if way == "patches":
        git(root, "am", "-q", *map(str, (root.parent / "p q").glob("*.patch")))
    if way == "commit":
        git(root, "checkout", "-q", "eventlet-removal")
    if way in ("in-place", "patches", "commit"):
        assert (root / ODD / "\u00fcbung x.py").read_text() == AFTER


# -- several at once, and killed -----------------------------------------------------


IN_THE_WAY = (b"run.locked", b"file.changed", b"file.dirty")


def test_of_runs_at_once_each_is_done_or_says_why_not(make: Make) -> None:
    root = make({f"proj/m{n}.py": HEAD for n in range(30)})
    runs = [
        subprocess.Popen(
            [TOOL, *SLEEP], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [run.communicate()[1] for run in runs]
    for run, words in zip(runs, said, strict=True):
        assert run.returncode in (0, 3), words
        if run.returncode:
            assert any(reason in words for reason in IN_THE_WAY), words
    assert 0 in [run.returncode for run in runs]
    assert {(root / f"proj/m{n}.py").read_text() for n in range(30)} == {AFTER}
    assert not list(leftovers(root))


SEAMS = ("replace", "rename", "open", "unlink", "fsync", "mkdir", "link")


def killed(deventlet: Run, root: Path, words: tuple[str, ...], at: int) -> bool:
    """Run in a child that is killed before its call number ``at``; whether it was."""
    child = os.fork()
    if not child:
        calls = iter(range(1_000_000))
        for name in SEAMS:
            setattr(os, name, _deadly(getattr(os, name), calls, at))
        deventlet(root, *words)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _deadly(
    real: Callable[..., object], calls: Iterator[int], at: int
) -> Callable[..., object]:
    def die(*args: object, **named: object) -> object:
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)

    return die


WAYS = {
    "in-place": SLEEP,
    "patches": (*SLEEP, "--patch-dir", "../out"),
    "commit": (*SLEEP, "--commit"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_killed_anywhere_is_made_good_by_the_next(
    way: str, make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    wanted = make({"proj/more.py": HEAD}, name="wanted/repo")
    assert deventlet(wanted, *WAYS[way]).returncode == 0
    result = state(wanted, git)
    at, was_killed = 0, True
    while was_killed:
        root = make({"proj/more.py": HEAD}, name=f"run{at}/repo")
        before = texts(root)
        was_killed = killed(deventlet, root, WAYS[way], at)
        if way != "in-place":
            assert texts(root) == before
        assert deventlet(root, *WAYS[way]).returncode == 0
        assert state(root, git) == result, at
        at += 1
    assert at > {"in-place": 20, "patches": 2, "commit": 0}[way]


def state(root: Path, git: GitIn) -> tuple[object, ...]:
    """All that a run may leave: files, the tree of its branch, patches."""
    branches = git(root, "for-each-ref", "--format=%(tree) %(refname)")
    trees = [
        git(root, "rev-parse", f"{line.split()[-1]}^{{tree}}")
        for line in branches.splitlines()
    ]
    out = root.parent / "out"
    patches = sorted(path.name for path in out.glob("*")) if out.exists() else []
    return texts(root), trees, patches, list(leftovers(root.parent))


# -- permissions ---------------------------------------------------------------------


def as_nobody(deventlet: Run, root: Path, tmp_path: Path, *words: str) -> int:
    """The exit status of a run by a user whom permissions stop: root is not one.

    In a child of this process, which has all its modules: another user may not be
    allowed to read them.
    """
    if os.geteuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        for folder in (tmp_path, *tmp_path.parents):
            if "pytest-of-" in str(folder):
                folder.chmod(0o755)
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        done = deventlet(root, *words)
        (root / "said").write_bytes(done.stderr)
        os._exit(done.returncode)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


NOBODY = 65534


def test_a_folder_that_may_not_be_written_is_named_and_nothing_changes(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    assert deventlet(make(name="first"), *SLEEP).returncode == 0
    root = make({"proj/more.py": HEAD, "other/more.py": HEAD})
    before = texts(root)
    (root / "proj").chmod(0o555)
    assert as_nobody(deventlet, root, tmp_path, *SLEEP) == 3
    assert b"[file.unwritable]" in (root / "said").read_bytes()
    assert texts(root) == before
    assert not list(leftovers(root))


def test_a_read_only_file_is_replaced_and_stays_read_only(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    assert deventlet(make(name="first"), *SLEEP).returncode == 0
    root = make({"proj/more.py": HEAD})
    (root / "proj" / "more.py").chmod(0o444)
    assert as_nobody(deventlet, root, tmp_path, *SLEEP) == 0
    assert (root / "proj" / "more.py").read_text() == AFTER
    assert (root / "proj" / "more.py").stat().st_mode & 0o777 == 0o444


def test_a_repository_that_may_not_be_written_can_be_looked_at(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    assert deventlet(make(name="first"), "scan").returncode == 0
    root = make({"proj/more.py": HEAD})
    (root / "said").touch()
    (root / "said").chmod(0o666)
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    for words in (("scan",), ("plan",), (*SLEEP, "--dry-run"), ("history",)):
        assert as_nobody(deventlet, root, tmp_path, *words) == 0


# -- a disk that takes no more -------------------------------------------------------


KILLED = b"status -25"  # git, for which Python gives the signal back its meaning


@pytest.mark.parametrize("limit", [0, 60, 200])
@pytest.mark.parametrize("way", WAYS)
def test_where_no_file_can_grow_nothing_changes_and_it_is_said(
    way: str, limit: int, make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({"proj/more.py": HEAD + "# as it was\n" * 20}, name="full/repo")
    before, refs = texts(root), git(root, "for-each-ref")
    said = tmp_path / "said"
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails: EFBIG
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        done = deventlet(root, *WAYS[way])
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        said.write_bytes(done.stderr)
        os._exit(done.returncode)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (2, 3), said.read_bytes()
    assert any(words in said.read_bytes() for words in (b"File too large", KILLED))
    assert (texts(root), git(root, "for-each-ref")) == (before, refs)
    out = root.parent / "out"
    assert not out.exists() or not list(out.iterdir())
    assert not list(leftovers(root.parent))
    assert deventlet(root, *WAYS[way]).returncode == 0
