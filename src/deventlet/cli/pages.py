"""``list`` and ``explain``: what the pages say, without importing a codemod."""

from __future__ import annotations

import re

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from deventlet.catalog import (
    NO_CODEMOD,
    CatalogEntry,
    UnknownApi,
    entries,
    entry,
    refused,
)
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
from deventlet.resolve.api import ROOTS

_SECTION = re.compile(r"^### .*\n(?:(?!##+ ).*\n?)*", re.MULTILINE)


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
    """Print the page of a codemod, what a reason code means, or a name of Eventlet's.

    :raises Stop: for a name that is none of these, with the nearest, or a wrong page.
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
    elif name == "pools":
        from deventlet.cli.pools import page as pools_page
        from deventlet.cli.pools import show_pools

        show_pools(to)
        _show_markdown(to, pools_page())
    elif (known := _catalogued(name)) is not None:
        _show_entry(to, name, known)
    else:
        names = ["pools", "reasons", *pages(), *reasons(), *entries()]
        raise UnknownName("codemod, reason or name of Eventlet's", name, names)


def _catalogued(name: str) -> CatalogEntry | None:
    """The catalogue's entry, None for a name that only a whole package would match."""
    try:
        found = entry(name)
    except UnknownApi:
        return None
    return None if found.name in ROOTS and name != found.name else found


def _show_entry(to: Console, name: str, known: CatalogEntry) -> None:
    """What the catalogue says of a name, and where there is more."""
    to.print(Text(f"{name} ({_pattern(known)}, stage {known.stage})", style="bold"))
    to.print(Text(sentence(known.why)))
    to.print(Text(f"What to do: {known.recipe}"))
    if known.reason:
        to.print(Text(f"Reason: {known.reason}"))
    if known.name != name:
        to.print(Text(f"Listed as: {known.name}"))
    if known.pattern in pages():
        to.print(Text(f"More: deventlet explain {known.pattern}"))


def sentence(clause: str) -> str:
    """A clause as a sentence; code at its beginning stays as it is spelled."""
    first = clause.split(" ", 1)[0]
    start = clause[0].upper() if first.isalpha() else clause[0]
    return f"{start}{clause[1:]}."


def _pattern(known: CatalogEntry) -> str:
    if known.pattern == NO_CODEMOD:
        return "always refused"
    later = "" if known.pattern in pages() else ", which is to come"
    return f"codemod {known.pattern}{later}"


def _show_reason(to: Console, reason: Reason) -> None:
    """What a reason code means, what to do, and an example from its page."""
    to.print(Text(f"{reason.code} ({reason.verdict})", style="bold"))
    to.print(Text(sentence(reason.summary)))
    to.print(Text(f"What to do: {reason.suggestion}"))
    owners = [each for each in pages().values() if reason.code in each.reasons]
    for owner in owners or [driver_page()]:
        if example := example_of(owner, reason.code):
            to.print()
            _show_markdown(to, example)
    if names := [each.name for each in refused().get(reason.code, ())]:
        to.print(Text(f"Names: {', '.join(names)}, and what is below"))
    for owner in owners:
        to.print()
        to.print(Text(f"More: deventlet explain {owner.name}"))


def example_of(owner: Page, code: str) -> str:
    """The first section of a page that is about a reason code; empty if none is."""
    about = re.compile(rf"(?<![\w.-]){re.escape(code)}(?![\w.-])")
    sections = _SECTION.findall(owner.body)
    found = next((each for each in sections if about.search(each)), "")
    return found.rstrip() + "\n" if found else ""


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
