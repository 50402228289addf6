"""``apply --commit``: one commit per patch on a branch, and nothing else touched.

What is compared is git's own answer, and a push by ``git review`` itself.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deventlet.cli.test_apply import NASTY, content, snapshot

Make = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
GitIn = Callable[..., str]

COMMIT = ("apply", "--codemod", "sleep", "--commit")
ALL = ("apply", "--all", "--commit")
BRANCH = "eventlet-removal"
TWO = {
    "proj/more.py": "from eventlet import queue\nfrom proj import worker\n\n\n"
    "def more():\n    worker.work()\n    return queue.Queue()\n",
    "deventlet.toml": "keep = ['proj/cmd.py']\n",
}
"""What makes two patches; ``monkey_patch()`` is kept, so that there is no third."""
OURS = re.compile(r"/objects/../|/refs/heads/eventlet-removal$")
Seen = dict[str, tuple[int, int, bytes]]


def files(snapped: Seen) -> Seen:
    """A snapshot without the folders, whose time is that of what came into them."""
    return {path: seen for path, seen in snapped.items() if os.path.isfile(path)}


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def ids(git: GitIn, root: Path, revision: str = BRANCH) -> list[str]:
    trailers = "--format=%(trailers:key=Change-Id,valueonly)"
    return git(root, "log", "-2", trailers, revision).split()


def test_the_branch_holds_what_in_place_gives(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({**NASTY, **TWO})
    assert deventlet(root, *ALL).returncode == 0
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", BRANCH, str(root), str(clone))
    assert deventlet(root, "apply", "--all").returncode == 0
    assert content(clone) == content(root)
    subjects = git(root, "log", "--format=%s", f"master..{BRANCH}").splitlines()
    assert sorted(subjects) == [
        "Replace Eventlet's queues with the standard ones",
        "Replace eventlet.sleep with time.sleep",
    ]


def test_nothing_but_objects_and_the_branch_comes_into_being(
    make: Make, deventlet: Run
) -> None:
    root = make(NASTY)
    before = files(snapshot(root))
    deventlet(root, *COMMIT)
    after = files(snapshot(root))
    assert {path: after[path] for path in before} == before
    new = after.keys() - before.keys()
    assert new
    assert [path for path in new if not OURS.search(path)] == []


def test_a_second_run_makes_the_same_commits(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    deventlet(root, *COMMIT)
    first = git(root, "rev-parse", BRANCH)
    again = deventlet(root, *COMMIT)
    assert git(root, "rev-parse", BRANCH) == first
    assert "is there already" in said(again)
    other = make(name="other")
    git(other, "commit", "-q", "--amend", "-m", "Begin", "--date=2020-01-01T00:00:00Z")
    dated = git(other, "log", "-1", "--format=%cD")
    deventlet(other, *COMMIT)
    assert git(other, "log", "-1", "--format=%cD", BRANCH) == dated
    assert git(other, "log", "-1", "--format=%aD", BRANCH) == dated


def test_uncommitted_work_stays_out_and_stays(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make(TWO)
    (root / "proj/worker.py").write_text("import eventlet\n\n\ndef work(:\n")
    (root / "proj/more.py").unlink()
    (root / "proj/new.py").write_text("import eventlet\neventlet.sleep(3)\n")
    git(root, "add", "proj/new.py")
    before = files(snapshot(root))
    done = deventlet(root, *ALL)
    assert done.returncode == 0, said(done)
    assert "Python files with uncommitted changes: 3" in said(done)
    assert {p: s for p, s in files(snapshot(root)).items() if p in before} == before
    changed = git(root, "diff", "--name-only", "master", BRANCH).split()
    assert changed == ["proj/more.py", "proj/worker.py"]


def test_hooks_signatures_and_the_users_dates_are_not_involved(
    make: Make, deventlet: Run, git: GitIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make()
    git(root, "config", "commit.gpgSign", "true")
    git(root, "config", "gpg.program", "/bin/false")
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    assert deventlet(root, *COMMIT).returncode == 0
    assert "2001" not in git(root, "log", "-1", "--format=%cD", BRANCH)


def test_after_a_rebase_the_change_ids_are_the_same(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make(TWO)
    deventlet(root, *ALL)
    before = ids(git, root)
    (root / "README").write_text("unrelated\n")
    git(root, "add", "README")
    git(root, "commit", "-q", "-m", "Unrelated")
    done = deventlet(root, *ALL)
    assert ids(git, root) == before
    assert git(root, "rev-parse", f"{BRANCH}~2") == git(root, "rev-parse", "master")
    assert "which was at" in said(done)


def test_a_branch_of_somebody_elses_is_refused(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    git(root, "checkout", "-q", "-b", BRANCH)
    git(root, "commit", "-q", "--allow-empty", "-m", "My own")
    git(root, "checkout", "-q", "master")
    before = git(root, "rev-parse", BRANCH)
    done = deventlet(root, *COMMIT)
    assert done.returncode == 2
    assert "My own" in said(done)
    assert "was not made by deventlet" in said(done)
    assert git(root, "rev-parse", BRANCH) == before
    assert deventlet(root, *COMMIT, "--branch", "other").returncode == 0
    assert git(root, "rev-parse", "other~1") == git(root, "rev-parse", "master")


def test_a_commit_that_was_amended_is_not_thrown_away(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    deventlet(root, *COMMIT)
    git(root, "checkout", "-q", BRANCH)
    (root / "proj/worker.py").write_text("import time\n")
    later = {**os.environ, "GIT_COMMITTER_DATE": "2099-01-01T00:00:00Z"}
    command = ("git", "commit", "-q", "-a", "--amend", "--no-edit")
    subprocess.run(command, cwd=root, check=True, env=later)
    git(root, "checkout", "-q", "master")
    done = deventlet(root, *COMMIT)
    assert done.returncode == 2
    assert "was changed since" in said(done)


def test_a_branch_that_is_checked_out_is_refused(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make()
    git(root, "worktree", "add", "-q", "-b", BRANCH, str(tmp_path / "side"))
    done = deventlet(root, *COMMIT)
    assert done.returncode == 2
    assert f"is checked out in {tmp_path}/side" in said(done)


def test_a_merge_in_progress_is_refused(make: Make, deventlet: Run, git: GitIn) -> None:
    root = make()
    (root / ".git/MERGE_HEAD").write_text(git(root, "rev-parse", "HEAD"))
    done = deventlet(root, *COMMIT)
    assert done.returncode == 2
    assert "finish the merge first" in said(done)
    assert git(root, "branch", "--list", BRANCH) == ""


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--dry-run",), "give --dry-run or --commit, not both"),
        (("--allow-dirty",), "--allow-dirty cannot be given"),
        (("--branch", "a..b"), "cannot be the name of a branch"),
        (("--branch", "-x"), "cannot be the name of a branch"),
        (("--bug", "1\n2"), "is not one word"),
    ],
)
def test_wrong_use_is_named(
    make: Make, deventlet: Run, args: tuple[str, ...], words: str
) -> None:
    root = make()
    before = snapshot(root)
    done = deventlet(root, *COMMIT, *args)
    assert done.returncode == 2
    assert words in said(done)
    assert snapshot(root) == before


def test_a_branch_without_commits_is_wrong_use(make: Make, deventlet: Run) -> None:
    done = deventlet(make(), "apply", "--all", "--branch", "x")
    assert done.returncode == 2
    assert "give both" in said(done)


def test_where_nothing_changes_no_branch_is_made(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    done = deventlet(root, "apply", "--codemod", "queue", "--commit")
    assert done.returncode == 0
    assert "nothing to commit" in said(done)
    assert git(root, "branch", "--list", BRANCH) == ""


def test_the_footers_are_those_that_openstack_reads(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make(TWO)
    asked = ("--bug", "2087", "--blueprint", "no-eventlet", "--depends-on", "I123")
    deventlet(root, *ALL, *asked, "--signoff")
    messages = [git(root, "log", "-1", "--format=%B", f"{BRANCH}~{n}") for n in (1, 0)]
    trailers = [
        subprocess.run(
            ("git", "interpret-trailers", "--parse"),
            input=message.encode(),
            capture_output=True,
            check=True,
        ).stdout.decode()
        for message in messages
    ]
    for parsed, message in zip(trailers, messages, strict=True):
        names = [line.partition(":")[0] for line in parsed.splitlines()]
        wanted = ["Partial-Bug", "Partially-Implements", "Change-Id", "Signed-off-by"]
        assert [name for name in names if name != "Depends-On"] == wanted
        assert message.rstrip().endswith(parsed.rstrip())
    assert "Depends-On: I123\n" in trailers[0]
    assert "Depends-On" not in trailers[1]


def test_patches_can_be_written_beside_the_commits(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make(TWO)
    deventlet(root, *ALL, "--patch-dir", str(tmp_path / "patches"))
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    patches = sorted(map(str, (tmp_path / "patches").glob("*.patch")))
    git(clone, "am", "-q", *patches)
    tree = git(root, "rev-parse", f"{BRANCH}^{{tree}}")
    assert git(clone, "rev-parse", "HEAD^{tree}") == tree


@pytest.fixture
def review(make: Make, git: GitIn, tmp_path: Path) -> Path:
    """A repository with a remote that takes what ``git review`` pushes."""
    root = make(
        {
            ".gitreview": "[gerrit]\nhost=review.example.org\nport=29418\n"
            "project=demo/proj.git\ndefaultbranch=master\n",
            **TWO,
        }
    )
    git(tmp_path, "init", "-q", "--bare", "gerrit.git")
    git(root, "remote", "add", "gerrit", str(tmp_path / "gerrit.git"))
    git(root, "push", "-q", "gerrit", "master")
    # Gerrit gives this hook to who clones; our commits have a Change-Id without it.
    hook = root / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    return root


def test_git_review_pushes_the_series_as_it_is_told_to_be_typed(
    review: Path, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    done = deventlet(review, *ALL, "--topic", "no-more-eventlet")
    typed = [
        line.removeprefix("deventlet:").strip()
        for line in said(done).splitlines()
        if line.startswith("deventlet:   git ")
    ]
    assert typed == [f"git checkout {BRANCH}", "git review -t no-more-eventlet"]
    tip = git(review, "rev-parse", BRANCH)
    git(review, "checkout", "-q", BRANCH)
    # -y, because it asks whether two commits are meant.
    command = (sys.executable, "-m", "git_review.cmd", "-y", *typed[1].split()[2:])
    pushed = subprocess.run(command, cwd=review, capture_output=True, check=False)
    assert pushed.returncode == 0, pushed.stdout.decode() + pushed.stderr.decode()
    refs = git(tmp_path / "gerrit.git", "for-each-ref", "refs/for").split()
    assert refs[0] == tip.strip()
    assert refs[2].startswith("refs/for/master%topic=no-more-eventlet")


# -- a message of the project's own ---------------------------------------------------

SETTINGS = {"deventlet.toml": 'message-template = "dev/message.j2"\n'}
OWN = """\
We leave Eventlet: {{ summary }}, {{ counts.rewritten }} sites of {{ codemod }}.

