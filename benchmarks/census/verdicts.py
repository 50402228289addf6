"""Gives each use that was counted the verdict of the site that it is.

A site is it if it stands in the same file, spans the place of the use, and has the
same name; of several the smallest. A use without one is what "never blind" excludes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from benchmarks.census.uses import Use

Site: TypeAlias = Mapping[str, Any]

MISSING = "no verdict"
_RENAMED = {"httplib": "client", "urllib2": "request"}
"""Names of Python 2 that Eventlet keeps, and the last part of what they stand for."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A use with its verdict.

    :param verdict: ``rewrite``, ``assume``, ``refuse`` or `MISSING`.
    :param reason: of a refusal or an assumption, or the first caveat.
    """

    use: Use
    verdict: str
    reason: str = ""


def judge(uses: Iterable[Use], sites: Iterable[Site]) -> list[Judged]:
    """Every use with the verdict of its site."""
    by_path: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        by_path[site["path"]].append(site)
    return [_judged(use, by_path[use.path]) for use in uses]


def _judged(use: Use, sites: Sequence[Site]) -> Judged:
    there = [site for site in sites if _spans(site, use) and _is_named(site, use)]
    if not there:
        return Judged(use, MISSING)
    site = min(there, key=lambda each: (_is_import(each) != _imports(use), _size(each)))
    return Judged(use, site["verdict"], site["reason"])


def _spans(site: Site, use: Use) -> bool:
    start = (site["line"], site["column"])
    end = (site["end_line"], site["end_column"])
    if _imports(use) != _is_import(site):
        return False
    return start <= (use.line, use.column) < end


def _imports(use: Use) -> bool:
    return use.kind == "import"


def _is_import(site: Site) -> bool:
    return bool(site["form"] == "import")


def _size(site: Site) -> tuple[int, int]:
    lines = site["end_line"] - site["line"]
    return lines, site["end_column"] - site["column"] if not lines else 0


def _is_named(site: Site, use: Use) -> bool:
    """Whether one's last part is in the other.

    The same thing has several names (``eventlet.greenthread.sleep``), and of a long
    one, either may stop earlier.
    """
    if use.kind == "method":
        return site["form"] == "method" and _last(site["api"]) == _last(use.api)
    return _last(site["api"]) in _parts(use.api) or _last(use.api) in _parts(
        site["api"]
    )


def _parts(api: str) -> list[str]:
    parts = api.replace("#", ".").split(".")
    return [_RENAMED.get(part, part) for part in parts]


def _last(api: str) -> str:
    return _parts(api)[-1]
