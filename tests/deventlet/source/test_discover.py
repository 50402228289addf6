from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from deventlet.source.discover import PathProblem, Tree, copies, discover
from tests.support.pace import paces

ODD = ["-n.py", "a b.py", "new\nline.py", "\udcff\udcfe.py", "*.py", "é.py", ".py"]


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings"
    settings.write_text("[user]\n\tname = A Name\n\temail = a@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(params=["repository", "folder"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project with a repository and one without; the same must be found."""
    top = tmp_path / "project"
    top.mkdir()
    if request.param == "repository":
        git(top, "init", "-q")
    return top


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    top = tmp_path / "project"
    top.mkdir()
    git(top, "init", "-q")
    return top


def git(root: Path, *args: str) -> None:
    subprocess.run(("git", *args), cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "A commit")


def put(root: Path, *names: str, text: str = "", mode: int = 0o644) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)


def files(*paths: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    return list(discover(paths, exclude).files)


def test_python_files_are_found_sorted_and_relative_to_the_root(root: Path) -> None:
    put(root, "b/c.py", "b.py", "a.py", "b/notes.txt", "b/d.pyc", "b/e.pyi")
    tree = discover([root])
    assert tree == Tree(
        root,
        (root / ".git").exists(),
        ("a.py", "b.py", "b/c.py"),
        ("a.py", "b.py", "b/c.py"),
    )


def test_no_path_means_the_current_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "a.py")
    monkeypatch.chdir(root)
    assert discover([]).selected == ("a.py",)
    assert discover([Path("a.py")]).root == root


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_found(root: Path, name: str) -> None:
    put(root, f"{name}.d/{name}", "b.py")
    assert files(root) == sorted([f"{name}.d/{name}", "b.py"])
    put(root, "c.py")
    tree = discover([root / f"{name}.d", root / "b.py"])
    assert list(tree.selected) == sorted([f"{name}.d/{name}", "b.py"])


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_found_when_tracked(repo: Path, name: str) -> None:
    put(repo, f"{name}.d/{name}", "b.py")
    commit(repo)
    assert files(repo) == sorted([f"{name}.d/{name}", "b.py"])


@pytest.mark.parametrize(
    ("first_line", "python"),
    [
        ("#!/usr/bin/python", True),
        ("#!/usr/bin/env python3", True),
        ("#! /usr/bin/env -S python3.12 -u", True),
        ("#!/opt/venv/bin/python3.13t", True),
        ("#!/usr/bin/pypy3", True),
        ("#!/bin/sh", False),
        ("#!/home/python/bin/ruby", False),
        ("#!/usr/bin/env python3-config", False),
        ("#!/bin/sh\n# python", False),
        ("# python3", False),
        ("", False),
    ],
)
def test_a_script_without_suffix_is_known_by_its_shebang(
    root: Path, first_line: str, python: bool
) -> None:
    put(root, "bin/tool", "bin/tool.sh", text=f"{first_line}\npass\n", mode=0o755)
    put(root, "bin/data", text=f"{first_line}\n", mode=0o644)
    assert files(root) == (["bin/tool"] if python else [])


def test_a_tracked_script_is_known_by_its_mode_in_git(repo: Path) -> None:
    put(repo, "bin/tool", text="#!/usr/bin/python3\n", mode=0o755)
    put(repo, "bin/data", text="#!/usr/bin/python3\n", mode=0o644)
    commit(repo)
    assert files(repo) == ["bin/tool"]


def test_a_pipe_in_place_of_a_script_does_not_hang(repo: Path) -> None:
    put(repo, "tool", text="#!/usr/bin/python3\n", mode=0o755)
    commit(repo)
    (repo / "tool").unlink()
    os.mkfifo(repo / "tool")
    assert files(repo) == []


def test_ignored_files_are_left_out_by_nested_rules(root: Path) -> None:
    put(root, ".gitignore", text="*_gen.py\n/out/\nvendor/*\n!vendor/ours/\n")
    put(root, "sub/.gitignore", text="!keep_gen.py\n/local.py\n# note\n\\#odd.py\n")
    put(root, "x_gen.py", "out/a.py", "vendor/b.py", "sub/local.py", "sub/#odd.py")
    found = ["sub/deep/keep_gen.py", "sub/deep/local.py", "sub/out/a.py"]
    found += ["vendor/ours/c.py"]
    put(root, *found, "sub/y_gen.py")
    assert files(root) == found


def test_tool_folders_are_left_out_unless_tracked(repo: Path) -> None:
    put(repo, "a.py", ".venv/lib/b.py", "sub/.tox/c.py", "node_modules/d.py")
    put(repo, "venv/e.py")
    git(repo, "add", "venv/e.py")
    assert files(repo) == ["a.py", "venv/e.py"]


