"""A project that names Python 2 is not given what only Python 3 has without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.run import Request, run
from deventlet.registry import pages

CLASSIFIER = "[metadata]\nclassifier =\n    Programming Language :: Python :: 2.7\n"
HEAD = "import eventlet\nimport eventlet.corolocal\n\neventlet.monkey_patch()\n"


def verdict(root: Path, codemod: str, line: str, *assume: str) -> tuple[str, str, bool]:
    """What is decided of the last line of a file: verdict, reason, applied."""
    (root / "example.py").write_text(f"{HEAD}{line}\n")
    request = Request(
        root, ["example.py"], frozenset({"example.py"}), assume=frozenset(assume)
    )
    (found,) = (
        each
        for each in run(pages()[codemod], request, {}).verdicts
        if each.subject.origin.line == HEAD.count("\n") + 1
    )
    return found.verdict, found.reason, found.applies


@pytest.mark.parametrize(
    ("codemod", "line", "lacks"),
    [
        ("queue", "jobs = eventlet.queue.Queue()", True),
        ("queue", "from eventlet.queue import Empty\nprint(Empty)", True),
        (
            "green-imports",
            "from eventlet.green import httplib\nhttplib.OK",
            True,
        ),
        (
            "green-imports",
            "from eventlet.green import socket\nsocket.error",
            False,
        ),
        ("current-thread", "me = {eventlet.corolocal.get_ident(): 1}", True),
        ("semaphore", "gate = eventlet.semaphore.Semaphore()", False),
        ("spawn", "eventlet.spawn_n(print, 1)", True),
        (
            "timeout",
            "with eventlet.Timeout(5, KeyError):\n    while not CLASSIFIER:\n"
            "        eventlet.sleep(1)",
            True,
        ),
        (
            "timeout",
            "with eventlet.Timeout(5, False):\n    opened.wait()\n\n"
            "import threading\n\nopened = threading.Event()",
            False,
        ),
        (
            "timeout",
            "with eventlet.Timeout(5, False):\n    lock.acquire()\n\n"
            "import threading\n\nlock = threading.Lock()",
            True,
        ),
        ("sleep", "eventlet.sleep(1)", False),
    ],
)
def test_what_python_2_lacks_is_assumed(
    tmp_path: Path, codemod: str, line: str, lacks: bool
) -> None:
    known = verdict(tmp_path, codemod, line)
    assert known[0] == "rewrite"
    (tmp_path / "setup.cfg").write_text(CLASSIFIER)
    named = ("assume", "python-three", False)
    assert verdict(tmp_path, codemod, line) == (named if lacks else known)
    assert verdict(tmp_path, codemod, line, "process-patched") == (
        named if lacks else known
    )
    assert verdict(tmp_path, codemod, line, "python-three") == known


@pytest.mark.parametrize(
    "text",
    [
        "[metadata]\nclassifier =\n    Programming Language :: Python :: 3\n",
        "[metadata]\nclassifier =\n    # Programming Language :: Python :: 2\n",
        "[metadata]\nclassifier =\n    Programming Language :: Python :: 2000\n",
    ],
)
def test_other_classifiers_say_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "setup.cfg").write_text(text)
    found = verdict(tmp_path, "queue", "jobs = eventlet.queue.Queue()")
    assert found[0] == "rewrite"
