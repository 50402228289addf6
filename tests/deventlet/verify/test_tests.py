"""How long a run of the tests may take."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from deventlet.verify import tests as verify
from deventlet.verify.command import Command, Result
from deventlet.verify.journal import Journal
from deventlet.verify.report import MISSING

BASE = "0" * 40
NOTHING = frozenset[str]()


def asking(folder: Path, command: Command) -> verify.Tests:
    """Tests that have no place to run in: what they say is in the journal."""
    journal = Journal(folder, BASE, command)
    watch = nullcontext(lambda: None)
    return verify.Tests(
        (), command, journal, lambda _: [], lambda _: watch, lambda *_: None
    )


def ran(folder: Path, command: Command, seconds: float) -> None:
    """A call before this one has run the tests, and was killed then."""
    Journal(folder, BASE, command).add({}, Result(frozenset(), seconds, ""))


@pytest.mark.parametrize(
    ("said", "took", "limit"),
    [(None, 71.0, 710.0), (None, 2.0, 60.0), (5.0, 71.0, 5.0), (900.0, 2.0, 900.0)],
)
def test_a_run_may_take_what_was_said_or_ten_times_the_first(
    tmp_path: Path, said: float | None, took: float, limit: float
) -> None:
    command = Command("true", timeout=said)
    ran(tmp_path, command, took)
    measured = asking(tmp_path, command)
    assert measured.limit == said
    assert measured.measure().seconds == took
    assert measured.limit == limit


@pytest.mark.parametrize("took", [2.0, 71.0])
def test_what_runs_said_is_found_again_however_long_they_took(
    tmp_path: Path, took: float
) -> None:
    ran(tmp_path, Command("true"), took)
    assert Journal(tmp_path, BASE, Command("true")).size == 1
    assert Journal(tmp_path, BASE, Command("true", timeout=took)).size == 0


HANGS = "the command (timeout)"


@pytest.mark.parametrize(
    ("name", "believed"),
    [(HANGS, True), ("the command", True), (MISSING, True), ("proj.test_a", False)],
)
def test_only_a_named_test_that_fails_sometimes_counts_for_nothing(
    tmp_path: Path, name: str, believed: bool
) -> None:
    command = Command("true")
    journal = Journal(tmp_path, BASE, command)
    failed, passed = (Result(each, 1.0, "") for each in (frozenset({name}), NOTHING))
    for texts, results in (
        ({}, [passed]),
        ({"a.py": b""}, [failed, passed]),
        ({"b.py": b""}, [failed] * 3),
    ):
        for result in results:
            journal.add(texts, result)
    found = asking(tmp_path, command)
    found.measure()
    first = verify.Question("a", {"a.py": b""}, frozenset())
    assert found.broken_by(first) == NOTHING
    assert found.flaky == {name}
    second = verify.Question("b", {"b.py": b""}, frozenset())
    assert found.broken_by(second) == ({name} if believed else NOTHING)
