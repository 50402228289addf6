"""Mocks of what starts threads: which move with the code, and which hold it back."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

CODE = """import eventlet

eventlet.monkey_patch()


def start(function, *rest):
    {}


def helper(function):
    other(function)


def other(function):
    eventlet.spawn(function)
"""
HEAD = "from unittest import mock\n\nimport poller\n\n\n"
PLAIN = "eventlet.spawn_n(function, 1)"


def run(code: str, test: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """The test afterwards, and reason and detail by the place of what is refused."""
    texts = {"poller.py": CODE.format(code), "test_poller.py": HEAD + test}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("spawn", "spawn", 1, files))
    refused = {
        f"{verdict.subject.origin.path}:{verdict.subject.origin.line}": (
            verdict.reason,
            getattr(verdict.decision, "detail", ""),
        )
        for verdict in result.outcome.verdicts
        if verdict.rewrite is None
    }
    changed = result.outcome.changes.get("test_poller.py")
    return (changed[1].decode() if changed else ""), refused


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("spawn.assert_called_with(print, 1)", "target=print, args=(1,), daemon=True"),
        ("spawn.assert_any_call(print)", "assert_any_call(target=print, daemon=True)"),
        ("spawn.assert_any_call(print, a=1)", "kwargs={'a': 1}"),
        ("assert spawn.called and spawn.call_count == 1", "spawn.call_count == 1"),
        ("spawn.assert_not_called()", "spawn.assert_not_called()"),
        ("spawn.reset_mock()", "spawn.reset_mock()"),
        (
            "spawn.assert_has_calls([mock.call(print)])",
            "[mock.call(target=print, daemon=True)]",
        ),
        (
            "spawn.assert_has_calls([mock.call(id), mock.call(len)], any_order=True)",
            "mock.call(target=len, daemon=True)",
        ),
    ],
)
def test_what_is_expected_is_put_as_the_class_gets_it(
    asked: str, expected: str
) -> None:
    test = (
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n"
        f"    poller.start(print)\n    {asked}\n"
    )
    text, refused = run(PLAIN, test)
    assert not refused
    assert "@mock.patch('threading.Thread')" in text
    assert expected in " ".join(text.split()).replace("( ", "(")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("spawn.side_effect = [None]", "something of its own"),
        ("spawn.side_effect = other = lambda f, *a: f(*a)", "something of its own"),
        ("spawn.side_effect = poller.fake", "something of its own"),
        ("spawn.return_value = lambda f, *a: f(*a)", "something of its own"),
        (
            "spawn.side_effect = lambda f, *a: f(*a)\n    spawn.side_effect = None",
            "something of its own",
        ),
        (
            "spawn.side_effect = lambda f, *a: f(*a)\n    print(spawn.side_effect)",
            "something of its own",
        ),
        (
            "spawn.side_effect = lambda f, *a: f(*a)\n"
            "    spawn.side_effect = mock.DEFAULT",
            "something of its own",
        ),
        (
            "spawn.side_effect = lambda f, *a: f(*a)\n"
            "    spawn.return_value = mock.sentinel.thread",
            "something of its own",
        ),
        ("spawn.assert_has_calls([mock.call(print), mock.call(len)])", "no such form"),
        ("spawn.assert_called_with(*poller.ARGUMENTS)", "no such form"),
        ("assert spawn.call_args == mock.call(print)", "no such form"),
        ("assert spawn.mock_calls", "no such form"),
        ("spawn.return_value.kill.assert_called_once_with()", "no such form"),
        ("spawn(print)", "no such form"),
        ("poller.check(spawn)", "no such form"),
    ],
)
def test_what_has_no_such_form_holds_back_its_own_site_only(
    asked: str, why: str
) -> None:
    test = (
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n"
        f"    {asked}\n    poller.start(print)\n"
    )
    text, refused = run(PLAIN, test)
    assert not text
    assert refused["test_poller.py:6"][0] == "spawn.mocked"
    assert why in refused["test_poller.py:6"][1]
    assert refused["poller.py:7"][0] == "mock.stays"
    assert "poller.py:15" not in refused


def test_arguments_in_a_star_are_not_compared() -> None:
    test = (
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n    poller.start(print)\n"
        "    spawn.assert_called_once_with(print)\n"
    )
    _, refused = run("eventlet.spawn_n(function, *rest)", test)
    assert "in a star" in refused["test_poller.py:6"][1]


def test_a_thread_that_is_waited_for_is_not_met_by_a_mock_of_the_class() -> None:
    test = (
        "@mock.patch('eventlet.spawn')\ndef test(spawn):\n    poller.start(print)\n"
        "    assert spawn.called\n"
    )
    _, refused = run("return eventlet.spawn(function).wait()", test)
    assert refused["test_poller.py:6"][0] == "spawn.mocked"
    assert "becomes a future" in refused["test_poller.py:6"][1]


@pytest.mark.parametrize("call", ["poller.helper(print)", "poller.other(print)"])
def test_a_test_that_may_run_both_names_is_refused(call: str) -> None:
    test = (
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n"
        f"    poller.start(print)\n    {call}\n    assert spawn.called\n"
    )
    _, refused = run(PLAIN, test)
    assert refused["test_poller.py:6"][0] == "mock.both"


def test_a_mock_for_all_tests_of_a_class_may_meet_both_names() -> None:
    test = (
        "class Test:\n    def setUp(self):\n"
        "        mock.patch('eventlet.spawn_n').start()\n\n"
        "    def test(self):\n        poller.start(print)\n"
    )
    _, refused = run(PLAIN, test)
    assert refused["test_poller.py:8"][0] == "mock.both"


@pytest.mark.parametrize(
    "around",
    [
        "with mock.patch.object(poller, 'other'), {}:\n        {}\n",
        "names = {{'other': mock.DEFAULT}}\n"
        "    with mock.patch.multiple(poller, **names):\n"
        "        with {}:\n            {}\n",
    ],
)
def test_what_another_mock_stands_in_for_does_not_run(around: str) -> None:
    body = around.format(
        "mock.patch.object(poller.eventlet, 'spawn_n') as spawn",
        "poller.start(print); poller.helper(print)",
    )
    text, refused = run(PLAIN, f"def test():\n    {body}    assert spawn.called\n")
    assert not refused
    assert "mock.patch.object(poller.threading, 'Thread')" in text


LOOPS = """
class Agent:
    def run(self):
        self.start_loop()
        eventlet.spawn_n(self.loop)

    def start_loop(self):
        eventlet.spawn(self.loop)

    def loop(self):
        pass


