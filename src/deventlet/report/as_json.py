"""The inventory as JSON: the documented form, version 1, for other programs.

The structures below are the schema, which is shipped as ``scan.schema.json``; a
change that breaks a reader gets a new version. No absolute path, no time and no
version of the tool is in it: the same project gives the same bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from deventlet.codemod import Proposal, Term
from deventlet.inventory import (
    Entry,
    Escape,
    Hazard,
    Inventory,
    Mention,
    Often,
    Process,
    Stage,
    Thread,
    Traced,
    VerdictWord,
)
from deventlet.report.text import encodable

Path = Annotated[
    str,
    Meta(description="POSIX, from the root; a byte that is not UTF-8 is \\xff."),
]
Line = Annotated[int, Meta(ge=1, description="Counts from 1.")]
Column = Annotated[int, Meta(ge=0, description="In UTF-8 bytes, from 0.")]
Place = Annotated[str, Meta(description="path:line")]
Count = Annotated[int, Meta(ge=0)]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object with exactly these keys."""


class TermRecord(_Record, frozen=True):
    """One line of a proposal."""

    name: Annotated[str, Meta(description="An argument, or what changes unsaid.")]
    value: Annotated[str, Meta(description="As it stands; empty if it is not given.")]
    counterpart: Annotated[str, Meta(description="Empty: there is nothing like it.")]
    note: Annotated[str, Meta(description="What is different then.")]


class ProposalRecord(_Record, frozen=True):
    """What a person may write where no machine may choose."""

    target: Annotated[str, Meta(description="Such as cheroot.wsgi.Server.")]
    code: Annotated[tuple[str, ...], Meta(description="The lines to begin with.")]
    arguments: Annotated[
        tuple[TermRecord, ...], Meta(description="Those of the code, in its order.")
    ]
    changes: Annotated[
        tuple[TermRecord, ...], Meta(description="What is different in any case.")
    ]


class SiteRecord(_Record, frozen=True):
    """A use of Eventlet and what was decided about it."""

    path: Path
    line: Line
    column: Column
    end_line: Line
    end_column: Column
    api: Annotated[str, Meta(description="The name of Eventlet's, in full.")]
    form: Literal["call", "reference", "import", "method", "string"]
    codemod: Annotated[str, Meta(description="The pattern; empty if there is none.")]
    verdict: VerdictWord
    reason: Annotated[
        str, Meta(description="A reason code; of a rewrite, its first caveat or empty.")
    ]
    message: str
    replacement: Annotated[str, Meta(description="Empty if it is not known.")]
    suggestion: Annotated[str, Meta(description="What a person can do.")]
    stage: Annotated[
        Stage,
        Meta(
            description="A: while the process is still monkey-patched. "
            "B: once no green thread is left in it."
        ),
    ]
    subject: Annotated[
        Place, Meta(description="The same for all sites that change together.")
    ]
    blocked_by: Annotated[
        tuple[Place, ...], Meta(description="Of stage B: some sites that come first.")
    ]
    test: Annotated[bool, Meta(description="Whether the site is in test code.")]
    started_at: Annotated[
        tuple[Place, ...],
        Meta(
            description="What starts the threads in which it runs. "
            "Empty: the main thread, or not known."
        ),
    ]
    proposal: Annotated[
        ProposalRecord | None, Meta(description="Of what a person has to choose.")
    ]
    spelling: Annotated[str, Meta(description="The expression as it is written.")]
    source: Annotated[str, Meta(description="The line, without its indentation.")]


class EscapeRecord(_Record, frozen=True):
    """Where an object leaves what can be followed."""

    path: Path
    line: Line
    reason: str
    detail: str


class ObjectRecord(_Record, frozen=True):
    """An object that Eventlet made."""

    path: Path
    line: Line
    kind: Annotated[str, Meta(description="Such as GreenThread.")]
    result: Annotated[tuple[str, ...], Meta(description="What becomes of it.")]
    members: Annotated[
        dict[str, Count], Meta(description="How often each member is used.")
    ]
    others: Annotated[
        tuple[Path, ...], Meta(description="Other files in which it is used.")
    ]
    escapes: tuple[EscapeRecord, ...]


class StartRecord(_Record, frozen=True):
    """A call that starts a function as a thread."""

    place: Place
    api: Annotated[str, Meta(description="What is called.")]
    often: Annotated[
        Often,
        Meta(
            description="once: each time that the code around runs. loop: for each "
            "round. forever: in a loop that never ends. timer: again and again."
        ),
    ]


class ThreadRecord(_Record, frozen=True):
    """A function of the project that something starts as a thread."""

    path: Path
    line: Line
    name: str
    starts: tuple[StartRecord, ...]


class HazardRecord(_Record, frozen=True):
    """What is right with green threads and may break with native ones."""

    path: Path
    line: Line
    code: Annotated[str, Meta(description="Such as hazard.atomicity.")]
    message: str
    causes: Annotated[
        tuple[Place, ...],
        Meta(description="The sites whose rewriting makes it matter."),
    ]
    test: Annotated[bool, Meta(description="Whether it is in test code.")]


class MentionRecord(_Record, frozen=True):
    """Eventlet named outside of the code that deventlet rewrites."""

    path: Path
    line: Line
    column: Column
    kind: str
    text: str
    advice: str


