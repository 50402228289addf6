"""A burn-down as JSON, for programs: all that is known.

``docs/history.md`` says what each member means; its order is the order there.
"""

from __future__ import annotations

from typing import Any

import msgspec

from deventlet.burndown import PLACES, Burndown, Point
from deventlet.report.text import encodable

FORMAT = 1
"""Grows when a member changes its meaning or goes, not when one comes."""


def encode(found: Burndown) -> bytes:
    """One object, in UTF-8, with a newline at its end."""
    whole = {
        "format": FORMAT,
        "project": encodable(found.project),
        "step": found.step,
        "begins_late": found.begins_late,
        "missing": [*map(encodable, found.missing)],
        "points": [_point(point) for point in found.points],
        "in_flight": [
            {
                "name": encodable(each.name),
                "patches": each.patches,
                "uses": each.uses,
                "removes": dict(each.removes),
            }
            for each in found.in_flight
        ],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def _point(point: Point) -> dict[str, Any]:
    return {
        "label": encodable(point.label),
        "date": point.date,
        "commit": point.commit,
        "uses": point.uses,
        **{place: point.by_pattern(place) for place in PLACES},
        "names": point.by_name(),
        "mocks": point.mocks,
        "through": point.through,
        "imports": point.imports,
        "files": point.files,
        "lines": point.grep,
        "unread": point.unread,
    }
