"""The commit message of one patch; text in, text out, no git and no files.

The shape follows OpenStack's rules for commit messages: an imperative subject,
a body wrapped at 72 that says what and why, and the footers in one block at the
end, ``Change-Id`` before ``Signed-off-by``. No footer is ever added here, least
of all one that claims an author: the codemod and its version stand in the body.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

WIDTH = 72
"""Columns of the body, and the most that a subject may have."""

MADE_BY = "Made by the codemod "
"""What every message of deventlet's says before the codemod's name."""

_FOOTER_ORDER = {"change-id": 1, "signed-off-by": 2}
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")

# `git am` takes these from the start of a subject; `git mailinfo` documents it.
_LOST_PREFIX = re.compile(r"\[|:|re:", re.IGNORECASE)

# Lines at which `git am` ends the message and begins the patch, at which
# `git mailsplit` begins the next mail, and which an editor's clean-up drops.
_ENDS_MESSAGE = re.compile(r"From |---|diff -|Index: |#")

# What `git mailinfo` reads as a header when it is the first line of the body.
_IN_BODY_HEADER = re.compile(
    r">From|\[PATCH\]"
    r"|(?:From|Date|Subject|Message-ID|Content-Type|Content-Transfer-Encoding):",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sites of a codemod got which verdict.

    :param rewritten: preconditions proven, with or without a caveat.
    :param assumed: rewritten because the user accepted a named assumption.
    :param refused: left alone.
    """

    rewritten: int
    assumed: int
    refused: int


def compose(
    subject: str,
    body_paragraphs: Sequence[str],
    caveats: Mapping[str, tuple[int, str]],
    assumptions: Mapping[str, tuple[int, str]],
    refusals: Mapping[str, int],
    counts: Counts,
    codemod: str,
    version: str,
    footers: Sequence[tuple[str, str]],
) -> str:
    r"""The whole commit message, ending in one ``\n``.

    :param subject: imperative, about 50 ASCII characters, without a full stop.
    :param body_paragraphs: what and why, and the preconditions that were proven;
        a paragraph that begins with white space is code and is not wrapped.
    :param caveats: reason code to number of sites and one sentence.
    :param assumptions: the same, for what the user accepted by name.
    :param refusals: reason code to number of sites left alone.
    :param counts: sites by verdict.
    :param codemod: name of the codemod, as ``--codemod`` takes it.
    :param version: version of deventlet.
    :param footers: token and value of each footer; the order is kept, except
        that ``Change-Id`` and then ``Signed-off-by`` come last.
    :raises ValueError: if the subject is empty, has over 72 characters or would
        not survive ``git am``, or if a footer is not one line.
    """
    blocks = [
        *map(_wrapped, body_paragraphs),
        *_listed("Caveats:", caveats),
        *_listed("Assumptions accepted by the author:", assumptions),
        _counted(counts, refusals),
    ]
    return _framed(subject, blocks, codemod, assumptions, version, footers)


def compose_own(
    subject: str,
    text: str,
    codemod: str,
    assumptions: Iterable[str],
    version: str,
    footers: Sequence[tuple[str, str]],
) -> str:
    """The whole commit message, with a text of the project's own.

    :param text: the paragraphs; a line over 72 columns is broken between words.
    :raises ValueError: as `compose` does.
    """
    lines = "\n".join(map(_broken, text.expandtabs().split("\n")))
    return _framed(subject, [_tidied(lines)], codemod, assumptions, version, footers)


def command(codemod: str, assumptions: Iterable[str]) -> str:
    """The command that makes the change again, on one line."""
    options = "".join(f" --assume {reason}" for reason in sorted(assumptions))
    return f"deventlet apply --codemod {codemod}{options}"


def _framed(
    subject: str,
    blocks: Sequence[str],
    codemod: str,
    assumptions: Iterable[str],
    version: str,
    footers: Sequence[tuple[str, str]],
) -> str:
    """Blocks below the subject, and below them what every message ends in."""
    _check_subject(subject)
    end = [
        _wrapped(f"{MADE_BY}{codemod} of deventlet {version}; to reproduce:"),
        _command(codemod, assumptions),
        _footer_block(footers),
    ]
    body = "\n\n".join(block for block in (*blocks, *end) if block)
    return f"{subject}\n\n{escape_body(body)}\n"


