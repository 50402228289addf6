"""From outcomes to patches: git says whether they are right."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deventlet.codemod import Assume, Decision, Page, Refuse, Rewrite, Site, Subject
from deventlet.codemod import Verdict as Decided
from deventlet.driver.run import Outcome
from deventlet.inventory import Hazard
from deventlet.registry import reasons
from deventlet.series.build import Footers, NeedsGit, build_all, message_of, origin_of
from deventlet.series.patch import format_patch

PAGE = Page(
    "sleep", "naps become sleeps", "Replace naps", {"eventlet.nap": "time.sleep"}, "A"
)
GitIn = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))


def git(folder: Path, *args: str) -> str:
    """Run git in a folder."""
    return subprocess.run(
        ["git", *args], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def repository(root: Path, *options: str, **settings: str) -> Path:
    """An empty repository with an identity."""
    root.mkdir(exist_ok=True)
    git(root, "init", "-q", "-b", "master", *options)
    git(root, "config", "user.name", "J\u00f6rg")
    git(root, "config", "user.email", "j@example.org")
    for key, value in settings.items():
        git(root, "config", key.replace("__", "."), value)
    return root


def commit(root: Path, message: str = "Begin", **contents: bytes) -> None:
    """Commit files."""
    for name, content in contents.items():
        (root / f"{name}.py").write_bytes(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def outcome(**changes: tuple[bytes, bytes]) -> Outcome:
    """What a codemod made of some files."""
    return Outcome(PAGE, (), {f"{k}.py": v for k, v in changes.items()}, {})


def apply(root: Path, patches: Iterator[bytes] | list[bytes]) -> None:
    """Take patches into a repository."""
    for patch in patches:
        (root.parent / "patch").write_bytes(patch)
        git(root, "am", "--keep-cr", "../patch")


# -- what a patch is made for --------------------------------------------------------


@pytest.mark.parametrize("objects", ["sha1", "sha256"])
def test_a_series_applies_patch_by_patch(tmp_path: Path, objects: str) -> None:
    root = repository(tmp_path / "repo", f"--object-format={objects}")
    commit(root, a=b"1\n", b=b"1\n")
    os.chmod(root / "a.py", 0o755)
    git(root, "commit", "-q", "-a", "-m", "Make it a script")
    series = [
        outcome(a=(b"1\n", b"2\n")),
        outcome(),
        outcome(a=(b"2\n", b"3\n"), b=(b"1\n", b"2\n")),
    ]
    patches = build_all(series, origin_of(root, Footers()))
    assert [change.mode for change in patches[1].changes] == ["100755", "100644"]
    apply(root, [format_patch(p, n, 2) for n, p in enumerate(patches, 1)])
    assert (root / "a.py").read_bytes() == b"3\n"
    assert (root / "b.py").read_bytes() == b"2\n"
    assert git(root, "ls-files", "-s", "a.py").startswith("100755 ")


def test_with_autocrlf_a_patch_has_the_line_ends_of_the_commit(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", core__autocrlf="true")
    commit(root, a=b"1\r\n2\r\n")
    series = [
        outcome(a=(b"1\r\n2\r\n", b"3\r\n2\r\n")),
        outcome(a=(b"3\r\n2\r\n", b"4\r\n2\r\n")),
    ]
    patches = build_all(series, origin_of(root, Footers()))
    assert not any(b"\r" in format_patch(p, 1, 2) for p in patches)
    apply(root, [format_patch(p, n, 2) for n, p in enumerate(patches, 1)])
    assert git(root, "show", "HEAD:a.py") == "4\n2\n"


def test_carriage_returns_that_are_committed_stay(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    commit(root, a=b"1\r\n2\n")
    (patch,) = build_all(
        [outcome(a=(b"1\r\n2\n", b"3\r\n2\n"))], origin_of(root, Footers())
    )
    apply(root, [format_patch(patch, 1, 1)])
    assert (root / "a.py").read_bytes() == b"3\r\n2\n"


def test_the_mode_is_gits_where_the_disk_has_none(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", core__fileMode="false")
    commit(root, a=b"1\n")
    os.chmod(root / "a.py", 0o755)
    (patch,) = build_all([outcome(a=(b"1\n", b"2\n"))], origin_of(root, Footers()))
    assert patch.changes[0].mode == "100644"


def test_a_file_whose_committed_form_is_not_known_is_named(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    commit(root, a=b"1\n")
    with pytest.raises(NeedsGit, match=r"a\.py"):
        build_all([outcome(a=(b"other\n", b"2\n"))], origin_of(root, Footers()))


# -- where it comes from -------------------------------------------------------------


def test_author_and_date_are_the_users_and_the_commits(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    commit(root, a=b"1\n")
    origin = origin_of(root, Footers(signoff=True))
    assert origin.author == ("J\u00f6rg", "j@example.org")
    assert origin.date == git(root, "log", "-1", "--format=%cD").strip()
    (patch,) = build_all([outcome(a=(b"1\n", b"2\n"))], origin)
    apply(root, [format_patch(patch, 1, 1)])
    *_, change, signed = git(root, "log", "-1", "--format=%B").strip().split("\n")
    assert change.startswith("Change-Id: I")
    assert signed == "Signed-off-by: J\u00f6rg <j@example.org>"


def test_without_a_commit_or_an_identity_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    root = repository(tmp_path / "repo")
    with pytest.raises(NeedsGit, match="commit"):
        origin_of(root, Footers())
    commit(root)
    git(root, "config", "--unset", "user.email")
    with pytest.raises(NeedsGit, match=r"user\.email"):
        origin_of(root, Footers())


def footer(root: Path) -> str:
    """The Change-Id that a patch would get now."""
    (patch,) = build_all([outcome(a=(b"1\n", b"2\n"))], origin_of(root, Footers()))
    return patch.message.rstrip().rpartition("\n")[2]


def test_a_change_id_that_is_merged_upstream_is_not_used_again(tmp_path: Path) -> None:
    upstream = repository(tmp_path / "upstream")
    commit(upstream, a=b"1\n")
    git(tmp_path, "clone", "-q", str(upstream), "mine")
    mine = repository(tmp_path / "mine")
    git(mine, "config", "remote.origin.url", "https://review.example.org/proj")
    first = footer(mine)
    assert footer(mine) == first
    commit(upstream, f"Merge it\n\n{first}")
    git(mine, "fetch", "-q", str(upstream), "master:refs/remotes/origin/master")
    second = footer(mine)
    assert second != first
    commit(mine, f"Take the next\n\n{second}")
    assert footer(mine) not in (first, second)


def test_another_branch_upstream_is_another_review(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    commit(root, a=b"1\n")
    first = footer(root)
    head = git(root, "rev-parse", "HEAD").strip()
    commit(root, f"On stable only\n\n{first}")
    git(root, "update-ref", "refs/remotes/origin/master-stable", "HEAD")
    git(root, "update-ref", "refs/remotes/origin/master/deeper", "HEAD")
    git(root, "reset", "-q", "--hard", head)
    assert footer(root) == first


# -- what it says --------------------------------------------------------------------


def site(line: int) -> Site:
    """A site on a line."""
    return Site("a.py", line, line + 1, line, 0, line, 1, "eventlet.nap", "call", "x")


def verdict(line: int, decision: Decision, accepted: bool = False) -> Decided:
    """A verdict on a subject of two sites."""
    subject = Subject("eventlet.nap", "alias", (site(line), site(line + 1)))
    return Decided(subject, "sleep", decision, accepted)


def test_the_message_counts_sites_by_verdict() -> None:
    caveat, assumed = "sleep.negative", "process-patched"
    proven = Rewrite({}, (caveat,), ("a patches time", "b patches time"))
    again = Rewrite({}, (), ("b patches time",))
    verdicts = (
        verdict(1, proven),
        verdict(3, again),
        verdict(5, Assume(assumed, "", Rewrite({})), accepted=True),
        verdict(7, Assume(assumed, "", Rewrite({}))),
        verdict(9, Refuse("sleep.star-args")),
    )
    text = message_of(Outcome(PAGE, verdicts, {}, {}), [("Change-Id", "I" + "0" * 40)])
    words = " ".join(text.split())
    assert text.startswith("Replace naps\n\nNaps become sleeps.\n\n")
    assert "Proven: b patches time. Proven: a patches time." in words
    assert f"- {caveat} (1 site): {reasons()[caveat].summary}" in words
    assert f"- {assumed} (2 sites): {reasons()[assumed].summary}" in words
    assert "4 sites rewritten, 2 rewritten under an assumption, 4 refused" in words
    assert "(process-patched: 2, sleep.star-args: 2)." in words
    assert "deventlet apply --codemod sleep --assume process-patched" in words
    assert max(map(len, text.splitlines())) <= 72


def test_the_message_names_the_hazards_and_the_first_places() -> None:
    found = tuple(
        Hazard("a.py", line, code, "what is not in the message", (), False)
        for code, lines in (("hazard.atomicity", range(4)), ("hazard.fork", [9]))
        for line in lines
    )
    text = message_of(Outcome(PAGE, (), {}, {}, hazards=found), [])
    assert (
        "Hazards once these threads are native: hazard.atomicity 4 (a.py:0, "
        "a.py:1, a.py:2, ...); hazard.fork 1 (a.py:9)."
    ) in " ".join(text.split())
    assert "Hazards" not in message_of(Outcome(PAGE, (), {}, {}), [])


@pytest.mark.parametrize(("proofs", "ways"), [(4, "1 more way"), (5, "2 more ways")])
def test_more_than_three_proofs_are_counted(proofs: int, ways: str) -> None:
    clauses = tuple(f"m{n} patches time" for n in range(proofs))
    text = message_of(
        Outcome(PAGE, (verdict(1, Rewrite({}, (), clauses)),), {}, {}), []
    )
    words = " ".join(text.split())
    assert f"Proven: m2 patches time. Proven likewise, in {ways}." in words
    assert "m3 patches" not in words


def test_a_summary_that_begins_with_a_name_keeps_it() -> None:
    page = Page("x", "eventlet.nap goes", "Go", {}, "A")
    text = message_of(Outcome(page, (), {}, {}), [])
    assert text.startswith("Go\n\neventlet.nap goes.\n")
