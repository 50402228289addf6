"""Decide an import of Eventlet that nothing in its file uses: it goes, or says why not.

The rules are those of the page beside this file; what an import may be there for is
the driver's to find. Nothing here knows a file or a position.
"""

from __future__ import annotations

from deventlet.codemod import Context, Decision, Drop, Refuse, Rewrite, Subject

_REASONS = {
    "said": "dead-imports.deliberate",
    "branch": "dead-imports.branch",
    "bound": "dead-imports.rebound",
    "exported": "dead-imports.exported",
    "patching": "dead-imports.patching",
    "spoken": "dead-imports.spoken-of",
    "taken": "dead-imports.taken",
    "loaded": "dead-imports.loaded",
    "tested": "dead-imports.tested",
}
_PROOF = "nothing in the repository uses the name, or tests whether Eventlet is loaded"


def decide(subject: Subject, context: Context) -> Decision:
    """Decide one idle import."""
    need = context.names.need(subject.origin)
    if need is not None:
        return Refuse(_REASONS[need.how], need.where)
    return Rewrite({subject.origin: Drop()}, proofs=(_PROOF,))
