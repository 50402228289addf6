"""Mocks in the contract: what they intercept, what is asked of them, what moves.

The codemod is a stand-in that turns events into those of ``threading`` and calls
``send`` by its other name, so that the tests of what it changes have to follow.
"""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from deventlet.codemod import (
    Action,
    Context,
    Decision,
    Keep,
    Page,
    Refuse,
    Replace,
    Retarget,
    Rewrite,
    Site,
    Subject,
)
from deventlet.driver import decide
from deventlet.driver import run as driver
from deventlet.driver.run import Outcome, Request
from deventlet.registry import pages

GATE = (
    "import eventlet\n\n\ndef go(f):\n    done = eventlet.Event()\n    f(1)\n"
    "    done.send()\n"
)
HEAD = (
    "import contextlib\nimport unittest\nfrom unittest import mock\n\nimport ddt\n"
    "import fixtures\n\nfrom proj import gate\n\n\n"
)
FORMS = {
    "decorator": (
        "@mock.patch('eventlet.Event')\ndef test(made):\n"
        "    made.return_value.send.assert_called_once_with()\n"
    ),
    "two decorators": (
        "@mock.patch('proj.other')\n@mock.patch('eventlet.Event')\n"
        "def test(made, other):\n"
        "    other.return_value.reset()\n"
        "    made.return_value.send.assert_called_once_with()\n"
    ),
    "one that injects nothing": (
        "@mock.patch('eventlet.Event')\n@mock.patch('proj.other', 1)\n"
        "def test(made):\n    made.return_value.send.assert_called_once_with()\n"
    ),
    "decorator of a class": (
        "@mock.patch('eventlet.Event')\nclass T(unittest.TestCase):\n"
        "    @mock.patch('proj.other')\n    def test(self, other, made):\n"
        "        other.x()\n"
        "        made.return_value.send.assert_called_once_with()\n"
    ),
    "data of its own": (
        "class T(unittest.TestCase):\n    @ddt.data(1, 2)\n"
        "    @mock.patch('eventlet.Event')\n    def test(self, value, made):\n"
        "        made.return_value.send.assert_called_once_with()\n"
    ),
    "a parameter with a default behind it": (
        "@mock.patch('eventlet.Event')\ndef test(made, wait=1):\n"
        "    made.return_value.send.assert_called_once_with()\n"
    ),
    "a fixture behind it": (
        "@mock.patch('eventlet.Event')\ndef test(made, tmp_path):\n"
        "    made.return_value.send.assert_called_once_with()\n"
    ),
    "parametrized": (
        "@pytest.mark.parametrize('n', [1, 2])\n@mock.patch('eventlet.Event')\n"
        "def test(made, n):\n"
        "    made.return_value.send.assert_called_once_with()\n"
    ),
    "data unpacked by place": (
        "class T(unittest.TestCase):\n    @ddt.data((1, 2), (3, 4))\n"
        "    @ddt.unpack\n    @mock.patch('eventlet.Event')\n"
        "    def test(self, a, b, made, c=None):\n"
        "        made.return_value.send.assert_called_once_with()\n"
    ),
    "data unpacked by name": (
        "class T(unittest.TestCase):\n    @ddt.data({'a': 1}, {'a': 2})\n"
        "    @ddt.unpack\n    @mock.patch('eventlet.Event')\n"
        "    def test(self, made, a):\n"
        "        made.return_value.send.assert_called_once_with()\n"
    ),
    "with": (
        "def test():\n    with mock.patch('eventlet.Event') as made:\n"
        "        done = made.return_value\n        gate.go(print)\n"
        "        done.send.assert_called_once_with()\n"
    ),
    "a stack": (
        "def test():\n    with contextlib.ExitStack() as stack:\n"
        "        made = stack.enter_context(mock.patch('eventlet.Event'))\n"
        "        made().send.assert_called_once_with()\n"
    ),
    "start and stop": (
        "class T(unittest.TestCase):\n    def setUp(self):\n"
        "        patcher = mock.patch.object(gate.eventlet, 'Event')\n"
        "        self.made = patcher.start()\n"
        "        self.addCleanup(patcher.stop)\n\n    def test(self):\n"
        "        self.made.return_value.send.assert_called_once_with()\n"
    ),
    "fixture": (
        "class T(unittest.TestCase):\n    def setUp(self):\n"
        "        self.done = self.useFixture(fixtures.MockPatchObject(\n"
        "            gate.eventlet, 'Event')).mock.return_value\n\n"
        "    def test(self):\n        self.done.send.assert_called_once_with()\n"
    ),
    "helper": (
        "class T(unittest.TestCase):\n    def test(self):\n"
        "        made = self.mock_object(gate.eventlet, 'Event')\n"
        "        made.return_value.send.assert_called_once_with()\n"
    ),
    "a mock of its own": (
        "def test():\n    done = mock.Mock()\n"
        "    with mock.patch('eventlet.Event', return_value=done):\n"
        "        gate.go(print)\n    done.send.assert_called_once_with()\n"
    ),
}
LOST = {
    "passed to something": "def test():\n    check(mock.patch('eventlet.Event'))\n",
    "kept in a table": (
        "def test():\n    found['x'] = mock.patch('eventlet.Event').start()\n"
    ),
    "an attribute of another": (
        "def test(other):\n    with mock.patch('eventlet.Event') as made:\n"
        "        other.made = made\n"
    ),
    "an unknown decorator": (
        "@given\n@mock.patch('eventlet.Event')\ndef test(x, made):\n    made.reset()\n"
    ),
    "any arguments": "@mock.patch('eventlet.Event')\ndef test(*args):\n    pass\n",
    "unpacked data that is not seen": (
        "@ddt.data(*CASES)\n@ddt.unpack\n@mock.patch('eventlet.Event')\n"
        "def test(x, made):\n    made.reset()\n"
    ),
    "data of several sizes": (
        "@ddt.data((1, 2), (1,))\n@ddt.unpack\n@mock.patch('eventlet.Event')\n"
        "def test(x, made, y=1):\n    made.reset()\n"
    ),
    "data of a file": (
        "@ddt.file_data('x.json')\n@mock.patch('eventlet.Event')\n"
        "def test(x, made):\n    made.reset()\n"
    ),
    "a decorator of the project's": (
        "@gate.patching('eventlet.Event')\ndef test(made):\n    made.reset()\n"
    ),
    "a decorator of the project's that gives nothing": (
        "@gate.patching('eventlet.Event')\ndef test():\n    gate.go(print)\n"
    ),
    "two at once": (
        "def test():\n    a, b = mock.patch('eventlet.Event').start(), 1\n"
    ),
    "returned": (
        "def made():\n    m = mock.patch('eventlet.Event').start()\n    return m\n"
    ),
    "given to a helper": (
        "def helper(m):\n    m.x()\n\n\ndef test():\n"
        "    made = mock.patch('eventlet.Event').start()\n    helper(made)\n"
    ),
    "bound again": (
        "def test(other):\n    made = mock.patch('eventlet.Event').start()\n"
        "    made = other\n"
    ),
}


