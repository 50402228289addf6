"""Functions that nobody names: no mock of what starts threads is met in them.

Each test has two calls in sight, one that becomes a thread and one that cannot. The
mock moves if nothing that the test loads may call the second one.
"""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

TOOLS = """import eventlet

eventlet.monkey_patch()


def begin(function):
    thread = eventlet.spawn(function)
    thread.kill()
{}"""
POLLER = """import eventlet

import tools
{}

def work(function):
    launch(function)


def launch(function):
    eventlet.spawn(function)
"""
TEST = """import unittest
from unittest import mock

import poller
import tools


class Test(unittest.TestCase):
    def setUp(self):
        mock.patch('eventlet.spawn').start()

    def test(self):
        poller.work(print)
{}"""


def moves(
    poller: str = "", tools: str = "", test: str = "", begin: str = TOOLS, **more: str
) -> bool:
    """Whether the mock moves with the call that becomes a thread.

    :param more: the texts of other files, by their names.
    """
    texts = {
        "tools.py": begin.format(tools),
        "poller.py": POLLER.format(poller),
        "test_poller.py": TEST.format(test),
        "caller.py": "import tools\n\ntools.begin(print)\n",
        **{f"{name}.py": text for name, text in more.items()},
    }
    files = tuple(File(path, text, text) for path, text in texts.items())
    result = rewrite(Case("spawn", "spawn", 1, files))
    changed = result.outcome.changes
    moved = (
        b"mock.patch('threading.Thread')"
        in changed.get("test_poller.py", (b"", b""))[1]
    )
    assert "poller.py" in changed or not moved
    assert "tools.py" not in changed
    return moved


def test_a_mock_is_not_met_where_nobody_goes() -> None:
    assert moves()


@pytest.mark.parametrize("caller", ["import tools\n", "begin()\n", ""])
def test_what_nobody_calls_is_called_by_something_unknown(caller: str) -> None:
    assert not moves(caller=caller)


@pytest.mark.parametrize(
    "said",
    [
        "def begin():\n    pass\n\n\nbegin()\n",
        "def run(begin):\n    begin()\n",
        "def run(words):\n    for begin in words:\n        begin()\n",
        "from other import begin\nbegin()\n",
        "import other\nother.begin()\n",
        "import other as tools_\ngetattr(tools_, str(1))\n",
        "eventlet.begin()\n",
        "print('we begin', begin=1)\n",
        "'begin'\n",
        "run = f'we {__name__} begin'\n",
        "# tools.begin()\n",
        "run = print  # begin\n",
        "class Run:\n    def begin(self):\n        pass\n",
        "getattr(tools, 'other')\n",
        "def run(pool):\n    pool.begin(print)\n",
        "import other\nother.pool.begin(print)\n",
        "import other\ngetattr(other.pool, str(1))(print)\n",
        "class Run:\n    def run(self):\n        self.pool.begin(1)\n",
        "def run(pool, name):\n    getattr(pool, name)(print)\n",
        "def make():\n    pass\n\n\nmake().begin(print)\n",
        "def run(mock, pool):\n    mock.patch.object(tools, 'x')\n    pool.begin(1)\n",
    ],
)
def test_the_name_of_something_else_is_no_call(said: str) -> None:
    assert moves(said, other="def begin():\n    pass\n")


@pytest.mark.parametrize(
    "said",
    [
        "tools.begin(print)\n",
        "def run(function):\n    tools.begin(function)\n",
        "run = tools.begin\n",
        "import tools as helpers\nhelpers.begin(print)\n",
        "from tools import begin\n",
        "from tools import begin as run\n",
        "from tools import *\n",
        "getattr(tools, 'be' + 'gin')(print)\n",
        "getattr(tools, 'begin')(print)\n",
        "run = 'begin'\n",
        "run = 'tools.begin'\n",
        "run = 'tools:begin'\n",
        "run = f'{__package__}.begin'\n",
        "run = f'tools.{__name__}.begin'\n",
        "import other\nrun = ('other.'\n       'begin')\n",
        "begin(print)\n",
        "def run(module):\n    module.begin(print)\n\n\nrun(tools)\n",
        "def run(module):\n    module.begin(print)\n\n\nm = [tools]\n",
        "import other\nothers = other.tools\nothers.begin(print)\n",
        "import other\nother.tools.begin(print)\n",
        "import other\nother.helpers.begin(print)\n",
        "import other\ngetattr(other.helpers, 'be' + 'gin')(print)\n",
        "from other import tools as others\nothers.begin(print)\n",
        "from other import tools as t\nu = t\nu.begin(print)\n",
        "import importlib\nt = importlib.import_module('tools')\nt.begin(print)\n",
        "import tools as t\nt = t or None\nt.begin(print)\n",
        "class Run:\n    t = tools\n\n    def run(self):\n        self.t.begin(1)\n",
        "try:\n    import other as t\nexcept ImportError:\n    t = tools\nt.begin(1)\n",
    ],
)
def test_whatever_may_be_its_name_is_a_call(said: str) -> None:
    other = "import tools\nimport tools as helpers\n\n\ndef begin():\n    pass\n"
    assert not moves(said, other=other)


