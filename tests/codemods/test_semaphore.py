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


def test_a_semaphore_that_may_be_of_a_subclass_is_refused() -> None:
    text = (
        "from eventlet import semaphore\n\n\nclass Gate(semaphore.Semaphore):\n"
        "    pass\n\n\ndef gate(own):\n"
        "    made = Gate(2) if own else semaphore.Semaphore(2)\n"
        "    made.release(True)\n"
    )
    case = Case("semaphore", "subclass", 1, (File("example.py", text, text),))
    for verdict in rewrite(case).outcome.verdicts:
        assert verdict.reason == "semaphore.class-used"
