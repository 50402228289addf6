"""The project of the command line's tests, and the command line in this process."""

from tests.deventlet.cli.conftest import _own_settings, deventlet, git, make

__all__ = ["_own_settings", "deventlet", "git", "make"]
