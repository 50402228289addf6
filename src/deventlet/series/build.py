"""From the outcome of a codemod to a patch: message, Change-Id, files.

Says what was done and what was not; decides nothing about sites.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deventlet import __version__
from deventlet.codemod import Verdict
from deventlet.driver.run import Outcome
from deventlet.registry import reasons
from deventlet.series.gerrit import (
    ids_in_history,
    project_name,
    stable_change_id,
    target_branch,
)
from deventlet.series.message import Counts, compose
from deventlet.series.patch import FileChange, Patch
from deventlet.source.git import Git


class NeedsGit(Exception):
    """What a patch file needs and the place does not have; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a series comes from: what messages and Change-Ids are made of."""

    project: str
    branch: str
    author: tuple[str, str]
    date: str
    used: frozenset[str]
    root: Path
    signoff: bool = False


def origin_of(root: Path, signoff: bool) -> Origin:
    """Read the origin of a series off a repository.

    :raises NeedsGit: without a repository, a commit, or an identity.
    """
    git = Git(root)
    if not git.head_exists():
        raise NeedsGit("a patch needs a commit to apply to, and there is none yet")
    author = git.identity()
    if author is None:
        raise NeedsGit("a patch needs an author: set git's user.name and user.email")
    date = git.run("log", "-1", "--format=%cD").decode().strip()
    branch = target_branch(root)
    return Origin(
        project_name(root), branch, author, date,
        frozenset(ids_in_history(root, "HEAD")), root, signoff,
    )  # fmt: skip


def build(outcome: Outcome, origin: Origin) -> Patch:
    """The patch that an outcome makes, ready to be formatted."""
    page = outcome.page
    name, email = origin.author
    change_id = stable_change_id(
        origin.project, origin.branch, page.name, "", email, used=origin.used
    )
    footers = [("Change-Id", change_id)]
    if origin.signoff:
        footers.append(("Signed-off-by", f"{name} <{email}>"))
    changes = tuple(
        FileChange(path, before, after, _mode(origin.root / path))
        for path, (before, after) in outcome.changes.items()
    )
    message = message_of(outcome, footers)
    return Patch(page.name, page.subject, message, changes, origin.author, origin.date)


def _mode(path: Path) -> str:
    """Git's mode of a file."""
    return "100755" if path.stat().st_mode & stat.S_IXUSR else "100644"


def message_of(outcome: Outcome, footers: Sequence[tuple[str, str]]) -> str:
    """The commit message of an outcome (DESIGN section 8)."""
    page = outcome.page
    applied = [v for v in outcome.verdicts if v.applies]
    assumed = [v for v in applied if v.verdict == "assume"]
    left = [v for v in outcome.verdicts if not v.applies]
    counts = Counts(
        rewritten=sum(len(v.subject.sites) for v in applied if v not in assumed),
        assumed=sum(len(v.subject.sites) for v in assumed),
        refused=sum(len(v.subject.sites) for v in left),
    )
    return compose(
        page.subject,
        [page.summary[0].upper() + page.summary[1:] + ".", *_proofs(applied)],
        _counted(applied),
        {
            code: (count, reasons()[code].summary)
            for code, count in _by_reason(assumed).items()
        },
        _by_reason(left),
        counts,
        page.name,
        __version__,
        footers,
    )


def _proofs(applied: Sequence[Verdict]) -> list[str]:
    """What was proven, the commonest clause first."""
    clauses = Counter(
        clause
        for verdict in applied
        for clause in (verdict.rewrite.proofs if verdict.rewrite else ())
        if clause
    )
    if not clauses:
        return []
    listed = [clause for clause, _ in clauses.most_common(3)]
    more = len(clauses) - len(listed)
    tail = f"; and {more} more of the kind" if more else ""
    return [f"Proven: {'; '.join(listed)}{tail}."]


def _counted(applied: Sequence[Verdict]) -> dict[str, tuple[int, str]]:
    found = Counter(
        code
        for verdict in applied
        for code in (verdict.rewrite.caveats if verdict.rewrite else ())
    )
    return {code: (n, reasons()[code].summary) for code, n in sorted(found.items())}


def _by_reason(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Sites by reason code, in the order of the codes."""
    found: Counter[str] = Counter()
    for verdict in verdicts:
        found[verdict.reason] += len(verdict.subject.sites)
    return dict(sorted(found.items()))
