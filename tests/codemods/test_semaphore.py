"""What the page of ``semaphore`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

ACQUIRE = """import eventlet

gate = eventlet.Semaphore(3)


def enter(seconds):
    return gate.acquire({})
"""


@pytest.mark.parametrize(
    ("arguments", "caveats"),
    [
        ("True, seconds", ["semaphore.timeout"]),
        ("timeout=seconds", ["semaphore.timeout"]),
        ("timeout=2.5", []),
        ("timeout=None", []),
        ("blocking=False", []),
    ],
)
def test_caveat_is_given_where_a_timeout_may_be_negative(
    arguments: str, caveats: list[str]
) -> None:
    text = ACQUIRE.format(arguments)
    case = Case("semaphore", "timeout", 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats
