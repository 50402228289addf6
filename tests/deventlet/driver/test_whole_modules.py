from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.config import Config
from deventlet.driver.inventory import take_inventory


@pytest.mark.parametrize("name", ["eventlet.patcher", "eventlet.greenthread"])
@pytest.mark.parametrize(
    "test",
    [
        "sys.modules['{}'] = types.ModuleType('it')",
        "mock.patch('{}').start()",
    ],
)
def test_a_mock_of_a_module_is_no_pattern_that_waits_for_a_codemod(
    tmp_path: Path, name: str, test: str
) -> None:
    path = "tests/test_it.py"
    head = "import sys\nimport types\nfrom unittest import mock\n\n\n"
    (tmp_path / "tests").mkdir()
    body = f"def test_it():\n    {test.format(name)}\n"
    (tmp_path / path).write_text(head + body)
    found = take_inventory(tmp_path, [path], {path}, Config(), frozenset())
    assert {entry.reason for entry in found.entries} == {"mock.whole-module"}


def test_the_green_module_of_time_is_no_way_to_sleep(tmp_path: Path) -> None:
    text = (
        "import eventlet\nfrom eventlet.green import time\n\neventlet.monkey_patch()\n"
        "time.sleep(1)\n"
    )
    (tmp_path / "run.py").write_text(text)
    found = take_inventory(tmp_path, ["run.py"], {"run.py"}, Config(), frozenset())
    told = [
        (entry.codemod, entry.verdict)
        for entry in found.entries
        if entry.site.api == "eventlet.green.time"
    ]
    assert told == [("green-imports", "rewrite")] * 2