def test_tool_folders_are_left_out_without_a_repository(tmp_path: Path) -> None:
    put(tmp_path, "a.py", ".venv/b.py", "sub/.tox/c.py", "x/__pycache__/d.py")
    put(tmp_path, "env311/pyvenv.cfg", "env311/e.py")
    assert files(tmp_path) == ["a.py"]


def test_a_named_file_is_always_taken(root: Path) -> None:
    put(root, ".gitignore", text="ignored.py\nout/\n")
    put(root, "a.py", "ignored.py", "out/b.py", "wsgi.cgi", "old.py")
    named = [root / "ignored.py", root / "wsgi.cgi", root / "out/b.py", root / "old.py"]
    tree = discover(named, exclude=["old.py"])
    assert tree.selected == ("ignored.py", "old.py", "out/b.py", "wsgi.cgi")
    assert "ignored.py" in tree.files
    assert "out/b.py" in tree.files


def test_the_paths_select_but_the_whole_repository_is_listed(repo: Path) -> None:
    put(repo, "a.py", "p/b.py", "p/q/c.py", "pq/d.py", "e.py")
    tree = discover([repo / "p", repo / "e.py", repo / "p" / "q"])
    assert tree.files == ("a.py", "e.py", "p/b.py", "p/q/c.py", "pq/d.py")
    assert tree.selected == ("e.py", "p/b.py", "p/q/c.py")


def test_without_a_repository_the_root_is_the_common_folder(tmp_path: Path) -> None:
    put(tmp_path, "x/p/a.py", "x/q/b.py", "x/r/c.py", "y.py")
    tree = discover([tmp_path / "x/p", tmp_path / "x/q/b.py"])
    assert (tree.root, tree.repository) == (tmp_path / "x", False)
    assert tree.files == ("p/a.py", "q/b.py", "r/c.py")
    assert tree.selected == ("p/a.py", "q/b.py")
    assert discover([tmp_path / "y.py"]).root == tmp_path


def test_excluded_files_are_left_out(root: Path) -> None:
    put(root, "a.py", "doc/conf.py", "x/doc/b.py", "x/test_c.py")
    assert files(root, exclude=("/doc/", "test_*.py")) == ["a.py", "x/doc/b.py"]


@pytest.mark.parametrize("line", ["!", "\\", "[z-a].py"])
def test_a_line_that_is_no_pattern_is_passed_over_but_not_as_an_option(
    root: Path, line: str
) -> None:
    put(root, ".gitignore", text=f"{line}\nb.py\n")
    put(root, "a.py", "b.py")
    assert files(root) == ["a.py"]
    with pytest.raises(PathProblem, match="is not a pattern"):
        discover([root], exclude=["b.py", line])


def test_a_missing_path_is_named(root: Path) -> None:
    missing = root / "no such.py"
    with pytest.raises(PathProblem, match=r"no such\.py") as caught:
        discover([root, missing])
    assert caught.value.path == missing


def test_a_loop_of_links_is_a_problem_when_named(root: Path) -> None:
    (root / "a.py").symlink_to("b.py")
    (root / "b.py").symlink_to("a.py")
    with pytest.raises(PathProblem, match=r"a\.py"):
        discover([root / "a.py"])
    assert files(root) == []


def test_a_path_outside_the_repository_is_named(repo: Path, tmp_path: Path) -> None:
    put(tmp_path, "other/a.py")
    with pytest.raises(PathProblem, match=r"other.*is outside .*project"):
        discover([repo, tmp_path / "other"])
    (repo / "link.py").symlink_to(tmp_path / "other" / "a.py")
    with pytest.raises(PathProblem, match="is outside"):
        discover([repo, repo / "link.py"])


def test_a_path_in_an_inner_repository_is_outside(root: Path) -> None:
    put(root, "a.py", "inner/deep/b.py")
    git(root / "inner", "init", "-q")
    assert files(root) == ["a.py"]
    with pytest.raises(PathProblem, match=r"b\.py is outside"):
        discover([root, root / "inner/deep/b.py"])
    assert discover([root / "inner/deep/b.py"]).root == root / "inner"


def test_a_submodule_is_another_project(repo: Path, tmp_path: Path) -> None:
    put(tmp_path, "library/in.py")
    git(tmp_path / "library", "init", "-q")
    commit(tmp_path / "library")
    put(repo, "a.py")
    allow = ("-c", "protocol.file.allow=always")
    git(repo, *allow, "submodule", "add", str(tmp_path / "library"), "sub.py")
    commit(repo)
    assert files(repo) == ["a.py"]