class ProcessRecord(_Record, frozen=True):
    """One way in which the project's code is started."""

    label: str
    path: Path
    kind: Annotated[str, Meta(description="command, script, wsgi or tests")]
    patches: Annotated[tuple[str, ...], Meta(description="Monkey-patched modules.")]
    patched_by: Annotated[tuple[str, ...], Meta(description="Modules that patch.")]
    stage_a: Annotated[Count, Meta(description="Sites of stage A that it reaches.")]
    stage_b: Annotated[Count, Meta(description="Sites of stage B that it reaches.")]


class ProblemRecord(_Record, frozen=True):
    """A file that could not be read or parsed."""

    path: Path
    reason: str
    message: str


class Scan(_Record, frozen=True):
    """What `deventlet scan --format json` writes."""

    version: Literal[1]
    project: str
    files: Annotated[Count, Meta(description="Python files that were looked at.")]
    sites: Annotated[
        tuple[SiteRecord, ...], Meta(description="In order of path and place.")
    ]
    objects: tuple[ObjectRecord, ...]
    mentions: tuple[MentionRecord, ...]
    processes: tuple[ProcessRecord, ...]
    threads: Annotated[
        tuple[ThreadRecord, ...], Meta(description="Functions that are started.")
    ]
    hazards: tuple[HazardRecord, ...]
    problems: tuple[ProblemRecord, ...]


def encode(found: Inventory) -> bytes:
    """The inventory as JSON in UTF-8, indented, sorted, with a newline at its end."""
    plain = _encodable(msgspec.to_builtins(_scan(found)))
    return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"


def schema() -> bytes:
    """The JSON Schema (2020-12) of what `encode` gives."""
    table = msgspec.json.schema(Scan)
    table = {"$schema": "https://json-schema.org/draft/2020-12/schema", **table}
    return msgspec.json.format(msgspec.json.encode(table), indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    """The value with texts that UTF-8 can hold, in lists and tables, too."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return value


def _scan(found: Inventory) -> Scan:
    return Scan(
        version=1,
        project=found.project,
        files=found.files,
        sites=tuple(map(_site, sorted(found.entries))),
        objects=tuple(map(_object, sorted(found.objects))),
        mentions=tuple(map(_mention, sorted(found.mentions))),
        processes=tuple(map(_process, sorted(found.processes))),
        threads=tuple(map(_thread, sorted(found.threads))),
        hazards=tuple(map(_hazard, sorted(found.hazards))),
        problems=tuple(
            ProblemRecord(path, *said) for path, said in sorted(found.problems.items())
        ),
    )


def _site(entry: Entry) -> SiteRecord:
    site = entry.site
    assert site.form != "line"  # a scan has these among its mentions
    return SiteRecord(
        path=site.path,
        line=site.line,
        column=site.column,
        end_line=site.end_line,
        end_column=site.end_column,
        api=site.api,
        form=site.form,
        codemod=entry.codemod,
        verdict=entry.verdict,
        reason=entry.reason,
        message=entry.message,
        replacement=entry.replacement,
        suggestion=entry.suggestion,
        stage=entry.stage,
        subject=entry.subject,
        blocked_by=entry.blocked_by,
        test=entry.test,
        started_at=entry.started_at,
        proposal=_proposal(entry.proposal),
        spelling=site.spelling,
        source=entry.source,
    )


def _proposal(said: Proposal | None) -> ProposalRecord | None:
    if said is None:
        return None
    return ProposalRecord(
        said.target, said.code, _terms(said.arguments), _terms(said.changes)
    )


def _terms(terms: tuple[Term, ...]) -> tuple[TermRecord, ...]:
    return tuple(TermRecord(t.name, t.value, t.counterpart, t.note) for t in terms)


def _object(traced: Traced) -> ObjectRecord:
    return ObjectRecord(
        path=traced.path,
        line=traced.line,
        kind=traced.kind,
        result=traced.result,
        members=dict(sorted(traced.members)),
        others=traced.others,
        escapes=tuple(map(_escape, traced.escapes)),
    )


def _escape(escape: Escape) -> EscapeRecord:
    return EscapeRecord(escape.path, escape.line, escape.reason, escape.detail)


def _thread(thread: Thread) -> ThreadRecord:
    starts = tuple(StartRecord(*each) for each in thread.starts)
    return ThreadRecord(thread.path, thread.line, thread.name, starts)


def _hazard(hazard: Hazard) -> HazardRecord:
    return HazardRecord(
        path=hazard.path,
        line=hazard.line,
        code=hazard.code,
        message=hazard.message,
        causes=hazard.causes,
        test=hazard.test,
    )


def _mention(mention: Mention) -> MentionRecord:
    return MentionRecord(
        path=mention.path,
        line=mention.line,
        column=mention.column,
        kind=mention.kind,
        text=mention.text,
        advice=mention.advice,
    )


def _process(process: Process) -> ProcessRecord:
    return ProcessRecord(
        label=process.label,
        path=process.path,
        kind=process.kind,
        patches=process.patches,
        patched_by=process.patched_by,
        stage_a=process.sites[0],
        stage_b=process.sites[1],
    )
