"""A folder of patches for ``git am``: written whole, and only if it is ours.

Never removes or replaces a file that deventlet did not write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deventlet import __version__
from deventlet.series.patch import Patch, file_name, format_patch, needs_keep_cr

_SERIES, _LETTER = "series", "cover-letter.md"
_NAME = re.compile(r"\d{4}-.*\.patch")
# What an interrupted run has left; it may be cut short, so the name has to do.
_PARTIAL = re.compile(
    rf"\.(?:\d{{4}}-.*\.patch|{_SERIES}|{re.escape(_LETTER)})\.partial"
)
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
        with _naming(self.path):
            for entry in self._entries():
                if not _is_ours(entry):
                    raise PatchFolderProblem(
                        f"{self.path} holds {entry.name}, which deventlet did not "
                        "write; give a new or empty folder"
                    )

    def names(self) -> set[str]:
        """The names of the patches of an earlier run.

        :raises PatchFolderProblem: if the folder cannot be read.
        """
        with _naming(self.path):
            return {e.name for e in self._entries() if _NAME.fullmatch(e.name)}

    def write(
        self, patches: Sequence[Patch], letter: str = ""
    ) -> list[tuple[Path, bool]]:
        """Write the series in place of an earlier one.

        Several patches come with a ``series`` file, which names them in order as quilt
        reads it, and with the letter.

        Every patch is on the disk before the first of the earlier ones goes. An
        empty series changes nothing: the earlier one may be all there is.

        :returns: path of each patch and whether ``git am`` needs ``--keep-cr``.
        :raises PatchFolderProblem: if the disk does not take a file.
        """
        texts = {
            self.path / file_name(patch, number): format_patch(
                patch, number, len(patches)
            )
            for number, patch in enumerate(patches, 1)
        }
        if texts:
            with _naming(self.path):
                self._replace({**texts, **self._beside(list(texts), letter)})
        return [
            (path, needs_keep_cr(p)) for path, p in zip(texts, patches, strict=True)
        ]

    def _beside(self, patches: Sequence[Path], letter: str) -> dict[Path, bytes]:
        """What comes with several patches."""
        if len(patches) < 2:
            return {}
        names = "".join(f"{path.name}\n" for path in patches)
        signed = f"{letter}-- \ndeventlet {__version__}\n"
        return {
            self.path / _SERIES: os.fsencode(names),
            self.path / _LETTER: signed.encode("utf-8", "surrogateescape"),
        }

    def _replace(self, texts: Mapping[Path, bytes]) -> None:
        """Put files in the place of those that are there."""
        self.path.mkdir(parents=True, exist_ok=True)
        drafts = {path.with_name(f".{path.name}.partial"): path for path in texts}
        try:
            for draft, path in drafts.items():
                draft.write_bytes(texts[path])
            for draft, path in drafts.items():
                os.replace(draft, path)
        except BaseException:
            for draft in drafts:
                draft.unlink(missing_ok=True)
            raise
        for entry in self._entries():
            if entry not in texts:
                entry.unlink()

    def _entries(self) -> list[Path]:
        return sorted(self.path.iterdir()) if self.path.exists() else []


@contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """Turn the system's refusal into a problem that names the folder."""
    try:
        yield
    except OSError as error:
        raise PatchFolderProblem(f"{folder} cannot be used: {error}") from error


def _is_ours(entry: Path) -> bool:
    if not entry.is_file():
        return False
    if _PARTIAL.fullmatch(entry.name):
        return True
    content = entry.read_bytes()
    if entry.name == _SERIES:
        return all(map(_NAME.fullmatch, os.fsdecode(content).splitlines()))
    known = entry.name == _LETTER or _NAME.fullmatch(entry.name) is not None
    return known and _SIGNATURE.search(content) is not None
