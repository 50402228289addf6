"""How a command ends: the exit codes and the exception that carries them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, as the README documents them."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    PROBLEMS = 3
    INTERRUPTED = 130


class Stop(Exception):
    """Ends a command with a message for a person and an exit code."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