@pytest.mark.parametrize(
    ("made", "is_met"),
    [
        ("def test_it():\n    {}    poller.work(print)\n", False),
        (
            "@mock.patch('eventlet.spawn')\ndef test_it(spawn):\n    poller.work(1)\n",
            False,
        ),
        ("@pytest.fixture\ndef mocked():\n    {}", True),
        ("@pytest.fixture(autouse=True)\ndef mocked():\n    {}", True),
        ("def mocked():\n    {}", True),
        ("{}", True),
    ],
)
def test_nobody_knows_who_takes_a_fixture(made: str, is_met: bool) -> None:
    head = "import pytest\nfrom unittest import mock\nimport poller\nimport tools\n\n\n"
    text = made.format("mock.patch('eventlet.spawn').start()\n")
    assert moves(test_poller=head + text) is not is_met


def test_another_module_may_have_it_under_a_name_of_its_own() -> None:
    said = "import other\n\nother.kept.begin(print)\n"
    assert not moves(said, other="import tools\n\nkept = tools\n")
    assert moves(said, other="import tools\n\nkept = tools.x\n")


def test_the_test_itself_may_call_it() -> None:
    assert not moves(test="        tools.begin(print)\n")


def test_another_file_that_is_loaded_may_call_it() -> None:
    other = "import tools\n\n\ndef run():\n    tools.begin(print)\n"
    assert not moves("import other\n", other=other)
    assert moves(other=other)


def test_a_mock_holds_for_the_tests_of_other_files_too() -> None:
    further = "import tools\nimport {}\n\n\nclass More({}.Test):\n    {}\n"
    test = "def test(self):\n        tools.begin(print)"
    assert not moves(test_more=further.format("test_poller", "test_poller", test))
    between = further.format("test_poller", "test_poller", "pass")
    last = further.format("between", "between", test.replace("tools.", "helper."))
    helper = "import tools\n\n\ndef begin(f):\n    tools.begin(f)\n"
    last += "\nimport helper\n"
    assert not moves(between=between, test_last=last, helper=helper)
    assert moves(between=between, helper=helper)


@pytest.mark.parametrize(
    ("more", "is_met"),
    [
        ("\n\nbegin(print)\n", True),
        ("\n\ndef run():\n    begin(print)\n", True),
        ("\n\nrun = begin\n", True),
        ("\n\nRUNS = {'begin': 1}\n", True),
        ("\n\ndef begin(function):\n    pass\n", True),
        ("\n\ndef run(begin):\n    begin()\n", False),
        ("    begin(function)\n", False),
    ],
)
def test_its_own_file_may_call_it(more: str, is_met: bool) -> None:
    assert moves(tools=more) is not is_met


@pytest.mark.parametrize(
    ("own", "is_met"),
    [
        ("import sys\n\nME = sys.modules[__name__]\n", True),
        ("ALL = globals()\n", True),
        ("import sys\n\nprint('os' in sys.modules)\n", False),
    ],
)
def test_a_module_may_put_itself_somewhere(own: str, is_met: bool) -> None:
    said = "def run(module):\n    module.begin(print)\n"
    assert moves(said, tools=f"\n\n{own}") is not is_met


@pytest.mark.parametrize(
    "begin",
    [
        TOOLS.replace("def begin", "@print\ndef begin"),
        TOOLS.replace("def begin(", "class Begin:\n  def begin(").replace(
            "    t", "   t"
        ),
        "import eventlet\n\neventlet.monkey_patch()\neventlet.spawn(print).kill()\n",
    ],
)
def test_what_is_reached_by_other_means_than_a_name_may_be_met(begin: str) -> None:
    assert not moves(begin=begin)


@pytest.mark.parametrize(
    ("more", "is_apart"),
    [("", True), ("\n\ndef run():\n    begin(print)\n", False)],
)
def test_two_names_become_one_only_where_a_test_may_come(
    more: str, is_apart: bool
) -> None:
    tools = (
        "import eventlet\n\neventlet.monkey_patch()\n\n\n"
        "def begin(function):\n    eventlet.spawn_n(function)\n\n\n"
        "def work(function):\n    eventlet.spawn(function)\n"
    )
    test = TEST.replace("poller", "tools").replace("import tools\n", "", 1)
    files = {
        "tools.py": tools + more,
        "test_tools.py": test.format(""),
        "caller.py": "import tools\n\ntools.begin(print)\n",
    }
    case = Case("spawn", "spawn", 1, tuple(File(p, t, t) for p, t in files.items()))
    outcome = rewrite(case).outcome
    assert ("test_tools.py" in outcome.changes) is is_apart
    assert is_apart or "mock.both" in {each.reason for each in outcome.verdicts}
