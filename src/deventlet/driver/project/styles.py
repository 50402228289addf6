"""How the files of a project write imports, and how long their lines may be.

A folder below the root may have a length of its own. Reads settings; writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from deventlet.source.imports import ImportStyle, detect_style, own_length


@dataclass(eq=False)
class Styles:
    """Answers for the files of one project; each folder is read once.

    :param packages: the top-level packages that are the project's own.
    :param length: the columns that the user asks for, whatever the project says.
    """

    root: Path
    packages: frozenset[str]
    length: int | None = None
    _lengths: dict[PurePosixPath, int] = field(default_factory=dict)

    def of(self, path: str) -> ImportStyle:
        """The style of a file: the project's, with the length of the nearest folder.

        :param path: below the root, with slashes.
        """
        folder = PurePosixPath(path).parent
        return replace(self._whole, line_length=self.length or self._length(folder))

    def _length(self, folder: PurePosixPath) -> int:
        if folder == PurePosixPath("."):
            return self._whole.line_length
        if folder not in self._lengths:
            own = own_length(self._reader(folder))
            self._lengths[folder] = own or self._length(folder.parent)
        return self._lengths[folder]

    @cached_property
    def _whole(self) -> ImportStyle:
        return detect_style(self._reader(PurePosixPath(".")), self.packages)

    def _reader(self, folder: PurePosixPath) -> Callable[[str], str | None]:
        """What gives the text of a file in a folder, or None."""

        def read(name: str) -> str | None:
            try:
                return (self.root / folder / name).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return None

        return read
