"""Mocks of what the repository does not call: what goes along, and what keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import pages
from deventlet.series.build import message_of, subject_of

HEAD = (
    "import unittest\nfrom unittest import mock\n\nimport fixtures\n\n"
    "from proj import fan\n\n\n"
)
FAN = "def turn():\n    return 1\n"
IDLE = "mock.idle"
SPARE = "        self.useFixture(fixtures.FakeLogger())\n"


def outcome(
    root: Path, test: str, *, fan: str = FAN, assume: bool = True, **files: str
) -> Outcome:
    texts = {
        "proj/__init__.py": "",
        "proj/fan.py": fan,
        "proj/tests/__init__.py": "",
        "proj/tests/test_fan.py": test,
        **{f"proj/{name}.py": text for name, text in files.items()},
    }
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    assumed = frozenset({IDLE, "process-patched"} if assume else ())
    request = Request(root, sorted(texts), texts.keys(), assume=assumed)
    return run(pages()["sleep"], request, {})


def reasons(found: Outcome, path: str = "proj/tests/test_fan.py") -> set[str]:
    return {
        each.reason
        for each in found.verdicts
        if each.subject.origin.path == path and not each.applies
    }


def detail(found: Outcome) -> str:
    return next(each.detail for each in found.verdicts if each.reason == "mock.no-site")


def after(found: Outcome) -> str:
    return found.changes["proj/tests/test_fan.py"][1].decode()


def case(setup: str = "", body: str = "        fan.turn()\n", head: str = "") -> str:
    whole = "    def setUp(self):\n        super().setUp()\n" + setup if setup else ""
    return (
        f"{HEAD}class TestFan(unittest.TestCase):\n{whole}\n"
        f"{head or '    def test_turn(self):'}\n        mock.seal(mock.Mock())\n{body}"
    )


STATEMENTS = {
    "started": "        mock.patch('eventlet.sleep').start()\n",
    "kept": "        self.p = mock.patch('eventlet.sleep')\n        self.p.start()\n",
    "kept twice": (
        "        self.p = mock.patch('eventlet.sleep')\n"
        "        self.sleep = self.p.start()\n        self.addCleanup(self.p.stop)\n"
    ),
    "local": (
        "        patcher = mock.patch('eventlet.sleep')\n        patcher.start()\n"
        "        self.addCleanup(patcher.stop)\n"
    ),
    "fixture": "        self.useFixture(fixtures.MockPatch('eventlet.sleep'))\n",
    "entered": "        self.enterContext(mock.patch('eventlet.sleep'))\n",
    "helper": "        self.stub_out('eventlet.sleep', lambda *a: None)\n",
    "on several lines": (
        "        mock.patch(\n            'eventlet.sleep',\n            mock.Mock(),\n"
        "        ).start()\n"
    ),
}


@pytest.mark.parametrize("statements", STATEMENTS.values(), ids=STATEMENTS)
def test_statements_of_a_mock_go_together(tmp_path: Path, statements: str) -> None:
    found = outcome(tmp_path, case(SPARE + statements))
    assert after(found) == case(SPARE)


@pytest.mark.parametrize("statements", STATEMENTS.values(), ids=STATEMENTS)
def test_nothing_goes_where_nothing_was_assumed(
    tmp_path: Path, statements: str
) -> None:
    found = outcome(tmp_path, case(SPARE + statements), assume=False)
    assert not found.changes
    assert reasons(found) == {IDLE}


PARAMETERS = {
    "the only one": ("self, sleep", "self", ""),
    "the first of two": ("self, sleep, turn", "self, turn", "@mock.patch('proj.t')"),
    "one line each": (
        "self,\n                  sleep,\n                  turn",
        "self,\n                  turn",
        "@mock.patch('proj.t')",
    ),
    "the first of a line": (
        "self,\n                  sleep, turn",
        "self,\n                  turn",
        "@mock.patch('proj.t')",
    ),
    "the last of a line": (
        "self, sleep,\n                  turn",
        "self,\n                  turn",
        "@mock.patch('proj.t')",
    ),
    "a comma behind it": (
        "\n            self,\n            sleep,\n    ",
        "\n            self,\n    ",
        "",
    ),
}


@pytest.mark.parametrize(
    ("before", "left", "other"), PARAMETERS.values(), ids=PARAMETERS
)
def test_parameter_goes_with_its_decorator(
    tmp_path: Path, before: str, left: str, other: str
) -> None:
    above = f"    {other}\n" if other else ""
    decorator = "    @mock.patch('eventlet.sleep', autospec=True)\n"
    old = f"{above}{decorator}    def test_turn({before}):"
    found = outcome(tmp_path, case(head=old))
    assert after(found) == case(head=f"{above}    def test_turn({left}):")


def test_decorator_that_fills_no_parameter_goes_by_itself(tmp_path: Path) -> None:
    decorator = "    @mock.patch('eventlet.sleep', mock.Mock())\n"
    plain = "    def test_turn(self):"
    found = outcome(tmp_path, case(head=decorator + plain))
    assert after(found) == case(head=plain)


def test_decorator_of_a_class_goes_if_it_fills_no_parameter(tmp_path: Path) -> None:
    text = case()
    decorator = "@mock.patch('eventlet.sleep', lambda *a: None)\nclass TestFan"
    found = outcome(tmp_path, text.replace("class TestFan", decorator))
    assert after(found) == text


def test_several_of_one_test_go_at_once(tmp_path: Path) -> None:
    head = (
        "    @mock.patch('eventlet.greenthread.sleep')\n"
        "    @mock.patch('eventlet.sleep')\n"
        "    def test_turn(self, one, two):"
    )
    found = outcome(tmp_path, case(head=head))
    assert after(found) == case(head="    def test_turn(self):")


OWN = "the test puts something of its own in the name's place"
STAYS = {
    "a guard": (
        case(body="        mock.patch('eventlet.sleep', side_effect=Bad).start()\n"),
        OWN),
    "a guard in a lambda": (
        case(body="        self.stub_out('eventlet.sleep', lambda s: self.fail())\n"),
        OWN),
    "a guard of a class": (
        case(body="        mock.patch('eventlet.sleep', new_callable=Bad).start()\n"),
        OWN),
    "a guard in a mock": (
        case(body="        mock.patch('eventlet.sleep', mock.Mock(None, OSError))"
                  ".start()\n"),
        OWN),
    "a name that is computed": (
        case(body="        mock.patch('eventlet.sleep', spec=fan.turn()).start()\n"),
        "what computes its arguments would go with it"),
    "asked": (case(body="        s = mock.patch('eventlet.sleep').start()\n"
                        "        fan.turn()\n        s.assert_not_called()\n"),
              "it is used at line"),
    "parameter asked": (
        case(head="    @mock.patch('eventlet.sleep')\n    def test_turn(self, s):",
             body="        s.assert_not_called()\n"),
        "the test uses s"),
    "what a with gives": (
        case(body="        with mock.patch('eventlet.sleep') as nap:\n"
                  "            fan.turn()\n        nap.assert_not_called()\n"),
        "the test uses nap"),
    "what a with stores": (
        case(body="        with mock.patch('eventlet.sleep') as self.nap:\n"
                  "            fan.turn()\n"),
        "it is kept as self.nap"),
    "opened later": (
        case(body="        napping = mock.patch('eventlet.sleep')\n"
                  "        with napping:\n            fan.turn()\n"),
        "a with statement holds it, at line"),
    "comment above a with": (
        case(body="        # no naps\n        with mock.patch('eventlet.sleep'):\n"
                  "            fan.turn()\n"),
        "a comment stands above it"),
    "on the line of a with": (
        case(body="        with mock.patch('eventlet.sleep'): fan.turn()\n"),
        "what it holds for is on its line"),
    "a backslash in a with": (
        case(body="        with mock.patch('eventlet.sleep'):\n"
                  "            self.turned = \\\n                fan.turn()\n"),
        "what it holds for has lines that a backslash goes on with"),
    "class that injects": (
        case().replace("class TestFan", "@mock.patch('eventlet.sleep')\nclass TestFan"),
        "every test of the class gets it"),
    "comment above": (case("        # no naps\n        mock.patch('eventlet.sleep')"
                           ".start()\n        mock.seal(1)\n"),
                      "a comment stands above it"),
    "comment above a decorator": (
        case(head="    # no naps\n    @mock.patch('eventlet.sleep', 1)\n"
                  "    def test_turn(self):"),
        "a comment stands above it"),
    "comment behind a decorator": (
        case(head="    @mock.patch('eventlet.sleep', 1)  # no naps\n"
                  "    def test_turn(self):"),
        "it shares its lines with something else"),
    "statement beside it": (
        case("        mock.patch('eventlet.sleep').start(); fan.turn()\n"),
        "it shares its lines with another statement"),
    "all of a block": (
        case(body="        if 1:\n            mock.patch('eventlet.sleep').start()\n"),
        "nothing else is in its block"),
    "its fake": (
        case(body="        def nap(s): return s\n\n"
                  "        mock.patch('eventlet.sleep', nap).start()\n"),
        OWN),
    "its import": (
        "from unittest import mock\n\n\n"
        "@mock.patch('eventlet.sleep', lambda s: s)\ndef test():\n    fan.turn()\n",
        "mock would be left without a use"),
    "its method": (
        case(body="        self.stub_out('eventlet.sleep', self.nap)\n\n"
                  "    def nap(self, s):\n        return s\n"),
        OWN),
    "its fixture": (
        HEAD + "def test_turn(monkeypatch):\n"
        "    monkeypatch.setattr('eventlet.sleep', None)\n    fan.turn()\n",
        "monkeypatch would be left without a use"),
    "something computed": (
        case(body="        mock.patch('eventlet.sleep', fan.turn()).start()\n"),
        OWN),
    "set by hand": (
        HEAD + "import eventlet\n\n\ndef test_turn():\n"
        "    setattr(eventlet, 'sleep', 1)\n    fan.turn()\n",
        "it is not known what receives it"),
}  # fmt: skip


OPENED = {
    "alone": (
        "        with mock.patch('eventlet.sleep'):\n            fan.turn()\n",
        "        fan.turn()\n"),
    "named": (
        "        with mock.patch('eventlet.sleep') as nap:\n\n"
        "            # round\n            fan.turn()\n\n            mock.seal(1)\n"
        "        mock.seal(2)\n",
        "        # round\n        fan.turn()\n\n        mock.seal(1)\n"
        "        mock.seal(2)\n"),
    "in another": (
        "        with mock.patch.object(fan, 'turn') as turn:\n"
        "            with mock.patch('eventlet.sleep', mock.Mock()):\n"
        "                fan.turn(1,\n                         2)\n"
        "            turn.assert_called_once_with(1, 2)\n",
        "        with mock.patch.object(fan, 'turn') as turn:\n"
        "            fan.turn(1,\n                     2)\n"
        "            turn.assert_called_once_with(1, 2)\n"),
    "around a text": (
        "        with mock.patch('eventlet.sleep'):\n"
        "            fan.text = \"\"\"\n                one\n            two\"\"\"\n"
        "            if fan.turn():\n                mock.seal(fan)\n",
        "        fan.text = \"\"\"\n                one\n            two\"\"\"\n"
        "        if fan.turn():\n            mock.seal(fan)\n"),
    "first": (
        "        with mock.patch('eventlet.sleep'), \\\n"
        "                mock.patch.object(fan, 'turn') as turn:\n"
        "            fan.turn()\n        turn.assert_called_once_with()\n",
        "        with mock.patch.object(fan, 'turn') as turn:\n"
        "            fan.turn()\n        turn.assert_called_once_with()\n"),
    "last": (
        "        with mock.patch.object(fan, 'turn'),\\\n"
        "                mock.patch('eventlet.sleep') as _nap:  # still\n"
        "            fan.turn()\n",
        "        with mock.patch.object(fan, 'turn'):  # still\n"
        "            fan.turn()\n"),
    "in between": (
        "        with mock.patch.object(fan, 'a'), mock.patch('eventlet.sleep'), "
        "mock.seal(fan):\n            fan.turn()\n",
        "        with mock.patch.object(fan, 'a'), mock.seal(fan):\n"
        "            fan.turn()\n"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), OPENED.values(), ids=OPENED)
def test_mock_leaves_the_with_that_it_opens(
    tmp_path: Path, body: str, expected: str
) -> None:
    found = outcome(tmp_path, case(body=body))
    assert after(found) == case(body=expected)
    assert not reasons(found)


def test_a_with_that_says_something_on_its_line_stays(tmp_path: Path) -> None:
    body = (
        "        with mock.patch('eventlet.sleep'):  # naps\n            fan.turn()\n"
    )
    found = outcome(tmp_path, case(body=body))
    assert not found.changes
    assert reasons(found) == {"comment.inside"}


@pytest.mark.parametrize(("test", "why"), STAYS.values(), ids=STAYS)
def test_mock_stays_with_what_hangs_on_it(tmp_path: Path, test: str, why: str) -> None:
    found = outcome(tmp_path, test)
    assert not found.changes
    assert reasons(found) == {"mock.no-site"}
    assert why in detail(found)


@pytest.mark.parametrize(
    "use", ["self.p.x()", "getattr(self, 'p').x()", "getattr(self, name)", "vars(self)"]
)
def test_mock_stays_that_another_file_may_use(tmp_path: Path, use: str) -> None:
    setup = "        self.p = mock.patch('eventlet.sleep')\n        self.p.start()\n"
    other = f"from proj.tests import test_fan\n\n\ndef f(self, name):\n    {use}\n"
    found = outcome(tmp_path, case(setup), base=other)
    assert not found.changes
    assert detail(found) == "proj/base.py may use it"


@pytest.mark.parametrize(
    "use", ["getattr(self, 'p')", "getattr(self, 'mock_%s' % 1)", "self.__dict__['p']"]
)
def test_mock_stays_that_its_file_takes_by_name(tmp_path: Path, use: str) -> None:
    setup = "        self.p = mock.patch('eventlet.sleep')\n        self.p.start()\n"
    found = outcome(tmp_path, case(setup, f"        fan.turn()\n        {use}\n"))
    assert not found.changes
    assert detail(found) == "proj/tests/test_fan.py may use it"


def test_mock_goes_that_another_name_is_taken_beside(tmp_path: Path) -> None:
    setup = "        self.p = mock.patch('eventlet.sleep')\n        self.p.start()\n"
    body = "        fan.turn()\n        getattr(self, 'id')\n"
    found = outcome(tmp_path, case(setup, body))
    assert "eventlet" not in after(found)


LIBRARIES = {
    "group": ("from oslo_service import threadgroup\n", "eventlet.sleep"),
    "process": ("import subprocess\n", "eventlet.sleep"),
    "launcher": ("L = service.ProcessLauncher\n", "eventlet.greenthread.sleep"),
}


@pytest.mark.parametrize(("fan", "name"), LIBRARIES.values(), ids=LIBRARIES)
def test_mock_stays_that_a_known_library_meets(
    tmp_path: Path, fan: str, name: str
) -> None:
    found = outcome(tmp_path, case(f"        mock.patch('{name}').start()\n"), fan=fan)
    assert not found.changes
    assert detail(found).startswith(f"{name} is called by ")


@pytest.mark.parametrize(
    ("bound", "stays"),
    [("oslo.service>=1.24.0", True), ("oslo.service>=2.8.0", False), ("six", False)],
)
def test_mock_stays_that_an_older_release_of_a_library_meets(
    tmp_path: Path, bound: str, stays: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(f"{bound} # Apache-2.0\n")
    setup = SPARE + "        mock.patch('eventlet.greenthread.sleep').start()\n"
    found = outcome(tmp_path, case(setup), fan="from oslo_service import loopingcall\n")
    assert bool(found.changes) != stays
    if stays:
        said = "eventlet.greenthread.sleep is called by oslo.service before 1.32.1"
        assert detail(found) == said


CALLS = "import time\n\n\ndef turn():\n    time.sleep(1)\n"


def test_mock_stays_that_is_meant_for_another_call(tmp_path: Path) -> None:
    setup = "        mock.patch('eventlet.sleep').start()\n"
    found = outcome(tmp_path, case(setup), fan=CALLS)
    assert not found.changes
    assert "meant for time.sleep, called at proj/fan.py:5" in detail(found)


def test_mock_goes_where_what_it_is_meant_for_is_mocked_too(tmp_path: Path) -> None:
    other = "        mock.patch('time.sleep').start()\n"
    setup = "        mock.patch('eventlet.sleep').start()\n"
    found = outcome(tmp_path, case(other + setup), fan=CALLS)
    assert after(found) == case(other)


def test_mock_stays_as_long_as_anything_says_the_name(tmp_path: Path) -> None:
    far = "import eventlet\n\neventlet.sleep.__doc__ = None\n"
    setup = "        mock.patch('eventlet.sleep').start()\n"
    found = outcome(tmp_path, case(setup), far=far)
    assert not found.changes
    assert detail(found) == "but proj/far.py:3 uses it"


def test_mock_stays_where_a_name_is_computed(tmp_path: Path) -> None:
    far = "import eventlet\n\n\ndef f(name):\n    return getattr(eventlet, name)\n"
    found = outcome(
        tmp_path, case("        mock.patch('eventlet.sleep').start()\n"), far=far
    )
    assert not found.changes
    assert detail(found) == "but proj/far.py:5 uses it"


def test_mock_goes_with_the_last_call_and_a_second_run_finds_nothing(
    tmp_path: Path,
) -> None:
    far = "import eventlet\n\n\ndef wait():\n    eventlet.sleep(1)\n"
    test = case("        mock.patch('eventlet.sleep').start()\n        mock.seal(1)\n")
    first = outcome(tmp_path, test, far=far)
    assert after(first) == case("        mock.seal(1)\n")
    new = first.changes["proj/far.py"][1].decode()
    assert "time.sleep(1)" in new
    assert not outcome(tmp_path, after(first), far=new).changes


def test_mock_stays_if_the_test_names_what_changes(tmp_path: Path) -> None:
    far = "import eventlet\n\n\ndef wait():\n    eventlet.sleep(1)\n"
    body = "        fan.load('proj.far')\n"
    setup = "        mock.patch('eventlet.sleep').start()\n"
    found = outcome(tmp_path, case(setup, body), far=far)
    assert list(found.changes) == ["proj/far.py"]
    assert detail(found) == "but proj/far.py:5 uses it"


def test_patch_of_such_mocks_only_says_so(tmp_path: Path) -> None:
    setup = SPARE + "        mock.patch('eventlet.sleep').start()\n"
    alone = outcome(tmp_path / "alone", case(setup))
    assert subject_of(alone) == "Remove mocks of Eventlet that intercept nothing"
    assert "Nothing that runs with them calls" in message_of(alone, ())
    far = "import eventlet\n\n\ndef wait():\n    eventlet.sleep(1)\n"
    mixed = outcome(tmp_path / "mixed", case(setup), far=far)
    assert subject_of(mixed) == pages()["sleep"].subject


def test_mock_stays_where_a_file_that_says_the_name_cannot_be_read(
    tmp_path: Path,
) -> None:
    setup = "        mock.patch('eventlet.sleep').start()\n"
    found = outcome(tmp_path, case(setup), far="import eventlet\neventlet.sleep(1\n")
    assert not found.changes
    assert detail(found) == "proj/far.py cannot be read"
