"""One state of a repository after another: what is kept, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.project import Project

_FILES = {"a.py": b"import b\n", "b.py": b"spam = 1\n", "c.py": b"eggs = 2\n"}


@pytest.fixture
def before(tmp_path: Path) -> Project:
    """Three files that everything has been asked of."""
    for name, text in _FILES.items():
        (tmp_path / name).write_bytes(text)
    project = Project(tmp_path, sorted(_FILES))
    for path in _FILES:
        project.module(path)
        project.imported_modules(path)
        project.import_spans(path)
    project.holding(b"spam")
    return project


def test_files_that_stay_are_not_parsed_again(before: Project) -> None:
    after = before.after({"b.py": b"ham = 1\n"})
    assert after.module("a.py") is before.module("a.py")
    assert after.module("b.py") is not before.module("b.py")


def test_everything_is_said_of_the_new_texts(before: Project) -> None:
    after = before.after({"b.py": b"import c\n", "c.py": b"spam = 2\n"})
    module = after.module("b.py")
    assert module is not None
    assert module.source.utf8 == b"import c\n"
    assert after.imported_modules("b.py") == {"c"}
    assert after.import_spans("b.py") == [(0, 8)]
    assert after.holding(b"spam") == ("c.py",)
    assert after.importers == {"b": ["a.py"], "c": ["b.py"]}


def test_a_text_that_is_taken_back_is_the_one_on_disk(before: Project) -> None:
    again = before.after({"b.py": b"import c\n"}).after({})
    assert again.read("b.py") == _FILES["b.py"]
    assert again.imported_modules("b.py") == frozenset()
    assert again.holding(b"spam") == ("b.py",)


def test_what_was_parsed_before_is_out_of_sight_until_asked_for(
    before: Project,
) -> None:
    after = before.after({})
    assert after.parsed().paths == []
    after.module("a.py")
    assert after.parsed().paths == ["a.py"]


def test_problems_are_those_of_one_state(before: Project) -> None:
    broken = before.after({"b.py": b"(\n"})
    assert broken.module("b.py") is None
    assert [*broken.problems] == ["b.py"]
    assert not broken.after({}).problems
    assert broken.after({}).module("b.py") is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"from pkg  .inner import it\n", "pkg.inner.it"),
        (b"from pkg . inner import it as x\n", "pkg.inner.it"),
        (b"from pkg \\\n .inner \\\n import it\n", "pkg.inner.it"),
        (b"from pkg \\\r\n import it\r\n", "pkg.it"),
        (b"from .import it\n", "top.it"),
        (b"from . import (it,\n  more)\n", "top.it top.more"),
        (b"from .. pkg import it\n", "pkg.it"),
        (b"import pkg . inner, os as x\n", "pkg.inner os"),
        (b"from importlib import import_module\n", "importlib.import_module"),
        (b"x = 1 + \\\n  2\nimport pkg\n", "pkg"),
    ],
)
def test_imports_are_read_in_every_layout(
    tmp_path: Path, text: bytes, names: str
) -> None:
    (tmp_path / "top").mkdir()
    files = {"top/__init__.py": b"", "top/mod.py": text}
    found = Project(tmp_path, list(files), files).imports("top/mod.py")
    assert " ".join(f"{i.module}.{i.name or ''}".strip(".") for i in found) == names


@pytest.mark.parametrize("before_it", [0, 50], ids=["in the texts", "in their words"])
@pytest.mark.parametrize(
    ("word", "held"),
    [
        (b"spam", ("a.py", "b.py")),
        (b"pam_", ("b.py",)),
        (b"eggs", ()),
        ("grün".encode(), ("c.py",)),
        ("rün".encode(), ("c.py",)),
        (b"x.spam", ("a.py",)),
        (b"spam = ", ("a.py",)),
        (b"spam_x.spam", ()),
    ],
)
def test_a_word_is_found_however_many_were_looked_for(
    tmp_path: Path, before_it: int, word: bytes, held: tuple[str, ...]
) -> None:
    texts = {"a.py": "x.spam = 1\n", "b.py": "'''spam_x,\\fspam'''\n", "c.py": "grün\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    project = Project(tmp_path, sorted(texts))
    for number in range(before_it):
        assert project.holding(b"other%d" % number) == ()
    assert project.holding(word) == held


def test_the_words_of_a_text_are_those_it_has_now(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"spam\n")
    project = Project(tmp_path, ["a.py"])
    for number in range(50):
        project.holding(b"other%d" % number)
    after = project.after({"a.py": b"eggs\n"})
    assert project.holding(b"spa") == ("a.py",)
    assert after.holding(b"spa") == ()
    assert after.holding(b"egg") == ("a.py",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from proj.virt.fast import driver\n", "proj.virt.fast.driver"),
        ("import proj.virt.fast\n", "proj.virt.fast.driver"),
        ("from fast import driver  # not proj.virt.fast\n", "fast.driver"),
        ("import proj.virt.faster\n", "fast.driver"),
        ("import proj.virt.fast\nimport fast\n", "proj.virt.fast.driver"),
        ("import proj.virt.fast\nfrom fast import more\n", "proj.virt.fast.driver"),
        ("import proj.virt.fast\nimport fast.driver\n", "fast.driver"),
        ("import proj.virt.fast\nfrom fast import a, driver\n", "fast.driver"),
        ("import proj.virt.fast\nfrom fast.driver import a\n", "fast.driver"),
    ],
)
def test_a_folder_between_packages_is_one_if_something_imports_through_it(
    tmp_path: Path, text: str, name: str
) -> None:
    files = {
        "proj/__init__.py": "",
        "proj/virt/fast/__init__.py": "",
        "proj/virt/fast/driver.py": "",
        "proj/main.py": text,
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    names = Project(tmp_path, sorted(files)).names
    assert names["proj/virt/fast/driver.py"] == name
    assert names["proj/main.py"] == "proj.main"