def _broken(line: str) -> str:
    """A line, or several where it is too long; those of an item are indented."""
    if len(line.rstrip()) <= WIDTH:
        return line
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    mark = "  " if text.startswith(("- ", "* ")) else ""
    return _wrapped(text, indent, indent + mark)


def escape_body(body: str) -> str:
    """The body with one space before each line that would not survive ``git am``.

    ``git am`` ends the message at a line that looks like the start of a patch
    and takes a first line such as ``Date: …`` for a header. Escaping twice is
    the same as escaping once.
    """
    first, *rest = body.split("\n")
    if _IN_BODY_HEADER.match(first):
        first = f" {first}"
    lines = (first, *rest)
    return "\n".join(
        f" {line}" if _ENDS_MESSAGE.match(line) else line for line in lines
    )


def check_subject_survives(subject: str) -> None:
    """Refuse a subject that ``git am`` would not give back as it is.

    :raises ValueError: if it is empty, is more than one line, has runs of white
        space, or begins with what mail programs add (``[...]``, ``Re:``).
    """
    if not subject or subject != " ".join(subject.split()):
        raise ValueError(f"not one line with single spaces: {subject!r}")
    if _LOST_PREFIX.match(subject):
        raise ValueError(f"git am would drop the beginning of {subject!r}")


def _check_subject(subject: str) -> None:
    check_subject_survives(subject)
    if len(subject) > WIDTH:
        raise ValueError(f"subject of {len(subject)} characters, over {WIDTH}")


def _wrapped(paragraph: str, first: str = "", other: str = "") -> str:
    """One paragraph at 72 columns; long words (paths, names) are never broken."""
    if paragraph[:1].isspace():
        return _tidied(paragraph)
    lines = textwrap.wrap(
        paragraph,
        WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _tidied(text: str) -> str:
    """Text whose white space ``git am`` and ``git commit`` keep as it is."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines.strip("\n"))


def _listed(heading: str, reasons: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """A heading with one item per reason; nothing where there is no reason."""
    if reasons:
        items = (
            _wrapped(f"{reason} ({_sites(count)}): {sentence}", "- ", "  ")
            for reason, (count, sentence) in sorted(reasons.items())
        )
        yield "\n".join((heading, *items))


def _counted(counts: Counts, refusals: Mapping[str, int]) -> str:
    """The counts of all verdicts, and of every reason for a refusal."""
    text = (
        f"{_sites(counts.rewritten)} rewritten, {counts.assumed} rewritten under "
        f"an assumption, {counts.refused} refused"
    )
    reasons = ", ".join(f"{reason}: {n}" for reason, n in sorted(refusals.items()))
    return _wrapped(f"{text} ({reasons})." if reasons else f"{text}.")


def _sites(count: int) -> str:
    return f"{count} site" if count == 1 else f"{count} sites"


def _command(codemod: str, assumptions: Iterable[str]) -> str:
    """The command that makes the change again, indented, as the shell takes it."""
    options = [f"--assume\0{reason}" for reason in sorted(assumptions)]
    words = " ".join(("deventlet", "apply", f"--codemod\0{codemod}", *options))
    lines = textwrap.wrap(
        words,
        WIDTH - len(" \\"),
        initial_indent="  ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    # The NUL kept an option and its value on one line.
    return " \\\n".join(lines).replace("\0", " ")


def _footer_block(footers: Sequence[tuple[str, str]]) -> str:
    """All footers, one per line, in the order that Gerrit's readers expect.

    :raises ValueError: if one is not a token and a value of one line each.
    """
    for token, value in footers:
        if not _TOKEN.fullmatch(token) or len(value.splitlines()) != 1:
            raise ValueError(f"not a footer of one line: {token!r}: {value!r}")
    ordered = sorted(
        footers, key=lambda footer: _FOOTER_ORDER.get(footer[0].lower(), 0)
    )
    return "\n".join(f"{token}: {value.strip()}" for token, value in ordered)
