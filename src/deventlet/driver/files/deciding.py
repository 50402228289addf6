"""A verdict for every line; the codemod is asked what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from deventlet.codemod import Context, Decision, Page, Refuse, Site, Verdict
from deventlet.config import Config
from deventlet.driver.files.finding import Lines
from deventlet.driver.project.requirements import requires
from deventlet.driver.subjects.verdicts import Verdicts
from deventlet.registry import decider
from deventlet.resolve.facts import Line
from deventlet.source.discover import matching


@dataclass(frozen=True, slots=True)
class LineContext:
    """What a codemod may ask about lines; see :class:`deventlet.codemod.FileContext`.

    :param needing: the places in code and tests that still need Eventlet.
    """

    root: Path
    config: Config
    found: Lines
    needing: Sequence[str]

    def line(self, site: Site) -> Line:
        """The line of a project file that a site is."""
        return self.found.lines[site]

    def left(self) -> Sequence[str]:
        """The places that still need Eventlet: code, tests, and how it is deployed."""
        return (*self.needing, *self.found.deployed)

    def is_dual(self) -> bool:
        """Whether the project stays able to run under Eventlet."""
        return self.config.is_dual

    def requires(self, name: str) -> bool:
        """Whether the project says that it needs a distribution, or says nothing."""
        return requires(self.root, name)


def decide(page: Page, context: LineContext) -> Verdicts:
    """A verdict for every line, and for what is to come."""
    subjects = [*context.found.subjects, *context.found.coming]
    paths = [subject.origin.path for subject in subjects]
    kept = matching(paths, context.config.keep)
    found: Verdicts = {}
    for subject in subjects:
        path = subject.origin.path
        decision: Decision = Refuse("keep.asked", f"{path}, by the setting `keep`")
        if path not in kept:
            decision = decider(page.name)(subject, cast("Context", context))
        found[subject] = Verdict(subject, page.name, decision)
    return found


def settled(verdicts: Verdicts, found: Lines) -> Verdicts:
    """The verdicts without what comes only once no requirement is left."""
    stays = any(
        not verdict.applies and found.lines[subject.origin].what == "requirement"
        for subject, verdict in verdicts.items()
    )
    coming = found.coming if stays else []
    return {s: verdict for s, verdict in verdicts.items() if s not in coming}
