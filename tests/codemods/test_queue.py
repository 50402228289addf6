"""What the page of ``queue`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite
from tests.support.worlds import run_programs

USE = """import eventlet

WAIT = 5
jobs = eventlet.Queue(3)


def use(seconds, arguments):
    return {}
"""


@pytest.mark.parametrize(
    ("use", "caveats"),
    [
        ("jobs.get(True, seconds)", ["queue.timeout"]),
        ("jobs.put(1, timeout=seconds)", ["queue.timeout"]),
        ("jobs.put(1, True, seconds)", ["queue.timeout"]),
        ("jobs.put(*arguments)", ["queue.timeout"]),
        ("jobs.get", ["queue.timeout"]),
        ("jobs.get(timeout=max(0, seconds))", []),
        ("jobs.get(timeout=WAIT)", []),
        ("jobs.get(timeout=2.5)", []),
        ("jobs.get(timeout=None)", []),
        ("jobs.put(seconds, True)", []),
        ("jobs.put_nowait(*arguments)", []),
        ("jobs.qsize", []),
    ],
)
def test_caveat_is_given_where_a_timeout_may_be_negative(
    use: str, caveats: list[str]
) -> None:
    text = USE.format(use)
    case = Case("queue", "timeout", 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats


@pytest.mark.parametrize(
    "size",
    ["0.0", "'1'", "size", "*size", "-size", "max(size, 0)", "size or 0", "1, 2"],
)
def test_a_size_that_may_be_0_is_refused(size: str) -> None:
    text = f"import eventlet\n\n\ndef f(size):\n    return eventlet.Queue({size})\n"
    case = Case("queue", size, 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.reason in ("queue.size", "queue.rendezvous")


def test_a_max_of_the_projects_own_says_nothing_of_a_size() -> None:
    text = (
        "import eventlet\n\n\ndef max(*sizes):\n    return 0\n\n\n"
        "jobs = eventlet.Queue(max(1, 2))\n"
    )
    case = Case("queue", "max", 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.reason == "queue.size"


@pytest.mark.parametrize(
    ("near", "reason"),
    [
        ("sys.maxsize", "queue.passed"),
        ("window.size", "queue.passed"),
        ("window.resize", "queue.lost"),
        ("window.maxsize", "queue.lost"),
    ],
)
def test_a_queue_that_is_passed_on_stays_near_what_it_lacks(
    near: str, reason: str
) -> None:
    text = (
        "import sys\n\nimport eventlet\nimport other\n\n\ndef f(window):\n"
        f"    other.take(eventlet.Queue())\n    return sys, {near}\n"
    )
    case = Case("queue", near, 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    found = verdict.rewrite.caveats[0] if verdict.rewrite else verdict.reason
    assert found == reason


@pytest.mark.parametrize(
    "made",
    [
        "functools.partial(eventlet.Queue, 0)()",
        "make(eventlet.Queue)",
        "Maker(factory=eventlet.Queue).make()",
    ],
)
def test_a_class_that_may_be_called_for_a_rendezvous_is_refused(made: str) -> None:
    text = (
        "import functools\n\nimport eventlet\n\n\n"
        "def make(kind):\n    return kind(0)\n\n\n"
        "class Maker:\n    def __init__(self, factory):\n"
        "        self.kind = factory\n\n"
        "    def make(self):\n        return self.kind(0)\n\n\n"
        f"jobs = {made}\njobs.put(1)\n"
    )
    case = Case("queue", made, 1, (File("example.py", text, text),))
    verdicts = rewrite(case).outcome.verdicts
    assert verdicts
    assert all(verdict.rewrite is None for verdict in verdicts)


PART = {
    "proj/main.py": "import eventlet\nfrom proj import work\n\n"
    "eventlet.monkey_patch(all=False, socket=True)\n\n\n"
    "def main():\n    eventlet.spawn(work.run).wait()\n\n\n"
    "if __name__ == '__main__':\n    main()\n",
}


@pytest.mark.parametrize(
    ("size", "body", "waits"),
    [
        ("", "q.put(1)", False),
        ("-1", "q.put(1)", False),
        ("2", "q.put(1)", True),
        ("2", "q.put(1, False)", False),
        ("2", "q.put(1, block=False)", False),
        ("2", "q.put(1, timeout=0)", True),
        ("2", "q.put_nowait(1)", False),
        ("", "q.get()", True),
        ("", "q.get(False)", False),
        ("", "q.get(block=False)", False),
        ("", "q.get(block=seen)", True),
        ("", "q.get(True)", True),
        ("", "q.get_nowait()", False),
        ("", "q.join()", True),
        ("", "seen.append(q.get)", True),
        ("", "while not q.empty():\n        q.get()", False),
        ("", "while not q.empty():\n        seen.append(q.get())", False),
        ("", "while not q.empty():\n        seen.append((q.get(), 1))", False),
        ("", "while not q.empty():\n        seen.append(f()), q.get()", True),
        ("", "while not q.empty():\n        f()\n        q.get()", True),
        ("", "while not q.empty():\n        q.get()\n        q.get()", True),
        ("", "while not q.empty() and f():\n        q.get()", True),
        ("", "while q.empty():\n        q.get()", True),
        ("", "while not seen.empty():\n        q.get()", True),
        ("", "while not q.empty():\n        seen.append(lambda: q.get())", True),
        ("", "while not q.empty():\n        seen = [q.get() for f in seen]", True),
        ("", "while not q.empty():\n        if seen:\n            q.get()", True),
        ("", "while not q.empty():\n        f()\n    else:\n        q.get()", True),
    ],
)
def test_only_what_waits_asks_for_patching(size: str, body: str, waits: bool) -> None:
    text = (
        f"from eventlet import queue\n\n\ndef run(seen, f):\n"
        f"    q = queue.Queue({size})\n    {body}\n"
    )
    files = {"proj/work.py": text, **PART}
    parts = tuple(File(path, source, source) for path, source in files.items())
    result = rewrite(Case("queue", "x", 1, parts))
    assert (b"import eventlet" in result.after["proj/work.py"]) is False
    assert (result.after["proj/work.py"] == text.encode()) is waits


SHIM = """import eventlet
import eventlet.queue

