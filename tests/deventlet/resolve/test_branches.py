from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

BEFORE = "import os\nimport eventlet\neventlet.monkey_patch()\n\n\n"
AFTER = "\n\neventlet.spawn_n(run)\n"
FORKS = (
    "def launch(n=0):\n    if n < 1:\n        print()\n"
    "    else:\n        os.fork()\n\n\n"
)
CLASS = (
    "class Server:\n    def launch(self, n=0, *, m=None):\n        if {test}:\n"
    "            os.fork()\n\n    def start(self, n):\n        {call}\n\n\n"
)


def reasons(text: str) -> set[str]:
    """The reasons for which the one start stays."""
    code = BEFORE + text + AFTER
    files = (File("proj/main.py", code, code),)
    found = rewrite(Case("spawn", "a case", 1, files))
    return {v.reason for v in found.outcome.verdicts if not v.applies}


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("def run():\n    launch()\n", True),
        ("def run():\n    launch(0)\n", True),
        ("def run():\n    launch(n=0)\n", True),
        ("def run():\n    launch(1)\n", False),
        ("def run():\n    launch(n=len(os.listdir()))\n", False),
        ("def run():\n    launch(*[1])\n", False),
        ("def run():\n    launch(**{'n': 1})\n", False),
        ("def run():\n    launch()\n    launch(2)\n", False),
        ("def run(n=0):\n    launch(n)\n", False),
        ("def middle(n):\n    launch(n)\n\n\ndef run():\n    middle(0)\n", True),
        ("def middle(n):\n    n = 2\n    launch(n)\n\n\ndef run():\n    middle(0)\n",
         False),
        ("def middle(n):\n    def inner(n):\n        launch(n)\n    inner(1)\n\n\n"
         "def run():\n    middle(0)\n", False),
        ("def middle(n):\n    if not n:\n        launch(n)\n    else:\n"
         "        launch(9)\n\n\ndef run():\n    middle(0)\n", True),
        ("def middle(n):\n    while n:\n        launch(9)\n\n\n"
         "def run():\n    middle(0)\n", False),
        ("def wrap(f):\n    return lambda: f(5)\n\n\n"
         "@wrap\ndef middle(n=0):\n    launch(n)\n\n\ndef run():\n    middle()\n",
         False),
    ],
)  # fmt: skip
def test_a_branch_that_constants_pass_over_is_not_run(text: str, goes: bool) -> None:
    assert reasons(FORKS + text) == (set() if goes else {"spawn.main-thread"})


@pytest.mark.parametrize(
    ("test", "call", "run", "goes"),
    [
        ("n > 0", "self.launch(n)", "Server().start(0)", True),
        ("n > 0", "self.launch(n=n)", "Server().start(n=0)", True),
        ("n", "self.launch(n)", "Server().start(0)", True),
        ("not n", "self.launch(n)", "Server().start(0)", False),
        ("n > 0", "self.launch(n)", "Server().start(3)", False),
        ("n > 0", "Server.launch(self, n)", "Server().start(0)", False),
        ("m is not None", "self.launch(n)", "Server().start(9)", True),
        ("m is not None", "self.launch(n, m=n)", "Server().start(9)", False),
        ("n > m", "self.launch(n)", "Server().start(0)", False),
        ("n > 0 or os.name", "self.launch(n)", "Server().start(0)", False),
        ("(n := 1) > 0", "self.launch(n)", "Server().start(0)", False),
    ],
)
def test_methods_are_given_what_stands_behind_the_object(
    test: str, call: str, run: str, goes: bool
) -> None:
    text = CLASS.format(test=test, call=call) + f"def run():\n    {run}\n"
    assert reasons(text) == (set() if goes else {"spawn.main-thread"})


def test_a_subclass_may_give_something_else() -> None:
    text = CLASS.format(test="n", call="self.launch(n)")
    text += (
        "class Other(Server):\n    def start(self, n):\n        self.launch(7)\n\n\n"
    )
    text += "def run(server: Server):\n    server.start(0)\n\n\n"
    code = BEFORE + text + "\n\neventlet.spawn_n(run, Other())\n"
    found = rewrite(Case("spawn", "a case", 1, (File("proj/main.py", code, code),)))
    assert {v.reason for v in found.outcome.verdicts} == {"spawn.main-thread"}
