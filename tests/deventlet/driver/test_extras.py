"""Whether a project needs Eventlet, or has it for who asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.driver.project.extras import only_extra

EXTRA = "[project.optional-dependencies]\ngreen = ['eventlet>=0.40']\n"
NEEDED = "[project]\nname = 'p'\ndependencies = ['requests', 'Eventlet>=0.40']\n"
POETRY = "[tool.poetry.dependencies]\neventlet = {}\n"
PBR = "[extras]\ngreen =\n  eventlet>=0.18 # MIT\n"
OPTIONS = "[options]\ninstall_requires =\n  eventlet\n"
SETUP = "GREEN = {{'green': ['eventlet']}}\nsetup(extras_require=GREEN{})\n"
FUNCTION = "setup(install_requires=read(), extras_require=read('extras'))\n"
LISTED = "requirements/extras/eventlet.txt"
LINE = "eventlet # MIT\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pyproject.toml": EXTRA}, "pyproject.toml"),
        ({"pyproject.toml": NEEDED}, ""),
        ({"pyproject.toml": EXTRA, "requirements.txt": LINE}, ""),
        ({"pyproject.toml": EXTRA, "test-requirements.txt": LINE}, "pyproject.toml"),
        ({"pyproject.toml": EXTRA, "requirements/test.txt": LINE}, "pyproject.toml"),
        ({"pyproject.toml": EXTRA.replace("green", "testing")}, ""),
        ({"pyproject.toml": EXTRA.replace("eventlet", "eventlet-x")}, ""),
        ({"pyproject.toml": POETRY.format("{optional = true}")}, "pyproject.toml"),
        ({"pyproject.toml": POETRY.format("'^0.40'")}, ""),
        ({"pyproject.toml": "[project\n"}, ""),
        ({"setup.cfg": PBR}, "setup.cfg"),
        ({"setup.cfg": "[metadata]\nname: p\n" + PBR}, "setup.cfg"),
        ({"setup.cfg": OPTIONS + PBR}, ""),
        ({"setup.py": SETUP.format("")}, "setup.py"),
        ({"setup.py": SETUP.format(", install_requires=['eventlet']")}, ""),
        ({"setup.py": SETUP.format("").replace("'eventlet'", "'gevent'")}, ""),
        ({"setup.py": FUNCTION, LISTED: LINE}, LISTED),
        ({LISTED: LINE, "requirements/default.txt": LINE}, ""),
        ({}, ""),
    ],
)
def test_eventlet_is_an_extra(tmp_path: Path, files: dict[str, str], said: str) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert only_extra(tmp_path) == said
