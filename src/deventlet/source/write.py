"""Writes changed files in place, all of them or none, whatever interrupts it.

This is the only module that changes files of the user's project, and it changes
only files whose content is still what the caller read.

How: every new text, and a copy of every old one, is written beside its target (a
rename is atomic only within a file system), then the new texts are renamed over
their targets one by one. A journal written first lists all these names with the
digests of the contents. The *name* of the journal file is the phase of the run, so
that going on to the next phase is one rename, which needs no disk space:

=========== ========================= ==========================================
phase       what may have happened    what an interruption leads to
=========== ========================= ==========================================
preparing   some texts lie beside     they are removed; nothing has changed
renaming    some targets are new      the next run finishes, or undoes if a
                                      target was edited meanwhile
undoing     some targets are new      the old ones are put back
finished    all targets are new       what lies beside them is removed
undone      all targets are old       what lies beside them is removed
=========== ========================= ==========================================

A target that is neither what it was nor what it was to become belongs to whoever
edited it: it is never written, in no phase.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec

from deventlet.source.git import Git

Phase = Literal["preparing", "renaming", "undoing", "finished", "undone"]
Step = Callable[[str], None]

_PHASES: tuple[Phase, ...] = get_args(Phase)
_LEDGER, _LOCK = "ledger.json", "lock"
_NAME_BYTES = 200  # of a target's name, in the names beside it; file systems allow 255
_NO_REPOSITORY = ".deventlet-journal"
_GONE = (FileNotFoundError, NotADirectoryError)  # somebody removed a file or its folder


class WriteProblem(Exception):
    """Files that could not be written; unless the message says so, none was.

    :param reason: ``file.changed`` since it was read; ``file.outside`` the root;
        ``file.unwritable``, with the system's words; ``run.locked`` by another run;
        ``run.unfinished``, which ``recover`` goes on with.
    :param path: the file concerned.
    :param message: one plain sentence for a person; names the file.
    """

    def __init__(self, reason: str, path: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Change:
    """New content for a file; ``path`` is POSIX, relative to the root.

    :param before: what the file holds; None if there is none yet.
    """

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of an interrupted run.

    :param outcome: whether its files are now all new or all old.
    :param files: the files of that run.
    :param edited: those that somebody changed or removed meanwhile (or whose old
        content was); they were left as they are.
    """

    outcome: Literal["finished", "undone"]
    files: tuple[str, ...]
    edited: tuple[str, ...]


def state_folder(root: Path, repository: bool) -> Path:
    """Where journal, lock and ledger live: in the git directory if there is one.

    :raises GitProblem: if git cannot say where that is.
    """
    return Git(root).directory / "deventlet" if repository else root / _NO_REPOSITORY


def write_changes(
    root: Path, changes: Sequence[Change], journal: Path, step: Step = lambda _: None
) -> None:
    """Give all files their new content, or none.

    Mode and (for root) owner of a file stay; a link stays and its target is
    written. What was written is recorded in the ledger, where there is one.

    :param journal: the folder from ``state_folder``.
    :param step: called after each step that reached the disk; for tests, which
        interrupt there.
    :raises WriteProblem: for any of its reasons.
    :raises ValueError: for two changes of one file.
    """
    root = root.resolve()
    with locked(journal):
        if _phase(journal) is not None:
            raise WriteProblem(
                "run.unfinished", str(journal), f"{journal} holds an unfinished run"
            )
        planned = _plan(root, changes)
        if planned:
            _Run(root, journal, tuple(planned), step).write(list(planned.values()))


def recover(root: Path, journal: Path, step: Step = lambda _: None) -> Recovery | None:
    """Finish or undo what an interrupted run has left; ``None`` if nothing.

    To be called before files are read. Writes nothing where nothing was left.

    :raises WriteProblem: ``run.locked`` while another run is writing, or
        ``file.unwritable``; the next call goes on.
    """
    if not _leftovers(journal):
        return None
    with locked(journal):
        phase = _phase(journal)
        if phase is None:
            return None
        return _Run(root.resolve(), journal, _load(journal, phase), step).resume()


# What was written before ---------------------------------------------------------


