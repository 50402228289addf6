from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PLAIN = "import time\nfrom unittest import mock\n\nimport eventlet\n\n\n"
PATCH = "import eventlet\n\neventlet.monkey_patch()\n"


def becomes(text: str, config: str | None = None) -> str:
    """What becomes of a test file whose package patches."""
    files = (
        File("proj/tests/__init__.py", PATCH, PATCH),
        File("proj/tests/test_a.py", PLAIN + text, PLAIN + text),
    )
    case = Case("sleep", "a case", 1, files, config=config)
    return rewrite(case).after["proj/tests/test_a.py"].decode()


TAKEN, LEFT = "    sleep(0)", "    time.sleep(0)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@mock.patch('time.sleep')\ndef test(m):\n    eventlet.sleep(0)\n", TAKEN),
        ("@mock.patch('proj.work.time.sleep')\ndef test(m):\n    eventlet.sleep(0)\n",
         TAKEN),
        ("@mock.patch.object(work.time,\n  'sleep')\ndef test(m):\n"
         "    eventlet.sleep(0)\n", TAKEN),
        ("@mock.patch('time.monotonic')\ndef test(m):\n    eventlet.sleep(0)\n", LEFT),
        ("@mock.patch('time.sleep')\ndef other(m):\n    pass\n\n\n"
         "def test():\n    eventlet.sleep(0)\n", LEFT),
        ("def test():\n    eventlet.sleep(0)\n\n\n"
         "@mock.patch('time.sleep')\ndef other(m):\n    test()\n", TAKEN),
        ("def fake():\n    return mock.patch('time.sleep')\n\n\n"
         "def test():\n    with fake():\n        eventlet.sleep(0)\n", TAKEN),
        ("class A:\n    def setUp(self):\n        mock.patch('time.sleep').start()\n"
         "class B(A):\n    def test(self):\n        eventlet.sleep(0)\n", TAKEN),
        ("mock.patch('time.sleep').start()\n\n\ndef test():\n    eventlet.sleep(0)\n",
         TAKEN),
        ("class A:\n    a = eventlet.sleep(0)\n\n"
         "    @mock.patch('time.sleep')\n    def test(self, m):\n        pass\n",
         "    a = time.sleep(0)"),
        ("class A:\n    with mock.patch('time.sleep'):\n"
         "        a = eventlet.sleep(0)\n",
         "        a = sleep(0)"),
        ("class A:\n    def test(self):\n        eventlet.sleep(0)\n\n"
         "    @mock.patch('time.sleep')\n    def test_b(self, m):\n        pass\n",
         f"    {LEFT}"),
        ("class A:\n    def rest(self):\n        eventlet.sleep(0)\n\n"
         "    @mock.patch('time.sleep')\n    def test_b(self, m):\n"
         "        self.rest()\n",
         f"    {TAKEN}"),
        ("class A:\n    def test(self):\n        eventlet.sleep(0)\n\n\n"
         "class B(A):\n    def setUp(self):\n"
         "        mock.patch('time.sleep').start()\n",
         f"    {TAKEN}"),
        ("class A:\n    def test(self):\n        eventlet.sleep(0)\n\n\n"
         "@mock.patch('time.sleep')\nclass B(A):\n    pass\n", f"    {TAKEN}"),
        ("def test():\n    eventlet.sleep(0)\n    with mock.patch('time.sleep'):\n"
         "        pass\n", LEFT),
        ("def test():\n    with mock.patch('time.sleep'):\n        pass\n"
         "    with mock.patch('time.sleep'):\n        eventlet.sleep(0)\n",
         f"    {TAKEN}"),
        ("def test():\n    def rest():\n        eventlet.sleep(0)\n"
         "    with mock.patch('time.sleep'):\n        rest()\n", f"    {TAKEN}"),
        ("def test():\n    mock.patch('time.sleep').start()\n"
         "    eventlet.sleep(0)\n", TAKEN),
        ("class A:\n    def setUp(self):\n"
         "        mock.patch('time.sleep').start()\n\n\n"
         "class B:\n    def setUp(self):\n        eventlet.sleep(0)\n", f"    {LEFT}"),
        ("if mock:\n    class A:\n        def setUp(self):\n"
         "            mock.patch('time.sleep').start()\n\n"
         "        def test(self):\n            eventlet.sleep(0)\n",
         f"        {TAKEN}"),
        ("def setUpModule():\n    mock.patch('time.sleep').start()\n\n\n"
         "class B:\n    def test(self):\n        eventlet.sleep(0)\n", f"    {TAKEN}"),
        ("@pytest.fixture(autouse=True)\ndef quick():\n"
         "    with mock.patch('time.sleep'):\n        yield\n\n\n"
         "def test():\n    eventlet.sleep(0)\n", TAKEN),
        ("@pytest.fixture\ndef quick():\n    with mock.patch('time.sleep'):\n"
         "        yield\n\n\ndef test(quick):\n    eventlet.sleep(0)\n", TAKEN),
        ("def test():\n    with mock.patch('time.sleep', time.sleep):\n"
         "        eventlet.sleep(0)\n", f"    {LEFT}"),
    ],
)  # fmt: skip
def test_what_a_mock_would_meet_takes_the_function_itself(
    text: str, expected: str
) -> None:
    after = becomes(text)
    assert expected in after
    assert ("from time import sleep" in after) is (" sleep(0)" in expected)


def test_a_file_that_mocks_nothing_has_only_a_string() -> None:
    text = "import eventlet\n\n\ndef rest():\n    print('may', 'sleep')\n"
    text += "    eventlet.sleep(0)\n"
    files = (File("proj/rest.py", text, text),)
    config = 'assume = ["process-patched"]'
    case = Case("sleep", "a case", 1, files, config=config)
    assert LEFT in rewrite(case).after["proj/rest.py"].decode()


def test_a_name_that_is_taken_gets_another_one() -> None:
    text = "@mock.patch('time.sleep')\ndef test(sleep):\n    eventlet.sleep(0)\n"
    after = becomes(text)
    assert "from time import sleep as _sleep\n" in after
    assert "    _sleep(0)\n" in after


def test_a_mock_of_eventlets_moves_with_what_it_intercepts() -> None:
    text = "@mock.patch('eventlet.sleep')\ndef test(m):\n    eventlet.sleep(0)\n"
    after = becomes(text)
    assert "@mock.patch('time.sleep')\ndef test(m):\n    time.sleep(0)\n" in after


def test_a_yield_beside_a_mock_calls_no_helper() -> None:
    text = "@mock.patch('time.sleep')\ndef test(m):\n    eventlet.sleep(0)\n"
    after = becomes(text, 'yield-helper = "proj.utils.rest"')
    assert TAKEN in after
    assert "rest" not in after
