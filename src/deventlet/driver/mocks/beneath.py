"""Which mocks of Eventlet's names meet what a rewritten call does under Eventlet.

A thread of a patched process is a green one, and the project's own wrapper of ``tpool``
asks ``tpool``: a mock of the function beneath that met no call of the code before, and
so stays, would intercept them. Reads verdicts and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deventlet.codemod import Replace, Subject, Verdict
from deventlet.driver.reach.named import Named
from deventlet.driver.subjects.findings import Findings
from deventlet.driver.text.placeholders import placed
from deventlet.driver.text.printing import print_expression
from deventlet.resolve.mock_targets import Target

_THREADS = frozenset({"threading.Thread", "threading.Timer"})
_BENEATH = {
    "eventlet.greenthread.spawn": _THREADS,  # from Python 3.13 on
    "eventlet.greenthread.spawn_n": _THREADS,
    "eventlet.tpool.execute": None,
    "eventlet.tpool.Proxy": None,
}
"""What comes to a name; None for a name that the project itself has a wrapper of."""


def met_beneath(
    verdicts: Mapping[Subject, Verdict],
    findings: Findings,
    replaces: Mapping[str, str],
    names: Named,
) -> Iterator[tuple[Subject, str]]:
    """The subjects that change and would meet a mock that stays, and where that is."""
    for mock, target in _staying(verdicts, findings):
        native = _BENEATH[_path(target)]
        for subject, verdict in verdicts.items():
            if (
                verdict.applies
                and subject.kind != "mock"
                and _comes_to(native, verdict, replaces)
                and _may_run(subject, target, findings, names)
            ):
                yield subject, f"{mock.origin.path}:{mock.origin.line}"


def _staying(
    verdicts: Mapping[Subject, Verdict], findings: Findings
) -> Iterator[tuple[Subject, Target]]:
    """The mocks of such names that do not change."""
    for mock in findings.reached or ():
        target = findings.targets[mock.origin]
        stays = mock in verdicts and not verdicts[mock].applies
        if stays and _path(target) in _BENEATH:
            yield mock, target


def _path(target: Target) -> str:
    return f"{target.owner}.{target.attribute}"


def _comes_to(
    native: frozenset[str] | None, verdict: Verdict, replaces: Mapping[str, str]
) -> bool:
    """Whether what a subject becomes is one of some names, or the project's own."""
    if native is None:
        return _is_wrapped(verdict)
    return replaces.get(verdict.subject.api) in native


def _is_wrapped(verdict: Verdict) -> bool:
    """Whether a call becomes one of something that is imported for it."""
    actions = verdict.rewrite.actions.values() if verdict.rewrite else ()
    return any(
        isinstance(action, Replace) and placed(print_expression(action.node))
        for action in actions
    )


def _may_run(
    subject: Subject, target: Target, findings: Findings, names: Named
) -> bool:
    """Whether one of its calls may run while a mock holds."""
    known = (findings.uses[s] for s in subject.sites if s in findings.uses)
    return any(
        findings.running.may_run(target, use.parents, ())
        and names.may_be(use.module, use.parents, target)
        for use in known
    )
