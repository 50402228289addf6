"""From the outcome of a codemod to a patch: message, Change-Id, files.

Says what was done and what was not; decides nothing about sites.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deventlet import __version__
from deventlet.codemod import Verdict
from deventlet.driver.run import Outcome
from deventlet.inventory import Hazard
from deventlet.registry import reasons
from deventlet.series.gerrit import (
    ids_in_history,
    project_name,
    stable_change_id,
    target_branch,
)
from deventlet.series.message import WIDTH, Counts, command, compose, compose_own
from deventlet.series.patch import FileChange, Patch, blob_id
from deventlet.series.template import Template
from deventlet.source.git import Git

_PLACES = 3
"""How many places of a kind of hazard a message names."""


class NeedsGit(Exception):
    """What a patch file needs and the place does not have; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Footers:
    """What the user wants at the end of the messages.

    :param bug: the bug in Launchpad or elsewhere that each patch is a part of.
    :param blueprint: the blueprint that each patch is a part of.
    :param depends_on: the changes that the first patch needs; the others stand on it.
    """

    signoff: bool = False
    bug: str | None = None
    blueprint: str | None = None
    depends_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is not one line.

        :raises ValueError: naming it.
        """
        for value in (self.bug, self.blueprint, *self.depends_on):
            if value is not None and len(value.split()) != 1:
                raise ValueError(f"{value!r} is not one word")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a series comes from: what messages and Change-Ids are made of."""

    project: str
    branch: str
    author: tuple[str, str]
    date: str
    used: frozenset[str]
    root: Path
    footers: Footers = Footers()
    template: Template | None = None


def origin_of(root: Path, footers: Footers) -> Origin:
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
        frozenset(_used_ids(git, branch)), root, footers,
    )  # fmt: skip


def _used_ids(git: Git, branch: str) -> set[str]:
    """The Change-Ids that a new review may not have.

    Those of HEAD, because Gerrit takes an id once per chain of commits, and those
    of the target branch, which may be ahead: there they are merged.
    """
    remote = f"refs/remotes/origin/{branch}"
    known = git.run("for-each-ref", "--format=%(refname)", remote).decode().split()
    tips = ["HEAD", *(ref for ref in known if ref == remote)]
    return set[str]().union(*(ids_in_history(git.root, tip) for tip in tips))


def build_all(outcomes: Sequence[Outcome], origin: Origin) -> list[Patch]:
    """The patches of a series; an outcome that changes nothing makes none.

    :param outcomes: each on the texts that the one before left.
    :raises NeedsGit: for a file whose committed form is not known.
    """
    first: dict[str, bytes] = {}
    created: set[str] = set()
    for outcome in outcomes:
        for path, (before, _) in outcome.changes.items():
            first.setdefault(path, before)
            created |= {path} & outcome.created
    known = {path: text for path, text in first.items() if path not in created}
    forms = _committed_forms(origin.root, known) | dict.fromkeys(created, _NEW)
    changing = [outcome for outcome in outcomes if outcome.changes]
    return [
        build(outcome, origin, forms, first=outcome is changing[0])
        for outcome in changing
    ]


def build(
    outcome: Outcome, origin: Origin, forms: Mapping[str, _Form], first: bool
) -> Patch:
    """The patch that an outcome makes, ready to be formatted.

    :param first: whether it is the first of its series.
    """
    page = outcome.page
    email = origin.author[1]
    change_id = stable_change_id(
        origin.project, origin.branch, page.name, outcome.chunk, email, origin.used
    )
    footers = [*_footers(origin, first), ("Change-Id", change_id)]
    changes = tuple(
        FileChange(
            path,
            forms[path].of(before),
            forms[path].of(after),
            forms[path].mode,
            path in outcome.created,
        )
        for path, (before, after) in outcome.changes.items()
    )
    message = (
        message_of(outcome, footers)
        if origin.template is None
        else own_message_of(outcome, footers, origin.template)
    )
    subject = subject_of(outcome)
    return Patch(page.name, subject, message, changes, origin.author, origin.date)


