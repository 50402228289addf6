"""The commit message, judged by git itself."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deventlet.series.message import WIDTH, Counts, compose, escape_body

CHANGE_ID = "I" + "0123456789" * 4
PATH = "nova/tests/functional/api-sample-tests/test_a_long_path_that_must_not_break.py"


def message(**changes: Any) -> str:
    arguments: dict[str, Any] = {
        "subject": "Replace eventlet.sleep with time.sleep",
        "body_paragraphs": ["Every process calls monkey_patch() first."],
        "caveats": {"sleep.negative": (2, "A negative value raises ValueError now.")},
        "assumptions": {},
        "refusals": {"sleep.hub": 1, "process.unpatched": 2},
        "counts": Counts(rewritten=12, assumed=0, refused=3),
        "codemod": "sleep",
        "version": "0.1.0",
        "footers": [
            ("Signed-off-by", "A Dev <dev@example.org>"),
            ("Change-Id", CHANGE_ID),
            ("Closes-Bug", "#1234"),
        ],
    }
    return compose(**(arguments | changes))


def trailers(text: str) -> list[str]:
    done = subprocess.run(
        ("git", "interpret-trailers", "--parse"),
        input=text.encode(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parent,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout.decode().splitlines()


def test_the_whole_message_reads_as_a_reviewer_expects() -> None:
    assert message() == (
        "Replace eventlet.sleep with time.sleep\n"
        "\n"
        "Every process calls monkey_patch() first.\n"
        "\n"
        "Caveats:\n"
        "- sleep.negative (2 sites): A negative value raises ValueError now.\n"
        "\n"
        "12 sites rewritten, 0 rewritten under an assumption, 3 refused\n"
        "(process.unpatched: 2, sleep.hub: 1).\n"
        "\n"
        "Made by the codemod sleep of deventlet 0.1.0; to reproduce:\n"
        "\n"
        "  deventlet apply --codemod sleep\n"
        "\n"
        "Closes-Bug: #1234\n"
        f"Change-Id: {CHANGE_ID}\n"
        "Signed-off-by: A Dev <dev@example.org>\n"
    )


def test_git_parses_exactly_the_given_footers() -> None:
    assert trailers(message()) == [
        "Closes-Bug: #1234",
        f"Change-Id: {CHANGE_ID}",
        "Signed-off-by: A Dev <dev@example.org>",
    ]


def test_other_footers_keep_their_order_before_the_two() -> None:
    given = [("change-id", "I1"), ("Topic", "z"), ("Signed-off-by", "a"), ("Bug", "b")]
    *_, block = message(footers=given).split("\n\n")
    assert block == "Topic: z\nBug: b\nchange-id: I1\nSigned-off-by: a\n"


def test_without_footers_git_finds_none() -> None:
    assert trailers(message(footers=[])) == []


def test_a_body_with_a_divider_does_not_hide_the_footers() -> None:
    text = message(body_paragraphs=["---", "Signed-off-by: nobody"])
    assert [line.partition(":")[0] for line in trailers(text)] == [
        "Closes-Bug",
        "Change-Id",
        "Signed-off-by",
    ]


def test_accepted_assumptions_are_listed_and_part_of_the_command() -> None:
    text = message(
        assumptions={
            "spawn.atomic": (1, "Nothing relies on atomicity."),
            "process-patched": (4, "The process is patched."),
        },
        counts=Counts(rewritten=1, assumed=5, refused=0),
        refusals={},
    )
    assert (
        "Assumptions accepted by the author:\n"
        "- process-patched (4 sites): The process is patched.\n"
        "- spawn.atomic (1 site): Nothing relies on atomicity.\n"
    ) in text
    assert "\n1 site rewritten, 5 rewritten under an assumption, 0 refused.\n" in text
    assert (
        "  deventlet apply --codemod sleep --assume process-patched \\\n"
        "      --assume spawn.atomic\n"
    ) in text


def test_a_long_path_stays_whole_and_other_lines_are_wrapped() -> None:
    text = message(body_paragraphs=[f"Mocked in {PATH} " + "is " * 60])
    lines = text.splitlines()
    assert PATH in lines
    assert all(len(line) <= WIDTH for line in lines if line != PATH)


def test_an_indented_paragraph_is_code_and_is_not_wrapped() -> None:
    code = "    before = 1\n    after  = 2"
    assert f"\n\n{code}\n\n" in message(body_paragraphs=["See:", code])


def test_code_loses_only_the_white_space_that_git_would_drop() -> None:
    code = "\n\n    if x:  \n\n\n\n        y()\n   "
    assert "\n\n    if x:\n\n        y()\n\n" in message(body_paragraphs=[code])


def test_the_same_reasons_in_any_order_give_the_same_text() -> None:
    reasons = {"b.two": (1, "Two."), "a.one": (2, "One.")}
    backwards = dict(reversed(reasons.items()))
    assert message(caveats=reasons) == message(caveats=backwards)


@pytest.mark.parametrize("length", [1, 50, 72])
def test_a_subject_up_to_72_characters_is_taken(length: int) -> None:
    assert message(subject="x" * length).startswith("x" * length + "\n\n")


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "x" * 73,
        "two\nlines",
        "two  spaces",
        " x",
        "x ",
        "[sleep] x",
        "Re: x",
        ": x",
    ],
)
def test_a_subject_that_git_am_would_change_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match=r"git am|single spaces|over 72"):
        message(subject=subject)


@pytest.mark.parametrize(
    "footer",
    [("Closes Bug", "1"), ("", "1"), ("Bug:", "1"), ("Bug", ""), ("Bug", "1\nTwo: 2")],
)
def test_a_footer_that_is_not_one_line_is_refused(footer: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not a footer"):
        message(footers=[footer])


@pytest.mark.parametrize(
    "line",
    ["From me", "---", "--- a/b", "diff -u", "Index: x", "#1234 is fixed"],
)
def test_a_line_that_would_end_the_message_is_indented(line: str) -> None:
    assert escape_body(f"text\n{line}\nmore") == f"text\n {line}\nmore"


def test_only_the_first_line_can_be_taken_for_a_header() -> None:
    assert escape_body("Date: x\nDate: y") == " Date: x\nDate: y"


@given(st.text(alphabet="-# Fromdifx:IndexSubjct\n>[PATCH]"))
def test_escaping_twice_is_escaping_once(body: str) -> None:
    assert escape_body(escape_body(body)) == escape_body(body)


@given(st.lists(st.text(alphabet="ab-:#. \n", min_size=1), max_size=4))
def test_no_body_can_change_the_footers(paragraphs: list[str]) -> None:
    *_, last = message(body_paragraphs=paragraphs).split("\n\n")
    *_, plain = message().split("\n\n")
    assert last == plain
