"""What a check found, for people and as SARIF: what grew, with file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from deventlet.growth import Checked, Comment, Growth, Spot
from deventlet.report.sarif_log import (
    FINGERPRINT,
    Json,
    fingerprint,
    location,
    log,
    said,
)
from deventlet.report.text import counted, visible

_RULES = {
    "check.growth": (
        "There is more of Eventlet than the baseline allows.",
        "Do without it; or record why it is needed: deventlet check --update "
        '--allow-growth "the reason".',
        "error",
    ),
    "check.banned": (
        "The project is done with this pattern of Eventlet's.",
        "Do without it, as deventlet explain says of the pattern.",
        "error",
    ),
    "check.comment": (
        "A comment `# deventlet: keep` suppresses nothing.",
        "Remove it, or write # deventlet: keep until 2027-03-01 because of this.",
        "note",
    ),
}


def text(found: Checked) -> str:
    """Lines that begin with ``path:line:column:``, as compilers and linters say it.

    Empty if nothing fails.
    """
    lines = [line for growth in found.grown for line in _grown(growth)]
    for spot in found.banned:
        lines.append(f"{_place(spot)}: {_named(spot)} is banned{_remark(spot)}")
    return "".join(f"{visible(line)}\n" for line in lines)


def _grown(growth: Growth) -> Iterator[str]:
    if growth.more == len(growth.spots):
        said_once = f"new: {growth.was} before, {growth.now} now"
    else:
        said_once = f"{growth.more} of {len(growth.spots)} like this are new"
    for spot in growth.spots:
        yield f"{_place(spot)}: {_named(spot)}, {said_once}{_remark(spot)}"


def _place(spot: Spot) -> str:
    return f"{spot.path}:{spot.line}:{spot.column + 1}"


def _named(spot: Spot) -> str:
    return f"{spot.api} ({spot.pattern})"


def _remark(spot: Spot) -> str:
    return f"; {spot.remark}" if spot.remark else ""


def summary(found: Checked) -> str:
    """What there is against what may be, in one line."""
    fewer = found.allowed - found.uses
    if found.fails:
        more = sum(growth.more for growth in found.grown)
        parts = [f"{counted(more, 'use')} more than the baseline allows"] * bool(more)
        if found.banned:
            parts.append(f"{counted(len(found.banned), 'use')} of banned patterns")
        return ", ".join(parts)
    if fewer > 0:
        return (
            f"{counted(found.uses, 'use')}, {fewer} fewer than in the baseline; "
            "deventlet check --update records that"
        )
    return f"{counted(found.uses, 'use')}, no more than in the baseline"


def comment(each: Comment) -> str:
    """One line on a comment that does not suppress."""
    return f"{each.path}:{each.line}: # deventlet: keep: {each.message}"


def sarif(found: Checked) -> bytes:
    """One SARIF run."""
    rules = [
        {
            "id": code,
            "shortDescription": said(what),
            "help": said(how),
            "defaultConfiguration": {"level": level},
        }
        for code, (what, how, level) in _RULES.items()
    ]
    return log(rules, _results(found), found.problems)


def _results(found: Checked) -> Iterator[Json]:
    seen: Counter[tuple[str, ...]] = Counter()
    for growth in found.grown:
        lines = _grown(growth)
        for spot, line in zip(growth.spots, lines, strict=True):
            yield _of_spot("check.growth", spot, line.split(": ", 1)[1], seen)
    for spot in found.banned:
        message = f"{_named(spot)} is banned{_remark(spot)}"
        yield _of_spot("check.banned", spot, message, seen)
    yield from _comments(found.comments, seen)


def _of_spot(
    code: str, spot: Spot, message: str, seen: Counter[tuple[str, ...]]
) -> Json:
    region = {"startLine": spot.line, "startColumn": spot.column + 1}
    key = (code, spot.path, spot.api, spot.text)
    return _result(code, message, spot.path, region, key, seen)


def _comments(
    comments: Iterable[Comment], seen: Counter[tuple[str, ...]]
) -> Iterator[Json]:
    for each in comments:
        key = ("check.comment", each.path, each.ill)
        region = {"startLine": each.line}
        yield _result("check.comment", each.message, each.path, region, key, seen)


def _result(
    code: str,
    message: str,
    path: str,
    region: Json,
    key: tuple[str, ...],
    seen: Counter[tuple[str, ...]],
) -> Json:
    return {
        "ruleId": code,
        "ruleIndex": list(_RULES).index(code),
        "level": _RULES[code][2],
        "message": said(message),
        "locations": [location(path, region)],
        "partialFingerprints": {FINGERPRINT: fingerprint(key, seen)},
    }
