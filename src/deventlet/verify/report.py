"""The report that a test command writes: which of its tests failed.

JUnit's XML is what pytest writes with ``--junit-xml``, a subunit v2 stream what stestr
writes with ``--subunit``. Only reads.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

MISSING = "the command left no report"
"""What fails where a report was promised and is not there."""

_BAD = frozenset({"fail", "uxsuccess", "inprogress"})
"""The last words of a subunit stream on a test that did not pass."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that the command is said to write.

    :param path: from the folder that the command runs in.
    """

    form: Literal["junit", "subunit"]
    path: str

    def failed(self, folder: Path) -> frozenset[str]:
        """The tests that failed or could not run."""
        read = _junit if self.form == "junit" else _subunit
        try:
            return frozenset(read(folder / self.path))
        except (OSError, ElementTree.ParseError):
            return frozenset({MISSING})

    def remove(self, folder: Path) -> None:
        """Take away the one of an earlier run."""
        (folder / self.path).unlink(missing_ok=True)


def _junit(path: Path) -> Iterator[str]:
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            yield ".".join(filter(None, (case.get("classname"), case.get("name"))))


def _subunit(path: Path) -> Iterator[str]:
    """The tests of a stream; one that was cut short says so by a name of its own.

    :raises OSError: if it holds no test.
    """
    # Takes 0.1 s to import, for the few runs that need it.
    from subunit import ByteStreamToStreamResult

    heard = _Heard()
    stream = io.BytesIO(path.read_bytes())
    ByteStreamToStreamResult(stream, non_subunit_name="stdout").run(heard)
    if not heard.last:
        raise OSError("no test")
    yield from (test for test, status in heard.last.items() if status in _BAD)


@dataclass(eq=False)
class _Heard:
    """The last status of each test of a stream.

    A file that a test leaves beside has no status; one that is listed has not run.
    """

    last: dict[str, str] = field(default_factory=dict)

    def status(
        self, test_id: str | None = None, test_status: str | None = None, **_: object
    ) -> None:
        """Take one event, as the streams of testtools give it."""
        if test_id is not None and test_status not in (None, "exists"):
            self.last[test_id] = str(test_status)
