from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import threads

linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux says it there"
)


@linux
def test_a_busy_thread_costs_more_than_an_idle_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["threads", "--count", "100", "--json"])
    threads.main()
    found = json.loads(capsys.readouterr().out)
    for kind in ("native", "green"):
        idle, busy = found[f"{kind}, idle"], found[f"{kind}, busy"]
        assert 0 < idle["resident_kib"] < busy["resident_kib"]
    assert found["native, idle"]["virtual_kib"] > found["green, idle"]["virtual_kib"]


@linux
def test_the_table_has_a_row_for_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["threads", "--count", "5", "--depth", "3"])
    threads.main()
    _, heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split() == ["one", "thread", "resident", "virtual", "to", "start"]
    assert [row.split("  ")[0] for row in rows] == [
        *("native, idle", "native, busy", "green, idle", "green, busy")
    ]
