"""Which function runs where: the starts that are known, and who inherits a thread."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.processes.threads import started
from tests.deventlet.hazards.found import threads_in

FILE = """
    import functools
    import threading

    import eventlet
    from eventlet import greenthread, tpool
    from oslo_service import loopingcall, threadgroup

    def work(*args): ...

    def later(f, *args):
        eventlet.spawn_n(f, *args)

    def wrapping(f, *args):
        def inner():
            return f(*args)
        return eventlet.spawn(inner)

    def passing(runner, f):
        return runner(f)

    def through(f):
        return passing(eventlet.spawn, f)

    def each(f, items):
        for item in items:
            eventlet.spawn(f, item)

    class Service:
        def __init__(self, tg, executor, pool):
            self.tg = threadgroup.ThreadGroup()
            self.pool = eventlet.GreenPool()

        def work(self, *args): ...

        def run(self, items, pool, executor, thread):
            {call}
    """


def starts_of(root: Path, call: str) -> list[tuple[str, str, str]]:
    """Target, API and frequency of what starts a ``work``."""
    threads = threads_in(root, {"service.py": FILE.format(call=call)})
    return [
        (thread.name, api, often)
        for thread in started(threads)
        for _, api, often in thread.starts
        if thread.name.endswith(("work", "lambda"))
    ]


KNOWN = {
    "eventlet.spawn(work)": ("work", "eventlet.spawn", "once"),
    "greenthread.spawn_after(1, work)": ("work", "eventlet.spawn_after", "once"),
    "eventlet.spawn_after_local(1, func=work)": (
        *("work", "eventlet.spawn_after_local", "once"),
    ),
    "eventlet.spawn(self.work)": ("Service.work", "eventlet.spawn", "once"),
    "eventlet.spawn(functools.partial(work, 1))": ("work", "eventlet.spawn", "once"),
    "eventlet.spawn(lambda: 1)": ("lambda", "eventlet.spawn", "once"),
    "tpool.execute(work, 1)": ("work", "eventlet.tpool.execute", "once"),
    "threading.Thread(target=work).start()": ("work", "threading.Thread", "once"),
    "threading.Timer(5, work).start()": ("work", "threading.Timer", "once"),
    "self.pool.spawn_n(work)": ("work", "GreenPool.spawn_n", "once"),
    "list(self.pool.imap(work, items))": ("work", "GreenPool.imap", "loop"),
    "executor.submit(work)": ("work", "executor.submit", "once"),
    "eventlet.spawn(print).link(work)": ("work", "GreenThread.link", "once"),
    "self.tg.add_thread(self.work)": ("Service.work", "tg.add_thread", "once"),
    "self.tg.add_timer(60, self.work)": ("Service.work", "tg.add_timer", "timer"),
    "loopingcall.FixedIntervalLoopingCall(self.work)": (
        *("Service.work", "oslo_service.loopingcall.FixedIntervalLoopingCall", "timer"),
    ),
    "for i in items: eventlet.spawn(work, i)": ("work", "eventlet.spawn", "loop"),
    "[eventlet.spawn(work, i) for i in items]": ("work", "eventlet.spawn", "loop"),
    "while True: eventlet.spawn(work)": ("work", "eventlet.spawn", "forever"),
    "while items: eventlet.spawn(work)": ("work", "eventlet.spawn", "loop"),
    "later(work)": ("work", "service.later", "once"),
    "wrapping(self.work)": ("Service.work", "service.wrapping", "once"),
    "through(work)": ("work", "service.through", "once"),
    "each(work, items)": ("work", "service.each", "loop"),
    "for i in items: later(work, i)": ("work", "service.later", "loop"),
}


@pytest.mark.parametrize(("call", "expected"), KNOWN.items(), ids=KNOWN)
def test_a_start_that_is_known(
    tmp_path: Path, call: str, expected: tuple[str, str, str]
) -> None:
    assert starts_of(tmp_path, call) == [expected]


@pytest.mark.parametrize(
    "call",
    [
        "work()",
        "map(work, items)",
        "items.append(work)",
        "thread.spawn(work)",
        "executor.submit(unknown)",
        "functools.partial(work, 1)",
        "items.sort(key=work)",
        "eventlet.spawn(getattr(self, items))",
    ],
)
def test_what_is_no_start_or_cannot_be_followed(tmp_path: Path, call: str) -> None:
    assert starts_of(tmp_path, call) == []


USED = {
    "proj/__init__.py": "",
    "proj/tools.py": "import eventlet\n\ndef nap():\n    eventlet.sleep(1)\n",
    "proj/main.py": """
        import eventlet

        from proj import tools
        from proj.tools import nap

        class Service:
            def start(self):
                eventlet.spawn(self.loop)

            def loop(self):
                self.helper()
                {call}

            def helper(self):
                eventlet.sleep(2)

            def other(self):
                eventlet.sleep(3)

        class Child(Service):
            def loop(self):
                super().loop()
        """,
}


@pytest.mark.parametrize(
    ("call", "inherits"),
    [
        ("tools.nap()", True),
        ("nap()", True),
        ("self.nap()", False),
        ("print(nap)", False),
        ("Service().nap()", False),
    ],
)
def test_what_is_called_by_name_runs_there_too(
    tmp_path: Path, call: str, inherits: bool
) -> None:
    files = {path: text.replace("{call}", call) for path, text in USED.items()}
    threads = threads_in(tmp_path, files)
    reached = {
        getattr(each.node, "name", "") for found in threads.reached.values()
        for each in found
    }  # fmt: skip
    assert reached == {"loop", "helper"} | ({"nap"} if inherits else set())


def test_files_that_nobody_parsed_are_not_parsed_for_it(tmp_path: Path) -> None:
    files = {
        "main.py": "import eventlet\nimport plain\neventlet.spawn(plain.run)\n",
        "plain.py": "def run():\n    pass\n",
    }
    threads = threads_in(tmp_path, files)
    assert threads.program.project.paths == ["main.py"]
    assert threads.starts == ()
