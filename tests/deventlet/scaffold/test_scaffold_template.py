"""The module that a scaffold writes, run in both modes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deventlet.scaffold import scaffold

SWITCH = "OS_PROJ_DISABLE_EVENTLET_PATCHING"
SERVICES = {
    "proj/service.py": "from oslo_service import service\n",
    "oslo_service/__init__.py": "",
    "oslo_service/backend.py": (
        "class BackendType:\n    EVENTLET = 'green'\n    THREADING = 'native'\n\n\n"
        "def init_backend(backend):\n    print('backend', backend)\n"
    ),
}
"""A stand-in that says which backend was chosen."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path, {})


def make(root: Path, files: Mapping[str, str]) -> Path:
    """A project with the module in it."""
    for path, text in {"proj/__init__.py": "", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    paths = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.py"))
    made = scaffold(root, paths, "proj.concurrency")
    (root / made.path).write_text(made.text)
    return root


def run(root: Path, code: str, said: str | None) -> subprocess.CompletedProcess[str]:
    """Run code that begins as every command does."""
    environment = {k: v for k, v in os.environ.items() if k != SWITCH}
    environment["PYTHONWARNINGS"] = "ignore"
    if said is not None:
        environment[SWITCH] = said
    return subprocess.run(
        [sys.executable, "-c", f"from proj import concurrency\n{code}"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def printed(root: Path, code: str, said: str | None) -> list[str]:
    done = run(root, code, said)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("said", "argument", "mode"),
    [
        (None, "", "eventlet"),
        ("", "", "eventlet"),
        ("0", "", "eventlet"),
        ("False", "default='threading'", "eventlet"),
        (None, "default='threading'", "threading"),
        ("1", "", "threading"),
        ("TRUE", "", "threading"),
        (" yes ", "default='eventlet'", "threading"),
    ],
)
def test_the_environment_chooses(
    project: Path, said: str | None, argument: str, mode: str
) -> None:
    code = (
        f"print(concurrency.start({argument}))\n"
        f"print(concurrency.start({argument}), concurrency.is_green())\n"
        "import threading\n"
        "print(threading.Thread.__module__, threading.get_ident.__module__)\n"
    )
    first, second, native = printed(project, code, said)
    assert first == mode
    assert second == f"{mode} {mode == 'eventlet'}"
    assert ("eventlet" in native) == (mode == "eventlet")


def test_a_value_that_means_nothing_is_an_error(project: Path) -> None:
    done = run(project, "concurrency.start()", "perhaps")
    assert f"ValueError: {SWITCH}=perhaps is neither yes nor no" in done.stderr


def test_on_native_threads_nothing_imports_eventlet(project: Path) -> None:
    code = (
        "concurrency.start()\n"
        "try:\n    import eventlet.green.os\n"
        "except ImportError as error:\n    print(error.name, error)\n"
        "import futurist\nprint(futurist.ThreadPoolExecutor)\n"
        "concurrency.start()\n"
        "import sys\nprint(sum('_NoEventlet' in repr(m) for m in sys.meta_path))\n"
    )
    refused, futurist, finders = printed(project, code, "1")
    assert refused.startswith("eventlet this process runs on native threads")
    assert SWITCH in refused
    assert "futurist" in futurist
    assert finders == "1"


def test_what_is_imported_already_cannot_patch(project: Path) -> None:
    code = (
        "import eventlet, eventlet.patcher\nconcurrency.start()\n"
        "for patch in (eventlet.monkey_patch, eventlet.patcher.monkey_patch):\n"
        "    try:\n        patch(socket=True)\n"
        "    except RuntimeError as error:\n        print(error)\n"
    )
    lines = printed(project, code, "1")
    assert len(lines) == 2
    assert all("nothing may call eventlet.monkey_patch()" in line for line in lines)


def test_native_threads_after_patching_are_an_error(project: Path) -> None:
    code = "import eventlet\neventlet.monkey_patch()\nconcurrency.start()\n"
    done = run(project, code, "1")
    assert "RuntimeError" in done.stderr
    assert "call start() earlier" in done.stderr


def test_under_eventlet_others_run_when_it_yields(project: Path) -> None:
    code = (
        "concurrency.start()\nimport threading\nran = []\n"
        "thread = threading.Thread(target=ran.append, args=('other',), daemon=True)\n"
        "thread.start()\nconcurrency.cooperative_yield()\nran.append('main')\n"
        "thread.join()\nprint(*ran)\nprint(*sorted(ran))\n"
    )
    assert printed(project, code, "0")[0] == "other main"
    assert printed(project, code, "1")[1] == "main other"


def test_the_wrapper_leaves_the_thread_under_eventlet_only(project: Path) -> None:
    code = (
        "concurrency.start()\nimport _thread, sys\n"
        "native = getattr(sys.modules.get('eventlet.patcher'), 'original', None)\n"
        "ident = native('threading').get_native_id if native else "
        "__import__('threading').get_native_id\n"
        "class Device:\n    size = 3\n    def read(self, n):\n"
        "        return ident(), n\n"
        "device = Device()\nproxy = concurrency.tpool_wrap(device)\n"
        "print(proxy.read(2)[0] == ident(), proxy.size, proxy.read(n=5)[1])\n"
        "print(concurrency.tpool_wrap(ident)() == ident(), proxy is device)\n"
    )
    assert printed(project, code, "0") == ["False 3 5", "False False"]
    assert printed(project, code, "1") == ["True 3 5", "True True"]


def test_sizes_come_from_the_configuration(project: Path) -> None:
    code = (
        "concurrency.start()\nconcurrency.configure(native=3, green=5)\n"
        "def shown(executor):\n"
        "    with executor:\n        total = sum(executor.map(int, '123'))\n"
        "    print(type(executor).__name__, executor._max_workers, total)\n"
        "for size in (None, 2, 100):\n    shown(concurrency.executor(size))\n"
    )
    native = printed(project, code, "1")
    assert native == [f"ThreadPoolExecutor {n} 6" for n in (3, 2, 3)]
    green = printed(project, code, "0")
    assert green == [f"GreenThreadPoolExecutor {n} 6" for n in (5, 2, 100)]


@pytest.mark.parametrize(("said", "backend"), [("0", "green"), ("1", "native")])
def test_the_backend_of_services_is_chosen_with_it(
    tmp_path: Path, said: str, backend: str
) -> None:
    root = make(tmp_path, SERVICES)
    assert printed(root, "concurrency.start()", said) == [f"backend {backend}"]


def test_without_services_there_is_no_backend(project: Path) -> None:
    assert "oslo" not in (project / "proj" / "concurrency.py").read_text()


@pytest.mark.parametrize("files", [{}, SERVICES])
def test_it_is_written_as_openstack_writes(
    tmp_path: Path, files: Mapping[str, str]
) -> None:
    header = "# Licensed under the Apache License, Version 2.0\nX = 1\n"
    root = make(tmp_path, {**files, "proj/a.py": header})
    command = (sys.executable, "-m", "flake8", "--isolated", "--max-line-length=79")
    done = subprocess.run(
        [*command, "proj/concurrency.py"], cwd=root, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
