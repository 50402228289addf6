"""What ``# deventlet: keep`` says, on the line of a use: as it stands, and why.

``# deventlet: keep until 2027-03-01 because the agent still runs under Eventlet``:
a reason, and a day, may stand there. The day is the last on which it holds; only
:mod:`deventlet.baseline` asks for it, because what a rewrite gives may not depend on
the date. Reads a line, and decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_COMMENT = re.compile(rb"#\s*deventlet:\s*keep\b[\s:,-]*(?P<why>[^#\n]*)")
_UNTIL = re.compile(r"until\s+(?P<day>\d{4}-\d{1,2}-\d{1,2})\b")
_BECAUSE = re.compile(r"[\s:,-]*(?:because\b)?[\s:,-]*")
MARK = b"deventlet:"
"""Something that every such comment has."""


@dataclass(frozen=True, slots=True)
class Keep:
    """One such comment.

    :param said: everything behind ``keep``.
    :param reason: the words of it that are a reason; maybe empty.
    :param until: the last day on which it holds, if there is one.
    :param wrong_day: a day that is none, as it is written.
    """

    said: str
    reason: str
    until: date | None = None
    wrong_day: str = ""


def keep_in(line: bytes) -> Keep | None:
    """What a line, or a comment, says of being kept; None if it does not."""
    found = _COMMENT.search(line)
    if found is None:
        return None
    said = found["why"].decode("utf-8", "replace").strip()
    until = _UNTIL.match(said)
    if until is None:
        return Keep(said, _BECAUSE.sub("", said, count=1))
    reason = _BECAUSE.sub("", said[until.end() :], count=1)
    try:
        return Keep(said, reason, date.fromisoformat(until["day"]))
    except ValueError:
        return Keep(said, reason, wrong_day=until["day"])
