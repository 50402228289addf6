"""The file ``deventlet-baseline.json``: what a project has accepted.

One line for each look of a use, sorted, so that two people who remove uses in
different places get no conflict in it. Reads and writes that file, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from deventlet.baseline.measure import IMPORT, Measured
from deventlet.growth import Growth
from deventlet.report.text import encodable

NAME = "deventlet-baseline.json"
FORMAT = 1

Prints = dict[str, dict[str, int]]
"""By pattern: how many uses of each look."""


_CONFLICT = (
    "it has the marks of a conflict; take one side of it, such as with git checkout "
    "--ours, then run deventlet check --update"
)


class BaselineProblem(Exception):
    """A file that is no baseline; the message names it."""


class Grown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Once, when there was more: why, and how many of each pattern."""

    reason: str
    uses: dict[str, int]


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is accepted.

    :param files: by path and pattern, how many uses of each fingerprint.
    :param growth: each time that it grew, the oldest first.
    """

    format: int = FORMAT
    files: dict[str, Prints] = {}
    growth: tuple[Grown, ...] = ()

    def prints(self, path: str) -> dict[str, Counter[str]]:
        """What is accepted in a file."""
        found = self.files.get(encodable(path), {})
        return {pattern: Counter(looks) for pattern, looks in found.items()}

    @property
    def uses(self) -> int:
        """How many uses are accepted, without imports."""
        return sum(
            number
            for prints in self.files.values()
            for pattern, looks in prints.items()
            if pattern != IMPORT
            for number in looks.values()
        )

    def updated(
        self, measured: Sequence[Measured], there: Collection[str], whole: bool
    ) -> Baseline:
        """With what is there now, in place of what was.

        A file that could not be read keeps what it had.

        :param there: the files of the baseline that are there still.
        :param whole: whether every file of the project was measured.
        """
        read = {encodable(m.path): m for m in measured if m.problem is None}
        unread = {encodable(m.path) for m in measured if m.problem is not None}
        files = {
            path: prints
            for path, prints in self.files.items()
            if path in there and (not whole or path in unread)
        }
        for path, each in read.items():
            files[path] = {name: dict(looks) for name, looks in each.prints().items()}
        kept = {path: prints for path, prints in files.items() if prints}
        return Baseline(FORMAT, kept, self.growth)

    def because(self, reason: str, grown: Iterable[Growth]) -> Baseline:
        """With a note on why there is more."""
        uses: Counter[str] = Counter()
        for each in grown:
            uses[each.pattern] += each.more
        note = Grown(reason, dict(uses))
        return Baseline(FORMAT, self.files, (*self.growth, note))


def load(path: Path) -> Baseline | None:
    """The baseline in a file; None if there is no such file.

    :raises BaselineProblem: if it cannot be read, or is something else.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BaselineProblem(f"cannot read {path}: {error.strerror}") from error
    try:
        found = msgspec.json.decode(raw, type=Baseline)
    except msgspec.DecodeError as error:
        said = _CONFLICT if b"<<<<<<< " in raw else str(error)
        raise BaselineProblem(f"{path} is no baseline: {said}") from error
    if found.format != FORMAT:
        raise BaselineProblem(
            f"{path} is of format {found.format}, and this deventlet knows {FORMAT}"
        )
    _check(path, found.files)
    return found


def _check(path: Path, files: Mapping[str, Prints]) -> None:
    """Refuse numbers that no counting gives.

    :raises BaselineProblem: naming the file.
    """
    for name, prints in files.items():
        if any(number < 1 for looks in prints.values() for number in looks.values()):
            raise BaselineProblem(f"{path}: {name}: a number of uses is at least 1")


def dump(baseline: Baseline) -> bytes:
    """The bytes of the file, the same for the same uses."""
    raw = msgspec.json.encode(baseline, order="sorted")
    return msgspec.json.format(raw, indent=1) + b"\n"
