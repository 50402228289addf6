from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deventlet.cli import apply as command
from deventlet.driver.run import Outcome
from deventlet.series import compute

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

SLEEP = ("apply", "--codemod", "sleep")
DRY = (*SLEEP, "--dry-run")
HEAD = "import eventlet\neventlet.sleep(1)\n"
AFTER = "import eventlet\ntime.sleep(1)\n"

UNREADABLE: dict[str, tuple[str | bytes, str, str]] = {
    "syntax": (HEAD + "def f(:\n", "file.syntax", "line 3"),
    "python2": (HEAD + "print 'x'\n", "file.python2", "Python 2"),
    "python2-except": (
        HEAD + "try:\n    pass\nexcept IOError, e:\n    pass\n",
        "file.python2",
        "Python 2",
    ),
    "octal": (HEAD + "mode = 0644\n", "file.python2", "Python 2"),
    "nul": (HEAD + "\0", "file.nul", "NUL"),
    "wrong-cookie": (
        b"# coding: ascii\n" + HEAD.encode() + b"# \xe9\n",
        "file.encoding",
        "encoding it declares",
    ),
    "unknown-cookie": ("# coding: klingon\n" + HEAD, "file.encoding", "klingon"),
    "not-text": ("# coding: rot13\n" + HEAD, "file.encoding", "encoding"),
    "invalid-utf-8": (HEAD.encode() + b"# \xff\n", "file.encoding", "utf-8"),
    "parentheses": (
        HEAD + "x = " + "(" * 1000 + "1" + ")" * 1000 + "\n",
        "file.too-deep",
        "nested",
    ),
    "attributes": (
        HEAD + "x = a" + ".b" * 20_000 + "\n",
        "file.too-deep",
        "nested more deeply",
    ),
    "terms": (
        HEAD + "x = " + " + ".join(["1"] * 20_000) + "\n",
        "file.too-deep",
        "nested more deeply",
    ),
}
NEWER: dict[str, tuple[str, tuple[int, int]]] = {
    "alias": ("type X = int\n", (3, 12)),
    "generic": ("def f[T](x: T) -> T: ...\n", (3, 12)),
    "template": ("x = t'{1}'\n", (3, 14)),
}


def other(root: Path) -> str:
    """The file beside the bad one."""
    return (root / "proj" / "worker.py").read_text()


# -- files that cannot be read -------------------------------------------------------


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_done(
    make: Make, deventlet: Run, kind: str
) -> None:
    content, reason, word = UNREADABLE[kind]
    root = make({"proj/bad.py": content})
    before = (root / "proj/bad.py").read_bytes()
    done = deventlet(root, *SLEEP)
    assert done.returncode == 3
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("deventlet: proj/bad.py: ")
    assert line.endswith(f"[{reason}]")
    assert word in line
    assert (root / "proj/bad.py").read_bytes() == before
    assert "time.sleep" in other(root)
    explained = deventlet(root, "explain", reason)
    assert explained.returncode == 0
    assert b"What to do" in explained.stdout


def test_a_broken_file_matters_to_what_may_have_work_in_it(
    make: Make, deventlet: Run
) -> None:
    bad = HEAD.replace("sleep", "spawn_n") + "def f(:\n"
    root = make({"proj/bad.py": bad, "proj/other.py": "def f(:\n"})
    for code, *asked in (
        (0, *DRY),
        (3, "apply", "--codemod", "spawn", "--dry-run"),
        (3, "apply", "--all", "--dry-run"),
        (3, "scan"),
    ):
        done = deventlet(root, *asked)
        assert done.returncode == code
        assert (b"proj/bad.py" in done.stderr) is (code == 3)
        assert b"proj/other.py" not in done.stderr


def test_a_call_that_libcst_cannot_print_is_left_and_the_others_are_done(
    make: Make, deventlet: Run
) -> None:
    call = f"eventlet.sleep({' + '.join(['x'] * 1500)})\n"
    root = make({"proj/long.py": f"import eventlet\nx = 1\n{call}"})
    before = (root / "proj/long.py").read_bytes()
    done = deventlet(root, *SLEEP)
    assert done.returncode == 0
    assert b"site.unprintable" in done.stdout
    assert b"proj/long.py:3: " in done.stdout
    assert (root / "proj/long.py").read_bytes() == before
    assert "time.sleep" in other(root)


@pytest.mark.parametrize("kind", NEWER)
def test_code_for_a_newer_python_is_called_that(
    make: Make, deventlet: Run, kind: str
) -> None:
    text, since = NEWER[kind]
    root = make({"proj/bad.py": HEAD + text})
    done = deventlet(root, *SLEEP)
    if sys.version_info >= since:
        assert done.returncode == 0
        assert (root / "proj/bad.py").read_text().endswith(text)
    else:
        assert done.returncode == 3
        assert b"proj/bad.py: this looks like code for a Python newer" in done.stderr
        assert f"{sys.version_info.major}.{sys.version_info.minor}" in str(done.stderr)
    assert "time.sleep" in other(root)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_bad_file_that_has_nothing_to_do_with_eventlet_is_none_of_our_business(
    make: Make, deventlet: Run, kind: str
) -> None:
    content = UNREADABLE[kind][0]
    raw = content.encode() if isinstance(content, str) else content
    raw = raw.replace(b"eventlet", b"asyncore")
    imports = "import eventlet\n\nfrom proj import bad\n\n\ndef go():\n"
    root = make(
        {"proj/bad.py": raw, "proj/user.py": imports + "    eventlet.sleep(bad.x)\n"}
    )
    done = deventlet(root, *SLEEP)
    assert done.stderr == b""
    assert done.returncode == 0
    assert "time.sleep" in (root / "proj/user.py").read_text()


