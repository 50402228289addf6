"""A folder of patches for ``git am``: written whole, and only if it is ours.

Never removes or replaces a file that deventlet did not write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deventlet.series.patch import Patch, file_name, format_patch, needs_keep_cr

_NAME = re.compile(r"\d{4}-.*\.patch\Z")
_SIGNATURE = re.compile(rb"^-- \ndeventlet [^\n]+\n\Z", re.MULTILINE)


class PatchFolderProblem(Exception):
    """The folder cannot take the patches; the message says why."""


@dataclass(frozen=True, slots=True)
class PatchFolder:
    """Where ``--patch-dir`` points."""

    path: Path

    def __post_init__(self) -> None:
        """Refuse a folder that holds anything but patches of ours.

        :raises PatchFolderProblem: naming the first such entry.
        """
        if self.path.exists() and not self.path.is_dir():
            raise PatchFolderProblem(f"{self.path} is not a folder")
        for entry in sorted(self.path.iterdir()) if self.path.exists() else ():
            if not _is_ours(entry):
                raise PatchFolderProblem(
                    f"{self.path} holds {entry.name}, which deventlet did not write; "
                    "give a new or empty folder"
                )

    def write(self, patches: Sequence[Patch]) -> list[tuple[Path, bool]]:
        """Write the series in place of an earlier one.

        :returns: path of each patch and whether ``git am`` needs ``--keep-cr``.
        :raises PatchFolderProblem: if the disk does not take a file.
        """
        texts = {
            self.path / file_name(patch, number): format_patch(
                patch, number, len(patches)
            )
            for number, patch in enumerate(patches, 1)
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for path, text in texts.items():
                _replace(path, text)
            for entry in self.path.iterdir():
                if entry not in texts:
                    entry.unlink()
        except OSError as error:
            raise PatchFolderProblem(f"cannot write to {self.path}: {error}") from error
        return [
            (path, needs_keep_cr(p)) for path, p in zip(texts, patches, strict=True)
        ]


def _is_ours(entry: Path) -> bool:
    return (
        entry.is_file()
        and _NAME.match(entry.name) is not None
        and _SIGNATURE.search(entry.read_bytes()) is not None
    )


def _replace(path: Path, text: bytes) -> None:
    """Write a file beside its place and move it there."""
    temporary = path.with_name(f".{path.name}.partial")
    temporary.write_bytes(text)
    os.replace(temporary, path)
