"""State that several threads change in more than one step, and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet import hazards
from tests.deventlet.hazards.found import hazards_in, threads_in, told

CODE = "hazard.atomicity"
SERVICE = """\
import threading

import eventlet

TOTAL = 0
SEEN = {{}}
NAMES = []
LOCAL = threading.local()


class Worker:
    count = 0

    def __init__(self):
        self.count = 0
        self.done = {{}}
        self.items = []
        self.client = None
        self.stopped = False
        self._lock = threading.Lock()
        self.guard = threading.Lock()

    def start(self, pool, items):
        for item in items:
            {start}

    def other(self):
        eventlet.sleep(0)
        self.items.append(1)

    def work(self, item):
{body}
"""


def service(body: str, start: str = "eventlet.spawn_n(self.work, item)") -> str:
    """A class whose method is started for each of some items."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    return SERVICE.format(start=start, body=indented)


STEPS = {
    "augmented": "self.count += 1",
    "read and written": "self.count = self.count + 1",
    "item of a key that is not its own": "self.done['all'] += 1",
    "item read with get": "self.done['n'] = self.done.get('n', 0) + 1",
    "list made longer": "self.items = self.items + [item]",
    "attribute of the class": "Worker.count += 1",
    "global": "global TOTAL\nTOTAL += 1",
    "item of a global": "SEEN['n'] += 1",
    "lazy": "if self.client is None:\n    self.client = object()",
    "lazy with return": "if self.client:\n    return\nself.client = object()",
    "check of a key": "k = len(item)\nif k not in self.done:\n    self.done[k] = [k]",
    "pop after a test": "if self.items:\n    self.items.pop()",
    "pop in a loop": "while NAMES:\n    NAMES.pop()",
    "deleted after a look": "if 'a' in SEEN:\n    del SEEN['a']",
    "flag and more": "if not self.stopped:\n    self.stopped = True\n    print(item)",
    "under a file": "with open(item):\n    self.count += 1",
}


@pytest.mark.parametrize("body", STEPS.values(), ids=STEPS)
def test_what_takes_more_than_one_step_is_a_hazard(tmp_path: Path, body: str) -> None:
    assert [code for code, _ in told(tmp_path, service(body))] == [CODE]


SAFE = {
    "local": "count = 0\ncount += 1",
    "local container": "done = {}\nif item not in done:\n    done[item] = 1",
    "parameter": "item.count += 1",
    "one store": "self.count = 1",
    "one append": "self.items.append(item)",
    "one item": "self.done[item] = 1",
    "setdefault": "self.done.setdefault(item, 1)",
    "pop with a default": "if 'a' in self.done:\n    self.done.pop('a', None)",
    "its own item": "self.done[item] += 1",
    "its own item after a look": "if item in self.items:\n    self.items.remove(item)",
    "of one thread": "LOCAL.count += 1",
    "flag": "if not self.stopped:\n    self.stopped = True",
    "read only": "if self.count > 3:\n    print(self.count)",
    "lock": "with self._lock:\n    self.count += 1",
    "lock by what it is": "with self.guard:\n    self.count += 1",
    "lock around a look": (
        "with self._lock:\n    if self.client is None:\n        self.client = 1"
    ),
    "locked after a look": (
        "if self.client is None:\n    with self._lock:\n        self.client = 1"
    ),
    "taken by hand": "self._lock.acquire()\nself.count += 1\nself._lock.release()",
}


@pytest.mark.parametrize("body", SAFE.values(), ids=SAFE)
def test_what_is_one_step_own_or_locked_is_none(tmp_path: Path, body: str) -> None:
    assert told(tmp_path, service(body)) == []


MANY = {
    "pool": "pool.spawn_n(self.work, item)",
    "submit": "pool.submit(self.work, item)",
    "lambda": "eventlet.spawn(lambda: self.work(item))",
    "native": "threading.Thread(target=self.work, args=(item,)).start()",
    "never-ending": "while True:\n                eventlet.spawn(self.work, item)",
}


@pytest.mark.parametrize("start", MANY.values(), ids=MANY)
def test_more_than_one_thread(tmp_path: Path, start: str) -> None:
    found = told(tmp_path, service("self.count += 1", start))
    assert CODE in [code for code, _ in found]


ONE = {
    "waited for": "eventlet.spawn(self.work, item).wait()",
    "waited for by name": "t = eventlet.spawn(self.work, item); t.wait()",
    "in a thread of the pool": "eventlet.tpool.execute(self.work, item)",
    "object of each round": "eventlet.spawn(item.work, item)",
    "new object": "eventlet.spawn(Worker().work, item)",
    "leaves": "eventlet.spawn(self.work, item); break",
}


@pytest.mark.parametrize("start", ONE.values(), ids=ONE)
def test_one_at_a_time_or_each_its_own_object(tmp_path: Path, start: str) -> None:
    assert told(tmp_path, service("self.count += 1", start)) == []


