"""A repository that wants something executed, or written elsewhere, does not get it."""

from __future__ import annotations

import html.parser
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

ASSUME = 'assume = ["process-patched"]\n'
SLEEP = "import eventlet\n\n\ndef wait():\n    eventlet.sleep(1)\n"
HOOKS = (
    "applypatch-msg commit-msg fsmonitor-watchman post-applypatch post-checkout"
    " post-commit post-index-change post-merge post-rewrite pre-applypatch pre-commit"
    " pre-merge-commit pre-push pre-rebase prepare-commit-msg reference-transaction"
).split()
EVERY = {
    "list": ("list",),
    "explain": ("explain", "pools"),
    "scan": ("scan", "--format", "json"),
    "plan": ("plan",),
    "history": ("history",),
    "report": ("report", "--output", "{out}/page.html"),
    "check": ("check", "--update"),
    "dry-run": ("apply", "--all", "--dry-run"),
    "patches": ("apply", "--all", "--patch-dir", "{out}/patches"),
    "commit": ("apply", "--all", "--commit"),
    "in-place": ("apply", "--codemod", "sleep"),
}
"""Each command; what it may write goes to ``{out}``. --verify is there to run code."""

each_command = pytest.mark.parametrize("command", EVERY)


def words(command: str, out: Path) -> list[str]:
    """The arguments of a command."""
    out.mkdir(exist_ok=True)
    return [word.replace("{out}", str(out)) for word in EVERY[command]]


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files below a folder, without those of git's and ours."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            yield str(path.relative_to(folder)), path.read_bytes()


# -- programs that git would run ------------------------------------------------------


@pytest.fixture
def canary(tmp_path: Path) -> tuple[Path, Path]:
    """A program, and the file that exists once it has been run."""
    program, trace = tmp_path / "program", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{trace}'\ncat\n")
    program.chmod(0o755)
    return program, trace


def armed(root: Path, program: Path, git: GitIn) -> None:
    """Name the program wherever git may be told to run one."""
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand"),
        *("core.askPass", "core.gitProxy", "core.alternateRefsCommand"),
        *("diff.external", "diff.evil.command", "diff.evil.textconv"),
        *("filter.evil.clean", "filter.evil.smudge", "merge.evil.driver"),
        *("gpg.program", "gpg.ssh.program", "credential.helper", "sequence.editor"),
        *("pager.log", "pager.status", "interactive.diffFilter", "gpg.openpgp.program"),
    ):
        git(root, "config", key, str(program))
    git(root, "config", "commit.gpgSign", "true")
    git(root, "config", "log.showSignature", "true")
    git(root, "config", "alias.status", f"!{program}")
    for hook in HOOKS:
        path = root / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(program.read_bytes())
        path.chmod(0o755)


ATTRIBUTES = "*.py filter=evil diff=evil merge=evil\n"


