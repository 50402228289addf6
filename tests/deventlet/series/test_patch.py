"""Diffs and patch files, judged by git itself: what it applies must be ``after``."""

import email
import email.policy
import os
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deventlet import __version__
from deventlet.series.message import Counts, compose
from deventlet.series.patch import (
    FileChange,
    Patch,
    blob_id,
    file_name,
    format_patch,
    line_counts,
    needs_keep_cr,
    unified_diff,
)
from tests.support.pace import paces, seconds_of

ENVIRONMENT = os.environ | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A Dev",
    "GIT_AUTHOR_EMAIL": "dev@example.org",
    "GIT_COMMITTER_NAME": "A Dev",
    "GIT_COMMITTER_EMAIL": "dev@example.org",
    "LC_ALL": "C.UTF-8",
}
DATE = "Tue, 05 Nov 2024 12:30:00 +0100"
SUBJECT = "Replace eventlet.sleep with time.sleep"


def git(root: Path, *args: str, data: bytes = b"") -> bytes:
    done = subprocess.run(
        ("git", *args), cwd=root, env=ENVIRONMENT, input=data, capture_output=True
    )
    assert done.returncode == 0, (args, done.stdout, done.stderr)
    return done.stdout


def patch_of(
    *changes: FileChange,
    subject: str = SUBJECT,
    body: str = "Why.\n\nChange-Id: I1\n",
    name: str = "A Dev",
) -> Patch:
    message = f"{subject}\n\n{body}"
    return Patch("sleep", subject, message, changes, (name, "dev@example.org"), DATE)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "--quiet", "--initial-branch=master")
    return root


def write(root: Path, path: str, data: bytes, mode: str = "100644") -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(int(mode[-3:], 8))


def commit_before(root: Path, *changes: FileChange) -> None:
    for change in changes:
        write(root, change.path, change.before, change.mode)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Base")


def am(root: Path, patch: Patch, number: int = 1, total: int = 1) -> None:
    """Apply a patch as a reader of the series would, and check every file."""
    commit_before(root, *patch.changes)
    keep = ["--keep-cr"] if needs_keep_cr(patch) else []
    git(root, "am", "--quiet", *keep, data=format_patch(patch, number, total))
    for change in patch.changes:
        entry = git(root, "ls-tree", "-z", "HEAD", "--", change.path)
        expected = f"{change.mode} blob {blob_id(change.after)}"
        assert entry.decode("utf-8", "surrogateescape").partition("\t")[0] == expected
        assert git(root, "cat-file", "blob", blob_id(change.after)) == change.after


pieces = st.sampled_from(
    [
        b"\n",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"\f",
        b"\t",
        b"    ",
        b"def f():",
        b"import eventlet",
        b"eventlet.sleep(0)",
        b"caf\xe9",
        "naïve".encode(),
        b"\xef\xbb\xbf",
        b"x" * 5000,
        b"From me",
        b"---",
        b"--- a/f",
        b"diff --git a/f b/f",
        b"-- ",
        b"@@ -1 +1 @@",
        b"\\ No newline at end of file",
        b"\x85\x1c\x0b",
    ]
)
contents = st.lists(pieces, max_size=40).map(b"".join)


@st.composite
def changes(draw: st.DrawFn) -> FileChange:
    """A file and the same file with some stretches of bytes replaced."""
    before = draw(contents)
    after = before
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(after)))
        end = min(len(after), start + draw(st.integers(0, 30)))
        after = after[:start] + draw(contents) + after[end:]
    if not after:
        after = b"something\n"
    mode = draw(st.sampled_from(["100644", "100755"]))
    return FileChange("pkg/module.py", before, after, mode)


