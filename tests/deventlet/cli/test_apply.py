from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from deventlet import registry

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

SLEEP = ("apply", "--codemod", "sleep")
DRY = (*SLEEP, "--dry-run")
ESCAPE = b"\x1b"

# What other tools' previews have swallowed or mangled.
NASTY: dict[str, str | bytes] = {
    "proj/markup.py": "import eventlet\n\n\ndef go(x: list[str]):\n"
    "    eventlet.sleep(x[0])  # [bold]hot[/bold] :fire: [/] [link=x]y[/link]\n"
    "    return '[red]', ':smile:'\n",
    "proj/crlf.py": b"import eventlet\r\n\r\n\r\ndef go():\r\n eventlet.sleep(2)\r\n",
    "proj/mixed.py": b"import eventlet\r\n\n\ndef go():\r\n    eventlet.sleep(2)\n",
    "proj/no_end.py": "import eventlet\neventlet.sleep(3)",
    "proj/latin.py": b"# coding: latin-1\nimport eventlet\neventlet.sleep(1)  # \xe9\n",
    "proj/bom.py": b"\xef\xbb\xbfimport eventlet\neventlet.sleep(1)\n",
    "proj/feed.py": "import eventlet\n\x0c\neventlet.sleep(1)\n",
    "proj/a space.py": "import eventlet\neventlet.sleep(4)\n",
    'proj/quo"te.py': "import eventlet\neventlet.sleep(5)\n",
    "proj/new\nline.py": "import eventlet\neventlet.sleep(6)\n",
    "proj/\u00fc.py": "import eventlet\neventlet.sleep(7)\n",
    "proj/-dash.py": "import eventlet\neventlet.sleep(9)\n",
    "proj/wide.py": "import eventlet\neventlet.sleep(1)  # " + "wide " * 60 + "\n",
}
REFUSED = "import eventlet\neventlet.sleep(None)  # [bold] " + "wide " * 60 + "\n"


def content(root: Path) -> dict[str, bytes]:
    """Every file of a work tree, without git's own."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and bytes of everything there is, git's own files included."""
    return {
        str(path): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [root, *root.rglob("*")]
    }


# -- the audit hook: it cannot be removed, so that there is one, off by default ------

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink"),
    *("os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr"),
    *("shutil.move", "shutil.rmtree", "shutil.copyfile"),
}
_seen: list[str] | None = None


def _audit(event: str, args: tuple[object, ...]) -> None:
    if _seen is None:
        return
    if event == "open" and isinstance(args[2], int) and args[2] & _WRITES:
        if not isinstance(args[0], int):  # a pipe to git
            _seen.append(f"open {args[0]!r}")
    elif event in _CHANGES:
        _seen.append(f"{event} {args[0]}")


sys.addaudithook(_audit)


@contextmanager
def writes() -> Iterator[list[str]]:
    """What is written while the block runs, by this process."""
    global _seen
    _seen = []
    try:
        yield _seen
    finally:
        _seen = None


# -- dry run -------------------------------------------------------------------------


def test_a_dry_run_writes_nothing(make: Make, deventlet: Run) -> None:
    root = make({**NASTY, "proj/refused.py": REFUSED})
    deventlet(root, *DRY)  # imports are done: what is left is the run itself
    before = snapshot(root)
    with writes() as seen:
        done = deventlet(root, *DRY)
    assert done.returncode == 0
    assert done.stdout.count(b"diff --git") == len(NASTY) + 1
    assert snapshot(root) == before
    assert seen == []


def test_sites_on_one_line_are_one_place(make: Make, deventlet: Run) -> None:
    line = "eventlet.sleep(*x), eventlet.sleep(*x)"
    text = f"import eventlet\n\n\ndef go(*x):\n    {line}\n    {line}\n"
    root = make({"proj/work.py": text})
    said = deventlet(root, *DRY).stdout.decode()
    assert said.count(line) == 2
    assert f"    proj/work.py:5: {line} (2 times)\n" in said


def test_the_audit_sees_what_an_in_place_run_writes(make: Make, deventlet: Run) -> None:
    root = make()
    with writes() as seen:
        deventlet(root, *SLEEP)
    assert any("worker.py" in line for line in seen)


