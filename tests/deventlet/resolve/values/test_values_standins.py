"""What a test puts in the place of a function gets what the function is called with."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

CODE = """import eventlet

eventlet.monkey_patch()


def work(event):
    event.wait()


class Worker:
    def work(self, event):
        event.wait()

    def start(self):
        done = eventlet.Event()
        self.work(done)
        eventlet.spawn(self.work, done)


class Box:
    def __init__(self, event=None):
        self.event = event

    def work(self, event):
        event.wait()

    @staticmethod
    def wait(event):
        event.wait()


def give():
    done = eventlet.Event()
    Box().work(done)
    done.send()


def make():
    done = eventlet.Event()
    Box(done)
    done.send()


def start():
    done = eventlet.Event()
    work(done)
    done.send()
"""
EXPORTS = "from code_of_ours import Box, work\n"
USER = """import eventlet

from code_of_ours import work as run
from exports import Box as Case
from other import work as play


def start_run():
    done = eventlet.Event()
    run(done)
    done.send()


def start_case():
    done = eventlet.Event()
    Case().work(done)
    done.send()
"""
TEST = """from unittest import mock

import code_of_ours as ours
import exports
import user
import other


def fake(event):
    {body}


def fake_method(self, event):
    {body}


class FakeBox:
    def __init__(self, event=None):
        {body}

    def work(self, event):
        {body}


class Derived(ours.Box):
    def work(self, event):
        event.wait()


class External(other.Box):
    pass


def make(event=None):
    return FakeBox()


class Fake:
    def __call__(self, event):
        {body}


class FakeWorker:
    def work(self, event):
        {body}


def test(worker, monkeypatch):
    {line}
    ours.start()
    ours.Worker().start()
    ours.give()
    ours.make()
