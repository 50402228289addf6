"""Statements in place of the one that holds a site, and new local names.

The codemods are stand-ins: one makes a daemon timer of ``spawn_after``, which takes
three statements, and one takes the body out of a ``with``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import libcst as cst
import pytest

from deventlet.codemod import Context, Decision, Instead, Page, Refuse, Rewrite, Subject
from deventlet.driver import decide
from deventlet.driver import run as driver
from deventlet.driver.run import Outcome, Request

PAGE = Page(
    "timer", "timers", "Use timers", {"eventlet.spawn_after": "threading.Timer"}, "A"
)
TIMEOUT = replace(PAGE, replaces={"eventlet.Timeout": "queue.Empty"})

HEAD = "import eventlet\n\n\n"


def _timer(subject: Subject, context: Context) -> Decision:
    """``x = spawn_after(…)`` or the call alone, as a daemon timer."""
    site = subject.origin
    held = context.code.statement(site)
    if not isinstance(held, cst.SimpleStatementLine):
        return Refuse("spawn.statement")
    function = context.names.name_of("threading", "Timer")
    call = context.code.call(site).with_changes(func=function)
    small = held.body[0]
    if isinstance(small, cst.Assign):
        target = small.targets[0].target
        assert isinstance(target, cst.Name)
        name = target.value
    else:
        name = context.names.local_name("timer", site)
    first = cst.Assign([cst.AssignTarget(cst.Name(name))], call)
    after = [f"{name}.daemon = True\n", f"{name}.start()\n"]
    lines = (held.with_changes(body=[first]), *map(_line, after))
    return Rewrite({site: Instead(lines)})


def _line(text: str) -> cst.SimpleStatementLine:
    line = cst.parse_statement(text)
    assert isinstance(line, cst.SimpleStatementLine)
    return line


def _unwrap(subject: Subject, context: Context) -> Decision:
    """``with Timeout(1): a; b`` without its header."""
    held = context.code.statement(subject.origin)
    if not isinstance(held, cst.With):
        return Refuse("timeout.statement")
    found = [s for s in held.body.body if not isinstance(s, cst.BaseSmallStatement)]
    return Rewrite({subject.origin: Instead(tuple(found))})  # type: ignore[arg-type]


def _run(
    root: Path,
    text: str | bytes,
    monkeypatch: pytest.MonkeyPatch,
    page: Page = PAGE,
    rule: Callable[[Subject, Context], Decision] = _timer,
) -> Outcome:
    raw = text.encode() if isinstance(text, str) else text
    (root / "a.py").write_bytes(raw)
    monkeypatch.setattr(decide, "decider", lambda name: rule)
    return driver.run(page, Request(root, ["a.py"], frozenset({"a.py"})), {})


def _after(outcome: Outcome) -> str:
    assert outcome.changes, [(v.reason, v.detail) for v in outcome.verdicts]
    return outcome.changes["a.py"][1].decode()


NAMED = HEAD + "def f(g):\n    t = eventlet.spawn_after(5, g)  # later\n    return t\n"


def test_a_statement_becomes_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _after(_run(tmp_path, NAMED, monkeypatch)) == (
        "import threading\n\n\ndef f(g):\n    t = threading.Timer(5, g)  # later\n"
        "    t.daemon = True\n    t.start()\n    return t\n"
    )


@pytest.mark.parametrize(
    ("change", "newline", "step"),
    [
        (lambda t: t.replace("\n", "\r\n"), "\r\n", "    "),
        (lambda t: t.replace("    ", "\t"), "\n", "\t"),
        (lambda t: t.removesuffix("\n"), "\n", "    "),
    ],
    ids=["crlf", "tabs", "no final newline"],
)
def test_line_ends_and_indentation_are_the_files_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], str],
    newline: str,
    step: str,
) -> None:
    after = _after(_run(tmp_path, change(NAMED).encode(), monkeypatch))
    assert f"{newline}{step}t.daemon = True{newline}{step}t.start()" in after


def test_deeper_blocks_and_the_last_line_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        HEAD
        + "class A:\n  def f(self):\n    if self:\n"
        + "       eventlet.spawn_after(5, self.g)"
    )
    assert _after(_run(tmp_path, text, monkeypatch)).endswith(
        "       timer = threading.Timer(5, self.g)\n"
        "       timer.daemon = True\n       timer.start()"
    )


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("    return 1\n", "timer"),
        ("    timer = g\n    return timer\n", "timer_2"),
        ("    return lambda: timer\n", "timer_2"),
        ("    def h():\n        timer = 1\n        return timer\n", "timer"),
    ],
    ids=["free", "bound there", "read inside", "bound in an inner function"],
)
def test_a_new_local_name_is_one_that_nothing_there_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, name: str
) -> None:
    text = HEAD + f"def f(g):\n    eventlet.spawn_after(5, g)\n{body}"
    after = _after(_run(tmp_path, text, monkeypatch))
    assert f"    {name} = threading.Timer(5, g)\n" in after


def test_a_global_of_that_name_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HEAD + "timer = 1\n\n\ndef f(g):\n    eventlet.spawn_after(5, g)\n"
    assert "    timer_2 = " in _after(_run(tmp_path, text, monkeypatch))


def test_two_subjects_in_a_function_get_two_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = "    eventlet.spawn_after(5, g)\n"
    after = _after(_run(tmp_path, f"{HEAD}def f(g):\n{call}{call}", monkeypatch))
    assert "    timer = " in after
    assert "    timer_2.start()" in after


def test_a_module_is_not_imported_under_a_new_local_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(subject: Subject, context: Context) -> Decision:
        assert context.names.local_name("threading", subject.origin) == "threading"
        return _timer(subject, context)

    text = HEAD + "def f(g):\n    eventlet.spawn_after(5, g)\n"
    after = _after(_run(tmp_path, text, monkeypatch, rule=rule))
    assert "import threading as _threading\n" in after
    assert "_threading.Timer(5, g)" in after


@pytest.mark.parametrize(
    "line",
    [
        "eventlet.spawn_after(5, g); g()",
        "g(); eventlet.spawn_after(5, g)",
        "if g: eventlet.spawn_after(5, g)",
        "while eventlet.spawn_after(5, g):\n        pass",
    ],
)
def test_a_statement_that_cannot_be_cut_out_is_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    outcome = _run(tmp_path, f"{HEAD}def f(g):\n    {line}\n", monkeypatch)
    assert [v.reason for v in outcome.verdicts] == ["spawn.statement"]


def test_a_comment_inside_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(subject: Subject, context: Context) -> Decision:
        return Rewrite({subject.origin: Instead((_line("pass\n"),))})

    text = HEAD + "def f(g):\n    eventlet.spawn_after(5, g)  # why\n"
    outcome = _run(tmp_path, text, monkeypatch, rule=rule)
    assert [v.reason for v in outcome.verdicts] == ["comment.inside"]


def test_a_long_line_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "g" * 50
    text = HEAD + f"def f({long}):\n    eventlet.spawn_after(5, {long}, 1)\n"
    after = _after(_run(tmp_path, text, monkeypatch))
    assert f"    timer = threading.Timer(\n        5, {long}, 1)\n" in after


WITH = (
    HEAD
    + "def f(g):\n    with eventlet.Timeout(1):\n        # first\n        g(1,\n"
    + '          """a\n  b""")\n        return g\n'
)


def test_a_with_is_taken_off_its_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = _after(_run(tmp_path, WITH, monkeypatch, TIMEOUT, _unwrap))
    assert after == (
        'def f(g):\n    # first\n    g(1,\n      """a\n  b""")\n    return g\n'
    )


def test_a_site_inside_waits_for_the_statement_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HEAD + (
        "def f(g):\n    with eventlet.Timeout(1):\n"
        "        with eventlet.Timeout(2):\n            g()\n"
    )
    after = _after(_run(tmp_path, text, monkeypatch, TIMEOUT, _unwrap))
    assert after == "def f(g):\n    g()\n"