def test_git_applies_the_output_of_a_dry_run_as_it_is(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({**NASTY, "proj/refused.py": REFUSED})
    shown = tmp_path / "shown"
    shown.write_bytes(deventlet(root, *DRY).stdout)
    assert b"Left alone" in shown.read_bytes()
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(root), str(other))
    git(other, "apply", str(shown))
    done = deventlet(root, *SLEEP)
    assert done.returncode == 0
    assert content(other) == content(root)
    assert content(root)["proj/markup.py"].decode() == str(
        NASTY["proj/markup.py"]
    ).replace("eventlet", "time")


def test_a_dry_run_a_patch_and_git_show_the_same_diff(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(NASTY)
    shown = deventlet(root, *DRY).stdout.rpartition(b"\n\ncodemod")[0] + b"\n"
    assert deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p")).returncode == 0
    (patch,) = (tmp_path / "p").iterdir()
    assert shown in patch.read_bytes()
    deventlet(root, *SLEEP)
    real = subprocess.run(
        ["git", "-c", "core.quotepath=off", "diff", "--full-index"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout
    assert real.count(b"diff --git") == shown.count(b"diff --git")
    changed = [line for line in shown.split(b"\n") if re.match(rb"[-+][^-+]", line)]
    assert sorted(changed) == sorted(
        line for line in real.split(b"\n") if re.match(rb"[-+][^-+]", line)
    )


@pytest.mark.parametrize("width", ["1", "20", "79"])
def test_a_narrow_pipe_cuts_nothing_and_gets_no_colours(
    make: Make, deventlet: Run, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    root = make({**NASTY, "proj/" + "long" * 40 + ".py": REFUSED})
    monkeypatch.setenv("COLUMNS", "500")
    wide = deventlet(root, *DRY)
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("TERM", "xterm-256color")
    narrow = deventlet(root, *DRY)
    assert narrow.stdout == wide.stdout
    assert narrow.stderr == wide.stderr
    assert ESCAPE not in narrow.stdout + narrow.stderr
    assert "\u2026".encode() not in narrow.stdout
    assert ("proj/" + "long" * 40 + ".py:2:").encode() in narrow.stdout
    assert b"wide " * 59 + b"wide -- None is not" in narrow.stdout


def on_a_terminal(root: Path, *args: str, **environment: str) -> bytes:
    """What the command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "deventlet", *args],
        cwd=root,
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait() == 0
    return b"".join(parts).replace(b"\r\n", b"\n")


def without_colours(text: bytes) -> bytes:
    return re.sub(rb"\x1b\[[0-9;]*m", b"", text)


def test_a_terminal_gets_colours_and_the_same_words(make: Make, deventlet: Run) -> None:
    text = 'import eventlet\neventlet.sleep(1)  # [bold]x[/bold] :fire: "\x1b[2J"\n'
    root = make({"proj/markup.py": text, "proj/refused.py": REFUSED})
    shown = on_a_terminal(root, *DRY)
    assert b"\x1b[32m+    time.sleep(1)" in shown
    assert b"\x1b[31m-    eventlet.sleep(1)" in shown
    assert b"\x1b[2J" not in shown  # a line of source does not clear the screen
    piped = deventlet(root, *DRY).stdout
    words = piped.replace(b"\x1b", b"\\x1b").split()
    assert without_colours(shown).split() == words


def test_no_color_is_honoured(make: Make, deventlet: Run) -> None:
    root = make()
    shown = on_a_terminal(root, *DRY, NO_COLOR="1")
    assert b"\x1b[3" not in shown
    assert without_colours(shown).split() == deventlet(root, *DRY).stdout.split()


def test_the_summary_is_readable_in_80_columns(make: Make) -> None:
    root = make({"proj/refused.py": "import eventlet\neventlet.sleep(None)\n"})
    shown = without_colours(on_a_terminal(root, *DRY)).decode()
    summary = shown.partition("\ncodemod")[2]
    assert "sleep.arguments: the arguments are not one number of seconds." in summary
    assert len(summary.partition("\n\n")[0].splitlines()) == 3
    assert max(map(len, summary.splitlines())) <= 80
    assert re.search(r"\n  What to do: .*\n  \w+", summary)  # between words, indented


def test_a_name_that_is_not_utf_8_is_rewritten_and_patched(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({"proj/\udcff.py": PROJECT_WORKER})
    deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    git(root, "am", str(only_patch(tmp_path / "p")))
    assert b"time.sleep(1)" in content(root)["proj/\udcff.py"]
    assert deventlet(root, *SLEEP).returncode == 0


def test_a_closed_pipe_ends_quietly(make: Make) -> None:
    many = {f"proj/m{n}.py": NASTY["proj/wide.py"] for n in range(150)}
    root = make(many)
    process = subprocess.Popen(
        [sys.executable, "-m", "deventlet", *DRY],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"diff --git")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0
    process.stderr.close()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_not_stop_the_work(make: Make, closed: str) -> None:
    root = make()
    command = f"{sys.executable} -m deventlet {' '.join(SLEEP)} {closed}"
    done = subprocess.run(command, shell=True, cwd=root, capture_output=True)
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"time.sleep(1)" in content(root)["proj/worker.py"]


def test_a_full_device_behind_the_pipe_is_named(make: Make) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "deventlet", *DRY],
            cwd=make(),
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 3
    assert done.stderr.decode().splitlines() == [
        "deventlet: [Errno 28] No space left on device"
    ]


def test_an_output_that_is_not_utf_8_loses_nothing_but_the_letters(make: Make) -> None:
    name = "proj/\u00fc\u6f22.py"
    done = subprocess.run(
        [sys.executable, "-m", "deventlet", *DRY],
        cwd=make({name: "import eventlet\neventlet.sleep(None)  # \u6f22\n"}),
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"proj/\\xfc\\u6f22.py:2: eventlet.sleep(None)" in done.stdout


def test_exit_code_says_that_something_would_change(make: Make, deventlet: Run) -> None:
    root = make()
    assert deventlet(root, *DRY, "--exit-code").returncode == 1
    assert deventlet(root, *DRY).returncode == 0
    deventlet(root, *SLEEP)
    assert deventlet(root, *DRY, "--exit-code").returncode == 0


# -- patches -------------------------------------------------------------------------


def only_patch(folder: Path) -> Path:
    (patch,) = folder.iterdir()
    return patch


def change_id(patch: Path) -> str:
    (found,) = re.findall(r"^Change-Id: (I[0-9a-f]{40})$", patch.read_text(), re.M)
    return str(found)


def test_patches_leave_tree_index_and_head_alone(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make(NASTY)
    before = snapshot(root)
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "patches"))
    assert done.returncode == 0
    assert snapshot(root) == before


def test_git_am_in_a_fresh_clone_gives_what_in_place_gives(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(NASTY)
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "it's here"))
    command = done.stdout.decode().splitlines()[-1]
    assert command.startswith("git am --keep-cr ")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "config", "user.name", "B")
    git(clone, "config", "user.email", "b@example.org")
    subprocess.run(command, shell=True, cwd=clone, check=True, capture_output=True)
    deventlet(root, *SLEEP)
    assert content(clone) == content(root)
    assert git(clone, "log", "-1", "--format=%an <%ae>") == (
        "A. Person <person@example.org>\n"
    )


def test_without_carriage_returns_git_am_needs_no_option(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    done = deventlet(make(), *SLEEP, "--patch-dir", str(tmp_path / "p"))
    last = done.stdout.decode().splitlines()[-1]
    assert last.startswith(f"git am {tmp_path}/p/0001-")


def test_a_patch_is_for_the_bytes_that_git_has(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    crlf = PROJECT_WORKER.replace(b"\n", b"\r\n")
    root = make({"proj/worker.py": crlf, ".gitattributes": "*.py text eol=crlf\n"})
    assert b"\r" not in git(root, "show", "HEAD:proj/worker.py").encode()
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    assert b"--keep-cr" not in done.stdout
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "am", str(only_patch(tmp_path / "p")))
    deventlet(root, *SLEEP)
    after = content(root)["proj/worker.py"]
    assert content(clone)["proj/worker.py"] == after
    assert b"time.sleep(1)\r\n" in after


PROJECT_WORKER = b"import eventlet\n\n\ndef work():\n    eventlet.sleep(1)\n"


def test_a_file_that_git_filters_otherwise_is_named(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(
        {"proj/worker.py": b"# $Id$\n" + PROJECT_WORKER, ".gitattributes": "*.py ident"}
    )
    (root / "proj/worker.py").unlink()
    git(root, "checkout", "proj/worker.py")
    assert b"# $Id: " in (root / "proj/worker.py").read_bytes()
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    assert done.returncode == 2
    assert b"proj/worker.py" in done.stderr
    assert not (tmp_path / "p").exists()


def test_the_message_is_what_gerrit_and_reviewers_expect(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    more = (
        "import eventlet\n\n\ndef go(n, *a):\n    eventlet.sleep(n)\n"
        "    eventlet.sleep(*a)\n"
    )
    root = make({"proj/more.py": more})
    deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    git(root, "am", str(only_patch(tmp_path / "p")))
    message = git(root, "log", "-1", "--format=%B").rstrip("\n")
    subject, empty, *body = message.split("\n")
    assert subject == "Replace eventlet.sleep with time.sleep"
    assert empty == ""
    assert max(map(len, body)) <= 72
    words = " ".join(body)
    assert "eventlet.sleep becomes time.sleep" in words
    assert "Proven: proj.cmd patches time" in words
    assert "- sleep.negative (1 site): a negative value now raises" in words
    assert "2 sites rewritten" in words
    assert "1 refused (sleep.star-args: 1)" in words
    assert re.fullmatch("Change-Id: I[0-9a-f]{40}", body[-1])
    assert "Signed-off-by" not in message


def test_a_sign_off_is_the_users_own_and_only_on_request(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make()
    deventlet(root, *SLEEP, "--signoff", "--patch-dir", str(tmp_path / "p"))
    message = only_patch(tmp_path / "p").read_text().partition("\n---\n")[0]
    assert re.search(
        r"\n\nChange-Id: I\w{40}\nSigned-off-by: A. Person <person@example\.org>\Z",
        message,
    )


def test_the_change_id_stays_until_it_is_merged(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({".gitreview": "[gerrit]\nproject=openstack/proj\n"})

    def made(folder: Path, name: str) -> Path:
        target = tmp_path / name
        assert deventlet(folder, *SLEEP, "--patch-dir", str(target)).returncode == 0
        return only_patch(target)

    first = made(root, "first")
    assert made(root, "again").read_bytes() == first.read_bytes()
    clone = tmp_path / "elsewhere"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "config", "user.name", "A. Person")
    git(clone, "config", "user.email", "person@example.org")
    assert made(clone, "cloned").read_bytes() == first.read_bytes()
    (root / "README").write_text("unrelated")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Say something else")
    assert change_id(made(root, "later")) == change_id(first)
    git(root, "commit", "-q", "--amend", "-m", "Say it otherwise, as a rebase does")
    assert change_id(made(root, "rebased")) == change_id(first)

    git(root, "am", str(first))
    late = root / "proj" / "late.py"
    late.write_text("import eventlet\neventlet.sleep(1)\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Sleep some more")
    assert change_id(made(root, "next")) != change_id(first)
    # Merged upstream, and fetched, while the work tree still stands before it.
    git(clone, "fetch", "-q")
    assert change_id(made(clone, "behind")) == change_id(tmp_path / "next" / first.name)


def test_a_folder_with_anything_else_in_it_is_refused(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make()
    folder = tmp_path / "patches"
    deventlet(root, *SLEEP, "--patch-dir", str(folder))
    (folder / "notes.txt").write_text("mine")
    before = snapshot(folder)
    done = deventlet(root, *SLEEP, "--patch-dir", str(folder))
    assert done.returncode == 2
    assert b"notes.txt" in done.stderr
    assert snapshot(folder) == before


def test_a_file_in_place_of_the_folder_is_refused(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make()
    (tmp_path / "file").write_text("mine")
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "file"))
    assert done.returncode == 2
    assert b"is not a folder" in done.stderr
    below = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "file" / "below"))
    assert below.returncode == 2
    assert (tmp_path / "file").read_text() == "mine"


def test_a_second_run_replaces_its_own_patches(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root, folder = make(), tmp_path / "patches"
    deventlet(root, *SLEEP, "--patch-dir", str(folder))
    first = only_patch(folder).read_bytes()
    (root / "proj" / "more.py").write_text("import eventlet\neventlet.sleep(1)\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "More")
    assert deventlet(root, *SLEEP, "--patch-dir", str(folder)).returncode == 0
    second = only_patch(folder).read_bytes()
    assert b"proj/more.py" in second
    assert b"proj/more.py" not in first
    git(root, "am", str(only_patch(folder)))
    done = deventlet(root, *SLEEP, "--patch-dir", str(folder))
    assert done.returncode == 0
    assert only_patch(folder).read_bytes() == second
    assert b"nothing is left to rewrite" in done.stdout
    assert b"still there" in done.stderr


def test_a_folder_inside_the_repository_works(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    outputs = [deventlet(root, *SLEEP, "--patch-dir", "patches") for _ in range(2)]
    assert [done.returncode for done in outputs] == [0, 0]
    assert outputs[0].stdout == outputs[1].stdout
    assert git(root, "status", "--porcelain") == "?? patches/\n"
    git(root, "am", str(only_patch(root / "patches")))


@pytest.mark.parametrize("lacking", ["repository", "commit", "identity"])
def test_a_patch_says_what_it_needs(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path, lacking: str
) -> None:
    root = make()
    if lacking == "identity":
        git(root, "config", "--unset", "user.name")
        git(root, "config", "--unset", "user.email")
    else:
        (root / ".git").rename(tmp_path / "away")
        if lacking == "commit":
            git(root, "init", "-q")
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    assert done.returncode == 2
    wanted = "user.email" if lacking == "identity" else lacking
    assert wanted in done.stderr.decode()
    assert not (tmp_path / "p").exists()


def test_a_patch_leaves_out_what_is_not_committed(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make({"proj/other.py": PROJECT_WORKER})
    worker = root / "proj" / "worker.py"
    worker.write_bytes(PROJECT_WORKER + b"# mine\n")
    done = deventlet(root, *SLEEP, "--patch-dir", str(tmp_path / "p"))
    assert done.returncode == 3
    assert b"proj/worker.py" in done.stderr
    patch = only_patch(tmp_path / "p").read_bytes()
    assert b"proj/other.py" in patch
    assert b"diff --git a/proj/worker.py" not in patch


# -- in place ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["modified", "staged", "untracked", "ignored"])
def test_work_of_the_users_is_not_touched(
    make: Make, deventlet: Run, git: GitIn, kind: str
) -> None:
    root = make({".gitignore": "ignored.py\n"})
    name = "proj/worker.py" if kind in ("modified", "staged") else f"proj/{kind}.py"
    (root / name).write_bytes(PROJECT_WORKER + b"# mine\n")
    if kind == "staged":
        git(root, "add", name)
    (root / "proj" / "__init__.py").write_text("import eventlet\neventlet.sleep(1)\n")
    git(root, "commit", "-q", "-m", "Sleep", "proj/__init__.py")
    before = (root / name).stat().st_mtime_ns, (root / name).read_bytes()
    shown = deventlet(root, *DRY, ".", name)
    done = deventlet(root, *SLEEP, ".", name)
    assert [shown.returncode, done.returncode] == [3, 3]
    assert f"{name}: the file has uncommitted changes" in done.stderr.decode()
    assert b"--allow-dirty" in done.stdout
    assert ((root / name).stat().st_mtime_ns, (root / name).read_bytes()) == before
    assert b"rewrote proj/__init__.py" in done.stdout
    assert "time.sleep" in (root / "proj" / "__init__.py").read_text()
    allowed = deventlet(root, *SLEEP, "--allow-dirty", ".", name)
    assert allowed.returncode == 0
    assert b"time.sleep(1)\n# mine\n" in (root / name).read_bytes()


HUB = "import eventlet\n\nnap = eventlet.sleep\n\n\ndef go():\n    eventlet.sleep(2)\n"
NAPPER = "from proj.hub import nap\n\n\ndef go():\n    nap(1)\n    nap()\n"


def test_a_subject_that_spans_a_dirty_file_stays_whole_until_it_is_clean(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make({"proj/hub.py": HUB, "proj/napper.py": NAPPER})
    napper = root / "proj" / "napper.py"
    napper.write_text(NAPPER + "# mine\n")
    done = deventlet(root, *SLEEP)
    assert done.returncode == 3
    assert napper.read_text() == NAPPER + "# mine\n"
    hub = (root / "proj" / "hub.py").read_text()
    assert "nap = eventlet.sleep\n" in hub
    assert "    time.sleep(2)\n" in hub
    git(root, "commit", "-q", "-m", "Mine", "proj/napper.py")
    # Now hub.py differs from HEAD, but only by what deventlet wrote there.
    assert deventlet(root, *SLEEP).returncode == 0
    assert "nap = time.sleep\n" in (root / "proj" / "hub.py").read_text()
    assert napper.read_text().endswith("nap(1)\n    nap(0)\n# mine\n")


def test_an_edit_after_our_own_write_is_the_users(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make({"proj/hub.py": HUB, "proj/napper.py": NAPPER})
    (root / "proj" / "napper.py").write_text(NAPPER + "# mine\n")
    deventlet(root, *SLEEP)
    git(root, "commit", "-q", "-m", "Mine", "proj/napper.py")
    hub = root / "proj" / "hub.py"
    edited = hub.read_text() + "# mine, too\n"
    hub.write_text(edited)
    done = deventlet(root, *SLEEP)
    assert done.returncode == 3
    assert hub.read_text() == edited
    assert b"proj/hub.py: the file has uncommitted changes" in done.stderr


def test_a_second_run_finds_nothing_left(make: Make, deventlet: Run) -> None:
    root = make(NASTY)
    assert deventlet(root, *SLEEP).returncode == 0
    before = content(root)
    done = deventlet(root, *SLEEP)
    assert done.returncode == 0
    assert done.stdout.decode() == "\nsleep: nothing is left to rewrite\n"
    assert content(root) == before


def test_without_a_repository_files_are_rewritten(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    root = make()
    (root / ".git").rename(tmp_path / "away")
    assert deventlet(root, *SLEEP).returncode == 0
    assert b"time.sleep(1)" in content(root)["proj/worker.py"]
    assert not list(root.glob(".deventlet*"))


def test_only_the_given_paths_change(make: Make, deventlet: Run) -> None:
    root = make({"other/a.py": PROJECT_WORKER, "proj/-dash.py": PROJECT_WORKER})
    done = deventlet(root / "proj", *SLEEP, "--", "-dash.py")
    assert done.returncode == 0
    after = content(root)
    assert b"time.sleep" in after["proj/-dash.py"]
    assert after["other/a.py"] == after["proj/worker.py"] == PROJECT_WORKER


# -- two codemods --------------------------------------------------------------------

CURRENT_PAGE = """+++
name = "current"
summary = "eventlet.getcurrent becomes threading.current_thread"
subject = "Replace eventlet.getcurrent"
place = 0
replaces = {"eventlet.getcurrent" = "threading.current_thread"}
+++
"""
CURRENT_CODE = """
from deventlet.codemod import Replace, Rewrite

def decide(subject, context):
    site = subject.origin
    function = context.names.name_of("threading", "current_thread")
    return Rewrite({site: Replace(context.code.call(site).with_changes(func=function))})
"""
BOTH = (
    "import eventlet\n\n\ndef go():\n    eventlet.getcurrent()\n\n\n"
    "def stop():\n    eventlet.sleep(1)\n"
)


@pytest.fixture
def two_codemods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, ...]]:
    """The names of the codemods in order; one of them is somebody else's."""
    package = tmp_path / "site" / "current_codemods"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "current.md").write_text(CURRENT_PAGE)
    (package / "current.py").write_text(CURRENT_CODE)
    monkeypatch.syspath_prepend(str(package.parent))
    points = [
        EntryPoint("theirs", "current_codemods", registry.GROUP),
        EntryPoint("builtin", "deventlet_codemods", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    caches = registry.pages, registry.reasons, registry.decider
    for cached in caches:
        cached.cache_clear()
    yield ("current", "sleep")
    for cached in caches:
        cached.cache_clear()


def test_two_codemods_make_a_series_that_gives_what_in_place_gives(
    make: Make,
    deventlet: Run,
    git: GitIn,
    tmp_path: Path,
    two_codemods: tuple[str, ...],
) -> None:
    both = [word for name in two_codemods for word in ("--codemod", name)]
    root = make({"proj/both.py": BOTH})
    shown = deventlet(root, "apply", *both[2:], *both[:2], "--dry-run")
    assert shown.stdout.count(b"diff --git a/proj/both.py") == 2

    folder = tmp_path / "patches"
    done = deventlet(root, "apply", *both, "--patch-dir", str(folder))
    first, second = sorted(folder.glob("*.patch"))
    commands = done.stdout.decode().splitlines()[-2:]
    assert commands == [f"git am {first}", f"git am {second}"]
    assert b"[PATCH 1/2] Replace eventlet.getcurrent" in first.read_bytes()
    assert change_id(first) != change_id(second)

    clones = {}
    for name in ("applied", "mailed"):
        clones[name] = tmp_path / name
        git(tmp_path, "clone", "-q", str(root), str(clones[name]))
    (tmp_path / "shown").write_bytes(shown.stdout)
    git(clones["applied"], "apply", "../shown")
    git(clones["mailed"], "am", str(first), str(second))
    written = deventlet(root, "apply", *both)
    assert written.returncode == 0
    assert written.stdout.count(b"rewrote proj/both.py") == 1
    assert b"eventlet" not in (root / "proj/both.py").read_bytes()
    assert content(root) == content(clones["applied"]) == content(clones["mailed"])


def test_a_second_codemod_may_change_what_the_first_wrote_but_not_in_a_patch(
    make: Make, deventlet: Run, tmp_path: Path, two_codemods: tuple[str, ...]
) -> None:
    root = make({"proj/both.py": BOTH})
    first, second = two_codemods
    assert deventlet(root, "apply", "--codemod", first).returncode == 0
    args = ("apply", "--codemod", second)
    # A patch for what is not committed would apply nowhere.
    patched = deventlet(root, *args, "--patch-dir", str(tmp_path / "p"))
    assert patched.returncode == 3
    assert b"proj/both.py: the file has uncommitted changes" in patched.stderr
    assert b"both.py" not in only_patch(tmp_path / "p").read_bytes()
    assert deventlet(root, *args).returncode == 0
    assert b"eventlet" not in (root / "proj/both.py").read_bytes()


# -- settings, from end to end -------------------------------------------------------

SETTINGS = '[tool.deventlet]\nyield-helper = "proj.utils.cooperative_yield"\n'
UTILS = "import eventlet\n\n\ndef cooperative_yield():\n    eventlet.sleep(0)\n"
TURN = "import eventlet\n\n\ndef turn():\n    eventlet.sleep(0)\n"


def test_the_yield_helper_stands_where_others_only_give_way(
    make: Make, deventlet: Run
) -> None:
    utils = TURN.replace("turn", "busy") + "\n\ndef cooperative_yield():\n    pass\n"
    root = make(
        {"proj/turn.py": TURN, "proj/utils.py": utils, "pyproject.toml": SETTINGS}
    )
    assert deventlet(root, *SLEEP).returncode == 0
    after = content(root)
    turn = after["proj/turn.py"].decode()
    assert turn == (
        "from proj import utils\n\n\ndef turn():\n    utils.cooperative_yield()\n"
    )
    assert "def busy():\n    cooperative_yield()\n" in after["proj/utils.py"].decode()
    assert b"eventlet" not in after["proj/utils.py"]


def test_the_yield_helper_does_not_call_itself(make: Make, deventlet: Run) -> None:
    root = make({"proj/utils.py": UTILS, "pyproject.toml": SETTINGS})
    assert deventlet(root, *SLEEP).returncode == 0
    assert content(root)["proj/utils.py"].decode() == (
        "import time\n\n\ndef cooperative_yield():\n    time.sleep(0)\n"
    )


def test_where_the_helper_cannot_be_imported_sleep_stays_plain(
    make: Make, deventlet: Run
) -> None:
    utils = "from proj import turn\n\n\ndef cooperative_yield():\n    pass\n"
    root = make(
        {"proj/turn.py": TURN, "proj/utils.py": utils, "pyproject.toml": SETTINGS}
    )
    assert deventlet(root, *SLEEP).returncode == 0
    assert content(root)["proj/turn.py"].decode() == TURN.replace("eventlet", "time")


@pytest.mark.parametrize(
    ("user", "after"),
    [
        ("from proj import shim\n\nshim.nap(1)\n", "import time\n\ntime.sleep(1)\n"),
        ("import proj.shim\n\nproj.shim.nap(1)\n", "import time\n\ntime.sleep(1)\n"),
        (
            "from proj.shim import nap\n\nnap(1)\n",
            "from time import sleep as nap\n\nnap(1)\n",
        ),
    ],
)
def test_a_spelling_of_the_projects_own_is_followed(
    make: Make, deventlet: Run, user: str, after: str
) -> None:
    shim = "def nap(seconds):\n    raise NotImplementedError\n"
    files = {"proj/shim.py": shim, "proj/user.py": user}
    settings = '[spellings]\n"proj.shim.nap" = "eventlet.sleep"\n'
    root = make({**files, "deventlet.toml": settings})
    assert deventlet(root, *SLEEP).returncode == 0
    assert content(root)["proj/user.py"].decode() == after
    assert content(root)["proj/shim.py"].decode() == shim


def test_excluded_files_are_not_looked_at(make: Make, deventlet: Run) -> None:
    files = {"vendor/old.py": "import eventlet\nprint 'no'\neventlet.sleep(1)\n"}
    root = make(files)
    assert deventlet(root, *DRY).returncode == 3
    (root / "deventlet.toml").write_text('exclude = ["vendor/"]\n')
    assert deventlet(root, *DRY).returncode == 0


def test_an_assumption_can_be_given_on_the_command_line_or_in_the_settings(
    make: Make, deventlet: Run
) -> None:
    root = make({"setup.cfg": "", "proj/cmd.py": ""})
    shown = deventlet(root, *DRY)
    assert b"Only under an assumption" in shown.stdout
    assert b"diff --git" not in shown.stdout
    given = deventlet(root, *DRY, "--assume", "process-patched")
    (root / "pyproject.toml").write_text(
        '[tool.deventlet]\nassume = ["process-patched"]\n'
    )
    assert deventlet(root, *DRY).stdout == given.stdout
    assert b"diff --git" in given.stdout


def test_changed_lines_keep_to_the_line_length(make: Make, deventlet: Run) -> None:
    text = (
        "import eventlet\n\n\ndef go(first_operand, second_operand):\n"
        "    eventlet.sleep(first_operand - second_operand)\n"
    )
    root = make({"proj/long.py": text, "deventlet.toml": "line_length = 50\n"})
    deventlet(root, *SLEEP)
    lines = content(root)["proj/long.py"].decode().splitlines()
    assert max(map(len, lines)) <= 50
    (root / "deventlet.toml").write_text("line_length = 100\n")
    (root / "proj/long.py").write_text(text)
    deventlet(root, *SLEEP, "--allow-dirty")
    assert (
        "    time.sleep(max(0, first_operand - second_operand))\n"
        in (root / "proj/long.py").read_text()
    )


LONG = (
    "import eventlet\n\n\ndef go(first_operand, second_operand):\n"
    "    eventlet.sleep(first_operand - second_operand)\n"
)
WIDE = "    time.sleep(max(0, first_operand - second_operand))\n"


@pytest.mark.parametrize(
    ("settings", "is_wide"),
    [
        ({"sub/tox.ini": "[flake8]\nmax-line-length = 50\n"}, False),
        ({"tox.ini": "[flake8]\nmax-line-length = 50\n"}, False),
        (
            {
                "tox.ini": "[flake8]\nmax-line-length = 50\n",
                "sub/setup.cfg": "[flake8]\nmax-line-length = 100\n",
            },
            True,
        ),
        (
            {
                "sub/pyproject.toml": "[tool.ruff]\nline-length = 50\n",
                "sub/proj/tox.ini": "[testenv]\n",
            },
            False,
        ),
        ({"other/tox.ini": "[flake8]\nmax-line-length = 50\n"}, True),
        (
            {
                "sub/tox.ini": "[flake8]\nmax-line-length = 50\n",
                "deventlet.toml": "line_length = 100\n",
            },
            True,
        ),
    ],
)
def test_line_length_is_that_of_the_nearest_folder(
    make: Make, deventlet: Run, settings: dict[str, str], is_wide: bool
) -> None:
    root = make({"sub/proj/long.py": LONG, **settings})
    deventlet(root, *SLEEP, "--assume", "process-patched")
    after = content(root)["sub/proj/long.py"].decode()
    assert "time.sleep(" in after
    assert (WIDE in after) is is_wide


COUNTED = (
    "import futurist\n\n\nclass Walk:\n    def go(self, items):\n"
    "        with futurist.GreenThreadPoolExecutor(4) as pool:\n"
    "            for item in items:\n                pool.submit(self.step, item)\n\n"
    "    def step(self, item):\n        {change}\n"
)


@pytest.mark.parametrize(
    ("change", "is_hazard"), [("self.steps += 1", True), ("return item", False)]
)
def test_what_a_patch_makes_matter_is_in_its_message_and_summary(
    make: Make, deventlet: Run, tmp_path: Path, change: str, is_hazard: bool
) -> None:
    root = make({"setup.py": "", "proj/walk.py": COUNTED.format(change=change)})
    folder = tmp_path / "patches"
    flip = ("apply", "--codemod", "executor-native", "--assume", "process-patched")
    done = deventlet(root, *flip, "--patch-dir", str(folder))
    words = " ".join(only_patch(folder).read_text().split())
    said = "Hazards once these threads are native: hazard.atomicity 1 "
    assert (f"{said}(proj/walk.py:11)." in words) is is_hazard
    assert (b"Hazard hazard.atomicity: " in done.stdout) is is_hazard
    assert (b"proj/walk.py:11: Walk.steps is changed" in done.stdout) is is_hazard
