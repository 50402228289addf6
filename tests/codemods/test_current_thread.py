"""What the page of ``current-thread`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite


@pytest.mark.parametrize(
    ("use", "caveats"),
    [
        ("corolocal.local()", ["current-thread.pool"]),
        ("type('Data', (corolocal.local,), {})", ["current-thread.pool"]),
        ("corolocal.get_ident()", []),
        ("{'owner': corolocal.get_ident}", []),
    ],
)
def test_caveat_is_given_for_what_a_thread_keeps(use: str, caveats: list[str]) -> None:
    text = f"from eventlet import corolocal\n\nkept = {use}\n"
    case = Case("current-thread", use, 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats


@pytest.mark.parametrize(
    ("use", "caveats"),
    [
        ("print(eventlet.getcurrent())", ["current-thread.printed"]),
        ("print(id(eventlet.getcurrent()))", ["current-thread.printed"]),
        ("kept = id(eventlet.getcurrent())", ["current-thread.reused"]),
        (
            "kept = {eventlet.getcurrent(): 1}\nprint(len(kept))",
            ["current-thread.reused"],
        ),
        (
            "kept = {}\nkept[eventlet.getcurrent()] = 1\nprint(kept)",
            ["current-thread.printed", "current-thread.reused"],
        ),
    ],
)
def test_caveat_is_given_for_a_number(use: str, caveats: list[str]) -> None:
    text = f"import eventlet\n\n{use}\n"
    case = Case("current-thread", use, 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.rewrite is not None
    assert list(verdict.rewrite.caveats) == caveats


def test_a_comment_inside_of_id_is_kept() -> None:
    text = "import eventlet\n\nprint(id(  # who\n    eventlet.getcurrent()))\n"
    case = Case("current-thread", "comment", 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.reason == "comment.inside"


@pytest.mark.parametrize("patches", ["os=True", "thread=False"])
@pytest.mark.parametrize("use", ["local", "local()", "get_ident()"])
def test_green_threads_alike_are_refused(use: str, patches: str) -> None:
    text = (
        "import eventlet\nfrom eventlet import corolocal\n\n"
        f"eventlet.monkey_patch({patches})\n\n\n"
        f"def work():\n    return corolocal.{use}\n\n\n"
        'if __name__ == "__main__":\n    eventlet.spawn(work).wait()\n'
    )
    case = Case("current-thread", use + patches, 1, (File("example.py", text, text),))
    (verdict,) = rewrite(case).outcome.verdicts
    assert verdict.reason == "process.unpatched"
