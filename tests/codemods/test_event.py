"""What the page of ``event`` cannot show in a block."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

PLAIN = """import eventlet

TIMEOUT = 5


def run(seconds, event):
    {}
"""


def verdicts(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """What is said of a program: verdict, reason, caveats."""
    case = Case("event", text, 1, (File("example.py", text, text),))
    return [
        (v.verdict, v.reason, v.rewrite.caveats if v.rewrite else ())
        for v in rewrite(case).outcome.verdicts
    ]


def caveats(text: str) -> tuple[str, ...]:
    """The caveats of the one event of a program, which changes."""
    ((_, reason, found),) = [v for v in verdicts(text) if v[0] != "refuse"]
    assert reason
    return found


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        ("done.wait(seconds)", ["event.timeout"]),
        ("done.wait(timeout=seconds - 1)", ["event.timeout"]),
        ("done.wait(TIMEOUT)", []),
        ("done.wait(timeout=2.5)", []),
        ("done.wait(None)", []),
        ("done.wait()", []),
    ],
)
def test_caveat_is_given_where_a_timeout_may_be_0(
    wait: str, expected: list[str]
) -> None:
    body = f"done = eventlet.Event()\n    done.send()\n    {wait}"
    assert list(caveats(PLAIN.format(body))) == expected


SENT = """import threading

import eventlet
from eventlet import greenthread


def run(flag, others, pool):
{}
    return done.wait()
"""

ONCE = [
    """
    done = eventlet.Event()
    done.send(1)
    """,
    """
    done = eventlet.Event()
    if flag:
        done.send(1)
    else:
        done.send(2)
    """,
    """
    done = eventlet.Event()
    if flag:
        done.send(1)
        return
    done.send(2)
    """,
    """
    done = eventlet.Event()
    try:
        done.send(flag())
    except Exception as error:
        done.send_exception(error)
    """,
    """
    done = eventlet.Event()
    try:
        value = flag()
    except ValueError:
        done.send(0)
    except Exception as error:
        done.send_exception(error)
    else:
        done.send(value)
    """,
    """
    for other in others:
        done = eventlet.Event()
        with other:
            done.send(1)
    """,
    """
    done = eventlet.Event()
    eventlet.spawn_n(lambda: done.send(1))
    """,
    """
    done = eventlet.Event()
    greenthread.spawn_after(1, done.send, 1)
    """,
    """
    done = eventlet.Event()
    threading.Timer(1, done.send, [flag]).start()
    """,
    """
    done = eventlet.Event()

    def work():
        match flag:
            case 1:
                done.send(1)
            case 2:
                done.send(2)

    threading.Thread(target=work, daemon=True).start()
    """,
    """
    done = eventlet.Event()

    def work():
        try:
            value = flag()
        except Exception as error:
            done.send_exception(error)
            return
        done.send(value)

    eventlet.spawn(work)
    """,
]

PERHAPS_TWICE = [
    """
    done = eventlet.Event()
    done.send(1)
    done.send(2)
    """,
    """
    done = eventlet.Event()
    if flag:
        done.send(1)
    done.send(2)
    """,
    """
    done = eventlet.Event()
    for other in others:
        done.send(other)
    """,
    """
    for other in others:
        if other:
            done = eventlet.Event()
        done.send(other)
    """,
    """
    done = eventlet.Event()
    for other in others:
        eventlet.spawn_n(lambda: done.send(other))
    """,
    """
    for other in others:
        done = eventlet.Event()
        eventlet.spawn_n(lambda: done.send(other))
    """,
    """
    done = eventlet.Event()
    [done.send(other) for other in others]
    """,
    """
    done = eventlet.Event()
    try:
        done.send(1)
        flag()
    except Exception as error:
        done.send_exception(error)
    """,
    """
    done = eventlet.Event()
    try:
        with flag:
            done.send(1)
    except Exception as error:
        done.send_exception(error)
    """,
    """
    done = eventlet.Event()
    try:
        done.send(1)
    finally:
        done.send(2)
    """,
    """
    done = eventlet.Event()
    with flag:
        done.send(1)
        flag()
        return
    done.send(2)
    """,
    """
    done = eventlet.Event()
    try:
        if flag:
            done.send(1)
            flag()
            return
    except ValueError:
        pass
    done.send(2)
    """,
    """
    done = eventlet.Event()

    def work():
        done.send(1)

    eventlet.spawn_n(work)
    eventlet.spawn_n(work)
    """,
    """
    done = eventlet.Event()

    def work():
        done.send(1)

    for other in others:
        eventlet.spawn_n(work)
    """,
    """
    done = eventlet.Event()

    def work():
        done.send(1)

    others.append(work)
    """,
    """
    done = eventlet.Event()

    def work():
        done.send(1)

    eventlet.spawn_n(flag, work)
    """,
    """
    done = eventlet.Event()

    @flag
    def work():
        done.send(1)

    eventlet.spawn_n(work)
    """,
    """
    done = eventlet.Event()

    def work():
        done.send(1)

    def start():
        work()

    flag(start)
    """,
    """
    done = eventlet.Event()
    eventlet.spawn_n(lambda: done.send(1))
    done.send(2)
    """,
    """
    done = eventlet.Event()
    if flag:
        done = eventlet.Event()
    done.send(2)
    """,
]


@pytest.mark.parametrize("body", ONCE)
def test_a_value_that_is_sent_once_needs_a_future(body: str) -> None:
    ((verdict, reason, found),) = verdicts(SENT.format(body))
    assert (verdict, reason, found) == ("assume", "process-patched", ())


PASSED = """from eventlet import event
import lib