def _page() -> Page:
    return Page(
        "event", "events", "Replace events", {"eventlet.Event": "threading.Event"}, "A"
    )


def _decide(subject: Subject, context: Context) -> Decision:
    """``Event`` of ``threading``, and ``set`` for ``send``, in tests as well."""
    if subject.kind == "mock":
        mocked = context.mocks.mocked(subject)
        if mocked.lost:
            return Refuse("mock.lost", mocked.lost)
        actions: dict[Site, Action] = {subject.origin: Retarget("threading", "Event")}
        for asked in mocked.asked:
            if asked.path[1:2] == ("send",) and asked.how == "called":
                new = _renamed(context.code.call(asked.site))
                actions[asked.site] = Replace(new)
        return Rewrite(actions)
    return Rewrite({site: _action(site, context) for site in subject.sites})


def _action(site: Site, context: Context) -> Action:
    if site.form == "import":
        return Keep()
    call = context.code.call(site)
    if site.form == "method":
        return Replace(_renamed(call))
    return Replace(call.with_changes(func=context.names.name_of("threading", "Event")))


def _renamed(call: cst.Call) -> cst.Call:
    text = cst.Module([]).code_for_node(call).replace(".send", ".set")
    return cst.ensure_type(cst.parse_expression(text), cst.Call)


def _run(
    root: Path,
    files: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    page: Page | None = None,
) -> Outcome:
    files = {"proj/__init__.py": "", "proj/tests/__init__.py": "", **files}
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    if page is None:
        monkeypatch.setattr(decide, "decider", lambda name: _decide)
    request = Request(
        root, sorted(files), frozenset(files), assume=frozenset({"process-patched"})
    )
    return driver.run(page or _page(), request, {})


