"""The order of the pages of the site. A page that is not named here is an error.

Sphinx wants lists of contents inside of pages; they are added here, so that the pages
stay plain Markdown for code hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SECTIONS = {
    "Start": ("Start in five minutes <start>", "Migrate a project <migrate>"),
    "The way out": (
        "Profile native <native>", "Profile dual <dual>", "Gerrit <gerrit>",
        "Semantics <semantics>", "What it will not do <limits>",
    ),
    "Commands": (
        "All options <commands>", "scan <scan>", "plan and apply <series>",
        "check <check>", "history <history>", "report <report>",
    ),
    "Codemods": ("codemods/index",),
    "Reference": (
        "configuration", "json", "exit-codes", "reasons/index", "reasons/driver",
        "names",
    ),
    "Development": ("Add a codemod <contributing>", "changelog"),
}  # fmt: skip
"""The pages of each part, in order, some with a shorter title."""


def added(pages: Mapping[str, str]) -> dict[str, str]:
    """The pages, with lists of contents in the first one and in that of codemods."""
    codemods = [
        path.removeprefix("codemods/").removesuffix(".md")
        for path in pages
        if path.startswith("codemods/") and path != "codemods/index.md"
    ]
    contents = "".join(_contents(below, title) for title, below in SECTIONS.items())
    return {
        **pages,
        "index.md": pages["index.md"] + contents,
        "codemods/index.md": pages["codemods/index.md"] + _contents(codemods),
    }


def _contents(below: Iterable[str], title: str = "") -> str:
    caption = f":caption: {title}\n" if title else ""
    return "\n```{toctree}\n:hidden:\n" + caption + "\n" + "\n".join(below) + "\n```\n"
