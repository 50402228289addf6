"""What a project asks to be kept stays, with everything that belongs to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deventlet.config import Config
from deventlet.driver.inventory import take_inventory
from deventlet.driver.run import Outcome, Request, run
from deventlet.registry import pages

HEAD = "import eventlet\n\n\ndef f():\n"
GATE = "from eventlet import semaphore\n\ngate = semaphore.Semaphore()\n"
USER = "from gate import gate\n\n\ndef f():\n    with gate:  # deventlet: keep\n"
USER += "        pass\n"
MOCKED = {
    "a.py": f"{HEAD}    eventlet.sleep(1)\n",
    "test_a.py": "from unittest import mock\n\nimport a\n\n\ndef test_it():\n"
    "    with mock.patch('a.eventlet.sleep'):  # deventlet: keep\n        a.f()\n",
}


def _run(
    root: Path, files: dict[str, str], name: str = "sleep", config: Config | None = None
) -> Outcome:
    for path, text in files.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    request = Request(
        root, sorted(files), frozenset(files), config or Config(),
        frozenset({"process-patched"}),
    )  # fmt: skip
    return run(pages()[name], request, {})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("eventlet.sleep(1)  # deventlet: keep", "a.py:5"),
        ("eventlet.sleep(1)  #deventlet:keep - until June", "a.py:5, until June"),
        ("eventlet.sleep(1)  # noqa: E501  # deventlet: keep", "a.py:5"),
        ("eventlet.sleep(  # deventlet: keep, why not\n        1)", "a.py:5, why not"),
    ],
)
def test_a_comment_keeps_its_line(tmp_path: Path, line: str, why: str) -> None:
    outcome = _run(tmp_path, {"a.py": f"{HEAD}    {line}\n    eventlet.sleep(2)\n"})
    found = [(v.verdict, v.reason, v.detail) for v in outcome.verdicts]
    assert ("refuse", "keep.asked", why) in found
    assert b"time.sleep(2)" in outcome.changes["a.py"][1]
    assert line.encode() in outcome.changes["a.py"][1]


@pytest.mark.parametrize("line", ["# deventlet: keeper", "# keep", "# deventlet: kee"])
def test_another_comment_keeps_nothing(tmp_path: Path, line: str) -> None:
    outcome = _run(tmp_path, {"a.py": f"{HEAD}    eventlet.sleep(1)  {line}\n"})
    assert outcome.changes


def test_one_use_keeps_the_object_in_every_file(tmp_path: Path) -> None:
    outcome = _run(tmp_path, {"gate.py": GATE, "user.py": USER}, "semaphore")
    assert not outcome.changes
    assert "keep.asked" in {v.reason for v in outcome.verdicts}


def test_a_kept_mock_keeps_what_it_intercepts(tmp_path: Path) -> None:
    outcome = _run(tmp_path, MOCKED)
    assert not outcome.changes
    assert {v.reason for v in outcome.verdicts} >= {"keep.asked"}


def test_a_kept_file_is_analysed_and_not_changed(tmp_path: Path) -> None:
    files = {
        "old/a.py": f"{HEAD}    eventlet.sleep(1)\n",
        "new/a.py": f"{HEAD}    eventlet.sleep(1)\n",
    }
    outcome = _run(tmp_path, files, config=Config(keep=("old/",)))
    assert list(outcome.changes) == ["new/a.py"]
    kept = [v.detail for v in outcome.verdicts if v.reason == "keep.asked"]
    assert kept == ["old/a.py, by the setting `keep`"]


def test_a_scan_says_so_too(tmp_path: Path) -> None:
    text = f"{HEAD}    eventlet.sleep(1)  # deventlet: keep\n"
    (tmp_path / "a.py").write_text(text)
    assumed = frozenset({"process-patched"})
    found = take_inventory(tmp_path, ["a.py"], frozenset({"a.py"}), Config(), assumed)
    assert "keep.asked" in {entry.reason for entry in found.entries}