def _test_file(outcome: Outcome) -> str:
    return outcome.changes["proj/tests/test_gate.py"][1].decode()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_asked_of_a_mock_is_found_and_translated(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"proj/gate.py": GATE, "proj/tests/test_gate.py": HEAD + FORMS[form]}
    outcome = _run(tmp_path, files, monkeypatch)
    changed = _test_file(outcome)
    assert "send" not in changed
    assert ".set.assert_called_once_with()" in changed
    assert "eventlet" not in changed
    assert "threading" in changed
    assert b"done.set()" in outcome.changes["proj/gate.py"][1]


@pytest.mark.parametrize("way", LOST)
def test_a_mock_that_is_lost_keeps_what_it_intercepts(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"proj/gate.py": GATE, "proj/tests/test_gate.py": HEAD + LOST[way]}
    outcome = _run(tmp_path, files, monkeypatch)
    assert not outcome.changes
    assert {v.reason for v in outcome.verdicts} == {"mock.lost", "mock.stays"}


def test_a_mock_knows_the_sites_that_it_intercepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "proj/gate.py": GATE,
        "proj/tests/test_gate.py": HEAD + FORMS["decorator"],
    }
    outcome = _run(tmp_path, files, monkeypatch)
    (mock,) = [v.subject for v in outcome.verdicts if v.subject.kind == "mock"]
    assert [(site.path, site.spelling) for site in mock.intercepts] == [
        ("proj/gate.py", "eventlet.Event()"),
        ("proj/gate.py", "done.send()"),
    ]


def test_names_that_become_one_are_not_mocked_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = (
        "import eventlet\n\n\ndef jobs():\n    return eventlet.Queue(2), "
        "eventlet.queue.LightQueue(3)\n"
    )
    test = (
        "from unittest import mock\n\nfrom proj import jobs\n\n\n"
        "@mock.patch('eventlet.Queue')\ndef test(made):\n    jobs.jobs()\n"
        "    made.assert_called_once_with(2)\n"
    )
    files = {"proj/jobs.py": jobs, "proj/tests/test_jobs.py": test}
    outcome = _run(tmp_path, files, monkeypatch, pages()["queue"])
    (mock,) = [v for v in outcome.verdicts if v.subject.kind == "mock"]
    assert mock.reason == "mock.both"


def test_a_name_of_the_modules_own_is_met_by_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = (
        "import time\n\nfrom eventlet import sleep\n\n\n"
        "def work():\n    time.sleep(3)\n    sleep(1)\n"
    )
    test = (
        "from unittest import mock\n\nfrom proj import work\n\n\n"
        "@mock.patch('proj.work.sleep', lambda seconds: None)\ndef test():\n"
        "    start_service()\n    work.work()\n"
    )
    files = {"proj/work.py": work, "proj/tests/test_work.py": test}
    outcome = _run(tmp_path, files, monkeypatch, pages()["sleep"])
    assert [v.verdict for v in outcome.verdicts if v.subject.kind == "mock"] == [
        "rewrite"
    ]
    assert b"from time import sleep\n" in outcome.changes["proj/work.py"][1]
    assert "proj/tests/test_work.py" not in outcome.changes


@pytest.mark.parametrize(
    ("expected", "moves"),
    [
        ("made.assert_called_once_with(2)", True),
        ("made.assert_called_once_with(maxsize=None)", False),
        ("made.assert_has_calls([mock.call(maxsize=None)])", False),
        ("assert made.mock_calls == [mock.call(2)]", True),
        ("assert made.call_args[1] == {}", False),
        ("assert made.call_count == 1", True),
    ],
)
def test_arguments_that_change_may_not_be_expected(
    expected: str, moves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = "import eventlet\n\n\ndef jobs():\n    return eventlet.Queue(maxsize=None)\n"
    test = (
        "from unittest import mock\n\nfrom proj import jobs\n\n\n"
        "@mock.patch('eventlet.Queue')\ndef test(made):\n    jobs.jobs()\n"
        f"    {expected}\n"
    )
    files = {"proj/jobs.py": jobs, "proj/tests/test_jobs.py": test}
    outcome = _run(tmp_path, files, monkeypatch, pages()["queue"])
    (mock,) = [v for v in outcome.verdicts if v.subject.kind == "mock"]
    assert mock.reason == ("" if moves else "mock.arguments")
    assert bool(outcome.changes) == moves
