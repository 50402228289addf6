"""Change-Ids, project and branch, read from real repositories."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from deventlet.series.gerrit import (
    change_id,
    ids_in_history,
    project_name,
    stable_change_id,
    target_branch,
)
from deventlet.source.git import GitProblem

WHAT = ("openstack/nova", "master", "sleep", "", "dev@example.org")
ENVIRONMENT = os.environ | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A Dev",
    "GIT_AUTHOR_EMAIL": "dev@example.org",
    "GIT_COMMITTER_NAME": "A Dev",
    "GIT_COMMITTER_EMAIL": "dev@example.org",
}


def git(root: Path, *args: str) -> str:
    done = subprocess.run(
        ("git", *args),
        cwd=root,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "some-project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=topic")
    return root


def commit(root: Path, message: str) -> None:
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def test_a_change_id_is_the_documented_sum() -> None:
    text = (
        "deventlet change-id 1\0openstack/nova\0master\0sleep\0\0dev@example.org\0"
        + "7"
    )
    assert change_id(*WHAT, salt=7) == "I" + hashlib.sha1(text.encode()).hexdigest()


def test_a_change_id_never_changes_between_versions() -> None:
    assert change_id(*WHAT) == "Ief9b85d977e10e91cf163b07f5c759039b5bec6a"


@pytest.mark.parametrize("position", range(5))
def test_each_part_changes_the_id(position: int) -> None:
    project, branch, codemod, chunk, email = (
        f"{part}x" if index == position else part for index, part in enumerate(WHAT)
    )
    other = change_id(project, branch, codemod, chunk, email)
    assert other != change_id(*WHAT)


def test_text_cannot_move_from_one_part_to_the_next() -> None:
    assert change_id("a", "bc", "d", "", "e") != change_id("ab", "c", "d", "", "e")
    with pytest.raises(ValueError, match="NUL"):
        change_id("a\0b", "c", "d", "", "e")


def test_the_smallest_unused_salt_is_taken() -> None:
    ids = [change_id(*WHAT, salt=salt) for salt in range(4)]
    assert stable_change_id(*WHAT, used=set()) == ids[0]
    assert stable_change_id(*WHAT, used={ids[0], ids[1]}) == ids[2]
    assert stable_change_id(*WHAT, used={ids[1]}) == ids[0]


def test_merged_ids_start_a_new_review_and_open_ones_do_not(repository: Path) -> None:
    commit(repository, "Base")
    git(repository, "branch", "target")
    first = change_id(*WHAT)
    commit(repository, f"Sleep\n\nWhy.\n\nChange-Id: {first}\nSigned-off-by: A <a@b>")
    open_review = stable_change_id(*WHAT, used=ids_in_history(repository, "target"))
    merged = stable_change_id(*WHAT, used=ids_in_history(repository, "topic"))
    assert open_review == first
    assert merged == change_id(*WHAT, salt=1)


def test_only_footers_count_as_ids(repository: Path) -> None:
    quoted, real, older = (change_id(*WHAT, salt=salt) for salt in range(3))
    commit(repository, f"Older\n\nChange-Id: {older}")
    commit(repository, f"Revert\n\nChange-Id: {quoted}\n\nText.\n\nChange-Id: {real}")
    commit(repository, "No id at all")
    commit(repository, "Not an id\n\nChange-Id: Ihave-none")
    assert ids_in_history(repository, "HEAD") == {real, older}


def test_the_pattern_does_not_depend_on_the_users_configuration(
    repository: Path,
) -> None:
    found = change_id(*WHAT)
    commit(repository, f"Subject\n\nChange-Id: {found}")
    git(repository, "config", "grep.patternType", "fixed")
    git(repository, "config", "log.showSignature", "true")
    assert ids_in_history(repository, "HEAD") == {found}


def test_a_message_that_is_not_utf8_does_not_stop_the_search(repository: Path) -> None:
    found = change_id(*WHAT)
    (repository / "m").write_bytes(
        b"caf\xe9\n\nChange-Id: \xe9\nChange-Id: " + found.encode()
    )
    git(repository, "config", "i18n.logOutputEncoding", "latin-1")
    git(repository, "commit", "--quiet", "--allow-empty", "--file", "m")
    assert ids_in_history(repository, "HEAD") == {found}


def test_an_unknown_ref_is_an_error_and_not_an_empty_history(repository: Path) -> None:
    commit(repository, "Base")
    with pytest.raises(GitProblem, match="origin/nowhere"):
        ids_in_history(repository, "origin/nowhere")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://opendev.org/openstack/nova.git", "openstack/nova"),
        ("https://opendev.org/openstack/nova/", "openstack/nova"),
        ("ssh://dev@review.opendev.org:29418/openstack/nova", "openstack/nova"),
        ("git@github.com:openstack/nova.git", "openstack/nova"),
        ("github.com:nova", "nova"),
        ("/srv/git/nova.git", "nova"),
        ("/srv/nova/.git", "nova"),
        ("../nova", "nova"),
        ("file:///srv/git/nova.git", "nova"),
    ],
)
def test_the_project_is_the_path_of_the_remote(
    repository: Path, url: str, expected: str
) -> None:
    git(repository, "config", "remote.origin.url", url)
    assert project_name(repository) == expected


def test_gitreview_wins_over_the_remote(repository: Path) -> None:
    git(repository, "config", "remote.origin.url", "https://example.org/fork/nova")
    git(repository, "update-ref", "refs/remotes/origin/main", empty_commit(repository))
    git(
        repository,
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    )
    (repository / ".gitreview").write_text(
        "[gerrit]\nhost=review.opendev.org\nproject=openstack/nova.git\n"
        "defaultbranch=stable/2025.1\n"
    )
    assert project_name(repository) == "openstack/nova"
    assert target_branch(repository) == "stable/2025.1"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not ini",
        b"[other]\nproject=x",
        b"[gerrit]\nhost=%x",
        b"[gerrit]\nproject=\xe9",
    ],
)
def test_a_gitreview_without_the_answer_is_passed_over(
    repository: Path, text: bytes
) -> None:
    (repository / ".gitreview").write_bytes(text)
    git(repository, "config", "remote.origin.url", "https://example.org/fork/nova")
    assert project_name(repository) == "fork/nova"
    assert target_branch(repository) == "topic"


def test_without_gitreview_and_remote_the_folder_names_the_project(
    tmp_path: Path,
) -> None:
    root = tmp_path / "plain"
    root.mkdir()
    assert project_name(root) == "plain"
    assert target_branch(root) == "master"


def empty_commit(root: Path) -> str:
    tree = git(root, "mktree", "--missing", "-z")
    return git(root, "commit-tree", tree, "-m", "Empty")


def test_the_remotes_head_wins_over_local_branches(repository: Path) -> None:
    found = empty_commit(repository)
    git(repository, "update-ref", "refs/heads/master", found)
    git(repository, "update-ref", "refs/remotes/origin/devel/x", found)
    git(
        repository,
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/devel/x",
    )
    assert target_branch(repository) == "devel/x"


@pytest.mark.parametrize(
    ("existing", "current", "expected"),
    [
        ([], "topic", "topic"),
        (["main"], "topic", "main"),
        (["main", "master"], "topic", "master"),
        (["main", "master"], "main", "main"),
        (["topic/main"], "topic/main", "topic/main"),
    ],
)
def test_a_topic_branch_is_not_taken_for_the_target(
    repository: Path, existing: list[str], current: str, expected: str
) -> None:
    found = empty_commit(repository)
    for name in existing:
        git(repository, "update-ref", f"refs/heads/{name}", found)
    git(repository, "symbolic-ref", "HEAD", f"refs/heads/{current}")
    assert target_branch(repository) == expected


def test_a_detached_head_without_usual_branches_falls_back_to_master(
    repository: Path,
) -> None:
    commit(repository, "Base")
    git(repository, "checkout", "--quiet", "--detach")
    assert target_branch(repository) == "master"
