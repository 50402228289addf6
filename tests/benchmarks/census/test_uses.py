"""The benchmark's own count of uses, on a small repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.census.uses import count


def counted(folder: Path, **files: str) -> list[tuple[str, int, str, str]]:
    """What is counted in a repository of these files, by their names in `proj`."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "proj").mkdir()
    (folder / "proj" / "__init__.py").touch()
    for name, text in files.items():
        (folder / "proj" / f"{name}.py").write_text(text)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return [(use.path[5:], use.line, use.kind, use.api) for use in count(folder).uses]


@pytest.mark.parametrize(
    ("code", "api"),
    [
        ("import eventlet\neventlet.sleep(1)\n", "eventlet.sleep"),
        ("import eventlet as e\ne.sleep(1)\n", "eventlet.sleep"),
        ("from eventlet import sleep\nf(sleep)\n", "eventlet.sleep"),
        (
            "import eventlet.green.socket\neventlet.green.socket.socket()\n",
            "eventlet.green.socket.socket",
        ),
        ("try:\n import eventlet\nexcept E:\n eventlet = None\neventlet.x\n", "x"),
        ("import eventlet\nnap = eventlet.sleep\nnap(1)\n", "eventlet.sleep"),
        ("def f():\n import eventlet\n def g():\n  eventlet.sleep(1)\n", "sleep"),
        ("from u import try_import\ne = try_import('eventlet')\ne.sleep\n", "sleep"),
        ("import eventlet\ngetattr(eventlet, 'sleep')(1)\n", "eventlet"),
        ("import futurist\nfuturist.GreenThreadPoolExecutor()\n", "Executor"),
        ("import futurist\nfuturist.SynchronousExecutor(green=True)\n", "Executor"),
        ("from oslo_utils import eventletutils as u\nu.Event()\n", "Event"),
        (
            "import oslo_messaging as m\nm.get_rpc_server(t, g, e, 'eventlet')\n",
            "get_rpc_server",
        ),
    ],
)
def test_a_use_is_counted_in_any_spelling(tmp_path: Path, code: str, api: str) -> None:
    last = code.count("\n")
    assert [
        found
        for _, line, kind, found in counted(tmp_path, app=code)
        if (line, kind) == (last, "use") and found.endswith(api)
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1)\n",
        "def f(eventlet):\n eventlet.sleep(1)\n",
        "import eventlet\ndef f():\n eventlet = g()\n eventlet.sleep(1)\n",
        "import futurist\nfuturist.SynchronousExecutor()\n",
        "import oslo_messaging as m\nm.get_rpc_server(t, g, e, executor='threading')\n",
        "class C:\n import eventlet\n def f(self):\n  eventlet.sleep(1)\n",
    ],
)
def test_what_is_not_eventlets_is_not_counted(tmp_path: Path, code: str) -> None:
    found = counted(tmp_path, app=code)
    assert [each for each in found if each[2] != "import"] == []


def test_names_that_another_file_passes_on_are_counted(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        shim="from eventlet import sleep as nap\n",
        app="from proj.shim import nap\nnap(1)\n",
        other="from . import shim\nshim.nap(1)\n",
    )
    assert ("app.py", 2, "use", "eventlet.sleep") in found
    assert ("other.py", 2, "use", "eventlet.sleep") in found


@pytest.mark.parametrize(
    "code",
    [
        "mock.patch('eventlet.sleep')\n",
        "mock.patch('proj.app.eventlet.sleep')\n",
        "import eventlet\nmock.patch.object(eventlet, 'sleep')\n",
        "import eventlet\nself.mock_object(eventlet, 'sleep', fake)\n",
        "import eventlet\nself._mock_object(eventlet, 'sleep')\n",
    ],
)
def test_what_a_test_replaces_is_counted_once(tmp_path: Path, code: str) -> None:
    found = [each for each in counted(tmp_path, app=code) if each[2] != "import"]
    assert [(kind, api) for _, _, kind, api in found] == [("mock", "eventlet.sleep")]


def test_a_module_of_the_project_may_be_called_eventlet(tmp_path: Path) -> None:
    own = "from eventlet import sleep\nfrom proj import base\n"
    tests = "mock.patch('proj.eventlet.base')\nmock.patch('proj.eventlet.sleep')\n"
    found = counted(tmp_path, eventlet=own, base="", test_it=tests)
    assert [each[1:] for each in found if each[2] == "mock"] == [
        (2, "mock", "eventlet.sleep")
    ]


def test_such_a_module_may_take_nothing_of_eventlet(tmp_path: Path) -> None:
    own = "def patch():\n    import eventlet\n    eventlet.monkey_patch()\n"
    tests = "mock.patch('proj.eventlet.patch')\nmock.patch('eventlet.sleep')\n"
    found = counted(tmp_path, eventlet=own, test_it=tests)
    assert [each[1:] for each in found if each[2] == "mock"] == [
        (2, "mock", "eventlet.sleep")
    ]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("e = eventlet.Event()\ne.send(1)\n", ["Event#send"]),
        ("def f():\n e = eventlet.Event()\n e.send(1)\n", ["Event#send"]),
        (
            "class C:\n def f(self):\n  self.p = eventlet.GreenPool()\n"
            " def g(self):\n  self.p.waitall()\n",
            ["GreenPool#waitall"],
        ),
        ("with eventlet.Timeout(1) as t:\n t.cancel()\n", ["Timeout#cancel"]),
        ("e = eventlet.Event()\ne = g()\ne.send(1)\n", []),
        ("def f(e):\n e = eventlet.Event()\n e.send(1)\n", []),
    ],
)
def test_a_member_counts_if_the_variable_is_nothing_else(
    tmp_path: Path, code: str, found: list[str]
) -> None:
    uses = counted(tmp_path, app=f"import eventlet\n{code}")
    assert [api for _, _, kind, api in uses if kind == "method"] == found


def test_a_file_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    counted(tmp_path, app="import eventlet\nprint 'Python 2'\n")
    assert count(tmp_path).unreadable == ["proj/app.py"]
