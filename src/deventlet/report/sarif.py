"""The inventory as SARIF 2.1.0, which code hosts and editors show beside the code.

Columns count characters from 1. A replacement is a property, not a ``fix``: its
import is not part of it, so that nobody's editor may apply it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from deventlet.codemod import Reason
from deventlet.inventory import Entry, Hazard, Inventory, Mention
from deventlet.report.sarif_log import (
    FINGERPRINT,
    Json,
    fingerprint,
    location,
    log,
    said,
)
from deventlet.report.text import encodable

_REWRITE = "rewrite"
_OUTSIDE = "outside."
_LEVELS = {"rewrite": "note", "assume": "note", "refuse": "warning"}


def encode(found: Inventory, reasons: Mapping[str, Reason]) -> bytes:
    """The inventory as one SARIF run, in UTF-8, with a newline at its end.

    :param reasons: what the codes mean; each code that occurs becomes a rule.
    """
    entries, mentions = sorted(found.entries), sorted(found.mentions)
    hazards = sorted(found.hazards)
    codes = sorted(
        {
            *map(_rule_of, entries),
            *map(_rule_outside, mentions),
            *(hazard.code for hazard in hazards),
        }
    )
    index = {code: position for position, code in enumerate(codes)}
    results = [
        *_results(entries, index),
        *_hazards(hazards, index),
        *_outside(mentions, index),
    ]
    rules = [_rule(code, reasons.get(code)) for code in codes]
    return log(rules, results, found.problems)


# Rules ---------------------------------------------------------------------------


def _rule_of(entry: Entry) -> str:
    return entry.reason or _REWRITE


def _rule_outside(mention: Mention) -> str:
    return f"{_OUTSIDE}{mention.kind}"


def _rule(code: str, reason: Reason | None) -> Json:
    """A rule with what the page says of the code."""
    level = "warning" if reason and reason.verdict == "refuse" else "note"
    rule: Json = {"id": code, "defaultConfiguration": {"level": level}}
    if reason:
        rule["shortDescription"] = said(f"{_capital(reason.summary)}.")
        rule["help"] = said(reason.suggestion)
    elif code == _REWRITE:
        rule["shortDescription"] = said("A use of Eventlet that can be rewritten.")
        rule["help"] = said("Run deventlet apply with the codemod of the site.")
    elif code.startswith(_OUTSIDE):
        rule["shortDescription"] = said("Eventlet is named outside of the code.")
    return rule


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# Results -------------------------------------------------------------------------


def _results(entries: Iterable[Entry], index: Mapping[str, int]) -> Iterator[Json]:
    seen: Counter[tuple[str, ...]] = Counter()
    for entry in entries:
        key = (entry.site.path, entry.site.api, entry.site.spelling)
        yield {
            "ruleId": _rule_of(entry),
            "ruleIndex": index[_rule_of(entry)],
            "level": _LEVELS[entry.verdict],
            "message": said(_message(entry)),
            "locations": [location(entry.site.path, _region(entry))],
            "partialFingerprints": {FINGERPRINT: fingerprint(key, seen)},
            "properties": _properties(entry),
        }


def _message(entry: Entry) -> str:
    what = f"{entry.site.api}: {entry.message or entry.verdict}"
    return f"{what} ({entry.suggestion})" if entry.suggestion else what


def _region(entry: Entry) -> Json:
    start, end = entry.columns
    return {
        "startLine": entry.site.line,
        "startColumn": start + 1,
        "endLine": entry.site.end_line,
        "endColumn": end + 1,
    }


def _properties(entry: Entry) -> Json:
    return {
        "api": entry.site.api,
        "form": entry.site.form,
        "codemod": entry.codemod,
        "verdict": entry.verdict,
        "replacement": encodable(entry.replacement),
        "stage": entry.stage,
        "test": entry.test,
    }


def _outside(mentions: Iterable[Mention], index: Mapping[str, int]) -> Iterator[Json]:
    seen: Counter[tuple[str, ...]] = Counter()
    for mention in mentions:
        rule = _rule_outside(mention)
        key = (mention.path, rule, mention.text)
        yield {
            "ruleId": rule,
            "ruleIndex": index[rule],
            "level": "note",
            "message": said(mention.advice or mention.text),
            "locations": [location(mention.path, {"startLine": mention.line})],
            "partialFingerprints": {FINGERPRINT: fingerprint(key, seen)},
        }


def _hazards(hazards: Iterable[Hazard], index: Mapping[str, int]) -> Iterator[Json]:
    """Places of which nothing is wrong as long as threads are green."""
    seen: Counter[tuple[str, ...]] = Counter()
    for hazard in hazards:
        yield {
            "ruleId": hazard.code,
            "ruleIndex": index[hazard.code],
            "level": "note",
            "message": said(hazard.message),
            "locations": [location(hazard.path, {"startLine": hazard.line})],
            "partialFingerprints": {
                FINGERPRINT: fingerprint((hazard.path, hazard.code), seen)
            },
            "properties": {"test": hazard.test},
        }
