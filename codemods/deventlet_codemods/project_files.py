"""Decide the lines of project files that go with Eventlet, and what comes after it.

The rules are those of the page beside this file. Nothing here knows a file or a
position: a line is a text with a mark, and what takes its place is a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from deventlet.codemod import (
    Decision,
    FileContext,
    Refuse,
    Rewrite,
    Subject,
    Write,
)
from deventlet.resolve.facts import Line
from deventlet_codemods._stages import behind

_BY_HAND = {
    "entry-point": "project-files.entry-point",
    "worker": "project-files.worker",
    "extra": "project-files.extra",
    "pulls": "project-files.pulls-in",
    "generated": "project-files.generated",
    "by-hand": "project-files.by-hand",
}
_PROOF = "nothing in the repository imports, mocks or starts Eventlet any more"
_NAME = r"(?:eventlet|greenlet)"
_VERSION = r"(?:[<>!~@(;]|==)"
_EXTRAS = r"(?:[ \t]*\[[^\]\n]*\])?[ \t]*"
_REQUIREMENT = rf"{_NAME}{_EXTRAS}(?:{_VERSION}[^#\n]*)?"
_CONTINUED = re.compile(r"\\\n")
_IN_LIST = re.compile(rf"(?i)\s*{_REQUIREMENT}\s*(?:\s#[^\n]*)?\n?")
_IN_INI = re.compile(
    rf"(?i)(?P<key>[a-z_]+[ \t]*=[ \t]*)?(?P<rest>\n?[ \t]*(?:[\w{{}}.,!-]+:[ \t]+)?)"
    rf"{_REQUIREMENT}[ \t]*(?:[#;][^\n]*)?(?P<end>\n?)"
)
_ITEM = rf"(?P<q>[\"']){_NAME}{_EXTRAS}(?:{_VERSION}(?:(?!(?P=q))[^\n])*)?(?P=q)"
_TOML_LINE = re.compile(rf"(?i)[ \t]*{_ITEM}[ \t]*,?[ \t]*(?:#[^\n]*)?\n?")
_TOML_KEY = re.compile(rf"(?i)[ \t]*[\"']?{_NAME}[\"']?[ \t]*=[^\n]*\n?")
_FIRST_ITEM = re.compile(rf"(?i){_ITEM}[ \t]*,?[ \t]*")
_LATER_ITEM = re.compile(rf"(?i),[ \t]*{_ITEM}")
_KEPT = ("testenv:", "extras", "options.extras_require")
"""Sections whose empty keys say something: a variant of tox, extras by name."""

_VARIABLE = re.compile(
    r"(?P<key>\w+[ \t]*=)?[ \t]*EVENTLET_\w+[ \t]*=[ \t]*[^\s#]*[ \t]*(?P<end>\n?)"
)
_GREEN = re.compile(r"(?i)\b(?:eventlet|greenlet)\b")
_CONCURRENCY = re.compile(
    r"(?is)(?P<key>[\"']?concurrency[\"']?[ \t]*=)(?P<value>[^\n#]*)(?P<rest>.*)"
)
_ENABLED = re.compile(
    r"enable-extensions[ \t]*=[ \t]*(?P<first>[\w]*)(?P<rest>[^\n]*)\n"
)
_NEW_HACKING = ("8.0.0", "8.1.0", "8.99.0", "9.0.0", "99.0.0")
_NOTE = """\
---
upgrade:
  - |
    Eventlet is no longer used, and no longer a requirement. What ran in green
    threads runs in native threads now. Settings that only Eventlet reads have
    no effect any more, such as ``EVENTLET_*`` environment variables. A service
    that is started by a server with workers of Eventlet, such as gunicorn with
    ``-k eventlet``, needs workers with threads.
