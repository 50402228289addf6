"""The documentation names no page that is not there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from docs.generate import pages
from docs.generate.reasons import anchor

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
MADE = {str(ROOT / "docs" / path): text for path, text in pages().items()}
"""The pages of the site, some of which are only there."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_page_and_its_heading(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
        name, _, heading = link.partition("#")
        target = os.path.normpath(page.parent / name) if name else str(page)
        text = MADE.get(target) or Path(target).read_text("utf-8")
        assert not heading or heading in _headings(text), link


def _headings(text: str) -> set[str]:
    """The anchors of the headings of a page."""
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
