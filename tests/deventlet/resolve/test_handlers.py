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