def subject_of(outcome: Outcome) -> str:
    """The first line of the message, which names the part that a patch is.

    A name too long for the line loses its first folders.
    """
    (subject, _), name = _does(outcome), outcome.chunk
    while name and len(f"{subject} in {name}") > WIDTH and "/" in name:
        name = name.partition("/")[2]
    return f"{subject} in {name}" if name else subject


def _does(outcome: Outcome) -> tuple[str, str]:
    """What a patch does, in a line and in a sentence.

    The codemod's own, unless all that changes rests on a reason with others.
    """
    applied = {v.reason for v in outcome.verdicts if v.applies}
    known = reasons().get(next(iter(applied))) if len(applied) == 1 else None
    if known is not None and known.subject:
        return known.subject, known.done
    return outcome.page.subject, outcome.page.summary


def _footers(origin: Origin, first: bool) -> Iterator[tuple[str, str]]:
    """The footers that the user asked for, as OpenStack writes them."""
    asked = origin.footers
    if asked.bug is not None:
        yield "Partial-Bug", f"#{asked.bug.removeprefix('#')}"
    if asked.blueprint is not None:
        yield "Partially-Implements", f"blueprint {asked.blueprint}"
    for change in asked.depends_on if first else ():
        yield "Depends-On", change
    if asked.signoff:
        name, email = origin.author
        yield "Signed-off-by", f"{name} <{email}>"


@dataclass(frozen=True, slots=True)
class _Form:
    """How git has a file: its mode, and whether with LF for the CRLF on the disk."""

    mode: str
    only_lf: bool

    def of(self, content: bytes) -> bytes:
        """The content as git would commit it."""
        return content.replace(b"\r\n", b"\n") if self.only_lf else content


_NEW = _Form("100644", False)


def _committed_forms(root: Path, contents: Mapping[str, bytes]) -> dict[str, _Form]:
    """The form of each file in HEAD, which is what a patch applies to.

    With ``core.autocrlf`` or an ``eol`` attribute, git commits other bytes than
    those on the disk.

    :param contents: what is on the disk, of files that do not differ from HEAD.
    :raises NeedsGit: for a file that git changes in another way.
    """
    if not contents:
        return {}
    listed = Git(root).run("ls-tree", "-z", "HEAD", "--", *contents)
    forms: dict[str, _Form] = {}
    for record in os.fsdecode(listed).split("\0")[:-1]:
        head, _, path = record.partition("\t")
        mode, _, blob = head.split(" ")
        forms[path] = _form(path, mode, blob, contents[path])
    return forms


def _form(path: str, mode: str, blob: str, content: bytes) -> _Form:
    for only_lf in (False, True):
        form = _Form(mode, only_lf)
        if _blob_id(form.of(content), len(blob)) == blob:
            return form
    raise NeedsGit(
        f"git commits other bytes of {path} than are on the disk (a filter, ident or "
        "an encoding in .gitattributes); leave it out, or rewrite it in place"
    )


def _blob_id(content: bytes, digits: int) -> str:
    """Git's id of a content, in a repository whose ids have this many digits."""
    if digits == 40:
        return blob_id(content)
    return hashlib.sha256(b"blob %d\0%b" % (len(content), content)).hexdigest()


def message_of(outcome: Outcome, footers: Sequence[tuple[str, str]]) -> str:
    """The commit message of an outcome, as Gerrit shows it."""
    said = _said(outcome)
    return compose(
        said.subject, [f"{said.summary}.", *said.paragraphs], said.caveats,
        said.assumptions, said.refused, said.counts, outcome.page.name, __version__,
        footers,
    )  # fmt: skip


def own_message_of(
    outcome: Outcome, footers: Sequence[tuple[str, str]], template: Template
) -> str:
    """The commit message of an outcome, in the project's own words.

    :raises TemplateProblem: for a mistake in the template.
    """
    said = _said(outcome)
    name = outcome.page.name
    text = template.render(_values(said, name, outcome.chunk))
    return compose_own(said.subject, text, name, said.assumptions, __version__, footers)


