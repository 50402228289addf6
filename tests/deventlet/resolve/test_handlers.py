from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

BEFORE = "import signal\nimport eventlet\neventlet.monkey_patch()\n\n\n"
RUN = "def run(*args):\n    {}\n\n\n"
START = "eventlet.spawn_n(print, 1)"
SET = "signal.signal(signal.SIGHUP, {})\n"


def reasons(text: str, other: str = "") -> set[str]:
    """The reasons for which the one start stays."""
    code = BEFORE + text
    files = (File("proj/main.py", code, code), File("proj/other.py", other, other))
    found = rewrite(Case("spawn", "a case", 1, files))
    return {v.reason for v in found.outcome.verdicts if not v.applies}


@pytest.mark.parametrize(
    "text",
    [
        RUN.format(START) + SET.format("run"),
        RUN.format(START) + SET.format("lambda *args: run()"),
        RUN.format(START) + "def stop(*args):\n    run()\n\n\n" + SET.format("stop"),
        "import functools\n" + RUN.format(START)
        + SET.format("functools.partial(run, 1)"),
        "from signal import signal\n" + RUN.format(START) + "signal(1, run)\n",
        "from signal import signal as on\n" + RUN.format(START) + "on(1, run)\n",
        "import signal as os_signal\n" + RUN.format(START)
        + "os_signal.signal(1, run)\n",
        RUN.format(START) + "signal.signal \\\n    (1, run)\n" + SET.format("print"),
        "class A:\n    def __init__(self):\n        signal.signal(1, self.stop)\n\n"
        "    def stop(self, *args):\n        pass\n\n\n"
        f"class B(A):\n    def stop(self, *args):\n        {START}\n",
        f"def stop(runner, signum, frame):\n    {START}\n",
    ],
)  # fmt: skip
def test_a_start_in_a_handler_stays(text: str) -> None:
    assert reasons(text) == {"spawn.signal"}


def test_a_handler_may_be_set_in_another_file() -> None:
    other = "import signal\nfrom proj import main\n\nsignal.signal(1, main.run)\n"
    assert reasons(RUN.format(START), other) == {"spawn.signal"}


@pytest.mark.parametrize(
    "text",
    [
        RUN.format(START) + "run()\n",
        RUN.format(START) + SET.format("signal.SIG_IGN"),
        "def stop(*args):\n    pass\n\n\n" + SET.format("stop") + START + "\n",
        RUN.format(START) + "signal.getsignal(run)\n",
        f"def send(signal, message):\n    {START}\n",
    ],
)
def test_a_start_beside_a_handler_goes(text: str) -> None:
    assert reasons(text) == set()


MADE = "from eventlet import event, semaphore\nthing = {}\n\n\n"


@pytest.mark.parametrize(
    ("codemod", "made", "used"),
    [
        ("queue", "eventlet.Queue()", "thing.put(1)"),
        ("queue", "eventlet.queue.LightQueue()", "thing.qsize()"),
        ("semaphore", "semaphore.Semaphore(1)", "thing.release()"),
        ("event", "event.Event()", "thing.send()"),
    ],
)
def test_what_a_handler_may_find_locked_stays(
    codemod: str, made: str, used: str
) -> None:
    text = MADE.format(made) + RUN.format(used)
    assert stays(codemod, text + SET.format("run"))
    assert stays(codemod, text + SET.format("lambda *args: run()"))
    assert stays(codemod, text + "class A:\n    def __del__(self):\n        " + used)
    assert not stays(codemod, text + "run()\n")


def test_a_method_itself_may_be_the_handler() -> None:
    made = MADE.format("eventlet.Queue()")
    assert stays("queue", made + SET.format("thing.put"))
    assert not stays("queue", made + "register(thing.put)\n")


def test_a_handler_may_look_at_an_event() -> None:
    made = MADE.format("event.Event()")
    text = made + RUN.format("print(thing.ready())") + SET.format("run")
    assert not stays("event", text + "thing.send()\n")


def stays(codemod: str, text: str) -> bool:
    """Whether the object stays because of what interrupts."""
    code = BEFORE + text
    file = File("proj/main.py", code, code)
    result = rewrite(Case(codemod, "a case", 1, (file,)))
    is_kept = "value.interrupts" in {v.reason for v in result.outcome.verdicts}
    assert (result.after == result.before) is is_kept
    return is_kept
