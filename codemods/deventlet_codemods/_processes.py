"""What all codemods of stage A ask of the processes in which their sites run.

Native code that blocks is right in a process only if the module that blocks is
monkey-patched there, or if nothing green runs. No codemod itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deventlet.codemod import Action, Assume, Context, Decision, Refuse, Rewrite, Site


def where_patched(
    module: str,
    running: Iterable[Site],
    context: Context,
    actions: Mapping[Site, Action],
    caveats: Iterable[str] = (),
    taking: Iterable[Site] = (),
) -> Decision:
    """Hold actions against the processes that the sites run in.

    :param module: the stdlib module whose calls block, such as ``time``.
    :param running: the sites that run, as opposed to those that only bind a name.
    :param taking: those that bind a name of the module which patching replaces.
    """
    made = (site for site in actions if site.form == "call")
    early = next(
        filter(None, (context.processes.early(module, s) for s in (*made, *taking))), ""
    )
    if early:
        return Refuse("process.unpatched", early)
    answers = [context.processes.patched(module, site) for site in running]
    proofs = tuple(dict.fromkeys(a.clause for a in answers if a.proven))
    rewrite = Rewrite(actions, tuple(dict.fromkeys(caveats)), proofs)
    questions = [answer for answer in answers if not answer.proven]
    for answer in questions:
        if answer.reason == "process.unpatched":
            return Refuse(answer.reason, answer.clause)
    if questions:
        return Assume(questions[0].reason, questions[0].clause, rewrite)
    return rewrite
