"""A file that is made where there was none: written, undone or finished."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deventlet.source.write import (
    Change,
    Ledger,
    Recovery,
    WriteProblem,
    blocked,
    recover,
    write_changes,
)
from tests.deventlet.source.test_write import (
    Stop,
    content,
    interrupt,
    killed,
    left,
    steps,
    stopping,
)

OLD = {"a.txt": b"eventlet\n", "notes/old.yaml": b"---\n"}
CHANGES = [
    Change("a.txt", OLD["a.txt"], b""),
    Change("notes/new.yaml", None, b"---\nupgrade\n"),
]
NEW = {**OLD, "a.txt": b"", "notes/new.yaml": b"---\nupgrade\n"}
STEPS = 15


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in OLD.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_bytes(text)
    return tmp_path / "tree"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    (tmp_path / "git").mkdir()
    return tmp_path / "git" / "deventlet"


def test_a_new_file_is_written_with_the_others(root: Path, journal: Path) -> None:
    found = steps(lambda step: write_changes(root, CHANGES, journal, step))
    assert len(found) == STEPS
    assert content(root) == NEW
    assert not left(journal)
    mask = os.umask(0)
    os.umask(mask)
    made = stat.S_IMODE((root / "notes/new.yaml").stat().st_mode)
    assert made == 0o666 & ~mask


@pytest.mark.parametrize("number", range(STEPS))
def test_a_killed_run_is_finished_or_undone(
    root: Path, journal: Path, number: int
) -> None:
    step = stopping(number, lambda: os.kill(os.getpid(), 9))
    assert killed(lambda: write_changes(root, CHANGES, journal, step))
    recovery = recover(root, journal)
    if recovery is not None:
        assert recovery.edited == ()
    finished = recovery is None or recovery.outcome == "finished"
    assert content(root) == (NEW if finished else OLD)
    assert not left(journal)


@pytest.mark.parametrize("number", range(STEPS))
def test_an_interrupted_run_cleans_up_itself(
    root: Path, journal: Path, number: int
) -> None:
    with pytest.raises(Stop):
        write_changes(root, CHANGES, journal, stopping(number, interrupt))
    recover(root, journal)
    assert content(root) in (OLD, NEW)
    assert not left(journal)


def test_what_somebody_made_there_meanwhile_is_kept(root: Path, journal: Path) -> None:
    with pytest.raises(WriteProblem, match="has changed on disk"):
        write_changes(
            root,
            CHANGES[1:],
            journal,
            stopping(2, lambda: (root / "notes/new.yaml").write_bytes(b"mine")),
        )
    assert content(root) == {**OLD, "notes/new.yaml": b"mine"}
    assert not left(journal)


def test_a_file_that_is_there_already_is_not_replaced(
    root: Path, journal: Path
) -> None:
    (root / "notes/new.yaml").write_bytes(b"")
    with pytest.raises(WriteProblem, match="has changed on disk"):
        write_changes(root, CHANGES, journal)
    assert content(root) == {**OLD, "notes/new.yaml": b""}


def test_a_file_in_the_way_belongs_to_the_user() -> None:
    assert blocked(CHANGES, {"notes/new.yaml"}, Ledger()) == ["notes/new.yaml"]


def test_an_undone_run_names_its_files(root: Path, journal: Path) -> None:
    step = stopping(1, lambda: os.kill(os.getpid(), 9))
    assert killed(lambda: write_changes(root, CHANGES, journal, step))
    paths = tuple(change.path for change in CHANGES)
    assert recover(root, journal) == Recovery("undone", paths, ())
