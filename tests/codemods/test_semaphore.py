"""What the page of ``semaphore`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite
from tests.support.worlds import run_programs

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


def test_a_public_name_for_the_class_is_said() -> None:
    found = {}
    for name in ("Gate", "_Gate"):
        text = (
            "import eventlet\n\neventlet.monkey_patch()\n"
            f"{name} = eventlet.Semaphore\ngate = {name}(2)\ngate.acquire()\n"
        )
        case = Case("semaphore", name, 1, (File("example.py", text, text),))
        (verdict,) = (v for v in rewrite(case).outcome.verdicts if v.rewrite)
        assert verdict.rewrite is not None
        found[name] = verdict.rewrite.caveats
    assert found == {"Gate": ("semaphore.exported",), "_Gate": ()}


SHIM = """import eventlet
import eventlet.semaphore

Gate = eventlet.semaphore.Semaphore
Slots = eventlet.semaphore.BoundedSemaphore
eventlet.monkey_patch()
gate, slots, ticks = Gate(0), Slots(1), []


def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)


def leave(entered):
    entered.release()


eventlet.spawn(tick)
eventlet.spawn_after(0.05, leave, gate)
print(gate.acquire(timeout=10), len(ticks) > 2)
with slots:
    print(slots.acquire(timeout=0.05), len(ticks) > 4)
"""


def test_a_class_that_is_named_before_its_process_patches_is_green() -> None:
    """The lock of a semaphore is taken when it is made, not when it is loaded."""
    case = Case("semaphore", "early", 1, (File("main.py", SHIM, SHIM),))
    result = rewrite(case)
    assert b"Gate = threading.Semaphore\n" in result.after["main.py"]
    before = run_programs("bare", {"main": result.before})["main"]
    after = run_programs("bare", {"main": result.after})["main"]
    assert before.stdout == "True True\nFalse True\n"
    assert after.behaviour == before.behaviour, after.stderr