class Ledger(msgspec.Struct, frozen=True):
    """What deventlet last wrote: the digest of the content, by path.

    With it a file that differs from HEAD is known to hold nothing of the user's.
    Paths are percent-encoded, because a name need not be text and JSON must be.
    """

    written: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path) -> Ledger:
        """The ledger in a folder; empty if there is none or it is damaged."""
        try:
            return msgspec.json.decode((folder / _LEDGER).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return cls()  # the safe side: every changed file counts as the user's

    def save(self, folder: Path) -> None:
        """Replace the ledger in a folder, as a whole.

        :raises OSError: if that fails; the old one stays.
        """
        _replace(folder / _LEDGER, msgspec.json.encode(self, order="sorted"))

    def record(self, digests: Mapping[str, str]) -> Ledger:
        """The ledger with digests (see ``digest``) of files newly written."""
        return Ledger(self.written | {_quote(path): d for path, d in digests.items()})

    def holds(self, path: str, content: bytes) -> bool:
        """Whether a content is what deventlet last wrote there."""
        return self.written.get(_quote(path)) == digest(content)


def blocked(
    changes: Sequence[Change], dirty: Collection[str], ledger: Ledger
) -> list[str]:
    """The files that hold work of the user's that is not committed, sorted.

    :param dirty: the paths that differ from HEAD, as ``Git.dirty_paths`` tells.
    """
    return sorted(
        change.path
        for change in changes
        if change.path in dirty
        and not (change.before and ledger.holds(change.path, change.before))
    )


def digest(content: bytes) -> str:
    """The name of a content in journal and ledger: its BLAKE2b, as hex."""
    return blake2b(content, digest_size=32).hexdigest()


# The run -------------------------------------------------------------------------


class _Entry(msgspec.Struct, frozen=True):
    """One file of a run; names are percent-encoded."""

    target: str  # the real file, relative to the root
    new: str  # the name of the new text beside it
    old: str  # the name of the old text beside it
    before: str  # the digest of the old text; empty if there was no file
    after: str

    @property
    def path(self) -> str:
        """The target as a path."""
        return _unquote(self.target)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run's files on their way from phase to phase."""

    root: Path
    folder: Path
    entries: tuple[_Entry, ...]
    step: Step

    def write(self, changes: Sequence[Change]) -> None:
        """All phases of a run that is not interrupted; undo it if it is."""
        try:
            self._begin()
            self._prepare(changes)
            self._advance("renaming")
            self._finish()
        except BaseException as error:  # KeyboardInterrupt between two renames, too
            self._abandon(error)
            raise
        self._clean("finished")

    def resume(self) -> Recovery:
        """Go on from the phase on the disk to the end."""
        edited: tuple[str, ...] = ()
        phase = _phase(self.folder)
        if phase == "renaming":
            phase = self._finish() if self._can_finish() else self._advance("undoing")
        if phase == "undoing":
            edited = self._undo()
        if phase in ("preparing", "undoing"):
            phase = self._advance("undone")
        outcome: Literal["finished", "undone"] = (
            "finished" if phase == "finished" else "undone"
        )
        self._clean(outcome)
        return Recovery(outcome, tuple(entry.path for entry in self.entries), edited)

    def _begin(self) -> None:
        """Write the journal."""
        journal = _journal(self.folder, "preparing")
        with _naming(journal):
            _replace(journal, msgspec.json.encode(self.entries))
        self.step("journal")

    def _prepare(self, changes: Sequence[Change]) -> None:
        """Write the new texts and copies of the old ones beside the targets."""
        for entry, change in zip(self.entries, changes, strict=True):
            with _naming(entry.path):
                target = self._target(entry)
                like = None if change.before is None else os.stat(target)
                _create(self._beside(entry, entry.new), change.after, like, self.step)
                if change.before is not None:
                    old = self._beside(entry, entry.old)
                    _create(old, change.before, like, self.step)
        self._sync()

    def _advance(self, phase: Phase) -> Phase:
        """Go to another phase; from here on an interrupted run is treated as in it."""
        current = _phase(self.folder)
        assert current is not None
        with _naming(self.folder):
            os.replace(_journal(self.folder, current), _journal(self.folder, phase))
            _sync(self.folder)
        self.step(phase)
        return phase

    def _finish(self) -> Phase:
        """Rename what is not renamed yet."""
        for entry in self.entries:
            found = self._digest(entry)
            if found not in (entry.before, entry.after):
                raise _changed(entry.path)
            if found == entry.before:
                self._rename(entry, entry.new)
        self._sync()
        self._record()
        return self._advance("finished")

    def _undo(self) -> tuple[str, ...]:
        """Put the old texts back, but not over what somebody else wrote.

        :returns: the paths where they could not be put back.
        """
        edited: list[str] = []
        for entry in self.entries:
            found = self._digest(entry)
            if found == entry.after and not entry.before:
                self._remove(entry)
            elif (
                found == entry.after and self._digest(entry, entry.old) == entry.before
            ):
                self._rename(entry, entry.old)
            elif found != entry.before:
                edited.append(entry.path)
        self._sync()
        return tuple(edited)

    def _abandon(self, error: BaseException) -> None:
        """Undo a run that failed, unless it had written everything."""
        try:
            phase = _phase(self.folder)
            if phase == "renaming":
                self._advance("undoing")
            if phase is not None:
                self.resume()
        except WriteProblem as problem:
            message = f"{problem.message}; the next run will go on putting back files"
            raise WriteProblem("run.unfinished", problem.path, message) from error

    def _clean(self, phase: Phase) -> None:
        """Remove what lies beside the targets, then the journal."""
        for entry in self.entries:
            with _naming(entry.path):
                for name in (entry.new, entry.old):
                    with contextlib.suppress(*_GONE):
                        self._beside(entry, name).unlink()
            self.step(f"cleaned {entry.path}")
        self._sync()
        with _naming(self.folder):
            _journal(self.folder, phase).unlink()
            _sync(self.folder)
        self.step("journal removed")

    def _can_finish(self) -> bool:
        """Whether every target is new, or old with its new text beside it."""
        return all(
            found == entry.after
            or (found == entry.before and self._digest(entry, entry.new) == entry.after)
            for entry in self.entries
            for found in [self._digest(entry)]
        )

    def _record(self) -> None:
        """Note in the ledger what was written; without a HEAD nobody would ask."""
        if self.folder.name == _NO_REPOSITORY:
            return
        with _naming(self.folder / _LEDGER):
            digests = {entry.path: entry.after for entry in self.entries}
            Ledger.load(self.folder).record(digests).save(self.folder)
        self.step("ledger")

    def _rename(self, entry: _Entry, name: str) -> None:
        """Put one of the texts beside a target in its place."""
        with _naming(entry.path):
            os.replace(self._beside(entry, name), self._target(entry))
        self.step(f"renamed {entry.path}")

    def _remove(self, entry: _Entry) -> None:
        """Remove a target that was not there before."""
        with _naming(entry.path):
            self._target(entry).unlink()
        self.step(f"removed {entry.path}")

    def _digest(self, entry: _Entry, name: str | None = None) -> str:
        """The digest of a target, or of a text beside it; empty if it is not there."""
        file = self._target(entry) if name is None else self._beside(entry, name)
        with _naming(entry.path):
            try:
                return digest(file.read_bytes())
            except (*_GONE, IsADirectoryError):
                return ""

    def _sync(self) -> None:
        """Make the names in all folders of the run durable."""
        for folder in sorted({self._target(entry).parent for entry in self.entries}):
            with _naming(folder), contextlib.suppress(*_GONE):
                _sync(folder)

    def _target(self, entry: _Entry) -> Path:
        return self.root / entry.path

    def _beside(self, entry: _Entry, name: str) -> Path:
        return self._target(entry).with_name(_unquote(name))


def _plan(root: Path, changes: Sequence[Change]) -> dict[_Entry, Change]:
    """The changes that change something, with the names that their texts get.

    :raises WriteProblem: ``file.outside`` or ``file.changed``.
    """
    planned: dict[_Entry, Change] = {}
    for change in changes:
        if change.before != change.after:
            planned[_entry(root, change)] = change
    if len({entry.target for entry in planned}) < len(planned):
        raise ValueError("two changes of one file")
    return planned


def _entry(root: Path, change: Change) -> _Entry:
    """The names and digests for one change of a file that is as it was read."""
    real = Path(os.path.realpath(root / change.path))
    if not real.is_relative_to(root):
        raise WriteProblem(
            "file.outside", change.path, f"{change.path} leads out of {root}"
        )
    with _naming(change.path):
        try:
            there: bytes | None = real.read_bytes()
        except FileNotFoundError:
            there = None
    if there != change.before:
        raise _changed(change.path)
    target = _quote(real.relative_to(root).as_posix())
    before = "" if change.before is None else digest(change.before)
    after = digest(change.after)
    new, old = (_quote(_beside(real.name, target + text)) for text in (after, before))
    return _Entry(target, new, old, before, after)


def _beside(name: str, unique: str) -> str:
    """The name of a text beside a file, short enough for any file system."""
    start = os.fsdecode(os.fsencode(name)[:_NAME_BYTES])
    return f".{start}.deventlet-{digest(unique.encode())[:16]}"


def _changed(path: str) -> WriteProblem:
    """Somebody else wrote the file."""
    return WriteProblem(
        "file.changed", path, f"{path} has changed on disk since it was read"
    )


# The folder with journal and lock ------------------------------------------------


def _journal(folder: Path, phase: Phase) -> Path:
    """The journal's file in a phase."""
    return folder / f"{phase}.json"


def _phase(folder: Path) -> Phase | None:
    """The phase that a run on the disk is in; ``None`` if there is no run."""
    return next((phase for phase in _PHASES if _journal(folder, phase).exists()), None)


def _load(folder: Path, phase: Phase) -> tuple[_Entry, ...]:
    """The files of the run on the disk."""
    journal = _journal(folder, phase)
    with _naming(journal):
        raw = journal.read_bytes()
    try:
        return msgspec.json.decode(raw, type=tuple[_Entry, ...])
    except msgspec.DecodeError as error:
        raise WriteProblem(
            "run.unfinished", str(journal), f"{journal} cannot be read: {error}"
        ) from error


def _leftovers(folder: Path) -> set[str]:
    """What an interrupted run may have left in the folder."""
    try:
        return set(os.listdir(folder)) - {_LEDGER}
    except FileNotFoundError:
        return set()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs off the tree.

    The lock is the system's, on a file that names the process: it ends with the
    process, however that ends, so that none is ever stale.

    :raises WriteProblem: ``run.locked``.
    """
    path = folder / _LOCK
    with _naming(path):
        file = _acquire(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for leftover in (*folder.glob("*.tmp"), path):
                leftover.unlink()
        os.close(file)
        with contextlib.suppress(OSError):  # not empty: the ledger stays
            folder.rmdir()


def _acquire(path: Path) -> int:
    """An open, locked file at a path, with our process id in it."""
    while True:
        path.parent.mkdir(exist_ok=True)
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # a run that just ended has removed the folder
            continue
        if _is_ours(file, path):
            os.ftruncate(file, 0)
            os.write(file, b"%d\n" % os.getpid())
            return file
        os.close(file)  # that run has removed the file that we were waiting to lock


def _is_ours(file: int, path: Path) -> bool:
    """Whether the file could be locked and is still the one at its path."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
    except BlockingIOError:
        process = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        raise WriteProblem(
            "run.locked",
            str(path),
            f"another deventlet (process {process}) is writing to this tree; {path}",
        ) from None


# Files ---------------------------------------------------------------------------


@contextlib.contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Turn the system's refusal into a problem that names the file."""
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise WriteProblem("file.unwritable", str(path), message) from error


def _create(
    path: Path, content: bytes, like: os.stat_result | None, step: Step
) -> None:
    """A new file on the disk, with the mode and (for root) the owner of another."""
    with open(path, "xb") as file:
        step(f"created {path.name}")
        file.write(content)
        if like is not None:
            _make_alike(file.fileno(), like)
        file.flush()
        os.fsync(file.fileno())
    step(f"written {path.name}")


def _make_alike(file: int, like: os.stat_result) -> None:
    """Give an open file the mode and (for root) the owner of another."""
    if os.geteuid() == 0:
        os.fchown(file, like.st_uid, like.st_gid)
    os.fchmod(file, stat.S_IMODE(like.st_mode))  # chown clears setuid


def _replace(path: Path, content: bytes) -> None:
    """Replace a file of ours, as a whole."""
    draft = path.with_name(f"{path.name}.tmp")
    with open(draft, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _quote(path: str) -> str:
    """A path as ASCII, readable where it is."""
    return quote_from_bytes(os.fsencode(path))


def _unquote(quoted: str) -> str:
    """The path that was quoted."""
    return os.fsdecode(unquote_to_bytes(quoted))
