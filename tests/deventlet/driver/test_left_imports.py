"""Imports that lose their last use: which go, and which somebody else may need."""

from __future__ import annotations

import pytest

from tests.pages import Case, File
from tests.support.tool import rewrite

MAKER = "from oslo_utils import eventletutils\n{}\nready = eventletutils.Event()\n"


def after(codemod: str, config: str | None = None, **sources: str) -> str:
    """What becomes of the first of some files of a package."""
    paths = {f"proj/{name}.py": text for name, text in sources.items()}
    files = tuple(File(path, text, text) for path, text in paths.items())
    result = rewrite(Case(codemod, "x", 1, files, config))
    return result.after[next(iter(paths))].decode()


@pytest.mark.parametrize(
    ("names", "goes"),
    [
        ("__all__ = ['ready']", True),
        ("__all__ = ('ready',)", True),
        ("__all__ = ['ready', 'eventletutils']", False),
        ("", False),
        ("__all__ = [str('ready')]", False),
        ("__all__ = ['ready']\n__all__ += ['more']", False),
        ("__all__ = list(globals())", False),
        ("if True:\n    __all__ = ['ready']", False),
    ],
)
def test_star_import_takes_what_all_says(names: str, goes: bool) -> None:
    found = after(
        "eventletutils", maker=MAKER.format(names), user="from proj.maker import *\n"
    )
    assert "ready = threading.Event()" in found
    assert ("eventletutils import" in found or "import eventletutils" in found) != goes


STANDARD = (
    'executor = "concurrent.futures.ThreadPoolExecutor"\nassume = ["process-patched"]\n'
)
POOL = (
    "with futurist.GreenThreadPoolExecutor(2) as executor:\n    executor.submit(int)\n"
)


@pytest.mark.parametrize(
    ("source", "config", "goes"),
    [
        (f"import futurist\n\n{POOL}", STANDARD, True),
        (f"import futurist\n\n{POOL}", None, False),
        (f"import futurist\n\n{POOL}futurist.Future()\n", STANDARD, False),
        (f"import futurist\n\n__all__ = ['futurist']\n{POOL}", STANDARD, False),
    ],
)
def test_package_goes_with_its_last_use(
    source: str, config: str | None, goes: bool
) -> None:
    found = after("executor-native", config, example=source)
    assert "GreenThreadPoolExecutor" not in found
    assert ("import futurist" not in found) == goes


def test_package_that_another_file_takes_stays() -> None:
    found = after(
        "executor-native",
        STANDARD,
        maker=f"import futurist\n\n{POOL}",
        user="from proj import maker\n\nmaker.futurist.Future()\n",
    )
    assert "import futurist\n" in found


SHIM = "from eventlet.semaphore import Semaphore  # noqa\nfrom eventlet import sleep\n"
USER = (
    "{}\n\n\ndef run(sleep):\n    lock = Semaphore(1)\n"
    "    with lock:\n        sleep(1)\n"
)


@pytest.mark.parametrize(
    ("imports", "shim", "left"),
    [
        ("from proj.shim import Semaphore, sleep", SHIM, "import sleep\n"),
        ("from proj.shim import Semaphore", SHIM, ""),
        ("from proj.shim import Semaphore", f"LOG = log()\n{SHIM}", ""),
        ("from proj.shim import Semaphore\nimport proj.shim", f"go()\n{SHIM}", ".shim"),
        ("from proj.shim import Semaphore", f"{SHIM}from proj import idle\n", ""),
    ],
)
def test_name_that_the_project_passes_on_goes_with_its_last_use(
    imports: str, shim: str, left: str
) -> None:
    found = after(
        "semaphore", user=USER.format(imports), shim=shim, idle='"""Nothing."""\n'
    )
    assert "lock = threading.Semaphore(1)" in found
    assert "import Semaphore" not in found
    assert left in found


@pytest.mark.parametrize(
    "shim",
    [
        f"{SHIM}register()\n",
        f"{SHIM}import logging\n\nlogging.thread = sleep\n",
        f"{SHIM}if sleep:\n    register()\n",
        f"{SHIM}try:\n    import this\nexcept ImportError:\n    register()\n",
        f"{SHIM}from proj import busy\n",
        f"{SHIM}import proj.busy\n",
    ],
)
def test_import_that_may_do_something_else_keeps_its_name(shim: str) -> None:
    user = USER.format("from proj.shim import Semaphore")
    assert after("semaphore", user=user, shim=shim, busy="register()\n") == user


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("from eventlet.queue import Empty  # noqa", "from queue import Empty  # noqa"),
        (
            "from eventlet.queue import Empty, resize  # noqa: F401",
            "from queue import Empty  # noqa: F401",
        ),
        (
            "from eventlet.queue import (  # noqa\n    Empty,\n    resize,\n)",
            "from queue import Empty  # noqa",
        ),
        (
            "from eventlet.queue import (\n    Empty,  # noqa: F401\n    resize,\n)",
            "from queue import Empty  # noqa: F401",
        ),
        ("from eventlet.queue import Empty  # noqa: E402", "from queue import Empty"),
    ],
)
def test_unused_name_keeps_what_allows_it(statement: str, line: str) -> None:
    user = "from proj.maker import Empty\n\n\ndef run():\n    raise Empty\n"
    assert line in after("queue", maker=f"{statement}\n", user=user).splitlines()


def test_used_name_leaves_what_allowed_another() -> None:
    statement = "from eventlet.queue import Empty, resize  # noqa\n"
    found = after("queue", maker=f"{statement}\n\ndef run():\n    raise Empty\n")
    assert "from queue import Empty" in found.splitlines()


@pytest.mark.parametrize(
    ("body", "handler", "goes"),
    [
        ("import greenlet\n    def ident():\n        return", "ImportError", False),
        (
            "import greenlet, thing\n    def ident():\n        return",
            "ImportError",
            True,
        ),
        ("import greenlet\n    def ident():\n        return", "ValueError", True),
    ],
)
def test_attempt_keeps_the_import_that_it_is_for(
    body: str, handler: str, goes: bool
) -> None:
    source = (
        "import threading\n\nimport eventlet\n\neventlet.monkey_patch()\n\n"
        f"try:\n    {body} {{1: 2}}.get(id(greenlet.getcurrent()))\n"
        f"except {handler}:\n    def ident():\n        return 1\n"
    )
    assert ("greenlet" not in after("current-thread", example=source)) is goes
