"""The verdicts of one codemod's subjects, and how one of them is lowered.

What is proven comes before what hangs on an assumption, and that before what is
refused. Nothing is raised here, and why something is lowered is for the caller to say.
"""

from __future__ import annotations

from deventlet.codemod import Assume, Decision, Refuse, Subject, Verdict

Verdicts = dict[Subject, Verdict]


def demote(verdicts: Verdicts, subject: Subject, refusal: Refuse) -> None:
    """Refuse a subject, unless it is refused anyway."""
    before = verdicts[subject]
    if not isinstance(before.decision, Refuse):
        verdicts[subject] = Verdict(before.subject, before.codemod, refusal)


def lower(verdicts: Verdicts, subject: Subject, other: Subject, reason: str) -> bool:
    """Make a verdict no more certain than another's; False if it is not.

    :param reason: why it is refused if the other one is.
    """
    mine, least = verdicts[subject], verdicts[other]
    if _certainty(mine) <= _certainty(least):
        return False
    where = f"{other.origin.path}:{other.origin.line}"
    decision: Decision = Refuse(reason, where)
    if isinstance(least.decision, Assume) and mine.rewrite is not None:
        decision = Assume(least.reason, least.detail, mine.rewrite)
    verdicts[subject] = Verdict(mine.subject, mine.codemod, decision)
    return True


def _certainty(verdict: Verdict) -> int:
    """2 for what is applied, 1 for what an assumption would allow, 0 for refusals."""
    if verdict.applies:
        return 2
    return 0 if isinstance(verdict.decision, Refuse) else 1
