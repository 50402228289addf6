"""Which subjects of a codemod stay because another one in the same processes does.

Half-patched code hangs, so that the calls of ``monkey_patch`` in a process go together
or not at all, whatever holds one of them back. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deventlet.codemod import Page, Site, Subject
from deventlet.driver.decide import Knowledge
from deventlet.driver.processes.repeated import Repeated
from deventlet.driver.processes.starting import Starting
from deventlet.driver.subjects.findings import Findings


def links(
    page: Page, findings: Findings, knowledge: Knowledge
) -> Mapping[Subject, Sequence[Subject]]:
    """For each subject those that it waits for; none if the page asks for nothing.

    None for a call of the tests either that does nothing, as others were before it.
    None under ``dual`` either, where one call stays, in what chooses the way at start.
    """
    if not page.together or knowledge.config.profile == "dual":
        return {}
    shares = knowledge.remaining.shares
    waits_for = Starting(knowledge.remaining, findings.uses).waits_for
    calls = [each for each in findings.subjects if _running(each, page)]
    repeated = Repeated(knowledge.processes, findings.uses).is_repeated
    return {
        one: [
            other
            for other in calls
            if other != one
            and any(
                shares(site.path, place.path) or waits_for(site.path, place.path)
                for site in _running(one, page)
                for place in _running(other, page)
            )
        ]
        for one in calls
        if not all(repeated(findings.uses[site]) for site in _running(one, page))
    }


def _running(subject: Subject, page: Page) -> list[Site]:
    """The sites of a subject that run: a mock does not, nor does an import."""
    if subject.kind == "mock" or subject.api not in page.replaces:
        return []
    return [site for site in subject.sites if site.form != "import"]
