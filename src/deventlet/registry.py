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
from dataclasses import fields
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any, cast

import msgspec

from deventlet import catalog
from deventlet.codemod import Context, Decision, Page, Reason, Subject

GROUP = "deventlet.codemods"
_FENCE = "+++\n"
_TURNS = ("uses", "imports", "files")
_DEFAULTS = {"subject": "", "replaces": {}, "stage": "A"}

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
        return _page(tomllib.loads(head), body, module)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, TypeError) as error:
        raise PageError(f"{module}: front matter: {error}") from error


def _page(data: dict[str, Any], body: str, module: str) -> Page:
    """The page of a front matter, whose keys are the fields of `Page`."""
    if unknown := data.keys() - {field.name for field in fields(Page)}:
        raise TypeError(f"unknown key {min(unknown)!r}")
    table = msgspec.convert(data.get("reasons", {}), dict[str, dict[str, str]])
    reasons = {code: {**entry, "code": code} for code, entry in table.items()}
    given = {**_DEFAULTS, **data, "reasons": reasons, "body": body, "module": module}
    return msgspec.convert(given, Page)


@cache
def driver_page() -> Page:
    """The driver's own page: the reasons that belong to no single codemod."""
    text = files("deventlet").joinpath("reasons.md").read_text(encoding="utf-8")
    return parse_page(text, "deventlet")


@cache
def pages() -> Mapping[str, Page]:
    """Every codemod's page by name, in the order of a series.

    :raises PageError: for a page that is wrong, two of one name, a reason code that
        two pages document, or codemods that wait for each other.
    """
    found: dict[str, Page] = {}
    codes = dict.fromkeys(driver_page().reasons, "the driver")
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.value, p.name)):
        for page in _package_pages(point.value):
            if page.name in found:
                raise PageError(f"two codemods are called {page.name!r}")
            for code in page.reasons:
                if code in codes:
                    owners = f"{codes[code]} and {page.name}"
                    raise PageError(f"the reason {code!r} belongs to {owners}")
                codes[code] = page.name
            found[page.name] = page
    return {name: found[name] for name in _order(found)}


def _package_pages(package: str) -> list[Page]:
    """The pages of one package, by file name."""
    try:
        folder = files(package)
    except ImportError as error:
        raise PageError(f"the package {package} of an entry point: {error}") from error
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return [
        parse_page(entry.read_text(encoding="utf-8"), f"{package}.{entry.name[:-3]}")
        for entry in entries
        if entry.name.endswith(".md")
    ]


def _order(found: Mapping[str, Page]) -> list[str]:
    """By turn, declared dependencies first, then by place and name."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, page in found.items():
        sorter.add(name, *(before for before in page.after if before in found))
        earlier = (n for n, other in found.items() if turn(other) < turn(page))
        sorter.add(name, *earlier)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
        raise PageError(f"codemods wait for each other: {cycle}") from error
    order: list[str] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready.update(sorter.get_ready())
        following = min(ready, key=lambda name: (found[name].place, name))
        order.append(following)
        ready.remove(following)
        sorter.done(following)
    return order


def turn(page: Page) -> tuple[int, str]:
    """Sorts codemods into those that wait for all that are less.

    Stage A comes before stage B. What is about imports waits for all uses, of both
    stages: what they leave decides whether an import can go. Project files are last.
    """
    return _TURNS.index(page.about), page.stage


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
    """Every documented reason code: of the driver, the codemods and the catalogue."""
    table: dict[str, Reason] = dict(driver_page().reasons)
    for code, (first, *_) in catalog.refused().items():
        table[code] = Reason(code, "refuse", first.why, first.recipe)
    for each in pages().values():
        table.update(each.reasons)
    return dict(sorted(table.items()))


@cache
def decider(name: str) -> Decide:
    """Import a codemod's module and give its ``decide``; LibCST comes with it."""
    module = importlib.import_module(page(name).module)
    return cast("Decide", module.decide)
