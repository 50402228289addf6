"""The command line: one module per command; it talks to people and decides nothing."""

from deventlet.cli.app import main

__all__ = ["main"]