class Other:
    def run(self):
        self.begin()

    def begin(self):
        eventlet.spawn(print)
"""


@pytest.mark.parametrize(
    ("made", "mocked", "moves"),
    [
        ("poller.Agent()", "start_loop", True),
        ("poller.make()", "start_loop", False),
        ("poller.Other()", "start_loop", False),
        ("poller.Agent()", "loop", False),
    ],
)
def test_the_class_of_what_is_called_tells_what_runs(
    made: str, mocked: str, moves: bool
) -> None:
    test = (
        f"def test():\n    agent = {made}\n"
        f"    with mock.patch.multiple(agent, {mocked}=mock.DEFAULT):\n"
        "        with mock.patch.object(poller.eventlet, 'spawn_n') as spawn:\n"
        "            agent.run()\n            assert spawn.called\n"
    )
    text, refused = run(PLAIN + "\n" + LOOPS, test)
    assert ("mock.patch.object(poller.threading, 'Thread')" in text) is moves
    assert moves or {"mock.both"} == {
        reason for place, (reason, _) in refused.items() if "test" in place
    }


def test_a_computed_name_may_be_any() -> None:
    test = (
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n"
        "    for name in ('start', 'help' + 'er'):\n"
        "        getattr(poller, name)(print)\n    assert spawn.called\n"
    )
    _, refused = run(PLAIN, test)
    assert refused["test_poller.py:6"][0] == "mock.both"


AT_ONCE = "lambda target, args, daemon: mock.Mock(start=lambda: target(*args))"


@pytest.mark.parametrize(
    ("code", "fake", "expected"),
    [
        (PLAIN, "lambda f, *a, **kw: f(*a, **kw)", AT_ONCE),
        (PLAIN, "side_effect=lambda run, *given: run(*given)", AT_ONCE),
        (
            "eventlet.spawn_n(function)",
            "lambda f: f()",
            "lambda target, daemon: mock.Mock(start=lambda: target())",
        ),
        (
            "eventlet.spawn_n(function, 1, a=2)\n    eventlet.spawn_n(function, 1)",
            "lambda f, *a, **k: f(*a, **k)",
            "lambda target, args, daemon, kwargs={}:"
            " mock.Mock(start=lambda: target(*args, **kwargs))",
        ),
    ],
)
def test_a_fake_that_runs_the_function_at_once_does_so_when_it_is_started(
    code: str, fake: str, expected: str
) -> None:
    test = (
        f"def test():\n    with mock.patch('eventlet.spawn_n', {fake}):\n"
        "        poller.start(print)\n"
    )
    text, refused = run(code, test)
    assert not refused
    assert expected in " ".join(text.split()).replace("( ", "(")


@pytest.mark.parametrize(
    ("code", "fake"),
    [
        (PLAIN, "lambda f, *a: f"),
        (PLAIN, "lambda f, *a: print(f(*a))"),
        (PLAIN, "lambda f, *a: f(*a, 1)"),
        (PLAIN, "lambda f, *a: f(a)"),
        (PLAIN, "lambda f, n: f(n)"),
        (PLAIN, "lambda f=None, *a: f(*a)"),
        (PLAIN, "lambda f, *a, k=1: f(*a)"),
        (PLAIN, "lambda f, *a: a(*a)"),
        (PLAIN, "lambda *a: a[0](*a[1:])"),
        (PLAIN, "lambda f: f()"),
        (PLAIN, "poller.fake"),
        (PLAIN, "return_value=lambda f, *a: f(*a)"),
        ("eventlet.spawn_n(function, a=1)", "lambda f, *a: f(*a)"),
    ],
)
def test_a_fake_that_does_anything_else_stays(code: str, fake: str) -> None:
    test = (
        f"def test():\n    with mock.patch('eventlet.spawn_n', {fake}):\n"
        "        poller.start(print)\n"
    )
    text, refused = run(code, test)
    assert not text
    assert refused["test_poller.py:7"][0] == "spawn.mocked"


@pytest.mark.parametrize(
    "made",
    [
        "@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n    {}\n    {}\n",
        "def test():\n    with mock.patch('eventlet.spawn_n') as spawn:\n"
        "        {}\n        {}\n",
        "def test():\n    spawn = mock.patch('eventlet.spawn_n').start()\n"
        "    {}\n    {}\n",
    ],
)
def test_a_fake_that_is_stored_as_side_effect_is_one_that_is_given(made: str) -> None:
    stored = "spawn.side_effect = lambda f, *a: f(*a)"
    text, refused = run(PLAIN, made.format(stored, "poller.start(print)"))
    assert not refused
    assert AT_ONCE in " ".join(text.split()).replace("( ", "(")
    assert "spawn.side_effect = " in text


@pytest.mark.parametrize(
    ("ask", "moves"),
    [
        ("client = get_client(); client.start_work()", True),
        ("get_client().start_work()", True),
        ("client = get_client() or 1; client.start_work()", False),
        ("client = get_client(); client.start_work(); rest[0].start_work()", False),
        ("client = get_server(); client.start_work()", False),
    ],
)
def test_what_is_asked_of_the_result_of_a_mocked_function_starts_nothing(
    ask: str, moves: bool
) -> None:
    test = (
        "@mock.patch.object(poller, 'get_client')\n"
        "@mock.patch('eventlet.spawn_n')\n"
        "def test(spawn, client):\n    poller.start(print)\n"
    )
    text, refused = run(f"{PLAIN}\n    {ask}", test)
    assert bool(text) is moves
    assert moves or refused["test_poller.py:7"][0] == "mock.shared"


@pytest.mark.parametrize(
    ("maker", "moves"), [("mock.MagicMock", True), ("poller.Fake", False)]
)
def test_what_makes_no_mock_is_a_fake(maker: str, moves: bool) -> None:
    test = (
        f"@mock.patch('eventlet.spawn_n', new_callable={maker})\n"
        "def test(spawn):\n    poller.start(print)\n    assert spawn.called\n"
    )
    text, _ = run(PLAIN, test)
    assert bool(text) is moves


BESIDE = """import eventlet
import threading

