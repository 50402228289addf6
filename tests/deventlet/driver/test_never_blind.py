"""Uses in the spellings in which one could be missed: each is a site."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.config import Config
from deventlet.driver.inventory import take_inventory

OPTIONAL = """\
try:
    from eventlet import greenpool
except ImportError:
    greenpool = None

if greenpool:
    Pool = greenpool.GreenPool
else:
    Pool = None
"""
ONE_OF_TWO = """\
from kiln import config

if config.GREEN:
    from eventlet.green import subprocess
else:
    import subprocess
"""


def said(root: Path, files: dict[str, str]) -> dict[tuple[str, int], tuple[str, str]]:
    """The name and the reason at each place that is no import."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = take_inventory(root, list(files), set(files), Config(), frozenset())
    return {
        (entry.site.path, entry.site.line): (entry.site.api, entry.reason)
        for entry in found.entries
        if entry.site.form != "import"
    }


def test_a_name_for_a_class_of_a_module_that_may_be_absent(tmp_path: Path) -> None:
    assert said(tmp_path, {"kiln.py": OPTIONAL}) == {
        ("kiln.py", 6): ("eventlet.greenpool", "name.module"),
        ("kiln.py", 7): ("eventlet.GreenPool", "import.optional"),
    }


def test_a_name_for_a_class_of_a_module_that_may_be_another(tmp_path: Path) -> None:
    source = OPTIONAL.replace("greenpool = None", "from kiln import greenpool")
    assert said(tmp_path, {"pools.py": source}) == {
        ("pools.py", 6): ("eventlet.greenpool", "name.module"),
        ("pools.py", 7): ("eventlet.GreenPool", "name.ambiguous"),
    }


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def start(self):\n    self.library = eventlet\n", 3),
        ("class Kiln:\n    library = eventlet\n", 3),
        ("kiln.library = eventlet\n", 2),
    ],
)
def test_eventlet_as_an_attribute(tmp_path: Path, source: str, line: int) -> None:
    assert said(tmp_path, {"kiln.py": f"import eventlet\n{source}"}) == {
        ("kiln.py", line): ("eventlet", "name.module")
    }


def test_another_name_of_eventlet_is_followed(tmp_path: Path) -> None:
    source = "import eventlet\nlibrary = eventlet\nlibrary.hubs.use_hub()\n"
    assert said(tmp_path, {"kiln.py": source}) == {
        ("kiln.py", 3): ("eventlet.hubs.use_hub", "green-free")
    }


@pytest.mark.parametrize(
    ("source", "target", "api"),
    [
        (ONE_OF_TWO, "kiln.run.subprocess.Popen", "eventlet.green.subprocess"),
        (OPTIONAL, "kiln.run.greenpool.GreenPool", "eventlet.GreenPool"),
    ],
)
def test_a_mock_of_what_may_be_eventlets(
    tmp_path: Path, source: str, target: str, api: str
) -> None:
    files = {
        "kiln/__init__.py": "",
        "kiln/config.py": "GREEN = bool(input())\n",
        "kiln/run.py": source,
        "tests/test_run.py": "from unittest import mock\n\n\n"
        f"def test_run():\n    with mock.patch('{target}'):\n        pass\n",
    }
    found = said(tmp_path, files)
    assert found["tests/test_run.py", 5] == (api, "name.ambiguous")


BACKDOOR = """\
from oslo_service import eventlet_backdoor

eventlet_backdoor.initialize_if_enabled(CONF)
"""


def test_the_backdoor_of_oslo_service(tmp_path: Path) -> None:
    api = "oslo_service.eventlet_backdoor.initialize_if_enabled"
    assert said(tmp_path, {"main.py": BACKDOOR}) == {
        ("main.py", 3): (api, "by-hand.oslo-backdoor")
    }


def test_the_backdoor_is_oslo_services_own(tmp_path: Path) -> None:
    files = {
        "oslo_service/__init__.py": "",
        "oslo_service/eventlet_backdoor.py": "def initialize_if_enabled(conf): ...\n",
        "oslo_service/main.py": BACKDOOR,
    }
    found = said(tmp_path, files)
    assert found["oslo_service/main.py", 3][1] == "name.own-package"


MOCKED = """\
from unittest import mock

PATH = "kiln.run.eventlet"


def test_run():
    with mock.patch({}):
        pass
"""


@pytest.mark.parametrize(
    "target", ['PATH + ".sleep"', 'f"{PATH}.sleep"', '"%s.sleep" % PATH']
)
def test_a_mock_whose_target_says_eventlet_elsewhere(
    tmp_path: Path, target: str
) -> None:
    files = {
        "kiln/__init__.py": "",
        "kiln/run.py": "import eventlet\n\n\ndef run():\n    eventlet.sleep(1)\n",
        "tests/test_run.py": MOCKED.format(target),
    }
    assert said(tmp_path, files) == {
        ("kiln/run.py", 5): ("eventlet.sleep", "mock.stays"),
        ("tests/test_run.py", 7): ("eventlet.sleep", "mock.computed"),
    }


def test_a_text_that_is_put_together_is_no_mock(tmp_path: Path) -> None:
    source = MOCKED.replace("kiln.run.eventlet", "kiln.run.eventlets")
    files = {
        "kiln/__init__.py": "",
        "kiln/run.py": "import eventlet\n\n\ndef run():\n    eventlet.sleep(1)\n",
        "tests/test_run.py": source.format('PATH + ".sleep"'),
    }
    assert said(tmp_path, files) == {
        ("kiln/run.py", 5): ("eventlet.sleep", "process-patched")
    }