@settings(max_examples=150, deadline=None)
@given(change=changes(), context=st.integers(1, 4))
@example(change=FileChange("f.py", b"", b"x"), context=3)
@example(change=FileChange("f.py", b"a\n" * 9 + b"b", b"a\n" * 9 + b"b\n"), context=3)
@example(change=FileChange("f.py", b"a\r", b"a\r\n"), context=3)
def test_git_apply_gives_exactly_the_new_bytes(
    repository: Path, change: FileChange, context: int
) -> None:
    write(repository, change.path, change.before)
    diff = unified_diff(change, context)
    if change.before == change.after:
        assert diff == b""
        return
    git(repository, "apply", "--check", f"-C{context}", data=diff)
    git(repository, "apply", f"-C{context}", data=diff)
    assert (repository / change.path).read_bytes() == change.after
    added, removed = line_counts(diff)
    git(repository, "apply", "--reverse", data=diff)
    assert (repository / change.path).read_bytes() == change.before
    counted = git(repository, "apply", "--numstat", data=diff)
    assert counted.split(b"\t")[:2] == [b"%d" % added, b"%d" % removed]


@settings(max_examples=30, deadline=None)
@given(change=changes().filter(lambda change: change.before != change.after))
def test_git_am_commits_exactly_the_new_bytes(
    repository: Path, change: FileChange
) -> None:
    am(repository, patch_of(change))


@given(st.lists(st.sampled_from(b"abc"), max_size=60).map(bytes))
def test_a_diff_holds_no_line_that_is_the_same_on_both_sides(letters: bytes) -> None:
    """Changing two lines of a file gives two lines each way, however repetitive."""
    lines = [b"%c\n" % letter for letter in letters]
    new = [b"first\n", *lines, b"last\n"]
    old = [b"FIRST\n", *lines, b"LAST\n"]
    diff = unified_diff(FileChange("f", b"".join(old), b"".join(new)))
    assert line_counts(diff) == (2, 2)


def test_the_diff_is_the_one_that_git_prints(repository: Path) -> None:
    before = b"".join(b"line %d\n" % n for n in range(60))
    before = before.replace(b"line 20\n", b"    async def method(self):\n")
    after = before.replace(b"line 3\n", b"").replace(b"line 8\n", b"8\n8.5\n")
    after = after.replace(b"line 40\n", b"40\n") + b"no newline"
    change = FileChange("with space.py", before, after, "100755")
    commit_before(repository, change)
    write(repository, change.path, change.after, change.mode)
    (repository / ".gitattributes").write_bytes(b"*.py diff=python\n")
    printed = git(repository, "diff", "--full-index", "--", change.path)
    (repository / ".gitattributes").unlink()
    assert unified_diff(change) == printed


def test_carriage_returns_and_form_feeds_do_not_end_a_line() -> None:
    change = FileChange("f", b"a\rb\x0cc\r\nd\n", b"a\rb\x0cC\r\nd\n")
    assert unified_diff(change).endswith(
        b"@@ -1,2 +1,2 @@\n-a\rb\x0cc\r\n+a\rb\x0cC\r\n d\n"
    )


def test_a_missing_newline_is_told_on_the_side_that_misses_it() -> None:
    end = b"\n\\ No newline at end of file\n"
    gained = unified_diff(FileChange("f", b"a\nb", b"a\nb\n"))
    assert gained.endswith(b"@@ -1,2 +1,2 @@\n a\n-b" + end + b"+b\n")
    kept = unified_diff(FileChange("f", b"a\nb", b"A\nb"))
    assert kept.endswith(b"@@ -1,2 +1,2 @@\n-a\n+A\n b" + end)


def test_an_empty_file_is_filled_from_its_line_zero() -> None:
    diff = unified_diff(FileChange("f", b"", b"a\n"))
    assert diff.endswith(b"@@ -0,0 +1 @@\n+a\n")


def test_the_heading_is_above_the_hunk_and_never_inside() -> None:
    before = b"class A:\n    x = 0\n    def f(self):\n        1\n        2\n        3\n"
    inside = unified_diff(
        FileChange("f.py", before, before.replace(b"3", b"4"), "100644"), 3
    )
    above = unified_diff(
        FileChange("f.py", before, before.replace(b"3", b"4"), "100644"), 2
    )
    other = unified_diff(FileChange("f.txt", before, before.replace(b"3", b"4")), 2)
    assert b"\n@@ -3,4 +3,4 @@ class A:\n" in inside
    assert b"\n@@ -4,3 +4,3 @@ def f(self):\n" in above
    assert b"\n@@ -4,3 +4,3 @@\n" in other