@each_command
def test_no_program_that_git_is_told_of_is_run(
    command: str,
    make: Make,
    deventlet: Run,
    git: GitIn,
    canary: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    program, trace = canary
    root = make({".gitattributes": ATTRIBUTES})
    armed(root, program, git)
    worker = root / "proj" / "worker.py"
    os.utime(worker, (1, 1))  # git has to look at its content again
    done = deventlet(root, *words(command, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert not trace.exists(), trace.read_text()


def test_git_itself_would_run_them(
    make: Make, git: GitIn, canary: tuple[Path, Path]
) -> None:
    program, trace = canary
    root = make({".gitattributes": ATTRIBUTES})
    armed(root, program, git)
    os.utime(root / "proj" / "worker.py", (1, 1))
    git(root, "status")
    ran = trace.read_text()
    assert "post-index-change" in ran
    assert "program" in ran


# -- code that Python would run -------------------------------------------------------


@each_command
def test_no_code_of_the_repository_is_run(
    command: str, make: Make, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    bomb = f"open({str(trace)!r}, 'a').write(__file__)\n"
    names = ["setup", "conftest", "sitecustomize", "ast", "json", "libcst", "tomllib"]
    names += ["eventlet", "msgspec", "rich", "deventlet_codemods", "usercustomize"]
    files = {f"{name}.py": bomb for name in names}
    files["proj/__init__.py"] = bomb
    files["pyproject.toml"] = (
        "[build-system]\nrequires = []\nbuild-backend = 'setup'\nbackend-path = ['.']\n"
        "[project.entry-points.'deventlet.codemods']\nevil = 'setup'\n"
    )
    files["evil.egg-info/entry_points.txt"] = "[deventlet.codemods]\nevil = setup\n"
    files["evil.egg-info/PKG-INFO"] = "Name: evil\nVersion: 1\n"
    root = make(files)
    tool = Path(sys.executable).with_name("deventlet")
    done = subprocess.run(
        [tool, *words(command, tmp_path / "out")], cwd=root, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert not trace.exists(), trace.read_text()


COMMANDS = {
    "verify": 'verify = "touch {trace}"\n',
    "test-command": 'test-command = "touch {trace}"\n',
    "mapping": 'verify = ["touch", "{trace}"]\n',
}


@pytest.mark.parametrize("setting", COMMANDS)
@each_command
def test_settings_cannot_ask_for_a_command(
    command: str, setting: str, make: Make, deventlet: Run, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    text = "[tool.deventlet]\n" + COMMANDS[setting].format(trace=trace)
    root = make({"pyproject.toml": text})
    done = deventlet(root, *words(command, tmp_path / "out"))
    assert done.returncode == (0 if command in ("list",) else 2)
    assert not trace.exists()


@pytest.mark.parametrize(
    "template",
    [
        "{{{{ ''.__class__.__mro__[1].__subclasses__() }}}}",
        "{{{{ cycler.__init__.__globals__.os.system('touch {trace}') }}}}",
        "{{% include '{secret}' %}}",
        "{{% import 'os' as os %}}{{{{ os }}}}",
    ],
)
def test_a_template_of_messages_runs_nothing_and_reads_nothing_else(
    template: str, make: Make, deventlet: Run, tmp_path: Path
) -> None:
    trace, secret = tmp_path / "ran", tmp_path / "secret"
    secret.write_text("hunter2\n")
    settings = "[tool.deventlet]\nmessage-template = 'message.txt'\n"
    template = template.format(trace=trace, secret=secret)
    root = make({"pyproject.toml": settings, "message.txt": template})
    done = deventlet(root, *words("patches", tmp_path / "out"))
    assert done.returncode == 2
    assert not trace.exists()
    assert not dict(everything(tmp_path / "out"))
    assert b"hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("template", ["../secret", "{secret}", "link"])
def test_a_template_of_messages_is_a_file_of_the_repository(
    template: str, make: Make, deventlet: Run, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    name = template.format(secret=secret)
    settings = f"[tool.deventlet]\nmessage-template = '{name}'\n"
    root = make({"pyproject.toml": settings})
    (root / "link").symlink_to(secret)
    done = deventlet(root, *words("patches", tmp_path / "out"))
    written = b"".join(text for _, text in everything(tmp_path / "out"))
    assert b"hunter2" not in written + done.stdout + done.stderr


# -- names ----------------------------------------------------------------------------

NAMES = {
    "newline": "proj/two\nlines.py",
    "dash": "--output=x.py",
    "dash-folder": "-rf/-x.py",
    "escape": "proj/\x1b]0;owned\x07\x1b[2Jred.py",
    "carriage": "proj/over\rwritten.py",
    "html": "proj/<img src=x onerror=alert(1)>.py",
    "quotes": "proj/'\"`$(touch ran)`;.py",
    "percent": "proj/%s%n{0}.py",
    "markup": "proj/[red]x[link=http:x].py",
    "unicode": "proj/übergröße 日本.py",
    "bidi": "proj/\u202egpj.py",
    "not-utf-8": os.fsdecode(b"proj/\xff\xfe.py"),
    "glob": "proj/*.py",
    "magic": ":(top)x.py",
    "spaces": " proj / a .py",
    "tab": "proj/a\tb.py",
    "dots": "proj/..py.py",
}
each_name = pytest.mark.parametrize("kind", NAMES)


@each_name
def test_an_odd_name_is_only_a_name(
    kind: str, make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    """The patch gives with ``git am`` what a run in place gives, and nothing else."""
    root = make(
        {NAMES[kind]: SLEEP, "deventlet.toml": 'assume = ["process-patched"]\n'}
    )
    beside = {*tmp_path.iterdir()}
    done = deventlet(root, "apply", "--codemod", "sleep", "--patch-dir", "../out")
    assert done.returncode == 0, done.stderr
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "am", "-q", *map(str, sorted((tmp_path / "out").glob("*.patch"))))
    done = deventlet(root, "apply", "--codemod", "sleep")
    assert done.returncode == 0, done.stderr
    assert dict(everything(root)) == dict(everything(clone))
    assert b"time.sleep(1)" in (root / NAMES[kind]).read_bytes()
    assert {*tmp_path.iterdir()} == beside | {clone, tmp_path / "out"}


@each_name
def test_the_terminal_gets_no_control_character_of_a_name(
    kind: str, make: Make, deventlet: Run
) -> None:
    broken = "import eventlet\neventlet.sleep(*x)\n"
    root = make({NAMES[kind]: broken, f"{NAMES[kind]}x.py": "import eventlet\nx = (\n"})
    for command in (
        ("scan",),
        ("scan", "--format", "markdown"),
        ("plan",),
        ("check",),
        ("explain", "pools"),
        ("apply", "--all", "--dry-run"),
        ("apply", "--codemod", "sleep"),
    ):
        done = deventlet(root, *command)
        said = (done.stdout + done.stderr).decode("utf-8", "surrogateescape")
        bad = {c for c in said if (c < " " and c not in "\n\t") or c in "\x7f\u202e"}
        assert not bad, (command, bad, said)


CODE = {
    "escape": 'eventlet.sleep("\x1b]0;owned\x07\x1b[2J", 1, 2)\n',
    "carriage": "eventlet.sleep(1, 2)  # x\x0b\x1b[31m\n",
    "html": 'eventlet.sleep("</script><script>alert(1)</script>", 1)\n',
}


@pytest.mark.parametrize("kind", CODE)
def test_the_terminal_gets_no_control_character_of_the_code(
    kind: str, make: Make, deventlet: Run
) -> None:
    root = make({"proj/bad.py": f"import eventlet\n{CODE[kind]}"})
    for command in (("scan",), ("plan",), ("apply", "--all", "--dry-run")):
        done = deventlet(root, *command)
        assert b"\x1b" not in done.stdout + done.stderr, command
        assert b"\x07" not in done.stdout + done.stderr, command


class _Tags(html.parser.HTMLParser):
    """Notes the tags of a page, and the attributes that are code."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.bad: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")
        if tag in ("img", "iframe", "object", "embed"):
            self.bad.append(tag)
        for name, value in attrs:
            if name.startswith("on") or str(value).lower().startswith("javascript:"):
                self.bad.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data


def test_the_page_runs_nothing_of_the_repository(
    make: Make, deventlet: Run, tmp_path: Path
) -> None:
    plain, hostile = tmp_path / "plain.html", tmp_path / "hostile.html"
    deventlet(make(name="plain"), "report", "--output", str(plain))
    attack = '"></td><script>alert(1)</script><img src=x onerror=alert(1)>'
    code = f"import eventlet\n\n\ndef f():\n    eventlet.sleep('{attack}', 1)\n"
    files = {NAMES["html"]: code, "proj/x';alert(1);'.py": code}
    root = make({**files, "deventlet.toml": ASSUME}, name="<script>")
    done = deventlet(root, "report", "--output", str(hostile))
    assert done.returncode == 0, done.stderr
    pages = []
    for page in (plain, hostile):
        tags = _Tags()
        tags.feed(page.read_text())
        assert not tags.bad
        pages.append(tags)
    assert len(pages[0].scripts) == len(pages[1].scripts)
    assert not any("alert(1)" in script for script in pages[1].scripts)


# -- paths ----------------------------------------------------------------------------


@each_command
def test_nothing_is_written_through_a_link(
    command: str, make: Make, deventlet: Run, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "target.py").write_text(SLEEP)
    root = make({"deventlet.toml": ASSUME})
    (root / "proj" / "linked.py").symlink_to(outside / "target.py")
    (root / "folder").symlink_to(outside)
    (root / "proj" / "loop").symlink_to(root / "proj")
    (root / "proj" / "self.py").symlink_to("self.py")
    (root / "proj" / "a.py").symlink_to("b.py")
    (root / "proj" / "b.py").symlink_to("a.py")
    done = deventlet(root, *words(command, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert dict(everything(outside)) == {"target.py": SLEEP.encode()}


PATCHES = {
    "up": "../../escaped.py",
    "absolute": "/tmp/escaped-by-deventlet.py",
    "git": ".git/hooks/pre-commit",
}


@pytest.mark.parametrize("kind", PATCHES)
def test_a_crafted_patch_in_flight_writes_nothing(
    kind: str, make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root, patch = make(), tmp_path / "in flight.patch"
    path = PATCHES[kind]
    patch.write_text(
        f"diff --git a/{path} b/{path}\nnew file mode 100755\n--- /dev/null\n"
        f"+++ b/{path}\n@@ -0,0 +1 @@\n+import eventlet\n"
    )
    before = dict(everything(tmp_path)), git(root, "status", "--porcelain")
    done = deventlet(root, "history", "--in-flight", str(patch))
    assert done.returncode in (0, 2), done.stderr
    assert (dict(everything(tmp_path)), git(root, "status", "--porcelain")) == before
    assert not (root / ".git" / "hooks" / "pre-commit").exists()
    assert not Path("/tmp/escaped-by-deventlet.py").exists()
