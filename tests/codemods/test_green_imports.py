"""What the page of ``green-imports`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

MAYBE = ["green-imports.negative"]


@pytest.mark.parametrize(
    ("use", "caveats"),
    [
        ("time.sleep(1)", []),
        ("time.sleep(0.5)", []),
        ("time.sleep(seconds)", MAYBE),
        ("time.sleep(min(1, seconds))", MAYBE),
        ("time.time()", []),
    ],
)
def test_caveat_is_given_for_a_time_that_may_be_negative(
    use: str, caveats: list[str]
) -> None:
    text = f"""import eventlet

eventlet.monkey_patch()
from eventlet.green import time


def rest(seconds):
    {use}
"""
    case = Case("green-imports", use, 1, (File("example.py", text, text),))
    found = rewrite(case).outcome.verdicts
    (verdict,) = (v for v in found if v.subject.api == "eventlet.green.time")
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats
