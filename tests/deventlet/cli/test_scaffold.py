"""``deventlet scaffold``: one module, written once, and then the project's own."""

from __future__ import annotations

import ast

import pytest

from tests.deventlet.cli.conftest import Make, Run

MODULE = "proj/concurrency.py"


def test_it_writes_the_module_and_says_what_to_do(make: Make, deventlet: Run) -> None:
    root = make()
    done = deventlet(root, "scaffold")
    assert done.returncode == 0
    assert done.stdout == b"wrote proj/concurrency.py\n"
    said = done.stderr.decode()
    assert 'concurrency-module = "proj.concurrency"' in said
    assert "OS_PROJ_DISABLE_EVENTLET_PATCHING=1 chooses native threads" in said
    ast.parse((root / MODULE).read_bytes())


def test_what_is_there_is_never_replaced(make: Make, deventlet: Run) -> None:
    root = make({MODULE: "# mine\n"})
    done = deventlet(root, "scaffold")
    assert done.returncode == 2
    assert b"proj/concurrency.py is there already" in done.stderr
    assert (root / MODULE).read_text() == "# mine\n"


def test_a_package_of_its_name_would_be_imported_instead(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/concurrency/__init__.py": ""})
    done = deventlet(root, "scaffold")
    assert done.returncode == 2
    assert "there is a package proj.concurrency here" in done.stderr.decode()
    assert not (root / "proj" / "concurrency.py").exists()


def test_a_dry_run_writes_nothing(make: Make, deventlet: Run) -> None:
    root = make()
    done = deventlet(root, "scaffold", "--dry-run")
    assert done.returncode == 0
    assert b"+++ b/proj/concurrency.py" in done.stdout
    assert b"+def cooperative_yield():" in done.stdout
    assert not (root / MODULE).exists()


@pytest.mark.parametrize(
    ("arguments", "settings", "path"),
    [
        (("--module", "proj.api.both"), "", "proj/api/both.py"),
        ((), 'concurrency-module = "proj.api.modes"\n', "proj/api/modes.py"),
    ],
)
def test_the_name_can_be_given(
    make: Make, deventlet: Run, arguments: tuple[str, ...], settings: str, path: str
) -> None:
    root = make({"proj/api/__init__.py": "", "deventlet.toml": settings})
    assert deventlet(root, "scaffold", *arguments).returncode == 0
    assert "    from proj.api import " in (root / path).read_text()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("concurrency", "'concurrency' is not a module in a package"),
        ("proj.class", "'proj.class' is not a module in a package"),
        ("other.concurrency", "there is no package other here"),
    ],
)
def test_a_wrong_name_is_wrong_use(
    make: Make, deventlet: Run, module: str, message: str
) -> None:
    done = deventlet(make(), "scaffold", "--module", module)
    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_of_several_packages_one_has_to_be_named(make: Make, deventlet: Run) -> None:
    root = make({"src/other/__init__.py": "", "tests/__init__.py": ""})
    done = deventlet(root, "scaffold")
    assert done.returncode == 2
    assert b"there are several packages: other, proj; say" in done.stderr


def test_what_the_module_needs_is_named(make: Make, deventlet: Run) -> None:
    service = "from oslo_service import service\n"
    root = make({"proj/a.py": service, "requirements.txt": "oslo.service>=2\n"})
    said = deventlet(root, "scaffold").stderr.decode()
    assert "the requirements lack futurist\n" in said
    assert "the requirements lack oslo.service[threading]>=4.2.0\n" in said


def test_every_process_that_starts_with_it_is_patched(
    make: Make, deventlet: Run
) -> None:
    root = make({
        "deventlet.toml": 'profile = "dual"\nconcurrency-module = "proj.concurrency"\n',
        "proj/cmd.py": "from proj import concurrency\n\nconcurrency.start()\n\n"
        "from proj import worker  # noqa: E402\n\n\ndef main():\n    worker.work()\n",
        "proj/worker.py": "import eventlet\nfrom eventlet import tpool\n\n\n"
        "def work():\n    eventlet.sleep(0)\n    eventlet.sleep(1)\n"
        "    tpool.execute(print, 1)\n",
    })  # fmt: skip
    deventlet(root, "scaffold")
    module = (root / MODULE).read_bytes()
    assert deventlet(root, "apply", "--all").returncode == 0
    assert (root / "proj/worker.py").read_text() == (
        "import time\n\nfrom proj import concurrency\n\n\n"
        "def work():\n    concurrency.cooperative_yield()\n    time.sleep(1)\n"
        "    concurrency.tpool_wrap(print)(1)\n"
    )
    assert (root / MODULE).read_bytes() == module


def test_a_project_with_the_module_is_dual_unless_said_otherwise(
    make: Make, deventlet: Run
) -> None:
    root = make({"proj/b.py": "from eventlet import tpool\n\ntpool.execute(print)\n"})
    deventlet(root, "scaffold")
    dual = deventlet(root, "apply", "--codemod", "tpool", "--dry-run")
    assert b"profile dual, by proj/concurrency.py" in dual.stderr
    assert b"+concurrency.tpool_wrap(print)()" in dual.stdout
    native = deventlet(
        root, "apply", "-c", "tpool", "--dry-run", "--profile", "native"
    )  # fmt: skip
    assert native.stderr == b""
    assert b"tpool_wrap(print)" not in native.stdout
    assert b"stage.blocked" in native.stdout
