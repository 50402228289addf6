"""Whether a project looks as if it ran both ways; the settings come first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from deventlet.config import Config
from deventlet.driver.project.profile import Both, find_both, with_profile
from deventlet.scaffold import scaffold

GUARDED = (
    "import os\n\nif not os.environ.get('OS_PROJ_DISABLE_EVENTLET_PATCHING'):\n"
    "    import eventlet\n    eventlet.monkey_patch()\n"
)
BOTH = (
    f"{GUARDED}else:\n    from oslo_service import backend\n"
    "    backend.init_backend(backend.BackendType.THREADING)\n"
)
POISONED = f"{GUARDED}else:\n    import eventlet\n    eventlet.monkey_patch = None\n"
THREADING = {"requirements.txt": "oslo.service[threading]>=4.2 # Apache-2.0\n"}


def found(root: Path, files: Mapping[str, str]) -> Both | None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return find_both(root, sorted(path for path in files if path.endswith(".py")))


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"proj/monkey_patch.py": BOTH}, "proj/monkey_patch.py"),
        ({"proj/common/concurrency.py": POISONED}, "proj/common/concurrency.py"),
        ({"proj/eventlet.py": GUARDED, **THREADING}, "proj/eventlet.py"),
        ({"proj/monkey_patch.py": GUARDED}, None),
        ({"proj/monkey_patch.py": GUARDED, "requirements.txt": "oslo.service\n"}, None),
        ({"proj/tests/monkey_patch.py": BOTH}, None),
        ({"proj/monkey_patch.py": "import eventlet\neventlet.monkey_patch()\n"}, None),
        ({"proj/backend.py": "init_backend(BackendType.THREADING)\n"}, None),
        ({}, None),
    ],
)
def test_a_project_that_runs_both_ways_is_known_by_one_file(
    tmp_path: Path, files: Mapping[str, str], path: str | None
) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    both = found(tmp_path, files)
    assert (both.path if both else None) == path


def test_a_module_that_a_scaffold_wrote_is_known(tmp_path: Path) -> None:
    (tmp_path / "src/proj").mkdir(parents=True)
    (tmp_path / "src/proj/__init__.py").touch()
    made = scaffold(tmp_path, ["src/proj/__init__.py"], "proj.green_or_not")
    both = found(tmp_path, {made.path: made.text})
    assert both == Both("src/proj/green_or_not.py", "proj.green_or_not")
    config, path = with_profile(Config(), tmp_path, [made.path], None)
    assert (config.is_dual, path) == (True, made.path)
    assert config.helper("yield_helper") == "proj.green_or_not.cooperative_yield"


@pytest.mark.parametrize(
    ("asked", "given", "dual"),
    [
        (None, None, True),
        ("native", None, False),
        (None, "native", False),
        ("dual", "native", True),
        ("native", "dual", False),
    ],
)
def test_what_is_said_comes_before_the_look(
    tmp_path: Path, asked: str | None, given: str | None, dual: bool
) -> None:
    found(tmp_path, {"proj/monkey_patch.py": BOTH})
    settings = Config(profile=given)  # type: ignore[arg-type]
    config, path = with_profile(settings, tmp_path, ["proj/monkey_patch.py"], asked)
    assert config.is_dual is dual
    assert bool(path) is (asked is None and given is None)
