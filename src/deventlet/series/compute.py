"""The outcomes of a series: one codemod after the other, each on what the last left.

Holds texts in memory and writes nothing. Which files are the user's is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from deventlet.codemod import Page, Verdict
from deventlet.driver.run import Outcome, Request, run
from deventlet.series.chunks import Split, chunks

Locked = Callable[[Outcome, Collection[str]], frozenset[str]]
Working = Callable[[str], AbstractContextManager[None]]


def compute(
    chosen: Sequence[Page],
    request: Request,
    overlay: dict[str, bytes],
    split: Split,
    locked: Locked,
    working: Working = lambda _: nullcontext(),
) -> list[Outcome]:
    """One outcome for each codemod, or for each part of its patch.

    :param overlay: contents that stand for files on the disk; gets those of every
        outcome.
    :param locked: the files of an outcome that may not change after all, given also
        the paths whose contents are known already.
    :param working: what to show while something is being done.
    """
    outcomes: list[Outcome] = []
    for page in chosen:
        with working(f"{page.name}: looking through {len(request.files)} files"):
            whole, request = _run_one(page, request, overlay, locked)
            for outcome in _parts(whole, request, overlay, split):
                changes = outcome.changes.items()
                overlay.update({path: after for path, (_, after) in changes})
                outcomes.append(outcome)
    return outcomes


def _run_one(
    page: Page, request: Request, overlay: dict[str, bytes], locked: Locked
) -> tuple[Outcome, Request]:
    """Run a codemod, and again without the files that turn out to be the user's.

    Asking git about the few files that would change costs less than asking it
    about all of them.

    :returns: also the request, with these files locked.
    """
    while True:
        outcome = run(page, request, overlay)
        found = locked(outcome, overlay)
        if not found:
            return outcome, request
        request = replace(request, locked=request.locked | found)


def _parts(
    whole: Outcome, request: Request, overlay: dict[str, bytes], split: Split
) -> Iterator[Outcome]:
    """The outcome, or one for each of its parts.

    A part is run by itself, on what the parts before it left: so each of them is as
    right as a whole patch is, and the last one sees what none of them could change.
    """
    parts = chunks(whole, split) if split else []
    if len(parts) < 2:
        yield whole
        return
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        only = request.selected if last else part.files
        outcome = run(whole.page, replace(request, selected=only), overlay)
        shown = outcome.verdicts if last else tuple(_applied(outcome))
        yield replace(outcome, verdicts=shown, chunk=part.name)


def _applied(outcome: Outcome) -> Iterator[Verdict]:
    return (verdict for verdict in outcome.verdicts if verdict.applies)
