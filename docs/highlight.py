"""Colours the consoles of the documentation, in which only ``$`` begins a command.

Pygments' own lexer for consoles takes a line that begins with ``#`` for a command of
root's, and so stumbles over the comments in a diff.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, using
from pygments.lexers.shell import BashLexer
from pygments.token import Generic


class ConsoleLexer(RegexLexer):
    """Commands after ``$``, which a backslash continues, and what they print."""

    name = "Console of deventlet's documentation"
    tokens: ClassVar = {
        "root": [
            (
                r"^(\$ )((?:.*\\\n)*.*\n?)",
                bygroups(Generic.Prompt, using(BashLexer)),
            ),
            (r"^.+\n?|\n", Generic.Output),
        ]
    }