- an item that goes on for so long that it has to be broken, because a line has an end
diff -r is no patch
{% for reason, n in refused.items() %}
- {{ reason }}: {{ n }}
{% endfor %}
{{ '' if chunk else command }}
Signed-off-by: Somebody Else <else@example.org>
"""


def test_a_message_can_be_the_projects_own(
    make: Make, deventlet: Run, git: GitIn, tmp_path: Path
) -> None:
    root = make({**SETTINGS, "dev/message.j2": OWN})
    done = deventlet(root, *COMMIT, "--patch-dir", str(tmp_path / "patches"))
    assert done.returncode == 0, said(done)
    message = git(root, "log", "-1", "--format=%B", BRANCH)
    joined = " ".join(message.split())
    assert "We leave Eventlet: eventlet.sleep becomes time.sleep" in joined
    assert "1 sites of sleep." in joined
    assert "\n deventlet apply" not in message
    assert "\ndeventlet apply --codemod sleep\n" in message
    assert "\n diff -r is no patch\n" in message
    assert "Made by the codemod sleep of deventlet" in message
    assert max(map(len, message.splitlines())) <= 72
    keys = git(root, "log", "-1", "--format=%(trailers:keyonly)", BRANCH).split()
    assert keys == ["Change-Id"]
    git(root, "am", "-q", *map(str, (tmp_path / "patches").iterdir()))
    assert git(root, "log", "-1", "--format=%B") == message
    git(root, "reset", "-q", "--hard", "HEAD~")
    again = deventlet(root, *COMMIT)  # it knows its commits by what it adds itself
    assert "is there already" in said(again)


def test_a_mistake_in_the_template_is_said_before_anything_is_run(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make({**SETTINGS, "dev/message.j2": "{{ sumary }}"})
    done = deventlet(root, *COMMIT, "--verify", "echo ran > ran; false")
    assert done.returncode == 2
    assert "dev/message.j2: 'sumary' is undefined" in said(done)
    assert "before the series" not in said(done)
    assert git(root, "branch", "--list", BRANCH) == ""


def test_the_index_of_a_killed_run_is_in_nobodys_way(
    make: Make, deventlet: Run, git: GitIn
) -> None:
    root = make()
    for name in ("deventlet-index", "deventlet-index.lock"):
        (root / ".git" / name).write_bytes(b"half of an index")
    done = deventlet(root, "apply", "--codemod", "sleep", "--commit")
    assert done.returncode == 0, done.stderr
    assert not list((root / ".git").glob("deventlet-index*"))
    assert git(root, "diff", "--name-only", "HEAD", "eventlet-removal").split()