def try_template(template: Template) -> None:
    """See that a template can be rendered, before there is anything to say.

    :raises TemplateProblem: for a mistake in it.
    """
    reason = {"sleep.negative": (1, "a negative value raises now")}
    said = _Said(
        "Replace a with b", "a becomes b", ("Proven: it is so.",), reason, reason,
        {"sleep.missing": 1}, Counts(2, 1, 1),
    )  # fmt: skip
    template.render(_values(said, "sleep", "proj/api"))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a message says of an outcome."""

    subject: str
    summary: str
    paragraphs: tuple[str, ...]
    caveats: Mapping[str, tuple[int, str]]
    assumptions: Mapping[str, tuple[int, str]]
    refused: Mapping[str, int]
    counts: Counts


def _said(outcome: Outcome) -> _Said:
    applied = [v for v in outcome.verdicts if v.applies]
    assumed = [v for v in applied if v.verdict == "assume"]
    proven = [v for v in applied if v not in assumed]
    left = [v for v in outcome.verdicts if not v.applies]
    return _Said(
        subject_of(outcome),
        _sentence(_does(outcome)[1]),
        (*_part(outcome), *_proofs(proven), *outcome.notes, *_hazards(outcome.hazards)),
        _counted(applied),
        {
            code: (count, reasons()[code].summary)
            for code, count in _by_reason(assumed).items()
        },
        _by_reason(left),
        Counts(
            rewritten=sum(len(v.subject.sites) for v in proven),
            assumed=sum(len(v.subject.sites) for v in assumed),
            refused=sum(len(v.subject.sites) for v in left),
        ),
    )


def _values(said: _Said, codemod: str, chunk: str) -> dict[str, object]:
    """What a template may use, as docs/series.md lists it; plain values only."""
    return {
        "subject": said.subject,
        "summary": said.summary,
        "paragraphs": [*said.paragraphs],
        "caveats": _items(said.caveats),
        "assumptions": _items(said.assumptions),
        "counts": asdict(said.counts),
        "refused": {**said.refused},
        "codemod": codemod,
        "version": __version__,
        "command": command(codemod, said.assumptions),
        "chunk": chunk,
    }


def _items(reasons: Mapping[str, tuple[int, str]]) -> list[dict[str, object]]:
    return [
        {"reason": code, "sites": count, "sentence": sentence}
        for code, (count, sentence) in reasons.items()
    ]


def _part(outcome: Outcome) -> list[str]:
    """What a reader of one part must know of the others."""
    if not outcome.chunk:
        return []
    return [
        f"This is the part for {outcome.chunk}; the others are patches of their own."
    ]


def _hazards(found: Sequence[Hazard]) -> list[str]:
    """What to look at before the threads are native, a clause for each kind."""
    places: dict[str, list[str]] = {}
    for each in found:
        places.setdefault(each.code, []).append(f"{each.path}:{each.line}")
    if not places:
        return []
    clauses = (
        f"{code} {len(each)} ({', '.join(each[:_PLACES])}"
        f"{', ...' if len(each) > _PLACES else ''})"
        for code, each in sorted(places.items())
    )
    return [f"Hazards once these threads are native: {'; '.join(clauses)}."]


def _sentence(text: str) -> str:
    """A summary with a capital, unless it begins with a name from the code."""
    first = text.partition(" ")[0]
    return text if re.search(r"[\W\d_]", first) else text[:1].upper() + text[1:]


def _proofs(applied: Sequence[Verdict]) -> list[str]:
    """What was proven, a paragraph each, the commonest clause first."""
    clauses = Counter(
        clause
        for verdict in applied
        for clause in (verdict.rewrite.proofs if verdict.rewrite else ())
        if clause
    )
    if not clauses:
        return []
    listed = [f"Proven: {clause}." for clause, _ in clauses.most_common(3)]
    more = len(clauses) - len(listed)
    ways = "1 more way" if more == 1 else f"{more} more ways"
    return [*listed, *([f"Proven likewise, in {ways}."] if more else [])]


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