def work(done):
    return done.wait()


done = event.Event()
thread = lib.spawn(work, done)
done.send(1)
"""


@pytest.mark.parametrize(
    ("lib", "verdict"),
    [
        ("from eventlet import spawn\n", "assume"),
        ("from deeper import spawn\n", "assume"),
        ("try:\n    from eventlet import spawn\nexcept ImportError:\n"
         "    spawn = None\n", "assume"),
        ("try:\n    from eventlet import spawn\nexcept ImportError:\n"
         "    from other import spawn\n", "refuse"),
        ("def spawn(function, event):\n    return keep(event)\n", "refuse"),
    ],
)  # fmt: skip
def test_an_event_is_followed_through_a_spawn_that_another_file_imports(
    lib: str, verdict: str
) -> None:
    texts = {
        "example.py": PASSED,
        "lib.py": lib,
        "deeper.py": "from eventlet.greenthread import spawn\n",
    }
    files = tuple(File(path, text, text) for path, text in texts.items())
    outcome = rewrite(Case("event", PASSED, 1, files)).outcome
    (found,) = [v for v in outcome.verdicts if v.subject.kind == "object"]
    assert found.verdict == verdict
    assert found.reason in ("process-patched", "value.passed")


@pytest.mark.parametrize("body", PERHAPS_TWICE)
def test_a_value_that_may_be_sent_twice_is_refused(body: str) -> None:
    assert ("refuse", "event.sends", ()) in verdicts(SENT.format(body))


@pytest.mark.parametrize(
    "body",
    [
        body
        for body in ONCE
        if not any(text in body for text in ("exception", "flag())", "send,"))
    ],
)
def test_no_caveat_where_one_sending_is_proven(body: str) -> None:
    text = SENT.format(body).replace("return done", "done")
    assert ("assume", "process-patched", ()) in verdicts(text)


@pytest.mark.parametrize(
    "body", [body for body in PERHAPS_TWICE if "send_exception" not in body]
)
def test_caveat_is_given_where_a_second_sending_was_an_error(body: str) -> None:
    text = SENT.format(body).replace("return done", "done")
    assert "event.sent-again" in caveats(text)


ESCAPES = {
    "value.passed": "import other\n    other.run(done)",
    "value.stored": "event.done = done",
    "value.computed": "getattr(done, event)()",
    "event.reference": "import other\n    other.call(done.send)",
    "event.missing": "done._do_send(None, None, None)",
    "event.member-mocked": "mock.patch.object(done, 'wait')",
}


@pytest.mark.parametrize("reason", ESCAPES)
def test_an_event_stays_as_a_whole_with_what_cannot_change(reason: str) -> None:
    use = "done = eventlet.Event()\n    done.send()\n    done.wait()\n    " + "{}"
    text = PLAIN.format(use.format(ESCAPES[reason]))
    case = Case("event", reason, 1, (File("example.py", text, text),))
    result = rewrite(case)
    assert [v.reason for v in result.outcome.verdicts] == [reason]
    assert result.after == result.before


def test_an_event_of_two_classes_stays() -> None:
    made = "done = event if seconds else eventlet.Event()"
    text = PLAIN.format(f"{made}\n    done.send()\n    done.wait()")
    ((verdict, reason, _),) = verdicts(text)
    assert (verdict, reason) == ("refuse", "value.mixed")


def test_an_import_goes_although_another_file_names_the_native_class() -> None:
    service = (
        "import eventlet\nfrom eventlet.event import Event\n\n"
        "eventlet.monkey_patch()\nstopped = Event()\n\n\n"
        "def stop():\n    stopped.send()\n\n\ndef run():\n    stopped.wait()\n"
    )
    user = "import threading\n\nfrom proj import service\n\nservice.stop()\n"
    user += "mine = threading.Event()\n"
    for text, stays in ((user, False), (user + "his = service.Event\n", True)):
        files = (
            File("proj/service.py", service, service),
            File("proj/user.py", text, text),
        )
        after = rewrite(Case("event", "import", 1, files)).after["proj/service.py"]
        assert (b"from eventlet.event import Event" in after) is stays


def test_an_object_that_a_mock_is_around_is_not_lost_from_sight() -> None:
    text = (
        "from unittest import mock\n\nfrom eventlet import event, monkey_patch\n\n"
        "monkey_patch()\n\n\nclass Service:\n    def __init__(self):\n"
        "        self.started_event = event.Event()\n\n\nclass Fake:\n"
        "    def __init__(self, service):\n"
        "        self.service = mock.Mock(wraps=service)\n\n"
        "    def look(self):\n        self.service.started_event.send()\n\n\n"
        "Fake(Service()).look()\n"
    )
    result = rewrite(Case("event", "wraps", 1, (File("a.py", text, text),)))
    assert result.after == result.before
