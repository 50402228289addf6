"""``--interactive``: asks about each change before it is made.

Talks to people, at the terminal and on standard error, so that what a run gives can
still go to a pipe. What a change is, is found out elsewhere; answers are remembered.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from deventlet.cli.exits import Stop
from deventlet.cli.report import coloured
from deventlet.cli.terminal import errors, notice, show_text, visible, working
from deventlet.codemod import Page, Refuse, Verdict
from deventlet.driver.apart import Change, apart
from deventlet.driver.run import Key, Request
from deventlet.registry import reasons
from deventlet.report.text import counted
from deventlet.series.answers import NAME, Answers, names
from deventlet.series.patch import FileChange, unified_diff

_DECLINED = Refuse("keep.declined")
_UNANSWERED = Refuse("keep.unanswered")
_PLACES = 3
_KEYS = "ynaq"
_HELP = """\
y  make this change
n  leave it, with the reason keep.declined
a  make this one and all others of {codemod} that you were not asked about yet
q  leave this one and all that follow; what you said yes to is still done
Ctrl-C stops, and changes nothing; the answers so far are remembered."""


def check_terminal() -> None:
    """See that there is somebody to ask.

    :raises Stop: if not.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Stop(
            "--interactive asks questions, and standard input or standard error is no "
            "terminal; leave it out, or run it in one"
        )


@dataclass(eq=False)
class Asker:
    """Asks about the changes of one codemod after the other.

    :param answers: those that are known already.
    """

    answers: Answers
    _ended: bool = False

    def begin(self) -> None:
        """Say which answers of an earlier call count."""
        if self.answers.known and self.answers.folder is not None:
            notice(
                f"{counted(len(self.answers.known), 'answer')} of an earlier call "
                f"count; to be asked again, remove {self.answers.folder / NAME}"
            )

    def left(
        self, page: Page, request: Request, texts: Mapping[str, bytes]
    ) -> dict[Key, Refuse]:
        """The subjects of a codemod that somebody wants to stay.

        :raises KeyboardInterrupt: if the terminal is closed, or Ctrl-C is typed.
        """
        with working(f"{page.name}: looking at each change"):
            changes = apart(page, request, texts)
        named = dict(zip(names(page.name, changes), changes, strict=True))
        self._ask_all(page, named)
        return {
            key: refusal
            for name, change in named.items()
            if (refusal := self._refusal(name)) is not None
            for key in change.keys
        }

    def _refusal(self, name: str) -> Refuse | None:
        if name not in self.answers.known:
            return _UNANSWERED
        return None if self.answers.known[name] else _DECLINED

    def _ask_all(self, page: Page, named: Mapping[str, Change]) -> None:
        """Ask about each change that has no answer, until somebody has enough."""
        every = False
        for number, (name, change) in enumerate(named.items(), 1):
            if self._ended:
                return
            if name in self.answers.known:
                continue
            if not every:
                _show(f"{page.name} {number} of {len(named)}", change)
                said = _asked(page.name)
                every, self._ended = said == "a", said == "q"
            if not self._ended:
                self.answers.add(name, every or said == "y")


def _asked(codemod: str) -> str:
    """One of the letters."""
    while True:
        sys.stderr.write(f"Make this change? [{','.join(_KEYS)},?] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            sys.stderr.write("\n")
            raise KeyboardInterrupt
        said = line.strip().lower()
        if said and said[0] in _KEYS and said in ("yes", "no", "all", "quit", said[0]):
            return said[0]
        sys.stderr.write(f"{_HELP.format(codemod=codemod)}\n")


# What is seen of a change --------------------------------------------------------


def _show(heading: str, change: Change) -> None:
    """The verdict, its explanation, and the diff in context."""
    to = errors()
    first, *others = change.verdicts
    site = first.subject.origin
    to.print()
    title = f"{heading}: {visible(site.path)}:{site.line}: {_word(first)}"
    to.print(Text(title, style="bold"))
    for said in _explained(change):
        show_text(to, Text(visible(said)), 2)
    _show_others(to, first, others)
    for path in sorted(change.files, key=lambda path: (path != site.path, path)):
        is_new = path in change.created
        diff = unified_diff(FileChange(path, *change.files[path], new=is_new))
        text = diff.decode("utf-8", "backslashreplace")
        to.print(coloured(text[text.index("\n--- ") + 1 :]), end="")


def _word(verdict: Verdict) -> str:
    if verdict.verdict == "assume":
        return "rewrite, under an assumption"
    caveats = verdict.rewrite.caveats if verdict.rewrite else ()
    return "rewrite, with a caveat" if caveats else "rewrite"


def _explained(change: Change) -> Iterator[str]:
    """Why the change is right, and what to know of it, each said once."""
    proofs: Counter[str] = Counter()
    codes: Counter[tuple[str, str]] = Counter()
    for verdict in change.verdicts:
        if verdict.verdict == "assume":
            codes["Assumed", verdict.reason] += 1
        if verdict.rewrite is not None:
            proofs.update(verdict.rewrite.proofs)
            codes.update(("Caveat", code) for code in verdict.rewrite.caveats)
    for proof in proofs:
        yield f"Proven: {proof}."
    for kind, code in codes:
        yield f"{kind} {code}: {reasons()[code].summary}."


def _show_others(to: Console, first: Verdict, others: list[Verdict]) -> None:
    """What changes along: further places of the subject, and mocks."""
    sites = [*first.subject.sites[1:], *(v.subject.origin for v in others)]
    if sites:
        places = [f"{site.path}:{site.line}" for site in sites]
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        named = visible(", ".join(places[:_PLACES]))
        show_text(to, Text(f"Goes with: {named}{more}."), 2)
