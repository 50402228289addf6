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


def start():
    done = eventlet.Event()
    work(done)
    done.send()
"""
OF_START = CODE.partition("\ndef start")[0].count("\n")
TEST = """from unittest import mock

import code_of_ours as ours
import other


def fake(event):
    {body}


def fake_method(self, event):
    {body}


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
"""


def kept(line: str, body: str) -> set[str]:
    """The functions whose event stays."""
    test = TEST.format(line=line, body=body)
    files = (File("code_of_ours.py", CODE, CODE), File("test_it.py", test, test))
    result = rewrite(Case("event", "event", 1, files))
    return {
        "Worker" if verdict.subject.origin.line < OF_START else "start"
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
    assert kept(line, "event.has_result()") == {"start", "Worker"}
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


@pytest.mark.parametrize("line", IDLE)
def test_what_does_not_get_it_is_nothing_against_it(line: str) -> None:
    assert kept(line, "event.has_result()") == set()
