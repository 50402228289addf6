"""Which commits of a history are looked at: one for each week, tag or N commits.

The history is that of the branch itself: the chain of first parents, so that what a
merge brings counts from the day of the merge. Dates are those of the committer, in
UTC, because that is when a change came into the branch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from deventlet.burndown import Step
from deventlet.source.git import Git, GitProblem

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TAG = (
    "%(refname:strip=2)%00%(if)%(*objectname)%(then)"
    "%(*objectname) %(*tree) %(*committerdate:unix)%(else)"
    "%(objectname) %(tree) %(committerdate:unix)%(end)"
)
"""A tag, and its commit: itself, or what an annotated one is of."""
_YEARS = 2
"""How far back a history goes that is not told where to begin."""


class StepProblem(Exception):
    """A wish that no history can fulfil; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Stepping:
    """What the user asked for.

    :param step: ``commit`` with ``every`` as the number of commits between two.
    :param since: an ISO date, or a revision; empty for two years before the end.
    """

    step: Step = "week"
    every: int = 1
    since: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the branch.

    :param tree: the id of its tree.
    :param time: of the committer, seconds since 1970.
    """

    name: str
    tree: str
    time: int

    @property
    def day(self) -> date:
        """The day in UTC."""
        return datetime.fromtimestamp(self.time, UTC).date()


@dataclass(frozen=True, slots=True)
class Stop:
    """A commit that is looked at, with the words for it."""

    label: str
    date: str
    commit: Commit


def stops(git: Git, revision: str, stepping: Stepping) -> list[Stop]:
    """The commits to look at, oldest first; the branch's last one always ends them.

    :raises StepProblem: for a date or a revision that is none, or without a commit.
    :raises GitProblem: if there is no such branch.
    """
    if revision == "HEAD" and not git.head_exists():
        raise StepProblem("there is no commit yet, and so no history")
    chain = _commits(git, "--first-parent", revision)
    first = _first_day(git, chain, stepping.since)
    if stepping.step == "tag":
        found = list(_tags(git, revision, first))
    elif stepping.step == "commit":
        found = list(_every(chain, stepping.every, first))
    else:
        ends = _weeks if stepping.step == "week" else _months
        found = list(_periods(chain, ends(first, chain[0].day)))
    if not found or found[-1].commit.name != chain[0].name:
        found.append(_last(chain[0], stepping.step))
    return found


def _commits(git: Git, *args: str) -> list[Commit]:
    """The commits that ``git log`` lists; its options, then a revision."""
    *options, revision = args
    answer = git.run(
        *("log", "--format=%H %T %ct", *options, "--end-of-options", revision, "--")
    )
    rows = (line.split() for line in os.fsdecode(answer).splitlines())
    return [Commit(name, tree, int(time)) for name, tree, time in rows]


def _first_day(git: Git, chain: Sequence[Commit], since: str) -> date:
    """The day from which the history is shown, not before the first commit."""
    if not since:
        last = chain[0].day
        wanted = last - timedelta(days=365 * _YEARS)
    elif _DATE.fullmatch(since):
        try:
            wanted = date.fromisoformat(since)
        except ValueError as error:
            raise StepProblem(f"{since} is no date: {error}") from error
    else:
        try:
            wanted = _commits(git, "-1", since)[0].day
        except GitProblem as problem:
            raise StepProblem(
                f"{since} is neither a date such as 2025-04-01 nor a commit"
            ) from problem
    return max(wanted, chain[-1].day)


def _weeks(first: date, last: date) -> Iterator[tuple[str, date]]:
    """The Sundays of the weeks, with the weeks' names."""
    day = first + timedelta(days=6 - first.weekday())
    while day < last:
        year, week, _ = day.isocalendar()
        yield f"{year}-W{week:02}", day
        day += timedelta(days=7)


def _months(first: date, last: date) -> Iterator[tuple[str, date]]:
    """The last days of the months, with the months' names."""
    month = first.replace(day=1)
    while True:
        after = (month + timedelta(days=31)).replace(day=1)
        if after > last:
            return
        yield f"{month:%Y-%m}", after - timedelta(days=1)
        month = after


def _periods(
    chain: Sequence[Commit], ends: Iterator[tuple[str, date]]
) -> Iterator[Stop]:
    """For each period the last commit that the branch had in it, or before it."""
    newest = len(chain) - 1
    for label, day in ends:
        end = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
        while newest > 0 and chain[newest - 1].time < end.timestamp():
            newest -= 1
        yield Stop(label, day.isoformat(), chain[newest])


def _every(chain: Sequence[Commit], every: int, first: date) -> Iterator[Stop]:
    """The last commit, and every N-th before it."""
    for commit in reversed(chain[::every]):
        if commit.day >= first:
            yield _last(commit, "commit")


def _tags(git: Git, revision: str, first: date) -> Iterator[Stop]:
    """The tags that the branch has, in the order of their commits."""
    answer = git.run(
        *("for-each-ref", f"--merged={revision}", f"--format={_TAG}", "refs/tags")
    )
    found: list[tuple[int, str, Commit]] = []
    for line in os.fsdecode(answer).splitlines():
        tag, _, said = line.partition("\0")
        parts = said.split()
        if len(parts) == 3:  # not so for a tag of a tag, in older versions of git
            name, tree, time = parts
            found.append((int(time), tag, Commit(name, tree, int(time))))
    for _, tag, commit in sorted(found, key=lambda each: each[:2]):
        if commit.day >= first:
            yield Stop(tag, commit.day.isoformat(), commit)


def _last(commit: Commit, step: Step) -> Stop:
    """The stop at a commit itself, named as its period."""
    year, week, _ = commit.day.isocalendar()
    label = {
        "week": f"{year}-W{week:02}",
        "month": f"{commit.day:%Y-%m}",
    }.get(step, commit.name[:10])
    return Stop(label, commit.day.isoformat(), commit)
