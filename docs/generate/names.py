"""What becomes of each of Eventlet's names: the catalogue as a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from deventlet.catalog import NO_CODEMOD, CatalogEntry, entries, refused
from docs.generate.markdown import escaped, sentence


def page() -> str:
    """Names by codemod, then those that are only ever refused, each with its recipe."""
    found = sorted(entries().values(), key=lambda each: each.pattern)
    by_codemod = {
        name: [*group] for name, group in groupby(found, key=lambda e: e.pattern)
    }
    by_codemod.pop(NO_CODEMOD, None)
    return (
        "# Eventlet's names\n\n"
        "What decides about each name, or family of names, and what a person can do "
        "by hand. `deventlet explain eventlet.GreenPool` prints the same.\n\n"
        f"{''.join(_by_codemod(by_codemod))}"
        "## Only ever refused\n\n"
        "Nothing replaces these faithfully. They are listed, with what to do.\n\n"
        f"{''.join(_refused())}"
    )


def _by_codemod(found: dict[str, list[CatalogEntry]]) -> Iterator[str]:
    for name, group in found.items():
        yield f"## {name}\n\nSee the codemod [{name}](codemods/{name}.md).\n\n"
        for each in _alike(group):
            yield _said(each)


def _alike(group: list[CatalogEntry]) -> Iterator[list[CatalogEntry]]:
    """Names of which the same is said."""
    found: dict[tuple[str, str], list[CatalogEntry]] = {}
    for each in group:
        found.setdefault((each.why, each.recipe), []).append(each)
    yield from found.values()


def _said(group: list[CatalogEntry]) -> str:
    names = ", ".join(f"`{each.name}`" for each in group)
    first = group[0]
    return (
        f"{names} (stage {first.stage})\n\n"
        f":   {sentence(escaped(first.why))} *By hand:* {escaped(first.recipe)}\n\n"
    )


def _refused() -> Iterator[str]:
    for reason, group in refused().items():
        yield f"### {reason}\n\n"
        for each in _alike([*group]):
            yield _said(each)
