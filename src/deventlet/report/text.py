"""Text of files and names, made fit to be shown; nothing here knows what it says."""

from __future__ import annotations

import re

# Control characters but the tab, what turns the direction of writing, and bytes of a
# file name that are not UTF-8.
_STEERING = re.compile(
    "[\0-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """A text on one line, with escapes for what would steer a terminal."""
    return _STEERING.sub(lambda match: ascii(match[0])[1:-1], text)


def encodable(text: str) -> str:
    r"""A text with ``\xff`` for each byte of a file name that is not UTF-8."""
    raw = text.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "backslashreplace")


def counted(number: int, noun: str) -> str:
    """Such as ``1 site`` or ``2,310 sites``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