def test_a_pool_of_one_runs_one_at_a_time(tmp_path: Path) -> None:
    text = """
        import eventlet

        N = 0

        def run(items):
            pool = eventlet.GreenPool({size})
            for item in items:
                pool.spawn_n(work, item)

        def work(item):
            global N
            N += 1
        """
    assert told(tmp_path, text.format(size=1)) == []
    assert [c for c, _ in told(tmp_path, text.format(size=2))] == [CODE]


TWO = """
    import eventlet

    class Agent:
        def start(self):
            eventlet.spawn(self.poll)
            {second}

        def poll(self):
            self.round += 1

        def report(self):
            {change}
    """


@pytest.mark.parametrize(
    ("second", "change", "expected"),
    [
        ("eventlet.spawn(self.report)", "self.round = 0", [(CODE, 10)]),
        ("eventlet.spawn(self.report)", "self.other = 0", []),
        ("self.report()", "self.round = 0", []),
        ("pass", "self.round = 0", []),
        ("eventlet.spawn(self.poll)", "pass", [(CODE, 10)]),
    ],
    ids=["both", "other state", "not started", "alone", "the same twice"],
)
def test_another_thread_that_changes_it(
    tmp_path: Path, second: str, change: str, expected: list[tuple[str, int]]
) -> None:
    text = TWO.format(second=second, change=change)
    assert told(tmp_path, text) == expected


def test_either_of_two_starts_is_one(tmp_path: Path) -> None:
    text = """
        import eventlet

        class Agent:
            def start(self, late):
                if late:
                    eventlet.spawn_after(1, self.poll)
                else:
                    eventlet.spawn(self.poll)

            def poll(self):
                self.round += 1
        """
    assert told(tmp_path, text) == []


def test_one_that_starts_itself_again_is_one(tmp_path: Path) -> None:
    text = """
        import eventlet

        class Agent:
            def start(self):
                eventlet.spawn(self.poll)

            def poll(self):
                self.round += 1
                eventlet.spawn_after(1, self.poll)
        """
    assert told(tmp_path, text) == []


def test_a_helper_runs_in_the_thread_of_its_caller(tmp_path: Path) -> None:
    text = service("self._note()\n\ndef _note(self):\n    self.count += 1")
    text = text.replace("        def _note", "    def _note")
    text = text.replace("            self.count += 1", "        self.count += 1")
    (found,) = hazards_in(tmp_path, text)
    assert "Worker.count" in found.message


@pytest.mark.parametrize(
    "helper", ["@lockutils.synchronized('x')\n", "@serialized_by_lock\n"]
)
def test_a_decorated_function_is_locked(tmp_path: Path, helper: str) -> None:
    text = f"""
import eventlet
from oslo_concurrency import lockutils

N = 0

{helper}def work(item):
    global N
    N += 1

def run(pool, items):
    for item in items:
        pool.spawn(work, item)

eventlet.sleep(0)
"""
    assert told(tmp_path, text) == []
    assert told(tmp_path, text.replace(helper, "")) == [(CODE, 9)]


def test_a_call_under_a_lock_is_locked(tmp_path: Path) -> None:
    text = """
        import eventlet

        class Worker:
            def start(self, items):
                for item in items:
                    eventlet.spawn(self.work, item)

            def work(self, item):
                with self._lock:
                    self._note()

            def _note(self):
                self.count += 1
        """
    assert told(tmp_path, text) == []
    unlocked = text.replace("with self._lock:", "if item:")
    assert [code for code, _ in told(tmp_path, unlocked)] == [CODE]


def test_states_of_one_owner_are_one_hazard_with_all_places(tmp_path: Path) -> None:
    body = "self.count += 1\nself.size += 1\nself.count += 2"
    (found,) = hazards_in(tmp_path, service(body))
    assert found.message == (
        "Worker.count, Worker.size are changed in more than one step by threads that "
        "service.py:25 starts more than once; also at service.py:33, service.py:34"
    )
    assert (found.path, found.line, found.test) == ("service.py", 32, False)
    assert found.causes == ("service.py:25",)


def test_what_a_test_starts_says_nothing_of_the_service(tmp_path: Path) -> None:
    text = "import eventlet\nfrom service import work\n"
    text += "for i in range(3):\n    eventlet.spawn(work)\n"
    service_text = (
        "import eventlet\neventlet.sleep(1)\nN = 0\n"
        "def work():\n    global N\n    N += 1\n"
    )
    files = {"service.py": service_text, "tests/test_work.py": text}
    threads = threads_in(tmp_path, files)
    assert hazards.find(threads, lambda path: path.startswith("tests/")) == ()
    assert [h.code for h in hazards.find(threads, lambda path: False)] == [CODE]
