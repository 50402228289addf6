"""A patch folder loses nothing: neither somebody's files nor our own patches."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from deventlet.series.files import PatchFolder, PatchFolderProblem
from deventlet.series.patch import FileChange, Patch, format_patch

NAME = "0001-Replace-a-with-b.patch"


def patch(subject: str = "Replace a with b", before: bytes = b"a\n") -> Patch:
    """A patch of one file."""
    return Patch(
        "letters",
        subject,
        f"{subject}\n\nBecause.\n",
        (FileChange("x.py", before, before.replace(b"a", b"b")),),
        ("A Dev", "dev@example.org"),
        "Tue, 05 Nov 2024 12:30:00 +0100",
    )


def held(folder: Path) -> dict[str, bytes]:
    """What a folder holds."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def patches_in(folder: Path) -> list[bytes]:
    """What the patches of a folder hold."""
    return [path.read_bytes() for path in folder.glob("[0-9]*.patch")]


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    written = PatchFolder(folder).write([patch(), patch("Replace it again")])
    assert written == [
        (folder / NAME, False),
        (folder / "0002-Replace-it-again.patch", False),
    ]
    assert held(folder)[NAME] == format_patch(patch(), 1, 2)


def test_several_patches_come_with_a_letter_and_their_order(tmp_path: Path) -> None:
    PatchFolder(tmp_path).write([patch(), patch("Replace it again")], "# Letter\n")
    assert held(tmp_path)["series"] == f"{NAME}\n0002-Replace-it-again.patch\n".encode()
    assert held(tmp_path)["cover-letter.md"].startswith(b"# Letter\n-- \ndeventlet ")
    PatchFolder(tmp_path).write([patch()], "# Letter\n")
    assert set(held(tmp_path)) == {NAME}


def test_a_patch_with_carriage_returns_says_so(tmp_path: Path) -> None:
    written = PatchFolder(tmp_path).write([patch(before=b"a\r\n"), patch("Plain")])
    assert [keep_cr for _, keep_cr in written] == [True, False]


def test_the_earlier_series_is_replaced_as_a_whole(tmp_path: Path) -> None:
    PatchFolder(tmp_path).write([patch(), patch("Replace it again")])
    PatchFolder(tmp_path).write([patch(before=b"aa\n")])
    assert held(tmp_path) == {NAME: format_patch(patch(before=b"aa\n"), 1, 1)}


def test_an_empty_series_leaves_the_earlier_one_and_makes_no_folder(
    tmp_path: Path,
) -> None:
    PatchFolder(tmp_path / "p").write([])
    assert not (tmp_path / "p").exists()
    PatchFolder(tmp_path / "p").write([patch()])
    PatchFolder(tmp_path / "p").write([])
    assert PatchFolder(tmp_path / "p").names() == {NAME}


FOREIGN: dict[str, bytes] = {
    "notes.txt": b"mine",
    "series": b"mine.patch\n",
    "cover-letter.md": b"# mine\n",
    ".hidden": b"mine",
    NAME: b"From: me\n\nmine\n-- \n2.47.0\n",
    "0002-mine.patch": b"",
    "0003-Edited-below.patch": format_patch(patch(), 1, 1) + b"mine\n",
    "1-Replace.patch": format_patch(patch(), 1, 1),
    ".0001-mine.patch": b"mine",
    "0001-a.patch.partial": b"mine",
    "0001-new\nline.patch": format_patch(patch(), 1, 1),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_anything_else_in_the_folder_is_named_and_kept(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(FOREIGN[name])
    with pytest.raises(PatchFolderProblem) as refused:
        PatchFolder(tmp_path)
    assert name in str(refused.value)
    assert held(tmp_path) == {name: FOREIGN[name]}


def test_a_folder_in_the_folder_is_foreign(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(PatchFolderProblem, match=NAME):
        PatchFolder(tmp_path)


def test_a_pipe_in_the_folder_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(PatchFolderProblem, match=NAME):
        PatchFolder(tmp_path)


def test_what_a_killed_run_left_is_cleaned_up(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.partial").write_bytes(b"From 00")
    PatchFolder(tmp_path).write([patch()])
    assert set(held(tmp_path)) == {NAME}


@pytest.mark.parametrize("step", range(8))
def test_a_failure_keeps_every_earlier_patch_that_was_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    old = [patch(), patch("Replace it again")]
    new = [patch(before=b"aa\n"), patch("Replace it again", before=b"aa\n")]
    folder = PatchFolder(tmp_path)
    folder.write(old)
    names = set(held(tmp_path))
    write, rename, steps = Path.write_bytes, os.replace, iter(range(10))

    def failing_write(path: Path, data: bytes) -> int:
        if next(steps) == step:
            write(path, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    def failing_rename(source: Path, target: Path) -> None:
        if next(steps) == step:
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    with monkeypatch.context() as failing:
        failing.setattr(Path, "write_bytes", failing_write)
        failing.setattr(os, "replace", failing_rename)
        with pytest.raises(PatchFolderProblem, match=str(tmp_path)):
            folder.write(new)
    whole = [format_patch(p, n, 2) for ps in (old, new) for n, p in enumerate(ps, 1)]
    assert set(held(tmp_path)) == names
    assert set(patches_in(tmp_path)) <= set(whole)
    if step < 5:
        assert sorted(patches_in(tmp_path)) == sorted(whole[:2])
    folder.write(new)
    assert sorted(patches_in(tmp_path)) == sorted(whole[2:])


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(PatchFolderProblem, match="Permission denied"):
        PatchFolder(tmp_path)


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(PatchFolderProblem, match="link"):
        PatchFolder(tmp_path / "link").write([patch()])
