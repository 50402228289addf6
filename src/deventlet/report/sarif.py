"""The inventory as SARIF 2.1.0, which code hosts and editors show beside the code.

Follows the OASIS standard's words (sections 3.11 messages, 3.27 results, 3.30
regions). Columns count characters from 1; paths are URIs below the root, and no
absolute path is in it. A replacement is a property, not a ``fix``: its import is
not part of it, so that nobody's editor may apply it alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec

from deventlet import __version__
from deventlet.codemod import Reason
from deventlet.inventory import Entry, Hazard, Inventory, Mention
from deventlet.report.text import encodable, visible

Json: TypeAlias = dict[str, Any]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_FINGERPRINT = "deventlet/v1"
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
    run = {
        "tool": {"driver": _driver([_rule(code, reasons.get(code)) for code in codes])},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": _said("The project's root")}},
        "invocations": [_invocation(found.problems)],
        "results": [
            *_results(entries, index),
            *_hazards(hazards, index),
            *_outside(mentions, index),
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


# Rules ---------------------------------------------------------------------------


def _driver(rules: list[Json]) -> Json:
    return {"name": "deventlet", "semanticVersion": __version__, "rules": rules}


def _rule_of(entry: Entry) -> str:
    return entry.reason or _REWRITE


def _rule_outside(mention: Mention) -> str:
    return f"{_OUTSIDE}{mention.kind}"


def _rule(code: str, reason: Reason | None) -> Json:
    """A rule with what the page says of the code."""
    level = "warning" if reason and reason.verdict == "refuse" else "note"
    rule: Json = {"id": code, "defaultConfiguration": {"level": level}}
    if reason:
        rule["shortDescription"] = _said(f"{_capital(reason.summary)}.")
        rule["help"] = _said(reason.suggestion)
    elif code == _REWRITE:
        rule["shortDescription"] = _said("A use of Eventlet that can be rewritten.")
        rule["help"] = _said("Run deventlet apply with the codemod of the site.")
    elif code.startswith(_OUTSIDE):
        rule["shortDescription"] = _said("Eventlet is named outside of the code.")
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
            "message": _said(_message(entry)),
            "locations": [_location(entry.site.path, _region(entry))],
            "partialFingerprints": {_FINGERPRINT: _fingerprint(key, seen)},
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
            "message": _said(mention.advice or mention.text),
            "locations": [_location(mention.path, {"startLine": mention.line})],
            "partialFingerprints": {_FINGERPRINT: _fingerprint(key, seen)},
        }


def _hazards(hazards: Iterable[Hazard], index: Mapping[str, int]) -> Iterator[Json]:
    """Places of which nothing is wrong as long as threads are green."""
    seen: Counter[tuple[str, ...]] = Counter()
    for hazard in hazards:
        yield {
            "ruleId": hazard.code,
            "ruleIndex": index[hazard.code],
            "level": "note",
            "message": _said(hazard.message),
            "locations": [_location(hazard.path, {"startLine": hazard.line})],
            "partialFingerprints": {
                _FINGERPRINT: _fingerprint((hazard.path, hazard.code), seen)
            },
            "properties": {"test": hazard.test},
        }


def _fingerprint(key: tuple[str, ...], seen: Counter[tuple[str, ...]]) -> str:
    """Tells a finding from all others, wherever in its file it moves.

    :param seen: how many findings of each key were before; this one is added.
    """
    words = [*key, str(seen[key])]
    seen[key] += 1
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _invocation(problems: Mapping[str, tuple[str, str]]) -> Json:
    """Whether every file could be looked at, and which could not."""
    return {
        "executionSuccessful": not problems,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": _said(f"{message} [{reason}]"),
                "locations": [_location(path, None)],
            }
            for path, (reason, message) in sorted(problems.items())
        ],
    }


# Words and places ----------------------------------------------------------------


def _location(path: str, region: Json | None) -> Json:
    """A place; the bytes of a path are those of the file's name."""
    place: Json = {
        "artifactLocation": {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}
    }
    if region:
        place["region"] = region
    return {"physicalLocation": place}


def _said(words: str) -> Json:
    """A message in which nothing is a placeholder or a link (sections 3.11.5, .6)."""
    plain = visible(words).replace("{", "{{").replace("}", "}}")
    return {"text": plain.replace("](", "\\](")}
