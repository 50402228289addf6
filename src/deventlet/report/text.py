"""Text of files and names, made fit to be shown; nothing here knows what it says."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

# Control characters but the tab, what turns the direction of writing, and bytes of a
# file name that are not UTF-8.
_STEERING = re.compile(
    "[\0-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PATH = re.compile(r"/|:\d")


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


def cut(text: str, width: int) -> str:
    """A text of at most so many characters; the last says if there was more."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}\u2026"


def wrapped(text: str, width: int, hang: int = 0) -> Iterator[str]:
    """The lines of a paragraph; all but the first are indented by ``hang``.

    A path is never broken or cut, so that it can be searched for and clicked; any
    other word that is wider than a line is cut.
    """
    room = width - hang
    words = (w if _PATH.search(w) else cut(w, room) for w in visible(text).split())
    yield from textwrap.wrap(
        " ".join(words),
        width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def without(summary: str, message: str) -> str:
    """What a message says of this code, without the summary that begins it."""
    if message.rstrip(".") == summary.rstrip("."):
        return ""
    return message.removeprefix(f"{summary}: ")


def listed(words: tuple[str, ...], shown: int = 2) -> str:
    """Such as ``nova-compute, nova-conductor and 4 more``."""
    if len(words) <= shown + 1:
        return ", ".join(words)
    return f"{', '.join(words[:shown])} and {len(words) - shown} more"
