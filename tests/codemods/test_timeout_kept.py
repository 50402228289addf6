"""What is said of a Timeout that is kept: what runs under it, and the way out."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PROGRAM = """import eventlet

eventlet.monkey_patch()


def send(jobs, seconds):
    timer = eventlet.Timeout({arguments})
    {body}
"""


def refusals(body: str, arguments: str = "seconds") -> list[tuple[str | None, str]]:
    """The reasons and details of what stays in this code."""
    text = PROGRAM.format(body=body, arguments=arguments)
    result = rewrite(Case("timeout", "timeout", 1, (File("a.py", text, text),)))
    return [(each.reason, each.detail) for each in result.outcome.verdicts]


def detail(body: str, arguments: str = "seconds") -> str:
    """What the only one says."""
    ((reason, said),) = refusals(body, arguments)
    assert reason == "timeout.by-hand"
    return said


TRY = (
    "prepare()\n    try:\n        jobs.first.send(1, make())\n"
    "    except eventlet.Timeout:\n        report()\n"
    "    finally:\n        timer.cancel()\n    after()"
)


def test_what_is_called_until_it_is_cancelled_is_named_with_the_way_out() -> None:
    said = detail(TRY.replace("except eventlet.Timeout", "except OSError"))
    assert said == (
        "a.py:14; until then: prepare, make, jobs.first.send; or"
        " submit a function that calls them to an executor and wait with"
        " result(timeout=seconds)"
    )


@pytest.mark.parametrize(
    ("body", "arguments", "expected"),
    [
        (
            "jobs.get()\n    work()\n    timer.cancel()",
            "5, False",
            "a.py:10; until then: jobs.get (has timeout), work; or"
            " submit(jobs.get, ...) to an executor and wait with result(timeout=5)",
        ),
        (
            "work()\n    timer.cancel()",
            "5",
            "a.py:9; until then: work; or"
            " submit(work, ...) to an executor and wait with result(timeout=5)",
        ),
        ("timer.cancel()", "5", "a.py:8"),
        ("work()\n    timer.cancel()", "*jobs", "a.py:9"),
    ],
)
def test_as_much_is_said_as_is_known(body: str, arguments: str, expected: str) -> None:
    assert detail(body, arguments) == expected


@pytest.mark.parametrize("name", ["", " as late"])
def test_a_handler_does_not_say_what_is_said_of_what_it_catches(name: str) -> None:
    body = TRY.replace("eventlet.Timeout:", f"eventlet.Timeout{name}:")
    (kept, _), caught = refusals(body)
    assert kept == "timeout.by-hand"
    assert caught == ("timeout.class-used", "")