"""


def around(line: int) -> str:
    """The class or function at the top of the code that has a line."""
    above = [each for each in CODE.splitlines()[:line] if each[:1].isalpha()]
    return above[-1].partition(" ")[2].partition("(")[0].strip(":")


def kept(line: str, body: str) -> set[str]:
    """The functions whose event stays."""
    test = TEST.format(line=line, body=body)
    texts = {"code_of_ours.py": CODE, "exports.py": EXPORTS, "user.py": USER}
    texts["test_it.py"] = test
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("event", "event", 1, files))
    return {
        around(verdict.subject.origin.line)
        for verdict in result.outcome.verdicts
        if verdict.rewrite is None
        and verdict.subject.origin.path == "code_of_ours.py"
        and verdict.subject.kind == "object"
    }


OF_FUNCTION = [
    'mock.patch("code_of_ours.work", fake).start()',
    'mock.patch("code_of_ours.work", new=Fake()).start()',
    'mock.patch("code_of_ours.work", side_effect=fake).start()',
    'mock.patch.object(ours, "work", wraps=fake).start()',
    'mock.patch.object(ours, "work", mock.Mock(side_effect=fake)).start()',
    'mock.patch("code_of_ours.work").start().side_effect = fake',
    'monkeypatch.setattr(ours, "work", fake)',
    'monkeypatch.setattr("code_of_ours.work", lambda event: fake(event))',
    'setattr(ours, "work", fake)',
    "ours.work = fake",
    "ours.work = mock.Mock(side_effect=fake)",
    'mock.patch(target="code_of_ours.work", new=fake).start()',
    'mock.patch.object(target=ours, attribute="work", new=fake).start()',
    'mock.patch.object(ours, attribute="work", side_effect=fake).start()',
    'mock.patch.multiple("code_of_ours", work=fake).start()',
    "mock.patch.multiple(ours, work=mock.Mock(side_effect=fake)).start()",
    'mock.patch.multiple(ours, **{"work": fake}).start()',
    'mock.patch("code_of_ours.work", **{"side_effect": fake}).start()',
    'fakes = {"side_effect": fake}; mock.patch.object(ours, "work", **fakes).start()',
    'mock.patch("code_of_ours.work", **other.fakes).start()',
    'mock.patch("code_of_ours.work").start().configure_mock(side_effect=fake)',
    "ours.work = mock.Mock(); ours.work.configure_mock(side_effect=fake)",
    "m = mock.Mock(); m.configure_mock(side_effect=fake); ours.work = m",
]
OF_ANY = [
    'mock.patch(f"{other.NAME}.work", side_effect=fake).start()',
    'mock.patch("other.ours", mock.Mock(work=fake)).start()',
    'mock.patch("other.ours", mock.Mock(**{"work.side_effect": fake})).start()',
    'mock.patch("other.ours").start().configure_mock(**{"work.side_effect": fake})',
]
UNSEEN = "ours.work = other.fake"
OF_METHOD = [
    'mock.patch.object(ours.Worker, "work", fake_method).start()',
    'mock.patch.object(ours.Worker, "work", side_effect=fake).start()',
    "mock.patch.object(ours.Worker, 'work', autospec=True,"
    " side_effect=fake_method).start()",
    'mock.patch("code_of_ours.Worker.work", fake_method).start()',
    'mock.patch("code_of_ours.Worker.work", FakeWorker.work).start()',
    "ours.Worker.work = fake_method",
    "ours.Worker().work = fake",
]
IDLE = [
    'mock.patch("code_of_ours.work").start()',
    'mock.patch("code_of_ours.work", return_value=fake).start()',
    'mock.patch("code_of_ours.work", side_effect=ValueError("x")).start()',
    'mock.patch("code_of_ours.work", side_effect=[1, 2]).start()',
    'mock.patch("code_of_ours.work", new=mock.DEFAULT).start()',
    'mock.patch("code_of_ours.work", lambda event: None).start()',
    'mock.patch("other.work", fake).start()',
    'mock.patch.object(other, "work", fake).start()',
    "ours.work = mock.Mock()",
    'mock.patch.multiple("code_of_ours", work=mock.DEFAULT).start()',
    'mock.patch.multiple("other", work=fake).start()',
    'mock.patch(target="other.work", new=fake).start()',
    'mock.patch.object(other, attribute="work", new=fake).start()',
    'mock.Mock(name="work", side_effect=fake)',
    'mock.patch("code_of_ours.work").start().configure_mock(return_value=fake)',
    'mock.patch("code_of_ours.work", **{"return_value": fake}).start()',
    "other.run(work=fake)",
    "ours.other = fake",
]


@pytest.mark.parametrize("line", OF_FUNCTION)
def test_what_is_put_in_the_place_of_a_function_gets_its_argument(line: str) -> None:
    assert kept(line, "event.has_result()") == {"start"}


def test_what_is_not_seen_counts() -> None:
    assert kept(UNSEEN, "pass") == {"start"}


@pytest.mark.parametrize("line", OF_ANY)
def test_so_does_what_is_put_nobody_knows_where(line: str) -> None:
    assert kept(line, "event.has_result()") == {"start", "Worker", "give"}
    assert kept(line, "print(event)") == set()


@pytest.mark.parametrize("line", [OF_FUNCTION[2], OF_METHOD[0]])
def test_what_does_nothing_with_its_argument_is_nothing_against_it(line: str) -> None:
    assert kept(line, "print(event)") == set()


def test_what_is_put_in_one_place_alone_changes_along() -> None:
    line = OF_FUNCTION[0]
    assert kept(line, "event.send()") == set()
    assert kept(f"{line}\n    fake(other.Event())", "event.send()") == {"start"}


@pytest.mark.parametrize("line", OF_METHOD)
def test_what_is_put_in_the_place_of_a_method_gets_its_argument(line: str) -> None:
    assert kept(line, "event.has_result()") == {"Worker"}


OF_CLASS = [
    'mock.patch("code_of_ours.Box", FakeBox).start()',
    'mock.patch.object(ours, "Box", new=FakeBox).start()',
    'mock.patch("code_of_ours.Box", side_effect=FakeBox).start()',
    'mock.patch.multiple("code_of_ours", Box=FakeBox).start()',
    'monkeypatch.setattr(ours, "Box", FakeBox)',
    "ours.Box = FakeBox",
    "ours.Box = other.Box",
    "ours.Box = External",
]
OF_OBJECT = [
    'mock.patch("code_of_ours.Box", make).start()',
    'mock.patch("code_of_ours.Box", lambda event=None: FakeBox()).start()',
    'mock.patch("code_of_ours.Box", return_value=FakeBox()).start()',
    'mock.patch("code_of_ours.Box").start().return_value = FakeBox()',
    "ours.Box = mock.Mock(side_effect=make)",
]
OTHERWISE_CALLED = {
    'mock.patch("exports.work", fake).start()': {"start"},
    'mock.patch("user.run", fake).start()': {"start"},
    "user.run = fake": {"start"},
    'mock.patch.object(exports, "Box", FakeBox).start()': {"give", "make"},
    'mock.patch("user.Case", FakeBox).start()': {"give", "make"},
    'mock.patch("user.play", fake).start()': set(),
    'mock.patch("other.run", fake).start()': set(),
    'mock.patch("other.Case", FakeBox).start()': set(),
}
NO_CLASS = [
    'mock.patch("code_of_ours.Box").start()',
    'mock.patch("code_of_ours.Box", autospec=True).start()',
    'mock.patch("code_of_ours.Box", return_value=mock.Mock()).start()',
    'mock.patch("code_of_ours.Box").start().return_value = None',
    'mock.patch("code_of_ours.Box", side_effect=other.BoxError).start()',
    'mock.patch("code_of_ours.Box", Derived).start()',
    'mock.patch("code_of_ours.Box", ours.Box).start()',
    'mock.patch("other.Box", FakeBox).start()',
    "FakeBox()",
]


@pytest.mark.parametrize("line", OF_CLASS)
def test_what_is_put_in_the_place_of_a_class_gets_its_arguments(line: str) -> None:
    assert kept(line, "event.has_result()") == {"give", "make"}


@pytest.mark.parametrize("line", OF_OBJECT)
def test_so_do_the_methods_of_what_is_made_there_instead(line: str) -> None:
    assert kept(line, "event.has_result()") == {"give"}


@pytest.mark.parametrize("line", [OF_CLASS[0], OF_OBJECT[0]])
def test_a_class_that_does_nothing_with_it_is_nothing_against_it(line: str) -> None:
    assert kept(line, "print(event)") == set()


@pytest.mark.parametrize("line", OTHERWISE_CALLED)
def test_so_does_what_is_put_there_under_another_name(line: str) -> None:
    assert kept(line, "event.has_result()") == OTHERWISE_CALLED[line]


@pytest.mark.parametrize("line", NO_CLASS)
def test_what_runs_no_other_method_is_nothing_against_it(line: str) -> None:
    assert kept(line, "event.has_result()") == set()


@pytest.mark.parametrize("line", IDLE)
def test_what_does_not_get_it_is_nothing_against_it(line: str) -> None:
    assert kept(line, "event.has_result()") == set()
