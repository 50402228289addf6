"""Finds codemods through entry points and reads their pages.

An entry point of the group ``deventlet.codemods`` names a package; every page
(``<pattern>.md``) in it is a codemod, and the module beside it is imported only
when a site asks for a decision. Reading the pages imports no LibCST.
"""

from __future__ import annotations

import difflib
import importlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import entry_points
from importlib.resources import files
from typing import cast

from deventlet.codemod import Context, Decision, Page, Reason, Subject

GROUP = "deventlet.codemods"
_FENCE = "+++\n"

Decide = Callable[[Subject, Context], Decision]


class UnknownName(LookupError):
    """A codemod or reason that does not exist; ``nearest`` may be what was meant."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
        self.nearest = close[0] if close else None
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(f"no {what} is called {name!r}{hint}")


class PageError(ValueError):
    """A page whose front matter does not say what the contract asks for."""


def parse_page(text: str, module: str) -> Page:
    """Read a page: TOML front matter between ``+++`` lines, then Markdown.

    :param module: the dotted name of the module beside the page.
    :raises PageError: naming the page and what is missing.
    """
    if not text.startswith(_FENCE):
        raise PageError(f"{module}: the page does not begin with +++ front matter")
    head, _, body = text.removeprefix(_FENCE).partition("\n" + _FENCE)
    try:
        data = tomllib.loads(head)
        reasons = _reasons(data.get("reasons", {}))
        return Page(
            name=data["name"],
            summary=data["summary"],
            subject=data.get("subject", ""),
            replacement=data.get("replacement", ""),
            apis=tuple(data.get("apis", ())),
            stage=data.get("stage", "A"),
            after=tuple(data.get("after", ())),
            reasons=reasons,
            body=body,
            module=module,
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise PageError(f"{module}: front matter: {error}") from error


def _reasons(table: Mapping[str, Mapping[str, str]]) -> dict[str, Reason]:
    return {
        code: Reason(code=code, **cast("dict[str, str]", entry))  # type: ignore[arg-type]
        for code, entry in table.items()
    }


@cache
def driver_page() -> Page:
    """The driver's own page: the reasons that belong to no single codemod."""
    text = files("deventlet").joinpath("reasons.md").read_text(encoding="utf-8")
    return parse_page(text, "deventlet")


@cache
def pages() -> Mapping[str, Page]:
    """Every codemod's page by name, in the order of a series."""
    found: dict[str, Page] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.value, p.name)):
        for page in _package_pages(point.value):
            if page.name in found:
                raise PageError(f"two codemods are called {page.name!r}")
            found[page.name] = page
    return {name: found[name] for name in _order(found)}


def _package_pages(package: str) -> list[Page]:
    """The pages of one package, by file name."""
    entries = sorted(files(package).iterdir(), key=lambda entry: entry.name)
    return [
        parse_page(entry.read_text(encoding="utf-8"), f"{package}.{entry.name[:-3]}")
        for entry in entries
        if entry.name.endswith(".md")
    ]


def _order(found: Mapping[str, Page]) -> list[str]:
    """Stage A before stage B, declared dependencies first, then by name."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, page in found.items():
        sorter.add(name, *(before for before in page.after if before in found))
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda name: (found[name].stage, name))
        order += ready
        sorter.done(*ready)
    return order


def page(name: str) -> Page:
    """The page of a codemod.

    :raises UnknownName: with the nearest name.
    """
    known = pages()
    if name not in known:
        raise UnknownName("codemod", name, known)
    return known[name]


@cache
def reasons() -> Mapping[str, Reason]:
    """Every documented reason code, of the driver and of all codemods."""
    table: dict[str, Reason] = dict(driver_page().reasons)
    for each in pages().values():
        table.update(each.reasons)
    return dict(sorted(table.items()))


@cache
def decider(name: str) -> Decide:
    """Import a codemod's module and give its ``decide``; LibCST comes with it."""
    module = importlib.import_module(page(name).module)
    return cast("Decide", module.decide)
