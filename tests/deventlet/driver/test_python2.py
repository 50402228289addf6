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
        ("servers", "sock = eventlet.listen(('', 1))\nsock.close()", True),
        ("spawn", "eventlet.spawn(print, 1).wait()", True),
        ("sleep", "eventlet.sleep(1)", False),
        ("sleep", "eventlet.sleep(5 - CLASSIFIER)", False),
        ("sleep", "eventlet.sleep(5 - CLASSIFIER)\n\nmax = 3", True),
        ("spawn", "eventlet.spawn_after(1, print, **{'end': ''})", False),
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


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("import eventlet, example\nprint 'x'\n", True),
        ("import eventlet, example\nprint('x')\n", False),
        ("import eventlet\nprint 'x'\n", False),
        ("import eventlet, example\nx = = 1\n", False),
    ],
)
def test_code_for_python_2_speaks_for_what_it_loads(
    tmp_path: Path, old: str, says: bool
) -> None:
    (tmp_path / "example.py").write_text(f"{HEAD}jobs = eventlet.queue.Queue()\n")
    (tmp_path / "old.py").write_text(old)
    paths = ["example.py", "old.py"]
    found = run(pages()["queue"], Request(tmp_path, paths, frozenset(paths)), {})
    reasons = {each.reason for each in found.verdicts if each.verdict == "assume"}
    assert reasons == ({"python-three"} if says else set())


def test_the_native_backend_is_not_for_python_2(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(CLASSIFIER)
    (tmp_path / "serve.py").write_text(
        "import eventlet\n\neventlet.monkey_patch()\n\n"
        "from oslo_service import service\n\n"
        "if __name__ == '__main__':\n    service.launch(None, None)\n"
    )
    request = Request(tmp_path, ["serve.py"], frozenset({"serve.py"}))
    found = run(pages()["monkey-patch"], request, {}).verdicts
    (called,) = (each for each in found if each.subject.origin.line == 3)
    assert (called.verdict, called.reason) == ("assume", "python-three")
