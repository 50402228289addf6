"""What the public functions of a library give, other repositories may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.exploring import explore
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.resolve.values import Values

SETUP = "setup.cfg"
FUNCTION = """import eventlet


def {name}():
    return eventlet.spawn(print)
"""
METHOD = """import eventlet


class {owner}:
    def {name}(self):
        self.thread = eventlet.spawn(print)
        return self.thread
"""
PROPERTY = """import eventlet


class Task:
    def __init__(self):
        self._thread = eventlet.spawn(print)

    @property
    def {name}(self):
        return self._thread
"""
GENERATOR = """import eventlet


def {name}():
    yield eventlet.spawn(print)
"""
INNER = """import eventlet


def outer():
    def start():
        return eventlet.spawn(print)
    start().wait()
"""
KEPT = """import eventlet


class Task:
    def run(self):
        self.thread = eventlet.spawn(print)
"""


def reasons(root: Path, files: dict[str, str]) -> set[str]:
    """Why the objects of some files are out of sight."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    project = Project(root, sorted(path for path in files if path.endswith(".py")))
    names = Names(project, EVERYTHING)
    objects = Values(names, explore(names)).objects
    assert objects
    return {escape.reason for each in objects for escape in each.escapes}


def library(text: str, path: str = "lib/api.py") -> dict[str, str]:
    """A packaged repository with one file that says something."""
    folders = {"lib", *map(str, list(Path(path).parents)[:-1])}
    packages = {f"{folder}/__init__.py": "" for folder in sorted(folders)}
    return {SETUP: "", **packages, path: text}


@pytest.mark.parametrize(
    "text",
    [
        FUNCTION.format(name="start"),
        METHOD.format(owner="Task", name="start"),
        PROPERTY.format(name="thread"),
        GENERATOR.format(name="started"),
    ],
    ids=["function", "method", "property", "generator"],
)
def test_a_public_result_of_a_library_escapes(tmp_path: Path, text: str) -> None:
    assert reasons(tmp_path, library(text)) == {"value.public"}


@pytest.mark.parametrize(
    "text",
    [
        FUNCTION.format(name="_start"),
        METHOD.format(owner="_Task", name="start"),
        METHOD.format(owner="Task", name="_start"),
        PROPERTY.format(name="_kept"),
        INNER,
        KEPT,
    ],
    ids=["function", "class", "method", "property", "inner", "attribute"],
)
def test_what_only_the_library_calls_stays(tmp_path: Path, text: str) -> None:
    assert reasons(tmp_path, library(text)) == set()


@pytest.mark.parametrize("path", ["lib/_api.py", "lib/tests/helper.py", "tool.py"])
def test_a_file_that_nobody_imports_gives_nothing_away(
    tmp_path: Path, path: str
) -> None:
    text = FUNCTION.format(name="start")
    assert reasons(tmp_path, library(text, path)) == set()


def test_an_application_is_no_library(tmp_path: Path) -> None:
    files = library(FUNCTION.format(name="start"))
    files["lib/cmd.py"] = "import eventlet\n\neventlet.monkey_patch()\n"
    assert reasons(tmp_path, files) == set()


def test_tests_that_patch_make_no_application(tmp_path: Path) -> None:
    files = library(FUNCTION.format(name="start"))
    patching = "import eventlet\n\neventlet.monkey_patch()\n"
    files["lib/tests/__init__.py"] = patching
    assert reasons(tmp_path, files) == {"value.public"}


def test_what_is_not_packaged_is_no_library(tmp_path: Path) -> None:
    files = library(FUNCTION.format(name="start"))
    del files[SETUP]
    assert reasons(tmp_path, files) == set()
