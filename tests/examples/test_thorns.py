"""Each thorn is working code, says why it stays, and pricks who rewrites it anyway."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deventlet import registry
from deventlet.driver import run as driver
from deventlet.driver.run import Request
from deventlet.source.discover import discover

EXAMPLE = Path(__file__).parents[2] / "examples" / "thorns"
REASONS = {
    "sleep.star-args",
    "sleep.unknown-callee",
    "name.assigned",
    "name.class-attribute",
    "name.computed",
    "name.ambiguous",
    "name.star-import",
    "process.unpatched",
    "name.rebound",
    "mock.recursion",
    "mock.computed",
    "mock.no-site",
}
PATCHED = ("thorns.cmd.patched",)
BARE = ("thorns.cmd.bare",)
UNIT_TESTS = ("unittest", "discover", "-t", ".", "-s", "thorns/tests")
GOOD = {PATCHED: "[0.003]\n0.001\n0.001\n", BARE: "ripe\n", UNIT_TESTS: ""}

FILES = sorted(EXAMPLE.rglob("*.py"))
EXPECTED = re.compile(r'\A"""[^"\n]+\."""\n# expected: (\S+)\n\n')
THORNS = {
    path.relative_to(EXAMPLE).as_posix(): match[1]
    for path in FILES
    if (match := EXPECTED.match(path.read_text()))
}

# What somebody might do to a thorn, and what comes of it. While the process is patched,
# time.sleep *is* Eventlet's and takes what that takes; so the patching goes as well.
SLEEP = (r"\b(?:eventlet|greenthread)\.sleep\b", "time.sleep")
IMPORT = (r"\A(.*\n.*\n)", r"\1import time\n")
UNPATCH = (r"eventlet\.monkey_patch\(\)\n", "")
RECURSION = ("star_args", "tests/test_recursion")
NAIVE = [
    (("star_args",), PATCHED, *SLEEP, "TypeError"),
    (("star_kwargs",), PATCHED, r"\bsleep\(\*", "time.sleep(*", "TypeError"),
    (("unknown_callee",), PATCHED, *SLEEP, "TypeError"),
    (("class_attribute",), PATCHED, *SLEEP, "TypeError"),
    (("assigned",), PATCHED, *SLEEP, "[]\n"),
    (("ambiguous",), PATCHED, "= eventlet", "= time", "TypeError"),
    (("rebound",), PATCHED, r"\bpause\(0", "time.sleep(0", "[0.003]\n"),
    (("unpatched",), BARE, *SLEEP, "still green\n"),
    (("star_args",), UNIT_TESTS, *SLEEP, "FAIL: test_pause"),
    (RECURSION, UNIT_TESTS, *SLEEP, "RecursionError"),
    (("tests/test_no_site",), UNIT_TESTS, *SLEEP, "AttributeError"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the example, so that no byte code lands in the repository."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "thorns", ignore=ignored))


def run(folder: Path, module: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a module of the copy."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", *module],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def result(folder: Path, module: tuple[str, ...]) -> tuple[str, int]:
    """The output and the exit status of a module of the copy."""
    done = run(folder, module)
    return done.stdout, done.returncode


def replace(path: Path, pattern: str, replacement: str) -> None:
    """Change a file of the copy; what comes out is still Python."""
    text, count = re.subn(pattern, replacement, path.read_text())
    assert count
    compile(text, path, "exec")
    path.write_text(text)


def imported(path: Path) -> set[str]:
    """The sibling modules that an entry point imports."""
    return {
        f"thorns/{alias.name}.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and node.module == "thorns"
        for alias in node.names
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_compiles(path: Path) -> None:
    compile(path.read_bytes(), path, "exec")


def test_each_reason_has_its_thorn_and_each_thorn_its_reason() -> None:
    marked = {path for path in FILES if "expected:" in path.read_text()}
    assert {EXAMPLE / name for name in THORNS} == marked
    assert set(THORNS.values()) == REASONS


def test_entry_points_reach_the_thorns_of_their_kind_only() -> None:
    modules = {name for name in THORNS if "/tests/" not in name}
    unpatched = {name for name in modules if THORNS[name] == "process.unpatched"}
    commands = EXAMPLE / "thorns" / "cmd"
    assert imported(commands / "bare.py") == unpatched
    assert imported(commands / "patched.py") == modules - unpatched


@pytest.mark.parametrize("module", GOOD, ids=lambda module: module[0])
def test_thorns_work_as_they_are(copy: Path, module: tuple[str, ...]) -> None:
    assert result(copy, module) == (GOOD[module], 0)


def test_thorns_work_without_patching_until_they_are_rewritten(copy: Path) -> None:
    replace(copy / "thorns/cmd/patched.py", *UNPATCH)
    assert result(copy, PATCHED) == (GOOD[PATCHED], 0)


@pytest.mark.parametrize(
    ("names", "module", "pattern", "replacement", "symptom"),
    NAIVE,
    ids=[f"{names[-1]}-{symptom.strip()}" for names, *_, symptom in NAIVE],
)
def test_naive_rewrite_breaks_the_program(
    copy: Path,
    names: tuple[str, ...],
    module: tuple[str, ...],
    pattern: str,
    replacement: str,
    symptom: str,
) -> None:
    for name in names:
        replace(copy / "thorns" / f"{name}.py", pattern, replacement)
        replace(copy / "thorns" / f"{name}.py", *IMPORT)
    replace(copy / "thorns/cmd/patched.py", *UNPATCH)
    done = run(copy, module)
    assert (done.stdout, done.returncode) != (GOOD[module], 0)
    assert symptom in done.stdout + done.stderr


def test_every_thorn_stays_for_its_reason(copy: Path) -> None:
    tree = discover([copy])
    before = {path: (copy / path).read_bytes() for path in tree.files}
    request = Request(tree.root, tree.files, frozenset(tree.selected))
    outcome = driver.run(registry.page("sleep"), request, {})
    assert not outcome.changes
    assert {path: (copy / path).read_bytes() for path in tree.files} == before
    given: dict[str, set[str]] = {}
    for verdict in outcome.verdicts:
        assert not verdict.applies
        for site in verdict.subject.sites:
            given.setdefault(site.path, set()).add(verdict.reason)
    assert {path: reason in given[path] for path, reason in THORNS.items()} == dict.fromkeys(
        THORNS, True
    )


def test_style_is_openstack_style(copy: Path) -> None:
    assert result(copy, ("flake8",)) == ("", 0)