def test_a_line_is_found_again_however_often_it_occurs() -> None:
    """What difflib calls popular is not junk in a diff."""
    before = b"one\n" + b"x\n" * 80 + b"two\n"
    after = b"three\n" + b"x\n" * 210 + b"four\n"
    assert line_counts(unified_diff(FileChange("f", before, after))) == (132, 2)


def test_a_binary_file_is_refused() -> None:
    with pytest.raises(ValueError, match=r"binary.*f\.bin"):
        unified_diff(FileChange("f.bin", b"\0", b"x"))


def test_changes_far_apart_get_a_hunk_each_and_near_ones_share_it() -> None:
    lines = [b"%d\n" % n for n in range(30)]

    def hunks(first: int, second: int) -> int:
        new = [b"x\n" if n in (first, second) else line for n, line in enumerate(lines)]
        diff = unified_diff(FileChange("f", b"".join(lines), b"".join(new)))
        return diff.count(b"\n@@ ")

    assert hunks(5, 12) == 1
    assert hunks(5, 13) == 2


@pytest.mark.parametrize(
    "path",
    [
        "plain.py",
        "with space/and  two.py",
        "tab\there.py",
        'quote".py',
        "back\\slash.py",
        "new\nline.py",
        "bell\a\b\v\f\r\x01\x7f.py",
        "café.py",
        "caf\udce9.py",
        "-dash b/x.py",
    ],
)
def test_any_path_is_found_by_git(repository: Path, path: str) -> None:
    am(repository, patch_of(FileChange(path, b"a\n", b"b\n")))


@pytest.mark.parametrize(
    "path", ["tab\t.py", 'q".py', "b\\.py", "\a\b\v\f\r\n\x01\x7f"]
)
def test_a_path_is_quoted_as_git_quotes_it(repository: Path, path: str) -> None:
    commit_before(repository, FileChange(path, b"a\n", b""))
    write(repository, path, b"b\n")
    printed = git(repository, "diff", "--full-index", "--", path)
    git(repository, "checkout", "--", path)
    assert unified_diff(FileChange(path, b"a\n", b"b\n")) == printed


def test_keep_cr_is_asked_for_only_where_git_am_would_drop_a_cr() -> None:
    far = b"".join(b"%d\n" % n for n in range(50))
    assert needs_keep_cr(patch_of(FileChange("f", b"a\r\n", b"b\r\n")))
    assert needs_keep_cr(patch_of(FileChange("f", b"a\r", b"b")))
    assert not needs_keep_cr(patch_of(FileChange("f", b"a\rb\n", b"a\rc\n")))
    assert not needs_keep_cr(
        patch_of(FileChange("f", b"a\r\n" + far, b"a\r\n" + far + b"x\n"))
    )


def test_one_patch_changes_several_files_and_their_mode_stays(repository: Path) -> None:
    patch = patch_of(
        FileChange("bin/tool", b"#!python\nold\n", b"#!python\nnew\n", "100755"),
        FileChange("lib/a.py", b"x\r\ny\r\n", b"x\r\nz\r\n"),
        FileChange("lib/b.py", b"# caf\xe9\nold\n", b"# caf\xe9\nnew\n"),
    )
    am(repository, patch)


MESSAGES = {
    "plain": "Why it is right.\n\nChange-Id: I1\nSigned-off-by: A <a@example.org>\n",
    "not ASCII": "Für naïve Lösungen – 日本.\n\nChange-Id: I1\n",
    "footers only": "Change-Id: I1\n",
}