Jobs = eventlet.queue.LightQueue
eventlet.monkey_patch()


def main():
    jobs, ticks = Jobs(1), []
    eventlet.spawn(tick, ticks)
    eventlet.spawn_after(0.05, jobs.put, "a")
    print(jobs.get(timeout=10), len(ticks) > 2)
    eventlet.spawn_after(0.05, jobs.get)
    jobs.put("b")
    jobs.put("c", timeout=10)
    print(jobs.get(), jobs.empty())


def tick(ticks):
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)


main()
"""


def test_a_class_that_is_named_before_its_process_patches_is_green() -> None:
    """The locks of a queue are taken when it is made, not when its class is loaded."""
    case = Case("queue", "early", 1, (File("main.py", SHIM, SHIM),))
    result = rewrite(case)
    assert b"Jobs = queue.Queue\n" in result.after["main.py"]
    before = run_programs("bare", {"main": result.before})["main"]
    after = run_programs("bare", {"main": result.after})["main"]
    assert before.stdout == "a True\nc True\n"
    assert after.behaviour == before.behaviour, after.stderr


def test_a_public_name_for_the_class_is_said() -> None:
    texts = {
        name: f"import eventlet\n\neventlet.monkey_patch()\n{name} = eventlet.Queue\n"
        f"jobs = {name}(2)\njobs.put(1)\n"
        for name in ("Jobs", "_Jobs")
    }
    found = {}
    for name, text in texts.items():
        case = Case("queue", name, 1, (File("example.py", text, text),))
        (verdict,) = (v for v in rewrite(case).outcome.verdicts if v.rewrite)
        assert verdict.rewrite is not None
        found[name] = verdict.rewrite.caveats
    assert found == {"Jobs": ("queue.exported",), "_Jobs": ()}


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("self.room = None", ""),
        ("self.room = other.room", ""),
        ("room = other.room\n        self.room = room", ""),
        ("room = None\n        room = other.room\n        self.room = room", ""),
        ("self.room = 1", "queue.lost"),
        ("self.room = other.trash", "queue.lost"),
        ("self.room = default", "queue.lost"),
        ("room = other.trash\n        self.room = room", "queue.lost"),
        ("for room in other.room:\n            self.room = room", "queue.lost"),
        ("self.room, _ = other.room, 1", "queue.lost"),
        ("setattr(self, 'room', other)", "queue.lost"),
    ],
)
def test_a_limit_is_asked_of_what_is_stored_under_the_name(
    stored: str, reason: str
) -> None:
    text = (
        "import eventlet\nimport reporting\n\n\nclass Work:\n"
        "    def __init__(self):\n        self.room = eventlet.Queue(5)\n"
        "        self.trash = eventlet.Queue()\n        reporting.take(self.trash)\n\n"
        f"    def store(self, other, default=None):\n        {stored}\n\n"
        "    def size(self):\n        return self.room.maxsize\n"
    )
    case = Case("queue", stored, 1, (File("example.py", text, text),))
    verdicts = rewrite(case).outcome.verdicts
    trash = next(v for v in verdicts if v.subject.origin.line == 8)
    assert ("" if trash.rewrite else trash.reason) == reason


@pytest.mark.parametrize(
    ("other", "stays"),
    [
        ("import hub\njobs = getattr(hub, name)(0)\n", True),
        ("import hub\njobs = vars(hub)[name](0)\n", True),
        ("import hub\n\n\ndef make(tools=hub):\n    return tools.Queue(0)\n", True),
        ("import hub as tools\nnative = tools\njobs = native.Queue(0)\n", True),
        ("import sys\njobs = sys.modules['hub'].Queue(0)\n", True),
        ("import importlib\njobs = importlib.import_module('hub').Queue(0)\n", True),
        ("import hub\nhub.Queue = list\n", True),
        ("from hub import *\njobs = Queue(0)\n", True),
        ("import hub\nmake = hub.Queue\njobs = make(0)\n", True),
        ("import hub\njobs = make(hub.Queue)\n", True),
        ("import hub\njobs = hub.Queue(5)\njobs.put(1)\n", False),
        ("from hub import Queue as Jobs\njobs = Jobs(5)\njobs.put(1)\n", False),
        ("import hub\nprint(hub.__name__)\n", False),
    ],
)
def test_a_name_that_may_be_reached_in_another_way_stays(
    other: str, stays: bool
) -> None:
    texts = {
        "hub.py": "import eventlet\n\neventlet.monkey_patch()\n"
        "Queue = eventlet.queue.LightQueue\n",
        "main.py": "import hub\n\njobs = hub.Queue(2)\njobs.put(1)\n",
        "other.py": other,
    }
    parts = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("queue", other, 1, parts))
    assert (b"LightQueue" in result.after["hub.py"]) is stays
    assert result.after["main.py"] == texts["main.py"].encode()
