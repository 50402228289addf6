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


@pytest.mark.parametrize(
    ("made", "body", "caveats"),
    [
        ("Semaphore(2)", "for job in jobs:\n        with gate:\n            job()", 1),
        ("Semaphore()", "while jobs:\n        gate.acquire()", 1),
        ("BoundedSemaphore()", "while jobs:\n        gate.acquire()", 1),
        ("lock.Lock()", "while jobs:\n        gate.acquire()", 0),
        ("Semaphore()", "while jobs:\n        gate.release()", 0),
        ("Semaphore()", "with gate:\n        print(jobs)", 0),
    ],
)
def test_caveat_is_given_where_a_loop_takes_it(
    made: str, body: str, caveats: int
) -> None:
    text = "import eventlet\nfrom eventlet import lock\n\n"
    text += f"gate = {'' if 'lock' in made else 'eventlet.'}{made}\n\n\n"
    text += f"def run(jobs):\n    {body}\n"
    case = Case("semaphore", "order", 1, (File("example.py", text, text),))
    found = [v.rewrite for v in rewrite(case).outcome.verdicts if v.rewrite]
    assert [each.caveats for each in found] == [("semaphore.order",) * caveats]


def test_a_semaphore_that_may_be_of_a_subclass_is_refused() -> None:
    text = (
        "from eventlet import semaphore\n\n\nclass Gate(semaphore.Semaphore):\n"
        "    pass\n\n\ndef gate(own):\n"
        "    made = Gate(2) if own else semaphore.Semaphore(2)\n"
        "    made.release(True)\n"
    )
    case = Case("semaphore", "subclass", 1, (File("example.py", text, text),))
    reasons = {verdict.reason for verdict in rewrite(case).outcome.verdicts}
    assert reasons == {"semaphore.class-used"}


PART = (
    "import eventlet\nfrom proj import work\n\n"
    "eventlet.monkey_patch(all=False, socket=True)\n\n\n"
    "def main():\n    eventlet.spawn(work.run).wait()\n\n\n"
    "if __name__ == '__main__':\n    main()\n"
)


@pytest.mark.parametrize(
    ("made", "body", "waits"),
    [
        ("Semaphore()", "gate.acquire(False)", False),
        ("Semaphore()", "gate.acquire(blocking=False)", False),
        ("lock.Lock()", "gate.acquire(False)", False),
        ("Semaphore()", "gate.release()", False),
        ("lock.Lock()", "return gate.locked()", False),
        ("Semaphore()", "gate.acquire()", True),
        ("Semaphore()", "gate.acquire(jobs)", True),
        ("Semaphore()", "gate.acquire(timeout=0)", True),
        ("Semaphore()", "with gate:\n        print(jobs)", True),
    ],
)
def test_only_what_waits_asks_for_patching(made: str, body: str, waits: bool) -> None:
    text = (
        "import eventlet.lock\n\n\ndef run(jobs):\n"
        f"    gate = eventlet.{made}\n    {body}\n"
    )
    parts = tuple(
        File(f"proj/{name}.py", source, source)
        for name, source in (("work", text), ("main", PART))
    )
    after = rewrite(Case("semaphore", "x", 1, parts)).after["proj/work.py"]
    assert (after == text.encode()) is waits