@pytest.mark.parametrize("body", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        "Ersetze eventlet.sleep für müde Prozesse, und zwar überall dort wo es geht",
        "A subject so long, so very long; that no mail program would leave it alone",
        "Literally =?utf-8?q?not_encoded?= here",
        "日本語" * 20,
    ],
)
def test_git_am_gives_the_message_back(
    repository: Path, subject: str, body: str
) -> None:
    patch = patch_of(FileChange("m.py", b"a\n", b"b\n"), subject=subject, body=body)
    am(repository, patch, 3, 12)
    assert git(repository, "log", "-1", "--format=%B").decode() == patch.message + "\n"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(alphabet="a:#- \n\t", max_size=30),
            st.sampled_from(
                [
                    "---",
                    "From: x",
                    "Date: y",
                    "diff -u",
                    "From x",
                    "  code\n\n\n  more ",
                ]
            ),
        ),
        max_size=4,
    )
)
def test_a_composed_message_is_the_same_as_a_patch_and_as_a_commit(
    repository: Path, paragraphs: list[str]
) -> None:
    message = compose(
        SUBJECT,
        paragraphs,
        {"sleep.negative": (1, "A caveat.")},
        {},
        {"sleep.hub": 2},
        Counts(3, 0, 2),
        "sleep",
        __version__,
        [("Change-Id", "I" + "0" * 40)],
    )
    change = FileChange("m.py", b"a\n", b"b\n")
    am(repository, Patch("sleep", SUBJECT, message, (change,), ("A", "a@b.c"), DATE))
    assert git(repository, "log", "-1", "--format=%B").decode() == message + "\n"


@pytest.mark.parametrize("name", ["A Dev", "José Ñandú", 'O"Brien, J. (x)'])
def test_git_am_gives_author_and_date_back(repository: Path, name: str) -> None:
    am(repository, patch_of(FileChange("m.py", b"a\n", b"b\n"), name=name))
    found = git(repository, "log", "-1", "--format=%an <%ae> %aD").decode()
    expected = f"{name} <dev@example.org> {DATE.replace(' 05 ', ' 5 ')}\n"
    assert found == expected


@pytest.mark.parametrize(
    "line",
    [
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001",
        "---",
        "--- a/m.py",
        "diff --git a/x b/x",
        "Index: m.py",
        "Date: yesterday",
        "from: somebody <else@example.org>",
        "Subject: another",
        "[PATCH] another",
        ">From here",
    ],
)
@pytest.mark.parametrize("place", ["{}\ntext", "text\n{}\ntext"])
def test_no_line_of_the_body_ends_the_message(
    repository: Path, line: str, place: str
) -> None:
    body = f"{place.format(line)}\n\nChange-Id: I1\n"
    am(repository, patch_of(FileChange("m.py", b"a\n", b"b\n"), body=body))
    found = git(repository, "log", "-1", "--format=%an%n%B").decode()
    kept = [text.removeprefix(" ") for text in found.splitlines()]
    assert kept == ["A Dev", SUBJECT, "", *body.splitlines(), ""]


def test_the_mail_has_the_parts_of_a_format_patch_mail() -> None:
    change = FileChange("lib/a.py", b"a\nb\n", b"A\nb\nc\n")
    assert format_patch(patch_of(change), 2, 10) == (
        b"From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
        b"From: A Dev <dev@example.org>\n"
        b"Date: Tue, 05 Nov 2024 12:30:00 +0100\n"
        b"Subject: [PATCH 02/10] Replace eventlet.sleep with time.sleep\n"
        b"\n"
        b"Why.\n"
        b"\n"
        b"Change-Id: I1\n"
        b"---\n"
        b" lib/a.py | 3 ++-\n"
        b" 1 file changed, 2 insertions(+), 1 deletion(-)\n"
        b"\n" + unified_diff(change) + b"-- \ndeventlet " + __version__.encode() + b"\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "declared"),
    [(b"a\n", b"b\n", False), (b"caf\xe9\n", b"b\n", True)],
)
def test_mime_headers_are_there_only_where_needed(
    before: bytes, after: bytes, declared: bool
) -> None:
    mail = format_patch(patch_of(FileChange("f", before, after)), 1, 1)
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    assert (parsed["Content-Transfer-Encoding"] == "8bit") is declared
    assert parsed["Subject"] == f"[PATCH] {SUBJECT}"


