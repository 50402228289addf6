"""Runs the console examples of the documentation, and compares or refreshes them.

Every ``console`` block of a page is part of one session, in order: a line that begins
with ``$`` is run by bash, the lines below it are what it prints, and a line that is
``…`` stands for any others. A page begins in a repository with the greenhouse, or, if
it copies that itself, in a checkout of deventlet. What is not to be run is in a block
of another kind. A command with ``--interactive`` gets a terminal, and the answer ``q``.
To write what is printed now into the pages::

    python -m tests.documentation.sessions [PAGE...]

Nothing outside of the folder that is given is written, but for the pages.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OTHERS = "…"
GITREVIEW = r"[gerrit]\nhost=review.example.org\nproject=garden/greenhouse\n"
COPIES = ("start.md", "migrate.md")
"""Pages that begin in a checkout of deventlet, and copy the example themselves."""

_BLOCK = re.compile(r"^```console\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)
_VARYING = (
    (re.compile(r"\(\d+ s\)"), "(0 s)"),
    (re.compile(r"\bin \d+\.\d+s$"), "in 0.1s"),
    (re.compile(r"^[0-9a-f]{7,40}(?= )"), "0" * 10),
    (re.compile(r"(?<=which was at )[0-9a-f]{7,40}$"), "0" * 10),
)
"""Times, and what the dates of commits make of their names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a session, and what the page says that it prints."""

    command: str
    printed: tuple[str, ...]


@dataclass(slots=True)
class Shell:
    """Runs one command after the other, each where the last one went."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> tuple[str, ...]:
        """What a command prints, on both streams, without what ends its lines."""
        script = f"{command}\nstatus=$?; pwd >&3; exit $status"
        with tempfile.TemporaryFile() as place:
            shown = (_answered if "--interactive" in command else _piped)(
                ["bash", "-c", f"exec 3>&{place.fileno()}\n{script}"],
                self.folder, self.environment, place.fileno(),
            )  # fmt: skip
            place.seek(0)
            self.folder = Path(place.read().decode().strip() or self.folder)
        return tuple(line.rstrip() for line in shown.splitlines())


def _piped(
    command: list[str], folder: Path, environment: dict[str, str], kept: int
) -> str:
    """What a command prints into a pipe."""
    return subprocess.run(
        command, cwd=folder, env=environment, pass_fds=(kept,),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    ).stdout  # fmt: skip


def _answered(
    command: list[str], folder: Path, environment: dict[str, str], kept: int
) -> str:
    """What a command prints on a terminal, where its first question is answered: q."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command, cwd=folder, env={**environment, "NO_COLOR": "1", "TERM": "dumb"},
        pass_fds=(kept,), stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    with contextlib.suppress(OSError):  # Linux says so when nobody is there any more
        while some := os.read(ours, 4096):
            printed += some
            if printed.endswith(b"?] "):
                os.write(ours, b"q\n")
    running.wait()
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


def pages() -> list[Path]:
    """The pages of the documentation with a console."""
    found = sorted((ROOT / "docs").glob("*.md"))
    return [page for page in found if _BLOCK.search(page.read_text("utf-8"))]


def steps(text: str) -> list[Step]:
    """The commands of a page, in order."""
    return [each for block in _BLOCK.finditer(text) for each in _steps(block["text"])]


def _steps(text: str) -> Iterator[Step]:
    command: list[str] = []
    printed: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield Step("\n".join(command), tuple(printed))
            command, printed = [line[2:]], []
        elif command and not printed and command[-1].endswith("\\"):
            command.append(line)
        else:
            printed.append(line)
    assert command, f"a console without a command: {text}"
    yield Step("\n".join(command), tuple(printed))


def shell(page: str, folder: Path) -> Shell:
    """A shell where the session of a page begins, with nothing of the user's own."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    checkout = folder / "deventlet"
    shutil.copytree(EXAMPLES, checkout / "examples", ignore=ignored)
    home = folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\nname = A. Maintainer\nemail = maintainer@example.org\n"
        "[init]\ndefaultBranch = master\n[advice]\ndetachedHead = false\n"
    )
    date = "2026-01-05T12:00:00+0000"
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    begun = Shell(checkout, environment)
    if page not in COPIES:
        begun.run(
            "cp -r examples/greenhouse .. && cd ../greenhouse && git init -q && "
            f"printf '{GITREVIEW}' > .gitreview && "
            "git add . && git commit -q -m 'A greenhouse on Eventlet'"
        )
    return begun


def agrees(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether what a page shows is what was printed."""
    if not shown:
        return not printed
    parts = [re.escape(part) for part in map(_same, shown)]
    other = re.escape(_same(OTHERS))
    lines = "".join(r"(?:.*\n)*?" if part == other else rf"{part}\n" for part in parts)
    text = "".join(f"{_same(line)}\n" for line in printed)
    return re.fullmatch(lines, text) is not None


def _same(line: str) -> str:
    for pattern, value in _VARYING:
        line = pattern.sub(value, line)
    return line


def refreshed(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """What the page should show: as many lines as now, from the same places."""
    if agrees(shown, printed) or OTHERS not in shown:
        return shown if agrees(shown, printed) else printed
    found: list[str] = []
    position = 0
    for part in _parts(shown):
        if part == [OTHERS]:
            found.append(OTHERS)
            continue
        if found:
            position = _nearest(part[0], printed, position)
        found += printed[position : position + len(part)]
        position += len(part)
    return tuple(found)


def _parts(shown: tuple[str, ...]) -> list[list[str]]:
    """The lines that stand together, and each ``…`` by itself."""
    parts: list[list[str]] = []
    for line in shown:
        if line == OTHERS or not parts or parts[-1] == [OTHERS]:
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _nearest(line: str, printed: tuple[str, ...], first: int) -> int:
    """Where the most similar line is."""
    likeness = [
        difflib.SequenceMatcher(None, line, other).ratio() for other in printed[first:]
    ]
    return first + likeness.index(max(likeness)) if likeness else first


def refresh(page: Path) -> None:
    """Write into a page what its commands print now."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        running = shell(page.name, Path(folder))

        def block(found: re.Match[str]) -> str:
            lines = []
            for step in _steps(found["text"]):
                lines.append(f"$ {step.command}")
                lines += refreshed(step.printed, running.run(step.command))
            return "```console\n" + "".join(f"{line}\n" for line in lines) + "```"

        page.write_text(_BLOCK.sub(block, text), "utf-8")


if __name__ == "__main__":
    named = [Path(name) for name in sys.argv[1:]]
    for each in named or pages():
        refresh(each)
