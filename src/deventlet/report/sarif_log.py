"""What every SARIF 2.1.0 log of deventlet's has, whatever its results are about.

Follows the OASIS standard's words (sections 3.11 messages, 3.27 results, 3.30
regions). Paths are URIs below the root, and no absolute path is in it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec

from deventlet import __version__
from deventlet.report.text import visible

Json: TypeAlias = dict[str, Any]

FINGERPRINT = "deventlet/v1"
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"


def log(
    rules: Sequence[Json],
    results: Iterable[Json],
    problems: Mapping[str, tuple[str, str]],
) -> bytes:
    """One run, in UTF-8, with a newline at its end.

    :param rules: in the order that the results' ``ruleIndex`` counts.
    :param problems: files that could not be looked at: reason and message.
    """
    run = {
        "tool": {"driver": _driver(rules)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": said("The project's root")}},
        "invocations": [_invocation(problems)],
        "results": [*results],
    }
    whole = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def _driver(rules: Sequence[Json]) -> Json:
    return {"name": "deventlet", "semanticVersion": __version__, "rules": rules}


def _invocation(problems: Mapping[str, tuple[str, str]]) -> Json:
    """Whether every file could be looked at, and which could not."""
    return {
        "executionSuccessful": not problems,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": said(f"{message} [{reason}]"),
                "locations": [location(path, None)],
            }
            for path, (reason, message) in sorted(problems.items())
        ],
    }


def fingerprint(key: tuple[str, ...], seen: Counter[tuple[str, ...]]) -> str:
    """Tells a finding from all others, wherever in its file it moves.

    :param seen: how many findings of each key were before; this one is added.
    """
    words = [*key, str(seen[key])]
    seen[key] += 1
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def location(path: str, region: Json | None) -> Json:
    """A place; the bytes of a path are those of the file's name."""
    place: Json = {
        "artifactLocation": {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}
    }
    if region:
        place["region"] = region
    return {"physicalLocation": place}


def said(words: str) -> Json:
    """A message in which nothing is a placeholder or a link (sections 3.11.5, .6)."""
    plain = visible(words).replace("{", "{{").replace("}", "}}")
    return {"text": plain.replace("](", "\\](")}