def test_the_diffstat_stays_within_its_width_and_shows_every_file() -> None:
    many = FileChange("d/" * 60 + "long.py", b"a\n" * 900, b"b\n" * 1000)
    few = FileChange("s.py", b"a\n", b"b\n")
    mail = format_patch(patch_of(many, few), 1, 1).decode()
    first, second, total = mail.split("\n---\n")[1].split("\n\n")[0].splitlines()
    assert first.startswith(" ...")
    assert "long.py | 1900 +" in first
    assert len(first) <= 72
    assert second.split("|")[1].split() == ["2", "+-"]
    assert total == " 2 files changed, 1001 insertions(+), 901 deletions(-)"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (patch_of(FileChange("f", b"a", b"a")), "changes nothing"),
        (patch_of(), "changes nothing"),
        (patch_of(FileChange("f", b"a", b"b"), subject="[x] y"), "git am would drop"),
        (
            Patch(
                "c", "One", "Two\n", (FileChange("f", b"a", b"b"),), ("A", "a@b"), DATE
            ),
            "does not begin with",
        ),
    ],
)
def test_a_patch_that_git_am_would_not_take_is_refused(
    wrong: Patch, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        format_patch(wrong, 1, 1)


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        "Use: futurist's (native) executor... now.",
        "x" * 80,
        "A subject that is long enough that the file name is cut - at its end -- here",
        "Café überall",
        "--- dashes ---",
        "trailing._-",
        "./path/../x",
    ],
)
def test_the_file_name_is_the_one_of_git_format_patch(
    repository: Path, subject: str
) -> None:
    change = FileChange("m.py", b"a\n", b"b\n")
    commit_before(repository, change)
    git(repository, "commit", "--allow-empty", "--quiet", "--message", subject)
    made = git(
        repository,
        "format-patch",
        "--always",
        "-1",
        "--start-number=7",
        "-o",
        ".git/made",
    )
    expected = Path(made.decode().strip()).name
    assert file_name(patch_of(change, subject=subject), 7) == expected


def python_like(length: int, seed: int) -> list[bytes]:
    """Lines such as a large module has: a third of them occur many times."""
    chance = random.Random(seed)
    common = [b"\n", b"        pass\n", b"        return None\n", b"    @mock.patch\n"]
    return [
        chance.choice(common) if chance.random() < 0.34 else b"        call(%d)\n" % n
        for n in range(length)
    ]


LARGE = python_like(28_000, seed=1)
TWO_FAR = [*LARGE[:500], b"new\n", *LARGE[501:12_000], b"newer\n", *LARGE[12_001:]]
MANY = [b"changed\n" if n % 90 == 0 else line for n, line in enumerate(LARGE)]
SAME = [b"x = 1\n"] * len(LARGE)
SAME_TWO_FAR = [*SAME[:500], b"new\n", *SAME[501:12_000], b"newer\n", *SAME[12_001:]]
FEWER = [*SAME[:500], b"new\n", *SAME[600:]]


@pytest.mark.parametrize(
    ("before", "after", "fewest"),
    [
        (LARGE, TWO_FAR, 4),
        (LARGE, MANY, 2 * 312),
        (SAME, FEWER, 1 + 100),
        (LARGE, SAME, 2 * 28_000),
        # The known limit: nothing to hold on to, so one replaced stretch.
        (SAME, SAME_TWO_FAR, 2 * 11_501),
    ],
    ids=[
        "two far apart",
        "many",
        "all lines equal",
        "all lines changed",
        "equal, two far apart",
    ],
)
def test_a_file_of_28000_lines_is_compared_quickly_and_well(
    before: list[bytes], after: list[bytes], fewest: int
) -> None:
    change = FileChange("f.py", b"".join(before), b"".join(after))
    diffs: list[bytes] = []
    taken = seconds_of(lambda: diffs.append(unified_diff(change)))
    # Measured: at most one pace; difflib alone takes thirty for the first.
    assert paces(taken) < 8
    diff = diffs[0]
    assert fewest <= sum(line_counts(diff)) <= fewest * 1.02


def test_a_repetitive_file_gets_a_small_diff() -> None:
    before = [b"x = 1\n"] * 4000
    before[500] = before[3500] = b"eventlet.sleep()\n"
    after = [line.replace(b"eventlet.sleep()", b"time.sleep(0)") for line in before]
    diff = unified_diff(FileChange("f", b"".join(before), b"".join(after)))
    assert line_counts(diff) == (2, 2)
