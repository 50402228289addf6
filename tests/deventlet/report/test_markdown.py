from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from deventlet.codemod import Proposal, Term
from deventlet.report import markdown
from tests.deventlet.report.inventories import EMPTY, HOSTILE, REASONS, SMALL, entry


def html(text: str) -> str:
    """What a reader of Markdown with tables and raw HTML makes of a text."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    return str(reader.render(text))


def plain(text: str) -> str:
    """The words of a rendered text."""
    bare = re.sub(r"<[^>]*>", "", html(text))
    for name, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("amp", "&")):
        bare = bare.replace(f"&{name};", character)
    return bare


def test_totals_patterns_and_every_refused_site_are_there() -> None:
    said = markdown.text(SMALL, REASONS)
    assert "13 sites (13 subjects) in 10 of 1,200 Python files.\n" in said
    assert "| tests | 1 | 1 | - | - | - |\n" in said
    assert "| spawn | spawn.stored 2 | 1 | 1 | 2 | - | - | - | 2 |\n" in said
    assert said.count("- None is not a number:\n") == 1
    assert said.count("  - `proj/compute/deep/er/m") == 7
    assert "another project may call:\n  - `proj/compute/manager.py:40` `uti" in said
    assert "`deventlet apply --codemod sleep --assume process-patched`\n" in said


def test_proposals_are_a_section_and_what_changes_is_said_once() -> None:
    said = Proposal(
        "cheroot.wsgi.Server",
        ("server = cheroot.wsgi.Server((host, port), app)", "", "server.safe_start()"),
        (Term("max_size", "<5>", "numthreads", "native ones"),),
        (Term("access log", "", "", "there is none"),),
    )
    one, two = (replace(entry("a.py", line), proposal=said) for line in (1, 2))
    text = markdown.text(replace(SMALL, entries=(one, two)), REASONS)
    assert text.count("## Proposals\n") == 1
    assert text.count("in any case:\n\n- access log ") == 1
    shown = html(text)
    assert shown.count("server.safe_start()\n</code></pre>") == 2
    assert "<li>max_size=&lt;5&gt; -&gt; numthreads: native ones</li>" in shown


def test_hazards_are_a_section_with_the_reason_once_and_production_first() -> None:
    _, _, section = markdown.text(SMALL, REASONS).partition("## Hazards\n\n")
    lines = section.splitlines()
    assert lines[0].startswith("### hazard.atomicity (2 places): shared state")
    assert lines[2] == "What to do: Hold a lock around all that reads and changes it."
    assert lines[4].startswith("- `proj/compute/manager.py:55` Manager.count is")
    assert lines[5] == "- `proj/compute/a_test.py:5` N is changed"


def test_every_row_of_a_table_has_the_cells_of_its_heading() -> None:
    found = replace(
        SMALL, entries=(*SMALL.entries, entry("a.py", 1, codemod="a|b`c"))
    )  # fmt: skip
    rendered = html(markdown.text(found, REASONS))
    assert rendered.count("<table>") == 2
    for table in re.findall("<table>.*?</table>", rendered, re.S):
        rows = [len(re.findall("<t[hd][ >]", row)) for row in table.split("</tr>")[:-1]]
        assert len(set(rows)) == 1
    assert "<td>a|b`c</td>" in rendered


def test_a_project_without_eventlet_says_so() -> None:
    assert markdown.text(EMPTY, REASONS) == (
        "# Eventlet in proj\n\nNo use of Eventlet in 1 Python file.\n"
    )


def test_nothing_of_a_file_is_markup() -> None:
    text = markdown.text(HOSTILE, REASONS)
    rendered = html(text)
    tags = set(re.findall(r"<(\w+)", rendered))
    assert tags == {
        *("h1", "h2", "h3", "p", "ul", "li", "code"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    said = plain(text)
    for words in (
        "Eventlet in [bold]p|`<b>`",
        "pipe | and <script>alert(1)</script> `tick` {0} [0](1)",
        "x[bold]`y`",
        "``eventlet`` <i>",
        "line 1: [oops] <x> |",
    ):
        assert words in said
    assert {c for c in text if not c.isprintable()} == {"\n"}


@pytest.mark.parametrize(
    "words",
    ["a_b_c *d* __e__", "# x", "~~x~~", "\\n", "[a](b)", "<b>&amp;", "|", ":fire: a:b"],
)
def test_escaped_text_is_read_as_it_was(words: str) -> None:
    text = f"What: {markdown.escaped(words)}"
    assert plain(text).strip() == f"What: {words}"
    assert set(re.findall(r"<(\w+)", html(text))) == {"p"}


@pytest.mark.parametrize("code", ["a", "`", "``a`", "a`", " a ", "<b>", "a\\", "|"])
def test_code_is_read_as_it_was(code: str) -> None:
    rendered = html(f"- {markdown.code_span(code)}")
    (inner,) = re.findall("<code>(.*)</code>", rendered)
    assert inner.replace("&lt;", "<").replace("&gt;", ">") == code


def test_no_code_is_no_span() -> None:
    assert markdown.code_span("") == ""
