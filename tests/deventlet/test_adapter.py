from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import libcst as cst
import pytest
from libcst.codemod import CodemodContext, SkipFile
from libcst.metadata import FullRepoManager

from deventlet import adapter
from deventlet.registry import page, pages, reasons

EXAMPLES = Path(__file__).parents[2] / "examples"
INIT = "import eventlet\n\neventlet.monkey_patch()\n"
WORKER = """\
import eventlet


def work():
    eventlet.sleep(1)
"""
TEST = """\
from unittest import mock

from proj import worker


def test_work():
    with mock.patch("proj.worker.eventlet.sleep") as sleep:
        worker.work()
    sleep.assert_called_once_with(1)
"""


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose test mocks the call that the codemod rewrites."""
    files: dict[str, str | bytes] = {
        "proj/__init__.py": INIT,
        "proj/worker.py": WORKER,
        "proj/tests/__init__.py": "",
        "proj/tests/test_worker.py": TEST,
    }
    return write(tmp_path / "project", files)


def commit(root: Path) -> Path:
    who = ("-c", "user.name=A Name", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "All")):
        subprocess.run(("git", *command), cwd=root, check=True)
    return root


def copied(root: Path, name: str) -> Path:
    return Path(shutil.copytree(root, root.parent / name))


def libcst_codemod(
    root: Path, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command that the adapter's docstring gives."""
    command = "-m libcst.tool codemod -x --no-format deventlet.adapter.Sleep"
    return python(root, *command.split(), *arguments, stdin=stdin)


def apply(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(root, "-m", "deventlet", "apply", "--codemod", "sleep", *arguments)


def python(
    root: Path, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def plans(root: Path, names: Iterable[str]) -> dict[str, adapter.Plan]:
    """The plans for some files of a tree, by their names in it."""
    made = adapter.make_plans(page("sleep"), [str(root / name) for name in names])
    return {os.path.relpath(path, root): plan for path, plan in made.items()}


# The real runner -----------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("example", "changes"), [("greenhouse", True), ("thorns", False)]
)
def test_libcst_writes_what_apply_writes(
    tmp_path: Path, example: str, changes: bool, jobs: str
) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    ours = Path(shutil.copytree(EXAMPLES / example, tmp_path / "a", ignore=ignored))
    ours = commit(ours)
    theirs = copied(ours, "b")
    before = contents(ours)
    applied = apply(ours)
    ran = libcst_codemod(theirs, "-j", jobs, ".")
    assert (applied.returncode, ran.returncode) == (0, 0), ran.stderr
    assert contents(theirs) == contents(ours)
    assert (contents(ours) != before) is changes
    said = refusals(applied.stdout)
    assert bool(said) is not changes
    assert refusals(ran.stderr) == said


def refusals(output: str) -> set[str]:
    """The reason codes of refusals that a text names."""
    named = set(re.findall(r"[\w-]+\.[\w-]+", output))
    return {
        code for code in named & set(reasons()) if reasons()[code].verdict == "refuse"
    }


def test_a_mock_moves_with_its_call(project: Path) -> None:
    done = libcst_codemod(commit(project), "-j", "2", "proj")
    assert done.returncode == 0, done.stderr
    assert "0 warnings" in done.stderr
    after = contents(project)
    assert b"time.sleep(1)" in after["proj/worker.py"]
    assert b'"proj.worker.time.sleep"' in after["proj/tests/test_worker.py"]


def test_names_are_right_without_a_repository(project: Path) -> None:
    same = commit(copied(project, "repository"))
    done = libcst_codemod(project, "proj")
    assert done.returncode == 0, done.stderr
    assert apply(same).returncode == 0
    assert contents(project) == contents(same)


def test_apply_to_a_package_without_a_repository_sees_its_name(project: Path) -> None:
    done = apply(project, "proj")
    assert done.returncode == 0, done.stderr
    after = contents(project)
    assert b'"proj.worker.time.sleep"' in after["proj/tests/test_worker.py"]


def test_a_second_run_writes_nothing(project: Path) -> None:
    assert libcst_codemod(project, ".").returncode == 0
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*.py")}
    assert libcst_codemod(project, ".").returncode == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_only_the_given_paths_change(project: Path) -> None:
    before = contents(commit(project))
    done = libcst_codemod(project, "proj/worker.py")
    assert "[mock.stays]" in done.stderr
    assert contents(project) == before


def test_standard_input_is_refused_with_the_reason(project: Path) -> None:
    done = libcst_codemod(project, "-", stdin=WORKER)
    assert (done.returncode, done.stdout) == (1, "")
    assert "needs the whole project" in done.stderr


def test_an_unknown_class_is_named_with_the_nearest(project: Path) -> None:
    command = "-m libcst.tool codemod -x deventlet.adapter.Slep ."
    done = python(project, *command.split())
    assert done.returncode == 1
    assert done.stderr.endswith("'Slep'; did you mean 'Sleep'?\n")


# Plans ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "worker",
    [
        WORKER.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + WORKER.encode(),
        f"# coding: latin-1\nNAME = '\xe9'\n{WORKER}".encode("latin-1"),
        WORKER.rstrip("\n").encode(),
    ],
    ids=["crlf", "bom", "latin-1", "no-final-newline"],
)
def test_bytes_outside_the_sites_stay(project: Path, worker: bytes) -> None:
    write(project, {"proj/worker.py": worker})
    assert libcst_codemod(project, ".").returncode == 0
    assert contents(project)["proj/worker.py"] == worker.replace(b"eventlet", b"time")


