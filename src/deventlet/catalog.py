"""What is known of each of Eventlet's names: data for reports.

Of what it says only the stage is asked for a decision: whether stage B has to wait.

The table (``catalog.toml``) says for every name or family of names which codemod it
belongs to, what decides its sites, and what a person can do by hand. It is read when
it is first asked for; LibCST is not needed for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from deventlet.resolve.api import canonical

NO_CODEMOD = "none"
"""The pattern of names that are only ever refused."""


class UnknownApi(LookupError):
    """A name of which the catalogue knows no part."""


class CatalogError(ValueError):
    """A catalogue that cannot be read, or that has two entries for one name."""


class CatalogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a name and of everything below it.

    :param name: the name in the catalogue, canonical and dotted.
    :param pattern: name of the codemod, there already or to come; ``none`` for names
        that are only ever refused.
    :param stage: ``A`` can change while the process still monkey-patches, ``B`` only
        once no green thread is left in it.
    :param reason: the code under which a name that is only ever refused is; empty for
        one that a codemod decides about.
    :param why: a clause: what decides, or why there is no automatic rewrite.
    :param recipe: sentences: what a person can do by hand.
    """

    name: str
    pattern: str
    stage: Literal["A", "B"]
    reason: str
    why: str
    recipe: str


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry as it is written, for one or several names."""

    names: tuple[str, ...]
    pattern: str
    stage: Literal["A", "B"]
    why: str
    recipe: str
    reason: str = ""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: tuple[_Row, ...]


def entry(api: str) -> CatalogEntry:
    """What is known of a name: the entry of its longest part that has one.

    :param api: a dotted name in any spelling, such as ``eventlet.event.Event.send``.
    :raises UnknownApi: for a name that leads neither into Eventlet nor to a name of
        another library that has an entry.
    :raises CatalogError: if the catalogue itself is wrong.
    """
    table = entries()
    name = canonical(api)
    while name:
        if name in table:
            return table[name]
        name = name.rpartition(".")[0]
    raise UnknownApi(api)


@cache
def entries() -> Mapping[str, CatalogEntry]:
    """Every entry by its name, in the order of the catalogue."""
    return parse(files("deventlet").joinpath("catalog.toml").read_bytes())


def refused() -> dict[str, tuple[CatalogEntry, ...]]:
    """The names that are only ever refused, by their reason code, in order."""
    found: dict[str, tuple[CatalogEntry, ...]] = {}
    for each in entries().values():
        if each.reason:
            found[each.reason] = (*found.get(each.reason, ()), each)
    return found


def parse(text: bytes) -> dict[str, CatalogEntry]:
    """The entries of a catalogue by name, one for each of a row's names.

    :raises CatalogError: for anything but rows of the known keys, for a name that is
        not canonical, for one that stands there twice, and for a reason that is
        missing or given to a name that has a codemod.
    """
    try:
        rows = msgspec.toml.decode(text, type=_Table).entry
    except msgspec.DecodeError as error:
        raise CatalogError(str(error)) from error
    table: dict[str, CatalogEntry] = {}
    for row in rows:
        if bool(row.reason) != (row.pattern == NO_CODEMOD):
            raise CatalogError(f"{row.names[0]}: a reason goes with the pattern none")
        for name in row.names:
            if name in table or name != canonical(name):
                raise CatalogError(f"{name}: there twice, or not canonical")
            table[name] = CatalogEntry(
                name=name,
                pattern=row.pattern,
                stage=row.stage,
                reason=row.reason,
                why=_one_line(row.why),
                recipe=_one_line(row.recipe),
            )
    return table


def _one_line(text: str) -> str:
    """Text without the line ends that the catalogue has for its reader's sake."""
    return " ".join(text.split())
