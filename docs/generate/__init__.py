"""Makes the pages of the site, in memory: those that are written, and generated ones.

Reads the pages of this repository and what the tool itself reads (pages of codemods,
catalogue, settings, schemas, options). Writes nothing, and gives the same text each
time; no generated page is ever committed.
"""

from __future__ import annotations

from pathlib import Path

from docs.generate import (
    codemods,
    commands,
    names,
    navigation,
    reasons,
    schema,
    settings,
)

ROOT = Path(__file__).parents[2]
"""The top of the repository."""


def pages() -> dict[str, str]:
    """Every page of the site: Markdown by its path."""
    return navigation.added({**written(), **generated()})


def written() -> dict[str, str]:
    """The pages of ``docs/``, and those that stand at the top of the repository.

    Here reason codes become links, which they cannot be for code hosts.
    """
    folder = sorted((ROOT / "docs").glob("*.md"))
    found = {page.name: page.read_text("utf-8") for page in folder}
    found["contributing.md"] = _from_the_top("CONTRIBUTING.md")
    found["changelog.md"] = _from_the_top("CHANGELOG.md")
    return {path: reasons.linked(text, "", path) for path, text in found.items()}


def generated() -> dict[str, str]:
    """The pages that are made from the code."""
    return {
        **codemods.pages(),
        **reasons.pages(),
        "names.md": names.page(),
        "configuration.md": settings.page(),
        "json.md": schema.page(),
        "commands.md": commands.page(),
    }


def _from_the_top(name: str) -> str:
    """A page of the repository's own, whose links lead into ``docs/``."""
    text = (ROOT / name).read_text("utf-8").replace("](docs/", "](")
    return text.replace("](CONTRIBUTING.md", "](contributing.md")