def test_what_libcst_cannot_write_stays_with_all_that_hangs_on_it(
    project: Path,
) -> None:
    nap = b"import eventlet\n\n\x0cnap = eventlet.sleep\n"
    user = "from proj import nap\n\n\ndef use():\n    nap.nap()\n"
    write(project, {"proj/nap.py": nap, "proj/user.py": user})
    names = ("proj/nap.py", "proj/user.py", "proj/worker.py")
    made = plans(project, [*names, "proj/tests/test_worker.py"])
    changed = [name for name, plan in made.items() if plan.change]
    assert changed == ["proj/worker.py", "proj/tests/test_worker.py"]
    for name in names[:2]:
        assert any("[path.not-selected]" in line for line in made[name].warnings)


def test_a_file_outside_the_project_is_left_alone(project: Path) -> None:
    foreign = {"vendor/.gitkeep": "", "vendor/a.py": WORKER, "build/b.py": WORKER}
    write(commit(project), {**foreign, ".gitignore": "build\n"})
    commit(project / "vendor")
    made = plans(project, ["proj/worker.py", "vendor/a.py", "build/b.py"])
    for name in ("vendor/a.py", "build/b.py"):
        assert made[name].change is None
        assert "not a file of the project" in made[name].warnings[0]


def test_excluded_files_are_left_alone(project: Path) -> None:
    write(project, {"deventlet.toml": 'exclude = ["proj/tests"]\n'})
    made = plans(project, ["proj/worker.py", "proj/tests/test_worker.py"])
    assert made["proj/worker.py"].change is not None
    assert made["proj/tests/test_worker.py"].change is None


def test_a_file_that_cannot_be_parsed_is_named(project: Path) -> None:
    write(project, {"proj/old.py": "import eventlet\nprint 'x'\neventlet.sleep(1)\n"})
    (plan,) = plans(project, ["proj/old.py"]).values()
    assert plan.change is None
    assert "[file.python2]" in plan.warnings[0]


def test_no_paths_no_plans() -> None:
    assert adapter.make_plans(page("sleep"), []) == {}


BOTH = WORKER.replace("import eventlet", "import time\n\nimport eventlet").replace(
    "    eventlet", "    time.sleep(3)\n    eventlet"
)


@pytest.mark.parametrize(
    "test",
    [TEST, TEST.replace("with mock", 'with mock.patch("time.sleep"), mock')],
    ids=["a call that was not mocked", "a second mock of one name"],
)
def test_a_mock_does_not_move_onto_a_name_that_the_test_already_reaches(
    project: Path, test: str
) -> None:
    write(project, {"proj/worker.py": BOTH, "proj/tests/test_worker.py": test})
    made = plans(project, ["proj/worker.py", "proj/tests/test_worker.py"])
    assert [name for name, plan in made.items() if plan.change] == []


# Commands ------------------------------------------------------------------------


def command(root: Path, name: str) -> adapter.Command:
    """A command as LibCST's runner makes it for one file of a tree."""
    path = str(root / name)
    made: Any = adapter.Sleep
    providers = made.get_inherited_dependencies()
    manager = FullRepoManager(str(root), [path], providers)
    context = CodemodContext(filename=path, metadata_manager=manager)
    return cast("adapter.Command", made(context))


def test_a_file_without_sites_keeps_its_tree(project: Path) -> None:
    tree = cst.parse_module(INIT)
    result = command(project, "proj/__init__.py").transform_module(tree)
    assert result.deep_equals(tree)


def test_a_file_that_changed_meanwhile_is_left_alone(project: Path) -> None:
    write(project, {"proj/tests/test_worker.py": ""})
    made = command(project, "proj/worker.py")
    with pytest.raises(ValueError, match="has changed since"):
        made.transform_module(cst.parse_module(WORKER + "# later\n"))
    assert b"time" in made.transform_module(cst.parse_module(WORKER)).bytes


@pytest.mark.parametrize("name", [None, "proj/worker.py"])
def test_without_a_repository_manager_a_file_is_skipped(
    project: Path, name: str | None
) -> None:
    filename = str(project / name) if name else None
    made: Any = adapter.Sleep
    with pytest.raises(SkipFile, match="whole project"):
        made(CodemodContext(filename=filename)).transform_module(
            cst.parse_module(WORKER)
        )


def test_every_codemod_has_a_command_that_workers_can_load() -> None:
    for each in (p for p in pages().values() if p.about != "files"):
        made = getattr(adapter, adapter.class_name(each.name))
        assert each.summary == made.DESCRIPTION
        assert made.__name__ in dir(adapter)
        assert pickle.loads(pickle.dumps(made)) is made
        assert pickle.loads(pickle.dumps(made.plans)) is made.plans


@pytest.mark.parametrize(
    ("codemod", "expected"),
    [("sleep", "Sleep"), ("executor-native", "ExecutorNative")],
)
def test_class_names_are_camel_case(codemod: str, expected: str) -> None:
    assert adapter.class_name(codemod) == expected


def test_private_names_do_not_look_for_codemods() -> None:
    with pytest.raises(AttributeError, match=r"^__path__$"):
        _ = adapter.__path__
