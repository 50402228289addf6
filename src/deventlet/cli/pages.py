"""``list`` and ``explain``: what the pages say, without importing a codemod."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from deventlet.cli.exits import Stop
from deventlet.cli.terminal import console, show_table
from deventlet.codemod import Page, Reason
from deventlet.registry import (
    PageError,
    UnknownName,
    driver_page,
    page,
    pages,
    reasons,
)


def show_list() -> None:
    """Print a table of the codemods.

    :raises Stop: for a page that is wrong.
    """
    try:
        rows = [(each.name, each.stage, each.summary) for each in pages().values()]
    except PageError as wrong:
        raise Stop(str(wrong)) from wrong
    show_table(console(wrap=True), [("codemod", "stage", "what it does"), *rows])


def show_page(name: str) -> None:
    """Print the page of a codemod, or what a reason code means.

    :raises Stop: for a name that is neither, with the nearest, or a wrong page.
    """
    try:
        _show(name)
    except (PageError, UnknownName) as wrong:
        raise Stop(str(wrong)) from wrong


def _show(name: str) -> None:
    to = console(wrap=True)
    if name in reasons():
        _show_reason(to, reasons()[name])
    elif name in pages():
        _show_codemod(to, page(name))
    elif name == "reasons":
        _show_codemod(to, driver_page())
    else:
        known = ["reasons", *pages(), *reasons()]
        raise UnknownName("codemod or reason", name, known)


def _show_reason(to: Console, reason: Reason) -> None:
    to.print(Text(f"{reason.code} ({reason.verdict})", style="bold"))
    to.print(Text(f"{reason.summary[0].upper()}{reason.summary[1:]}."))
    to.print(Text(f"What to do: {reason.suggestion}"))
    owners = [each for each in pages().values() if reason.code in each.reasons]
    for owner in owners:
        to.print(Text(f"More: deventlet explain {owner.name}"))


def _show_codemod(to: Console, each: Page) -> None:
    """What a page explains, its reason codes, and its cases last, for they are long."""
    text, cases, examples = each.body.partition("\n## Cases\n")
    _show_markdown(to, text)
    rows = [(r.code, r.verdict, r.summary) for r in each.reasons.values()]
    to.print()
    to.print(Text("Reason codes", style="italic"))
    show_table(to, [("code", "verdict", "meaning"), *rows])
    to.print()
    _show_markdown(to, cases + examples)


def _show_markdown(to: Console, text: str) -> None:
    """Markdown as it stands in a pipe, rendered on a terminal."""
    if to.is_terminal:
        to.print(Markdown(text))
    else:
        to.file.write(text.lstrip("\n"))
