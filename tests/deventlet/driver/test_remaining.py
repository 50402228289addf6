"""What is left of green threads in the processes that run a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.processes.remaining import Remaining
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.facts import Remains
from deventlet.resolve.names import Names
from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project
from deventlet.source.discover import discover

MAIN = "from proj import digest\n\nif __name__ == '__main__':\n    digest.run()\n"
DIGEST = "from eventlet import tpool\n\n\ndef run():\n    tpool.execute(len, '')\n"
TICK = "import eventlet\n\n\ndef tick():\n    eventlet.sleep(1)\n"


def remains(root: Path, path: str, **files: str) -> Remains:
    """What remains for a file; ``__`` stands for a slash in the others' names."""
    texts = {f"proj/{name.replace('__', '/')}.py": text for name, text in files.items()}
    for name, text in {"proj/__init__.py": "", **texts}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    project = Project(root, discover([root]).files)
    return Remaining(Names(project, EVERYTHING), Processes(project)).of(path)


def test_nothing_is_left(tmp_path: Path) -> None:
    found = remains(tmp_path, "proj/digest.py", main=MAIN, digest=DIGEST)
    assert found == Remains((), "")


def test_what_the_process_loads_counts(tmp_path: Path) -> None:
    files = {"main": f"import proj.tick\n{MAIN}", "digest": DIGEST, "tick": TICK}
    found = remains(tmp_path, "proj/digest.py", **files)
    assert found == Remains(("proj/tick.py:5",), "")


def test_what_another_process_loads_does_not(tmp_path: Path) -> None:
    other = f"{TICK}\nif __name__ == '__main__':\n    tick()\n"
    files = {"main": MAIN, "digest": DIGEST, "other": other}
    assert remains(tmp_path, "proj/digest.py", **files) == Remains((), "")


def test_what_is_loaded_by_name_counts_everywhere(tmp_path: Path) -> None:
    files = {"main": MAIN, "digest": DIGEST, "plugin": TICK}
    found = remains(tmp_path, "proj/digest.py", **files)
    assert found.places == ("proj/plugin.py:5",)


@pytest.mark.parametrize(
    "text",
    [
        "from unittest import mock\nfrom proj import digest\n" + TICK,
        "from unittest import mock\n\nmock.patch('eventlet.sleep')\n",
    ],
)
def test_what_tests_do_does_not_count(tmp_path: Path, text: str) -> None:
    files = {"main": MAIN, "digest": DIGEST, "tests__test_digest": text}
    assert remains(tmp_path, "proj/digest.py", **files) == Remains((), "")


def test_a_test_waits_for_everything(tmp_path: Path) -> None:
    files = {"main": MAIN, "digest": DIGEST, "tests__test_digest": TICK}
    found = remains(tmp_path, "proj/tests/test_digest.py", **files)
    assert found.places == ("proj/tests/test_digest.py:5",)
    assert found.doubt


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("import eventlet\n", False),
        ("import eventlet\neventlet.debug.hub_exceptions(True)\n", False),
        ("import eventlet\nprint(getattr(eventlet, input())())\n", True),
        ("from eventlet import *\nprint(sleep(1))\n", True),
        ("import eventlet\n\nprint(\n", True),
        ("import eventlet\nqueue = eventlet.Queue()\n", True),
        ("from eventlet import wsgi\nwsgi.server(None, None)\n", True),
        ("from eventlet import websocket\nprint(websocket.WebSocketWSGI)\n", True),
        ("NAME = 'eventlet.sleep'\n", False),
    ],
)
def test_what_counts(tmp_path: Path, text: str, counts: bool) -> None:
    files = {"main": f"import proj.it\n{MAIN}", "digest": DIGEST, "it": text}
    found = remains(tmp_path, "proj/digest.py", **files)
    assert bool(found.places) == counts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import eventlet\neventlet.monkey_patch()\n", "proj/it.py calls monkey_patch"),
        (
            "import eventlet\n\n\ndef patch():\n    eventlet.monkey_patch()\n",
            "proj/it.py calls monkey_patch",
        ),
        ("from oslo_service import service\n", "proj/it.py imports oslo_service"),
        (
            "from oslo_service import backend, service\n"
            "backend.init_backend(backend.BackendType.THREADING)\n",
            "",
        ),
        ("import threading\n", ""),
    ],
)
def test_what_is_in_doubt(tmp_path: Path, text: str, said: str) -> None:
    files = {"main": f"import proj.it\n{MAIN}", "digest": DIGEST, "it": text}
    found = remains(tmp_path, "proj/digest.py", **files)
    assert found.places == ()
    assert found.doubt.startswith(said)
    assert bool(found.doubt) == bool(said)


def test_a_library_is_in_doubt(tmp_path: Path) -> None:
    found = remains(tmp_path, "proj/digest.py", digest=DIGEST)
    assert "no entry point" in found.doubt


def test_a_demonstration_says_nothing_of_a_library(tmp_path: Path) -> None:
    shown = f"{DIGEST}\n\nif __name__ == '__main__':\n    run()\n"
    files = {"digest": shown, "user": "from proj import digest\n"}
    assert "no entry point" in remains(tmp_path, "proj/digest.py", **files).doubt


@pytest.mark.parametrize(
    ("path", "choosing", "is_native"),
    [
        ("doc/source/conf.py", "proj/main.py", True),
        ("doc/source/conf.py", "proj/tests/test_a.py", False),
        ("serve.py", "proj/main.py", False),
        ("proj/conf.py", "proj/main.py", False),
        ("proj/main.py", "proj/main.py", True),
    ],
)
def test_only_documentation_has_the_backend_that_others_choose(
    tmp_path: Path, path: str, choosing: str, is_native: bool
) -> None:
    backend = "from oslo_service import backend\n"
    chosen = f"{backend}backend.init_backend(backend.BackendType.THREADING)\n"
    for name in ("proj/__init__.py", "proj/main.py", "proj/tests/__init__.py", path):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / choosing).write_text(chosen)
    project = Project(tmp_path, discover([tmp_path]).files)
    remaining = Remaining(Names(project, EVERYTHING), Processes(project))
    assert remaining.is_native(path, frozenset({path})) is is_native
