"""What a scan finds: every use of Eventlet with its verdict, as plain data.

Every report (table, JSON, SARIF, Markdown, and later the page and the chart) reads
this one list. It holds data only, and imports nothing that reads files or decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from deventlet.codemod import Proposal, Site

VerdictWord: TypeAlias = Literal["rewrite", "assume", "refuse"]
Stage: TypeAlias = Literal["A", "B", ""]
Often: TypeAlias = Literal["once", "loop", "forever", "timer"]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One site and what was decided about it.

    :param codemod: the pattern that the site belongs to, whether or not there is a
        codemod for it yet; empty for an import that only names a package.
    :param reason: the code of a refusal, an assumption or the first caveat; empty
        for a rewrite without caveat.
    :param message: one line: what of this code the reason speaks of, or what the
        reason means.
    :param suggestion: what a person can do; empty for a rewrite.
    :param replacement: the text that takes the site's place, where it is known.
    :param stage: ``A`` can be rewritten while the process still monkey-patches,
        ``B`` only once no green thread is left in it.
    :param subject: ``path:line`` of the site that stands for the subject, the same
        for all sites that change together.
    :param blocked_by: for stage B, ``path:line`` of up to three sites of the same
        processes that come first.
    :param test: whether the site is in test code.
    :param source: the source line of the site, without its indentation.
    :param columns: where the site starts in its first line and ends in its last, in
        characters from 0; the columns of the site itself count UTF-8 bytes.
    :param before: of how many sites ``blocked_by`` names the first; 0 if unknown.
    :param started_at: ``path:line`` of each call that starts a thread in which the
        site runs; empty for the main thread, or one that is not known.
    :param proposal: what a person may write there, if the codemod has such a text.
    """

    site: Site
    codemod: str
    verdict: VerdictWord
    reason: str
    message: str
    suggestion: str
    replacement: str
    stage: Stage
    subject: str
    blocked_by: tuple[str, ...]
    test: bool
    source: str
    columns: tuple[int, int]
    before: int = 0
    started_at: tuple[str, ...] = ()
    proposal: Proposal | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Escape:
    """A place where an object leaves what can be followed, and why."""

    path: str
    line: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, order=True)
class Traced:
    """An object that Eventlet made, with everything that is known of it.

    :param kind: such as ``GreenThread``; ``path`` and ``line`` are where it is made.
    :param result: what becomes of it as a whole: ``discarded``, ``waited``,
        ``value`` (waited for its value), ``linked``, ``killed``, ``cancelled``,
        ``stored``; several if several.
    :param members: how often each member is used, by name.
    :param others: files other than its own in which it is used.
    """

    path: str
    line: int
    kind: str
    result: tuple[str, ...]
    members: tuple[tuple[str, int], ...]
    others: tuple[str, ...]
    escapes: tuple[Escape, ...]


@dataclass(frozen=True, slots=True, order=True)
class Thread:
    """A function that something starts as a thread, green or native.

    :param name: of the function, with that of its class; ``lambda`` has none.
    :param starts: ``path:line`` of each call that starts it, what that calls, and
        how often it does: ``once`` each time that the code around runs, for each
        round of a ``loop``, in a loop that never ends (``forever``), or by a
        ``timer``.
    """

    path: str
    line: int
    name: str
    starts: tuple[tuple[str, str, Often], ...]


@dataclass(frozen=True, slots=True, order=True)
class Hazard:
    """What is right with green threads and may break with native ones.

    :param code: such as ``hazard.atomicity``.
    :param message: what of this code the code speaks of.
    :param causes: ``path:line`` of what makes it matter once it is rewritten, such
        as the call that starts the thread.
    :param test: whether it is in test code.
    """

    path: str
    line: int
    code: str
    message: str
    causes: tuple[str, ...]
    test: bool


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """Eventlet named outside of Python code that deventlet rewrites.

    :param kind: what the file is: ``requirements``, ``packaging``, ``test-setup``,
        ``coverage``, ``ci``, ``logging``, ``configuration``, ``service``, ``docs``,
        ``release-note``, ``script``, ``translation``, ``comment`` for one in Python
        code, ``other``.
    :param text: the line, without surrounding space.
    :param advice: one line: what to do about it, and when.
    """

    path: str
    line: int
    column: int
    kind: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, order=True)
class Process:
    """One way in which the project's code is started.

    :param label: the command, or the path of the script.
    :param kind: ``command``, ``script``, ``wsgi`` or ``tests``.
    :param patches: stdlib modules that it monkey-patches.
    :param patched_by: modules whose code patches them.
    :param sites: how many stage A sites, and how many of stage B, it can reach.
    """

    label: str
    path: str
    kind: str
    patches: tuple[str, ...]
    patched_by: tuple[str, ...]
    sites: tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Pool:
    """A call that makes a pool of threads, green or native.

    :param api: what it makes, such as ``eventlet.GreenPool``.
    :param size: how many threads it may hold; None if nothing bounds them that can
        be read off the code.
    :param words: the size as it is written, and where its number comes from.
    :param test: whether it is in test code.
    """

    path: str
    line: int
    api: str
    size: int | None
    words: str
    test: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that a scan of one repository found, in order of place.

    :param project: the name of the repository.
    :param files: how many Python files were looked at.
    :param problems: files that could not be read or parsed: reason and message.
    """

    project: str
    files: int
    entries: tuple[Entry, ...]
    objects: tuple[Traced, ...] = ()
    mentions: tuple[Mention, ...] = ()
    processes: tuple[Process, ...] = ()
    problems: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    threads: tuple[Thread, ...] = ()
    hazards: tuple[Hazard, ...] = ()
