"""A test that patches nothing does not count for what it can never call."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.resolve.processes import Processes
from deventlet.resolve.project import Project

POOL = """import abc
import eventlet
{imports}

class Base(metaclass=abc.ABCMeta):
    pass

class Pool({base}):
    def __init__(self):
        eventlet.spawn(self.clean)

    {decorator}
    def sync_pools(self):
        eventlet.spawn(self.clean)

    def start(self):
        eventlet.spawn(self.clean)

    def clean(self):
        pass
"""
FILES = {
    "setup.cfg": "[entry_points]\nconsole_scripts =\n    app = app.main:main\n",
    "app/__init__.py": "",
    "app/main.py": """import eventlet
eventlet.monkey_patch()
from app import pool
from app import service

def main():
    service.begin(pool.Pool())
""",
    "app/service.py": "def begin(pool):\n    pool.sync_pools()\n    pool.start()\n",
    "app/helper.py": "",
    "app/test/test_pool.py": """from app import pool
{imports}
class Test:
    def test_it(self):
        pool.Pool()
        {body}
""",
}


def proven(tmp_path: Path, method: str = "sync_pools", **parts: str) -> bool:
    """Whether a site in a method of the pool is proven to be patched."""
    known = {"imports": "", "base": "Base", "decorator": "", "body": "pass"} | parts
    pool = {key: known[key] for key in ("base", "decorator")} | {"imports": ""}
    texts = dict(FILES)
    texts["app/pool.py"] = POOL.format(**pool)
    texts["app/test/test_pool.py"] = texts["app/test/test_pool.py"].format(**known)
    texts["app/helper.py"] = parts.get("helper", "")
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    python = sorted(path for path in texts if path.endswith(".py"))
    processes = Processes(Project(tmp_path, python))
    return processes.patched("threading", "app/pool.py", "Pool", method).proven


def test_what_no_test_names_does_not_run_there(tmp_path: Path) -> None:
    assert proven(tmp_path)


def test_a_method_of_that_name_may_call_the_next(tmp_path: Path) -> None:
    helper = "class Every:\n    def sync_pools(self):\n        self.one.sync_pools()\n"
    assert proven(tmp_path, imports="from app import helper", helper=helper)


@pytest.mark.parametrize("method", ["", "__init__", "start"])
def test_what_others_may_call_counts(tmp_path: Path, method: str) -> None:
    assert not proven(tmp_path, method)


@pytest.mark.parametrize(
    "parts",
    [
        {"body": "pool.Pool().sync_pools()"},
        {"body": "getattr(pool.Pool(), 'sync_pools')()"},
        {"imports": "from app import service"},
        {"imports": "from app import helper", "helper": "NAME = 'sync_pools'"},
        {"base": "foreign.Base"},
        {"base": "unknown()"},
        {"decorator": "@register"},
    ],
)
def test_what_may_be_called_somehow_counts(
    tmp_path: Path, parts: dict[str, str]
) -> None:
    assert not proven(tmp_path, **parts)