def test_a_file_without_permission_is_named(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make({"proj/bad.py": HEAD})
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "bad.py":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = deventlet(root, *SLEEP)
    monkeypatch.undo()
    assert done.returncode == 3
    assert b"proj/bad.py: Permission denied [file.unreadable]" in done.stderr
    assert "time.sleep" in other(root)


def test_a_problem_is_named_once(make: Make, deventlet: Run) -> None:
    done = deventlet(make({"proj/bad.py": HEAD + "("}), "apply", "--all", "--dry-run")
    assert done.stderr.count(b"proj/bad.py") == 1


def test_a_bad_file_whose_name_is_bad_as_well(make: Make, deventlet: Run) -> None:
    name = "proj/new\nline \x1b[31m.py"
    done = deventlet(make({name: HEAD + "("}), *DRY)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("deventlet: proj/new\\nline \\x1b[31m.py: ")


@pytest.mark.parametrize("terms", [250, 900, 1500])
@pytest.mark.parametrize("where", ["beside", "inside"])
def test_a_deep_expression_is_done_or_named(
    make: Make, deventlet: Run, terms: int, where: str
) -> None:
    chain = " + ".join(["1"] * terms)
    text = "import eventlet\neventlet.monkey_patch()\n\n\ndef go():\n"
    text += f"    eventlet.sleep({chain})\n" if where == "inside" else f"    {chain}\n"
    root = make({"proj/deep.py": text + "    eventlet.sleep(2)\n"})
    done = deventlet(root, *SLEEP)
    assert done.returncode in (0, 3)
    assert b"Traceback" not in done.stderr
    changed = "time.sleep" in (root / "proj/deep.py").read_text()
    assert changed or b"proj/deep.py" in done.stdout + done.stderr
    assert "time.sleep" in other(root)


def test_a_file_of_20_megabytes_is_done(make: Make, deventlet: Run) -> None:
    data = "DATA = '''\n" + ("x" * 99 + "\n") * 200_000 + "'''\n"
    root = make({"proj/big.py": HEAD + data})
    done = deventlet(root, *SLEEP)
    assert done.returncode == 0
    after = (root / "proj/big.py").read_text()
    assert after.endswith(data)
    assert after.startswith("import time\ntime.sleep(1)\n")


# -- paths, names and options that make no sense -------------------------------------


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--codemod", "slep"), "did you mean 'sleep'?"),
        (("--codemod", "sleep", "--all"), "--all or --codemod, not both"),
        ((), "--codemod NAME or --all"),
        (("--codemod", "sleep", "-n", "--patch-dir", "p"), "not both"),
        (("--codemod", "sleep", "--allow-dirty", "--patch-dir", "p"), "--allow-dirty"),
        (("--codemod", "sleep", "--assume", "proces-patched"), "'process-patched'?"),
        (("--codemod", "sleep", "--assume", "sleep.negative"), "no assumption"),
        (("--codemod", "sleep", "missing.py"), "missing.py"),
        (("--codemod", "sleep", ".", "/"), "outside"),
        (("--codemod", "sleep", ".", ".."), "outside"),
        (("--codemod",), "argument"),
        (("--codemod", "sleep", "--dry-rum"), "--dry-run"),
    ],
)
def test_wrong_use_is_explained_and_changes_nothing(
    make: Make, deventlet: Run, args: tuple[str, ...], said: str
) -> None:
    root = make()
    done = deventlet(root, "apply", *args)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("deventlet: ")
    assert said in done.stderr.decode()
    assert done.stdout == b""
    assert "eventlet.sleep" in other(root)


def test_an_unknown_command_and_none_at_all(make: Make, deventlet: Run) -> None:
    wrong = deventlet(make(), "aply")
    assert wrong.returncode == 2
    assert b"apply" in wrong.stderr
    none = deventlet(make(name="second"))
    assert none.returncode == 2
    assert none.stderr.startswith(b"Usage: deventlet")


