"""What the page of ``green-imports`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("time.sleep(1)", False),
        ("time.sleep(0.5)", False),
        ("time.sleep(seconds)", True),
        ("time.sleep(min(1, seconds))", True),
        ("time.time()", False),
    ],
)
def test_caveat_is_given_for_a_time_that_may_be_negative(
    use: str, expected: bool
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
    assert list(verdict.rewrite.caveats) == ["green-imports.negative"] * expected