"""


def decide(subject: Subject, context: FileContext) -> Decision:
    """Decide one line, or a file that is to come."""
    site = subject.origin
    line = context.line(site)
    if line.what in _BY_HAND:
        return Refuse(_BY_HAND[line.what], line.advice)
    if context.is_dual():
        return Refuse("profile.dual")
    left = tuple(context.left())
    if left:
        return behind("project-files.used", left)
    if line.what == "bound" and context.requires("oslo.service"):
        return Refuse("project-files.bound", "oslo.service")
    if line.what == "lint" and not _has_check(line.hint):
        return Refuse("project-files.hacking", line.hint)
    text = _TEXTS[line.what](line)
    if text is None:
        return Refuse("project-files.by-hand", line.advice)
    return Rewrite({site: Write(text)}, proofs=(_PROOF,))


# -- requirements ------------------------------------------------------------------


def _without(line: Line) -> str | None:
    """A line of requirements without Eventlet; None if it is not understood."""
    if line.form == "list":
        return "" if _IN_LIST.fullmatch(_CONTINUED.sub(" ", line.text)) else None
    if line.form == "ini":
        return _without_in_ini(line)
    quoted = line.form in ("toml", "python")
    return _without_in_toml(line.text) if quoted else None


def _without_in_ini(line: Line) -> str | None:
    """Without the line; its key stays where it has more, or says something empty."""
    found = _IN_INI.fullmatch(line.text)
    if found is None:
        return None
    if not found["key"]:
        return ""
    alone = not found["rest"].startswith("\n") and not line.more
    if alone and line.hint.startswith("options") and ";" in line.text:
        return None  # setuptools splits a value of one line there
    stays = line.more or line.hint.startswith(_KEPT)
    return f"{found['key'].rstrip()}{found['end']}" if stays else ""


def _without_in_toml(text: str) -> str | None:
    """Without the item or the key, on a line of its own or in a list of one line."""
    if _TOML_LINE.fullmatch(text):
        return ""
    if _TOML_KEY.fullmatch(text):
        return "" if _is_whole(text) else None
    if "[" not in text:
        return None
    left = _FIRST_ITEM.sub("", _LATER_ITEM.sub("", text))
    return left if left != text else None


def _is_whole(text: str) -> bool:
    """Whether a key has its whole value on its line."""
    try:
        return bool(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return False


# -- settings ----------------------------------------------------------------------


def _native(line: Line) -> str | None:
    """The setting of coverage, for threads."""
    found = _CONCURRENCY.fullmatch(line.text)
    if found is None:
        return None
    value = found["value"]
    if re.search(r"\bthread\b", value):
        first = re.sub(rf"(?i)([\"']?)\b{_NAME}\b\1\s*,\s*", "", value)
        value = re.sub(rf"(?i)\s*,\s*([\"']?)\b{_NAME}\b\1", "", first)
    else:
        value = _GREEN.sub("thread", value, count=1)
    return None if _GREEN.search(value) else f"{found['key']}{value}{found['rest']}"


def _unset(line: Line) -> str | None:
    """A line of an environment without the variable."""
    found = _VARIABLE.fullmatch(line.text) if line.form == "ini" else None
    if found is None:
        return None
    return f"{found['key']}{found['end']}" if found["key"] else ""


def _checked(line: Line) -> str | None:
    """The setting that says which checks are on, with that for Eventlet."""
    found = _ENABLED.fullmatch(line.text)
    if found is None:
        return f"{line.text}enable-extensions = H905\n"
    before = line.text.rstrip("\n")
    comma = ", " if ", " in found["rest"] else ","
    return f"{before}{comma if found['first'] else ' '}H905\n"


def _has_check(required: str) -> bool:
    """Whether a requirement of hacking allows for a version with the check."""
    try:
        allowed = Requirement(required).specifier
    except InvalidRequirement:
        return False
    return any(allowed.contains(version) for version in _NEW_HACKING)


_TEXTS: Mapping[str, Callable[[Line], str | None]] = {
    "requirement": _without,
    "bound": _without,
    "concurrency": _native,
    "variable": _unset,
    "lint": _checked,
    "note": lambda _: _NOTE,
}