def test_no_python_files_is_said(deventlet: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = deventlet(tmp_path / "empty", *SLEEP)
    assert done.returncode == 0
    assert b"no Python files" in done.stderr


def test_an_empty_repository_has_nothing_committed_to_go_by(
    deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = tmp_path / "fresh"
    root.mkdir()
    git(root, "init", "-q")
    assert deventlet(root, *SLEEP).returncode == 0
    text = "import eventlet\neventlet.monkey_patch()\neventlet.sleep(1)\n"
    (root / "a.py").write_text(text)
    done = deventlet(root, *SLEEP, "--assume", "process-patched")
    assert done.returncode == 3
    assert b"a.py: the file has uncommitted changes" in done.stderr
    assert (root / "a.py").read_text() == text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("deventlet.toml", "profile = ", "deventlet.toml: "),
        ("pyproject.toml", "[tool", "pyproject.toml: "),
        ("deventlet.toml", "profil = 'dual'", "`profil`; did you mean `profile`?"),
        ("deventlet.toml", "assume = ['proces']", "deventlet.toml: `assume`: "),
        (
            "pyproject.toml",
            "[tool.deventlet]\nassume = ['proces']",
            "pyproject.toml: `assume`: ",
        ),
        ("deventlet.toml", "exclude = ['[z-a]']", "`exclude`: [z-a]"),
        ("pyproject.toml", "[tool.deventlet]\nline-length = '79'", "`line-length`"),
    ],
)
def test_wrong_settings_are_named_and_nothing_changes(
    make: Make, deventlet: Run, name: str, text: str, said: str
) -> None:
    root = make({name: text})
    done = deventlet(root, *SLEEP)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert "eventlet.sleep" in other(root)


# -- what happens while it runs ------------------------------------------------------


def test_a_full_disk_loses_nothing(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make({"proj/more.py": HEAD})
    before = {path: path.read_bytes() for path in root.rglob("*.py")}
    fsync, calls = os.fsync, iter(range(100))

    def full(file: int) -> None:
        if next(calls) == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", full)
    done = deventlet(root, *SLEEP)
    assert done.returncode == 3
    assert b"No space left on device [file.unwritable]" in done.stderr
    assert {path: path.read_bytes() for path in root.rglob("*.py")} == before
    assert not list(root.rglob(".*.deventlet-*"))
    assert deventlet(root, *SLEEP).returncode == 0


def test_a_full_disk_below_the_patch_folder_keeps_the_earlier_patches(
    make: Make,
    deventlet: Run,
    git: GitIn,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    root, folder = make(), tmp_path / "patches"
    deventlet(root, *SLEEP, "--patch-dir", str(folder))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    git(root, "commit", "-q", "--allow-empty", "-m", "Later", "--date=2001-01-01")

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        done = deventlet(root, *SLEEP, "--patch-dir", str(folder))
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_kill_between_two_files_is_made_good_by_the_next_run(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/hub.py": HEAD, "proj/more.py": HEAD})
    child = os.fork()
    if not child:
        real, renamed = os.replace, iter(range(100))

        def die(source: str, target: str) -> None:
            if str(target).endswith(".py") and next(renamed) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            real(source, target)

        os.replace = die  # type: ignore[assignment]
        deventlet(root, *SLEEP)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    texts = [path.read_text() for path in sorted(root.glob("proj/*.py"))]
    assert any("time.sleep" in text for text in texts)
    assert any("eventlet.sleep" in text for text in texts)

    waiting = deventlet(root, *DRY)
    assert waiting.returncode == 3
    assert b"interrupted run" in waiting.stderr

    done = deventlet(root, *SLEEP)
    assert done.returncode == 0
    assert b"an interrupted run was finished" in done.stderr
    assert not any("eventlet.sleep" in p.read_text() for p in root.rglob("*.py"))
    assert not list(root.rglob(".*.deventlet-*"))


def test_a_file_that_changes_meanwhile_stops_the_writing(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make({"proj/more.py": HEAD})
    real = compute.compute

    def edit_after(*args: Any, **kwargs: Any) -> list[Outcome]:
        outcomes = real(*args, **kwargs)
        (root / "proj/more.py").write_text("mine")
        return outcomes

    monkeypatch.setattr(command, "compute", edit_after)
    done = deventlet(root, *SLEEP)
    assert done.returncode == 3
    assert b"proj/more.py has changed on disk" in done.stderr
    assert (root / "proj/more.py").read_text() == "mine"
    assert "eventlet.sleep" in other(root)  # all files or none


def test_an_interruption_while_it_looks_changes_nothing(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compute, "run", interrupt)
    done = deventlet(root, *SLEEP)
    assert done.returncode == 130
    assert done.stderr == b"deventlet: interrupted; nothing is half done\n"


def test_an_interruption_while_it_writes_is_undone(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make({"proj/more.py": HEAD})
    before = {path: path.read_bytes() for path in root.rglob("*.py")}
    real, renamed = os.replace, iter(range(100))

    def interrupt(source: str, target: str) -> None:
        if str(target).endswith(".py") and next(renamed) == 1:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", interrupt)
    done = deventlet(root, *SLEEP)
    monkeypatch.undo()
    assert done.returncode == 130
    assert {path: path.read_bytes() for path in root.rglob("*.py")} == before
    assert not list(root.rglob(".*.deventlet-*"))


def test_a_bug_is_not_mistaken_for_findings(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("nobody thought of this")

    monkeypatch.setattr(compute, "run", fail)
    done = deventlet(make(), *SLEEP, "--exit-code")
    assert done.returncode == 3
    assert b"nobody thought of this" in done.stderr
    assert b"please report it" in done.stderr
