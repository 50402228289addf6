"""The site is built without a warning, and says what the code says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import typer

from deventlet import registry
from deventlet.catalog import entries
from deventlet.cli.app import app
from deventlet.cli.exits import Exit
from deventlet.config import Config
from deventlet.plan import Plan
from deventlet.report import as_json
from docs.generate import ROOT, generated, pages
from tests.pages import read_blocks

SITE = pages()
FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(https?:)?//")


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """Sphinx's warnings are links, anchors and references that lead nowhere."""
    build = "import sys; from pathlib import Path; from docs.__main__ import build; "
    done = subprocess.run(
        [sys.executable, "-c", f"{build}sys.exit(build(Path({str(tmp_path)!r})))"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stderr, done.returncode) == ("", 0)
    written = {
        str(page.relative_to(tmp_path / "site")) for page in tmp_path.rglob("*.html")
    }
    assert written >= {f"{path.removesuffix('.md')}.html" for path in SITE}
    for page in (tmp_path / "site").rglob("*.html"):
        assert not FETCHED.search(page.read_text("utf-8")), f"{page.name} loads"


def test_pages_are_the_same_whatever_the_hash_seed() -> None:
    show = "from docs.generate import pages; print(sorted(pages().items()))"
    first, second = (
        subprocess.run(
            [sys.executable, "-c", show],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    )  # fmt: skip
    assert first == second


def test_no_generated_page_is_committed() -> None:
    assert [path for path in generated() if (ROOT / "docs" / path).exists()] == []


@pytest.mark.parametrize("name", registry.pages())
def test_page_of_a_codemod_has_its_cases_and_codes(name: str) -> None:
    page, shown = registry.page(name), SITE[f"codemods/{name}.md"]
    blocks = [*read_blocks(name, page.body)]
    assert blocks
    for block in blocks:
        assert f"{block.text}```" in shown, f"{block.heading}: {block.kind}"
        assert not block.reason or f"`{block.reason}`" in shown
        assert f"\n### {block.heading}\n" in shown
    for code, reason in page.reasons.items():
        assert f"\n### {code}\n\n**{reason.verdict}**" in shown
    assert f"]({name}.md)" in SITE["codemods/index.md"]
    assert "```python before" not in shown


@pytest.mark.parametrize("code", registry.reasons())
def test_reason_is_in_the_index_and_leads_to_its_meaning(code: str) -> None:
    found = re.search(
        rf"\[`{re.escape(code)}`\]\(\.\./([\w/-]+\.md)#{re.escape(code)}\)",
        SITE["reasons/index.md"],
    )
    assert found
    assert f"\n### {code}\n" in SITE[found[1]]


def test_reference_of_the_settings_has_every_key() -> None:
    keys = re.findall(r"^### (\S+)\n\n(\S)", SITE["configuration.md"], re.MULTILINE)
    known = [field.encode_name for field in msgspec.structs.fields(Config)]
    assert [key for key, _ in keys] == known


def test_reference_of_json_has_every_key() -> None:
    shown = SITE["json.md"]
    scan, plan = shown.split("## deventlet plan")
    for text, schema in (
        (scan, msgspec.json.decode(as_json.schema())),
        (plan, msgspec.json.schema(Plan)),
    ):
        for name, each in schema["$defs"].items():
            title = name.removesuffix("Record")
            _, _, section = text.partition(f": {title}\n")
            section = section.partition("\n### ")[0]
            assert [*re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)] == [
                *each["properties"]
            ]


def test_every_command_and_name_is_listed() -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    for name in commands:
        assert f"Usage: deventlet {name} " in SITE["commands.md"]
    for name in entries():
        assert f"`{name}`" in SITE["names.md"]


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \|", SITE["exit-codes.md"], re.MULTILINE)
    assert [int(row) for row in rows] == [*Exit]