@pytest.mark.parametrize("tracked", [True, False])
def test_a_link_counts_as_its_target_once(root: Path, tracked: bool) -> None:
    put(root, "real/a.py", "real/impl", "real/settings.txt")
    put(root.parent, "outside.py")
    (root / "again.py").symlink_to("real/a.py")
    (root / "third.py").symlink_to("again.py")
    (root / "absolute.py").symlink_to(root / "real" / "impl")
    (root / "away.py").symlink_to(root.parent / "outside.py")
    (root / "nowhere.py").symlink_to("nothing.py")
    (root / "folder.py").symlink_to("real")
    (root / "real" / "loop").symlink_to("..")
    (root / "itself").symlink_to("itself")
    if tracked and (root / ".git").exists():
        commit(root)
    assert files(root) == ["real/a.py", "real/impl"]
    tree = discover([root / "third.py"])
    assert [tree.root / path for path in tree.selected] == [root / "real" / "a.py"]
    tree = discover([root / "folder.py", root / "absolute.py"])
    assert [tree.root / path for path in tree.selected] == [
        root / "real" / "a.py",
        root / "real" / "impl",
    ]


def test_a_link_to_an_ignored_file_is_left_out(root: Path) -> None:
    put(root, ".gitignore", text="out/\n")
    put(root, "out/a.py")
    (root / "a.py").symlink_to("out/a.py")
    assert files(root) == []


def test_files_that_are_gone_are_left_out(repo: Path) -> None:
    put(repo, "a.py", "b.py", "c.py")
    commit(repo)
    (repo / "a.py").unlink()
    git(repo, "rm", "-q", "--cached", "b.py")
    assert files(repo) == ["b.py", "c.py"]


def test_a_file_in_conflict_is_listed_once(repo: Path) -> None:
    put(repo, "a.py", text="one")
    commit(repo)
    git(repo, "checkout", "-q", "-b", "side")
    put(repo, "a.py", text="two")
    commit(repo)
    git(repo, "checkout", "-q", "-")
    put(repo, "a.py", text="three")
    commit(repo)
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "side")
    assert files(repo) == ["a.py"]


def test_a_file_left_out_of_a_sparse_checkout_is_left_out(repo: Path) -> None:
    put(repo, "a/b.py", "c/d.py")
    commit(repo)
    git(repo, "sparse-checkout", "set", "a")
    assert files(repo) == ["a/b.py"]


def test_a_folder_that_may_not_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.py", "closed/b.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert files(tmp_path) == ["a.py"]


def test_a_large_repository_costs_little_beside_git(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repo, *(f"d{number % 90}/f{number}.py" for number in range(4500)))
    git(repo, "add", "-A")
    in_git = 0.0
    run = subprocess.run

    def timed(*args: object, **options: object) -> object:
        nonlocal in_git
        start = time.process_time()
        try:
            return run(*args, **options)  # type: ignore[call-overload]
        finally:
            in_git += time.process_time() - start

    monkeypatch.setattr(subprocess, "run", timed)
    start = time.process_time()
    assert len(discover([repo]).files) == 4500
    assert paces(time.process_time() - start - in_git) < 2


def test_the_same_is_found_with_and_without_git(repo: Path, tmp_path: Path) -> None:
    put(repo, ".gitignore", text="*.tmp.py\nbuild/\n!build/\n**/x/y.py\n/top.py\n")
    put(repo, "a.tmp.py", "build/a.py", "x/y.py", "p/x/y.py", "p/top.py", "top.py")
    put(repo, "p/.gitignore", text="q\n!q/keep.py\nr/*\n!r/keep.py\n  \n*.txt \n")
    put(repo, "p/q/a.py", "p/q/keep.py", "p/r/a.py", "p/r/keep.py", "p/s.py")
    plain = tmp_path / "plain"
    shutil.copytree(repo, plain, ignore=shutil.ignore_patterns(".git"))
    found = files(repo)
    assert found == files(plain)
    assert found == ["build/a.py", "p/r/keep.py", "p/s.py", "p/top.py"]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["vendor/eventlet/hubs/hub.py", "vendor/other.py"], ("vendor/eventlet/",)),
        (["vendor/eventlet/hubs/hub.py", "vendor/setup.py"], ("vendor/eventlet/",)),
        (["x/eventlet-0.30.2/eventlet/hubs/hub.py", "x/eventlet-0.30.2/setup.py"],
         ("x/eventlet-0.30.2/",)),
        (["eventlet/hubs/hub.py", "setup.py"], ()),
        (["app/eventlet.py", "app/eventlet/__init__.py"], ()),
        (["app/myeventlet/hubs/hub.py"], ()),
        (["b/eventlet/hubs/hub.py", "a/eventlet/hubs/hub.py"],
         ("a/eventlet/", "b/eventlet/")),
    ],
)  # fmt: skip
def test_a_copy_of_eventlet_is_known_by_a_file_of_its_own(
    paths: list[str], found: tuple[str, ...]
) -> None:
    assert copies(paths) == found
