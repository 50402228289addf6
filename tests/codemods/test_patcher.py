from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import Rewritten, rewrite


def rewritten(text: str) -> Rewritten:
    return rewrite(Case("patcher", "a case", 1, (File("example.py", text, text),)))


def after(text: str) -> str:
    return rewritten(text).after["example.py"].decode()


DEAD = """
from eventlet import patcher


def wait(event):
    if patcher.is_monkey_patched('thread'):  # noqa: X100
        # Green threads wait here.
        patcher.original('threading').Thread(target=event.wait).start()
        return
    else:
        # Nothing else does.
        event.wait(patcher.original('time').monotonic())
"""
LEFT = """import time


def wait(event):
    # Nothing else does.
    event.wait(time.monotonic())
"""


def test_comments_and_modules_of_the_dead_branch_go_with_it() -> None:
    assert after(DEAD).lstrip() == LEFT


KEPT = """
from eventlet import patcher

if True:
    threading = patcher.original('threading')  # never green

LOCK = threading.Lock()
"""
NAMED = """
from eventlet import patcher

threading = patcher.original('threading')  # never green

LOCK = threading.Lock()
"""


def test_comment_stays_with_an_import_in_a_block() -> None:
    assert "    import threading  # never green\n" in after(KEPT)


def test_comment_that_would_go_keeps_the_statement() -> None:
    found = rewritten(NAMED)
    assert {v.reason for v in found.outcome.verdicts} == {"comment.inside"}


ORDER = """
import sys

import eventlet

{first}
{name} = eventlet.import_patched('{name}')
"""


@pytest.mark.parametrize(
    ("first", "name", "goes"),
    [
        ("sys.modules['gssapi'] = None", "paramiko", False),
        ("sys.path.append('lib')", "paramiko", False),
        ("sys.path.append('lib')", "socket", True),
        ("LIMIT = 3", "paramiko", True),
    ],
)
def test_module_of_others_stays_below_what_it_may_look_at(
    first: str, name: str, goes: bool
) -> None:
    text = ORDER.format(first=first, name=name)
    assert ("eventlet" not in after(text)) is goes


@pytest.mark.parametrize("head", ["", "# Licence.\n\n", '"""What it is."""\n\n'])
def test_nothing_is_left_of_a_file_but_its_head(head: str) -> None:
    question = "if eventlet.patcher.is_monkey_patched('os'):\n    print()\n"
    left = after(f"{head}import eventlet\n\n{question}")
    assert left == head.removesuffix("\n")


NOWHERE = """
import eventlet

{before} eventlet.patcher.is_monkey_patched('thread'){after}
    print("green")
"""


@pytest.mark.parametrize(
    ("before", "behind", "folds"),
    [
        ("if", ":", True),
        ("if (", "):", True),
        ("if False and", ":", True),
        ("if eventlet and", ":", True),
        ("if print() and", ":", False),
        ("if eventlet or", ":", False),
        ("if not eventlet or", ":", False),
        ("if not not", ":", True),
        ("if", " and print():", True),
        ("if", " or print():", False),
        ("if", " and print() or eventlet:", False),
        ("if eventlet and", " and print():", True),
        ("if", " == 1:", False),
        ("while", ":", False),
    ],
)
def test_folds_only_where_the_answer_decides(
    before: str, behind: str, folds: bool
) -> None:
    text = NOWHERE.format(before=before, after=behind)
    assert ("green" not in after(text)) is folds
