"""What a mock of a native function would count once Eventlet's call becomes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.reach.leading import Leading, Place, uses
from deventlet.resolve.project import Project
from tests.pages import Case, File
from tests.support.tool import rewrite

PATCH = "import eventlet\n\neventlet.monkey_patch()\n"
BOTH = "import time\n\nimport eventlet\n\n\ndef work():\n    time.sleep(1)\n"
BOTH += "    eventlet.sleep(2)\n"
GREEN = "import eventlet\n\n\ndef work():\n    eventlet.sleep(2)\n"
HELPER = "from proj import worker\n\n\ndef go():\n    worker.work()\n"
NATIVE = "import time\n\nfrom proj import worker\n\n\ndef go():\n    time.sleep(1)\n"
NATIVE += "    worker.work()\n"
ASIDE = (
    "import time\n\nfrom proj import worker\n\n\ndef rest():\n    time.sleep(1)\n\n\n"
)
ASIDE += "def go():\n    rest()\n    worker.work()\n"
HEAD = "import time\nfrom unittest import mock\n\nimport eventlet\n\n"
HELPED = f"{HEAD}from proj import helper\n\n\n"


def worker(files: dict[str, str], codemod: str = "sleep") -> str:
    """What becomes of the file with the green call."""
    texts = {"proj/__init__.py": PATCH, "proj/tests/__init__.py": "", **files}
    config = 'assume = ["process-patched"]'
    found = tuple(File(path, text, text) for path, text in texts.items())
    case = Case(codemod, "a case", 1, found, config=config)
    return rewrite(case).after["proj/worker.py"].decode()


def helped(green: str, helper: str, test: str, head: str = HELPED) -> str:
    return worker(
        {
            "proj/worker.py": green,
            "proj/helper.py": helper,
            "proj/tests/test_a.py": head + test,
        }
    )


MOCKED = "@mock.patch('time.sleep')\ndef test(m):\n    helper.go()\n"
GREENLY = MOCKED.replace("time.", "eventlet.")
ASKED = "    m.assert_called_once_with(1)\n"
SETUP = (
    "class T:\n    def setUp(self):\n        self.m = mock.patch('time.sleep').start()"
)
SETUP += "\n\n    def test(self):\n        helper.go()\n"
SETUP += "        self.m.assert_called_once_with(1)\n"
BY_HAND = (
    "def test():\n    calls = []\n    time.sleep = calls.append\n    helper.go()\n"
)
BY_HAND += "    assert calls == [1]\n"
NAMED = "def test(monkeypatch):\n    calls = []\n"
NAMED += "    monkeypatch.setattr(time, 'sleep', calls.append)\n    helper.go()\n"
NAMED += "    assert calls == [1]\n"


@pytest.mark.parametrize(
    ("green", "helper", "test"),
    [
        (BOTH, HELPER, MOCKED + ASKED),
        (GREEN, NATIVE, MOCKED + ASKED),
        (GREEN, NATIVE, "@mock.patch.object(helper.time, 'sleep')\ndef test(m):\n"
         f"    helper.go()\n{ASKED}"),
        (BOTH, HELPER, "def test():\n    with mock.patch('time.sleep') as m:\n"
         f"        helper.go()\n{ASKED}"),
        (GREEN, NATIVE, SETUP),
        (GREEN, ASIDE, SETUP),
        (BOTH, HELPER, "@mock.patch.multiple('time', sleep=mock.DEFAULT)\n"
         "def test(sleep):\n    helper.go()\n    sleep.assert_called_once_with(1)\n"),
        (BOTH, HELPER, "@mock.patch.multiple(time, time=int, sleep=mock.DEFAULT)\n"
         "def test(sleep):\n    helper.go()\n    sleep.assert_called_once_with(1)\n"),
        (BOTH, HELPER, BY_HAND),
        (BOTH, HELPER, NAMED),
        (BOTH, HELPER, "def run():\n    helper.go()\n\n\n@mock.patch('time.sleep')\n"
         f"def test(m):\n    run()\n{ASKED}"),
        (GREEN, ASIDE, GREENLY + "    m.assert_called_once_with(2)\n"),
        (GREEN, ASIDE, SETUP.replace("time.sleep", "eventlet.sleep")),
    ],
)  # fmt: skip
def test_a_call_stays_that_an_asked_mock_would_count(
    green: str, helper: str, test: str
) -> None:
    assert helped(green, helper, test) == green


@pytest.mark.parametrize(
    ("green", "helper", "test"),
    [
        (BOTH, HELPER, MOCKED),
        (BOTH, HELPER, "@mock.patch('time.sleep', lambda s: None)\ndef test():\n"
         "    helper.go()\n"),
        (BOTH, HELPER, "def fake(s):\n    pass\n\n\n"
         "@mock.patch('time.sleep', new=fake)\ndef test():\n    helper.go()\n"),
        (BOTH, HELPER + "\n\ndef other():\n    pass\n",
         f"@mock.patch('time.sleep')\ndef test(m):\n    helper.other()\n{ASKED}"),
        (BOTH, HELPER, "class T:\n    @mock.patch('time.sleep')\n"
         "    def setUp(self, m):\n        time.sleep(1)\n    " + ASKED +
         "\n    def test(self):\n        helper.go()\n"),
        (GREEN, ASIDE, GREENLY),
        (GREEN, HELPER + "\n\ndef other():\n    time.sleep(1)\n",
         GREENLY + "    m.assert_called_once_with(2)\n"),
    ],
)  # fmt: skip
def test_a_call_moves_that_no_mock_counts(green: str, helper: str, test: str) -> None:
    assert "eventlet" not in helped(green, helper, test)


@pytest.mark.parametrize(
    ("head", "call", "stays"),
    [
        ("from eventlet.green import socket", "socket.gethostbyname", True),
        ("from eventlet import green", "green.socket.gethostbyname", True),
        ("from eventlet.green import socket as net", "net.gethostbyname", True),
        ("from eventlet.green.socket import gethostbyname", "gethostbyname", False),
        ("from eventlet.green import socket", "socket.gethostbyaddr", False),
    ],
)
def test_a_green_module_stays_of_which_a_native_name_is_mocked(
    head: str, call: str, stays: bool
) -> None:
    green = f"{head}\n\n\ndef work():\n    return {call}('localhost')\n"
    test = "from unittest import mock\n\nfrom proj import worker\n\n\n"
    test += "@mock.patch('socket.gethostbyname', return_value='9.9.9.9')\n"
    test += "def test(m):\n    assert worker.work() == '127.0.0.1'\n"
    files = {"proj/worker.py": green, "proj/tests/test_a.py": test}
    assert (worker(files, "green-imports") == green) is stays


def test_a_base_of_the_tests_may_lead_there() -> None:
    test = "@mock.patch('time.sleep')\ndef test(m):\n    base.helper.go()\n" + ASKED
    files = {
        "proj/worker.py": GREEN,
        "proj/helper.py": NATIVE,
        "proj/tests/base.py": "from proj import helper\n",
        "proj/tests/test_a.py": f"{HEAD}from proj.tests import base\n\n\n{test}",
    }
    assert worker(files) == GREEN


BASE = "from unittest import mock\n\n\nclass Base:\n    def setUp(self):\n"
BASE += "        self.m = mock.patch('time.sleep').start()\n"
FIXTURE = (
    "import pytest\nfrom unittest import mock\n\n\n@pytest.fixture\ndef slept():\n"
)
FIXTURE += "    with mock.patch('time.sleep') as m:\n        yield m\n"


@pytest.mark.parametrize(
    ("name", "text", "test"),
    [
        ("base", BASE, "from proj.tests import base\n\n\nclass T(base.Base):\n"
         "    def test(self):\n        helper.go()\n"
         "        self.m.assert_called_once_with(1)\n"),
        ("conftest", FIXTURE, "def test(slept):\n    helper.go()\n"
         "    slept.assert_called_once_with(1)\n"),
        ("other", "", "SLEEP = 'time.sleep'\n\n\n@mock.patch(SLEEP)\ndef test(m):\n"
         f"    helper.go()\n{ASKED}"),
    ],
)  # fmt: skip
def test_a_mock_may_be_made_elsewhere(name: str, text: str, test: str) -> None:
    files = {
        "proj/worker.py": BOTH,
        "proj/helper.py": HELPER,
        f"proj/tests/{name}.py": text,
        "proj/tests/test_a.py": HELPED + test,
    }
    assert worker(files) == BOTH


@pytest.mark.parametrize(
    ("asked", "stays"),
    [
        ("    assert m.mock_calls == [mock.call.time()]\n", True),
        ("    m.sleep.assert_not_called()\n", True),
        ("    m.time.assert_called_once_with()\n", False),
    ],
)
def test_a_mock_of_the_module_under_the_files_own_name_counts(
    asked: str, stays: bool
) -> None:
    green = "import time\n\nimport eventlet\n\n\ndef work():\n    eventlet.sleep(0)\n"
    green += "    return time.time()\n"
    test = f"@mock.patch('proj.worker.time')\ndef test(m):\n    worker.work()\n{asked}"
    head = f"{HEAD}from proj import worker\n\n\n"
    assert ("eventlet" in helped(green, HELPER, test, head)) is stays


METHOD = "import eventlet\n\n\nclass Worker:\n    def run(self):\n"
METHOD += "        eventlet.sleep(2)\n"
NATIVELY = "import time\n\n\nclass Waiter:\n    def run(self):\n        time.sleep(1)\n"
MAKER = "from proj import waiter, worker\n\n\ndef make_worker():\n"
MAKER += "    return worker.Worker()\n\n\ndef make_waiter():\n"
MAKER += "    return waiter.Waiter()\n"
USER = (
    "\n\nclass Owner:\n    def __init__(self, worker):\n        self.worker = worker\n"
)
USER += "\n    def start(self):\n        self.worker.run()\n"
RUN = "def test():\n    it = {}()\n    with mock.patch('time.sleep') as m:\n"
RUN += "        it.{}()\n    m.assert_not_called()\n"
MAKES = "helper.make_worker"
IN_SETUP = "class T:\n    def setUp(self):\n        self.it = helper.make_worker()\n\n"
IN_SETUP += (
    "    @mock.patch('time.sleep')\n    def test(self, m):\n        self.it.run()\n"
)
IN_SETUP += "        m.assert_not_called()\n"


@pytest.mark.parametrize(
    ("test", "stays"),
    [
        (RUN.format(MAKES, "run"), True),
        (IN_SETUP, True),
        (RUN.format("owner_of_worker", "start")
         + f"\n\ndef owner_of_worker():\n    return helper.Owner({MAKES}())\n", True),
        (RUN.format("lambda: getattr(helper, 'make_' + 'worker')() or "
                    f"{MAKES}", "run"), True),
        (RUN.format("helper.make_waiter", "run"), False),
        (RUN.format(MAKES, "stop"), False),
    ],
)  # fmt: skip
def test_a_method_of_a_common_name_is_called_on_what_others_make(
    test: str, stays: bool
) -> None:
    files = {
        "proj/worker.py": METHOD,
        "proj/waiter.py": NATIVELY,
        "proj/helper.py": MAKER + USER,
        "proj/tests/test_a.py": HELPED + test,
    }
    assert (worker(files) == METHOD) is stays


@pytest.mark.parametrize("maker", ["make_waiter", "make_worker"])
def test_a_mock_stays_that_would_meet_a_method_of_what_others_make(maker: str) -> None:
    test = f"@mock.patch('eventlet.sleep')\ndef test(m):\n    it = helper.{maker}()\n"
    test += "    worker.work()\n    it.run()\n    m.assert_called_once_with(2)\n"
    files = {
        "proj/worker.py": GREEN + "\n\nclass Worker:\n    def run(self):\n"
        "        pass\n",
        "proj/waiter.py": NATIVELY,
        "proj/helper.py": MAKER,
        "proj/tests/test_a.py": f"{HELPED}from proj import worker\n\n\n{test}",
    }
    assert (worker(files) == files["proj/worker.py"]) is (maker == "make_waiter")


def test_what_starts_nothing_is_missed_where_nothing_is_asked() -> None:
    green = "import threading\n\nimport eventlet\n\n\ndef work(done):\n"
    green += "    threading.Thread(target=print).start()\n"
    green += "    eventlet.spawn_n(done.append, 1)\n"
    test = HEAD + "from proj import worker\n\n\n@mock.patch('threading.Thread')\n"
    test += "def test(m):\n    done = []\n    worker.work(done)\n"
    files = {"proj/worker.py": green, "proj/tests/test_a.py": test}
    assert worker(files, "spawn") == green


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b"work()", 1),
        (b"self.work", 0),
        (b"pool.spawn(self.work)", 1),
        (b"spawn(work, 1)", 1),
        (b"def work(self):", 0),
        (b"# call work() first", 0),
        (b"'work'", 0),
        (b"the work, the time", 0),
        (b"rework()", 0),
    ],
)
def test_a_use_is_code(text: bytes, count: int) -> None:
    assert len(list(uses(text, "work"))) == count


def test_a_common_name_is_only_meant_where_its_module_is_imported(
    tmp_path: Path,
) -> None:
    texts = {
        "a.py": b"def run():\n    pass\n",
        "b.py": b"import a\n\n\ndef one():\n    a.run()\n",
        "c.py": b"def two(a):\n    a.run()\n",
    }
    project = Project(tmp_path, [*texts], texts)
    found = Leading(project).to(Place("a.py", "run"))
    assert {place.name for place in found} == {"run", "one"}


EVENT = "from eventlet import event\n\n\nclass Worker:\n    def __init__(self):\n"
EVENT += "        self.done = event.Event()\n\n    def finish(self):\n"
EVENT += "        self.done.send()\n\n    def stay(self):\n        self.done.wait()\n"
SPAWN = "import eventlet\n\n\ndef work():\n    eventlet.spawn_n(print, 1)\n"
AFTER = SPAWN.replace("spawn_n(", "spawn_after(1, ")
STAY = "def test():\n    it = worker.Worker()\n    with {}:\n        it.stay()\n"
START = "@{}\ndef test(m):\n    worker.work()\n"
EVENTS = "class T:\n    def setUp(self):\n        {}.start()\n\n    def test(self):\n"
EVENTS += "        worker.Worker().stay()\n"
OF_EVENT = "mock.patch.object(threading.Event, 'wait')"


@pytest.mark.parametrize(
    ("codemod", "green", "test", "stays"),
    [
        ("event", EVENT, STAY.format(OF_EVENT), True),
        ("event", EVENT, STAY.format("mock.patch('threading.Event.wait')"), True),
        ("event", EVENT, STAY.format("mock.patch.object(Event, 'wait')"), True),
        ("event", EVENT, EVENTS.format(OF_EVENT), True),
        ("event", EVENT, STAY.format("mock.patch.object(objects.Event, 'wait')"),
         False),
        ("event", EVENT, "def test():\n    with mock.patch('threading.Event.wait'):\n"
         "        pass\n", False),
        ("spawn", SPAWN, START.format("mock.patch('threading.Thread.start')"), True),
        ("spawn", SPAWN, START.format("mock.patch.object(Thread, 'start')"), False),
        ("spawn", AFTER, START.format("mock.patch('threading.Thread.start')"), True),
        ("spawn", SPAWN, START.format("mock.patch('threading.Timer.start')"), False),
    ],
)  # fmt: skip
def test_an_object_stays_of_whose_native_class_a_method_is_mocked(
    codemod: str, green: str, test: str, stays: bool
) -> None:
    head = (
        "import threading\nfrom threading import Event\nfrom unittest import mock\n\n"
    )
    head += "from proj import objects, worker\nfrom proj.objects import Thread\n\n\n"
    files = {
        "proj/worker.py": green,
        "proj/objects.py": "class Event:\n    pass\n\n\nclass Thread:\n    pass\n",
        "proj/tests/test_a.py": head + test,
    }
    assert (worker(files, codemod) == green) is stays


def test_an_object_is_made_by_whoever_names_its_class(tmp_path: Path) -> None:
    texts = {
        "a.py": b"class A:\n    def run(self):\n        pass\n",
        "b.py": b"import a\n\n\ndef make():\n    return a.A()\n",
        "base.py": b"import b\n\n\nclass T:\n    def setUp(self):\n        b.make()\n",
        "test_b.py": b"import b\n\nb.make().run()\n",
        "test_c.py": b"import b\n\nrun()\n",
        "test_d.py": b"import base\n\n\nclass D(base.T):\n    pass\n",
    }
    leading = Leading(Project(tmp_path, [*texts], texts))
    made = [each for each in texts if leading.is_made(Place("a.py", "run"), each)]
    assert made == ["b.py", "base.py", "test_b.py", "test_d.py"]


def test_nothing_has_the_name_of_what_a_module_runs_itself() -> None:
    assert not list(uses(b"work(1)\n", ""))
