"""From verdicts about lines to the new bytes of files, each proven by what it says.

Only the bytes of the sites change. A result that says anything else than it should is
given back as failed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deventlet.codemod import Site, Verdict, Write
from deventlet.driver.files.finding import Lines
from deventlet.source.settings import Form, NotUnderstood, changed, form_of, strays

_GREEN = re.compile(r"(?i)eventlet|greenlet")


@dataclass(frozen=True, slots=True)
class Written:
    """New bytes by path, files that could not be proven, and files that are new."""

    contents: Mapping[str, bytes]
    failed: Mapping[str, str]
    created: frozenset[str]


def write(found: Lines, verdicts: Iterable[Verdict]) -> Written:
    """The new contents of every file that changes."""
    texts: dict[str, dict[Site, str]] = defaultdict(dict)
    for verdict in verdicts:
        rewrite = verdict.rewrite if verdict.applies else None
        for site, action in (rewrite.actions if rewrite else {}).items():
            assert isinstance(action, Write)
            texts[site.path][site] = action.text
    created = frozenset(path for path in texts if path not in found.texts)
    contents: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    for path, actions in sorted(texts.items()):
        before = found.texts.get(path, b"")
        after = _spliced(before, actions)
        problem = "" if path in created else _problem(path, before, after, actions)
        if problem:
            failed[path] = problem
        else:
            contents[path] = after
    return Written(contents, failed, created)


def _spliced(text: bytes, actions: Mapping[Site, str]) -> bytes:
    """The text with the sites replaced, in the line ends that stand there.

    A text that ends without one still does so when its last line has gone.
    """
    ends = not text or text.endswith(b"\n")
    for site, new in sorted(actions.items(), reverse=True):
        crlf = b"\r\n" in text[site.start : site.end]
        put = new.replace("\n", "\r\n") if crlf else new
        text = text[: site.start] + put.encode() + text[site.end :]
    return text if ends else text.removesuffix(b"\n").removesuffix(b"\r")


def _problem(
    path: str, before: bytes, after: bytes, actions: Mapping[Site, str]
) -> str:
    """Why a result is not proven right; empty if it is."""
    try:
        texts = before.decode("utf-8"), after.decode("utf-8")
        old = [before[site.start : site.end].decode() for site in actions]
        form = form_of(path)
        stray = strays(form, *texts, old, list(actions.values()))
        stray = stray or _other(form, *texts)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except NotUnderstood as problem:
        return str(problem)
    return f"this would change, too: {stray}" if stray else ""


def _other(form: Form, before: str, after: str) -> str:
    """What is gone, and neither names Eventlet nor stands in what came in its place."""
    gone, came = changed(form, before, after)
    for where, what in sorted(gone):
        if not _GREEN.search(f"{where} {what}"):
            kept = (new for place, new in came if place == where)
            if not any(what in new for new in kept):
                return f"{where}: {what}" if where else what
    return ""
