from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deventlet.source.git import Blobs, Git, GitProblem, find_bare, find_root

IDENTITY = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings"
    settings.write_text("[user]\n\tname = A Name\n\temail = a@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in IDENTITY:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q", "-b", "trunk")
    for name in ("clean.py", "edited.py", "staged.py", "reverted.py", "removed.py"):
        (root / name).write_text("one\n")
    (root / ".gitignore").write_text("ignored.py\n")
    commit(root)
    return root


def git(root: Path, *args: str) -> str:
    done = subprocess.run(
        ("git", *args), cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(root: Path, message: str = "A commit") -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def test_the_output_is_given_as_bytes(repo: Path) -> None:
    assert Git(repo).run("show", "HEAD:clean.py") == b"one\n"


def test_input_and_variables_reach_git(repo: Path) -> None:
    given = Git(repo).run("hash-object", "--stdin", input=b"one\n").decode().strip()
    assert given == git(repo, "rev-parse", "HEAD:clean.py")
    listed = Git(repo).run("ls-files", env={"GIT_INDEX_FILE": str(repo / "no-index")})
    assert listed == b""


def test_a_failure_carries_git_s_own_words(repo: Path) -> None:
    with pytest.raises(GitProblem, match="ambiguous argument 'no-such'") as caught:
        Git(repo).run("rev-parse", "no-such")
    assert caught.value.status == 128
    assert not caught.value.message.startswith("fatal:")


def test_a_missing_git_is_a_problem_only_in_a_repository(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(GitProblem, match="git cannot be run"):
        find_root(repo)
    assert find_root(tmp_path) is None


def test_the_root_is_found_from_files_and_folders_below(
    repo: Path, tmp_path: Path
) -> None:
    below = repo / "a" / "b c"
    below.mkdir(parents=True)
    assert find_root(below) == repo
    assert find_root(repo / "clean.py") == repo
    assert find_root(tmp_path) is None


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert find_root(tmp_path / "bare.git") is None


def test_a_repository_that_git_refuses_is_not_taken_for_a_plain_folder(
    repo: Path,
) -> None:
    (repo / ".git" / "config").write_text("[broken\n")
    with pytest.raises(GitProblem, match="config"):
        find_root(repo)


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    assert find_root(repo) == repo
    assert Git(repo).head_exists()
    assert Git(repo).dirty_paths(["clean.py"]) == set()


def test_dirty_is_whatever_differs_from_head(repo: Path) -> None:
    (repo / "edited.py").write_text("two\n")
    (repo / "staged.py").write_text("two\n")
    (repo / "reverted.py").write_text("two\n")
    git(repo, "add", "staged.py", "reverted.py")
    (repo / "reverted.py").write_text("one\n")
    (repo / "removed.py").unlink()
    (repo / "ignored.py").write_text("mine\n")
    (repo / "new").mkdir()
    (repo / "new" / "untracked.py").write_text("mine\n")
    dirty = {"edited.py", "staged.py", "reverted.py", "removed.py"}
    dirty |= {"ignored.py", "new/untracked.py"}
    assert Git(repo).dirty_paths(["clean.py", *dirty]) == dirty
    assert Git(repo).dirty_paths(["clean.py", "edited.py"]) == {"edited.py"}
    assert Git(repo).dirty_paths([]) == set()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_does_not_look_at_is_dirty(repo: Path, flag: str) -> None:
    git(repo, "update-index", flag, "edited.py")
    (repo / "edited.py").write_text("two\n")
    assert Git(repo).dirty_paths(["clean.py", "edited.py"]) == {"edited.py"}


@pytest.mark.parametrize(
    "name",
    ["-n.py", "*.py", ":(top)x.py", "a b.py", "new\nline.py", "tab\t.py", "\udcff.py"],
)
def test_odd_names_are_names_and_not_patterns(repo: Path, name: str) -> None:
    (repo / name).write_text("one\n")
    (repo / "edited.py").write_text("two\n")
    assert Git(repo).dirty_paths([name]) == {name}
    commit(repo)
    assert Git(repo).dirty_paths([name, "clean.py"]) == set()
    (repo / name).write_text("two\n")
    assert Git(repo).dirty_paths([name, "clean.py"]) == {name}


def test_more_paths_than_fit_one_call_are_all_looked_at(repo: Path) -> None:
    names = [f"many-{number}.py" for number in range(1203)]
    for name in names:
        (repo / name).write_text("one\n")
    assert Git(repo).dirty_paths([*names, "clean.py"]) == set(names)


def test_asking_does_not_refresh_the_index(repo: Path) -> None:
    os.utime(repo / "clean.py", (1, 1))
    index = repo / ".git" / "index"
    before = index.read_bytes()
    assert Git(repo).dirty_paths(["clean.py"]) == set()
    assert index.read_bytes() == before
    git(repo, "status")
    assert index.read_bytes() != before, "the test is void: nothing to refresh"


def test_no_hook_monitor_or_diff_program_runs(repo: Path, tmp_path: Path) -> None:
    program, trace = repo / ".git" / "program", tmp_path / "trace"
    program.write_text(f"#!/bin/sh\necho ran >> '{trace}'\n")
    program.chmod(0o755)
    git(repo, "config", "core.fsmonitor", str(program))
    git(repo, "config", "diff.external", str(program))
    (repo / "edited.py").write_text("two\n")
    subprocess.run(("git", "status"), cwd=repo, check=True, capture_output=True)
    assert trace.exists(), "the test is void: git ran nothing"
    trace.unlink()
    Git(repo).dirty_paths(["edited.py"])
    assert b"+two" in Git(repo).run("diff")
    hook = repo / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    program.rename(hook)
    Git(repo).run("update-ref", "refs/heads/other", "HEAD")
    assert not trace.exists()


def test_neither_language_nor_pager_nor_locks_are_the_user_s(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("GIT_OPTIONAL_LOCKS", "1")
    monkeypatch.setenv("GIT_PAGER", "false")
    show = "alias.show-env=!echo $LC_ALL $GIT_OPTIONAL_LOCKS $GIT_TERMINAL_PROMPT"
    assert Git(repo).run("-c", show, "show-env") == b"C 0 0\n"
    assert Git(repo).run("log", "--format=%s") == b"A commit\n"


def test_head_exists_only_after_the_first_commit(tmp_path: Path, repo: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk", "empty")
    empty = Git(tmp_path / "empty")
    assert not empty.head_exists()
    assert empty.branch() == "trunk"
    (tmp_path / "empty" / "a.py").write_text("one\n")
    assert empty.dirty_paths(["a.py"]) == {"a.py"}
    assert Git(repo).head_exists()


def test_the_branch_is_none_when_head_is_detached(repo: Path) -> None:
    assert Git(repo).branch() == "trunk"
    git(repo, "checkout", "-q", "-b", "topic/a-b")
    assert Git(repo).branch() == "topic/a-b"
    git(repo, "checkout", "-q", "--detach")
    assert Git(repo).branch() is None


def test_a_setting_is_found_with_all_its_lines(repo: Path) -> None:
    git(repo, "config", "my.key", "first\nsecond")
    assert Git(repo).config("my.key") == "first\nsecond"
    assert Git(repo).config("my.other") is None


def test_the_identity_is_the_user_s_own_or_none(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Git(repo).identity() == ("A Name", "a@example.org")
    git(repo, "config", "user.name", "Zoë <Z> Ü")
    assert Git(repo).identity() == ("Zoë Z Ü", "a@example.org")  # git drops <>
    git(repo, "config", "--unset", "user.name")
    (tmp_path / "settings").write_text("[user]\n\temail = a@example.org\n")
    assert Git(repo).identity() is None, "the name was guessed"
    (tmp_path / "settings").write_text("[user]\n\tname = A Name\n")
    assert Git(repo).identity() is None, "the e-mail was guessed"
    (tmp_path / "settings").write_text("")
    assert Git(repo).identity() is None
    monkeypatch.setenv("GIT_AUTHOR_NAME", "By")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "by@example.org")
    assert Git(repo).identity() == ("By", "by@example.org")


def conflict(root: Path, text: str = "two\n") -> None:
    """A branch ``side`` that conflicts with the current one."""
    git(root, "checkout", "-q", "-b", "side")
    (root / "clean.py").write_text("side\n")
    commit(root, "On the side")
    git(root, "checkout", "-q", "trunk")
    (root / "clean.py").write_text(text)
    commit(root, "On the trunk")


@pytest.mark.parametrize(
    ("args", "operation"),
    [
        (("merge", "side"), "merge"),
        (("rebase", "side"), "rebase"),
        (("rebase", "--apply", "side"), "rebase"),
        (("cherry-pick", "side"), "cherry-pick"),
        (("revert", "HEAD~1"), "revert"),
        (("am", "side.patch"), "am"),
        (("bisect", "start"), "bisect"),
    ],
)
def test_an_unfinished_operation_is_named(
    repo: Path, args: tuple[str, ...], operation: str
) -> None:
    conflict(repo)
    if operation == "revert":
        (repo / "clean.py").write_text("three\n")
        commit(repo, "Another")
    (repo / ".git" / "info" / "exclude").write_text("*.patch\n")
    patch = Git(repo).run("format-patch", "--stdout", "trunk..side")
    (repo / "side.patch").write_bytes(patch)
    assert Git(repo).operation_in_progress() is None
    subprocess.run(("git", *args), cwd=repo, check=False, capture_output=True)
    assert Git(repo).operation_in_progress() == operation


def test_a_linked_work_tree_has_its_own_directory(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", str(linked))
    assert find_root(linked) == linked
    assert Git(linked).directory == repo / ".git" / "worktrees" / "linked"


def test_blobs_are_read_one_after_the_other(repo: Path) -> None:
    (repo / "big").write_bytes(b"\0\n" * 500_000)
    (repo / "empty").write_bytes(b"")
    commit(repo)
    names = [git(repo, "rev-parse", f"HEAD:{n}") for n in ("big", "empty", "clean.py")]
    with Blobs(repo) as blobs:
        assert [blobs.read(name) for name in names] == [
            b"\0\n" * 500_000,
            b"",
            b"one\n",
        ]
        with pytest.raises(GitProblem, match="not in this clone"):
            blobs.read("0" * 40)
        assert blobs.read(names[2]) == b"one\n"


def test_the_end_of_git_is_a_problem(repo: Path) -> None:
    name = git(repo, "rev-parse", "HEAD:clean.py")
    with Blobs(repo) as blobs:
        blobs._process.kill()
        blobs._process.wait()
        for _ in range(2):
            with pytest.raises(GitProblem):
                blobs.read(name)


def test_a_bare_repository_is_found(repo: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(repo, "clone", "-q", "--bare", ".", str(bare))
    assert find_bare(bare) == find_bare(bare / "refs") == bare
    assert find_bare(repo) is None
    (tmp_path / "plain").mkdir()
    assert find_bare(tmp_path / "plain") is None