eventlet.monkey_patch()


def start(function):
    eventlet.spawn_n(function)


def native(function):
    threading.Thread(target=function).start()


class Agent:
    def run(self):
        threading.Thread(target=print).start()
"""


@pytest.mark.parametrize(
    ("body", "moves"),
    [
        ("poller.start(print)", True),
        ("poller.start(print)\n    poller.native(print)", False),
        ("poller.start(poller.native)", False),
        ("poller.start(print)\n    poller.Agent().run()", False),
        ("poller.start(print)\n    poller.Agent()", True),
        ("getattr(poller, 'sta' + 'rt')(print)", False),
    ],
)
def test_a_thread_beside_counts_where_the_test_may_come_to_it(
    body: str, moves: bool
) -> None:
    test = (
        f"{HEAD}@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n    {body}\n"
        "    assert spawn.call_count == 1\n"
    )
    texts = {"poller.py": BESIDE, "test_poller.py": test}
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("spawn", "spawn", 1, files))
    assert ("test_poller.py" in result.outcome.changes) is moves
    assert ("poller.py" in result.outcome.changes) is moves


def test_a_thread_that_a_file_makes_when_it_is_loaded_counts() -> None:
    code = f"{BESIDE}\n\nWORKER = threading.Thread(target=print)\n"
    test = (
        f"{HEAD}@mock.patch('eventlet.spawn_n')\ndef test(spawn):\n"
        "    poller.start(print)\n    assert spawn.call_count == 1\n"
    )
    files = (File("poller.py", code, code), File("test_poller.py", test, test))
    result = rewrite(Case("spawn", "spawn", 1, files))
    assert not result.outcome.changes
