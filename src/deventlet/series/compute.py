"""The outcomes of a series: one codemod after the other, each on what the last left.

Holds texts in memory and writes nothing. Which files are the user's is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from deventlet.codemod import Page, Refuse, Verdict
from deventlet.driver.run import Key, Outcome, Request, anywhere, key_of, run
from deventlet.series.chunks import Chunk, Split, chunks

FAILED = "verify.failed"
"""The reason of what the project's tests fail with."""

Locked = Callable[[Outcome, Collection[str]], frozenset[str]]
Asked = Callable[[Page, Request, Mapping[str, bytes]], Mapping[Key, Refuse]]
Proven = Callable[[Outcome, Request, Mapping[str, bytes]], Outcome]
Working = Callable[[str], AbstractContextManager[None]]


def compute(
    chosen: Sequence[Page],
    request: Request,
    overlay: dict[str, bytes],
    split: Split,
    locked: Locked,
    working: Working = lambda _: nullcontext(),
    asked: Asked = lambda page, request, texts: {},
    proven: Proven = lambda outcome, request, texts: outcome,
) -> list[Outcome]:
    """One outcome for each codemod, or for each part of its patch.

    :param overlay: contents that stand for files on the disk; gets those of every
        outcome.
    :param locked: the files of an outcome that may not change after all, given also
        the paths whose contents are known already.
    :param working: what to show while something is being done.
    :param asked: which subjects somebody wants to stay, of those that would change.
    :param proven: what remains of an outcome once it has been looked at, given also
        what it was made of.
    """
    outcomes: list[Outcome] = []
    for page in chosen:
        with working(f"{page.name}: looking through {len(request.files)} files"):
            whole, request = _run_one(page, request, overlay, locked)
        left = asked(page, request, overlay) if whole.changes else {}
        own = replace(request, left={**request.left, **left})
        with working(f"{page.name}: looking at what changes"):
            whole = run(page, own, overlay) if left else whole
            parts = chunks(whole, split) if split and not page.whole else []
        if len(parts) < 2:
            found = iter([proven(whole, own, overlay)])
        else:
            found = _parts(page, parts, own, overlay, proven)
        for outcome in found:
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
    page: Page,
    parts: Sequence[Chunk],
    request: Request,
    overlay: dict[str, bytes],
    proven: Proven,
) -> Iterator[Outcome]:
    """One outcome for each part of a codemod's patch.

    A part is run by itself, on what the parts before it left: so each of them is as
    right as a whole patch is, and the last one sees what none of them could change.
    """
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        only = request if last else replace(request, selected=part.files)
        outcome = replace(run(page, only, overlay), chunk=part.name)
        outcome = proven(outcome, only, overlay)
        left = {key_of(v.subject): Refuse(FAILED, v.detail) for v in failed(outcome)}
        request = replace(request, left=_moved({**request.left, **left}, outcome))
        yield outcome if last else replace(outcome, verdicts=_own(outcome))


def _moved(left: Mapping[Key, Refuse], outcome: Outcome) -> dict[Key, Refuse]:
    """What is left, also where an outcome has changed the file that it stands in."""
    gone = {key: why for key, why in left.items() if key[0] in outcome.changes}
    return {**left, **anywhere(gone)}


def _own(outcome: Outcome) -> tuple[Verdict, ...]:
    """The verdicts of a part that no later one has something to say about."""
    left_out = failed(outcome)
    return tuple(v for v in outcome.verdicts if v.applies or v in left_out)


def failed(outcome: Outcome) -> list[Verdict]:
    """What was left out because of the tests."""
    return [v for v in outcome.verdicts if v.reason == FAILED]
