"""``list`` and ``explain``: what the pages say, without importing a codemod."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from deventlet.cli.app import Stop
from deventlet.codemod import Page, Reason
from deventlet.registry import UnknownName, driver_page, page, pages, reasons


def show_list() -> None:
    """Print a table of the codemods."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("codemod", no_wrap=True)
    table.add_column("stage")
    table.add_column("what it does")
    for each in pages().values():
        table.add_row(Text(each.name), each.stage, Text(each.summary))
    console.print(table)


def show_page(name: str) -> None:
    """Print the page of a codemod, or what a reason code means.

    :raises Stop: for a name that is neither, with the nearest.
    """
    console = Console(highlight=False)
    if name in reasons():
        _show_reason(console, reasons()[name])
        return
    if name in pages():
        _show_codemod(console, page(name))
        return
    if name == "reasons":
        _show_codemod(console, driver_page())
        return
    known = [*pages(), *reasons()]
    raise Stop(str(UnknownName("codemod or reason", name, known)))


def _show_reason(console: Console, reason: Reason) -> None:
    console.print(Text(f"{reason.code} ({reason.verdict})", style="bold"))
    console.print(Text(f"{reason.summary[0].upper()}{reason.summary[1:]}."))
    console.print(Text(f"What to do: {reason.suggestion}"))
    owners = [each for each in pages().values() if reason.code in each.reasons]
    for owner in owners:
        console.print(Text(f"More: deventlet explain {owner.name}"))


def _show_codemod(console: Console, each: Page) -> None:
    """The text of a page as it stands in a pipe, rendered on a terminal."""
    if console.is_terminal:
        console.print(Markdown(each.body))
    else:
        console.file.write(each.body.lstrip("\n"))
    table = Table(title="Reason codes", title_justify="left", box=None, pad_edge=False)
    table.add_column("code", no_wrap=True)
    table.add_column("verdict")
    table.add_column("meaning")
    for reason in each.reasons.values():
        table.add_row(Text(reason.code), reason.verdict, Text(reason.summary))
    console.print(table)
