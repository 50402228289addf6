"""Looks for starts and hazards in files given as text, as a scan does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from deventlet import hazards
from deventlet.driver.processes.threads import threads_of
from deventlet.driver.subjects.objects import find_all
from deventlet.inventory import Hazard
from deventlet.registry import pages
from deventlet.resolve.api import EVERYTHING
from deventlet.resolve.names import Names
from deventlet.resolve.project import Project
from deventlet.resolve.threads import Threads


def threads_in(root: Path, files: Mapping[str, str]) -> Threads:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))
    names = Names(Project(root, sorted(files)), EVERYTHING)
    replaces = {api: name for p in pages().values() for api, name in p.replaces.items()}
    return threads_of(names, find_all(names, replaces))


def hazards_in(root: Path, text: str, path: str = "service.py") -> tuple[Hazard, ...]:
    """The hazards of one file; it is a test if its name says so."""
    threads = threads_in(root, {path: text})
    return hazards.find(threads, lambda path: "test" in path)


def told(root: Path, text: str, path: str = "service.py") -> list[tuple[str, int]]:
    """Code and line of each hazard."""
    return [(each.code, each.line) for each in hazards_in(root, text, path)]
